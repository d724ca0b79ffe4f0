"""What comes whole is read at once and answered with one write; what does not is read and answered as it always was."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from integration.web.wire import Wire
from tocsin.errors import TocsinError
from tocsin.web import protocol
from tocsin.web.gate import Gate, TooSlow
from tocsin.web.one_piece import Answer
from tocsin.web.protocol import Protocol

PATIENCE = 10.0
ANSWER = b'HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"bytes":2}'
AT_ONCE = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


class Line:
    """A connection to a server that counts the bytes of bodies."""

    def __init__(self) -> None:
        self.wire, self.gate, self.state = Wire(), Gate(), ServerState()
        self.errors: list[TocsinError] = []
        self.watched = False
        off: dict[str, Any] = dict.fromkeys(("access_log", "server_header", "date_header"), False)
        config = uvicorn.Config(self._app, log_config=None, lifespan="off", interface="asgi3", **off)
        config.load()
        self.protocol = Protocol(config, self.state, {})
        self.protocol.connection_made(self.wire)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.watched:
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"changed", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        try:
            with self.gate.place() as place:
                body = await place.read(scope, receive)
            await Answer(202, {"bytes": len(body)})(scope, receive, send)
        except TocsinError as error:
            self.errors.append(error)
            raise

    async def done(self) -> list[bytes]:
        """Give what was written once nothing is under way."""
        async with asyncio.timeout(PATIENCE):
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


@pytest.mark.parametrize("begun", [b"POST / HTTP/1.1\r\nX: ", AT_ONCE + b"POST / HTTP/1.1\r\nX: "])
async def test_a_head_without_an_end_is_refused_before_it_fills_the_memory(line: Line, begun: bytes) -> None:
    line.protocol.data_received(begun)
    await line.done()
    pieces = 0
    while not line.wire.closed:
        line.protocol.data_received(b"x" * 16 * 1024)
        pieces += 1
        assert pieces < 10
    assert line.wire.written.removeprefix(ANSWER).startswith(b"HTTP/1.1 431 ")


async def test_what_stands_around_the_pieces_of_a_body_is_bounded_too(line: Line) -> None:
    chunked = AT_ONCE.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked").removesuffix(b"{}")
    line.protocol.data_received(chunked)
    for _ in range(20_000):  # more around them than in a head, as a body may come byte by byte
        line.protocol.data_received(b"1\r\nx\r\n")
    line.protocol.data_received(b"0\r\nX: ")
    assert not line.wire.closed
    for _ in range(100):
        if not line.wire.closed:
            line.protocol.data_received(b"x" * 16 * 1024)
    assert line.wire.written.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "sent", [b"", b"POST / HT", AT_ONCE + b"POST / HT"], ids=["nothing", "a part", "one and a part"]
)
async def test_who_connects_and_does_not_ask_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.01)
    line = Line()
    if sent:
        line.protocol.data_received(sent)
    async with asyncio.timeout(PATIENCE):
        while not line.wire.closed:  # noqa: ASYNC110  a transport tells nobody that it was closed
            await asyncio.sleep(0.005)
    assert line.wire.written in {b"", ANSWER}
    line.protocol.connection_lost(None)


async def test_who_asked_may_send_its_body_and_its_next_request_when_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.01)
    line = Line()
    line.protocol.data_received(AT_ONCE[:-1])
    await asyncio.sleep(0.05)
    line.protocol.data_received(AT_ONCE[-1:])
    assert await line.done() == [ANSWER]
    await asyncio.sleep(0.05)
    line.protocol.data_received(AT_ONCE)
    assert await line.done() == [ANSWER, ANSWER]
    assert not line.wire.closed
    line.protocol.connection_lost(None)


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


def wishing(request: bytes, wish: bytes = b"h2c", connection: bytes = b"Upgrade, HTTP2-Settings") -> bytes:
    """Give a request that would rather be one of another protocol."""
    wishes = b"\r\nConnection: %b\r\nUpgrade: %b\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n" % (connection, wish)
    return request.replace(b"\r\n", wishes, 1)


def posted(body: bytes, head: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n3\r\nabc\r\n0\r\n\r\n"
NO_BODY = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LIKE_A_REQUEST = posted(posted(b"not one"))
LAST = posted(b"{}", b"Connection: close\r\n")
OF_BEFORE = posted(b"1", b"Connection: keep-alive\r\n").replace(b"HTTP/1.1", b"HTTP/1.0")
WISHING: dict[str, tuple[bytes, bytes, int]] = {
    "a body": (wishing(AT_ONCE), AT_ONCE, 1),
    "no body": (wishing(NO_BODY), NO_BODY, 1),
    "an empty body": (wishing(posted(b"")), posted(b""), 1),
    "chunks": (wishing(CHUNKED), CHUNKED, 1),
    "a body like a request": (wishing(LIKE_A_REQUEST), LIKE_A_REQUEST, 1),
    "another protocol": (wishing(AT_ONCE, b"websocket", b"upgrade"), AT_ONCE, 1),
    "the first of two": (wishing(AT_ONCE) + posted(b"123"), AT_ONCE + posted(b"123"), 2),
    "the second of two": (NO_BODY + wishing(AT_ONCE), NO_BODY + AT_ONCE, 2),
    "three of three": (wishing(AT_ONCE) + wishing(NO_BODY) + wishing(CHUNKED), AT_ONCE + NO_BODY + CHUNKED, 3),
    "the last on its line": (wishing(AT_ONCE, connection=b"close, Upgrade"), LAST, 1),
    "of before": (wishing(OF_BEFORE, connection=b"Upgrade"), OF_BEFORE, 1),
}
"""What is sent, the same without the wish, and how many requests it is."""


async def answers(line: Line, *pieces: bytes) -> tuple[bytes, bool]:
    """Give all that is answered to what comes in these pieces, and whether the line was closed."""
    for piece in pieces:
        if not line.wire.closed:
            line.protocol.data_received(piece)
            for _ in range(3):
                await asyncio.sleep(0)
    return b"".join(await line.done()), line.wire.closed


@pytest.mark.parametrize(("wish", "plain", "count"), WISHING.values(), ids=WISHING)
async def test_who_would_rather_speak_another_protocol_is_answered_as_if_it_had_not_said_so(
    wish: bytes, plain: bytes, count: int
) -> None:
    expected, lines = await answers(Line(), plain), list[Line]()
    assert expected[0].count(b"HTTP/1.1 202") == count
    ways = [[wish], [bytes([one]) for one in wish], *([wish[:cut], wish[cut:]] for cut in range(1, len(wish)))]
    for pieces in ways:
        lines.append(Line())
        assert await answers(lines[-1], *pieces) == expected
    for line in lines:
        line.protocol.connection_lost(None)


async def test_what_is_asked_with_such_a_wish_is_told_without_it(line: Line) -> None:
    line.protocol.data_received(wishing(AT_ONCE, connection=b"TE, Upgrade , HTTP2-Settings"))
    assert line.protocol.scope["headers"] == [(b"connection", b"TE"), (b"host", b"x"), (b"content-length", b"2")]


@pytest.mark.parametrize("where", [b"h:443", b"/", b"http://h/"])
async def test_a_tunnel_is_refused_and_what_follows_is_read_by_nobody(line: Line, where: bytes) -> None:
    told, closed = await answers(line, wishing(b"CONNECT %b HTTP/1.1\r\nHost: x\r\n\r\n" % where) + AT_ONCE)
    assert (told.count(b"HTTP/1.1"), told.split(b"\r\n")[0], closed) == (1, b"HTTP/1.1 400 Bad Request", True)


@pytest.mark.parametrize(
    ("sent", "lengths"),
    [
        ([AT_ONCE], [2]),
        ([AT_ONCE, posted(b"123"), posted(b"1234")], [2, 3, 4]),
        ([AT_ONCE, posted(b"123")[:-1]], [2]),
        ([AT_ONCE, b"POST / HT"], [2]),
        ([wishing(AT_ONCE)], [2]),
    ],
    ids=["one", "three", "one and a part of another", "one and a part of a head", "one with a wish"],
)
async def test_who_says_no_more_hears_what_it_asked_whole_and_the_end(
    line: Line, sent: list[bytes], lengths: list[int]
) -> None:
    line.protocol.data_received(b"".join(sent))
    assert line.protocol.eof_received()
    assert not line.wire.closed
    told = b"".join(await line.done())
    assert [int(one) for one in re.findall(rb'{"bytes":(\d+)}', told)] == lengths
    assert told.count(b"HTTP/1.1") == len(lengths)
    assert line.wire.closed


@pytest.mark.parametrize("sent", [b"", AT_ONCE[:30], AT_ONCE[:-1]], ids=["nothing", "half a head", "half a body"])
async def test_who_says_no_more_and_asked_nothing_whole_is_let_go(line: Line, sent: bytes) -> None:
    if sent:
        line.protocol.data_received(sent)
    assert not line.protocol.eof_received()
    line.protocol.connection_lost(None)
    assert await line.done() == []


async def test_who_says_no_more_after_its_answer_is_let_go(line: Line) -> None:
    line.protocol.data_received(AT_ONCE)
    await line.done()
    assert not line.protocol.eof_received()


async def test_who_leaves_a_page_that_is_watched_is_let_go(line: Line) -> None:
    line.watched = True
    line.protocol.data_received(NO_BODY)
    while not line.wire.writes:  # noqa: ASYNC110  only asking tells
        await asyncio.sleep(0)
    assert not line.protocol.eof_received()


async def test_tls_has_no_half_of_a_connection(line: Line) -> None:
    line.wire.about["sslcontext"] = object()
    line.protocol.data_received(AT_ONCE)
    assert not line.protocol.eof_received()
