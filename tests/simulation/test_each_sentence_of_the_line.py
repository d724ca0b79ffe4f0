"""One test for each sentence about turns that stand in line, and about who takes jobs and rests.

a check is told to who is being opened    a rest lasts five seconds whatever the clock is set to
what was given back is taken at once      one damaged incident stops nobody else's pages
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from simulation.by_hand import simple
from simulation.company import EDITIONS
from tocsin.channels.message import Message, Receipt
from tocsin.clock import SystemClock
from tocsin.detection.alert import Alert
from tocsin.engine.deeds import Deeds
from tocsin.engine.engine import Engine
from tocsin.engine.links import Links
from tocsin.engine.worker import Worker
from tocsin.engine.worlds import Worlds
from tocsin.incident.chain import unlink
from tocsin.runbook.reading import read_runbook
from tocsin.settings import CheckSettings, Condition, IncidentTypeSettings, ProbeSettings
from tocsin.store import documents, sqlite
from tocsin.store import transactions as t
from tocsin.store.claiming import Taken
from tocsin.store.sqlite import SqliteStore

PATIENCE = 60.0
HEALED = IncidentTypeSettings(resolved_when=(Condition(probe="api", check="errors", for_=timedelta(minutes=2)),))
CHECKS = (CheckSettings(id="errors", value="errors", limit=0.01),)


class SetClock(SystemClock):
    """A clock that somebody sets."""

    ahead = timedelta(0)

    def now(self) -> Any:
        return super().now() + self.ahead


class Phones:
    """A channel that remembers what it sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, message: Message) -> Receipt:
        self.sent.append(message.key)
        return Receipt(id="1")

    async def close(self) -> None:
        pass


class Node:
    """An engine and a worker on a file, with the clock of this machine."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock, self.phones = path, SetClock(), Phones()
        self.store = SqliteStore(path)
        self.worlds = Worlds(self.store, read_runbook, _settings())
        self.engine = Engine(self.store, self.clock, self.worlds)
        channels = dict.fromkeys(("push", "phone", "mail", "console"), self.phones)
        self.deeds = Deeds(self.engine, channels, Links("key", "http://tocsin.example"))
        self.worker = Worker(self.engine, self.deeds)

    async def publish(self) -> None:
        runbook = read_runbook(EDITIONS[0], "RUNBOOK.md")
        published = documents.publish("runbook", runbook.sha256, "RUNBOOK.md", EDITIONS[0], self.clock.now())
        self.worlds.put_in_force(await self.store.write(published))

    async def perform(self, taken: Taken) -> None:
        [held] = taken.jobs
        await self.deeds.perform(held, (), taken.looked.get(held.token))

    async def kinds(self, number: str) -> list[str]:
        return [unlink(row).kind for row in await self.store.read(t.all_facts(number))]


def _settings() -> Any:
    probes = {"api": ProbeSettings(id="api", kind="http", checks=CHECKS)}
    return simple(probes=probes, incident_types={"errors-rise": HEALED})


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    node = Node(tmp_path / "tocsin.db")
    await node.publish()
    yield node
    node.store.close()


class Flushes:
    """Lets the disk flush when it is told to. `held`: so many batches wait for it."""

    def __init__(self) -> None:
        self._allowed = threading.Semaphore(0)
        self.held = 0

    def allow(self, many: int = 1) -> None:
        self._allowed.release(many)

    def wait(self) -> None:
        self.held += 1
        assert self._allowed.acquire(timeout=PATIENCE)
        self.held -= 1


@pytest.fixture
def flushes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Flushes]]:
    begun, run = list[Flushes](), sqlite.run_batch

    def held_up(db: Any, sql: Any, begin: Any, *more: Any) -> Any:
        if begun and "BEGIN IMMEDIATE" in begin and more[1:] == (None,):
            begun[0].wait()
        return run(db, sql, begin, *more)

    def begin() -> Flushes:
        begun.append(Flushes())
        return begun[0]

    monkeypatch.setattr(sqlite, "run_batch", held_up)
    yield begin
    for one in begun:
        one.allow(1000)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110  threads tell nobody
            await asyncio.sleep(0.005)


def alert(key: str, entry: str | None = None, action: Any = "trigger", source: str = "monitor") -> Alert:
    return Alert(source=source, dedup_key=key, action=action, summary=key, incident_type=entry, severity="P1")


async def test_a_check_that_turns_is_told_to_the_incident_that_is_just_being_opened(
    node: Node, flushes: Callable[[], Flushes]
) -> None:
    await node.engine.ingest([alert("errors", "errors-rise")])
    opening = await node.worker._take(1)
    disk = flushes()
    turns = asyncio.create_task(node.engine.ingest([alert("api/errors", source="probe")]))
    await until(lambda: disk.held)
    claiming = asyncio.create_task(node.worker._take(1))
    await asyncio.sleep(0)  # the claim waits for the disk, and whoever opens comes behind it
    first = asyncio.create_task(node.perform(opening))
    await until(lambda: node.store._writes._handed.qsize() == 2)
    disk.allow()
    taken = await claiming
    assert [held.job.key for held in taken.jobs] == ["turn/probe/api/errors"]
    second = asyncio.create_task(node.perform(taken))
    await until(lambda: disk.held and node.store._writes._handed.qsize())
    disk.allow(1000)
    await asyncio.gather(turns, first, second)
    assert await node.kinds("INC-2026-0001") == ["Opened", "Escalated", "CheckTurned", "AlertJoined"]


async def test_a_rest_ends_after_five_seconds_whatever_the_clock_is_set_to_meanwhile(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []

    async def asks(_: int, seconds: float) -> bool:
        rests.append(seconds)
        node.clock.ahead -= timedelta(hours=1)
        return len(rests) < 3

    monkeypatch.setattr(node.engine.changes, "asks", asks)
    await node.worker._rest(node.engine.changes.asked, None)
    assert len(rests) == 3
    assert max(rests) <= 5


async def test_a_turn_that_is_asked_for_while_it_ends_is_taken_again_at_once(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, asked = node.store.write, list[int]()

    async def asked_meanwhile(transaction: Any) -> Any:
        if transaction.__name__ != "complete_turn" or asked:
            return await write(transaction)
        await node.engine.ingest([alert("late")])
        asked.append(node.engine.changes.asked)  # whoever heard of it by now found nothing to take
        return await write(transaction)

    monkeypatch.setattr(node.store, "write", asked_meanwhile)
    await node.engine.ingest([alert("late", action="resolve")])
    await write(nudging("monitor/late", node))
    await node.worker.step()
    assert node.engine.changes.asked > asked[0]
    taken = await node.worker.claim()
    assert taken is not None
    assert taken.job.key == "turn/monitor/late"


def nudging(group_key: str, node: Node) -> Any:
    yield t.nudge(group_key, node.clock.now())


async def test_one_incident_whose_text_is_damaged_stops_nobody_elses_pages(node: Node) -> None:
    working = asyncio.create_task(node.worker.run())
    await node.engine.ingest([alert("one", "ledger-stuck")])
    await until(lambda: any("INC-2026-0001" in key for key in node.phones.sent))
    with contextlib.closing(sqlite3.connect(node.path)) as beside, beside:
        beside.execute("UPDATE fact SET kind = cast(x'4fff' AS TEXT) WHERE seq = 1")
    await node.engine.ingest([alert("one", action="resolve")])
    await node.engine.ingest([alert("two", "ledger-stuck"), alert("three", "search-slow")])
    await until(lambda: any("INC-2026-0002" in key for key in node.phones.sent))
    assert node.worker.store_failing_since is None
    await node.worker.stop()
    await working
