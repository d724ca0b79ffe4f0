"""Turns that are decided together leave what the same turns leave one after the other."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulation.by_hand import FIRST, MINUTE, ByHand
from simulation.company import event
from simulation.company import settings as everybody
from tocsin.detection.alert import Action, Alert
from tocsin.engine import turns as turning
from tocsin.engine.memory import Memory
from tocsin.errors import NotFound, Overtaken, Refused, StoreUnavailable, UsageError
from tocsin.incident import wishes as w
from tocsin.incident.chain import instant, unlink
from tocsin.incident.jobs import Claimed
from tocsin.incident.silence import Matcher, Silence
from tocsin.store import silences
from tocsin.store import transactions as t
from tocsin.store.readings import alert_states

GROUPS = tuple(f"g{number}" for number in range(7))
KINDS = ("checkout-down", "checkout-down", "search-slow", None)
ACTIONS: tuple[Action, ...] = ("trigger", "trigger", "trigger", "resolve", "acknowledge")

_alerts = st.builds(
    lambda group, action, kind, severity, component: msgspec.structs.replace(
        event(group, action, kind=kind, severity=severity), component=component
    ),
    st.sampled_from(GROUPS),
    st.sampled_from(ACTIONS),
    st.sampled_from(KINDS),
    st.sampled_from(("P0", "P1", "P2")),
    st.sampled_from((None, "api", "db")),
)
_numbers = st.integers(1, 4).map(lambda number: f"INC-2026-{number:04}")
_wishes = st.sampled_from(
    (
        w.Acknowledge(by="person:mira"),
        w.Resolve(by="person:mira"),
        w.Reopen(by="person:mira"),
        w.Note(by="person:mira", text="looking"),
    )
)
_rounds = st.lists(
    st.tuples(
        st.lists(_alerts, min_size=1, max_size=10),
        st.lists(st.tuples(_numbers, _wishes), max_size=2),
        st.sampled_from((0.0, 0.5, 3.0, 20.0)),
    ),
    min_size=1,
    max_size=5,
)


def hands_with_groups() -> ByHand:
    """Two nodes where alerts of one entry share an incident."""
    return ByHand(msgspec.structs.replace(everybody(), group_within=timedelta(minutes=10)))


async def claimed(hands: ByHand) -> list[Claimed]:
    """Take every turn that is due, in order."""
    found, until = list[Claimed](), hands.clock.now() + MINUTE
    while held := await hands.store.write(t.claim_turn(hands.clock.now(), f"{len(found)}", until)):
        found.append(held)
    return found


async def all_in_line(hands: ByHand, held: list[Claimed]) -> list[BaseException | None]:
    """Take turns that all got into line while another one was taken, and give what each raised."""
    turns = hands.a.deeds.turns
    async with turns._line.place() as place:
        await place.enter()
        taking = [asyncio.create_task(turns.take(one)) for one in held]
        await asyncio.sleep(0)
    return await asyncio.gather(*taking, return_exceptions=True)


async def take_turns(hands: ByHand, most: int) -> None:
    """Take the turns that are due, so many of them together at most, until none is."""
    before, turning.MOST_TOGETHER = turning.MOST_TOGETHER, most
    try:
        while held := await claimed(hands):
            assert await all_in_line(hands, held) == [None] * len(held)
    finally:
        turning.MOST_TOGETHER = before


async def lives(rounds: list[tuple[list[Alert], list[tuple[str, w.Wish]], float]], most: int) -> list[Any]:
    """Let all of that happen, and give every incident's facts, what waits, and who was paged."""
    hands = hands_with_groups()
    for alerts, wishes, minutes in rounds:
        await hands.a.engine.ingest(alerts)
        await take_turns(hands, most)
        await hands.settle()
        for number, wish in wishes:
            try:
                await hands.act(wish, number)
            except (NotFound, Refused, UsageError):
                continue
        await hands.let_pass(minutes)
    numbers = [row[0] for row in hands.inner.db.execute("SELECT number FROM incident ORDER BY ordinal")]
    timelines = [[(fact.at, fact.body) for fact in map(unlink, hands.now(t.all_facts(number)))] for number in numbers]
    members = hands.inner.db.execute("SELECT group_key, incident FROM member ORDER BY 1, 2").fetchall()
    jobs = hands.inner.db.execute("SELECT key, due, args FROM job ORDER BY key").fetchall()
    return [numbers, timelines, members, jobs, sorted(hands.paged())]


