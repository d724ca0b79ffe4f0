"""A body that is there whole, and an answer that is sent whole, where the server can: `web/protocol.py` does.

ASGI hands both over in pieces, each with a wait of its own, and head and body of an answer leave in two packets. For
most of what monitors send that costs more than storing it.
"""

from functools import cache
from http import HTTPStatus
from typing import Protocol

import msgspec
from starlette.types import Receive, Scope, Send

ONE_PIECE = "tocsin.one_piece"
"""The name of the extension."""


class OnePiece(Protocol):
    """What a server adds to a request."""

    def body(self) -> bytes | None:
        """Give the body, or None where it is not there whole, or nobody waits for an answer."""
        ...

    def answer(self, whole: bytes) -> bool:
        """Send an answer, head and body; False where that has to be done as usual."""
        ...


def whole_body(scope: Scope) -> bytes | None:
    """Give the body of a request that is there whole already, else None."""
    here: OnePiece | None = scope.get("extensions", {}).get(ONE_PIECE)
    return here.body() if here else None


class Answer:
    """A whole answer, in JSON unless nothing is said. `again`: what is refused now may be taken in a second."""

    __slots__ = ("_again", "body", "status_code")

    def __init__(self, status_code: int, *said: object, again: bool = False) -> None:
        """Take the status, and what is said if anything is."""
        self.status_code, self.body, self._again = status_code, msgspec.json.encode(said[0]) if said else b"", again

    def whole(self, *, last: bool = False) -> bytes:
        """Give it as it is sent, head and body; `last` says that the connection ends with it."""
        end = b"\r\nconnection: close" if last else b""
        head = _head(self.status_code, bool(self.body), self._again)
        return b"%b%d%b\r\n\r\n%b" % (head, len(self.body), end, self.body)

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send it."""
        here: OnePiece | None = scope.get("extensions", {}).get(ONE_PIECE)
        if here and here.answer(self.whole()):
            return
        headers = [*_headers(bool(self.body), self._again), (b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def _headers(has_body: bool, again: bool) -> list[tuple[bytes, bytes]]:
    kind = [(b"content-type", b"application/json")] if has_body else []
    return [*kind, *([(b"retry-after", b"1")] if again else [])]


@cache
def _head(status: int, has_body: bool, again: bool) -> bytes:
    lines = [b"HTTP/1.1 %d %b" % (status, HTTPStatus(status).phrase.encode())]
    lines += [b"%b: %b" % header for header in _headers(has_body, again)]
    return b"\r\n".join([*lines, b"content-length: "])
