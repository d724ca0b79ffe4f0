"""The HTTP server, which knows that live pages never hang up by themselves."""

import asyncio
import logging
import socket
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette

from tocsin.web.certificates import renewing
from tocsin.web.events import end_streams
from tocsin.web.protocol import HANDSHAKE_WITHIN
from tocsin.web.straight import Direct
from tocsin.web.taking import Deliveries

if TYPE_CHECKING:
    from tocsin.web.fronts import Fronts


log = logging.getLogger("tocsin.fronts")


def bind(host: str, port: int) -> socket.socket:
    """Give a socket bound there, for a server to listen on; 0 takes a free port. Raises OSError or OverflowError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Its protocol is named because asyncio sends at once only then: else the end of an answer waits 40 ms for the
    # receiver to acknowledge its beginning, on every connection that is kept.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except (OSError, OverflowError):
        bound.close()
        raise
    return bound


class Server(uvicorn.Server):
    """uvicorn, which ends politely: live pages first, then everything else, then exit code 0.

    With fronts it takes connections itself only while there is none.
    """

    def __init__(
        self, config: uvicorn.Config, listening: socket.socket | None = None, fronts: "Fronts | None" = None
    ) -> None:
        """Take what to serve; where, unless `serve` is told; and who takes connections for it."""
        super().__init__(config)
        self._listening, self._fronts = listening, fronts
        self._outside: asyncio.Server | None = None
        self.listens = asyncio.Event()
        """Set once connections are taken."""
        self._turning = asyncio.Lock()
        self._turns = set[asyncio.Task[None]]()
        self._renewing: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Remember to stop. The signal is not raised again afterwards: a polite end cleans up and is a success."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        self._renewing = renewing(self.config)
        await self._turn()
        if self._fronts is not None:
            try:
                self.servers.append(await self._fronts.start(self.config, self.server_state, self._turned))
            except OSError as error:
                log.warning("no intake process can be used, this one takes alerts: no socket for them (%s)", error)
                self._fronts = None
        self.listens.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        if self._renewing is not None:
            self._renewing.cancel()
        if isinstance(self.config.app, Starlette):
            end_streams(self.config.app)
        if self._fronts is not None:
            await self._fronts.finish()
        if self._listening is not None:
            self._listening.close()
        await super().shutdown(sockets)
        if self._fronts is not None:
            await self._fronts.stop()

    def _turned(self) -> None:
        turn = asyncio.create_task(self._turn(), name="turn")
        self._turns.add(turn)
        turn.add_done_callback(self._turns.discard)

    async def _turn(self) -> None:
        """Take connections, or no more, as there are fronts. The socket stays open, so nobody is turned away."""
        async with self._turning:
            wanted = not self.should_exit and not (self._fronts is not None and self._fronts.any)
            if wanted and self._outside is None and self._listening is not None:
                config, loop = self.config, asyncio.get_running_loop()
                deliveries: Deliveries = config.app.state.deliveries  # type: ignore[union-attr]  # ours is no name

                def connection() -> asyncio.Protocol:
                    return Direct(
                        deliveries,
                        config=config,
                        server_state=self.server_state,
                        app_state=self.lifespan.state,
                        _loop=loop,
                    )

                self._outside = await loop.create_server(
                    connection,
                    sock=self._listening.dup(),
                    ssl=config.ssl,
                    ssl_handshake_timeout=HANDSHAKE_WITHIN if config.ssl else None,
                    backlog=config.backlog,
                )
                self.servers.append(self._outside)
            elif not wanted and self._outside is not None:
                self._outside.close()
                self.servers.remove(self._outside)
                self._outside = None
                came = [one for one in self.server_state.connections if isinstance(one, Direct)]
                for one in came:  # while there was no front: what they send next goes to them
                    one.leave()
