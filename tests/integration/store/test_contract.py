"""What every store promises. One suite; a store joins with one line in `stores.KINDS`."""

import asyncio
from datetime import datetime, timedelta
from typing import get_args

import pytest
from msgspec.structs import replace

from integration.store.stores import (
    BEGAN,
    LASTING,
    LEASED_UNTIL,
    Kind,
    Spot,
    Told,
    alert,
    at,
    claimed,
    job,
    opened,
)
from tocsin.detection.alert import Held, Seen
from tocsin.engine.ports import Store
from tocsin.errors import Conflict, Refused, StoreUnavailable
from tocsin.incident.chain import faults
from tocsin.incident.jobs import (
    Alarm,
    Amend,
    Announce,
    Call,
    Doing,
    Expect,
    GiveUp,
    Inform,
    Job,
    Notify,
    Page,
    Remind,
    RunStep,
    SendUpdate,
    Turn,
    Unreadable,
    is_recorded,
)
from tocsin.incident.silence import Matcher, Silence
from tocsin.store import counting, documents
from tocsin.store import credentials as c
from tocsin.store import silences as s
from tocsin.store import transactions as t
from tocsin.store.queries import Query

EVERYTHING = 2**62
DEEDS: tuple[Doing, ...] = (
    Turn(group_key="monitor/k"),
    Expect(group_key="monitor/k"),
    Call(level="L1", round=1, cause="opened", because="first"),
    Inform(level="Executive", because="told"),
    Remind(topic="update", stage="1", wake=False, whom="holder", because="due"),
    GiveUp(rounds=3),
    Page(level="L1", round=1, person="ada", method="0.mail"),
    Notify(level="L1", person="ada", method="0.mail"),
    SendUpdate(update=3, channel="mail"),
    Announce(channel="slack"),
    Amend(message=3, channel="slack"),
    RunStep(step="look", run=1, changes=False),
    Alarm(text="in trouble"),
)


# -- alerts in


async def test_an_alert_is_kept_with_the_turn_it_asks_for(store: Store) -> None:
    await store.write(t.ingest([alert()], BEGAN))
    timeline = await store.read(t.load_group("monitor/k"))
    assert timeline.alert is not None
    assert (timeline.number, timeline.rev, timeline.rows, timeline.next_ordinal) == (None, 0, (), 1)
    assert timeline.alert.seen == Seen(1, 0, 0)
    held = await claimed(store)
    assert (held.job.do, held.job.due, held.attempts, held.generation) == (Turn(group_key="monitor/k"), BEGAN, 1, 1)


async def test_repeats_only_count(store: Store) -> None:
    for second in range(5):
        await store.write(t.ingest([alert()], at(second)))
    known = (await store.read(t.load_group("monitor/k"))).alert
    assert known is not None
    assert (known.triggers, known.first_at, known.last_at) == (5, at(0), at(4))
    assert (await claimed(store)).generation == 1


async def test_events_of_one_request_are_taken_in_their_order(store: Store) -> None:
    events = [alert("b"), alert("a"), alert("b", "resolve"), alert("a", "resolve"), alert("a")]
    await store.write(t.ingest(events, BEGAN))
    one, two = [(await store.read(t.load_group(f"monitor/{key}"))).alert for key in "ab"]
    assert one is not None
    assert two is not None
    assert (one.status, one.seen, one.flaps) == ("firing", Seen(2, 0, 1), 1)
    assert (two.status, two.seen) == ("resolved", Seen(1, 0, 1))


async def test_an_event_that_says_nothing_leaves_nothing(store: Store) -> None:
    await store.write(t.ingest([alert(action="resolve")], BEGAN))
    assert (await store.read(t.load_group("monitor/k"))).alert is None
    assert await store.read(t.next_due()) is None


async def test_a_turn_asked_for_again_while_it_is_taken_is_not_lost(store: Store) -> None:
    await store.write(t.ingest([alert()], BEGAN))
    held = await claimed(store)
    await store.write(t.ingest([alert(action="resolve")], at(1)))
    await store.write(t.complete_turn(held, at(1)))
    again = await claimed(store, at(1), "two")
    assert (again.job.key, again.generation, again.attempts) == (held.job.key, 2, 2)
    await store.write(t.complete_turn(again, at(1)))
    assert await store.read(t.next_due()) is None


