"""The API of alerts: what fires now, and what became of it."""

from datetime import datetime
from typing import Literal, get_args

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute

from tocsin.store.readings import FiringAlert, firing_alerts
from tocsin.web.answering import ApiRoute, choice_of, parts_of, up_to, whole_of

_USUAL, _MOST = 100, 1000
State = Literal["open", "silenced", "closed", "new"]


class FiringShape(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that fires. `severity` is the sender's word.

    `state`: `open` is part of an open incident, `silenced` is held back, `closed` fires although a person resolved its
    incident, `new` was not decided on yet. `incident` is the one it is part of, or was last; `type` is the entry and
    `incident_severity` how bad it is there, or would be if it were not silenced.
    """

    source: str
    dedup_key: str
    state: State
    summary: str
    severity: str
    component: str | None
    count: int
    since: datetime
    first_at: datetime
    last_at: datetime
    incident: str | None
    type: str | None
    incident_severity: str | None
    silences: tuple[str, ...]
    links: tuple[str, ...]


class FiringList(msgspec.Struct, frozen=True):
    """What fires, latest first."""

    alerts: tuple[FiringShape, ...]


def alert_api_routes() -> list[BaseRoute]:
    """Give the route."""
    asks = {"state": State, "limit": up_to(_MOST)}
    return [ApiRoute("/api/v1/alerts", list_alerts, "GET", gives=FiringList, asks=asks)]


async def list_alerts(request: Request) -> object:
    """Give the alerts that fire, latest first; `state` asks for those of one kind among the latest thousand."""
    tocsin, principal = parts_of(request)
    wanted, most = choice_of(request, "state", get_args(State)), whole_of(request, "limit", _USUAL, _MOST)
    now = tocsin.clock.now()
    found = await tocsin.store.read(firing_alerts(principal.viewer, now, _MOST if wanted else most))
    shown = (_shape(one, now) for one in found)
    return FiringList(tuple(one for one in shown if wanted in {None, one.state})[:most])


def _shape(found: FiringAlert, now: datetime) -> FiringShape:
    state, alert = found.state, found.state.alert
    silenced = state.held_at(now) and not found.open
    return FiringShape(
        source=alert.source,
        dedup_key=alert.dedup_key,
        state=_state(found, silenced=silenced),
        summary=alert.summary,
        severity=alert.severity,
        component=alert.component,
        count=state.triggers,
        since=state.changed_at,
        first_at=state.first_at,
        last_at=state.last_at,
        incident=found.incident or None,
        type=found.entry,
        incident_severity=found.severity or None,
        silences=state.held.silences if silenced and state.held else (),
        links=alert.all_links,
    )


def _state(found: FiringAlert, *, silenced: bool) -> State:
    if found.open or silenced:
        return "open" if found.open else "silenced"
    return "closed" if found.incident else "new"
