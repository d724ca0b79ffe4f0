"""One exchange over HTTP as probes mean it: what is asked, what came, and who asks. Nothing of this speaks HTTP."""

import ssl
import time
import zlib
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol

import msgspec
from yarl import URL

from tocsin.probes.trouble import NoAnswer

LARGEST = 1024 * 1024
_PACKED = {"gzip": 47, "x-gzip": 47, "deflate": 47}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One request. Redirects are followed `follow` times; more than `largest` bytes are not read.

    `outside`: the address was given by somebody else than whoever runs this server, so it must be public, and no
    `proxy` is asked, which would look the name up by itself and could be led inside.
    """

    url: URL
    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    follow: int = 0
    largest: int = LARGEST
    tls: ssl.SSLContext | None = None
    proxy: str | None = None
    outside: bool = False


class Answer(NamedTuple):
    """What came: `body` whole or, when it was too long, its beginning. Times in seconds; `tls` None without TLS.

    `certificate` is the instant at which the certificate ends, in seconds since 1970; None without TLS.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    seconds: float
    connect: float
    tls: float | None
    certificate: float | None


class Asks(Protocol):
    """Who asks; `web.Web` does."""

    async def ask(self, wanted: Wanted, within: float) -> Answer:
        """Give the answer, whatever it says. Raises NoAnswer, LookFailed."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


class Notes:
    """What is noted on the way of one exchange."""

    __slots__ = ("began", "certificate", "connected", "doing", "handshake")

    def __init__(self) -> None:
        self.began = self.connected = time.perf_counter()
        self.handshake: float | None = None
        self.certificate: float | None = None
        self.doing = "connect"


NOTES: ContextVar[Notes] = ContextVar("notes")


class Tls(ssl.SSLContext):
    """What certificates are believed, and a note of when a handshake begins."""

    def wrap_bio(self, *given: Any, **named: Any) -> ssl.SSLObject:  # noqa: ANN401  as the library takes it
        """Begin a handshake."""
        notes = NOTES.get(None)
        if notes is not None:
            notes.handshake = time.perf_counter()
        return super().wrap_bio(*given, **named)


def believing(file: str | None = None) -> Tls:
    """Give what certificates are believed: those of the authorities in a file of PEM, else those the system believes.

    Raises OSError (ssl.SSLError is one) for a file that cannot be read.
    """
    found = Tls(ssl.PROTOCOL_TLS_CLIENT)
    found.set_alpn_protocols(("http/1.1",))
    if file is None:
        found.load_default_certs()
    else:
        found.load_verify_locations(file)
    return found


def opened(answer: Answer, largest: int) -> tuple[bytes, bool]:
    """Give the body as it was meant, at most so much of it, and whether that is all. Raises NoAnswer."""
    packing = answer.headers.get("content-encoding", "identity").strip().lower()
    if packing == "identity":
        return answer.body[:largest], answer.whole and len(answer.body) <= largest
    if packing not in _PACKED:
        raise NoAnswer("its answer is packed, though it was asked for plain")
    try:
        # However small it arrives, no more of it is opened than is read.
        body = zlib.decompressobj(_PACKED[packing]).decompress(answer.body, largest + 1)
    except zlib.error as broken:
        raise NoAnswer(f"its answer says it is {packing} and is not") from broken
    return body[:largest], answer.whole and len(body) <= largest


def unpacked(answer: Answer, largest: int) -> bytes:
    """Give the whole body as it was meant. Raises NoAnswer when it is longer than may be read, packed or not."""
    body, whole = opened(answer, largest)
    if not whole:
        raise NoAnswer(f"its answer is longer than {largest} bytes, and no more is read")
    return body
