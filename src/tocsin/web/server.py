"""The HTTP server, which knows that live pages never hang up by themselves."""

import socket
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from tocsin.web.events import end_streams
from tocsin.web.one_piece import ONE_PIECE


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


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP, where what is whole is handed over in one piece: it writes a head and a body apart otherwise."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.scope["extensions"] = {ONE_PIECE: _Whole(cycle)}  # type: ignore[dict-item]
        super()._start_asgi_task(cycle, app)


class _Whole:
    """The one request of a cycle of uvicorn."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle

    def body(self) -> bytes | None:
        cycle = self._cycle
        return None if cycle.more_body or cycle.disconnected or cycle.waiting_for_100_continue else bytes(cycle.body)

    def answer(self, whole: bytes) -> bool:
        cycle = self._cycle
        usual = cycle.keep_alive and not cycle.disconnected and not cycle.flow.write_paused
        if not usual or cycle.default_headers or cycle.response_started or cycle.scope["method"] == "HEAD":
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.transport.write(whole)
        cycle.message_event.set()
        cycle.on_response()
        return True


class Server(uvicorn.Server):
    """uvicorn, which ends politely: live pages first, then everything else, then exit code 0."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Remember to stop. The signal is not raised again afterwards: a polite end cleans up and is a success."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        if isinstance(self.config.app, Starlette):
            end_streams(self.config.app)
        await super().shutdown(sockets)
