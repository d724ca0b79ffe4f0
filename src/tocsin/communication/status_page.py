"""The public status page as values: what is published, how each part does, and what the headline says."""

from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from tocsin.communication.maintenance import PublicMaintenance
from tocsin.incident.incident import Incident
from tocsin.runbook.policy import Runbook
from tocsin.settings import StatusPage

UpdateStatus = Literal["investigating", "identified", "monitoring", "resolved"]
ComponentStatus = Literal["operational", "degraded_performance", "partial_outage", "major_outage"]
Indicator = Literal["none", "minor", "major", "critical"]

SEVERITIES = ("P0", "P1", "P2", "P3")
DAYS_SHOWN = 90
_EVER = datetime(9999, 1, 1, tzinfo=UTC)
# By place in the document's list of severities; what comes after is nobody's business outside.
_BY_RANK: tuple[tuple[Indicator, ComponentStatus], ...] = (
    ("critical", "major_outage"),
    ("major", "partial_outage"),
    ("minor", "degraded_performance"),
)
BADNESS: tuple[ComponentStatus, ...] = ("operational", "degraded_performance", "partial_outage", "major_outage")
_HOW = {
    "major_outage": ("is down", "are down"),
    "partial_outage": ("is partly down", "are partly down"),
    "degraded_performance": ("works worse than usual", "work worse than usual"),
}


class PublicUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """Something the public was told. `next_at` is when the next update was promised.

    `by` is for us alone: no output carries it. `components`: id -> how it does, None = as the update before said.
    """

    id: str
    status: UpdateStatus
    body: str
    at: datetime
    by: str
    next_at: datetime | None = None
    components: dict[str, ComponentStatus] | None = None


class PublicIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as the public may see it; updates oldest first.

    `impact` is what readers notice, in a person's words, or empty. `components` are the ids of the parts concerned
    where no update says so; none named means all of them.
    """

    id: str
    title: str
    severity: str
    impact: str = ""
    started_at: datetime
    resolved_at: datetime | None = None
    updates: tuple[PublicUpdate, ...] = ()
    components: tuple[str, ...] = ()


class Span(NamedTuple):
    """How parts did between two instants: component id -> status, of those that were not fine."""

    at: datetime
    until: datetime
    state: dict[str, ComponentStatus]


class Component(msgspec.Struct, frozen=True):
    """A part of the product that readers know by name."""

    id: str
    name: str


class PageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The page itself. `url` is where it is read, `since` when it began; severities as the document orders them.

    `shown` are the severities the public may hear of, `planned` the maintenance they are told of.
    """

    name: str
    url: str
    components: tuple[Component, ...] = ()
    severities: tuple[str, ...] = SEVERITIES
    shown: tuple[str, ...] = SEVERITIES[:-1]
    since: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    planned: tuple[PublicMaintenance, ...] = ()


def ordered(runbook: Runbook) -> tuple[str, ...]:
    """Give the severities of a document, most urgent first."""
    return tuple(severity.id for severity in runbook.severities) or SEVERITIES


def shown_severities(runbook: Runbook, settings: StatusPage) -> tuple[str, ...]:
    """Give the severities the public may hear of: the configured ones, else all of the document but its lowest.

    The lowest waits for the next business day: no customer waits for news of it. Source: "Severity Levels".
    """
    known = ordered(runbook)
    if settings.severities is not None:
        return tuple(severity for severity in known if severity in settings.severities)
    return known[:-1] or known


def publishable(incident: Incident, shown: tuple[str, ...] = SEVERITIES[:-1]) -> bool:
    """Tell whether the public may ever hear of an incident: of no restricted one, and only of these severities."""
    return not incident.restricted and incident.severity in shown


def published(page: PageSettings, incidents: tuple[PublicIncident, ...], now: datetime) -> tuple[PublicIncident, ...]:
    """Give the incidents that are shown, newest first: severe enough, begun, and each id once."""
    shown = {
        incident.id: incident
        for incident in incidents
        if incident.severity in page.shown and incident.started_at <= now
    }
    return tuple(sorted(shown.values(), key=lambda incident: (incident.started_at, incident.id), reverse=True))


def open_ones(page: PageSettings, incidents: tuple[PublicIncident, ...], now: datetime) -> tuple[PublicIncident, ...]:
    """Give the shown incidents that are not over, newest first."""
    return tuple(incident for incident in published(page, incidents, now) if not is_over(incident, now))


def is_over(incident: PublicIncident, now: datetime) -> bool:
    """Tell whether an incident is resolved."""
    return incident.resolved_at is not None and incident.resolved_at <= now


def told(incident: PublicIncident, now: datetime) -> tuple[PublicUpdate, ...]:
    """Give the updates that are out, newest first."""
    out = [update for update in incident.updates if update.at <= now]
    return tuple(sorted(out, key=lambda update: (update.at, update.id), reverse=True))


def status_of(incident: PublicIncident, now: datetime) -> UpdateStatus:
    """Give the status of the latest update; an incident that is over is resolved whatever was said last."""
    if is_over(incident, now):
        return "resolved"
    updates = told(incident, now)
    # "Resolved" in words while the incident is open would tell two stories: it is still being watched.
    return "investigating" if not updates else "monitoring" if updates[0].status == "resolved" else updates[0].status


