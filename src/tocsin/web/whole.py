"""Requests that came whole: read at once, where they are usual in every way.

A body that is still coming, a request behind another one, a protocol of before are left to who reads everything.
"""

import httptools
from starlette.datastructures import Headers

from tocsin.web.doors import Sent
from tocsin.web.gate import ENCODING

_ODD = frozenset({b"transfer-encoding", b"expect", b"upgrade", ENCODING})


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