async def test_a_turn_that_broke_and_waits_is_taken_at_once_when_it_is_asked_for_again(store: Store) -> None:
    await store.write(t.ingest([alert()], BEGAN))
    await store.write(t.release(await claimed(store), at(300)))
    assert await store.write(t.claim(at(1), "two", at(60))) is None
    await store.write(t.ingest([alert(action="resolve")], at(2)))
    assert (await claimed(store, at(2), "two")).attempts == 2


# -- commit


async def test_an_opening_is_there_with_its_facts_and_jobs(store: Store) -> None:
    told = Told(jobs=(job("call/L1/1"),))
    await opened(store, told)
    timeline = await store.read(t.load_group("monitor/k"))
    assert (timeline.number, timeline.rev, timeline.rows, timeline.next_ordinal) == ("INC-2026-0001", 1, told.rows, 2)
    assert timeline._replace(next_ordinal=0, reopenings=None) == await store.read(
        t.load_incident("INC-2026-0001", t.SYSTEM)
    )
    assert await store.read(t.jobs_of("INC-2026-0001")) == (job("call/L1/1"),)


async def test_the_chain_comes_back_as_it_was_written(store: Store) -> None:
    spot = await opened(store)
    for second in range(1, 4):
        told = Told(after=spot, now=at(second))
        await store.write(t.commit(told.change))
        spot = told.spot
    [head] = await store.read(t.heads())
    rows = await store.read(t.all_facts("INC-2026-0001"))
    assert len(rows) == 4
    assert faults(rows, head.hash, head.seq) == ()
    assert isinstance(rows[0].payload, bytes)
    assert await store.read(t.orphans()) == ()


async def test_who_decided_on_an_older_state_is_told_and_nothing_of_it_is_kept(store: Store) -> None:
    first = await opened(store)
    await store.write(t.commit(Told(after=first).change))
    stale = Told(after=first, jobs=(job("late"),), receipts=(receipt(1),), viewers=("mallory",))
    with pytest.raises(Conflict, match="INC-2026-0001 moved on"):
        await store.write(t.commit(stale.change))
    timeline = await store.read(t.load_group("monitor/k"))
    assert (timeline.rev, len(timeline.rows)) == (2, 2)
    assert await store.read(t.jobs_of("INC-2026-0001")) == ()
    assert await store.read(t.receipts("INC-2026-0001")) == ()


async def test_every_commit_raises_the_revision_even_without_facts(store: Store) -> None:
    spot = await opened(store)
    empty = Told(after=spot).change._replace(facts=(), last_seq=spot.seq, last_hash=spot.hash)
    await store.write(t.commit(empty))
    assert (await store.read(t.load_group("monitor/k"))).rev == 2
    with pytest.raises(Conflict):
        await store.write(t.commit(empty))


@pytest.mark.parametrize(
    "second",
    [
        Told(number="INC-2026-0002", ordinal=2),  # another incident of a group that has one open
        Told(group="monitor/other", ordinal=2),  # a number that is taken
        Told(number="INC-2026-0002", group="monitor/other"),  # a place that is taken
    ],
)
async def test_two_nodes_cannot_open_the_same_thing(store: Store, second: Told) -> None:
    await opened(store)
    with pytest.raises(Conflict):
        await store.write(t.commit(second.change))
    assert len(await store.read(t.heads())) == 1


async def test_a_closed_incident_makes_room_for_a_new_one_of_its_group(store: Store) -> None:
    spot = await opened(store)
    await store.write(t.commit(Told(after=spot, open=False).change))
    await opened(store, Told(number="INC-2026-0002", ordinal=2))
    assert (await store.read(t.load_group("monitor/k"))).number == "INC-2026-0002"
    with pytest.raises(Refused, match="INC-2026-0002 is open for the same alert"):
        await store.write(t.commit(Told(after=Spot(2, 2, "x")).change))


@pytest.mark.parametrize("stays_open", [True, False])
async def test_an_alert_that_is_part_of_another_open_incident_joins_none(store: Store, stays_open: bool) -> None:
    await store.write(t.ingest([alert("one"), alert("two")], BEGAN))
    spot = await opened(store, Told(group="monitor/one"))
    await opened(store, Told(number="INC-2026-0002", ordinal=2, group="monitor/two"))
    joins = Told(group="monitor/one", after=spot, open=stays_open, triggers=1).change._replace(enters=("monitor/two",))
    with pytest.raises(Conflict, match="monitor/two is part of another open incident than INC-2026-0001"):
        await store.write(t.commit(joins))
    assert (await store.read(t.load_group("monitor/one"))).rev == spot.rev


