"""The HTTP server, which knows that live pages never hang up by themselves."""

import socket
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from tocsin.web.events import end_streams


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
