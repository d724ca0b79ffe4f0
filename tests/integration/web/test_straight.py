"""A server of one process takes deliveries that came whole without ASGI, among everything else on a connection."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from integration.servers import EXAMPLE
from tocsin.assembly import Options, Tocsin, assemble
from tocsin.errors import StoreUnavailable, TocsinError
from tocsin.store import transactions as t
from tocsin.web import protocol
from tocsin.web.app import application
from tocsin.web.protocol import served
from tocsin.web.server import Server, bind
from tocsin.web.straight import Direct

KEY = "k" * 32
TEAM = """
[sources.monitor]
key = { env = "MONITOR_KEY" }
"""
PATIENCE = 20.0
HEALTH = b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n"


class Serving:
    """A server in this process."""

    def __init__(self, tocsin: Tocsin, server: Server, port: int) -> None:
        self.tocsin, self.server, self.port = tocsin, server, port
        self.straight = list[bytes]()
        self.lines = list[Line]()

    async def line(self) -> "Line":
        self.lines.append(Line(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.lines[-1]

    def waits(self, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
        """Let nothing be stored before what is given is set."""
        go, write = asyncio.Event(), self.tocsin.store.write

        async def late(transaction: t.Transaction[Any]) -> Any:
            await go.wait()
            return await write(transaction)

        monkeypatch.setattr(self.tocsin.engine.intake._store, "write", late)
        return go


class Line:
    """A connection to it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def answer(self) -> tuple[int, bytes, bytes]:
        """Give the status, the head and the body of the next answer."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            return int(head.split()[1]), head.lower(), await self.reader.readexactly(length)


@asynccontextmanager
async def serving(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Serving]:
    monkeypatch.setenv("MONITOR_KEY", KEY)
    (folder / "tocsin.toml").write_text(TEAM)
    bound = bind("127.0.0.1", 0)
    port = bound.getsockname()[1]
    tocsin = await assemble(Options(EXAMPLE, folder / "tocsin.toml", folder / "data", f"http://127.0.0.1:{port}"))
    server = Server(served(application(tocsin), timeout_graceful_shutdown=5), bound)
    one = Serving(tocsin, server, port)
    taken = Direct._takes

    def takes(line: Direct, door: bytes, data: bytes) -> bool:
        if not taken(line, door, data):
            return False
        one.straight.append(data)
        return True

    monkeypatch.setattr(Direct, "_takes", takes)
    running = asyncio.create_task(server.serve([]))
    try:
        async with asyncio.timeout(PATIENCE):
            while not server.started:  # noqa: ASYNC110  only asking tells
                await asyncio.sleep(0.02)
        yield one
    finally:
        for line in one.lines:
            line.writer.close()
            await line.writer.wait_closed()
        server.should_exit = True
        await running


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Serving]:
    async with serving(tmp_path, monkeypatch) as one:
        yield one


def event(name: str, **changes: str) -> bytes:
    payload = {"summary": f"Down {name}", "source": "unit", "severity": "critical"}
    said = {"routing_key": KEY, "event_action": "trigger", "dedup_key": name, "payload": payload, **changes}
    body = json.dumps(said).encode()
    return b"POST /v2/enqueue HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def test_deliveries_and_everything_else_share_a_connection_in_their_order(server: Serving) -> None:
    line = await server.line()
    for request, status in ((event("a"), 202), (HEALTH, 200), (event("b"), 202), (event("c", routing_key="0"), 400)):
        line.writer.write(request)
        assert (await line.answer())[0] == status
    line.writer.write(event("d")[:40])
    await asyncio.sleep(0.05)
    line.writer.write(event("d")[40:] + HEALTH)
    line.writer.write(event("e") + event("f"))
    statuses = [await line.answer() for _ in range(4)]
    assert [status for status, _, _ in statuses] == [202, 200, 202, 202]
    assert [json.loads(body).get("dedup_key") for _, _, body in statuses] == ["d", None, "e", "f"]
    assert server.straight == [event("a"), event("b")], "only what came whole, alone and right"


async def test_what_is_sent_behind_a_delivery_waits_for_its_answer(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, go = await server.line(), server.waits(monkeypatch)
    line.writer.write(event("a"))
    await asyncio.sleep(0.05)
    line.writer.write(HEALTH)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(line.reader.read(1), 0.2)
    go.set()
    assert [(await line.answer())[0] for _ in range(2)] == [202, 200]


async def test_what_cannot_be_stored_is_told_as_ever_and_counted(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(transaction: t.Transaction[Any]) -> Any:
        transaction.close()
        raise StoreUnavailable("the disk is full")

    line = await server.line()
    with monkeypatch.context() as patch:
        patch.setattr(server.tocsin.engine.intake._store, "write", full)
        line.writer.write(event("a"))
        status, head, _ = await line.answer()
    assert (status, b"retry-after" in head) == (503, True)
    assert server.straight == [event("a")]
    app: Any = server.server.config.app
    assert sum(app.state.refusals.counts.values()) == 1
    assert (app.state.gate.requests, app.state.gate.bytes) == (0, 0)
    line.writer.write(event("a"))
    assert (await line.answer())[0] == 202


JAVA = (
    b"Connection: Upgrade, HTTP2-Settings\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
    b"Upgrade: h2c\r\n"
)
"""How the HttpClient of Java begins what it asks over plain HTTP."""


async def test_a_delivery_that_would_rather_be_http_2_is_taken_with_its_body(server: Serving) -> None:
    line = await server.line()
    smuggled = event("wished", client=event("smuggled").decode())
    for request, status in ((smuggled, 202), (HEALTH, 200), (event("behind"), 202)):
        line.writer.write(request.replace(b"Host", JAVA + b"Host", 1))
        assert (await line.answer())[0] == status
    known = [(await server.tocsin.store.read(t.load_group(f"monitor/{key}"))).alert for key in ("wished", "smuggled")]
    assert [one is not None for one in known] == [True, False], "a body is never a request"


@pytest.mark.parametrize("sent", [[event("a")], [event("a"), event("b")], [event("a")[:40], event("a")[40:]]])
async def test_who_says_no_more_hears_that_its_deliveries_are_stored(
    server: Serving, monkeypatch: pytest.MonkeyPatch, sent: list[bytes]
) -> None:
    line, go = await server.line(), server.waits(monkeypatch)
    for piece in sent:
        line.writer.write(piece)
        await asyncio.sleep(0.05)
    line.writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
    await asyncio.sleep(0.1)
    go.set()
    told = [await line.answer() for _ in range(b"".join(sent).count(b"POST"))]
    assert {status for status, _, _ in told} == {202}
    assert b"connection: close" in told[-1][1]
    assert await asyncio.wait_for(line.reader.read(), PATIENCE) == b""


async def test_a_line_on_which_nothing_is_asked_ends_with_who_opened_it(server: Serving) -> None:
    line = await server.line()
    line.writer.write(event("a"))
    assert (await line.answer())[0] == 202
    line.writer.write_eof()
    assert await asyncio.wait_for(line.reader.read(), PATIENCE) == b""
    assert not server.server.server_state.connections


@pytest.mark.parametrize("error", [TocsinError("nobody knows it"), TypeError("a mistake of ours")])
async def test_a_mistake_of_ours_is_answered_as_one_to_everybody_it_met(
    server: Serving, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def wrong(transaction: t.Transaction[Any]) -> Any:
        transaction.close()
        raise error

    lines = [await server.line() for _ in range(5)]
    with monkeypatch.context() as patch:
        patch.setattr(server.tocsin.engine.intake._store, "write", wrong)
        for number, line in enumerate(lines):
            line.writer.write(event(f"{number}"))
        told = [await line.answer() for line in lines]
    assert [(status, json.loads(body)["error"].split(";")[0]) for status, _, body in told] == [
        (500, "Tocsin made a mistake")
    ] * 5
    app: Any = server.server.config.app
    assert (app.state.gate.requests, app.state.gate.bytes) == (0, 0)
    assert len(server.straight) == 5
    for line in lines:
        line.writer.write(event("a"))
        assert (await line.answer())[0] == 202


async def test_a_server_that_ends_answers_first_what_it_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(tmp_path, monkeypatch) as server:
        line, write = await server.line(), server.tocsin.store.write

        async def slow(transaction: t.Transaction[Any]) -> Any:
            server.server.should_exit = True
            await asyncio.sleep(0.5)
            return await write(transaction)

        monkeypatch.setattr(server.tocsin.engine.intake._store, "write", slow)
        line.writer.write(event("a"))
        status, head, _ = await line.answer()
        assert (status, b"connection: close" in head) == (202, True)
        assert await asyncio.wait_for(line.reader.read(), PATIENCE) == b""


async def test_who_waits_for_longest_makes_room_for_whoever_comes(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections that ask nothing, or never all of it, keep nobody out; who is being answered stays."""
    monkeypatch.setattr(protocol, "most_connections", lambda: 8)
    go = server.waits(monkeypatch)
    asking = await server.line()
    asking.writer.write(event("a"))
    rested = await server.line()
    rested.writer.write(HEALTH)
    await rested.answer()
    beginnings = (
        b"",
        b"GET /he",
        event("b")[:-9],
        b"POST /status/report HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n",
    )
    for begun in (*beginnings, *beginnings, *beginnings):
        (await server.line()).writer.write(begun)
    last = await server.line()
    last.writer.write(HEALTH)
    assert (await last.answer())[0] == 200
    async with asyncio.timeout(PATIENCE):
        assert b"200 OK" not in await rested.reader.read()
        assert await server.lines[2].reader.read() == b""
    assert len(server.server.server_state.connections) <= 8
    go.set()
    assert (await asking.answer())[0] == 202
