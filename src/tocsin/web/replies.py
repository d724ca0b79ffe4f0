"""What each sender is told, in its own words: a passing fault must make it come again, a lasting one must not."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Literal

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tocsin.detection.pagerduty import EventInvalid, TooLarge
from tocsin.errors import StoreUnavailable, UsageError
from tocsin.web.gate import Overloaded, TooSlow

Outcome = Literal["taken", "invalid", "unknown", "nobody", "too large", "too slow", "overloaded", "unavailable"]
"""How a delivery ended. `unknown`: it did not prove who it is; `nobody`: no source here could have sent it."""

ONE_PIECE = "tocsin.one_piece"
"""The extension of a server that sends a head and a body together: called with both, it says whether it did."""


class Answer:
    """A whole answer, in JSON unless it has no body: sent in one piece where the server can."""

    __slots__ = ("body", "status_code")

    def __init__(self, status_code: int, *said: object) -> None:
        """Take the status, and what is said if anything is."""
        self.status_code, self.body = status_code, msgspec.json.encode(said[0]) if said else b""

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send it."""
        length = b"%d" % len(self.body)
        in_one_piece = scope.get("extensions", {}).get(ONE_PIECE)
        head = _HEADS[self.status_code, bool(self.body)]
        if in_one_piece is not None and in_one_piece(b"%b%b\r\n\r\n%b" % (head, length, self.body)):
            return
        kind = [(b"content-type", b"application/json")] if self.body else []
        headers = [*kind, (b"content-length", length)]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def _head(status: int, *, has_body: bool) -> bytes:
    kind = "content-type: application/json\r\n" if has_body else ""
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{kind}content-length: ".encode()


_HEADS = {(status, has_body): _head(status, has_body=has_body) for status in (200, 202) for has_body in (True, False)}

Say = Callable[[Outcome, object], Answer | Response]
"""Answers an outcome; what it is told with is a sentence, or the error that is one."""


class Unproved(UsageError):
    """Whoever sent this did not prove to be a source."""


_STATUS: dict[Outcome, int] = {
    "taken": 200,
    "invalid": 400,
    "unknown": 401,
    "nobody": 404,
    "too large": 413,
    "too slow": 408,
    "overloaded": 503,
    "unavailable": 503,
}
_AGAIN = {"Retry-After": "1"}
_PASSES: frozenset[Outcome] = frozenset({"overloaded", "unavailable"})

FAULTS: tuple[tuple[type[Exception], Outcome], ...] = (
    (Unproved, "unknown"),
    (TooLarge, "too large"),
    (TooSlow, "too slow"),
    (UsageError, "invalid"),
    (Overloaded, "overloaded"),
    (StoreUnavailable, "unavailable"),
)
"""Which fault ends how; the first that fits."""


def outcome_of(error: Exception) -> Outcome | None:
    """Give how a delivery ends that met this error; None for a mistake of ours."""
    return next((outcome for kind, outcome in FAULTS if isinstance(error, kind)), None)


_TAKEN, _NOTHING = Answer(200, {"status": "taken"}), Answer(200)


def plainly(outcome: Outcome, why: object) -> Answer | Response:
    """Say it as our own API does. 503, never 4xx, while it may pass: Alertmanager forgets what 429 refused."""
    return _TAKEN if outcome == "taken" else json_reply(_STATUS[outcome], {"error": str(why)}, outcome)


def as_alertmanager(outcome: Outcome, why: object) -> Answer | Response:
    """Say it as Alertmanager's API does: nothing when all is well, else a JSON string."""
    if outcome == "taken":
        return _NOTHING
    return json_reply(_STATUS[outcome], str(why), outcome)


def as_pagerduty(outcome: Outcome, why: object) -> Response:
    """Say it as PagerDuty's Events API does: 429 is what its clients wait and try again on."""
    if outcome == "overloaded":
        words = "Requests for this service arrive too quickly"
        return json_reply(429, {"status": "throttle exceeded", "message": words, "errors": [str(why)]}, outcome)
    if outcome == "unavailable":
        return json_reply(503, {"status": "error", "message": f"Not stored, send it again: {why}"}, outcome)
    return json_reply(400, why.body if isinstance(why, EventInvalid) else invalid(str(why)), outcome)


def invalid(*errors: str) -> dict[str, object]:
    """Give PagerDuty's own body for an event that cannot be accepted."""
    return {"status": "invalid event", "message": "Event object is invalid", "errors": list(errors)}


def json_reply(status: int, body: object, outcome: Outcome = "taken") -> Response:
    """Give a JSON answer; one that may pass says when to come again."""
    headers = _AGAIN if outcome in _PASSES else None
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")
