"""What chat users are told: short, and true at the moment it is said."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tocsin.engine.messages import name_of
from tocsin.escalation.schedule import called, person
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.incident.view import IncidentView
from tocsin.lifecycle import World
from tocsin.settings import Settings


def came_true(incident: Incident, wish: w.Wish, since: int) -> bool:
    """Give whether it was this wish that came true after that seq, and not only something else that happened."""
    if isinstance(wish, w.Acknowledge | w.Resolve):
        mark = incident.acknowledged if isinstance(wish, w.Acknowledge) else incident.resolved
        return mark is not None and mark.by == wish.by and mark.seq > since
    if isinstance(wish, w.Escalate):
        return bool(incident.requests) and incident.requests[-1].seq > since
    return incident.seq > since


def acted(incident: Incident, wish: w.Wish, settings: Settings) -> str:
    """Say why a wish changed nothing: somebody was faster, or it was so already."""
    if isinstance(wish, w.Acknowledge) and incident.acknowledged:
        mark = incident.acknowledged
        mine = mark.by == wish.by
        who = "You have" if mine else f"{name_of(mark.by, settings)} has"
        return f"{incident.number}: already acknowledged. {who} it since {clock(mark.at, settings)}."
    if isinstance(wish, w.Resolve) and incident.resolved:
        mark = incident.resolved
        return f"{incident.number}: already resolved by {name_of(mark.by, settings)} at {clock(mark.at, settings)}."
    if isinstance(wish, w.Escalate):
        calls = [call for call in incident.calls if call.level == wish.level]
        when = f" at {clock(calls[-1].at, settings)}" if calls else ""
        return f"{incident.number}: {wish.level} was called already{when}."
    return f"{incident.number}: that is so already."


def done(incident: Incident, wish: w.Wish, settings: Settings) -> str:
    """Say what a command changed."""
    if isinstance(wish, w.Acknowledge):
        return f"You have {incident.number}, {incident.title}."
    if isinstance(wish, w.Resolve):
        return f"{incident.number}, {incident.title}, is resolved. Nobody else is paged."
    if isinstance(wish, w.Escalate):
        return f"{incident.requests[-1].level} is called for {incident.number}, {incident.title}."
    if isinstance(wish, w.ChangeSeverity):
        return f"{incident.number}, {incident.title}, is {incident.severity} now."
    if isinstance(wish, w.CorrectType):
        which = incident.title if incident.incident_type else "no entry of the runbook"
        return f"{incident.number} belongs to {which}."
    return f"Written into {incident.number}." if isinstance(wish, w.Note) else acted(incident, wish, settings)


def listed(views: list[IncidentView], settings: Settings) -> str:
    """Give open incidents, one a line."""
    return "\n".join(_line(view, settings) for view in views) or "Nothing is open."


def _line(view: IncidentView, settings: Settings) -> str:
    holder = f"{name_of(view.acknowledged_by, settings)} has it" if view.acknowledged_by else "nobody has it"
    upcoming = ""
    if view.next_escalation_at and view.next_level:
        upcoming = f", {view.next_level} at {clock(view.next_escalation_at, settings)}"
    return f"{view.id}  {view.severity} {view.title}, since {clock(view.opened_at, settings)}: {holder}{upcoming}"


def on_call(world: World, now: datetime) -> str:
    """Give who is called for each level now."""
    runbook, settings = world
    lines = []
    for level in runbook.escalation:
        people = called(level.id, runbook, settings, now)
        names = ", ".join(one.name for one in (person(who.person, settings) for who in people) if one)
        instead = " (nobody is in it: the fallback)" if people[0].via_fallback else ""
        lines.append(f"{level.id}  {names}{instead}")
    return "\n".join(lines) or "This runbook has no levels."


def clock(at: datetime, settings: Settings) -> str:
    """Give a time of day in the team's own zone, which is named."""
    try:
        zone = ZoneInfo(settings.timezone)
    except (OSError, LookupError, ValueError):
        return f"{at.astimezone(UTC):%H:%M} UTC"
    return f"{at.astimezone(zone):%H:%M} {str(zone).rpartition('/')[2].replace('_', ' ')}"
