"""The public status page as values: what its templates print and nothing more. Times are UTC."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tocsin.communication.maintenance import PublicMaintenance, in_progress
from tocsin.communication.status_page import (
    BADNESS,
    DAYS_SHOWN,
    Component,
    ComponentStatus,
    PageSettings,
    PublicIncident,
    component_status,
    concerned,
    headline,
    history,
    is_over,
    next_update,
    open_ones,
    published,
    state_now,
    status_of,
    told,
    worst_one,
)
from tocsin.web.names import listed
from tocsin.web.times import lasting, times

_STATES: dict[ComponentStatus, tuple[str, str, str]] = {
    "operational": ("ok", "tick", "Working"),
    "degraded_performance": ("warn", "half", "Worse than usual"),
    "partial_outage": ("warn", "half", "Partly down"),
    "major_outage": ("bad", "cross", "Down"),
}
_WORKED_ON = ("warn", "half", "Under maintenance")
_BAR, _GAP, _HEIGHT = 5, 2, 26
"""Width of a day, the space after it, and the height of the worst one, in the units of the strip's picture."""

_TALL = (10, 16, 21, _HEIGHT)


class Said(NamedTuple):
    """An update as readers see it."""

    at: str
    exact: str
    status: str
    body: str


class Bar(NamedTuple):
    """A day of the strip: where it stands, how tall it is, and how bad the day was (0 to 3)."""

    x: int
    y: int
    height: int
    bad: int


class Strip(NamedTuple):
    """The last 90 days of a component as a picture, and the same in words."""

    width: int
    height: int
    bar: int
    bars: tuple[Bar, ...]
    words: str


class Part(NamedTuple):
    """A component: `mood` picks the colour, `icon` the shape, `state` says it."""

    name: str
    mood: str
    icon: str
    state: str
    strip: Strip


class Shown(NamedTuple):
    """An incident. `lead` says since when, or when it was and for how long; `next` when more is said."""

    id: str
    title: str
    over: bool
    lead: str
    next: str
    late: bool
    concerned: tuple[str, ...]
    updates: tuple[Said, ...]


class Planned(NamedTuple):
    """A maintenance that is to come or under way. `names` are the parts it concerns, as a sentence lists them."""

    id: str
    title: str
    text: str
    when: str
    names: str


class StatusView(NamedTuple):
    """The whole page. `calm` while nothing is open."""

    name: str
    headline: str
    calm: bool
    since: str
    next: str
    late: bool
    open: tuple[Shown, ...]
    planned: tuple[Planned, ...]
    parts: tuple[Part, ...]
    earlier: tuple[Shown, ...]
    as_of: str


def status_view(page: PageSettings, incidents: tuple[PublicIncident, ...], now: datetime) -> StatusView:
    """Give the page at an instant."""
    worst = worst_one(page, incidents, now)
    promised = _next(worst, now) if worst else ("", False)
    begun = now - timedelta(days=DAYS_SHOWN)
    over = [one for one in published(page, incidents, now) if is_over(one, now)]
    return StatusView(
        name=page.name,
        headline=headline(page, incidents, now),
        calm=worst is None,
        since=_moment(worst.started_at, now) if worst else "",
        next=promised[0],
        late=promised[1],
        open=tuple(shown(page, one, now) for one in open_ones(page, incidents, now)),
        planned=tuple(_planned(page, one, now) for one in page.planned if one.status(now) != "completed"),
        parts=tuple(_part(page, part, incidents, now) for part in page.components),
        earlier=tuple(shown(page, one, now) for one in over if one.started_at >= begun),
        as_of=f"{now.astimezone(UTC):%H:%M:%S} UTC",
    )


def shown(page: PageSettings, incident: PublicIncident, now: datetime) -> Shown:
    """Give one incident with all it was said of it, newest first."""
    over = is_over(incident, now)
    lead = f"Since {_moment(incident.started_at, now)}"
    if over and incident.resolved_at is not None:
        lead = f"{_moment(incident.started_at, now)}, lasted {lasting(incident.resolved_at - incident.started_at)}"
    promised, late = _next(incident, now)
    return Shown(
        id=incident.id,
        title=incident.title,
        over=over,
        lead=f"{lead}. {status_of(incident, now).capitalize()}.",
        next=promised,
        late=late,
        concerned=tuple(part.name for part in concerned(page, incident)),
        updates=tuple(
            Said(
                at=_moment(update.at, now),
                exact=update.at.astimezone(UTC).isoformat(timespec="seconds"),
                status=update.status.capitalize(),
                body=update.body,
            )
            for update in told(incident, now)
        ),
    )


def _planned(page: PageSettings, one: PublicMaintenance, now: datetime) -> Planned:
    under_way = "Under way. " if one.status(now) == "in_progress" else ""
    when = f"{under_way}{_moment(one.begins, now)} to {_moment(one.ends, now)}"
    return Planned(
        one.id, one.title, one.text, when, listed([p.name for p in page.components if p.id in one.components])
    )


def _next(incident: PublicIncident, now: datetime) -> tuple[str, bool]:
    """Give when the next update comes, and whether that has passed."""
    at = next_update(incident, now)
    return ("", False) if at is None else (_moment(at, now), at < now)


def _part(page: PageSettings, part: Component, incidents: tuple[PublicIncident, ...], now: datetime) -> Part:
    does = component_status(page, part, incidents, now)
    worked_on = does == "operational" and part.id in in_progress(page.planned, now)
    mood, icon, state = _WORKED_ON if worked_on else _STATES[does]
    since = [one.started_at for one in open_ones(page, incidents, now) if part.id in state_now(page, one, now)]
    words = f"{state} since {_moment(min(since), now)}" if since else state
    return Part(part.name, mood, icon, words, _strip(history(page, part, incidents, now)))


def _strip(days: tuple[int, ...]) -> Strip:
    step = _BAR + _GAP
    bars = tuple(Bar(place * step, _HEIGHT - _TALL[bad], _TALL[bad], bad) for place, bad in enumerate(days))
    troubled = sum(1 for bad in days if bad)
    down = sum(1 for bad in days if bad == len(BADNESS) - 1)
    words = f"trouble on {troubled} of {len(days)} days" if troubled else f"no trouble in {len(days)} days"
    words += f", down on {down}" if down else ""
    return Strip(len(days) * step - _GAP, _HEIGHT, _BAR, bars, words)


def _moment(at: datetime, now: datetime) -> str:
    return f"{times('UTC', now).hm(at)} UTC"
