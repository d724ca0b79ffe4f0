"""A body that is there whole, and an answer that is sent whole, where the server can: `web/protocol.py` does.

ASGI hands both over in pieces, each with a wait of its own, and head and body of an answer leave in two packets. For
most of what monitors send that costs more than storing it.
"""

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
    """A whole answer, in JSON unless nothing is said."""

    __slots__ = ("body", "status_code")

    def __init__(self, status_code: int, *said: object) -> None:
        """Take the status, and what is said if anything is."""
        self.status_code, self.body = status_code, msgspec.json.encode(said[0]) if said else b""

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send it."""
        length = b"%d" % len(self.body)
        here: OnePiece | None = scope.get("extensions", {}).get(ONE_PIECE)
        if here and here.answer(b"%b%b\r\n\r\n%b" % (_HEADS[self.status_code, bool(self.body)], length, self.body)):
            return
        kind = [(b"content-type", b"application/json")] if self.body else []
        headers = [*kind, (b"content-length", length)]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def _head(status: int, *, has_body: bool) -> bytes:
    kind = "content-type: application/json\r\n" if has_body else ""
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{kind}content-length: ".encode()


_HEADS = {(status, has_body): _head(status, has_body=has_body) for status in (200, 202) for has_body in (True, False)}
