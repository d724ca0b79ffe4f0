"""The public status page as values: what is published, how each part does, and what the headline says."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from tocsin.incident.incident import Incident

UpdateStatus = Literal["investigating", "identified", "monitoring", "resolved"]
ComponentStatus = Literal["operational", "degraded_performance", "partial_outage", "major_outage"]
Indicator = Literal["none", "minor", "major", "critical"]

SEVERITIES = ("P0", "P1", "P2", "P3")
DAYS_SHOWN = 90
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

    `by` is for us alone: no output carries it.
    """

    id: str
    status: UpdateStatus
    body: str
    at: datetime
    by: str
    next_at: datetime | None = None


class PublicIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as the public may see it; updates oldest first.

    `impact` is what readers notice, in a person's words, or empty. `components` are the ids of the parts concerned;
    none named means all of them.
    """

    id: str
    title: str
    severity: str
    impact: str = ""
    started_at: datetime
    resolved_at: datetime | None = None
    updates: tuple[PublicUpdate, ...] = ()
    components: tuple[str, ...] = ()


class Component(msgspec.Struct, frozen=True):
    """A part of the product that readers know by name."""

    id: str
    name: str


class PageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The page itself. `url` is where it is read, `since` when it began; severities as the document orders them."""

    name: str
    url: str
    components: tuple[Component, ...] = ()
    severities: tuple[str, ...] = SEVERITIES
    since: datetime = datetime(2000, 1, 1, tzinfo=UTC)


def publishable(incident: Incident, severities: tuple[str, ...] = SEVERITIES) -> bool:
    """Tell whether the public may ever hear of an incident: not of a restricted one, not below the third severity.

    Source: "Severity Levels".
    """
    return not incident.restricted and incident.severity in severities[: len(_BY_RANK)]


def published(page: PageSettings, incidents: tuple[PublicIncident, ...], now: datetime) -> tuple[PublicIncident, ...]:
    """Give the incidents that are shown, newest first: severe enough, begun, and each id once."""
    shown = {
        incident.id: incident
        for incident in incidents
        if incident.severity in page.severities[: len(_BY_RANK)] and incident.started_at <= now
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
    return _BY_RANK[page.severities.index(incident.severity)]


def concerned(page: PageSettings, incident: PublicIncident) -> tuple[Component, ...]:
    """Give the components an incident concerns, in the page's order."""
    return tuple(part for part in page.components if not incident.components or part.id in incident.components)


def component_status(
    page: PageSettings, component: Component, incidents: tuple[PublicIncident, ...], now: datetime
) -> ComponentStatus:
    """Give how a component does: the worst that an open incident makes of it."""
    states = [impact_of(page, one)[1] for one in open_ones(page, incidents, now) if component in concerned(page, one)]
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
        if component not in concerned(page, incident):
            continue
        bad = BADNESS.index(impact_of(page, incident)[1])
        end = min(incident.resolved_at or now, now)
        last = DAYS_SHOWN - 1 - (today - end.astimezone(UTC).date()) // timedelta(days=1)
        first = DAYS_SHOWN - 1 - (today - incident.started_at.astimezone(UTC).date()) // timedelta(days=1)
        for day in range(max(first, 0), last + 1):
            days[day] = max(days[day], bad)
    return tuple(days)


def _listed(names: list[str]) -> str:
    """Give names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
