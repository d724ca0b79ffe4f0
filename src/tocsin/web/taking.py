"""Deliveries that came whole, taken without ASGI: read, given to who stores them, answered once they are on disk."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from starlette.datastructures import State

from tocsin.detection.alert import Alert
from tocsin.engine.together import Told
from tocsin.errors import TocsinError
from tocsin.web.beside import AT_ONCE
from tocsin.web.doors import Door, Receiver
from tocsin.web.inbound import inbound_routes
from tocsin.web.one_piece import Answer
from tocsin.web.senders import sender_routes
from tocsin.web.whole import Requests

log = logging.getLogger("tocsin.web")

Hand = Callable[[Sequence[Alert], Told], object]
"""Stores alerts, and tells once they are on disk, or why they are not."""


class Line(Protocol):
    """A connection on which something was asked."""

    def say(self, answer: Answer) -> None:
        """Answer it, where somebody is there to hear it."""
        ...


def reading_doors() -> dict[tuple[str, str], Door]:
    """Give the doors behind which a delivery is read and stored and nothing else is done, by method and path."""
    return {
        (method, route.path): route.endpoint
        for route in (*inbound_routes(), *sender_routes())
        for method in route.methods or ()
        if isinstance(route.endpoint, Door) and route.endpoint.reading
    }


class Deliveries:
    """Takes deliveries that came whole for one receiver, whose gate and refusals are in its `state`."""

    def __init__(self, here: Receiver, state: State, hand: Hand) -> None:
        """Take whose they are, and who stores them."""
        self._here, self._state, self._hand = here, state, hand
        self._requests = Requests()
        self.doors = {f"{method} {path}".encode(): door for (method, path), door in reading_doors().items()}
        """The doors by how a request for them begins: `POST /path`."""

    def door(self, data: bytes) -> bytes | None:
        """Give the door for which a request is that begins so, or None."""
        for start in self.doors:
            if data.startswith(start) and data[len(start) : len(start) + 1] in {b" ", b"?"}:
                return start
        return None

    def take(self, door: bytes, data: bytes, line: Line) -> bool:
        """Take a delivery that came whole, and answer it on its line once it is on disk.

        False where it is read as everything else is: also what will be refused, so there is one way to tell that.
        """
        if len(data) > AT_ONCE:
            return False
        reading, gate = self.doors[door].reading, self._state.gate
        sent = self._requests.read(data)
        if reading is None or sent is None or not gate.enter(size := len(sent.raw)):
            return False
        try:
            alerts, answer = reading(self._here, sent)
        except Exception:  # noqa: BLE001  it is met again there
            gate.leave(size)
            return False
        told = partial(self._told, door, line, answer, size)
        if alerts:
            self._hand(alerts, told)
        else:
            told(None)
        return True

    def _told(self, door: bytes, line: Line, answer: Answer, size: int, error: Exception | None) -> None:
        self._state.gate.leave(size)
        if error is not None:
            answer = self._why_not(door, error)
        line.say(answer)

    def _why_not(self, door: bytes, error: Exception) -> Answer:
        """Give the answer to what could not be stored: in the words of its sender, unless it is a mistake of ours."""
        if isinstance(error, TocsinError):
            try:
                return self.doors[door].refusal(self._state, error)
            except Exception as mistake:  # noqa: BLE001  it is told
                error = mistake
        return broken(door.decode(), error)


def broken(what: str, error: Exception) -> Answer:
    """Give the answer to what met a mistake of ours, and tell it in the log."""
    log.error("%s broke", what, exc_info=error)
    return Answer(500, {"error": "Tocsin made a mistake; its log says more"})
