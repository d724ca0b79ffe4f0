"""A process that was stopped, starved or asleep does not blame what it looks at, and makes up for nothing."""

import asyncio
from datetime import datetime, timedelta

import pytest

from integration.watching.watchers import EVERY, Node, Thing, probe, until
from tocsin.clock import SystemClock
from tocsin.engine.looking import FEWEST
from tocsin.store.sqlite import InlineStore


class Moved(SystemClock):
    """The clocks of this machine, each moved on by hand: one stands still while a machine sleeps."""

    def __init__(self) -> None:
        self.slept = self.stopped = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.slept + self.stopped)

    def monotonic(self) -> float:
        return super().monotonic() + self.stopped


@pytest.mark.parametrize("after", [0.0, 0.01], ids=["and ends at once", "and goes on"])
@pytest.mark.parametrize("how", ["stopped", "slept"])
async def test_a_look_during_which_the_process_stood_still_counts_for_nothing(how: str, after: float) -> None:
    clock, ledger = Moved(), Thing()
    node = Node(InlineStore(), clock=clock, lease=timedelta(hours=1))
    node.use({"ledger": ledger})
    node.watching.start()
    await until(lambda: ledger.looks["a"] > 1)

    async def while_it_stands_still() -> None:
        ledger.does, ledger.up = None, 0.0  # what a connection that died meanwhile looks like
        setattr(clock, how, 20.0)
        if after:
            await asyncio.sleep(after)

    before = node.watching.looks.counts["unsure"]
    ledger.does = while_it_stands_still
    await until(lambda: node.watching.looks.counts["unsure"] > before and ledger.does is None)
    ledger.up = 1.0
    looks = ledger.looks["a"]
    await until(lambda: ledger.looks["a"] > looks + 3)
    assert await node.alert("ledger/down") is None
    await node.watching.stop()


async def test_looks_that_were_missed_are_not_made_up_for() -> None:
    clock = Moved()
    things = {f"thing-{number}": Thing() for number in range(20)}
    node = Node(InlineStore(), clock=clock, lease=timedelta(hours=1))
    node.use(things, *(probe(name, every=timedelta(seconds=60)) for name in things))
    node.watching.start()
    await until(lambda: len(node.watching.watched) == len(things))
    clock.stopped = 15.0  # each has its first look soon
    await until(lambda: all(thing.looks["a"] for thing in things.values()))
    before = {name: thing.looks["a"] for name, thing in things.items()}
    clock.stopped += 600.0
    await asyncio.sleep(EVERY.total_seconds() * 3)
    more = [thing.looks["a"] - before[name] for name, thing in things.items()]
    assert max(more) <= 1
    assert sum(more) < 5, "each waits for its own moment"
    await node.watching.stop()


async def test_where_the_processor_is_short_few_looks_run_at_once_and_many_again_where_it_is_not() -> None:
    """Each look holds the whole process: what else there is to do has its turn between a few of them, not after all."""
    clock, crowd = Moved(), Thing()

    async def holds_everything() -> None:
        for _ in range(3):
            clock.stopped += 0.02
            await asyncio.sleep(0)

    node = Node(InlineStore(), clock=clock, lease=timedelta(hours=1))
    crowd.does = holds_everything
    node.use({f"thing-{number}": crowd for number in range(100)})
    node.watching.start()
    await until(lambda: crowd.looks["a"] > 300)
    crowd.most_under_way = 0
    await until(lambda: crowd.looks["a"] > 400)
    assert crowd.most_under_way <= 4 * FEWEST

    async def waits() -> None:
        await asyncio.sleep(0.01)

    crowd.does = waits
    await until(lambda: crowd.most_under_way > 8 * FEWEST)
    await node.watching.stop()


async def test_a_look_that_is_ended_before_it_began_gives_its_place_back() -> None:
    node = Node(InlineStore(), lease=timedelta(hours=1))
    node.use({"ledger": Thing()}, probe("ledger", every=timedelta(hours=1)))
    node.watching.start()
    await until(lambda: "ledger" in node.watching.watched and node.watching.looks.under_way == 0)
    looks, watched = node.watching.looks, node.watching.watched["ledger"]
    looks._start(SystemClock().monotonic(), watched)
    assert looks.under_way == 1
    looks.remove(watched)
    for _ in range(3):
        await asyncio.sleep(0)
    assert (looks.under_way, watched.busy, watched.looking) == (0, False, None)
    await node.watching.stop()
