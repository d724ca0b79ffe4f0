"""Alerts in. The answer is given only after the alert and the turn it asks for are on disk."""

import secrets

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.detection.pagerduty import MAX_BYTES, EventInvalid, TooLarge, read_event, to_alert
from tocsin.errors import StoreUnavailable


def inbound_routes() -> list[BaseRoute]:
    """Give the routes monitors speak to."""
    return [Route("/v2/enqueue", enqueue, methods=["POST"])]


async def enqueue(request: Request) -> Response:
    """Take a PagerDuty event. 202 after commit, PagerDuty's own 400 otherwise. Source: PagerDuty Events API v2."""
    tocsin: Tocsin = request.app.state.tocsin
    try:
        event = read_event(await bounded_body(request))
        source = tocsin.access.source(event.routing_key)
        if source is None:
            return _json(400, invalid("'routing_key' is not the key of a source here; `tocsin token SOURCE` shows one"))
        alert = to_alert(event, source, secrets.token_hex(16))
    except EventInvalid as error:
        return _json(400, error.body)
    except TooLarge as error:
        return _json(400, invalid(str(error)))
    try:
        await tocsin.engine.ingest([alert])
    except StoreUnavailable as error:
        return _json(503, {"status": "error", "message": f"Not stored, send it again: {error}"})
    return _json(202, {"status": "success", "message": "Event processed", "dedup_key": alert.dedup_key})


async def bounded_body(request: Request) -> bytes:
    """Give the body, stopping as soon as it is too large. Raises TooLarge."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise TooLarge(size)
        chunks.append(chunk)
    return b"".join(chunks)


def invalid(error: str) -> dict[str, object]:
    """Give PagerDuty's own body for an event that cannot be accepted."""
    return {"status": "invalid event", "message": "Event object is invalid", "errors": [error]}


def _json(status: int, body: object) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
