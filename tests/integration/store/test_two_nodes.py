"""Two nodes that hear of the first two alerts of an entry at the same moment open one incident, on every store.

The place of a new incident is read before the open ones are looked for and is taken by one only: whoever decided
without knowing of the other is refused and decides again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, NamedTuple

import pytest

from integration.store.stores import BEGAN, LEASED_UNTIL, Databases, Kind
from simulation.company import EDITIONS, event, reading
from tocsin.detection.alert import Alert
from tocsin.drill.clock import MovedClock
from tocsin.engine.engine import Engine
from tocsin.engine.ports import Store
from tocsin.engine.turns import Turns
from tocsin.engine.worlds import Worlds
from tocsin.errors import Overtaken
from tocsin.incident.jobs import Claimed, Turn
from tocsin.settings import Settings
from tocsin.store import documents
from tocsin.store import transactions as t
from tocsin.store.waiting import open_numbers


class Slow:
    """A store on which something else happens right before a node's next write."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.lease_expires, self.in_order = inner.lease_expires, inner.in_order
        self.meanwhile: Callable[[], Coroutine[Any, Any, None]] | None = None

    async def write(self, transaction: t.Transaction[t.T]) -> t.T:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await self.inner.write(transaction)

    async def read(self, transaction: t.Transaction[t.T]) -> t.T:
        return await self.inner.read(transaction)

    def close(self) -> None:
        """Whoever opened it closes it."""


