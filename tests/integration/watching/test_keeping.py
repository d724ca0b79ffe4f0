"""What is remembered goes to disk once with what follows, whatever becomes of the store meanwhile."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from integration.store.stores import Kind, alert
from integration.watching.conftest import on_both_stores
from tocsin.drill.clock import MovedClock
from tocsin.engine import keeping
from tocsin.engine.keeping import Keeping, Written
from tocsin.engine.ports import Store
from tocsin.errors import CommitUnknown, Conflict, StoreUnavailable
from tocsin.incident.jobs import Alarm, Job
from tocsin.store import probes as p
from tocsin.store import transactions as t
from tocsin.store.sqlite import InlineStore

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Unsteady:
    """A store that refuses, or loses its answer, as often as it is told."""

    lease_expires, in_order = True, True

    def __init__(self) -> None:
        self.inner = InlineStore()
        self.refuses = self.loses = 0

    async def write(self, transaction: t.Transaction[Any]) -> Any:
        if self.refuses:
            self.refuses -= 1
            transaction.close()
            raise StoreUnavailable("no room")
        value = await self.inner.write(transaction)
        if self.loses:
            self.loses -= 1
            raise CommitUnknown("gone")
        return value

    async def read(self, transaction: t.Transaction[Any]) -> Any:
        return await self.inner.read(transaction)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Unsteady:
    monkeypatch.setattr(keeping, "_AGAIN_AFTER", 0.0)
    return Unsteady()


def kept(name: str, rev: int = 1, shard: int = 0) -> p.Kept:
    return p.Kept(name, shard, rev, NOW, b"{}", b"", b"")


def written(name: str, rev: int = 1, shard: int = 0) -> Written:
    return Written((kept(name, rev, shard),), told=p.Told((alert(name),)))


async def triggers(store: Store, name: str) -> int:
    known = (await store.read(t.load_group(f"monitor/{name}"))).alert
    return known.triggers if known else 0


async def hold(store: Store, node: str) -> None:
    await store.write(p.hold(node, NOW.replace(hour=10), NOW))


async def test_a_store_that_refuses_is_asked_until_it_keeps(store: Unsteady) -> None:
    store.refuses = 3
    await Keeping(store, MovedClock(NOW), "", lambda: None).keep(written("a"))
    assert await triggers(store, "a") == 1


async def test_what_was_kept_although_the_answer_was_lost_is_not_told_again(store: Unsteady) -> None:
    store.loses = 1
    woken: list[int] = []
    await Keeping(store, MovedClock(NOW), "", lambda: woken.append(1)).keep(written("a"))
    assert await triggers(store, "a") == 1
    assert woken, "somebody has to look at it all the same"


async def test_whoever_works_is_woken_where_something_follows_and_nowhere_else(store: Unsteady) -> None:
    woken: list[int] = []
    writing = Keeping(store, MovedClock(NOW), "", lambda: woken.append(1))
    await writing.keep(Written((kept("a"),)))
    assert woken == []
    await writing.keep(written("a", 2))
    assert woken == [1]


def by_a_node() -> t.Transaction[Any]:
    return p.keep("", (kept("a"),), (), follows(), NOW)


def by_whoever_hears_a_prober() -> t.Transaction[Any]:
    return p.change({"a": lambda _: (kept("a"), follows())}, NOW)


def follows() -> p.Told:
    alarm = Job(key="system/probe/a/broken", owner="system", due=NOW, do=Alarm(text="a cannot look"))
    return p.Told((alert("a"),), (alarm,))


def broken_off(transaction: t.Transaction[Any], after: int) -> t.Transaction[Any]:
    """The same until so many queries were asked."""
    query, asked = next(transaction), 0
    while asked < after:
        answer, asked = (yield query), asked + 1
        try:
            query = transaction.send(answer)
        except StopIteration as done:
            return done.value
    raise StoreUnavailable("no room")


@on_both_stores
@pytest.mark.parametrize("flip", [by_a_node, by_whoever_hears_a_prober])
async def test_a_store_that_breaks_off_anywhere_keeps_neither_the_flip_nor_what_follows(
    kind: Kind, flip: Callable[[], t.Transaction[Any]]
) -> None:
    store = await kind.open()
    after = 0
    while True:
        try:
            await store.write(broken_off(flip(), after))
        except StoreUnavailable:
            after += 1
        else:
            break
        assert await store.read(p.revs(["a"])) == {}
        assert await triggers(store, "a") == 0
        assert await store.read(t.jobs_due(NOW)) == ()
    assert after >= 4, "what is remembered, the alert, its turn and the alarm"
    assert await store.read(p.revs(["a"])) == {"a": 1}
    assert await triggers(store, "a") == 1
    jobs = [one.job.key for one in await store.read(t.jobs_due(NOW))]
    assert sorted(jobs) == ["system/probe/a/broken", "turn/monitor/a"]
    store.close()


async def test_who_lost_a_lease_keeps_nothing_and_the_others_do(store: Unsteady) -> None:
    await hold(store, "a")
    await store.write(p.let_go("a", (3,), leaves=False))
    await hold(store, "b")  # takes what is free
    keeping_of_a = Keeping(store, MovedClock(NOW), "a", lambda: None)
    told = await asyncio.gather(
        keeping_of_a.keep(written("mine", shard=2)), keeping_of_a.keep(written("theirs", shard=3)),
        return_exceptions=True,
    )  # fmt: skip
    assert told[0] is None
    assert isinstance(told[1], Conflict)
    assert [await triggers(store, name) for name in ("mine", "theirs")] == [1, 0]
    assert list(await store.read(p.revs(["mine", "theirs"]))) == ["mine"]


async def test_what_is_written_last_counts(store: Unsteady) -> None:
    writing = Keeping(store, MovedClock(NOW), "", lambda: None)
    await asyncio.gather(writing.keep(written("a", 1)), writing.keep(written("a", 2)))
    assert await store.read(p.revs(["a"])) == {"a": 2}
    assert await triggers(store, "a") == 2
    await asyncio.gather(writing.keep(written("a", 3)), writing.keep(Written(dropped=(("a", 0),))))
    assert await store.read(p.revs(["a"])) == {}
    await asyncio.gather(writing.keep(Written(dropped=(("a", 0),))), writing.keep(written("a", 4)))
    assert await store.read(p.revs(["a"])) == {"a": 4}


async def test_a_node_that_joins_gets_its_share_and_one_that_is_gone_loses_its_own(store: Unsteady) -> None:
    later = NOW.replace(minute=1)
    assert len((await store.write(p.hold("a", later, NOW))).shards) == p.SHARDS
    assert (await store.write(p.hold("b", later, NOW))).shards == ()
    excess = (await store.write(p.hold("a", later, NOW))).excess
    assert len(excess) == p.SHARDS // 2
    await store.write(p.let_go("a", excess, leaves=False))
    assert (await store.write(p.hold("b", later, NOW))).shards == excess
    after = NOW.replace(minute=2)  # both leases ran out, and only b is there to see it
    assert len((await store.write(p.hold("b", after.replace(minute=3), after))).shards) == p.SHARDS
