"""Live pages: a stream that says "changed" and nothing else, so that it needs no permission of its own to be safe."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tocsin.assembly import Tocsin
from tocsin.errors import NotFound, StoreUnavailable
from tocsin.web.asking import asked
from tocsin.web.home import home_version
from tocsin.web.incident_page import version_of
from tocsin.web.probes_page import probes_version
from tocsin.web.rendering import HEADERS
from tocsin.web.storm_view import in_storm, storm_until
from tocsin.web.times import millis

HEARTBEAT = 15.0
"""Seconds. A phone that changed networks keeps a dead connection open: silence is how the page notices."""

LONGEST = 600.0
"""Seconds until the browser has to ask again, and so to prove again who it is."""

_TOGETHER = 0.1
"""Seconds between two looks at most, so that a storm of commits is a few events. The first one is told at once."""

_STORM_EVERY = 1.0
"""Seconds between two looks at most whether a storm is on, which needs all that is open."""

Version = Callable[[], Awaitable[str]]
Until = Callable[[], Awaitable[datetime | None]]


async def home_events(request: Request) -> Response:
    """Stream changes of what this reader's first page lists."""
    return _stream(request, lambda: home_version(asked(request)), lambda: storm_until(asked(request)))


async def incident_events(request: Request) -> Response:
    """Stream changes of one incident. Raises NotFound."""
    number = request.path_params["number"]
    await asked(request).tocsin.engine.load(number, request.state.principal.viewer)
    return _stream(request, lambda: version_of(asked(request), number), lambda: storm_until(asked(request)))


async def probes_events(request: Request) -> Response:
    """Stream changes of what probes show."""
    return _stream(request, lambda: probes_version(asked(request)))


def end_streams(app: Starlette) -> None:
    """End every stream, so that a server can stop: browsers keep them open for ever and come back by themselves."""
    app.state.streams_end = True
    app.state.tocsin.engine.changes.tell()


async def _no_end() -> datetime | None:
    return None


def _stream(request: Request, version: Version, until: Until = _no_end) -> Response:
    headers = {**HEADERS, "X-Accel-Buffering": "no"}
    if request.method == "HEAD":
        return Response(headers=headers, media_type="text/event-stream")
    return StreamingResponse(changes(request, version, until), headers=headers, media_type="text/event-stream")


async def changes(request: Request, version: Version, until: Until = _no_end) -> AsyncIterator[str]:
    """Give an event at once, one per change of `version`, and a heartbeat in between, until the server stops.

    Readings of probes are no commits: the heartbeat, which looks anyway, finds newer ones. A commit this reader may
    not know of sends nothing at all: even its instant would tell.

    `until` gives the end of the storm that is on, None for none: the page tells of it, begun elsewhere or over though
    nothing was committed.
    """
    tocsin: Tocsin = request.app.state.tocsin
    time = asyncio.get_running_loop().time
    ends, beats, last = time() + LONGEST, 0.0, ""
    passes, looked, again = None, -1, 0.0
    while time() < ends and not getattr(request.app.state, "streams_end", False):
        seen = tocsin.engine.changes.version
        try:
            over = passes is not None and tocsin.clock.now() >= passes
            if over or (looked != seen and time() >= again):
                passes, looked, again = await until(), seen, time() + _STORM_EVERY
            current = in_storm(await version(), on=passes is not None)
        except (NotFound, StoreUnavailable):
            return  # the browser asks again, and is told why
        if current != last or time() >= beats:
            kind, last = ("beat" if current == last else "changed"), current
            beats = time() + HEARTBEAT
            yield f": {kind}\nretry: 2000\nid: {current}\nevent: {kind}\ndata: {millis(tocsin.clock.now())}\n\n"
        await asyncio.sleep(_TOGETHER)
        next_look = beats if looked == seen else min(beats, again)
        await tocsin.engine.changes.after(seen, max(next_look - time(), _TOGETHER))
