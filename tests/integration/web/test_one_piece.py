"""What comes whole is read at once and answered with one write; what does not is read and answered as it always was."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from integration.web.wire import Wire
from tocsin.errors import TocsinError
from tocsin.web.gate import Gate, TooSlow
from tocsin.web.one_piece import Answer
from tocsin.web.protocol import Protocol

ANSWER = b'HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"bytes":2}'
AT_ONCE = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


class Line:
    """A connection to a server that counts the bytes of bodies."""

    def __init__(self) -> None:
        self.wire, self.gate, self.state = Wire(), Gate(), ServerState()
        self.errors: list[TocsinError] = []
        off: dict[str, Any] = dict.fromkeys(("access_log", "server_header", "date_header"), False)
        config = uvicorn.Config(self._app, log_config=None, lifespan="off", interface="asgi3", **off)
        config.load()
        self.protocol = Protocol(config, self.state, {})
        self.protocol.connection_made(self.wire)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self.gate.place() as place:
                body = await place.read(scope, receive)
            await Answer(202, {"bytes": len(body)})(scope, receive, send)
        except TocsinError as error:
            self.errors.append(error)
            raise

    async def done(self) -> list[bytes]:
        """Give what was written once nothing is under way."""
        while self.state.tasks:
            await asyncio.gather(*self.state.tasks, return_exceptions=True)
        assert (self.gate.requests, self.gate.bytes) == (0, 0)
        return self.wire.writes


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    made = Line()
    yield made
    made.protocol.connection_lost(None)


async def test_what_comes_whole_is_answered_with_one_write(line: Line) -> None:
    for _ in range(2):
        line.protocol.data_received(AT_ONCE)
        await line.done()
    assert line.wire.writes == [ANSWER, ANSWER]
    assert not line.wire.closed


async def test_a_body_that_comes_in_pieces_is_read_whole(line: Line) -> None:
    line.protocol.data_received(AT_ONCE[:-1])
    await asyncio.sleep(0)
    line.protocol.data_received(AT_ONCE[-1:])
    assert await line.done() == [ANSWER]


async def test_requests_that_come_together_are_answered_in_their_order(line: Line) -> None:
    longer = AT_ONCE.replace(b"Length: 2", b"Length: 3") + b" "
    line.protocol.data_received(longer + AT_ONCE)
    assert await line.done() == [ANSWER.replace(b":2}", b":3}"), ANSWER]


async def test_who_asks_before_it_sends_is_told_to_go_on(line: Line) -> None:
    line.protocol.data_received(AT_ONCE[:-2].replace(b"Host", b"Expect: 100-continue\r\nHost"))
    for _ in range(5):
        await asyncio.sleep(0)
    line.protocol.data_received(b"{}")
    assert await line.done() == [b"HTTP/1.1 100 Continue\r\n\r\n", ANSWER]


async def test_who_wants_the_connection_closed_gets_the_same_answer_and_that(line: Line) -> None:
    line.protocol.data_received(AT_ONCE.replace(b"Host", b"Connection: close\r\nHost"))
    head, body = await line.done()
    assert sorted(head.split(b"\r\n")) == sorted([*ANSWER[:-11].split(b"\r\n"), b"connection: close"])
    assert (body, line.wire.closed) == (ANSWER[-11:], True)


@pytest.mark.parametrize("sent", [AT_ONCE, AT_ONCE[:-1]], ids=["whole", "in part"])
async def test_nothing_is_written_to_who_is_gone(line: Line, sent: bytes) -> None:
    line.protocol.data_received(sent)
    line.protocol.connection_lost(None)
    assert await line.done() == []
    assert [type(error) for error in line.errors] == [TooSlow]


async def test_a_slow_reader_is_waited_for(line: Line) -> None:
    line.protocol.pause_writing()
    line.protocol.data_received(AT_ONCE)
    for _ in range(5):
        await asyncio.sleep(0)
    assert line.wire.writes == []
    line.protocol.resume_writing()
    assert b"".join(await line.done()) == ANSWER


async def test_a_body_that_is_too_large_is_refused_before_it_is_there(line: Line) -> None:
    whole = b"x" * 600_000
    line.protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 600000\r\n\r\n" + whole)
    assert b"".join(await line.done()).startswith(b"HTTP/1.1 500")
    assert [type(error).__name__ for error in line.errors] == ["TooLarge"]
