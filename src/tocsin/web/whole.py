"""Requests that came whole, answered without ASGI.

For a delivery ASGI makes a task, an event, a timer, a dictionary and a few objects in circles, which costs more than to
read it and to write the answer. What is not usual in any way (a body that is still coming, a request behind another
one, a protocol of before) is left to who reads everything.
"""

import asyncio
from typing import Any

import httptools
from starlette.datastructures import Headers

from tocsin.web.doors import Sent
from tocsin.web.one_piece import Answer
from tocsin.web.protocol import KEEP_ALIVE, Protocol

_ODD = frozenset({b"transfer-encoding", b"expect", b"upgrade"})


class Requests:
    """Reads requests that came whole. One does for all connections: nothing is left in it between two of them."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._renew()

    def read(self, data: bytes) -> Sent | None:
        """Give the one usual request that these bytes are, no more and no less; None for everything else."""
        self._url, self._body, self._headers = b"", b"", list[tuple[bytes, bytes]]()
        self._begun, self._ended, self._usual = 0, 0, True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._usual = False
        if not self._usual or (self._begun, self._ended) != (1, 1):
            self._renew()
            return None
        return Sent(Headers(raw=self._headers), self._url.partition(b"?")[2], self._body)

    def _renew(self) -> None:
        self._parser = httptools.HttpRequestParser(self)

    # -- called by the parser

    def on_message_begin(self) -> None:
        """Count what begins."""
        self._begun += 1

    def on_url(self, url: bytes) -> None:
        """Keep what is asked for."""
        self._url += url
        self._usual &= b"#" not in url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        name = name.lower()
        if name in _ODD:
            self._usual = False
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """See whether more may follow on this connection."""
        parser = self._parser
        if parser.get_http_version() != "1.1" or not parser.should_keep_alive():
            self._usual = False

    def on_body(self, body: bytes) -> None:
        """Keep the body."""
        self._body = self._body + body if self._body else body

    def on_message_complete(self) -> None:
        """Count what ends."""
        self._ended += 1


class Straight(Protocol):
    """A connection on which requests that came whole can be answered without ASGI: one is begun, and later answered."""

    def __init__(self, **more: Any) -> None:  # noqa: ANN401  as uvicorn
        """Begin with nothing asked."""
        super().__init__(**more)
        self._asked = False
        self._held = b""
        self._rests_since = 0.0
        self._looking: asyncio.TimerHandle | None = None

    @property
    def _can_begin(self) -> bool:
        """Give whether an answer could be written at once."""
        return not (self._leaves or self.flow.write_paused or self.server_state.default_headers)

    def _begin_straight(self) -> None:
        """Note that a request is to be answered; what is sent behind it waits."""
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        self._asked = True

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
        self._rests_since = self.loop.time()
        if self._looking is None:
            self._looking = self.loop.call_later(KEEP_ALIVE, self._look)

    def _look(self) -> None:
        """End a connection that rested long enough."""
        self._looking = None
        left = self._rests_since + KEEP_ALIVE - self.loop.time()
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

    def shutdown(self) -> None:
        """Begin to end, after the answer where one is due."""
        if self._asked:
            self._leaves = True
        else:
            super().shutdown()
