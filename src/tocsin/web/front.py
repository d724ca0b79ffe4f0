"""A front: a process that takes alerts from their senders, so that the main one is free to store them and to page.

It reads, bounds and proves deliveries, which costs more than storing them, and hands them over many at a time; a sender
is answered once the main process says that its alerts are on disk. Everything else goes on to the main process, see
`web/onward.py`. A front knows nothing that is not told to it, keeps nothing, and ends with the main process.
"""

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Sequence

from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from tocsin.clock import SystemClock
from tocsin.detection.alert import Alert
from tocsin.engine.sources import Sources
from tocsin.engine.together import MOST_TOGETHER, Together
from tocsin.errors import StoreUnavailable
from tocsin.web import between as b
from tocsin.web.certificates import renewing
from tocsin.web.gate import Gate
from tocsin.web.onward import Doorway
from tocsin.web.protocol import HANDSHAKE_WITHIN, served
from tocsin.web.replies import Outcome
from tocsin.web.taking import Deliveries, broken, reading_doors

log = logging.getLogger("tocsin.front")

BEAT = 1.0
"""Seconds between two signs of life."""

_AHEAD = 8
"""So many deliveries are handed over while others are still being stored: there is always something to store."""

_TOLD_AFTER = 0.1
"""Seconds in which refusals are counted together."""


class Front:
    """One front, at the socket that the main process gave it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the way to the main process."""
        self._reader, self._writer = reader, writer
        self.clock = SystemClock()
        self.access, self.engine = Sources(self.clock), self
        self._together = Together[Sequence[Alert]]("front", MOST_TOGETHER, self._store, ahead=_AHEAD)
        self._stored: dict[int, asyncio.Future[None]] = {}
        self._number = 0
        self._server = ServerState()
        self._renewing: asyncio.Task[None] | None = None
        self.state = State()
        self.state.tocsin = self
        self.state.gate = Gate()
        self.state.refusals = _Refusals(writer)
        self._doors = reading_doors()
        self.deliveries = Deliveries(self, self.state, self._together.hand)

    async def serve(self, listening: socket.socket) -> None:
        """Take connections until the main process is gone."""
        begin = await b.heard(self._reader, b.TO_FRONT)
        known = await b.heard(self._reader, b.TO_FRONT)
        if not isinstance(begin, b.Begin) or not isinstance(known, b.Senders):
            raise TypeError("the main process did not say how to serve")
        self.access.know(known.known)
        taking = await self._listen(listening, begin)
        b.say(self._writer, b.Ready())
        beating = asyncio.create_task(self._beat(), name="beat")
        ending: asyncio.Task[None] | None = None
        try:
            while True:
                message = await b.heard(self._reader, b.TO_FRONT)
                if isinstance(message, b.End):
                    taking.close()
                    ending = ending or asyncio.create_task(self._finish(), name="finish")
                else:
                    self._hear(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            beating.cancel()
            if self._renewing is not None:
                self._renewing.cancel()

    def _hear(self, message: b.ToFront) -> None:
        if isinstance(message, b.Senders):
            self.access.know(message.known)
        elif isinstance(message, b.Stored):
            waiting = self._stored.pop(message.number)
            if message.unavailable:
                waiting.set_exception(StoreUnavailable(message.unavailable))
            elif message.broken:
                waiting.set_exception(RuntimeError(message.broken))
            else:
                waiting.set_result(None)

    async def _listen(self, listening: socket.socket, begin: b.Begin) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        config = served(
            self,
            http=Doorway,
            lifespan="off",
            proxy_headers=False,
            ssl_certfile=begin.certificate,
            ssl_keyfile=begin.certificate_key,
        )
        config.load()
        self._renewing = renewing(config)

        def connection() -> Doorway:
            return Doorway(
                self.deliveries, begin.behind, config=config, server_state=self._server, app_state={}, _loop=loop
            )

        return await loop.create_server(
            connection,
            sock=listening,
            ssl=config.ssl,
            ssl_handshake_timeout=HANDSHAKE_WITHIN if config.ssl else None,
            backlog=config.backlog,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a delivery."""
        scope["app"] = self
        answer: ASGIApp
        try:
            answer = await self._doors[scope["method"], scope["path"]].answer(scope, receive)
        except Exception as error:  # noqa: BLE001  it is told
            answer = broken(f"{scope['method']} {scope['path']}", error)
        await answer(scope, receive, send)

    async def ingest(self, alerts: Sequence[Alert]) -> None:
        """Return once they are on disk. Raises StoreUnavailable."""
        await self._together.put(alerts)

    async def _store(self, deliveries: list[Sequence[Alert]]) -> None:
        self._number += 1
        alerts = tuple(alert for delivery in deliveries for alert in delivery)
        b.say(self._writer, b.Taken(self._number, len(deliveries), alerts))
        self._stored[self._number] = stored = asyncio.get_running_loop().create_future()
        await stored

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            b.say(self._writer, b.Alive())

    async def _finish(self) -> None:
        for connection in list(self._server.connections):
            connection.shutdown()
        while under_way := {*self._server.tasks, *self._together.storing}:
            await asyncio.wait(under_way)
        self.state.refusals.tell()
        b.say(self._writer, b.Done())


class _Refusals:
    """Counts what is refused, and tells the main process, which counts for all and writes the log."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._counts: Counter[tuple[str, Outcome]] = Counter()
        self._why: dict[tuple[str, Outcome], str] = {}

    def note(self, door: str, outcome: Outcome, why: str, _: float) -> None:
        """Count one."""
        if not self._counts:
            asyncio.get_running_loop().call_later(_TOLD_AFTER, self.tell)
        self._counts[door, outcome] += 1
        self._why[door, outcome] = why

    def tell(self) -> None:
        """Tell what was counted."""
        counts, self._counts = self._counts, Counter()
        for (door, outcome), count in counts.items():
            b.say(self._writer, b.Refused(door, outcome, count, self._why[door, outcome]))


async def serve(channel: int, listening: int) -> None:
    """Be a front, over these open sockets, until the main process is gone."""
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=channel))
    await Front(reader, writer).serve(socket.socket(fileno=listening))
