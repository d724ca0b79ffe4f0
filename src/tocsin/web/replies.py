"""What each sender is told, in its own words: a passing fault must make it come again, a lasting one must not."""

from collections.abc import Callable
from typing import Literal

from tocsin.detection.pagerduty import EventInvalid, TooLarge
from tocsin.errors import StoreUnavailable, UsageError
from tocsin.web.gate import Encoded, Overloaded, TooSlow
from tocsin.web.one_piece import Answer

Outcome = Literal[
    "taken", "invalid", "unknown", "nobody", "too large", "too slow", "encoded", "overloaded", "unavailable"
]
"""How a delivery ended. `unknown`: it did not prove who it is; `nobody`: no source here could have sent it."""

Say = Callable[[Outcome, object], Answer]
"""Answers an outcome; what it is told with is a sentence, or the error that is one."""


class Unproved(UsageError):
    """Whoever sent this did not prove to be a source."""


_STATUS: dict[Outcome, int] = {
    "invalid": 400,
    "unknown": 401,
    "nobody": 404,
    "too large": 413,
    "too slow": 408,
    "encoded": 415,
    "overloaded": 503,
    "unavailable": 503,
}
_PASSES: frozenset[Outcome] = frozenset({"overloaded", "unavailable"})

FAULTS: tuple[tuple[type[Exception], Outcome], ...] = (
    (Unproved, "unknown"),
    (TooLarge, "too large"),
    (TooSlow, "too slow"),
    (Encoded, "encoded"),
    (UsageError, "invalid"),
    (Overloaded, "overloaded"),
    (StoreUnavailable, "unavailable"),
)
"""Which fault ends how; the first that fits."""


def outcome_of(error: Exception) -> Outcome | None:
    """Give how a delivery ends that met this error; None for a mistake of ours."""
    return next((outcome for kind, outcome in FAULTS if isinstance(error, kind)), None)


_TAKEN, _NOTHING = Answer(200, {"status": "taken"}), Answer(200)


def plainly(outcome: Outcome, why: object) -> Answer:
    """Say it as our own API does. 503, never 4xx, while it may pass: Alertmanager forgets what 429 refused."""
    return _TAKEN if outcome == "taken" else json_reply(_STATUS[outcome], {"error": str(why)}, outcome)


def as_alertmanager(outcome: Outcome, why: object) -> Answer:
    """Say it as Alertmanager's API does: nothing when all is well, else a JSON string."""
    if outcome == "taken":
        return _NOTHING
    return json_reply(_STATUS[outcome], str(why), outcome)


def as_pagerduty(outcome: Outcome, why: object) -> Answer:
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


def json_reply(status: int, body: object, outcome: Outcome) -> Answer:
    """Give a JSON answer; one that may pass says when to come again."""
    return Answer(status, body, again=outcome in _PASSES)
