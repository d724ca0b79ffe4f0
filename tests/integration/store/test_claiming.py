"""Several jobs in one transaction, with what each is decided on. Over every store."""

from datetime import datetime

from integration.store.stores import BEGAN, Told, alert, at, job, opened
from tocsin.engine.pacing import SENDS_AT_ONCE, Pacing, UnderWay
from tocsin.engine.ports import Store
from tocsin.incident.jobs import Alarm, Job, Page, RunStep, Turn
from tocsin.store import transactions as t
from tocsin.store.claiming import Ask, Room, Taken, claim_some
from tocsin.store.readings import ForTurn

WIDE = Room(5, t.ALL_OPEN, {"": 9, "mail": 9}, frozenset())


async def taken(store: Store, room: Room = WIDE, now: datetime = BEGAN, *, asks: int = 4, checks: bool = True) -> Taken:
    many = [Ask(f"{now.timestamp()}.{number}", last_first=False) for number in range(asks)]
    return await store.write(claim_some(now, many, at(40), at(4), room, horizon=at(60), checks=checks))


def page(name: str, person: str = "ada") -> Job:
    do = Page(level="L1", round=1, person=person, method="0.mail")
    return Job(key=name, owner="INC-2026-0001", due=BEGAN, do=do)


async def test_as_many_as_are_asked_for_are_taken_each_under_a_token_of_its_own(store: Store) -> None:
    await opened(store, Told(jobs=tuple(job(name) for name in "abcde")))
    first = await taken(store)
    assert ([held.job.key[-1] for held in first.jobs], first.dry) == (["a", "b", "c", "d"], False)
    assert len({held.token for held in first.jobs}) == 4
    rest = await taken(store)
    assert ([held.job.key[-1] for held in rest.jobs], rest.dry) == (["e"], True)


async def test_who_takes_the_last_hears_when_the_next_is_due(store: Store) -> None:
    await opened(store, Told(jobs=(job("a"), job("b", 2), job("c", 99))))
    assert (await taken(store)).due == at(2)
    assert [held.job.key[-1] for held in (await taken(store, now=at(2))).jobs] == ["b"]
    assert (await taken(store, now=at(3))).due == at(4), "that is when a claim runs out"


async def test_what_is_due_behind_the_horizon_is_not_told(store: Store) -> None:
    await opened(store, Told(jobs=(job("c", 99),)))
    assert await taken(store) == Taken((), dry=True)


async def test_what_a_job_is_decided_on_comes_with_it(store: Store) -> None:
    await opened(store, Told(jobs=(page("p"),)))
    await store.write(t.ingest([alert("other")], BEGAN))
    first = await taken(store)
    by_kind = {type(held.job.do): first.looked[held.token] for held in first.jobs}
    paged, turn = by_kind[Page], by_kind[Turn]
    assert isinstance(paged, t.Timeline)
    assert paged.number == "INC-2026-0001"
    assert isinstance(turn, ForTurn)
    assert turn.timeline.alert is not None


async def test_of_turns_that_wait_for_each_other_only_the_first_brings_what_it_is_decided_on(store: Store) -> None:
    await store.write(t.ingest([alert("a"), alert("b")], BEGAN))
    both = await taken(store)
    assert [held.token in both.looked for held in both.jobs] == [True, False]
    await store.write(t.ingest([alert("c")], at(1)))
    asks = [Ask("late", last_first=False)]
    claiming = claim_some(at(1), asks, at(40), at(4), WIDE, horizon=at(60), checks=True, turning=True)
    late = await store.write(claiming)
    assert (len(late.jobs), late.looked) == (1, {})


async def test_where_a_claim_can_be_lost_a_page_is_looked_at_right_before_it_is_sent(store: Store) -> None:
    await opened(store, Told(jobs=(page("p"),)))
    first = await taken(store, checks=False)
    assert (len(first.jobs), first.looked) == (1, {})


async def test_no_more_are_taken_by_a_channel_than_it_has_places_for(store: Store) -> None:
    await opened(store, Told(jobs=tuple(page(name) for name in "pqr")))
    first = await taken(store, WIDE._replace(left={"": 9, "mail": 2}))
    assert (len(first.jobs), first.dry, first.due) == (2, True, None)


async def test_one_message_of_a_lane_is_taken_where_the_rest_goes_with_it(store: Store) -> None:
    await opened(store, Told(jobs=(page("p"), page("q"), page("r", "ben"))))
    first = await taken(store, WIDE._replace(together=frozenset({"mail"})))
    assert [held.job.key[-1] for held in first.jobs] == ["p", "r"]


async def test_nothing_is_taken_behind_a_message_of_a_channel_that_is_not_known_nor_behind_a_command(
    store: Store,
) -> None:
    run = Job(key="run", owner="INC-2026-0001", due=BEGAN, do=RunStep(step="look", run=1, changes=False))
    await opened(store, Told(jobs=(page("p"), page("q"), run, run_again(run))))
    assert [len((await taken(store, WIDE._replace(left={"": 9}))).jobs) for _ in range(4)] == [1, 1, 1, 1]


def run_again(run: Job) -> Job:
    return Job(key="run/2", owner=run.owner, due=run.due, do=RunStep(step="look", run=2, changes=False))


def test_a_worker_s_room_counts_what_is_under_way_and_the_tokens_of_its_channels() -> None:
    pacing = Pacing(lambda _: None, lambda _: True)
    unknown = pacing.room(UnderWay(), 8, 5, 0.0)
    assert unknown.left == {"": 8}
    pacing.take(page("p").do, 0.0)
    room = pacing.room(UnderWay([page("p").do, Alarm(text="x")]), 8, 5, 0.0)
    assert (room.left["mail"], room.together) == (SENDS_AT_ONCE - 1, frozenset({"mail"}))
    after = room.after(page("q", "ben").do)
    assert after is not None
    assert after.left["mail"] == SENDS_AT_ONCE - 2
    assert len(after.closed.lanes) == len(room.closed.lanes) + 1