@given(rounds=_rounds)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_turns_decide_together_is_what_they_decide_one_after_the_other(
    rounds: list[tuple[list[Alert], list[tuple[str, w.Wish]], float]],
) -> None:
    assert asyncio.run(lives(rounds, 32)) == asyncio.run(lives(rounds, 1))


async def test_turns_in_line_share_one_look_and_one_commit() -> None:
    hands = hands_with_groups()
    await hands.a.engine.ingest([event(group, kind="checkout-down", severity="P1") for group in GROUPS])
    held = await claimed(hands)
    asked = hands.store.asked
    await all_in_line(hands, held)
    assert hands.store.asked - asked == 3, "what they are about, what they may join, and the commit"
    assert hands.kinds() == ["Opened", "Escalated", *["AlertJoined"] * 6]


async def test_turns_of_which_one_was_overtaken_are_all_decided_again() -> None:
    hands = hands_with_groups()
    await hands.opens("P1", kind="checkout-down")
    await hands.a.engine.ingest([event("g1", kind="checkout-down"), event("g2", kind="search-slow")])
    held = await claimed(hands)

    async def looked() -> None:
        hands.store.meanwhile = noted

    async def noted() -> None:
        await hands.b.engine.act(FIRST, w.Note(by="person:bo", text="looking"), t.SYSTEM)

    hands.store.meanwhile = looked
    await all_in_line(hands, held)
    assert hands.kinds() == ["Opened", "Escalated", "Paged", "Noted", "AlertJoined"]
    assert hands.kinds("INC-2026-0002") == ["Opened", "Escalated"]


async def test_an_incident_whose_alerts_end_in_one_line_ends_once() -> None:
    hands = hands_with_groups()
    await hands.a.engine.ingest([event(group, kind="search-slow") for group in ("g0", "g1")])
    await all_in_line(hands, await claimed(hands))
    await hands.a.engine.ingest([event(group, "resolve") for group in ("g0", "g1")])
    await all_in_line(hands, await claimed(hands))
    assert hands.kinds() == ["Opened", "Escalated", "AlertJoined", "Resolved"]


async def test_a_turn_that_breaks_keeps_none_back_that_is_in_line_with_it() -> None:
    hands = hands_with_groups()
    await hands.opens("P1", kind="checkout-down")
    hands.inner.db.execute("UPDATE fact SET kind = 'Teleported' WHERE seq = 3")
    hands.a.engine._memory = Memory()
    await hands.a.engine.ingest(
        [event("till", "resolve"), event("g1", kind="search-slow"), event("g2", kind="ledger-stuck")]
    )
    held = await claimed(hands)
    results = await all_in_line(hands, held)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "NoneType", "UnknownFact"]
    assert [hands.kinds(f"INC-2026-000{number}") for number in (2, 3)] == [["Opened", "Escalated"]] * 2


async def test_a_turn_that_is_cancelled_in_line_is_decided_by_nobody() -> None:
    hands = hands_with_groups()
    await hands.a.engine.ingest([event(group, kind=kind) for group, kind in (("g0", "search-slow"), ("g1", "flood"))])
    turns, (first, second) = hands.a.deeds.turns, await claimed(hands)
    async with turns._line.place() as place:
        await place.enter()
        stays, goes = asyncio.create_task(turns.take(first)), asyncio.create_task(turns.take(second))
        await asyncio.sleep(0)
        goes.cancel()
        await asyncio.sleep(0)
    await asyncio.gather(stays, goes, return_exceptions=True)
    assert goes.cancelled()
    assert hands.inner.db.execute("SELECT group_key FROM incident").fetchall() == [("monitor/g0",)]


async def test_a_silenced_alert_is_held_back_and_those_in_line_with_it_are_not() -> None:
    hands = hands_with_groups()
    now, text = hands.clock.now(), Matcher("text", "=", "g1 is in trouble")
    ends = now + 60 * MINUTE
    quiet = Silence(matchers=(text,), starts_at=now, ends_at=ends, by="person:mira", why="a migration", created_at=now)
    hands.now(silences.begin(quiet))
    await hands.a.engine.ingest([event(group, kind="search-slow") for group in ("g0", "g1", "g2")])
    await all_in_line(hands, await claimed(hands))
    assert hands.inner.db.execute("SELECT number FROM incident").fetchall() == [(FIRST,)]
    held = await hands.store.read(alert_states(["monitor/g1"]))
    assert [state.held is not None for state in held] == [True]
    assert hands.kinds() == ["Opened", "Escalated", "AlertJoined"]


