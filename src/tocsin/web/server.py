"""The HTTP server, which knows that live pages never hang up by themselves."""

import socket

import uvicorn
from starlette.applications import Starlette

from tocsin.web.events import end_streams


class Server(uvicorn.Server):
    """uvicorn, ending the streams of live pages first when it stops: it would wait for them otherwise."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        if isinstance(self.config.app, Starlette):
            end_streams(self.config.app)
        await super().shutdown(sockets)
