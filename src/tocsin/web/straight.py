"""Connections on which deliveries that came whole are answered without ASGI, and everything else as ever.

For a delivery ASGI makes a task, an event, a timer, a dictionary and a few objects in circles, which costs more than to
read it and to write the answer.
"""

import asyncio
from typing import Any

from uvicorn.protocols.utils import is_ssl

from tocsin.web.one_piece import Answer
from tocsin.web.protocol import KEEP_ALIVE, Protocol
from tocsin.web.taking import Deliveries


class Straight(Protocol):
    """A connection on which a request that came whole can be answered without ASGI: it is begun, and later answered."""

    def __init__(self, deliveries: Deliveries, **more: Any) -> None:  # noqa: ANN401  as uvicorn
        """Take who takes deliveries, and begin with nothing asked."""
        super().__init__(**more)
        self._deliveries = deliveries
        self._asked = False
        self._message_over = True
        self._held = b""
        self._looking: asyncio.TimerHandle | None = None

    @property
    def _is_between(self) -> bool:
        """Give whether what comes now begins a request, and the one before is answered."""
        return self._message_over and (self.cycle is None or self.cycle.response_complete)

    @property
    def idles(self) -> bool:
        """Give whether it waits for who opened it."""
        return not self._asked and super().idles

    def _takes(self, door: bytes, data: bytes) -> bool:
        """Let a delivery for that door be taken, and give whether it is; what is sent behind it waits then."""
        if self._leaves or self.flow.write_paused or self.server_state.default_headers:
            return False
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        self._asked = True
        self._waits_since = None
        if not self._deliveries.take(door, data, self):
            self._asked = False
            return False
        return True

    def on_message_begin(self) -> None:
        """Note that a request is being read."""
        self._message_over = False
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Note that the next bytes begin another one."""
        self._message_over = True
        super().on_message_complete()

    def _hold(self, data: bytes) -> None:
        """Let bytes wait for the answer."""
        self._held += data
        self.flow.pause_reading()

    def say(self, answer: Answer) -> None:
        """Answer what was begun, where somebody is there to hear it."""
        self._asked = False
        if self.transport.is_closing():
            return
        if self._leaves:
            self.transport.write(answer.whole(last=True))
            self.transport.close()
            return
        self.transport.write(answer.whole())
        self._rest()
        if self._held:
            held, self._held = self._held, b""
            self.flow.resume_reading()
            self.data_received(held)

    # One timer that looks now and then: to set one and to take it back for each request costs as much as to parse it.

    def _rest(self) -> None:
        self.idle_since = self.loop.time()
        if self._looking is None:
            self._looking = self.loop.call_later(KEEP_ALIVE, self._look)

    def _look(self) -> None:
        """End a connection that rested long enough."""
        self._looking = None
        left = self.idle_since + KEEP_ALIVE - self.loop.time()
        if left > 0:
            self._looking = self.loop.call_later(left, self._look)
        elif not self._asked:
            self.timeout_keep_alive_handler()

    def _unset_keepalive_if_required(self) -> None:
        """Let the connection rest as long as it likes: what comes next is read as everything else."""
        super()._unset_keepalive_if_required()
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def eof_received(self) -> bool | None:  # type: ignore[override]  # as asyncio
        """Let who says no more hear the answer to its delivery too."""
        if not self._asked or is_ssl(self.transport):
            return super().eof_received()
        self._leaves = True
        return True

    def shutdown(self) -> None:
        """Begin to end, after the answer where one is due."""
        if self._asked:
            self._leaves = True
        else:
            super().shutdown()


class Direct(Straight):
    """A connection to a server that answers everything itself."""

    def data_received(self, data: bytes) -> None:
        """Take a delivery that came whole, and read everything else."""
        if self._asked:
            self._hold(data)
            return
        door = self._deliveries.door(data) if self._is_between else None
        if door is None or not self._takes(door, data):
            super().data_received(data)