def next_update(incident: PublicIncident, now: datetime) -> datetime | None:
    """Give when the next update was promised, as the latest one says; None once it is over."""
    updates = told(incident, now)
    return updates[0].next_at if updates and not is_over(incident, now) else None


def changed_at(incident: PublicIncident, now: datetime) -> datetime:
    """Give when anything of it last changed."""
    ended = [incident.resolved_at] if incident.resolved_at is not None and incident.resolved_at <= now else []
    return max([incident.started_at, *(update.at for update in told(incident, now)), *ended])


def impact_of(page: PageSettings, incident: PublicIncident) -> tuple[Indicator, ComponentStatus]:
    """Give what a severity means outside: the indicator and the state of the components concerned."""
    return _BY_RANK[min(page.severities.index(incident.severity), len(_BY_RANK) - 1)]


def effect(
    page: PageSettings, incident: PublicIncident, updates: tuple[PublicUpdate, ...]
) -> dict[str, ComponentStatus]:
    """Give how the parts do that an incident concerns once these updates are out, oldest first; others are not there.

    What people chose counts; where nobody chose, the severity says it.
    """
    named = next((update.components for update in reversed(updates) if update.components is not None), None)
    if named is None:
        bad = impact_of(page, incident)[1]
        return {part.id: bad for part in page.components if not incident.components or part.id in incident.components}
    found: dict[str, ComponentStatus] = {part.id: named.get(part.id, "operational") for part in page.components}
    return {name: status for name, status in found.items() if status != "operational"}


def spans(page: PageSettings, incident: PublicIncident, now: datetime) -> tuple[Span, ...]:
    """Give which parts did how and from when to when, until now; what the first update says holds from the start."""
    updates = told(incident, now)[::-1]
    found = [Span(incident.started_at, now, effect(page, incident, updates[:1]))]
    for place, update in enumerate(updates):
        ended = update.status == "resolved" and (place < len(updates) - 1 or is_over(incident, now))
        state = {} if ended else effect(page, incident, updates[: place + 1])
        found[-1] = found[-1]._replace(until=max(update.at, found[-1].at))
        found.append(Span(max(update.at, incident.started_at), now, state))
    if incident.resolved_at is not None and is_over(incident, now):
        found = [span._replace(until=min(span.until, incident.resolved_at)) for span in found]
    return tuple(found)


def concerned(page: PageSettings, incident: PublicIncident) -> tuple[Component, ...]:
    """Give the components an incident ever concerned, in the page's order."""
    ever = {name for span in spans(page, incident, _EVER) for name in span.state}
    return tuple(part for part in page.components if part.id in ever)


def state_now(page: PageSettings, incident: PublicIncident, now: datetime) -> dict[str, ComponentStatus]:
    """Give how the parts do that an open incident concerns."""
    return effect(page, incident, told(incident, now)[::-1])


def component_status(
    page: PageSettings, component: Component, incidents: tuple[PublicIncident, ...], now: datetime
) -> ComponentStatus:
    """Give how a component does: the worst that an open incident makes of it."""
    found = (state_now(page, one, now) for one in open_ones(page, incidents, now))
    states = [state[component.id] for state in found if component.id in state]
    return max(states, key=BADNESS.index, default="operational")


def worst_one(page: PageSettings, incidents: tuple[PublicIncident, ...], now: datetime) -> PublicIncident | None:
    """Give the worst open incident, the newest of several; None while everything works."""
    open_now = open_ones(page, incidents, now)
    return min(open_now, key=lambda one: page.severities.index(one.severity), default=None)


def indicator(page: PageSettings, incidents: tuple[PublicIncident, ...], now: datetime) -> Indicator:
    """Give how bad it is altogether: that of the worst open incident."""
    worst = worst_one(page, incidents, now)
    return "none" if worst is None else impact_of(page, worst)[0]


def headline(page: PageSettings, incidents: tuple[PublicIncident, ...], now: datetime) -> str:
    """Give the state of everything as one sentence a customer understands, about the worst open incident."""
    worst = worst_one(page, incidents, now)
    if worst is None:
        return "Everything works."
    names = [part.name for part in concerned(page, worst)] if worst.components else []
    one_of_them = 1
    if names:
        state = _HOW[impact_of(page, worst)[1]][len(names) > one_of_them]
        sentence = f"{_listed(names)} {state}."
    else:
        sentence = f"{worst.title.strip().rstrip('.')}."
    watched = status_of(worst, now) == "monitoring"
    return f"{sentence} A fix is in place and we are watching it." if watched else sentence


def history(
    page: PageSettings, component: Component, incidents: tuple[PublicIncident, ...], now: datetime
) -> tuple[int, ...]:
    """Give the worst state of a component on each of the last 90 UTC days, today last: 0 fine to 3 major outage."""
    today = now.astimezone(UTC).date()
    days = [0] * DAYS_SHOWN
    for incident in published(page, incidents, now):
        for span in spans(page, incident, now):
            bad = BADNESS.index(span.state.get(component.id, "operational"))
            last = DAYS_SHOWN - 1 - (today - span.until.astimezone(UTC).date()) // timedelta(days=1)
            first = DAYS_SHOWN - 1 - (today - span.at.astimezone(UTC).date()) // timedelta(days=1)
            for day in range(max(first, 0), last + 1):
                days[day] = max(days[day], bad)
    return tuple(days)


def _listed(names: list[str]) -> str:
    """Give names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
