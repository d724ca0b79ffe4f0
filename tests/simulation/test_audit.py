"""The audit: what waits for something else than the facts ask for is found, mended and told; nothing else is."""

from collections.abc import Iterator

import pytest

from simulation.by_hand import FIRST, ByHand
from tocsin.engine.audit import Audit
from tocsin.incident import wishes as w
from tocsin.store import transactions as t


@pytest.fixture
def hands() -> Iterator[ByHand]:
    made = ByHand()
    yield made
    made.inner.close()


def auditing(hands: ByHand) -> tuple[Audit, list[str]]:
    told: list[str] = []

    async def alarm(_: str, text: str) -> None:
        told.append(text)

    return Audit(hands.a.engine, alarm), told


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM job",
        "UPDATE job SET due = due + 3600000000",
        "UPDATE job SET key = key || '/wrong'",
        "INSERT INTO job (key, owner, due, args) SELECT 'stray', owner, due, args FROM job LIMIT 1",
    ],
)
async def test_what_does_not_wait_as_it_should_is_mended_at_the_second_look_and_told(
    hands: ByHand, damage: str
) -> None:
    await hands.opens("P1")
    audit, told = auditing(hands)
    wanted = hands.now(t.jobs_of(FIRST))
    hands.inner.db.execute(damage)
    assert await audit.look() == ()
    assert await audit.look() == (FIRST,)
    assert [FIRST in text for text in told] == [True]
    assert hands.now(t.jobs_of(FIRST)) == wanted
    assert await audit.look() == ()
    assert hands.kinds() == ["Opened", "Escalated", "Paged"], "mending is no fact"
    await hands.let_pass(16)
    assert hands.paged() == ["mira", "bo"]


async def test_nothing_is_found_while_an_incident_lives_its_life(hands: ByHand) -> None:
    audit, told = auditing(hands)
    await hands.fires(severity="P1")
    while await hands.a.worker.step():
        assert await audit.look() == ()
    held = await hands.claim(hands.a) if await hands.a.worker.next_due() == hands.clock.now() else None
    assert held is None
    await hands.act(w.Acknowledge(by="person:mira"))
    for _ in range(12):
        await hands.let_pass(5)
        assert await audit.look() == ()
    await hands.act(w.Resolve(by="person:mira"))
    assert await audit.look() == ()
    assert told == []


async def test_a_job_that_somebody_still_holds_is_left_to_them(hands: ByHand) -> None:
    await hands.fires(severity="P1")
    await hands.a.worker.step()
    await hands.claim(hands.a)
    await hands.act(w.Resolve(by="person:mira"))
    audit, told = auditing(hands)
    assert [await audit.look(), await audit.look()] == [(), ()]
    assert told == []
