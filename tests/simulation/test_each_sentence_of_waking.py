"""One test for each way to be woken: one node alone, whose worker rests for seconds where nobody tells it anything.

what is asked for outside incidents is done at once     what is asked for again while it ends is taken again at once
what is given back is taken when it is due              alerts that leave an incident are looked at at once
what a silence held back is looked at when it ends      what opens again is looked at when it does
a commit tells when the first thing it wants is due     who is to stop, or hears of another node, rests no longer
what is published, or confirmed, wakes                  what only pages show wakes nobody who works
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from simulation.by_hand import ByHand
from simulation.cluster import Cluster
from simulation.company import BEGAN, EDITIONS, event, reading
from simulation.node import now_of
from tocsin.assembly import Options, Tocsin, assemble
from tocsin.clock import SharedClock
from tocsin.detection.pagerduty import Change
from tocsin.drill.clock import MovedClock
from tocsin.engine import moving, silencing, test_pages
from tocsin.engine.asking import give_back, want
from tocsin.engine.changes import Changes
from tocsin.engine.engine import Engine
from tocsin.engine.nodes import Nodes
from tocsin.grouping.drafting import Draft
from tocsin.grouping.matchers import read_matcher
from tocsin.grouping.moving import Mover
from tocsin.incident.jobs import Alarm, Claimed, Job
from tocsin.incident.wishes import Acknowledge
from tocsin.store import credentials as c
from tocsin.store import documents
from tocsin.store import transactions as t
from tocsin.store.sqlite import perform, statements

_SQL = statements()
REST = 6.0
"""Longer than a worker rests."""

SILENCE = Draft(matchers=(read_matcher("text=~till.*"),), why="it is known", lasts=timedelta(minutes=40))


@pytest.fixture(params=[True, False], ids=["out of order", "in order"])
def alone(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    cluster = Cluster(5, 1, lease_expires=request.param)
    cluster.run(REST)
    yield cluster
    cluster.close()


def asks(cluster: Cluster, question: object, patience: float = 6.0) -> None:
    cluster.ask(cluster.nodes[0], question, patience)  # type: ignore[arg-type]


def late(cluster: Cluster) -> list[str]:
    """Let the worker rest to the end, and give what it should have been told."""
    cluster.run(REST)
    return [fault for fault in cluster.ledger.faults if fault.endswith("late")]


def alarm(due: float) -> Job:
    return Job(key="system/test", owner="system", due=now_of(due), do=Alarm(text="this is told"))


def test_the_simulation_sees_that_nobody_was_told(alone: Cluster) -> None:
    asks(alone, lambda engine: engine.store.write(t.want(alarm(alone.now))))
    assert len(late(alone)) == 1


def test_what_is_asked_for_outside_incidents_is_done_at_once(alone: Cluster) -> None:
    asks(alone, lambda engine: want(engine.store, engine.changes, alarm(alone.now)))
    assert late(alone) == []
    assert [accepted.kind for accepted in alone.ledger.accepted] == ["alarm"]


def test_what_is_given_back_is_taken_when_it_is_due(alone: Cluster) -> None:
    alone.modes |= {"phone": "refuse", "mail": "refuse"}  # nobody can be told, so the alarm is tried again in a second
    asks(alone, lambda engine: want(engine.store, engine.changes, alarm(alone.now)))
    alone.run(12.0)
    assert late(alone) == []


def test_what_is_given_back_while_the_worker_asks_is_taken_when_it_is_due(alone: Cluster) -> None:
    async def given_back(engine: Engine, held: Claimed, after: float) -> None:
        engine.changes.ask()  # the worker asks for the next one, and finds none
        await asyncio.sleep(after)
        await give_back(engine.store, engine.changes, held, now_of(alone.now + 2.0))

    for place in range(12):
        perform(alone.store.db, _SQL, t.want(alarm(alone.now)))
        held = perform(alone.store.db, _SQL, t.claim(now_of(alone.now), "by hand", now_of(alone.now + 3600.0)))
        asks(alone, lambda engine, held=held, after=place / 200: given_back(engine, held, after))
        assert late(alone) == []


@pytest.mark.parametrize("silenced", [False, True])
def test_an_alert_that_comes_again_while_it_is_decided_on_is_decided_on_again_at_once(
    alone: Cluster, silenced: bool
) -> None:
    if silenced:
        asks(alone, lambda engine: silencing.begin(engine, SILENCE, "person:mira"))
    for place in range(40):
        asks(alone, lambda engine: engine.ingest([event("till", severity="P1")]), place / 100)
        asks(alone, lambda engine: engine.ingest([event("till", "resolve")]))
        assert late(alone) == []


def test_what_a_silence_held_back_is_looked_at_when_it_is_ended(alone: Cluster) -> None:
    asks(alone, lambda engine: silencing.begin(engine, SILENCE, "person:mira"))
    asks(alone, lambda engine: engine.ingest([event("till", severity="P1")]))
    assert late(alone) == []
    asks(alone, lambda engine: silencing.end(engine, "SIL-1", "person:bo"))
    assert late(alone) == []
    assert alone.ledger.accepted, "somebody is paged"


def test_alerts_that_go_from_one_incident_to_another_are_looked_at_at_once(alone: Cluster) -> None:
    asks(alone, lambda engine: engine.ingest([event("till", severity="P1"), event("shelf", severity="P1")]))
    assert late(alone) == []
    one, other = "INC-2026-0001", "INC-2026-0002"
    asks(alone, lambda engine: moving.merge(engine, one, other, Mover("person:mira", "one trouble"), t.SYSTEM))
    assert late(alone) == []


async def test_a_rest_ends_when_what_was_closed_opens_again(monkeypatch: pytest.MonkeyPatch) -> None:
    hands, rests = ByHand(), list[float]()

    async def asks(_: int, seconds: float) -> bool:
        rests.append(seconds)
        hands.clock.advance(timedelta(seconds=seconds))
        return False

    monkeypatch.setattr(hands.a.engine.changes, "asks", asks)
    hands.a.deeds.pacing.pause("push", timedelta(seconds=2), hands.clock.monotonic())
    await hands.a.worker._rest(hands.a.engine.changes.asked, None)
    assert rests == [pytest.approx(2.001)]
    hands.inner.close()


async def test_a_commit_tells_when_the_first_thing_it_wants_is_due() -> None:
    hands = ByHand()
    await hands.opens("P1")
    hands.a.engine.changes.due = None
    await hands.act(Acknowledge(by="person:mira"))
    assert hands.a.engine.changes.due == await hands.a.worker.next_due()
    hands.inner.close()


def test_a_worker_that_rests_ends_when_it_is_told_to_stop(alone: Cluster) -> None:
    asks(alone, lambda engine: want(engine.store, engine.changes, alarm(alone.now)))
    alone.run(1.0)
    [node] = alone.nodes
    assert node.changes is not None
    node.start(node.changes.worker.stop())
    alone.run(0.001)
    assert node.running is not None
    assert node.running.done()


def told(cluster: Cluster) -> tuple[int, int]:
    """Give how often who works was woken, and how often who waits to see something."""
    changes = cluster.nodes[0].engine.changes
    return changes.asked, changes.version


def test_a_silence_that_begins_is_shown_and_wakes_nobody_who_works(alone: Cluster) -> None:
    asked, version = told(alone)
    asks(alone, lambda engine: silencing.begin(engine, SILENCE, "person:mira"))
    assert told(alone) == (asked, version + 1)


def test_a_change_of_what_is_watched_is_shown_and_wakes_nobody_who_works(alone: Cluster) -> None:
    asked, version = told(alone)
    asks(alone, lambda engine: engine.take_change(Change(routing_key="", summary="Deployed", source="ci"), "ci"))
    assert told(alone) == (asked, version + 1)


def test_who_waits_for_the_answer_to_a_test_page_hears_it_at_once(
    alone: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_pages, "_LOOK", 1000.0)
    [node], pages = alone.nodes, alone.nodes[0].engine.test_pages
    asks(alone, lambda engine: engine.test_pages.expect("TEST-1", "mira", 900.0))
    asked, _ = told(alone)
    waiting = node.start(pages.answered("TEST-1", "mira", 900.0))
    alone.run(REST)
    asks(alone, lambda engine: engine.test_pages.answer("TEST-1", "mira"))
    alone.run(REST)
    assert waiting.done()
    assert waiting.result()
    assert told(alone)[0] == asked, "nothing is due"


async def test_an_answer_to_a_test_page_that_comes_while_it_is_looked_for_is_heard_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(test_pages, "_LOOK", 1000.0)
    hands = ByHand()
    pages, read, looks = hands.a.engine.test_pages, hands.store.read, list[bool]()
    await pages.expect("TEST-1", "mira", 900.0)

    async def answered_meanwhile(transaction: t.Transaction[bool]) -> bool:
        found = await read(transaction)
        looks.append(found)
        if len(looks) == 1:
            await pages.answer("TEST-1", "mira")
        return found

    monkeypatch.setattr(hands.store, "read", answered_meanwhile)
    assert await pages.answered("TEST-1", "mira", 10.0)
    hands.inner.close()


async def test_who_works_is_woken_when_another_node_rings() -> None:
    changes, followed = Changes(), asyncio.Event()

    class Bell:
        async def attend(self, heard: Callable[[], None], _: object) -> None:
            heard()

    async def follow() -> None:
        followed.set()

    nodes = Nodes(Bell(), SharedClock(MovedClock(BEGAN)), changes, follow)
    attending = asyncio.create_task(nodes.attend())
    await followed.wait()
    attending.cancel()
    assert changes.asked == 1


@pytest.fixture
async def assembled(tmp_path: Path) -> AsyncIterator[Tocsin]:
    runbook = tmp_path / "RUNBOOK.md"
    runbook.write_bytes(EDITIONS[0])
    tocsin = await assemble(Options(runbook, None, tmp_path / "data"), MovedClock(BEGAN))
    yield tocsin
    await tocsin.stop()


async def test_who_works_is_woken_by_a_new_version_of_the_document(assembled: Tocsin) -> None:
    changes = assembled.engine.changes
    before = changes.asked
    await assembled.publish(EDITIONS[1], "RUNBOOK.md", None)
    assert changes.asked == before + 1


async def test_who_works_is_woken_by_a_version_that_another_node_published(assembled: Tocsin) -> None:
    changes, sha = assembled.engine.changes, reading(EDITIONS[1], "RUNBOOK.md").sha256
    before = changes.asked
    await assembled.store.write(documents.publish("runbook", sha, "RUNBOOK.md", EDITIONS[1], BEGAN))
    await assembled.follow()
    assert changes.asked == before + 1


async def test_who_works_is_woken_when_a_restore_is_confirmed(assembled: Tocsin) -> None:
    changes = assembled.engine.changes
    await assembled.store.write(c.remember_once("restored", "{}"))
    await assembled.look_for_restore()
    before = changes.asked
    assert await assembled.confirm_restore("mira")
    assert changes.asked == before + 1
