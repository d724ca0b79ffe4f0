"""The door of jobs that say that they ran. Source: Healthchecks' pinging API."""

from datetime import timedelta
from typing import cast

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope

from tocsin.assembly import Tocsin
from tocsin.detection.alert import Alert
from tocsin.detection.body import shortened
from tocsin.detection.heartbeats import BEAT, HEARTBEAT, Beat, Said
from tocsin.settings import SourceSettings
from tocsin.web.doors import Door
from tocsin.web.replies import plainly

_LAST_STATUS = 255
_OUTPUT = "output"


def heartbeat_routes() -> list[BaseRoute]:
    """Give the routes jobs ping."""
    door = Door("/heartbeat", beat, plainly)
    return [Route(path, door, methods=["GET", "POST"]) for path in ("/heartbeat/{key}", "/heartbeat/{key}/{said}")]


async def beat(scope: Scope, receive: Receive) -> Response:
    """Take a beat: `start`, `log`, `fail`, an exit status, or nothing for success. 404 for a key that is no job's."""
    request = Request(scope)
    tocsin: Tocsin = request.app.state.tocsin
    source, status = tocsin.access.source(request.path_params["key"], HEARTBEAT), _status(request)
    if source is None or source.kind != HEARTBEAT or status is None:
        return PlainTextResponse("not found", 404)
    with request.app.state.gate.place() as place:
        printed = (await place.read(scope, receive)).decode("utf-8", "replace")
        await tocsin.engine.ingest([_alert(source, *status, printed)])
    return PlainTextResponse("OK")


def _status(request: Request) -> tuple[Said, str] | None:
    """Give what is said, and in which words it failed; None for a word nobody says."""
    word = request.path_params.get("said", "0")
    if word in {"start", "log"}:
        return cast("Said", word), ""
    if word == "fail":
        return "fail", "says that it failed"
    if not word.isascii() or not word.isdigit() or int(word[:4]) > _LAST_STATUS:
        return None
    return ("success", "") if int(word) == 0 else ("fail", f"failed with exit status {int(word)}")


def _alert(source: SourceSettings, said: Said, words: str, printed: str) -> Alert:
    awaited = Beat(
        said=said,
        period=source.period or timedelta(0),
        grace=source.grace,
        cron=source.cron,
        timezone=source.timezone if source.cron else "UTC",
        log=shortened(printed.strip()) if said == "log" else "",
    )
    return Alert(
        source=source.id,
        dedup_key=BEAT,
        action="trigger" if said == "fail" else "resolve",
        summary=f"job {source.id} {words}",
        origin=source.id,
        client="Heartbeat",
        details={_OUTPUT: shortened(printed)} if printed.strip() and said == "fail" else {},
        beat=awaited,
    )
