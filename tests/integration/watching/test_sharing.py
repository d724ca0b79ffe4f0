"""Several nodes on one database: each probe is looked at by one of them, and by another when that one dies."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from integration.watching.watchers import Node, Thing, status, until
from tocsin.detection.reading import Reading
from tocsin.engine.plan import shard_of
from tocsin.engine.ports import Store
from tocsin.store import probes as p
from tocsin.store.postgres import PostgresStore

LEASE = timedelta(seconds=5)
"""Longer than a busy machine stands still: a lease that is lost by that is another test."""

NAMES = [f"probe-{number}" for number in range(48)]


@pytest.fixture
async def stores(database: str) -> AsyncIterator[tuple[Store, Store]]:
    one, two = PostgresStore(database), PostgresStore(database)
    yield one, two
    one.close()
    two.close()


@pytest.fixture
async def nodes(stores: tuple[Store, Store]) -> AsyncIterator[tuple[Node, Node, dict[str, Thing]]]:
    one, two = (Node(store, name, lease=LEASE) for store, name in zip(stores, "ab", strict=True))
    things = {name: Thing() for name in NAMES}
    for node in (one, two):
        node.use(things)
        node.watching.start()
    yield one, two, things
    for node in (one, two):
        await node.watching.stop()


def looks(things: dict[str, Thing], name: str) -> int:
    return sum(thing.looks[name] for thing in things.values())


def shared(one: Node, two: Node) -> bool:
    """Each holds its half, and every probe is one's."""
    watched = [*one.watching.watched, *two.watching.watched]
    return len(one.watching.shards.held) == len(two.watching.shards.held) == 8 and sorted(watched) == sorted(NAMES)


async def test_each_probe_is_looked_at_by_one_node_and_by_the_other_when_that_dies(
    nodes: tuple[Node, Node, dict[str, Thing]],
) -> None:
    one, two, things = nodes
    await until(lambda: shared(one, two))
    for thing in things.values():
        thing.looks.clear()
    await until(lambda: all(thing.looks.total() > 3 for thing in things.values()))
    both = [name for name, thing in things.items() if len(thing.looks) != 1]
    assert both == []
    assert {shard_of(name) for name in one.watching.watched}.isdisjoint(shard_of(name) for name in two.watching.watched)
    one.kill()
    await until(lambda: len(two.watching.shards.held) == p.SHARDS)
    await until(lambda: all(thing.looks["b"] > 3 for thing in things.values()))


async def test_a_node_that_stops_hands_over_at_once_and_nothing_is_told_twice(
    nodes: tuple[Node, Node, dict[str, Thing]],
) -> None:
    one, two, things = nodes
    await until(lambda: shared(one, two))
    name = next(iter(one.watching.watched))
    things[name].up = 0.0
    fired = await status(two, f"{name}/down", "firing")
    await one.watching.stop()
    assert await two.engine.store.read(p.holders(two.clock.now())) == dict.fromkeys(
        two.watching.shards.held, two.watching.shards.node
    )
    await until(lambda: things[name].looks["b"] > 2)
    found = await two.alert(f"{name}/down")
    assert found is not None
    assert (found.triggers, found.status) == (fired.triggers, "firing") == (1, "firing")
    things[name].up = 1.0
    assert (await status(two, f"{name}/down", "resolved")).resolutions == 1


async def test_every_node_tells_what_all_of_them_see(nodes: tuple[Node, Node, dict[str, Thing]]) -> None:
    one, two, things = nodes
    await until(lambda: shared(one, two))
    name = next(iter(one.watching.watched))
    things[name].up = 0.0
    await status(two, f"{name}/down", "firing")
    seen = {one_of.settings.id: one_of for one_of in await two.watching.seen()}
    assert len(seen) == len(NAMES)
    assert (seen[name].state, seen[name].holder) == ("firing", one.watching.shards.node)
    assert seen[name].history["down"][-1].value == 0.0


async def test_a_node_that_slept_past_its_lease_changes_nothing_of_the_others(
    nodes: tuple[Node, Node, dict[str, Thing]],
) -> None:
    one, two, things = nodes
    await until(lambda: shared(one, two))
    name = next(iter(one.watching.watched))
    asleep = one.watching.watched[name]
    one.kill()
    await until(lambda: len(two.watching.shards.held) == p.SHARDS and things[name].looks["b"] > 1)
    rev = (await two.engine.store.read(p.revs([name]))).get(name, 0)
    things[name].up = 0.0
    await status(two, f"{name}/down", "firing")
    assert not one.watching.shards.holds(asleep.shard)
    await one.watching._judge(asleep, Reading(at=one.clock.now(), values={"up": 0.0}))
    assert name not in one.watching.watched, "it found out that the probe is another's"
    found = await two.alert(f"{name}/down")
    assert found is not None
    assert found.triggers == 1
    assert (await two.engine.store.read(p.revs([name])))[name] > rev
