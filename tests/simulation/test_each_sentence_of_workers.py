"""One test for each fussy sentence about workers, leases, deeds and trouble; see test_each_sentence.py.

a claim counts the attempt                     the wanted-check renews by token
renews at a third of the lease                 a stale worker records its fact, releases nothing
every deed has a deadline                      pages: deed, then fact, with a stable key
a failed send that is retried writes no fact   attempts beyond the most at a claim = failed without sending
an exhausted page goes to the fallback         the fallback never exhausts: at most five minutes, no facts
a deed's fact is re-appended, not redone       an unknown kind of fact: no turn, loudly
a turn that raises alarms the fallback         without a store each waiting page is tried once per process
leases of SQLite belong to a boot              a full worker waits for a free place
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from simulation.by_hand import FIRST, MINUTE, ByHand, Hand, Interrupted
from simulation.cluster import Cluster
from simulation.company import BEGAN, event
from simulation.properties import broken_at_the_end
from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.engine.deeds import DEADLINE, LEASE, MAX_ATTEMPTS, RECORDING, Deeds, time_for
from tocsin.engine.engine import Engine
from tocsin.engine.links import Links
from tocsin.engine.memory import Memory
from tocsin.escalation.reach import PATIENCE
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.incident.jobs import Alarm, Call, Claimed, Doing, Job, Page, SendUpdate
from tocsin.store import transactions as t
from tocsin.store.sqlite import InlineStore, SqliteStore

BUSY = SendFailed("busy", permanent=False)
STALL = LEASE + timedelta(seconds=1)
PAGE = f"{FIRST}/1/L1/mira/0.push"


@pytest.fixture
def hands() -> ByHand:
    return ByHand()


async def _held_page(hands: ByHand, hand: Hand) -> Claimed:
    """Let an incident open, and let a node hold its first page."""
    await hands.fires(severity="P1")
    await hand.worker.step()  # the turn, and the call with it
    held = await hands.claim(hand)
    assert held.job.key == PAGE
    return held


def _row(hands: ByHand, key: str) -> dict[str, Any]:
    row = hands.job(key)
    assert row is not None
    return row


# -- leases


async def test_a_claim_counts_the_attempt_and_holds_for_the_lease(hands: ByHand) -> None:
    held = await _held_page(hands, hands.a)
    assert (held.attempts, _row(hands, PAGE)["attempts"]) == (1, 1)
    assert await hands.b.worker.claim() is None
    hands.clock.advance(STALL)
    assert (await hands.claim(hands.b)).attempts == 2


async def test_a_call_that_a_node_took_and_died_is_made_by_another_within_five_seconds(hands: ByHand) -> None:
    await hands.opens("P1")
    hands.clock.advance(15 * MINUTE)
    held = await hands.claim(hands.a)
    assert isinstance(held.job.do, Call)
    hands.clock.advance(RECORDING)
    assert (await hands.claim(hands.b)).job == held.job
    assert timedelta(seconds=5) > RECORDING


@pytest.mark.parametrize(
    ("do", "seconds"),
    [
        (Page(level="L1", round=1, person="mira", method="0.push"), 4.0),
        (Page(level="L1", round=1, person="fay", method="fallback.mail", endless=True), DEADLINE.total_seconds()),
        (SendUpdate(update=5, channel="push"), DEADLINE.total_seconds()),
    ],
    ids=["page", "last page", "update"],
)
def test_only_what_has_a_next_method_is_cut_short_for_it(do: Doing, seconds: float) -> None:
    held = Claimed(job=Job(key="x", owner="y", due=BEGAN, do=do), token="z", attempts=2, generation=0)
    assert time_for(held, BEGAN + PATIENCE - timedelta(seconds=4)) == timedelta(seconds=seconds)


async def test_a_worker_that_stalled_before_its_check_does_not_send_beside_its_successor(hands: ByHand) -> None:
    stalled = await _held_page(hands, hands.a)
    hands.clock.advance(STALL)
    successor = await hands.claim(hands.b)
    assert successor.job.key == PAGE

    async def wakes() -> None:
        await hands.a.worker.perform(stalled)

    hands.b.deeds.channels = {**hands.channels, "push": Interrupted(hands.channels["push"], wakes)}
    await hands.b.worker.perform(successor)
    assert hands.paged() == ["mira"]


async def test_a_stale_worker_records_what_it_did_and_leaves_the_lease_of_its_successor(hands: ByHand) -> None:
    stalled = await _held_page(hands, hands.a)
    taken: list[Claimed] = []

    async def stall() -> None:
        hands.clock.advance(STALL)
        taken.append(await hands.claim(hands.b))

    hands.a.deeds.channels = {**hands.channels, "push": Interrupted(hands.channels["push"], stall)}
    await hands.a.worker.perform(stalled)
    assert hands.kinds()[-1] == "Paged"
    assert _row(hands, PAGE)["lease"] == taken[0].token
    await hands.b.worker.perform(taken[0])
    assert hands.paged() == ["mira"], "its successor saw that it was done"
    assert hands.job(PAGE) is None


async def test_a_stale_worker_that_failed_does_not_give_away_the_lease_of_its_successor(hands: ByHand) -> None:
    stalled = await _held_page(hands, hands.a)
    hands.clock.advance(STALL)
    successor = await hands.claim(hands.b)
    hands.now(t.release(stalled, hands.clock.now()))
    assert _row(hands, PAGE)["lease"] == successor.token
    assert not hands.now(t.renew(stalled, hands.clock.now() + LEASE))


@pytest.fixture
def pair() -> Iterator[Cluster]:
    cluster = Cluster(3, 2, lease_expires=True)
    yield cluster
    cluster.close()


def test_a_deed_that_lasts_keeps_its_lease(pair: Cluster) -> None:
    pair.modes["push"] = "hang"
    pair.ask(pair.nodes[0], lambda engine: engine.ingest([event("till", severity="P1")]))
    query = "SELECT lease_until FROM job WHERE lease IS NOT NULL AND key LIKE '%/1/L1/%'"
    while pair.ledger.attempts == 0:
        pair.run(0.1)
    before = pair.store.db.execute(query).fetchall()
    pair.run(11.0)
    after = pair.store.db.execute(query).fetchall()
    assert after > before


def test_a_send_that_hangs_does_not_hold_its_page_for_ever() -> None:
    cluster = Cluster(3, 1, lease_expires=False)
    try:
        cluster.modes["push"] = "hang"
        cluster.ask(cluster.nodes[0], lambda engine: engine.ingest([event("till", severity="P1")]))
        cluster.run(10.0)
        assert cluster.ledger.attempts == 1, "it hangs"
        cluster.modes["push"] = "ok"
        cluster.run(DEADLINE.total_seconds() + 5.0)
        assert [accepted.channel for accepted in cluster.ledger.accepted] == ["push"]
        cluster.settle()
        assert broken_at_the_end(cluster) == []
    finally:
        cluster.close()


def test_a_deed_ends_well_before_its_lease_does() -> None:
    assert DEADLINE < LEASE * 2 / 3


async def test_leases_of_sqlite_last_until_the_next_boot_clears_them(tmp_path: Path, hands: ByHand) -> None:
    path = tmp_path / "tocsin.db"
    store = SqliteStore(path)
    engine = Engine(store, hands.clock, hands.a.engine.worlds)
    await engine.ingest([event("till")])
    until = Deeds(engine, {}, Links("key", "http://pager")).lease_until()
    held = await store.write(t.claim(hands.clock.now(), "first boot", until))
    assert held is not None
    next_day = hands.clock.now() + timedelta(days=1)
    assert await store.write(t.claim(next_day, "same boot", until)) is None
    store.close()
    store = SqliteStore(path)
    again = await store.write(t.claim(next_day, "second boot", until))
    store.close()
    assert again is not None


# -- pages


async def test_a_failed_send_that_is_retried_writes_no_fact_only_a_receipt(hands: ByHand) -> None:
    hands.channels["push"].failing = BUSY
    await hands.opens("P1")
    assert hands.kinds() == ["Opened", "Escalated"]
    row = _row(hands, PAGE)
    assert row["lease"] is None
    assert row["not_before"] > 0
    assert [receipt.status for receipt in hands.now(t.receipts(FIRST))] == ["retrying"]


async def test_a_page_repeated_after_its_worker_died_has_the_same_key(hands: ByHand) -> None:
    await _held_page(hands, hands.a)
    hands.clock.advance(STALL)
    await hands.b.worker.perform(await hands.claim(hands.b))
    assert [sent.message.key for sent in hands.sent] == [PAGE]


async def test_an_exhausted_page_goes_to_the_fallback(hands: ByHand) -> None:
    hands.channels["push"].failing = BUSY
    await hands.opens("P1")
    await hands.let_pass(5)
    assert hands.kinds()[:3] == ["Opened", "Escalated", "PageFailed"]
    assert hands.channels["push"].attempts >= MAX_ATTEMPTS
    assert hands.paged() == ["fay"]


async def test_a_page_that_cannot_be_delivered_goes_to_the_fallback_at_once(hands: ByHand) -> None:
    hands.channels["push"].failing = SendFailed("no such device", permanent=True)
    await hands.opens("P1")
    assert hands.channels["push"].attempts == 1
    assert hands.paged() == ["fay"]


async def test_the_fallback_never_exhausts_and_writes_no_facts_meanwhile(hands: ByHand) -> None:
    for name in ("push", "mail"):
        hands.channels[name].failing = BUSY
    await hands.opens("P1")
    await hands.act(w.Note(by="person:bo", text="all is quiet"))
    await hands.let_pass(12)
    facts, tried = len(hands.kinds()), hands.channels["mail"].attempts
    await hands.let_pass(2)
    assert len(hands.kinds()) == facts
    await hands.let_pass(6 * 60)
    assert hands.channels["mail"].attempts > tried
    assert len(hands.kinds()) < 60, "attempts live in receipts"
    query = "SELECT key, attempts FROM job WHERE key LIKE '%/fallback.mail' ORDER BY key"
    before = hands.inner.db.execute(query).fetchall()
    await hands.let_pass(5)
    after = hands.inner.db.execute(query).fetchall()
    assert before
    assert all(now > then for (_, then), (_, now) in zip(before, after, strict=True)), "five minutes at most"
    hands.channels["mail"].failing = None
    await hands.let_pass(5)
    assert "fay" in hands.paged()


async def test_a_page_whose_workers_died_too_often_has_failed_without_being_sent(hands: ByHand) -> None:
    held = await _held_page(hands, hands.a)
    hands.inner.db.execute("UPDATE job SET attempts = ? WHERE key = ?", (MAX_ATTEMPTS, PAGE))
    hands.clock.advance(STALL)
    last = await hands.claim(hands.b)
    assert last.attempts == MAX_ATTEMPTS + 1
    await hands.b.worker.perform(last)
    assert held.job == last.job
    assert hands.paged() == []
    assert hands.kinds()[-1] == "PageFailed"


async def test_a_conflict_records_the_page_again_and_does_not_send_it_again(hands: ByHand) -> None:
    held = await _held_page(hands, hands.a)

    async def somebody_is_first() -> None:
        await hands.b.engine.act(number, w.Note(by="person:bo", text="first"), t.SYSTEM)

    number = held.job.owner
    hands.a.deeds.channels = {**hands.channels, "push": Interrupted(hands.channels["push"], somebody_is_first)}
    await hands.a.worker.perform(held)
    await hands.settle()
    assert hands.kinds() == ["Opened", "Escalated", "Noted", "Paged"]
    assert hands.paged() == ["mira"]


# -- trouble


async def test_no_turn_is_taken_on_a_timeline_with_an_unknown_fact_and_the_fallback_hears_of_it(hands: ByHand) -> None:
    await hands.opens("P1")
    hands.inner.db.execute("UPDATE fact SET kind = 'Teleported' WHERE seq = 1")
    for hand in (hands.a, hands.b):
        hand.engine._memory = Memory()  # a node that has not read it before
    await hands.fires("resolve")
    await hands.settle()
    assert hands.inner.db.execute("SELECT count(*) FROM fact").fetchone() == (3,)
    alarms = [sent for sent in hands.sent if sent.message.kind == "alarm"]
    assert [alarm.person for alarm in alarms] == ["fay"]
    assert "Teleported" in alarms[0].message.text


async def test_a_turn_that_raises_alarms_the_fallback_and_is_tried_again(hands: ByHand) -> None:
    of = hands.a.engine.worlds.of

    async def poisoned(sha: str | None) -> Any:  # noqa: ARG001  its name is part of the shape
        raise ZeroDivisionError

    hands.a.engine.worlds.of = poisoned  # type: ignore[method-assign]
    await hands.opens("P1")
    assert [(sent.person, sent.message.kind) for sent in hands.sent] == [("fay", "alarm")]
    hands.a.engine.worlds.of = of  # type: ignore[method-assign]
    await hands.let_pass(5)
    assert hands.paged()[:1] == ["mira"]


async def test_without_a_store_each_waiting_page_is_tried_once_per_process(hands: ByHand) -> None:
    held = await _held_page(hands, hands.a)
    hands.now(t.release(held, hands.clock.now()))
    hands.store.down = True
    for _ in range(3):
        await hands.a.worker._page_without_store()
    assert hands.paged() == ["mira"]
    await hands.hand().worker._page_without_store()
    assert hands.paged() == ["mira", "mira"], "another process cannot know"
    hands.store.down = False
    await hands.settle()
    assert hands.kinds()[-1] == "Paged"


async def test_a_page_is_tried_from_memory_when_the_store_cannot_even_be_read(hands: ByHand) -> None:
    held = await _held_page(hands, hands.a)
    hands.now(t.release(held, hands.clock.now()))
    hands.store.gone = True
    for _ in range(3):
        await hands.a.worker._page_without_store()
    assert hands.paged() == ["mira"]
    assert hands.sent[-1].message.again, "nobody can say whether it went out before"
    hands.store.gone = False
    await hands.settle()
    assert hands.kinds()[-1] == "Paged"


async def test_a_page_that_cannot_be_given_back_waits_too(hands: ByHand) -> None:
    await hands.fires(severity="P1")
    await hands.a.worker.step()
    push, failing = hands.channels["push"], True

    class Failing:
        async def send(self, message: Message) -> Receipt:
            hands.store.gone = True
            if failing:
                raise SendFailed("busy", permanent=False)
            return await push.send(message)

        async def close(self) -> None:
            """Nothing to give back."""

    hands.a.deeds.channels = {**hands.channels, "push": Failing()}
    running = asyncio.create_task(hands.a.worker.run())
    async with asyncio.timeout(60):
        while not hands.a.worker._given_back:  # noqa: ASYNC110  nobody is told of it
            await asyncio.sleep(0.01)
    failing = False
    hands.a.worker._tried_without_store.clear()
    await hands.a.worker._page_without_store()
    assert hands.paged() == ["mira"]
    hands.store.gone = False
    await hands.a.worker.stop()
    running.cancel()


async def test_a_page_that_others_may_have_sent_since_is_not_tried_from_memory(hands: ByHand) -> None:
    held = await _held_page(hands, hands.a)
    hands.now(t.release(held, hands.clock.now()))
    hands.clock.advance(timedelta(minutes=1))
    hands.store.gone = True
    await hands.a.worker._page_without_store()
    assert hands.paged() == []


async def test_nobody_is_paged_from_memory_for_what_somebody_has(hands: ByHand) -> None:
    await _held_page(hands, hands.a)
    await hands.a.engine.act(FIRST, w.Acknowledge(by="person:bo"), t.SYSTEM)
    hands.store.gone = True
    await hands.a.worker._page_without_store()
    assert hands.paged() == []


async def test_a_full_worker_waits_for_a_free_place_instead_of_asking_the_store_again_and_again(hands: ByHand) -> None:
    release = asyncio.Event()
    await hands.a.engine.ingest([event("till", severity="P1"), event("shelf", severity="P1")])
    await hands.a.worker.step()
    first = await hands.claim(hands.a)
    await hands.a.worker.step()
    hands.now(t.release(first, hands.clock.now()))
    assert [hands.kinds(number) for number in (FIRST, "INC-2026-0002")] == [["Opened", "Escalated"]] * 2
    busy = hands.hand()
    busy.deeds.channels = {**hands.channels, "push": Interrupted(hands.channels["push"], release.wait)}
    running = asyncio.create_task(busy.worker.run())
    async with asyncio.timeout(60):
        while not busy.worker._running:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.01)
        asked = -10
        while hands.store.asked - asked >= 10:
            asked = hands.store.asked
            await asyncio.sleep(0.2)
    release.set()
    await asyncio.sleep(0.1)
    await busy.worker.stop()
    running.cancel()
    assert hands.paged() == ["mira", "mira"], "one after the other: there is one lane to her"


async def test_a_lane_that_opens_while_the_store_answers_is_looked_at_when_it_opens(hands: ByHand) -> None:
    await hands.fires(severity="P1")
    await hands.a.worker.step()  # the turn, and the call with it
    hands.a.deeds.pacing.pause("push", timedelta(seconds=1), hands.clock.monotonic())
    opens = hands.clock.now() + timedelta(seconds=1)

    async def answers_late() -> None:
        hands.clock.advance(timedelta(seconds=2))

    hands.store.meanwhile = answers_late
    taken = await hands.a.worker._take(1)
    assert taken.jobs == ()
    assert taken.due is not None
    assert opens <= taken.due < hands.clock.now()


async def test_a_rest_that_begins_late_because_the_store_was_slow_ends_when_something_is_due(hands: ByHand) -> None:
    later = hands.clock.now() + timedelta(seconds=7)
    hands.now(t.want(Job(key="system/late", owner="system", due=later, do=Alarm(text="late"))))
    taken = await hands.a.worker._take(1)
    assert (taken.jobs, taken.due) == ((), later)


async def test_a_page_of_nobody_is_never_lost_when_its_person_left_the_configuration(hands: ByHand) -> None:
    await _held_page(hands, hands.a)
    hands.clock.advance(STALL)
    leaving = {name: person for name, person in hands.settings.people.items() if name != "mira"}
    hands.b.engine.worlds.settings = type(hands.settings)(people=leaving, fallback=("fay",))
    while await hands.b.worker.step():
        pass
    assert hands.paged() == ["fay"]
    assert isinstance(hands.facts()[-1].body, f.Paged)


def test_the_simulated_store_and_the_real_one_have_the_leases_they_say() -> None:
    assert InlineStore.lease_expires
    assert not SqliteStore.lease_expires
