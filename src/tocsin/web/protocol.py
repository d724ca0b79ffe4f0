"""HTTP as uvicorn speaks it, where what is whole is handed over in one piece and no other protocol is ever spoken."""

import asyncio
import contextlib
import resource
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import httptools
import uvicorn
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.utils import is_ssl

from tocsin.web.one_piece import ONE_PIECE

KEEP_ALIVE = 30
"""Seconds for which a connection without a request is kept."""

HEAD_WITHIN = 30.0
"""Seconds in which the head of a request has to come whole; so long one who connects and asks nothing is waited for."""

HANDSHAKE_WITHIN = 10.0
"""Seconds for the handshake of TLS; until it is over a connection is a file and counts for nothing else."""

MOST_BESIDE = 64 * 1024
"""Bytes of a head, and of what stands around the pieces of a body; what a body itself may be says whoever reads it."""

_AROUND = 16
"""Bytes that may stand around each byte of a body that comes in pieces."""

_OF_AN_UPGRADE = frozenset({b"upgrade", b"http2-settings"})
"""The headers of a wish to speak another protocol; `connection` names them."""


_TOO_MUCH = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


MOST_CONNECTIONS = 4_000
"""So many connections are open at once, where there are files for them."""

_OTHER_FILES = 1_000
"""Files for everything else: a page that cannot open its connection is not sent."""


def served(app: Callable[..., Any], **more: Any) -> uvicorn.Config:  # noqa: ANN401  as uvicorn
    """Give how an application is served here: nothing of uvicorn is logged or told, and lines are kept for a while."""
    return uvicorn.Config(
        app,
        http=more.pop("http", Protocol),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        **more,
    )


@cache
def most_connections() -> int:
    """Let this process open the files that its connections need, and give how many of those may be open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _OTHER_FILES
    if soft < wanted:
        more = min(wanted, hard) if hard != resource.RLIM_INFINITY else wanted
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
            soft = more
    return min(MOST_CONNECTIONS, max(soft - _OTHER_FILES, soft // 2))


def without_upgrade(method: bytes, url: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Give the head of a request as it would have come without a wish for another protocol; names in lower case."""
    lines = [b"%b %b HTTP/%b" % (method, url, version.encode())]
    for name, value in headers:
        if name == b"connection":
            kept = [one.strip() for one in value.split(b",") if one.strip().lower() not in _OF_AN_UPGRADE]
            if kept:
                lines.append(b"connection: " + b", ".join(kept))
        elif name not in _OF_AN_UPGRADE:
            lines.append(b"%b: %b" % (name, value))
    return b"\r\n".join([*lines, b"", b""])


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP, where what is whole is handed over in one piece: it writes a head and a body apart otherwise.

    Who would rather speak another protocol is answered as if it had not said so. The parser takes the end of such a
    head for the end of HTTP and what follows it, the body, for nothing of its own: so a new one reads the same head
    without that wish, and then what follows.
    """

    _leaves = False
    _no_more_comes = False

    # Of the request that is being read: when its head began (None once it is whole), what came of it. Nobody else
    # counts that, and a head without an end would grow until the process is ended by the system.
    _waits_since: float | None = None
    _began = False
    _beside = _body = _piece = 0
    _waiting: asyncio.TimerHandle | None = None

    idle_since = 0.0
    """When something last came whole: the connection, a head, an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Wait for a request, not for ever."""
        super().connection_made(transport)
        self.idle_since = self.loop.time()
        self._wait_for_head()
        if len(self.connections) > most_connections():
            self._make_room()

    @property
    def idles(self) -> bool:
        """Give whether it waits for who opened it: nothing is asked, or not yet whole."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def _make_room(self) -> None:
        """End the tenth of all connections that wait for longest: whoever has something to say has said it by then."""
        waiting = [one for one in self.connections if isinstance(one, Protocol) and one is not self and one.idles]
        waiting.sort(key=lambda one: one.idle_since)
        for one in waiting[: max(1, len(self.connections) // 10)]:
            self.connections.discard(one)
            one.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        if self._waiting is not None:
            self._waiting.cancel()

    def _wait_for_head(self) -> None:
        self._waits_since = self.loop.time()
        if self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_WITHIN, self._look_at_head)

    def _look_at_head(self) -> None:
        """End a connection whose head did not come in time."""
        self._waiting = None
        if self._waits_since is None:
            return
        left = self._waits_since + HEAD_WITHIN - self.loop.time()
        if self.cycle is not None and not self.cycle.response_complete:
            left = HEAD_WITHIN  # the one before is still being answered
        if left > 0:
            self._waiting = self.loop.call_later(left, self._look_at_head)
        else:
            self.timeout_keep_alive_handler()

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        self._unset_keepalive_if_required()
        try:
            while data:
                data = self._read(data)
        except httptools.HttpParserError:
            wrong = "Invalid HTTP request received."
            self.logger.warning(wrong)
            self.send_400_response(wrong)

    def _read(self, data: bytes) -> bytes:
        """Read bytes up to a head that asks for another protocol, and that head; give what is behind it."""
        try:
            self._began, self._piece = False, 0
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            read, version = self.parser, self.parser.get_http_version()
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
            self.parser.feed_data(without_upgrade(read.get_method(), self.url, version, self.headers))
            return data[upgrade.args[0] :]
        self._count(len(data))
        return b""

    def _count(self, size: int) -> None:
        """Count what was read and belongs to no body. What came together with the end of another request does not."""
        if not self._began:
            self._beside += size - self._piece
        elif self._waits_since is not None:
            self._wait_for_head()  # its end is still to come
        if self._beside > MOST_BESIDE + _AROUND * self._body and not self.transport.is_closing():
            self.transport.write(_TOO_MUCH)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._began, self._beside, self._body = True, 0, 0
        self._waits_since = self.loop.time()
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Count what is for whoever reads the body."""
        self._piece += len(body)
        self._body += len(body)
        super().on_body(body)

    def on_headers_complete(self) -> None:
        """Begin to answer, unless it is read again. What follows a CONNECT is nobody's request: nothing is read on."""
        if self.parser.get_method() == b"CONNECT":
            raise httptools.HttpParserInvalidMethodError("CONNECT")
        self._waits_since = None
        self.idle_since = self.loop.time()
        if not self.parser.should_upgrade():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that a request came whole, unless it is read again."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def eof_received(self) -> bool | None:  # type: ignore[override]  # as asyncio
        """Let who says no more hear the answers to what came whole; TLS has no half of a connection.

        An answer of which nobody knows the length, once it began, is a page that is watched: who closes it looks the
        same from here, and is to be forgotten at once.
        """
        cycle = self.cycle
        if is_ssl(self.transport) or cycle is None or cycle.response_complete or cycle.chunked_encoding:
            return None
        if not cycle.more_body:
            cycle.keep_alive = False
        elif self.pipeline:
            self.pipeline.popleft()  # it never comes whole; those before it did
        else:
            return None
        self._no_more_comes = True
        return True

    def on_response_complete(self) -> None:
        """Go on with what was asked next, or end where nothing more comes."""
        self.idle_since = self.loop.time()
        last = self._no_more_comes and not self.pipeline
        super().on_response_complete()
        if last:
            self.timeout_keep_alive_handler()

    def leave(self) -> None:
        """Answer one more request, saying that it was the last: to hang up at once could cut off one on its way."""
        self._leaves = True
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if self._leaves:
            cycle.default_headers = [*cycle.default_headers, CLOSE_HEADER]
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
