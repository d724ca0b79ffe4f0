"""`GET /api/v1/probes`: what is looked at, and what was seen."""

from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute

from tocsin.detection.watched import measured
from tocsin.engine.probe_seen import Seen
from tocsin.web.answering import ApiRoute, parts_of
from tocsin.web.probes_view import seen_by


class CheckShape(msgspec.Struct, frozen=True, kw_only=True):
    """How a check stands. `words` is what was compared last, as alerts tell it; `unwatched` why it is not judged."""

    id: str
    state: str
    since: datetime | None = None
    value: float | None = None
    normal: float | None = None
    words: str = ""
    unwatched: str = ""


class ProbeShape(msgspec.Struct, frozen=True, kw_only=True):
    """A probe. `holder` is the node, or the remote prober, that looks; `why` is why it cannot."""

    id: str
    kind: str
    state: str
    every: float
    looked_at: datetime | None
    next_look: datetime | None
    values: dict[str, float]
    details: dict[str, str]
    broken_since: datetime | None
    why: str
    checks: tuple[CheckShape, ...]
    holder: str


class ProbesShape(msgspec.Struct, frozen=True):
    """Every probe, in the order of the configuration."""

    probes: tuple[ProbeShape, ...]


def probe_api_routes() -> list[BaseRoute]:
    """Give the routes."""
    return [ApiRoute("/api/v1/probes", list_probes, "GET", gives=ProbesShape)]


async def list_probes(request: Request) -> object:
    """Give every probe, whichever node looks at it."""
    tocsin, principal = parts_of(request)
    return ProbesShape(tuple(map(shape_of, await seen_by(principal, tocsin))))


def shape_of(seen: Seen) -> ProbeShape:
    """Give a probe as JSON tells it."""
    latest, broken = seen.latest, seen.broken
    return ProbeShape(
        id=seen.settings.id,
        kind=seen.settings.kind,
        state=seen.state,
        every=seen.settings.every.total_seconds(),
        looked_at=seen.looked,
        next_look=seen.next_look,
        values=latest.values if latest else {},
        details=latest.details if latest else {},
        broken_since=seen.since,
        why=broken.why if broken else "",
        checks=tuple(_check(seen, check.id) for check in seen.settings.checks),
        holder=seen.holder,
    )


def _check(seen: Seen, name: str) -> CheckShape:
    if name in seen.unwatched:
        return CheckShape(id=name, state="unknown", unwatched=seen.unwatched[name])
    standing = seen.standings[name]
    return CheckShape(
        id=name,
        state=standing.state,
        since=standing.since,
        value=standing.last,
        normal=standing.normal,
        words=measured(seen.limits[name], standing),
    )
