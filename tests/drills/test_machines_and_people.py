"""What a monitor may do to an incident, and what only people may."""

from datetime import timedelta
from typing import TypeVar

import pytest

from tocsin.detection.alert import Alert
from tocsin.drill.rehearsal import Rehearsal
from tocsin.engine.ports import Store
from tocsin.engine.worker import STEPS_AT_ONCE
from tocsin.errors import StoreUnavailable
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.settings import Settings
from tocsin.store import transactions as t
from tocsin.store.sqlite import InlineStore

FIRST = "INC-2026-0001"
T = TypeVar("T")


@pytest.fixture
async def rehearsal(example: bytes) -> Rehearsal:
    return await Rehearsal(example, Settings()).begin()


async def kinds(rehearsal: Rehearsal) -> list[str]:
    return [fact.kind for fact in (await rehearsal.incident(FIRST)).facts]


async def test_a_breach_that_is_over_before_anybody_looked_is_still_closed_by_a_person(rehearsal: Rehearsal) -> None:
    breach = {"key": "k", "incident_type": "data-breach"}
    rehearsal.worker.stopping = True
    events = [("trigger", breach), ("resolve", breach)]
    settle, rehearsal.settle = rehearsal.settle, _nothing  # type: ignore[method-assign]
    for action, more in events:
        await rehearsal.alert("Records were read by nobody we know", action=action, **more)  # type: ignore[arg-type]
    rehearsal.settle = settle  # type: ignore[method-assign]
    await rehearsal.settle()
    found = (await rehearsal.incident(FIRST)).incident
    assert found is not None
    assert (found.status, found.restricted, bool(found.calls)) == ("triggered", True, True)
    assert "AlertCleared" in await kinds(rehearsal)


async def _nothing() -> None:
    return


async def test_a_monitor_cannot_fill_a_timeline_with_acknowledgements(rehearsal: Rehearsal) -> None:
    await rehearsal.alert("It is slow", key="k")
    for _ in range(100):
        await rehearsal.alert("It is slow", key="k", action="acknowledge")
    assert (await kinds(rehearsal)).count("Acknowledged") == 20


async def test_a_monitor_may_answer_again_after_its_alert_came_back(rehearsal: Rehearsal) -> None:
    breach = {"key": "k", "incident_type": "data-breach"}
    await rehearsal.alert("Records were read", **breach)  # type: ignore[arg-type]
    for action in ("acknowledge", "resolve", "trigger"):
        await rehearsal.alert("Records were read", action=action, **breach)
    await rehearsal.let_pass(timedelta(minutes=40))  # a level is called because it is not resolved
    await rehearsal.alert("Records were read", action="acknowledge", **breach)
    assert (await kinds(rehearsal)).count("Acknowledged") == 2


async def test_what_the_operator_at_the_server_lowers_no_alert_raises_again(rehearsal: Rehearsal) -> None:
    await rehearsal.alert("It is down", key="k", wanted_severity="P0")
    lower = w.ChangeSeverity(by="local:operator", severity="P3", because="half of it works")
    await rehearsal.act(FIRST, lower)
    await rehearsal.alert("It is down", key="k", severity="critical", wanted_severity="P0")
    found = (await rehearsal.incident(FIRST)).incident
    assert found is not None
    assert found.severity == "P3"


async def test_pages_are_taken_before_commands_that_were_due_earlier(rehearsal: Rehearsal) -> None:
    for number in range(STEPS_AT_ONCE):
        await rehearsal.engine.ingest([_alert(number)])
    order = []
    while (held := await rehearsal.worker.claim()) is not None:
        order.append(type(held.job.do).__name__)
        await rehearsal.worker.perform(held)
    assert "RunStep" in order
    assert set(order[order.index("RunStep") :]) == {"RunStep"}


def _alert(number: int) -> Alert:
    return Alert(source="monitor", dedup_key=str(number), action="trigger", summary="x", incident_type="sequencer-down")


async def test_a_job_nobody_can_read_is_told_and_stops_no_other(rehearsal: Rehearsal) -> None:
    assert isinstance(rehearsal.store, InlineStore)
    rehearsal.store.db.execute("INSERT INTO job (key, owner, due, args, rank) VALUES ('x', 'INC-0', 0, '{}', 0)")
    await rehearsal.alert("It is down", key="k", incident_type="sequencer-down")
    assert "Paged" in await kinds(rehearsal)
    assert any("does not know" in sent.message.text for sent in rehearsal.sent if sent.message.kind == "alarm")


async def test_what_was_sent_while_the_store_failed_is_recorded_later_and_not_sent_twice(rehearsal: Rehearsal) -> None:
    await rehearsal.engine.ingest([_alert(1)])
    while (held := await rehearsal.worker.claim()) is not None and type(held.job.do).__name__ != "Page":
        await rehearsal.worker.perform(held)
    assert held is not None
    failing = _FailsOnce(rehearsal.engine.store)
    rehearsal.engine.store = failing
    await rehearsal.worker.perform(held)
    await rehearsal.settle()
    assert failing.failed
    paged = [fact.body for fact in (await rehearsal.incident(FIRST)).facts if isinstance(fact.body, f.Paged)]
    assert len(paged) == len([sent for sent in rehearsal.sent if sent.message.kind == "page"]) == 1


class _FailsOnce:
    lease_expires, in_order = True, True

    def __init__(self, inner: Store) -> None:
        self._inner, self.failed = inner, False

    async def write(self, transaction: t.Transaction[T]) -> T:
        if not self.failed and getattr(transaction, "__name__", "") == t.commit.__name__:
            self.failed = True
            transaction.close()
            raise StoreUnavailable("the disk is full")
        return await self._inner.write(transaction)

    async def read(self, transaction: t.Transaction[T]) -> T:
        return await self._inner.read(transaction)

    def close(self) -> None:
        self._inner.close()
