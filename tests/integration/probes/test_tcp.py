"""A port is looked at: a real one, one that is closed, one that never answers."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.probes.probe import LookFailed
from tocsin.probes.table import Parts, build
from tocsin.settings import ProbeSettings, Secret

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def probe(host: str, port: int, within: float) -> ProbeSettings:
    options = {"host": host, "port": port}
    return ProbeSettings(id="p", kind="tcp", options=options, timeout=timedelta(seconds=within))


def no_secret(secret: Secret) -> str:
    raise AssertionError(secret)


async def look(host: str, port: int, within: float = 60.0) -> tuple[dict[str, float], dict[str, str]]:
    parts = Parts(no_secret)
    looking = build(probe(host, port, within), parts)
    reading = await looking.look(NOW)
    await looking.close()
    await parts.close()
    assert reading.at == NOW
    return reading.values, reading.details


async def test_an_open_port_is_up_and_says_how_long_it_took() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        for host in ("127.0.0.1", "localhost"):
            values, details = await look(host, server.sockets[0].getsockname()[1])
            assert values["up"] == 1.0
            assert 0 < values["latency"] < 60
            assert details == {}


async def test_a_closed_port_is_down_and_says_why() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert await look("127.0.0.1", held.getsockname()[1]) == ({"up": 0.0}, {"trouble": "connection refused"})


async def test_a_port_that_does_not_answer_is_down() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:  # the queue is full then: who comes next waits
            one.setblocking(False)
            one.connect_ex(address)
        values, details = await look(address[0], address[1], within=0.2)
        for one in waiting:
            one.close()
    assert (values, details) == ({"up": 0.0, "latency": 0.2}, {"trouble": "no answer within 0.2 s"})


async def test_a_name_that_cannot_be_one_is_down() -> None:
    assert await look("a..b", 1) == ({"up": 0.0}, {"trouble": "there is no host a..b"})


async def test_a_name_server_that_does_not_answer_breaks_the_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(LookFailed, match="the name server does not say"):
        await look("db.example", 5432)