async def test_without_an_open_incident_the_latest_of_a_group_is_loaded(store: Store) -> None:
    for ordinal in (1, 2):
        number = f"INC-2026-000{ordinal}"
        spot = await opened(store, Told(number=number, ordinal=ordinal))
        await store.write(t.commit(Told(number=number, ordinal=ordinal, after=spot, open=False).change))
    assert (await store.read(t.load_group("monitor/k"))).number == "INC-2026-0002"
    assert await store.read(t.load_incident("INC-2026-0003", t.SYSTEM)) is None


# -- jobs


async def test_jobs_are_taken_when_due_the_oldest_first(store: Store) -> None:
    await opened(store, Told(jobs=(job("c", 5), job("b", 5), job("a", 9))))
    assert await store.write(t.claim(at(4), "x", at(40))) is None
    taken = [(await claimed(store, at(9), f"token-{number}", at(40))).job.key[-1] for number in range(3)]
    assert taken == ["b", "c", "a"]
    assert await store.write(t.claim(at(9), "x", at(40))) is None


async def test_what_somebody_holds_is_taken_over_only_when_the_lease_ran_out(store: Store) -> None:
    await opened(store, Told(jobs=(job("a"),)))
    held = await claimed(store)
    assert await store.write(t.claim(LEASED_UNTIL - timedelta(seconds=1), "two", at(99))) is None
    taken = await claimed(store, LEASED_UNTIL, "two", at(60))
    assert (taken.attempts, taken.job) == (2, held.job)
    # Whose lease was lost can neither keep the job nor give it back, nor end it, nor go on.
    assert not await store.write(t.renew(held, at(99)))
    assert await store.write(t.check(held, at(99))) is None
    await store.write(t.release(held, BEGAN))
    await store.write(t.complete(held))
    assert await store.write(t.claim(at(59), "three", at(99))) is None
    assert await store.write(t.renew(taken, at(99)))


def test_every_kind_of_deed_is_asked_after() -> None:
    assert {*map(type, DEEDS), Unreadable} == set(get_args(Doing))


@pytest.mark.parametrize("do", DEEDS, ids=lambda do: type(do).__name__)
async def test_what_is_only_recorded_is_held_for_less_long(store: Store, do: Doing) -> None:
    owner = "system" if isinstance(do, Alarm) else "INC-2026-0001"
    await opened(store, Told(jobs=()))
    await store.write(t.want(Job(key="x", owner=owner, due=BEGAN, do=do)))
    assert await store.write(t.claim(BEGAN, "one", at(20), recorded=at(4))) is not None
    again = await store.write(t.claim(at(4), "two", at(24), recorded=at(8)))
    assert (again is not None) == is_recorded(do)


async def test_a_check_renews_and_loads_in_one(store: Store) -> None:
    await opened(store, Told(jobs=(job("a"),)))
    held = await claimed(store)
    timeline = await store.write(t.check(held, at(99)))
    assert timeline is not None
    assert timeline.number == "INC-2026-0001"
    assert await store.write(t.claim(at(98), "two", at(200))) is None


async def test_what_is_given_back_waits_until_then_and_keeps_its_count(store: Store) -> None:
    await opened(store, Told(jobs=(job("a"),)))
    held = await claimed(store)
    await store.write(t.release(held, at(10), (receipt(1, "retrying"),)))
    assert await store.write(t.claim(at(9), "two", at(99))) is None
    assert (await claimed(store, at(10), "two", at(99))).attempts == 2
    assert await store.read(t.receipts("INC-2026-0001")) == (receipt(1, "retrying"),)


async def test_replacing_keeps_what_is_still_wanted_as_it_is(store: Store) -> None:
    spot = await opened(store, Told(jobs=(job("a"), job("b"))))
    await store.write(t.release(await claimed(store), at(10)))
    await store.write(t.commit(Told(after=spot, jobs=(job("a", 3), job("c"))).change))
    assert [(it.key[-1], it.due) for it in await store.read(t.jobs_of("INC-2026-0001"))] == [("c", at(0)), ("a", at(3))]
    assert (await claimed(store)).job.key.endswith("c")
    assert await store.write(t.claim(at(9), "two", at(99))) is None  # "a" still waits for its 10 seconds
    assert (await claimed(store, at(10), "two", at(99))).attempts == 2


