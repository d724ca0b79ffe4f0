"""The API of heartbeats: which jobs are awaited, and what was last heard of each."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute

from tocsin.detection.alert import AlertState
from tocsin.detection.heartbeats import BEAT, HEARTBEAT
from tocsin.settings import SourceSettings
from tocsin.store.readings import alert_states
from tocsin.web.answering import ApiRoute, parts_of

Status = Literal["new", "up", "started", "down"]


class HeartbeatShape(msgspec.Struct, frozen=True, kw_only=True):
    """A job that beats. `new`: never heard of, so not awaited; `started`: it runs now; `down`: it failed or is late.

    `period` is how often it runs, or `cron` says when by the clock of `timezone`; the other is None.
    `due`: a beat has to come by then, grace included; None while nothing is awaited.
    """

    source: str
    status: Status
    period: timedelta | None
    cron: str | None
    timezone: str | None
    grace: timedelta
    last_at: datetime | None
    started_at: datetime | None
    due: datetime | None


class HeartbeatList(msgspec.Struct, frozen=True):
    """The jobs of the configuration, by name."""

    heartbeats: tuple[HeartbeatShape, ...]


def heartbeat_api_routes() -> list[BaseRoute]:
    """Give the route."""
    return [ApiRoute("/api/v1/heartbeats", list_heartbeats, "GET", gives=HeartbeatList)]


async def list_heartbeats(request: Request) -> object:
    """Give the jobs whose beats are awaited, and what was last heard of each."""
    tocsin, _ = parts_of(request)
    jobs = [one for _, one in sorted(tocsin.settings.sources.items()) if one.kind == HEARTBEAT]
    keys = {one.id: f"{one.id}/{BEAT}" for one in jobs}
    known = {state.alert.group_key: state for state in await tocsin.store.read(alert_states(keys.values()))}
    return HeartbeatList(tuple(_shape(one, known.get(keys[one.id])) for one in jobs))


def _shape(source: SourceSettings, state: AlertState | None) -> HeartbeatShape:
    beats = state.beats if state else None
    return HeartbeatShape(
        source=source.id,
        status=_status(state),
        period=source.period,
        cron=source.cron or None,
        timezone=source.timezone if source.cron else None,
        grace=source.grace,
        last_at=beats.last_at if beats else None,
        started_at=beats.started_at if beats else None,
        due=beats.due if beats else None,
    )


def _status(state: AlertState | None) -> Status:
    if state is None or state.beats is None:
        return "new"
    if state.status == "firing":
        return "down"
    if state.beats.started_at:
        return "started"
    return "up" if state.beats.last_at or state.beats.due else "new"  # who only ever said something on the way
