"""What stands between a node and its database and lets it down: a line that is cut, or falls silent."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["", "cut at commit", "silent"]


class Line:
    """Carries bytes both ways. `cut at commit` passes the next COMMIT of a write on and hangs up, once.

    `silent` answers nothing.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._there = (parts.hostname, parts.port)
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.fault: Fault = ""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql://tocsin@127.0.0.1:{self._server.getsockname()[1]}{parts.path}"
        self._begin(self._accept)

    def _begin(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(self._there)
                self._ends += [client, server]
                hushed, answered = threading.Event(), threading.Event()
                self._begin(self._forth, client, server, hushed, answered)
                self._begin(self._back, server, client, hushed, answered)

    def _forth(
        self, client: socket.socket, server: socket.socket, hushed: threading.Event, answered: threading.Event
    ) -> None:
        writes = False
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                writes = b"READ COMMITTED" in data if b"BEGIN" in data else writes
                if self.fault == "cut at commit" and writes and b"COMMIT\0" in data:
                    self.fault = ""
                    hushed.set()
                    server.sendall(data)
                    answered.wait(60)  # PostgreSQL commits, and nobody hears of it
                    break
                server.sendall(data)
        _hang_up(client, server)

    def _back(
        self, server: socket.socket, client: socket.socket, hushed: threading.Event, answered: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if hushed.is_set():
                    answered.set()
                elif self.fault != "silent":
                    client.sendall(data)
        _hang_up(client, server)

    def end(self) -> None:
        """Hang up everything."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        _hang_up(*self._ends)
        for thread in self._threads:
            thread.join(5)
        for end in self._ends:
            end.close()


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def line_to(url: str) -> Iterator[Line]:
    """A line to a database, in order until told otherwise."""
    line = Line(url)
    try:
        yield line
    finally:
        line.end()