async def test_what_somebody_else_holds_stays_with_them_though_no_longer_wanted(store: Store) -> None:
    spot = await opened(store, Told(jobs=(job("a"),)))
    held = await claimed(store)
    told = Told(after=spot, jobs=())
    await store.write(t.commit(told.change))
    assert await store.write(t.renew(held, at(60)))
    # The holder's own commit drops it; so does anybody's once the lease ran out.
    await store.write(t.commit(Told(after=told.spot, held=held).change))
    assert await store.read(t.jobs_of("INC-2026-0001")) == ()


async def test_what_nobody_wants_is_dropped_when_its_lease_ran_out(store: Store) -> None:
    spot = await opened(store, Told(jobs=(job("a"),)))
    await claimed(store)
    await store.write(t.commit(Told(after=spot, now=LEASED_UNTIL).change))
    assert await store.read(t.jobs_of("INC-2026-0001")) == ()


async def test_completing_is_replacing_so_a_job_still_wanted_is_given_back(store: Store) -> None:
    spot = await opened(store, Told(jobs=(job("a"),)))
    held = await claimed(store)
    await store.write(t.commit(Told(after=spot, jobs=(job("a"),), held=held).change))
    assert (await claimed(store, name="two")).attempts == 2


async def test_other_owners_jobs_are_left_alone(store: Store) -> None:
    await opened(store, Told(jobs=(job("a"),)))
    await opened(store, Told(number="INC-2026-0002", ordinal=2, group="monitor/other"))
    assert len(await store.read(t.jobs_of("INC-2026-0001"))) == 1


async def test_the_next_due_is_when_something_can_be_taken(store: Store) -> None:
    assert await store.read(t.next_due()) is None
    await opened(store, Told(jobs=(job("a", 3), job("b", 50))))
    assert await store.read(t.next_due()) == at(3)
    held = await claimed(store, at(3))
    assert await store.read(t.next_due()) == LEASED_UNTIL  # 30 s: nobody can take "a" before
    await store.write(t.release(held, at(20)))
    assert await store.read(t.next_due()) == at(20)
    await store.write(t.release(await claimed(store, at(20), "two", at(60)), at(70)))
    assert await store.read(t.next_due()) == at(50)  # "b" comes before "a", which waits until 70
    assert await store.read(t.next_due(until=at(49))) is None
    assert await store.read(t.next_due(until=at(50))) == at(50)


async def test_a_job_of_the_system_is_wanted_once_and_ended_by_its_holder(store: Store) -> None:
    wish = Job(key="system/broke/x", owner="system", due=BEGAN, do=Alarm(text="one"))
    again = Job(key="system/broke/x", owner="system", due=at(9), do=Alarm(text="two"))
    await store.write(t.want(wish))
    await store.write(t.want(again))
    held = await claimed(store)
    assert held.job == wish
    await store.write(t.complete(held))
    assert await store.read(t.next_due()) is None


async def test_what_is_due_can_be_looked_at_without_taking_it(store: Store) -> None:
    await opened(store, Told(jobs=(job("a"), job("b"), job("c", 9))))
    await claimed(store)
    assert [held.job.key[-1] for held in await store.read(t.jobs_due(BEGAN))] == ["a", "b"]
    assert (await claimed(store, name="two")).attempts == 1


async def test_receipts_are_kept_in_their_order(store: Store) -> None:
    kept = tuple(receipt(number) for number in (1, 2, 3))
    await opened(store, Told(receipts=kept))
    assert await store.read(t.receipts("INC-2026-0001")) == kept
    assert await store.read(t.receipts("INC-2026-0002")) == ()


def receipt(attempt: int, status: str = "accepted") -> t.Receipt:
    """Give what came of an attempt."""
    return t.Receipt("INC-2026-0001/a", "INC-2026-0001", attempt, at(attempt), status, "as it says")


# -- many at once, and trouble


async def test_everybody_who_writes_at_once_gets_an_answer(store: Store) -> None:
    await asyncio.gather(*(store.write(t.ingest([alert(str(number))], BEGAN)) for number in range(100)))
    taken = set()
    for number in range(100):
        taken.add((await claimed(store, name=f"token-{number}")).job.key)
    assert len(taken) == 100