async def test_turns_in_line_are_told_when_the_store_is_away() -> None:
    hands = hands_with_groups()
    await hands.a.engine.ingest([event(group, kind="search-slow") for group in ("g0", "g1")])
    held = await claimed(hands)
    hands.store.down = True
    assert [type(error) for error in await all_in_line(hands, held)] == [StoreUnavailable] * 2
    hands.store.down = False
    assert hands.inner.db.execute("SELECT count(*) FROM incident").fetchone() == (0,)


async def test_turns_rest_in_a_storm_the_longer_the_more_alerts_come_and_never_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hands, rests = hands_with_groups(), list[float]()

    async def rest(seconds: float) -> None:
        if seconds:
            rests.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", rest)
    turns = hands.a.deeds.turns
    turns._took = 0.02
    hands.clock.advance(timedelta(seconds=1))
    hands.a.engine.intake.taken += 400
    assert not await turns._give_way()
    hands.clock.advance(timedelta(seconds=1))
    hands.a.engine.intake.taken += 600
    assert await turns._give_way()
    hands.clock.advance(timedelta(seconds=2))
    hands.a.engine.intake.taken += 10_000
    assert await turns._give_way()
    turns._took = 60.0  # a store that hung
    hands.clock.advance(timedelta(seconds=1))
    hands.a.engine.intake.taken += 600
    assert await turns._give_way()
    assert rests == pytest.approx([0.024, 0.2, 1.0])


async def test_an_incident_ahead_of_the_clock_delays_no_other() -> None:
    """As after a clock was set back, or on a node that is late."""
    hands = hands_with_groups()
    began = hands.clock.now()
    hands.clock.move_to(began + 30 * MINUTE)
    await hands.opens("P1", kind="checkout-down")
    hands.clock.move_to(began)
    acknowledged = event("till", "acknowledge", kind="checkout-down")
    await hands.a.engine.ingest([acknowledged, event("g1", kind="search-slow", severity="P0")])
    await all_in_line(hands, await claimed(hands))
    while await hands.b.worker.step():
        pass
    assert "Paged" in hands.kinds("INC-2026-0002")
    assert hands.kinds()[-1] == "Acknowledged"


async def test_a_turn_that_is_claimed_anew_is_decided_once() -> None:
    hands = hands_with_groups()
    await hands.a.engine.ingest([event("g0", kind="search-slow"), event("g1", kind="checkout-down")])
    first = await claimed(hands)
    hands.clock.move_to(hands.clock.now() + 2 * MINUTE)  # the leases are lost
    await all_in_line(hands, [*first, *await claimed(hands)])
    assert [hands.kinds(f"INC-2026-000{number}") for number in (1, 2)] == [["Opened", "Escalated"]] * 2


async def test_an_alert_that_is_quiet_while_its_turn_is_decided_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flapping = {"flapping_after": 3, "flapping_within": timedelta(minutes=5)}
    hands = ByHand(msgspec.structs.replace(everybody(), group_within=timedelta(minutes=10), **flapping))
    for _ in range(3):
        for action in ("trigger", "resolve"):
            await hands.a.engine.ingest([event("g0", action, kind="search-slow")])
            await hands.settle()
    row = hands.job("turn/monitor/g0")
    assert row is not None
    quiet = instant(max(row["due"], row["not_before"]))
    hands.clock.move_to(quiet - timedelta(milliseconds=100))
    await hands.a.engine.ingest([event("g1", kind="checkout-down")])

    def nudged() -> t.Transaction[None]:
        yield t.nudge("monitor/g0", hands.clock.now())

    hands.now(nudged())
    held, read = await claimed(hands), hands.store.read

    async def reads(transaction: Any) -> Any:
        if transaction.__name__ == "load_joinable":
            hands.clock.move_to(quiet + timedelta(milliseconds=100))
        return await read(transaction)

    monkeypatch.setattr(hands.store, "read", reads)
    assert len(held) == 2
    await all_in_line(hands, held)
    await hands.let_pass(60)
    assert hands.kinds()[-1] == "Resolved"


async def test_a_line_that_the_database_cuts_is_decided_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hands, cut = hands_with_groups(), list[str]()
    await hands.a.engine.ingest([event(group, kind="search-slow") for group in ("g0", "g1")])
    held, write = await claimed(hands), hands.store.write

    async def cuts(transaction: Any) -> Any:
        if transaction.__name__ == "commit_turns":
            cut.append(transaction.__name__)
            transaction.close()
            raise Overtaken("a circle of waiting transactions")
        return await write(transaction)

    monkeypatch.setattr(hands.store, "write", cuts)
    assert await all_in_line(hands, held) == [None, None]
    assert cut == ["commit_turns"]
    assert hands.kinds() == ["Opened", "Escalated", "AlertJoined"]
