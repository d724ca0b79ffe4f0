"""How tests look: a probe made as the configuration asks for it, and a server that answers as it is told to."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta

from tocsin.configuration_file import settings_of
from tocsin.detection.reading import Reading
from tocsin.probes.probe import Probe
from tocsin.probes.table import Parts, build
from tocsin.settings import ProbeSettings, Secret

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRET = "hunter2-T0KEN"
PASSWORD = "hunter2-of-the-database"


def configured(text: str, within: float = 60.0) -> ProbeSettings:
    """The probe that a table of the configuration describes, with a time of its own for tests."""
    (found,) = settings_of(f"[probes.p]\n{text}").probes.values()
    return ProbeSettings(id="p", kind=found.kind, options=found.options, timeout=timedelta(seconds=within))


def parts(*, outside: bool = False, secret: str = SECRET) -> Parts:
    """What probes share, with one secret for everybody who asks for one."""

    def told(_: Secret) -> str:
        return secret

    return Parts(told, outside=outside)


@asynccontextmanager
async def probe(
    text: str, *, within: float = 60.0, outside: bool = False, secret: str = SECRET
) -> AsyncIterator[Probe]:
    """A probe, closed at the end together with what it shares."""
    shared = parts(outside=outside, secret=secret)
    try:
        found = build(configured(text, within), shared)
        try:
            yield found
        finally:
            await found.close()
    finally:
        await shared.close()


async def look(text: str, *, within: float = 60.0, outside: bool = False, secret: str = SECRET) -> Reading:
    """What one look sees."""
    async with probe(text, within=within, outside=outside, secret=secret) as looking:
        reading = await looking.look(NOW)
    assert reading.at == NOW
    return reading


@contextmanager
def nobody() -> Iterator[int]:
    """A port of 127.0.0.1 at which nobody listens, held so that nobody begins to."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


class Service:
    """A server that speaks as it is told to, byte for byte: `say` by the path that is asked, else `say[""]`."""

    def __init__(self) -> None:
        self.say: dict[str, bytes] = {"": answer(b'{"status":"ok"}')}
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.hang: set[str] = set()
        self.endless: set[str] = set()
        self.delay = 0.0
        self.sessions: set[asyncio.Task[None]] = set()
        self.port = 0
        self.scheme = "http"
        self.path = "/"

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.sessions.add(task)
        task.add_done_callback(self.sessions.discard)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                await self._speak(reader, writer)
        finally:
            writer.close()

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, _ = head.split(" ", 2)
        lengths = [line.partition(":")[2] for line in head.lower().split("\r\n") if line.startswith("content-length:")]
        self.asked.append(f"{method} {path}")
        self.heads.append(head)
        self.bodies.append(await reader.readexactly(int(lengths[0])) if lengths else b"")
        await asyncio.sleep(self.delay)
        writer.write(self.say.get(path, self.say[""]))
        await writer.drain()
        while path in self.endless:
            writer.write(b"x" * 65_536)
            await writer.drain()
        if path in self.hang:
            await reader.read()


def answer(body: bytes = b"", status: int = 200, headers: str = "", length: int | None = None) -> bytes:
    """The bytes of an answer; `length` is what it claims."""
    head = f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(body) if length is None else length}\r\n\r\n"
    return head.encode() + body


@asynccontextmanager
async def service(tls: ssl.SSLContext | None = None) -> AsyncIterator[Service]:
    """A service on a free port, with a certificate of its own when there is `tls`."""
    found = Service()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    found.scheme = "https" if tls else "http"
    async with server:
        try:
            yield found
        finally:
            for session in found.sessions:
                session.cancel()
            await asyncio.gather(*found.sessions, return_exceptions=True)
