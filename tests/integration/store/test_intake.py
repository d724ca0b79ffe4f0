"""Deliveries that come together are stored together, and none of them suffers from another."""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from integration.store.stores import BEGAN, LEASED_UNTIL, alert
from tocsin.detection.alert import Alert
from tocsin.drill.clock import MovedClock
from tocsin.engine.changes import Changes
from tocsin.engine.intake import Intake
from tocsin.engine.measures import Measures
from tocsin.engine.ports import Store
from tocsin.engine.together import MOST_TOGETHER
from tocsin.errors import StoreUnavailable
from tocsin.store import transactions as t

UNSTORABLE = "\ud800"


@pytest.fixture
def changes() -> Changes:
    return Changes()


@pytest.fixture
def intake(store: Store, changes: Changes) -> Intake:
    return Intake(store, MovedClock(BEGAN), changes, Measures())


async def taken(intake: Intake, *deliveries: Sequence[Alert]) -> list[BaseException | None]:
    return await asyncio.gather(*map(intake.take, deliveries), return_exceptions=True)


async def triggers(store: Store, key: str) -> int:
    known = (await store.read(t.load_group(f"monitor/{key}"))).alert
    return known.triggers if known else 0


async def test_what_comes_together_is_stored_with_one_look(store: Store, intake: Intake, changes: Changes) -> None:
    assert await taken(intake, *([alert(str(number % 50))] for number in range(200))) == [None] * 200
    assert [await triggers(store, str(number)) for number in range(50)] == [4] * 50
    assert (changes.asked, changes.version) == (1, 1)


async def test_whoever_is_asked_to_look_finds_the_turn(store: Store, intake: Intake, changes: Changes) -> None:
    async def looks() -> str:
        await changes.asks(changes.asked, 60)
        held = await store.write(t.claim(BEGAN, "one", LEASED_UNTIL))
        return held.job.key if held else "too early"

    looking = asyncio.create_task(looks())
    await asyncio.sleep(0)
    await intake.take([alert("k")])
    assert await looking == "turn/monitor/k"


async def test_more_than_fit_into_one_commit_are_all_stored(store: Store, intake: Intake, changes: Changes) -> None:
    await taken(intake, *([alert("k")] for _ in range(MOST_TOGETHER + 1)))
    assert await triggers(store, "k") == MOST_TOGETHER + 1
    assert (changes.asked, changes.version) == (1, 1), "a repeat of what waits to be decided only counts"


async def test_an_acknowledgement_that_comes_with_its_trigger_counts(store: Store, intake: Intake) -> None:
    await taken(intake, [alert("k")], [alert("k", "acknowledge")])
    known = (await store.read(t.load_group("monitor/k"))).alert
    assert known is not None
    assert (known.triggers, known.acknowledgements) == (1, 1)


async def test_what_others_put_together_is_stored_in_its_order(store: Store, intake: Intake) -> None:
    batches = ([alert("k"), alert("k")], [alert("k", "resolve")], [alert("k")], [alert("k", "resolve"), alert("j")])
    await asyncio.gather(*map(intake.take_together, batches))
    known = (await store.read(t.load_group("monitor/k"))).alert
    assert known is not None
    assert (known.status, known.triggers, known.resolutions) == ("resolved", 3, 2)
    assert await triggers(store, "j") == 1


class Slow:
    """A store that is not done with anything it is asked to write until it is let go."""

    def __init__(self, *, in_order: bool) -> None:
        self.in_order, self.asked, self.done = in_order, 0, asyncio.Event()

    async def write(self, transaction: t.Transaction[bool]) -> bool:
        transaction.close()
        self.asked += 1
        await self.done.wait()
        return False


@pytest.mark.parametrize(("in_order", "asked"), [(True, 3), (False, 1)])
async def test_it_waits_for_the_commit_before_it_only_where_another_could_overtake_it(
    changes: Changes, in_order: bool, asked: int
) -> None:
    slow = Slow(in_order=in_order)
    intake = Intake(cast("Store", slow), MovedClock(BEGAN), changes, Measures())
    taking = [asyncio.create_task(intake.take_together([alert("k")])) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert slow.asked == asked
    slow.done.set()
    await asyncio.gather(*taking)


async def test_one_that_cannot_be_stored_is_told_so_and_the_others_are_stored(store: Store, intake: Intake) -> None:
    bad = alert(UNSTORABLE)
    told = await taken(intake, [alert("a")], [alert("b"), bad], [alert("c")])
    assert [one is None for one in told] == [True, False, True]
    assert not isinstance(told[1], StoreUnavailable), "it would be sent again for ever"
    assert [await triggers(store, key) for key in "abc"] == [1, 0, 1]


@pytest.mark.parametrize("bad", [[], [UNSTORABLE]], ids=["stored", "one cannot be stored"])
async def test_who_breaks_when_told_keeps_nobody_beside_it_from_being_told(
    store: Store, intake: Intake, caplog: pytest.LogCaptureFixture, bad: list[str]
) -> None:
    told = list[str]()

    def breaks(_: Exception | None) -> None:
        raise ValueError("a mistake of who is told")

    for key in ["a", *bad, "b"]:
        intake.hand([alert(key)], breaks)
        intake.hand([alert(key)], lambda error, key=key: told.append(key if error is None else f"not {key}"))  # type: ignore[misc]
    async with asyncio.timeout(60):
        await intake.take([alert("c")])
    assert told == ["a", *(f"not {key}" for key in bad), "b"]
    assert sum("broke when told" in one.message for one in caplog.records) == 2 + len(bad)
    assert [await triggers(store, key) for key in "abc"] == [2, 2, 1]


async def test_one_that_is_always_new_and_never_stored_keeps_nobody_waiting(store: Store, intake: Intake) -> None:
    """SQLite reads a text in JSON up to its first NUL: it stores such a key, and never finds it again."""
    endless = alert("cut\0off")
    await taken(intake, [endless])
    async with asyncio.timeout(60):
        told = await taken(intake, [alert("a")], [endless], [alert("c")])
    assert [one is None for one in told] == [True, False, True]
    assert [await triggers(store, key) for key in "ac"] == [1, 1]


async def test_everybody_is_told_when_nothing_can_be_stored(store: Store, intake: Intake, changes: Changes) -> None:
    store.close()
    told = await taken(intake, [alert("a")], [alert("b")])
    assert [type(one) for one in told] == [StoreUnavailable] * 2
    assert changes.version == 0


async def test_a_sender_that_goes_away_takes_nobody_along(store: Store, intake: Intake) -> None:
    gone, stays = (asyncio.create_task(intake.take([alert(key)])) for key in "ab")
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    assert [await triggers(store, key) for key in "ab"] == [1, 1]
