"""An alert changed: which facts become true. It opens, joins, reopens, raises, acknowledges or resolves.

Pure, like `lifecycle.py`, which says what follows. What a person does is decided in `answers.py`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from tocsin.detection.alert import AlertState, Seen
from tocsin.escalation.policies import is_restricted
from tocsin.grouping.checking import not_good_yet
from tocsin.grouping.depending import because, causes, named
from tocsin.grouping.flapping import quiet_at, waits_for_quiet, why
from tocsin.incident import facts as f
from tocsin.incident.incident import Incident, apply
from tocsin.incident.view import IncidentView
from tocsin.incident.world import World
from tocsin.response.diagnostics import looks_of
from tocsin.triage.assessing import assess, kept
from tocsin.triage.matching import CORRECTED
from tocsin.triage.recalling import Correction, recalled
from tocsin.triage.severity import severity_rank

MAX_ALERT_CHANGES = 20
"""After so many comings, goings or answers of one alert the timeline stops repeating them; its row still counts."""


class Alerts(NamedTuple):
    """The alert of the group that is decided for, and the other alerts of its incident."""

    one: AlertState
    others: tuple[AlertState, ...] = ()


class New(NamedTuple):
    """What a new incident would open with: its number, today's document, what people corrected before, what is open.

    `open` is given only where entries depend on each other.
    """

    number: str
    world: World
    corrections: tuple[Correction, ...] = ()
    open: tuple[IncidentView, ...] = ()


def decide(incident: Incident | None, alerts: Alerts, world: World, new: New, now: datetime) -> tuple[f.FactBody, ...]:
    """Give the facts that the group's alert makes true. `incident` is the group's latest, open or not, or None.

    `world` is the one it is pinned to; `new` is taken only when a new incident opens.
    """
    if incident is None or incident.status == "resolved":
        return _begin(incident, alerts, world, new, now)
    return _follow(incident, alerts, world, now)


class Leaving(NamedTuple):
    """Alerts that leave an incident, at least one, because `by` wants it."""

    before: Incident
    alerts: tuple[AlertState, ...]
    by: str
    because: f.Because


def opening(leaving: Leaving, new: New, now: datetime) -> tuple[f.FactBody, ...]:
    """Give the facts that open an incident for alerts that leave another one; the first of them is its own."""
    before, (first, *rest), by, because = leaving
    world, opened = new.world, _opening(before, first, new, now)
    restricted = opened.restricted or before.restricted
    going = {alert.alert.group_key for alert in leaving.alerts}
    apart = tuple(group for group in before.groups if group not in going)
    opened = replace(opened, by=by, because=(because, *opened.because), restricted=restricted, apart=apart)
    entry = world.runbook.incident_type(opened.incident_type)
    chosen = looks_of(entry, world)
    new_facts: list[f.FactBody] = [opened, *([chosen] if chosen else [])]
    if first.status == "resolved":
        new_facts.append(_cleared(first, because, ""))
    incident = _with(apply(None, f.Fact(seq=1, at=now, body=opened)), new_facts[1:], now)
    for alert in rest:
        joined = _joins(alert, incident, because, world)
        if alert.status == "resolved":
            joined.append(_cleared(alert, because, alert.alert.group_key))
        incident = _with(incident, joined, now)
        new_facts += joined
    return tuple(new_facts)


def _with(incident: Incident, bodies: Iterable[f.FactBody], now: datetime) -> Incident:
    for body in bodies:
        incident = apply(incident, f.Fact(seq=incident.seq + 1, at=now, body=body))
    return incident


def _cleared(alert: AlertState, because: f.Because, key: str) -> f.AlertCleared:
    summary = alert.alert.summary
    return f.AlertCleared(by=_sender(alert), summary=summary, because=because, seen=alert.seen, group_key=key)


def join(
    alerts: Alerts, incident: Incident, because: f.Because, world: World, now: datetime, *, last: Incident | None
) -> tuple[f.FactBody, ...]:
    """Give the facts by which an alert becomes part of an open incident of others, for that reason.

    One that is over already ends the incident where it would have ended it a moment later, had it been seen firing.
    `last` is the latest incident that the alert had before.
    """
    joined = _joins(alerts.one, incident, because, world, _known(last, alerts.one))
    if alerts.one.status == "resolved":
        joined.append(_end(_with(incident, joined, now), alerts, world, now))
    return tuple(joined)


def _joins(alert: AlertState, incident: Incident, because: f.Because, world: World, known: int = 0) -> list[f.FactBody]:
    by, key, said = _sender(alert), alert.alert.group_key, alert.alert
    new: list[f.FactBody] = [
        f.AlertJoined(
            by=by,
            summary=said.summary,
            hint=said.severity,
            origin=said.origin,
            group_key=key,
            component=said.component or "",
            because=because,
            seen=_at_first(alert, known),
        )
    ]
    new += _raised(incident, alert, world)
    if alert.status == "firing" and alert.is_answered_beyond(known):
        new.append(f.Acknowledged(by=by, via="alert", seen=alert.seen, group_key=key))
    return new


def _begin(last: Incident | None, alerts: Alerts, world: World, new: New, now: datetime) -> tuple[f.FactBody, ...]:
    alert = alerts.one
    known = _known(last, alert)
    if alert.triggers <= max(known, _silenced(alert)):
        return ()  # nothing came since it was resolved, or too few people said so
    reopened = _reopening(last, alerts, world, now)
    if last is not None and reopened is not None:
        return _comes_back(last, reopened, alerts, world, now)
    first = _opening(last, alert, new, now, known)
    chosen = looks_of(new.world.runbook.incident_type(first.incident_type), new.world)
    begun: tuple[f.FactBody, ...] = (first, *([chosen] if chosen else []))
    if alert.status == "firing":
        return *begun, *_answered(alert, known, "")
    quiet = waits_for_quiet(alert, world.settings, now)
    if first.restricted or quiet:
        keeps = why(world.settings, quiet) if quiet and not first.restricted else _BY_A_PERSON
        return *begun, _cleared(alert, keeps, "")
    return first, f.Resolved(by=_sender(alert), cause="alert", why=_TOO_FAST, seen=alert.seen)


def _comes_back(
    last: Incident, reopened: f.Reopened, alerts: Alerts, world: World, now: datetime
) -> tuple[f.FactBody, ...]:
    """Give what follows on its reopening: how bad it is by now, where to look, and that it is answered or over again.

    One that was over before anybody looked ends it exactly where it would have, had it been seen firing.
    """
    alert, incident = alerts.one, _with(last, (reopened,), now)
    raised = _raised(incident, alert, world)
    chosen = looks_of(world.runbook.incident_type(incident.incident_type), world)
    begun = (reopened, *raised, *([chosen] if chosen else []))
    if alert.status == "firing":
        return *begun, *_answered(alert, _known(last, alert), reopened.group_key)
    end = _end(_with(incident, raised, now), alerts, world, now)
    if isinstance(end, f.Resolved):
        return reopened, *raised, replace(end, why=_TOO_FAST)
    return *begun, end


_TOO_FAST = "it was over before anybody was called"


def _answered(alert: AlertState, known: int, key: str) -> tuple[f.Acknowledged, ...]:
    """Give that its sender acknowledged more of it than the first `known` triggers, if it did."""
    if not alert.is_answered_beyond(known):
        return ()
    return (f.Acknowledged(by=_sender(alert), via="alert", seen=alert.seen, group_key=key),)


def _named(incident: Incident | None, alert: AlertState) -> str:
    """Give how facts of that incident name the alert's group: "" where it is the incident's own."""
    own = incident is None or incident.group_key == alert.alert.group_key
    return "" if own else alert.alert.group_key


def _silenced(alert: AlertState) -> int:
    """Give how many of its triggers are answered for because it came and went while it was silenced."""
    return alert.held.triggers if alert.held and alert.status == "resolved" else 0


def _reopening(last: Incident | None, alerts: Alerts, world: World, now: datetime) -> f.Reopened | None:
    alert = alerts.one
    if last is None or last.resolved is None or now - last.resolved.at > world.settings.reopen_within:
        return None
    if last.automatic_reopenings >= world.settings.max_reopenings:
        return None
    if last.group_key not in {alert.alert.group_key, *seen_of(alerts.others)}:
        return None  # the alert it was opened for has another incident by now
    reason = f.Because(f"the alert fired again: {alert.alert.summary}")
    key, seen = _named(last, alert), _at_first(alert, _known(last, alert))
    by, said = _sender(alert), alert.alert
    return f.Reopened(
        by=by, automatic=True, because=reason, seen=seen, group_key=key, summary=said.summary, hint=said.severity
    )


def _opening(last: Incident | None, alert: AlertState, new: New, now: datetime, known: int = 0) -> f.Opened:
    world = new.world
    found, severity, reason = assess(alert.alert, *world, new.corrections)
    entry = world.runbook.incident_type(found.incident_type)
    before = causes(found.incident_type, new.open, world.settings)
    hints = tuple(because(one, found.incident_type or "") for one in before)
    return f.Opened(
        by=_sender(alert),
        number=new.number,
        group_key=alert.alert.group_key,
        title=entry.title if entry else alert.alert.summary,
        summary=alert.alert.summary,
        incident_type=found.incident_type,
        severity=severity,
        restricted=is_restricted(found.incident_type, *world),
        runbook=world.runbook.sha256,
        because=(*found.because, *_outdated(alert, new), *hints, *_after_silence(alert, now)),
        severity_because=reason,
        score=found.score,
        seen=_at_first(alert, known),
        former=last.number if last else None,
        consequence_of=named(before[0]) if before else "",
        recalled=found.score == CORRECTED,
        hint=alert.alert.severity,
    )


def _outdated(alert: AlertState, new: New) -> tuple[f.Because, ...]:
    """Give that people said something of alerts like it which the document in force cannot follow."""
    known = recalled(alert.alert, new.corrections) if new.corrections else None
    if known is None or known.incident_type is None or new.world.runbook.incident_type(known.incident_type):
        return ()
    entry = known.incident_type
    return (f.Because(f"an alert like it was {known.told} to {entry}, which the runbook has no more: say it again"),)


def _after_silence(alert: AlertState, now: datetime) -> tuple[f.Because, ...]:
    held = alert.held
    # One that came and went meanwhile was held back each time; one that came after a person ended the silence was not.
    if held is None or not (
        held.since >= alert.changed_at or held.triggers >= alert.triggers or alert.changed_at < held.until <= now
    ):
        return ()
    return (f.Because(f"it was silenced until now, since {held.since:%Y-%m-%d %H:%M} UTC: {held.why}"),)


def _follow(incident: Incident, alerts: Alerts, world: World, now: datetime) -> tuple[f.FactBody, ...]:
    alert, key = alerts.one, _named(incident, alerts.one)
    if alert.status == "resolved":
        return _over(incident, alerts, world, now)
    new: list[f.FactBody] = []
    cleared = incident.cleared_of(alert.alert.group_key) and not quiet_at(alert, world.settings, now)
    if cleared and incident.alert_changes < MAX_ALERT_CHANGES:
        said = alert.alert
        by, told = _sender(alert), said.severity
        new.append(f.AlertJoined(by=by, summary=said.summary, hint=told, origin=said.origin, group_key=key))
    new += _raised(incident, alert, world)
    answered = alert.acknowledgements > incident.seen_of(alert.alert.group_key).acknowledgements
    if answered and incident.alert_answers < MAX_ALERT_CHANGES:
        new.append(f.Acknowledged(by=_sender(alert), via="alert", seen=alert.seen, group_key=key))
    return tuple(new)


def _raised(incident: Incident, alert: AlertState, world: World) -> list[f.FactBody]:
    """Give the change to a more urgent severity: alerts may raise it, only people lower it."""
    judged = incident.type_corrected or incident.recalled  # a person said which entry it is; its words do not matter
    chosen = (incident.incident_type, incident.severity) if judged else None
    _, severity, reason = kept(*chosen, alert.alert, *world) if chosen else assess(alert.alert, *world)
    rank = severity_rank(world.runbook, severity)
    known = min(severity_rank(world.runbook, incident.severity), severity_rank(world.runbook, incident.alert_severity))
    if rank >= known:
        return []
    said, key = alert.alert, _named(incident, alert)
    return [
        f.SeverityChanged(
            by=_sender(alert),
            before=incident.severity,
            after=severity,
            because=reason,
            group_key=key,
            summary=said.summary,
            hint=said.severity,
        )
    ]


def _over(incident: Incident, alerts: Alerts, world: World, now: datetime) -> tuple[f.FactBody, ...]:
    alert, group = alerts.one, alerts.one.alert.group_key
    known = alert.resolutions <= incident.seen_of(group).resolutions
    if known and incident.kept_open and not incident.ended:
        return ()  # a person reopened it since, and no other alert of it ended
    end = _end(incident, alerts, world, now)
    repeats = incident.cleared_of(group) or incident.alert_changes >= MAX_ALERT_CHANGES
    return () if repeats and isinstance(end, f.AlertCleared) else (end,)


def _end(incident: Incident, alerts: Alerts, world: World, now: datetime) -> f.Resolved | f.AlertCleared:
    """Give what the end of one of its alerts makes true: the incident is over too, or why it is not."""
    alert, key = alerts.one, _named(incident, alerts.one)
    by, quiet = _sender(alert), waits_for_quiet(alert, world.settings, now)
    keeps = _keeps_open(incident, world) or _fires_on(alerts.others, world, now) or not_good_yet(incident, world)
    keeps = keeps or (why(world.settings, quiet) if quiet else None)
    if keeps is None:
        seen = seen_of(alerts.others)
        said = "all its alerts are over" if seen else "the alert is over"
        return f.Resolved(by=by, cause="alert", why=said, seen=alert.seen, group_key=key, others=seen)
    return _cleared(alert, keeps, key)


def seen_of(states: Iterable[AlertState]) -> dict[str, Seen]:
    """Give how much is known of each of these groups' alerts."""
    return {state.alert.group_key: state.seen for state in states}


