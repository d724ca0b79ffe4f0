"""PagerDuty's Events API. The answer is given only after the alert and the turn it asks for are on disk."""

import secrets
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.detection.pagerduty import MAX_BYTES, TooLarge, read_change, read_event, to_alert
from tocsin.errors import TocsinError
from tocsin.web.refusals import refuse
from tocsin.web.replies import Unproved, as_pagerduty, json_reply

KIND = "events"
_UNKNOWN = "'routing_key' is not the key of a source here; `tocsin token SOURCE` shows one"


def inbound_routes() -> list[BaseRoute]:
    """Give the routes that speak PagerDuty's Events API."""
    return [
        Route("/v2/enqueue", enqueue, methods=["POST"]),
        Route("/v2/change/enqueue", enqueue_change, methods=["POST"]),
    ]


async def enqueue(request: Request) -> Response:
    """Take a PagerDuty event. 202 after commit, PagerDuty's own 400 otherwise. Source: PagerDuty Events API v2."""
    return await _answered(_enqueued, request)


async def enqueue_change(request: Request) -> Response:
    """Take a change, such as a deploy; it pages nobody. Source: PagerDuty Change Events API."""
    return await _answered(_changed, request)


async def _answered(taking: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    try:
        return await taking(request)
    except TocsinError as error:
        return refuse(request, request.url.path, as_pagerduty, error)


async def _enqueued(request: Request) -> Response:
    tocsin: Tocsin = request.app.state.tocsin
    with request.app.state.gate.place() as place:
        event = read_event(await place.read(request))
        source = _source_of(tocsin, event.routing_key)
        alert = to_alert(event, source, "" if event.dedup_key else secrets.token_hex(16))
        await tocsin.engine.ingest([alert])
    return json_reply(202, {"status": "success", "message": "Event processed", "dedup_key": alert.dedup_key})


async def _changed(request: Request) -> Response:
    tocsin: Tocsin = request.app.state.tocsin
    with request.app.state.gate.place() as place:
        change = read_change(await place.read(request))
        await tocsin.engine.take_change(change, _source_of(tocsin, change.routing_key))
    return json_reply(202, {"status": "success", "message": "Change event processed"})


def _source_of(tocsin: Tocsin, key: str) -> str:
    source = tocsin.access.source(key, KIND)
    if source is None:
        raise Unproved(_UNKNOWN)
    return source.id


async def bounded_body(request: Request) -> bytes:
    """Give the body, stopping as soon as it is too large. Raises TooLarge."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise TooLarge(size)
        chunks.append(chunk)
    return b"".join(chunks)
