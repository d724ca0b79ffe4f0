"""PagerDuty's Events API. The answer is given only after the alert and the turn it asks for are on disk."""

import secrets
from functools import partial
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope

from tocsin.detection.pagerduty import MAX_BYTES, TooLarge, read_change, read_event, to_alert
from tocsin.engine.sources import Sources
from tocsin.web.beside import read_beside
from tocsin.web.doors import Door, Read, Receiver, Sent, reading_door
from tocsin.web.one_piece import Answer
from tocsin.web.replies import Unproved, as_pagerduty

if TYPE_CHECKING:
    from tocsin.assembly import Tocsin

KIND = "events"
_UNKNOWN = "'routing_key' is not the key of a source here; `tocsin token SOURCE` shows one"


def inbound_routes() -> list[Route]:
    """Give the routes that speak PagerDuty's Events API."""
    events, changes = "/v2/enqueue", "/v2/change/enqueue"
    return [
        Route(events, reading_door(events, read_delivery, as_pagerduty), methods=["POST"]),
        Route(changes, Door(changes, enqueue_change, as_pagerduty), methods=["POST"]),
    ]


def read_delivery(here: Receiver, sent: Sent) -> Read:
    """Read a PagerDuty event. 202 after commit, PagerDuty's own 400 otherwise. Source: PagerDuty Events API v2."""
    event = read_event(sent.raw)
    source = _source_of(here.access, event.routing_key)
    alert = to_alert(event, source, "" if event.dedup_key else secrets.token_hex(16))
    said = {"status": "success", "message": "Event processed", "dedup_key": alert.dedup_key}
    return Read((alert,), Answer(202, said))


async def enqueue_change(scope: Scope, receive: Receive) -> Answer:
    """Take a change, such as a deploy; it pages nobody. Source: PagerDuty Change Events API."""
    state = scope["app"].state
    tocsin: Tocsin = state.tocsin
    with state.gate.place() as place:
        raw = await place.read(scope, receive)
        change = await read_beside(raw, partial(read_change, raw))
        await tocsin.engine.take_change(change, _source_of(tocsin.access, change.routing_key))
    return Answer(202, {"status": "success", "message": "Change event processed"})


def _source_of(access: Sources, key: str) -> str:
    source = access.source(key, KIND)
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
