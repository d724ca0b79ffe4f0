"""A delivery that came whole is read and answered at once; whatever is odd is left to who reads everything."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from integration.web.wire import Wire
from tocsin.engine.sources import Known
from tocsin.settings import SourceSettings
from tocsin.web import between as b
from tocsin.web.front import Front
from tocsin.web.onward import Doorway
from tocsin.web.protocol import KEEP_ALIVE, served
from tocsin.web.whole import Requests

KEY = "k" * 32
WHOLE = b"POST /x?key=1 HTTP/1.1\r\nHost: h\r\nX-Mixed: Case\r\nContent-Length: 2\r\n\r\n{}"


def test_a_usual_request_is_read_with_its_headers_and_its_query() -> None:
    sent = Requests().read(WHOLE)
    assert sent is not None
    assert (sent.query, sent.raw, sent.headers["x-mixed"]) == (b"key=1", b"{}", "Case")


ODD: dict[str, bytes] = {
    "another one behind it": WHOLE + WHOLE,
    "the beginning of another one": WHOLE + b"P",
    "half a body": WHOLE[:-1],
    "half a head": WHOLE[:30],
    "nothing": b"",
    "told to wait": WHOLE.replace(b"Host", b"Expect: 100-continue\r\nHost"),
    "chunked": WHOLE.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked")[:-2] + b"2\r\n{}\r\n0\r\n\r\n",
    "two lengths": WHOLE.replace(b"Host", b"Content-Length: 7\r\nHost"),
    "the last on its connection": WHOLE.replace(b"Host", b"Connection: close\r\nHost"),
    "another protocol": WHOLE.replace(b"Host", b"Connection: Upgrade\r\nUpgrade: websocket\r\nHost"),
    "of before": WHOLE.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "of before, kept": WHOLE.replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\nConnection: keep-alive\r\n"),
    "a fragment": WHOLE.replace(b"key=1", b"key=1#there"),
    "no HTTP": b"POST /x\r\n\r\n{}",
    "a line that is no header": WHOLE.replace(b"Host: h", b"Host"),
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_what_is_odd_is_left_to_who_reads_everything_and_spoils_nothing(data: bytes) -> None:
    requests = Requests()
    for _ in range(2):
        assert requests.read(data) is None
        after = requests.read(WHOLE)
        assert after is not None
        assert (after.raw, len(after.headers)) == (b"{}", 3)


class Main:
    """The main process, as a front sees it."""

    def __init__(self) -> None:
        self.heard: list[b.FromFront] = []

    def write(self, data: bytes) -> None:
        self.heard.append(b.FROM_FRONT.decode(data[4:]))

    @property
    def taken(self) -> list[b.Taken]:
        return [one for one in self.heard if isinstance(one, b.Taken)]


class Lines:
    """A front, and lines to it."""

    def __init__(self) -> None:
        self.main = Main()
        self.front = Front(None, self.main)  # type: ignore[arg-type]
        self.front.access.know([Known(SourceSettings(id="monitor"), KEY)])
        self.config = served(self.front, http=Doorway, lifespan="off", proxy_headers=False)
        self.config.load()
        self.all: list[Doorway] = []

    def line(self) -> tuple[Doorway, Wire]:
        wire, state = Wire(), self.front._server
        more = {"config": self.config, "server_state": state, "app_state": {}, "_loop": asyncio.get_running_loop()}
        line = Doorway(self.front.deliveries, "nowhere", **more)
        line.connection_made(wire)
        self.all.append(line)
        return line, wire

    async def asked(self, count: int) -> b.Taken:
        """Give what the main process was asked to store at last."""
        async with asyncio.timeout(10):
            while len(self.main.taken) < count:  # noqa: ASYNC110  only asking tells
                await asyncio.sleep(0)
        return self.main.taken[-1]

    async def store(self, count: int = 1, **more: str) -> None:
        """Let the main process say what became of that."""
        self.front._hear(b.Stored((await self.asked(count)).number, **more))
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
async def lines() -> Any:
    made = Lines()
    yield made
    for line in made.all:
        line.connection_lost(None)
    assert (made.front.state.gate.requests, made.front.state.gate.bytes) == (0, 0)


def event(name: str, **changes: str) -> bytes:
    payload = {"summary": "Down", "source": "unit", "severity": "critical"}
    said = {"routing_key": KEY, "event_action": "trigger", "dedup_key": name, "payload": payload, **changes}
    body = json.dumps(said).encode()
    return b"POST /v2/enqueue HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def answers(wire: Wire) -> list[tuple[int, bytes]]:
    """Give status and body of what a sender was told."""
    found, rest = [], wire.written
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        found.append((int(head.split()[1]), rest[:length]))
        rest = rest[length:]
    return found


async def test_a_delivery_is_answered_once_it_is_stored_and_not_before(lines: Lines) -> None:
    line, wire = lines.line()
    line.data_received(event("a"))
    taken = await lines.asked(1)
    assert [one.dedup_key for one in taken.alerts] == ["a"]
    assert wire.written == b""
    await lines.store()
    assert [(status, json.loads(body)["dedup_key"]) for status, body in answers(wire)] == [(202, "a")]
    assert not wire.closed


async def test_what_comes_behind_it_waits_and_is_answered_after_it(lines: Lines) -> None:
    line, wire = lines.line()
    for name in ("a", "b"):
        line.data_received(event(name))
    assert not wire.reads
    await lines.store(1)
    assert (len(answers(wire)), wire.reads) == (1, True)
    await lines.store(2)
    assert [json.loads(body)["dedup_key"] for _, body in answers(wire)] == ["a", "b"]


async def test_a_delivery_that_says_nothing_is_answered_without_the_main_process(lines: Lines) -> None:
    body = b'{"version": "4", "status": "firing", "alerts": []}'
    head = b"POST /webhooks/alertmanager?key=%b HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n"
    line, wire = lines.line()
    for _ in range(2):
        line.data_received(head % (KEY.encode(), len(body)) + body)
    assert [status for status, _ in answers(wire)] == [200, 200]
    assert lines.main.taken == []


@pytest.mark.parametrize(
    ("became", "status"), [({"unavailable": "the disk is full"}, 503), ({"broken": "TypeError"}, 500)]
)
async def test_what_could_not_be_stored_is_told_its_sender(lines: Lines, became: dict[str, str], status: int) -> None:
    line, wire = lines.line()
    line.data_received(event("a"))
    await lines.store(1, **became)
    words = b"retry-after: 1" if status == 503 else b"made a mistake"
    assert words in wire.written.lower()
    assert [told for told, _ in answers(wire)] == [status]


async def test_what_is_refused_is_told_as_ever_and_counted_once(lines: Lines) -> None:
    line, wire = lines.line()
    line.data_received(event("a", routing_key="0" * 32))
    async with asyncio.timeout(10):
        while not (wire.written and any(isinstance(one, b.Refused) for one in lines.main.heard)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert [status for status, _ in answers(wire)] == [400]
    assert [one.count for one in lines.main.heard if isinstance(one, b.Refused)] == [1]


async def test_nothing_is_written_to_who_is_gone(lines: Lines) -> None:
    line, wire = lines.line()
    line.data_received(event("a"))
    wire.close()
    line.connection_lost(None)
    await lines.store()
    assert wire.written == b""


async def test_a_line_that_is_to_end_is_answered_first_and_told_so(lines: Lines) -> None:
    (busy, wire), (idle, other) = lines.line(), lines.line()
    busy.data_received(event("a"))
    for line in (busy, idle):
        line.shutdown()
    assert (wire.closed, other.closed) == (False, True)
    await lines.store()
    assert [status for status, _ in answers(wire)] == [202]
    assert b"\r\nconnection: close\r\n" in wire.written
    assert wire.closed


async def test_a_line_on_which_nothing_comes_is_ended_and_one_that_is_used_is_not(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, looks = 0.0, list[tuple[float, Callable[[], None]]]()
    line, wire = lines.line()
    loop = asyncio.get_running_loop()

    class Timed:
        def time(self) -> float:
            return now

        def call_later(self, after: float, look: Callable[[], None]) -> asyncio.Handle:
            looks.append((now + after, look))
            return loop.call_soon(int)

    monkeypatch.setattr(line, "loop", Timed())
    line.data_received(event("a"))
    await lines.store(1)
    now = 0.9 * KEEP_ALIVE
    line.data_received(event("b"))
    await lines.store(2)
    now, look = looks.pop()
    look()
    assert not wire.closed, "it rests since the second answer"
    [(now, look)] = looks
    assert now == pytest.approx(1.9 * KEEP_ALIVE)
    look()
    assert wire.closed


async def test_a_batch_goes_to_the_main_process_while_it_stores_another(lines: Lines) -> None:
    first, rest = lines.line(), [lines.line() for _ in range(20)]
    first[0].data_received(event("first"))
    await lines.asked(1)
    for number, (line, _) in enumerate(rest[:2]):
        line.data_received(event(f"early-{number}"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(lines.main.taken) == 1, "a few wait, so that there is not a commit for each"
    for number, (line, _) in enumerate(rest[2:]):
        line.data_received(event(f"late-{number}"))
    assert [one.dedup_key for one in (await lines.asked(2)).alerts][:3] == ["early-0", "early-1", "late-0"]
    await lines.store(2)
    assert answers(first[1]) == []
    assert {status for _, wire in rest for status, _ in answers(wire)} == {202}
    lines.front._hear(b.Stored(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [status for status, _ in answers(first[1])] == [202]
