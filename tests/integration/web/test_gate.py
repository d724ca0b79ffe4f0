"""The gate counts what is on its way in, and gives nobody for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request

from tocsin.web import gate as g

SCOPE = {"type": "http", "method": "POST", "path": "/v2/enqueue", "headers": []}


def asked(receive: Callable[[], Awaitable[dict[str, Any]]]) -> Request:
    return Request(SCOPE, receive)


def whole(body: bytes) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return asked(receive)


async def read(gate: g.Gate, request: Request) -> bytes:
    with gate.place() as place:
        return await place.read(request.scope, request.receive)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(g, "READ_WITHIN", 0.01)


async def forever() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.usefixtures("patience")
async def test_who_sends_no_body_loses_the_place_and_who_sends_one_keeps_it() -> None:
    gate = g.Gate()
    trickling = [asyncio.create_task(read(gate, asked(forever))) for _ in range(3)]
    await asyncio.sleep(0)
    assert await read(gate, whole(b"{}")) == b"{}"
    for one in trickling:
        with pytest.raises(g.TooSlow):
            await one
        assert not one.cancelling()
    assert (gate.requests, gate.bytes) == (0, 0)
    with pytest.raises(g.TooSlow):  # also when all were let go before
        await read(gate, asked(forever))


async def test_whoever_begins_later_has_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(g, "READ_WITHIN", 0.2)
    gate = g.Gate()
    first = asyncio.create_task(read(gate, asked(forever)))
    await asyncio.sleep(0.1)
    began = asyncio.get_running_loop().time()
    second = asyncio.create_task(read(gate, asked(forever)))
    for one in (first, second):
        with pytest.raises(g.TooSlow):
            await one
    assert asyncio.get_running_loop().time() - began >= 0.2  # a busy machine only makes it longer


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    gate = g.Gate()
    reading = asyncio.create_task(read(gate, asked(forever)))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (gate.requests, gate.bytes) == (0, 0)


async def test_a_cancellation_from_elsewhere_stays_one_at_the_instant_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(g, "READ_WITHIN", 0.0)
    gate = g.Gate()
    reading = asyncio.create_task(read(gate, asked(forever)))
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    loop.call_at(loop.time(), reading.cancel)  # due behind the gate's own timer, and run in the same turn of the loop
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (gate.requests, gate.bytes) == (0, 0)


async def test_who_is_whole_has_the_place_of_the_one_whose_body_has_been_coming_for_longest() -> None:
    gate = g.Gate(most_requests=3, most_bytes=100)
    trickling = []
    for _ in range(3):
        trickling.append(asyncio.create_task(read(gate, asked(forever))))
        await asyncio.sleep(0)
    assert await read(gate, whole(b"{}")) == b"{}"
    with pytest.raises(g.Overloaded, match="send it again"):
        await trickling[0]
    assert not trickling[0].cancelling()
    assert gate.enter(2)  # one that came whole without ASGI
    assert gate.requests == 3
    assert gate.enter(2)
    with pytest.raises(g.Overloaded):
        await trickling[1]
    assert not trickling[2].done()
    assert gate.enter(2)
    assert not gate.enter(2), "what is whole gives way to nobody"
    with pytest.raises(g.Overloaded):
        await read(gate, whole(b"{}"))
    with pytest.raises(g.Overloaded):
        await trickling[2]
    for _ in range(3):
        gate.leave(2)
    assert (gate.requests, gate.bytes) == (0, 0)


async def test_bytes_that_trickle_give_way_too() -> None:
    gate = g.Gate(most_requests=9, most_bytes=100)
    trickling = [asyncio.create_task(read(gate, asked(after(b"x" * 40)))) for _ in range(2)]
    await asyncio.sleep(0.01)
    assert gate.bytes == 80
    assert await read(gate, whole(b"y" * 50)) == b"y" * 50
    with pytest.raises(g.Overloaded):
        await trickling[0]
    late = asyncio.create_task(read(gate, asked(after(b"z" * 70))))
    with pytest.raises(g.Overloaded):
        await trickling[1]
    assert not late.done(), "who came last waits on"
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await late
    assert (gate.requests, gate.bytes) == (0, 0)


def after(first: bytes) -> Callable[[], Awaitable[dict[str, Any]]]:
    """A body that ends nowhere behind its first bytes."""
    pieces = iter([first])

    async def receive() -> dict[str, Any]:
        for piece in pieces:
            return {"type": "http.request", "body": piece, "more_body": True}
        return await forever()

    return receive
