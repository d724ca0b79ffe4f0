"""How much may be on its way in at once: so many requests, so many bytes. What is more is told to come again.

Without a bound, a storm of alerts is kept in memory for as long as the disk is slower than the network, until the
process that should page is ended by the system.
"""

import asyncio
from typing import Any, Self

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from tocsin.detection.pagerduty import MAX_BYTES, TooLarge
from tocsin.errors import TocsinError, UsageError
from tocsin.web.one_piece import whole_body

MOST_REQUESTS = 2_000
MOST_BYTES = 64 * 1024 * 1024
ENCODING = b"content-encoding"
_PLAIN = frozenset({b"", b"identity"})
READ_WITHIN = 10.0
"""Seconds a sender has for its body; a place is not kept for one that trickles."""


class Overloaded(TocsinError):
    """There is no place now; the same request may be taken in a second."""


class Encoded(UsageError):
    """The body is compressed or otherwise encoded; it is read as it is sent, and nothing is unpacked."""


class TooSlow(UsageError):
    """The body did not come in time, or not whole."""


class Gate:
    """Counts what is on its way in. One for all doors of senders."""

    def __init__(self, most_requests: int = MOST_REQUESTS, most_bytes: int = MOST_BYTES) -> None:
        """Begin with nobody in it."""
        self._most_requests, self._most_bytes = most_requests, most_bytes
        self.requests = self.bytes = 0
        self.refused = 0
        self._reading: dict[Place, asyncio.Task[Any] | None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def place(self) -> "Place":
        """Take a place from the first byte until the commit is on disk, the end of its `with`. Raises Overloaded."""
        if not self._has_room(0, 1):
            raise self.full(f"{self.requests} requests wait to be stored")
        self.requests += 1
        return Place(self)

    def enter(self, size: int) -> bool:
        """Take a place for a body that is here whole, until `leave`; False where there is none, or not for so much."""
        fits = size <= MAX_BYTES and self._has_room(size, 1)
        if fits:
            self.requests += 1
            self.bytes += size
        return fits

    def leave(self, size: int) -> None:
        """Give a place back in which so much was read."""
        self.requests -= 1
        self.bytes -= size

    def add(self, size: int, place: "Place") -> None:
        """Count bytes that were read. Raises Overloaded."""
        if not self._has_room(size, 0, place):
            raise self.full(f"{self.bytes} bytes wait to be stored")
        self.bytes += size

    def _has_room(self, size: int, requests: int, for_whom: "Place | None" = None) -> bool:
        """Give whether there is room. Where there is none, those give way whose bodies have been coming for longest.

        Everybody may begin a body, and none of them has proved anything: a sender that is whole waits for no trickle.
        """
        while self.bytes + size > self._most_bytes or self.requests + requests > self._most_requests:
            slowest = next((one for one in self._reading if not one.over and one is not for_whom), None)
            if slowest is None:
                return False
            self._let_go(slowest, gives_way=True)
        return True

    def _let_go(self, place: "Place", *, gives_way: bool) -> None:
        """Interrupt who reads there. Its place is free at once."""
        task = self._reading[place]
        place.over, place.gives_way = True, gives_way
        self.leave(place.size)
        place.size = 0
        if task is not None:
            task.cancel()

    # One timer for all who send: one for each costs a tenth of what taking an alert does.

    def begin(self, place: "Place") -> None:
        """Give the sender of a place its time from now on."""
        loop = asyncio.get_running_loop()
        place.until = loop.time() + READ_WITHIN
        self._reading[place] = asyncio.current_task()
        if self._timer is None:
            self._timer = loop.call_at(place.until, self._look)

    def end(self, place: "Place") -> None:
        """Take note that a place has its body, or never will."""
        del self._reading[place]

    def _look(self) -> None:
        """Interrupt those whose time is over, and look again when the next one's is."""
        loop, self._timer = asyncio.get_running_loop(), None
        for place in self._reading:  # in the order they began
            if place.until > loop.time():
                self._timer = loop.call_at(place.until, self._look)
                return
            if not place.over:
                self._let_go(place, gives_way=False)

    def full(self, why: str) -> Overloaded:
        """Count a refusal, and give what it is told with."""
        self.refused += 1
        return Overloaded(f"too much at once ({why}); send it again")


class Place:
    """One request on its way in."""

    __slots__ = ("_gate", "gives_way", "over", "size", "until")

    def __init__(self, gate: Gate) -> None:
        """Begin with nothing read."""
        self._gate, self.size = gate, 0
        self.until, self.over, self.gives_way = 0.0, False, False

    def __enter__(self) -> Self:
        """Be there until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""
        if not self.over:
            self._gate.leave(self.size)

    async def read(self, scope: Scope, receive: Receive) -> bytes:
        """Give the body, stopping as soon as it is too much. Raises TooLarge, TooSlow, Overloaded, Encoded."""
        for name, value in scope["headers"]:
            if name == ENCODING and value.strip().lower() not in _PLAIN:
                raise Encoded("the body is compressed, which is not read here: send it without Content-Encoding")
        here = whole_body(scope)
        if here is not None:
            self._count(here)
            return here
        return await self._read(receive)

    async def _read(self, receive: Receive) -> bytes:
        chunks: list[bytes] = []
        self._gate.begin(self)
        try:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect  # noqa: TRY301  told below, like the end of the time
                chunk, more = message.get("body", b""), message.get("more_body", False)
                self._count(chunk)
                chunks.append(chunk)
        except (asyncio.CancelledError, ClientDisconnect) as error:
            task = asyncio.current_task()
            alone = self.over and task is not None and not task.uncancel()  # nobody else ends it at the same instant
            if isinstance(error, asyncio.CancelledError) and not alone:
                raise
            if self.gives_way:
                raise self._gate.full("others came whole while the body of this one was coming") from error
            raise TooSlow(f"the body did not come whole within {READ_WITHIN:.0f} s") from error
        finally:
            self._gate.end(self)
        return b"".join(chunks)

    def _count(self, chunk: bytes) -> None:
        if self.size + len(chunk) > MAX_BYTES:
            raise TooLarge(self.size + len(chunk))
        self._gate.add(len(chunk), self)
        self.size += len(chunk)
