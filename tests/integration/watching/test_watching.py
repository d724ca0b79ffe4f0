"""One node watches: what it sees becomes alerts, survives a restart, and follows the configuration."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from integration.store.stores import Kind
from integration.watching.conftest import on_both_stores
from integration.watching.watchers import EVERY, Node, Thing, down, probe, status, until
from tocsin.detection.reading import Reading
from tocsin.engine.ports import Store
from tocsin.engine.remote_probes import Heard
from tocsin.store.transactions import Transaction


@pytest.fixture
async def node(store: Store) -> AsyncIterator[Node]:
    made = Node(store)
    yield made
    await made.watching.stop()


async def test_what_goes_down_fires_once_and_what_comes_back_is_over_once(node: Node) -> None:
    ledger = Thing()
    node.use({"ledger": ledger})
    node.watching.start()
    await until(lambda: ledger.looks["a"] > 2)
    assert await node.alert("ledger/down") is None, "that all is well is nothing to tell"
    ledger.up = 0.0
    fired = await status(node, "ledger/down", "firing")
    assert (fired.alert.incident_type, fired.alert.origin) == ("ledger-down", "ledger")
    assert await node.turns() == ["turn/probe/ledger/down"]
    seen = ledger.looks["a"]
    await until(lambda: ledger.looks["a"] > seen + 3)
    ledger.up = 1.0
    over = await status(node, "ledger/down", "resolved")
    assert (over.triggers, over.resolutions) == (1, 1)


@on_both_stores
async def test_a_restart_neither_repeats_nor_forgets_what_was_told(kind: Kind) -> None:
    ledger = Thing(up=0.0)
    store = await kind.open()
    first = Node(store)
    first.use({"ledger": ledger})
    first.watching.start()
    await status(first, "ledger/down", "firing")
    await first.watching.stop()
    assert ledger.closed == 1
    remembered = ledger.memories[-1]
    looks = ledger.looks["a"]
    store.close()
    store = await kind.open()
    second = Node(store, "b")
    second.use({"ledger": ledger})
    second.watching.start()
    await until(lambda: ledger.looks["b"] > 2)
    assert ledger.looks["a"] == looks, "the first one looked on after its end"
    assert int(ledger.memories[looks]) > int(remembered or 0), "what the kind remembers is handed on"
    found = await second.alert("ledger/down")
    assert found is not None
    assert (found.status, found.triggers) == ("firing", 1)
    ledger.up = 1.0
    assert (await status(second, "ledger/down", "resolved")).resolutions == 1
    await second.watching.stop()
    store.close()


@on_both_stores
async def test_after_a_kill_the_flip_is_there_with_its_alert_or_not_at_all(kind: Kind) -> None:
    ledger = Thing(up=0.0)
    store = await kind.open()
    first = Node(store)
    first.use({"ledger": ledger})
    first.watching.start()
    await status(first, "ledger/down", "firing")
    first.kill()
    store.close()
    store = await kind.open()
    second = Node(store, "b")
    ledger.up = 1.0
    second.use({"ledger": ledger})
    second.watching.start()
    over = await status(second, "ledger/down", "resolved")
    assert (over.triggers, over.resolutions) == (1, 1)
    await second.watching.stop()
    store.close()


async def test_what_is_published_takes_effect_at_once(node: Node) -> None:
    ledger, shop = Thing(), Thing()
    slow = probe("ledger", every=timedelta(hours=1))
    node.use({"ledger": ledger}, slow)
    node.watching.start()
    await until(lambda: node.watching.watched)
    node.use({"ledger": ledger, "shop": shop})
    await until(lambda: ledger.looks["a"] and shop.looks["a"])
    node.use({"shop": shop})
    await until(lambda: "ledger" not in node.watching.watched)
    looks = ledger.looks["a"], shop.looks["a"]
    await until(lambda: shop.looks["a"] > looks[1] + 2)
    assert ledger.looks["a"] == looks[0]


@pytest.mark.parametrize("what", ["probe", "check"])
async def test_what_is_taken_out_of_the_configuration_takes_its_alert_back(node: Node, what: str) -> None:
    ledger = Thing(up=0.0)
    node.use({"ledger": ledger}, probe("ledger", down(), down("other")))
    node.watching.start()
    await status(node, "ledger/down", "firing")
    node.use({"ledger": ledger}, *([probe("ledger", down("other"))] if what == "check" else []))
    if what == "probe":
        node.use({})
    over = await status(node, "ledger/down", "resolved")
    assert over.resolutions == 1
    other = await node.alert("ledger/other")
    assert other is not None
    assert other.status == ("firing" if what == "check" else "resolved")


async def test_a_probe_that_is_taken_out_while_nobody_serves_takes_its_alert_back_at_the_next_start(
    kind: Kind,
) -> None:
    ledger = Thing(up=0.0)
    store = await kind.open()
    first = Node(store)
    first.use({"ledger": ledger})
    first.watching.start()
    await status(first, "ledger/down", "firing")
    await first.watching.stop()
    second = Node(store, "b")
    second.use({})
    second.watching.start()
    await status(second, "ledger/down", "resolved")
    await second.watching.stop()
    store.close()


async def test_a_probe_that_looks_elsewhere_begins_anew_and_ends_its_alert_when_that_is_well(node: Node) -> None:
    old, new = Thing(up=0.0), Thing()
    node.use({"ledger": old})
    node.watching.start()
    await status(node, "ledger/down", "firing")
    node.use({"ledger": new}, probe("ledger", options={"host": "elsewhere"}))
    over = await status(node, "ledger/down", "resolved")
    assert (over.triggers, over.resolutions) == (1, 1)
    assert new.memories[0] == "", "what the old one remembered means nothing here"


async def told_of(node: Node, times: int) -> None:
    """Wait until so much was said of probes that cannot look."""
    async with asyncio.timeout(60):
        while len(await node.alarms()) < times:  # noqa: ASYNC110  asks the store, as everybody must
            await asyncio.sleep(0.01)


async def test_a_broken_probe_is_told_once_and_once_more_when_it_looks_again(node: Node) -> None:
    ledger = Thing(up=0.0)
    node.use({"ledger": ledger}, probe("ledger", broken_after=EVERY * 3))
    node.watching.start()
    await status(node, "ledger/down", "firing")
    ledger.broken = "the password is refused; correct it"
    await told_of(node, 1)
    looks = ledger.looks["a"]
    await until(lambda: ledger.looks["a"] > looks + 12)
    [told] = await node.alarms()
    assert told.startswith("the probe ledger cannot look since")
    assert told.endswith("nothing is known of what it watches: the password is refused; correct it")
    [seen] = await node.watching.seen()
    assert (seen.state, seen.standings["down"].state) == ("broken", "unknown")
    found = await node.alert("ledger/down")
    assert found is not None
    assert found.status == "firing", "nothing is known, so it goes on"
    ledger.broken = ""
    await told_of(node, 2)
    looks = ledger.looks["a"]
    await until(lambda: ledger.looks["a"] > looks + 5)
    assert sorted(await node.alarms()) == [told, "the probe ledger looks again"]


async def test_a_probe_that_hangs_delays_no_other(node: Node) -> None:
    stuck, well = Thing(), Thing()
    never = asyncio.Event()

    async def hang() -> None:
        await never.wait()

    stuck.does = hang
    hanging = [probe(f"stuck-{number}", timeout=timedelta(hours=1)) for number in range(300)]
    things = {one.id: stuck for one in hanging} | {"well": well}
    node.use(things, *hanging, probe("well"))
    node.watching.start()
    await until(lambda: stuck.under_way == len(hanging))
    looks = well.looks["a"]
    await until(lambda: well.looks["a"] > looks + 5)
    assert node.watching.looks.counts["skipped"] > 0, "what hangs is not looked at again"


async def test_a_look_that_outlives_its_time_is_broken_and_the_probe_goes_on(node: Node) -> None:
    ledger = Thing()
    never = asyncio.Event()

    async def hang() -> None:
        await never.wait()

    ledger.does = hang
    node.use({"ledger": ledger}, probe("ledger", timeout=timedelta(seconds=-0.48)))  # 2 * timeout + 1 s
    node.watching.start()

    def why() -> str:
        broken = node.watching.watched["ledger"].known.broken if node.watching.watched else None
        return broken.why if broken else ""

    await until(lambda: ledger.looks["a"] > 1 and why() == "the look did not end within 0.04 s")
    assert ledger.most_under_way == 1


async def test_a_mistake_in_a_probe_is_no_mistake_of_the_others(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    bad, well = Thing(), Thing()

    async def wrong() -> None:
        raise ZeroDivisionError

    bad.does = wrong
    node.use({"bad": bad, "well": well})
    node.watching.start()
    await until(lambda: well.looks["a"] > 2 and bad.looks["a"] > 2)
    known = node.watching.watched["bad"].known
    assert known.broken is not None
    assert "ZeroDivisionError" in known.broken.why
    assert "the probe bad failed in a way it should not" in caplog.text


async def test_numbers_that_are_none_are_left_out(node: Node) -> None:
    ledger = Thing(up=float("nan"))
    node.use({"ledger": ledger})
    node.watching.start()
    await until(lambda: ledger.looks["a"] > 1)
    last = node.watching.watched["ledger"].known.last
    assert last is not None
    assert msgspec.json.encode(last.values) == b"{}"


async def test_what_goes_down_wakes_who_works(node: Node) -> None:
    node.use({"ledger": Thing(up=0.0)})
    node.watching.start()
    await status(node, "ledger/down", "firing")
    await until(lambda: node.engine.changes.asked, seconds=20)


async def test_what_a_remote_prober_sees_wakes_who_works_where_something_follows_and_nowhere_else(node: Node) -> None:
    node.use({}, probe("ledger", at="far"))
    node.watching.start()
    await until(lambda: node.watching.plan)
    asked, now = node.engine.changes.asked, node.clock.now()
    await node.watching.remote.take("far", "run", [Heard("ledger", 1, Reading(at=now, values={"up": 1.0}))])
    assert node.engine.changes.asked == asked
    await node.watching.remote.take("far", "run", [Heard("ledger", 2, Reading(at=now, values={"up": 0.0}))])
    assert node.engine.changes.asked == asked + 1


@on_both_stores
@pytest.mark.parametrize("many", [2, 40])
async def test_what_is_newest_of_probes_that_others_look_at_needs_no_rows_of_others(
    kind: Kind, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    store = await kind.open()
    node = Node(store)
    try:
        names = [f"p{number}" for number in range(40)]
        node.use({}, *(probe(name, at="far") for name in names))
        node.watching.start()
        await until(lambda: len(node.watching.plan) == len(names))
        now = node.clock.now()
        told = [Heard(name, 1, Reading(at=now, values={"up": 1.0})) for name in names]
        await node.watching.remote.take("far", "run", told)
        rows = list[str]()
        monkeypatch.setattr(node.watching, "_store", Counting(store, rows))
        asked = names[:many]
        lately = await node.watching.lately(dict.fromkeys(asked))
        assert lately.at is not None
        assert lately.at >= now
        assert sorted(rows) == sorted(asked)
    finally:
        await node.watching.stop()
        store.close()


class Counting:
    """A store that notes whose readings it gives."""

    def __init__(self, store: Store, rows: list[str]) -> None:
        self._store, self._rows = store, rows

    async def read(self, transaction: Transaction[Any]) -> Any:
        found = await self._store.read(transaction)
        self._rows += found if isinstance(found, dict) else ()
        return found