def _fires_on(others: tuple[AlertState, ...], world: World, now: datetime) -> f.Because | None:
    """Give that others fire, or flap and are not quiet yet: their own turn looks again when they are."""
    count = sum(other.status == "firing" or quiet_at(other, world.settings, now) is not None for other in others)
    if not count:
        return None
    return f.Because(f"{count} other alert{'s' if count > 1 else ''} of it still fire{'' if count > 1 else 's'}")


_BY_A_PERSON = f.Because("a restricted incident is closed by a person")


def _keeps_open(incident: Incident, world: World) -> f.Because | None:
    if incident.restricted:
        return _BY_A_PERSON
    if incident.automatic_reopenings >= world.settings.max_reopenings:
        return f.Because(f"it came back {incident.automatic_reopenings} times, so a person closes it")
    return None


def _known(last: Incident | None, alert: AlertState) -> int:
    """Give how many triggers of an alert the latest incident it had knew of."""
    return last.seen_of(alert.alert.group_key).triggers if last else 0


def _at_first(alert: AlertState, known: int) -> Seen:
    """Give what a beginning knows of the alert: what its sender acknowledged of it is a fact of its own.

    An acknowledgement of the first `known` triggers was one of an earlier incident, and nothing follows from it.
    """
    return replace(alert.seen, acknowledgements=0) if alert.is_answered_beyond(known) else alert.seen


def _sender(alert: AlertState) -> str:
    return alert.alert.declared_by or f"source:{alert.alert.source}"
