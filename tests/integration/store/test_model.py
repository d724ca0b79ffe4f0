"""Thousands of random turns: a store answers each as a model does that knows no SQL.

`TOCSIN_TURNS=10000 pytest tests/integration/store/test_model.py` for the full length; without it a tenth.
"""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from integration.store.model import Model
from integration.store.stores import Kind, Spot, Told, at, job
from integration.store.test_contract import receipt
from tocsin.detection.alert import Alert
from tocsin.engine.ports import Store
from tocsin.errors import Conflict, Refused
from tocsin.incident.jobs import Claimed, Turn
from tocsin.store import documents
from tocsin.store import transactions as t

TURNS = int(os.environ.get("TOCSIN_TURNS", "1000"))
STEPS = 50
GROUPS = ("monitor/a", "monitor/b")
NUMBERS = {f"INC-2026-000{ordinal}": ordinal for ordinal in (1, 2, 3)}

groups = st.sampled_from(GROUPS)
numbers = st.sampled_from(list(NUMBERS))
actions = st.sampled_from(["trigger", "trigger", "acknowledge", "resolve"])
names = st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 60)), max_size=3, unique_by=lambda pair: pair[0])


class Turns(RuleBasedStateMachine):
    """Two or three incidents of two groups, a handful of jobs, several holders, and a clock that goes on."""

    make: Callable[[], Store]
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.store = type(self).make()
        self.now = at(0)
        self.claims: list[Claimed] = []
        self.tokens = 0

    def teardown(self) -> None:
        self.store.close()

    def ask(self, transaction: t.Transaction[Any], *, write: bool = True) -> Any:
        return self.runner.run((self.store.write if write else self.store.read)(transaction))

    @rule(events=st.lists(st.tuples(groups, actions, st.sampled_from(["error", "critical"])), min_size=1, max_size=4))
    def alerts_come(self, events: list[tuple[str, Any, str]]) -> None:
        alerts = [Alert(source="monitor", dedup_key=g[-1], action=a, severity=s) for g, a, s in events]
        self.ask(t.ingest(alerts, self.now))
        self.model.ingest(alerts, self.now)

    @rule(lasts=st.integers(1, 40))
    def somebody_claims(self, lasts: int) -> None:
        self.tokens += 1
        token, until = f"token-{self.tokens}", self.later(lasts)
        held, expected = self.ask(t.claim(self.now, token, until)), self.model.claim(self.now, token, until)
        if expected is None:
            assert held is None
            return
        assert (held.job, held.attempts, held.generation) == (expected.job, expected.attempts, expected.generation)
        self.claims.append(held)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), lasts=st.integers(1, 40))
    def somebody_renews(self, data: st.DataObject, lasts: int) -> None:
        held, until = data.draw(st.sampled_from(self.claims)), self.later(lasts)
        row = self.model.held(held)
        assert self.ask(t.renew(held, until)) == (row is not None)
        if row is not None:
            row.until = until

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), wait=st.integers(0, 40))
    def somebody_gives_back(self, data: st.DataObject, wait: int) -> None:
        held, until = data.draw(st.sampled_from(self.claims)), self.later(wait)
        self.ask(t.release(held, until))
        self.model.release(held, until)

    @precondition(lambda self: any(isinstance(held.job.do, Turn) for held in self.claims))
    @rule(data=st.data())
    def somebody_completes_a_turn(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from([held for held in self.claims if isinstance(held.job.do, Turn)]))
        self.ask(t.complete_turn(held, self.now))
        self.model.complete_turn(held, self.now)

    @rule(data=st.data(), number=numbers, group=groups, stays=st.booleans(), wants=names)
    def somebody_commits(
        self, data: st.DataObject, number: str, *, group: str, stays: bool, wants: list[tuple[str, int]]
    ) -> None:
        known = self.model.incidents.get(number)
        spot = data.draw(st.sampled_from([known.spot, known.spot, known.spot._replace(rev=1)])) if known else Spot()
        group = known.group if known else group
        state = self.model.alerts.get(group)
        wish = Told(
            number=number,
            ordinal=NUMBERS[number],
            group=group,
            after=spot,
            open=stays,
            jobs=tuple(job(name, due, number) for name, due in wants),
            held=data.draw(st.sampled_from([None, *self.claims])),
            receipts=(receipt(1)._replace(incident=number),) * data.draw(st.integers(0, 1)),
            now=self.now,
            triggers=data.draw(st.sampled_from([0, state.triggers, state.triggers])) if state else 0,
        )
        refusal = self.model.refusal(wish)
        if refusal is None:
            self.ask(t.commit(wish.change))
            self.model.commit(wish)
        else:
            with pytest.raises((Conflict, Refused)) as raised:
                self.ask(t.commit(wish.change))
            assert raised.type.__name__ == refusal

    @rule(sha=st.sampled_from(["one", "two"]))
    def a_runbook_is_published(self, sha: str) -> None:
        before = self.ask(documents.document("runbook"), write=False)
        self.ask(documents.publish("runbook", sha, "RUNBOOK.md", sha.encode(), self.now))
        if before is None or before.sha != sha:
            for group in sorted({one.group for one in self.model.incidents.values() if one.open}):
                self.model.nudge(group, self.now)
        assert self.ask(documents.document("runbook"), write=False).sha == sha

    @rule(seconds=st.integers(1, 20))
    def time_passes(self, seconds: int) -> None:
        self.now = self.later(seconds)

    def later(self, seconds: int) -> datetime:
        return self.now + (at(seconds) - at(0))

    @invariant()
    def the_same_is_waiting(self) -> None:
        assert self.ask(t.next_due(), write=False) == self.model.next_due()
        for owner in (*NUMBERS, *(f"group/{group}" for group in GROUPS)):
            rows = sorted((row.job for row in self.model.jobs.values() if row.job.owner == owner), key=_order)
            assert self.ask(t.jobs_of(owner), write=False) == tuple(rows)

    @invariant()
    def the_same_is_known(self) -> None:
        for group in GROUPS:
            timeline = self.ask(t.load_group(group), write=False)
            assert timeline.alert == self.model.alerts.get(group)
            number = self.model.members.get(group)
            assert timeline.number == number
            if number is not None:
                spot = self.model.incidents[number].spot
                kept = self.ask(t.receipts(number), write=False)
                assert len(kept) == self.model.receipts[number]
                assert (timeline.rev, len(timeline.rows), timeline.rows[-1].hash) == (spot.rev, spot.seq, spot.hash)


def _order(job: Any) -> tuple[datetime, str]:
    return job.due, job.key


@pytest.mark.timeout(1800)
def test_random_turns_are_answered_as_the_model_does(kind: Kind, monkeypatch: Any) -> None:
    with asyncio.Runner() as runner:
        kinds: list[Kind] = []

        def fresh() -> Store:
            for used in kinds:
                used.end()
            kinds[:] = [kind.another()]
            return runner.run(kinds[0].open())

        monkeypatch.setattr(Turns, "make", staticmethod(fresh), raising=False)
        monkeypatch.setattr(Turns, "runner", runner, raising=False)
        run_state_machine_as_test(
            Turns,
            settings=settings(
                max_examples=max(1, TURNS // STEPS),
                stateful_step_count=STEPS,
                deadline=None,
                phases=[Phase.explicit, Phase.generate],  # shrinking a database takes longer than reading the steps
                suppress_health_check=list(HealthCheck),
            ),
        )
