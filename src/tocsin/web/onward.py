"""A connection to a front on which something else than a delivery is asked goes on to the main process, as it is.

From then on its bytes are carried both ways and not looked at, so a page, a stream of changes or an odd request is
answered exactly as by a server of one process. Before the first of them stands one line that says whose they are.
"""

import asyncio
import contextlib
import logging
from typing import Any, Literal

import msgspec

from tocsin.web.protocol import Protocol
from tocsin.web.straight import Straight
from tocsin.web.taking import Deliveries

log = logging.getLogger("tocsin.front")

_LONGEST_LINE = 4096

_LONGEST_WAIT, _ASKED_EVERY = 30.0, 0.05
"""Seconds for which a connection waits for its place at the main process, and between two attempts."""


class Whose(msgspec.Struct, frozen=True):
    """Who connected, to which address of ours, and how."""

    client: tuple[str, int] | None
    server: tuple[str, int | None] | None
    scheme: Literal["http", "https"] | None


class Handed(Protocol):
    """A connection as the main process has it from a front."""

    _known = False
    _before = b""

    def data_received(self, data: bytes) -> None:
        """Take bytes, the first line of which says whose they are."""
        if self._known:
            super().data_received(data)
            return
        line, end, rest = (self._before + data).partition(b"\n")
        if not end and len(line) <= _LONGEST_LINE:
            self._before = line
            return
        try:
            whose = msgspec.json.decode(line, type=Whose)
        except msgspec.DecodeError:  # no front of ours
            self.transport.abort()
            return
        self._known = True
        self.client, self.server, self.scheme = whose.client, whose.server, whose.scheme
        if rest:
            super().data_received(rest)


class Doorway(Straight):
    """A connection to a front: deliveries are read here, everything else goes on.

    The path decides at the beginning of each request; after the first one that is not for us, nothing is read here any
    more. Who sends it before the one before is answered has to ask again, as whoever does so must be ready to.
    """

    def __init__(self, deliveries: Deliveries, behind: str, **more: Any) -> None:  # noqa: ANN401  as uvicorn
        """Take who takes what came whole, and where goes what is for none of its doors."""
        super().__init__(deliveries, **more)
        self._behind = behind
        self._onward: _Onward | None = None

    @property
    def idles(self) -> bool:
        """Give whether it waits for who opened it."""
        return self._onward is None and super().idles  # else who answers it knows

    def data_received(self, data: bytes) -> None:
        """Read a delivery, or let it go on."""
        if self._onward is not None:
            self._onward.carry(data)
        elif self._asked:
            self._hold(data)
        elif not self._is_between:
            super().data_received(data)
        else:
            self._begin(self._held + data)

    def _begin(self, data: bytes) -> None:
        self._held = b""
        door = self._deliveries.door(data)
        if door is not None:
            if not self._takes(door, data):
                super().data_received(data)
        elif any(start.startswith(data) for start in self._deliveries.doors):
            self._held = data
        else:
            self._unset_keepalive_if_required()
            self._waits_since = None  # who answers it waits for it
            self._onward = _Onward(self.transport, self._behind, self._whose() + data)

    def _whose(self) -> bytes:
        server = (self.server[0], self.server[1]) if self.server else None
        return msgspec.json.encode(Whose(self.client, server, self.scheme)) + b"\n"

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:  # noqa: ANN401  as uvicorn
        if b"%b %b" % (cycle.scope["method"].encode(), cycle.scope["raw_path"]) in self._deliveries.doors:
            super()._start_asgi_task(cycle, app)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """End what went on."""
        super().connection_lost(exc)
        if self._onward is not None:
            self._onward.close()

    def eof_received(self) -> bool | None:  # type: ignore[override]  # as asyncio
        """Let who says no more hear the answer, as far as one process does; TLS has no half of a connection."""
        if self._onward is None:
            return super().eof_received()
        if self.scheme == "https":
            return None
        self._onward.end()
        return True

    def shutdown(self) -> None:
        """Begin to end; what went on is ended by who answers it."""
        if self._onward is None:
            super().shutdown()

    def pause_writing(self) -> None:
        """Let who answers wait for who reads."""
        super().pause_writing()
        if self._onward is not None:
            self._onward.pause()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        if self._onward is not None:
            self._onward.resume()


class _Onward(asyncio.Protocol):
    """The way from a connection to the main process and back."""

    def __init__(self, outside: asyncio.Transport, behind: str, first: bytes) -> None:
        self._outside, self._waiting = outside, first
        self._inside: asyncio.Transport | None = None
        self._over = self._ended = False
        self._opening = asyncio.create_task(self._open(behind), name="onward")

    async def _open(self, behind: str) -> None:
        self._pause_outside()
        try:
            await self._connect(behind)
        except OSError as error:  # the main process is ending, or somebody took the socket away
            log.warning("a connection cannot go on to the main process: %s", error)
            self._outside.close()

    async def _connect(self, behind: str) -> None:
        """Connect. Who connects to a socket like this while many wait is turned away and not queued: ask again."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _LONGEST_WAIT
        while not self._over:
            try:
                await loop.create_unix_connection(lambda: self, behind)
            except BlockingIOError:
                if loop.time() > until:
                    raise
                await asyncio.sleep(_ASKED_EVERY)
            else:
                return

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  a transport
        """Send what waits."""
        self._inside = transport
        if self._over:
            transport.close()
            return
        transport.write(self._waiting)
        self._waiting = b""
        self.resume_writing()
        if self._ended:
            self.end()

    def carry(self, data: bytes) -> None:
        """Send on."""
        if self._inside is None:
            self._waiting += data
        else:
            self._inside.write(data)

    def data_received(self, data: bytes) -> None:
        """Send back."""
        self._outside.write(data)

    def connection_lost(self, _: Exception | None) -> None:
        """End it outside too, once everything is sent."""
        self._outside.close()

    def close(self) -> None:
        """End it: nobody is outside any more."""
        self._over = True
        if self._inside is not None:
            self._inside.close()

    def end(self) -> None:
        """Say that nothing more comes from outside."""
        self._ended = True
        if self._inside is not None:
            self._inside.write_eof()

    def pause(self) -> None:
        """Let who answers wait."""
        if self._inside is not None:
            self._inside.pause_reading()

    def resume(self) -> None:
        """Let who answers go on."""
        if self._inside is not None and not self._over:
            with contextlib.suppress(RuntimeError):  # it ended meanwhile
                self._inside.resume_reading()

    def pause_writing(self) -> None:
        """Let who is outside wait."""
        self._pause_outside()

    def resume_writing(self) -> None:
        """Let who is outside go on."""
        with contextlib.suppress(RuntimeError):  # it ended meanwhile
            self._outside.resume_reading()

    def _pause_outside(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._outside.pause_reading()