async def test_of_all_who_commit_the_same_revision_one_wins(store: Store) -> None:
    spot = await opened(store)
    tries = [store.write(t.commit(Told(after=spot).change)) for _ in range(20)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 19 + ["NoneType"]
    assert len(await store.read(t.all_facts("INC-2026-0001"))) == 2


def broken() -> t.Transaction[None]:
    """Write something and then break."""
    yield Query("meta_put_once", ("half", "done"))
    raise ValueError("broken on purpose")


async def test_who_fails_in_a_batch_hurts_nobody_else_and_leaves_nothing(store: Store) -> None:
    wishes = [store.write(c.remember_once(f"name-{number}", "kept")) for number in range(10)]
    outcomes = await asyncio.gather(*wishes[:5], store.write(broken()), *wishes[5:], return_exceptions=True)
    assert isinstance(outcomes[5], ValueError)
    assert [outcome for outcome in outcomes if not isinstance(outcome, ValueError)] == ["kept"] * 10
    assert await store.write(c.remember_once("half", "never written")) == "never written"
    for number in range(10):
        assert await store.write(c.remember_once(f"name-{number}", "other")) == "kept"


async def test_a_reader_sees_what_was_answered(store: Store) -> None:
    for number in range(20):
        await store.write(t.ingest([alert(str(number))], BEGAN))
        assert (await store.read(t.load_group(f"monitor/{number}"))).alert is not None


async def test_a_full_disk_is_said_and_nothing_is_half_written(store: Store, kind: Kind) -> None:
    await opened(store)
    kind.fill(store, full=True)
    with pytest.raises(StoreUnavailable, match=r"the store cannot be used now: .*(disk is full|No space left)"):
        await store.write(documents.publish("runbook", "s" * 64, "RUNBOOK.md", b"x" * 500_000, BEGAN))
    assert (await store.read(t.load_group("monitor/k"))).rev == 1
    assert await store.read(documents.document("runbook")) is None
    kind.fill(store, full=False)
    assert (await store.write(documents.publish("runbook", "s" * 64, "RUNBOOK.md", b"x" * 500_000, BEGAN))).version >= 1


async def test_a_store_that_may_not_be_written_says_so_and_goes_on_when_it_may(store: Store, kind: Kind) -> None:
    await opened(store, Told(jobs=(job("a"),)))
    kind.forbid(store, writing=True)
    with pytest.raises(StoreUnavailable, match=r"read-?only"):
        await store.write(t.ingest([alert("new")], BEGAN))
    with pytest.raises(StoreUnavailable):
        await store.write(t.claim(BEGAN, "one", LEASED_UNTIL))
    kind.forbid(store, writing=False)
    assert (await claimed(store)).attempts == 1


# -- who may see


async def test_a_restricted_incident_is_not_there_for_others(store: Store) -> None:
    await opened(store, Told(restricted=True, viewers=("eva",)))
    await opened(store, Told(number="INC-2026-0002", ordinal=2, group="monitor/other"))
    for viewer, sees in (
        (t.SYSTEM, 2),
        (t.Viewer(everything=False, person="eva"), 2),
        (t.Viewer(everything=False, person="mira"), 1),
        (t.Viewer(everything=False, person=""), 1),
    ):
        listed = await store.read(t.incidents(viewer, only_open=False, before=EVERYTHING, limit=10))
        loaded = await store.read(t.load_incident("INC-2026-0001", viewer))
        assert (len(listed), loaded is not None) == (sees, sees == 2), viewer


async def test_what_restricted_incidents_want_is_not_counted(store: Store) -> None:
    await opened(store, Told(restricted=True, jobs=(job("page"), job("late", 9))))
    plain = "INC-2026-0002"
    jobs = (job("page", owner=plain), job("late", 9, owner=plain))
    await opened(store, Told(number=plain, ordinal=2, group="monitor/other", jobs=jobs))
    assert await store.read(counting.jobs_waiting(BEGAN)) == (0,)
    assert await store.read(counting.jobs_waiting(at(9))) == (0, 0)
    await store.write(t.claim(BEGAN, "one", LEASED_UNTIL))
    assert await store.read(counting.jobs_waiting(BEGAN)) == (0,), "what is under way is not done"


async def test_whether_a_group_may_be_counted_is_known_once_it_is_decided(store: Store) -> None:
    groups = ("monitor/k", "monitor/other", "monitor/none", "monitor/waits")
    await opened(store, Told(restricted=True))
    await opened(store, Told(number="INC-2026-0002", ordinal=2, group="monitor/other"))
    await store.write(t.ingest([alert("waits")], BEGAN))
    decided = {"monitor/k": True, "monitor/other": False, "monitor/none": False}
    assert await store.read(counting.groups_decided(groups)) == decided
    assert await store.read(counting.groups_decided(())) == {}


async def test_who_is_called_later_sees_it_from_then_on(store: Store) -> None:
    spot = await opened(store, Told(restricted=True, viewers=("eva",)))
    jonas = t.Viewer(everything=False, person="jonas")
    assert await store.read(t.load_incident("INC-2026-0001", jonas)) is None
    await store.write(t.commit(Told(after=spot, restricted=True, viewers=("eva", "jonas")).change))
    assert await store.read(t.load_incident("INC-2026-0001", jonas)) is not None


async def test_lists_are_the_newest_first_in_pages(store: Store) -> None:
    for ordinal in range(1, 6):
        number = f"INC-2026-000{ordinal}"
        spot = await opened(store, Told(number=number, ordinal=ordinal, group=f"monitor/{ordinal}"))
        if ordinal == 2:
            over = Told(number=number, ordinal=ordinal, group=f"monitor/{ordinal}", after=spot, open=False)
            await store.write(t.commit(over.change))
    first = await store.read(t.incidents(t.SYSTEM, only_open=False, before=EVERYTHING, limit=2))
    rest = await store.read(t.incidents(t.SYSTEM, only_open=False, before=first[-1].ordinal, limit=9))
    still = await store.read(t.incidents(t.SYSTEM, only_open=True, before=EVERYTHING, limit=9))
    assert [listed.ordinal for listed in (*first, *rest)] == [5, 4, 3, 2, 1]
    assert [listed.ordinal for listed in still] == [5, 4, 3, 1]
    assert first[0].view == b'{"id":"INC-2026-0005"}'


# -- documents


async def test_publishing_is_a_version_and_a_turn_for_every_open_incident(store: Store) -> None:
    await opened(store)
    await opened(store, Told(number="INC-2026-0002", ordinal=2, group="monitor/over", open=False))
    published = await store.write(documents.publish("runbook", "one", "RUNBOOK.md", b"# One\n", BEGAN))
    assert published == documents.Document(1, "one", "RUNBOOK.md", b"# One\n", BEGAN)
    assert await store.read(documents.document("runbook")) == published
    assert (await claimed(store)).job.do == Turn(group_key="monitor/k")
    assert await store.write(t.claim(BEGAN, "two", LEASED_UNTIL)) is None


async def test_publishing_the_same_again_is_nothing_new(store: Store) -> None:
    await opened(store)
    await store.write(documents.publish("runbook", "one", "RUNBOOK.md", b"# One\n", BEGAN))
    await store.write(t.complete_turn(await claimed(store), BEGAN))
    again = await store.write(documents.publish("runbook", "one", "RUNBOOK.md", b"# One\n", at(9)))
    assert (again.version, again.at) == (1, BEGAN)
    assert await store.read(t.next_due()) is None


async def test_an_older_version_is_found_by_its_content_and_can_come_back_into_force(store: Store) -> None:
    for sha in ("one", "two", "one"):
        await store.write(documents.publish("runbook", sha, "RUNBOOK.md", sha.encode(), BEGAN))
    current, old = await store.read(documents.document("runbook")), await store.read(documents.document_by_sha("two"))
    assert current is not None
    assert old is not None
    assert (current.sha, current.version, old.body, old.version) == ("one", 3, b"two", 2)
    assert await store.read(documents.document("configuration")) is None
    assert await store.read(documents.document_by_sha("three")) is None


async def test_a_version_is_found_by_the_beginning_of_its_hash_with_what_stands_around_it(store: Store) -> None:
    for sha in ("aa11", "bb22", "aa33", "aa33"):
        await store.write(documents.publish("runbook", sha, "RUNBOOK.md", sha.encode(), BEGAN, by=f"person:{sha}"))
    await store.write(documents.publish("settings", "aa44", "tocsin.toml", b"", BEGAN))
    latest = await store.read(documents.document_named("runbook", "aa"))
    first = await store.read(documents.document_named("runbook", "aa1"))
    assert latest is not None
    assert first is not None
    assert (latest.one.sha, latest.until, latest.before) == (
        "aa33",
        None,
        documents.Version(2, "bb22", "RUNBOOK.md", BEGAN, "person:bb22"),
    )
    assert (first.one.by, first.until, first.before) == ("person:aa11", latest.before, None)
    assert await store.read(documents.document_named("runbook", "cc")) is None
    listed = await store.read(documents.document_versions("runbook", 2**62, 2))
    assert [one.version for one in listed] == [3, 2]
    assert [one.sha for one in await store.read(documents.document_versions("runbook", 2, 9))] == ["aa11"]


# -- credentials and what is remembered


async def test_a_credential_holds_until_it_ends(store: Store) -> None:
    lasting = c.Credential("hash-1", "token", "person:mira", "write")
    ending = c.Credential("hash-2", "session", "person:mira", "write", at(10))
    for credential in (lasting, ending):
        await store.write(c.put_credential(credential, BEGAN))
    assert await store.read(c.get_credential("hash-1", "token", at(10**6))) == lasting._replace(expires_at=None)
    assert await store.read(c.get_credential("hash-2", "session", at(9))) is not None
    assert await store.read(c.get_credential("hash-2", "session", at(10))) is None
    assert await store.read(c.get_credential("hash-1", "session", BEGAN)) is None  # of another kind
    await store.write(c.drop_credential("hash-1"))
    assert await store.read(c.get_credential("hash-1", "token", BEGAN)) is None


async def test_a_one_time_credential_is_good_once(store: Store) -> None:
    await store.write(c.put_credential(c.Credential("hash", "link", "person:mira", "sign-in", at(60)), BEGAN))
    assert await store.write(c.use_credential("hash", "session", BEGAN)) is None
    tries = [store.write(c.use_credential("hash", "link", at(1))) for _ in range(5)]
    used = [credential for credential in await asyncio.gather(*tries) if credential]
    assert [credential.principal for credential in used] == ["person:mira"]
    await store.write(c.put_credential(c.Credential("late", "link", "person:mira", "sign-in", at(60)), BEGAN))
    assert await store.write(c.use_credential("late", "link", at(60))) is None


async def test_what_is_remembered_once_stays(store: Store) -> None:
    assert await store.write(c.remember_once("key", "one")) == "one"
    assert await store.write(c.remember_once("key", "two")) == "one"


# -- closing and opening again


@pytest.mark.parametrize("kind", LASTING, indirect=True)
async def test_what_was_written_is_there_after_a_restart_and_leases_end(kind: Kind) -> None:
    store = await kind.open()
    told = Told(jobs=(job("a"),))
    await opened(store, told)
    await store.write(t.ingest([alert()], BEGAN))
    await store.write(documents.publish("runbook", "one", "RUNBOOK.md", b"# One\n", BEGAN))
    until = LEASED_UNTIL if store.lease_expires else at(10**9)
    await claimed(store, until=until)
    store.close()

    again = await kind.open()
    timeline = await again.read(t.load_group("monitor/k"))
    assert (timeline.number, timeline.rows, timeline.alert is not None) == ("INC-2026-0001", told.rows, True)
    assert await again.read(documents.document("runbook")) is not None
    if again.lease_expires:  # the holder may be another node, which goes on
        assert (await claimed(again, name="turn")).job.do == Turn(group_key="monitor/k")
    held = await claimed(again, LEASED_UNTIL if again.lease_expires else BEGAN, "two", at(99))
    assert (held.job, held.attempts) == (job("a"), 2)  # the attempt that was cut short still counts
    again.close()


# -- silences


def silence(why: str = "we patch", minutes: int = 60) -> Silence:
    """Give a silence from the beginning on."""
    ends = BEGAN + timedelta(minutes=minutes)
    matchers = (Matcher("text", "=~", ".*"),)
    return Silence(matchers=matchers, starts_at=BEGAN, ends_at=ends, by="person:mira", why=why, created_at=BEGAN)


def held_by(*names: str, until: datetime = BEGAN + timedelta(minutes=60)) -> Held:
    """Give what holds an alert back."""
    return Held(silences=names, until=until, why="x", triggers=1, entry=None, severity="P1", since=BEGAN)


async def test_silences_get_numbers_and_those_that_are_over_are_still_listed(store: Store) -> None:
    one, two = [await store.write(s.begin(silence(why))) for why in ("one", "two")]
    assert (one.id, two.id) == ("SIL-1", "SIL-2")
    ended = await store.write(s.end("SIL-1", "person:bo", at(60)))
    assert ended is not None
    assert (ended.ended_at, ended.ended_by) == (at(60), "person:bo")
    assert await store.write(s.end("SIL-1", "person:mira", at(90))) == ended
    assert await store.write(s.end("SIL-3", "person:mira", at(90))) is None
    assert await store.read(s.silences_ahead(at(60))) == (two,)
    assert await store.read(s.silences_ahead(at(3600))) == ()
    assert await store.read(s.silences(EVERYTHING, 9)) == (two, ended)
    assert [await store.read(s.silence(name)) for name in ("SIL-2", "SIL-02", "x")] == [two, None, None]


async def test_two_silences_made_at_once_get_two_numbers(store: Store) -> None:
    made = await asyncio.gather(*(store.write(s.begin(silence(str(place)))) for place in range(8)))
    assert {one.id for one in made} == {f"SIL-{place}" for place in range(1, 9)}


async def test_a_held_alert_waits_for_the_end_without_being_overdue(store: Store) -> None:
    await store.write(s.begin(silence()))
    await store.write(t.ingest([alert()], BEGAN))
    turn = await claimed(store)
    assert await store.write(s.hold(turn, "monitor/k", held_by("SIL-1"), BEGAN))
    [state] = await store.read(s.alerts_held(at(1)))
    assert state.held == held_by("SIL-1")
    assert await store.read(t.next_due()) == at(3600)
    assert await store.read(t.jobs_due(at(3599))) == ()
    await store.write(t.ingest([alert()], at(5)))
    assert await store.read(t.next_due()) == at(3600)  # it says nothing new
    again = await claimed(store, at(3600), "two")
    assert again.attempts == 1
    assert await store.read(s.alerts_held(at(3600))) == ()


async def test_an_event_that_says_something_new_is_decided_on_at_once(store: Store) -> None:
    await store.write(s.begin(silence()))
    await store.write(t.ingest([alert()], BEGAN))
    await store.write(s.hold(await claimed(store), "monitor/k", held_by("SIL-1"), BEGAN))
    await store.write(t.ingest([replace(alert(), summary="it is worse")], at(5)))
    assert (await claimed(store, at(5), "two")).job.due == at(5)


async def test_an_event_during_the_turn_that_holds_an_alert_back_is_not_lost(store: Store) -> None:
    await store.write(s.begin(silence()))
    await store.write(t.ingest([alert()], BEGAN))
    turn = await claimed(store)
    await store.write(t.ingest([alert(action="resolve")], at(1)))
    await store.write(s.hold(turn, "monitor/k", held_by("SIL-1"), at(1)))
    again = await claimed(store, at(1), "two")
    await store.write(s.hold(again, "monitor/k", held_by("SIL-1"), at(1)))
    assert await store.read(t.next_due()) is None  # it is over: remembered, and nothing to wait for
    assert await store.read(s.alerts_held(at(1))) == ()


async def test_ending_a_silence_asks_for_a_turn_of_what_it_holds_back_and_of_nothing_else(store: Store) -> None:
    for why in ("one", "two"):
        await store.write(s.begin(silence(why)))
    await store.write(t.ingest([alert("a"), alert("b")], BEGAN))
    for name, number in (("one", "SIL-1"), ("two", "SIL-2")):
        turn = await claimed(store, name=name)
        group = turn.job.key.removeprefix("turn/")
        await store.write(s.hold(turn, group, held_by(number), BEGAN))
    await store.write(s.end("SIL-2", "person:mira", at(9)))
    assert (await claimed(store, at(9), "three")).job.key == "turn/monitor/b"
    assert await store.write(t.claim(at(9), "four", LEASED_UNTIL)) is None


async def test_a_silence_that_ended_meanwhile_holds_nothing_back(store: Store) -> None:
    await store.write(s.begin(silence()))
    await store.write(t.ingest([alert()], BEGAN))
    turn = await claimed(store)
    await store.write(s.end("SIL-1", "person:mira", at(1)))
    assert not await store.write(s.hold(turn, "monitor/k", held_by("SIL-1"), at(1)))
    assert await store.read(s.alerts_held(at(1))) == ()
    assert (await claimed(store, at(1), "two")).attempts == 2


async def test_an_alert_with_an_open_incident_is_held_back_by_nothing(store: Store) -> None:
    await store.write(s.begin(silence()))
    await store.write(t.ingest([alert()], BEGAN))
    await store.write(s.hold(await claimed(store), "monitor/k", held_by("SIL-1"), BEGAN))
    await opened(store)
    assert await store.read(s.alerts_held(at(1))) == ()
