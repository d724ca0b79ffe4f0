"""The doors of remote probers: what is to be looked at, and what they saw. Each proves itself by its source's key."""

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope

from tocsin.assembly import Tocsin
from tocsin.configuration.sources import PROBER
from tocsin.engine.probe_wire import Asked, Readings, Taken, asked, heard
from tocsin.errors import UsageError
from tocsin.settings import SourceSettings
from tocsin.web.doors import Door
from tocsin.web.offered import bearer
from tocsin.web.one_piece import Answer
from tocsin.web.replies import Unproved, plainly

READINGS = "/api/v1/readings"
_PROBES = "/api/v1/probes/"
_WHO = (
    "send the key of a source of kind prober as `Authorization: Bearer`; `tocsin token NAME` shows it, and NAME is "
    "what `at` of its probes says"
)


def prober_routes() -> list[BaseRoute]:
    """Give the routes."""
    return [
        Route(f"{_PROBES}{{prober}}", Door(_PROBES.rstrip("/"), show_asked, plainly), methods=["GET"]),
        Route(READINGS, Door(READINGS, take_readings, plainly), methods=["POST"]),
    ]


def is_for_probers(path: str) -> bool:
    """Give whether an address is a prober's, who proves itself by its own means."""
    return path == READINGS or path.startswith(_PROBES)


async def show_asked(scope: Scope, _: Receive) -> Answer:
    """Give a prober what it is to look at: the probes whose `at` is its name, without their checks."""
    request = Request(scope)
    tocsin: Tocsin = request.app.state.tocsin
    source = _prober(request, tocsin)
    if source.id != request.path_params["prober"]:
        raise Unproved(_WHO)
    return Answer(200, await _now(tocsin, source.id))


async def take_readings(scope: Scope, receive: Receive) -> Answer:
    """Take what a prober saw; once it is answered, it is on disk with what follows from it."""
    request = Request(scope)
    tocsin: Tocsin = request.app.state.tocsin
    with request.app.state.gate.place() as place:
        raw = await place.read(scope, receive)
        source = _prober(request, tocsin)
        try:
            said = msgspec.json.decode(raw, type=Readings)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(f"these are no readings: {error}") from error
        found = heard(said, tocsin.clock.now())
        unknown = await tocsin.watching.remote.take(source.id, said.run, found)
        version = (await _now(tocsin, source.id, remember=False)).version
        taken = sum(one.probe not in unknown for one in found)
        return Answer(200, Taken(taken=taken, unknown=unknown[:20], version=version))


async def _now(tocsin: Tocsin, prober: str, *, remember: bool = True) -> Asked:
    remote = tocsin.watching.remote
    memory = await remote.memories(prober) if remember else {}
    return asked(prober, tuple(one.settings for one in remote.of(prober)), memory)


def _prober(request: Request, tocsin: Tocsin) -> SourceSettings:
    source = tocsin.access.source(bearer(request) or "", PROBER)
    if source is None or source.kind != PROBER:
        raise Unproved(_WHO)
    return source