class Pair(NamedTuple):
    """Two nodes of one database; the writes of the first can be held up."""

    slow: Slow
    one: Engine
    other: Engine

    async def hear(self, group: str) -> None:
        """Let a monitor say that something of the entry is broken; nothing is decided yet."""
        await self.other.ingest([event(group, kind="search-slow")])

    async def turn(self, engine: Engine) -> None:
        """Let a node take the next turn there is, as its worker does."""
        while (held := await engine.store.write(t.claim(BEGAN, str(id(engine)), LEASED_UNTIL))) is not None:
            if isinstance(held.job.do, Turn):  # calls stay held: nobody is paged here
                await Turns(engine).take(held)
                return

    async def take(self, meanwhile: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        """Let the first node take the turn that is due; the other takes what came meanwhile before that is written."""
        held = await self.slow.write(t.claim(BEGAN, "one", LEASED_UNTIL))
        assert held is not None
        if meanwhile is not None:
            await meanwhile()
        self.slow.meanwhile = lambda: self.turn(self.other)
        await Turns(self.one).take(held)

    async def over(self, group: str) -> None:
        """Let a monitor say that it is over, and somebody look."""
        await self.other.ingest([event(group, kind="search-slow", action="resolve")])
        await self.turn(self.other)

    async def groups(self) -> list[tuple[str, ...]]:
        """The alerts of each incident, oldest first."""
        found = await self.other.store.read(open_numbers())
        loaded = [await self.other.load(number) for number in found]
        return [one.incident.groups for one in loaded if one.incident]


@pytest.fixture
async def pair(kind: Kind) -> AsyncIterator[Pair]:
    first = await kind.open()
    second = await kind.open() if isinstance(kind, Databases) else first  # SQLite has one writer
    runbook = reading(EDITIONS[0], "RUNBOOK.md")
    document = await first.write(documents.publish("runbook", runbook.sha256, runbook.path, EDITIONS[0], BEGAN))
    slow = Slow(first)
    stores: tuple[Store, ...] = (slow, second)
    engines = [Engine(store, MovedClock(BEGAN), Worlds(store, reading, Settings())) for store in stores]
    for engine in engines:
        engine.worlds.put_in_force(document)
    yield Pair(slow, *engines)
    for store in {id(one): one for one in (first, second)}.values():
        store.close()


async def test_who_decides_to_open_while_another_opens_joins_that_instead(pair: Pair) -> None:
    await pair.hear("till")
    await pair.hear("shelf")
    await pair.take()
    [groups] = await pair.groups()
    assert sorted(groups) == ["monitor/shelf", "monitor/till"]


async def test_many_alerts_that_two_nodes_take_at_once_share_one_incident(pair: Pair) -> None:
    for number in range(10):
        await pair.hear(f"till-{number}")

    async def work(engine: Engine) -> None:
        for _ in range(5):
            await pair.turn(engine)

    await asyncio.gather(work(pair.one), work(pair.other))
    [groups] = await pair.groups()
    assert len(groups) == 10


async def test_who_decides_to_open_while_another_reopens_joins_that_instead(pair: Pair) -> None:
    await pair.hear("till")
    await pair.turn(pair.other)
    await pair.over("till")
    await pair.hear("shelf")
    await pair.take(lambda: pair.hear("till"))
    [groups] = await pair.groups()
    assert sorted(groups) == ["monitor/shelf", "monitor/till"]


async def test_who_decides_to_reopen_while_another_opens_joins_that_instead(pair: Pair) -> None:
    await pair.hear("till")
    await pair.turn(pair.other)
    await pair.over("till")
    await pair.hear("till")
    await pair.take(lambda: pair.hear("shelf"))
    [groups] = await pair.groups()
    assert sorted(groups) == ["monitor/shelf", "monitor/till"]


async def test_who_remembers_more_than_is_stored_still_reopens(pair: Pair) -> None:
    """A database that lost its latest opening, as after a failover, keeps no alert waiting."""
    await pair.hear("till")
    await pair.turn(pair.one)
    await pair.over("till")
    pair.one.opened += 1
    await pair.hear("till")
    async with asyncio.timeout(60):
        await pair.turn(pair.one)
    [groups] = await pair.groups()
    assert groups == ("monitor/till",)


async def test_turns_of_one_line_and_the_alerts_that_repeat_meanwhile_wait_in_one_order(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that lock the same alerts in another order are cut by PostgreSQL, a second later, and decided again."""
    kinds, turns, cut = ("checkout-down", "search-slow", "flood", "ledger-stuck"), Turns(pair.one), list[str]()
    write = pair.slow.write

    async def writes(transaction: t.Transaction[Any]) -> Any:
        try:
            return await write(transaction)
        except Overtaken as error:
            cut.append(f"turns: {error}")
            raise

    monkeypatch.setattr(pair.slow, "write", writes)

    async def repeat(alerts: list[Alert], decided: asyncio.Event) -> None:
        while not decided.is_set():
            try:
                await pair.other.store.write(t.ingest(alerts, BEGAN))
                await asyncio.sleep(0)  # a store in memory lets nobody in between
            except Overtaken as error:
                cut.append(f"alerts: {error}")

    for number in range(4):
        # The incidents are in one order, and the alerts that join them in the other.
        named = [(f"{number}-{place:02}", kinds[place % 4 if number == 0 else 3 - place % 4]) for place in range(16)]
        alerts = [event(group, kind=kind, severity="P1") for group, kind in named]
        await pair.other.ingest(alerts)
        held, decided = await claimed(pair.slow, number), asyncio.Event()
        repeating = [asyncio.create_task(repeat(alerts, decided)) for _ in range(2)]
        async with turns._line.place() as place:
            await place.enter()
            taking = [asyncio.create_task(turns.take(one)) for one in held]
            await asyncio.sleep(0)
        results = await asyncio.gather(*taking, return_exceptions=True)
        decided.set()
        await asyncio.gather(*repeating)
        assert results == [None] * len(held)
        for one in await claimed(pair.slow, -number):  # asked for again before its incident was open
            await turns.take(one)
    assert cut == []


async def claimed(store: Store, number: int) -> list[Claimed]:
    """Take every turn that is due."""
    held = list[Claimed]()
    while one := await store.write(t.claim_turn(BEGAN, f"{number}.{len(held)}", LEASED_UNTIL)):
        held.append(one)
    return held
