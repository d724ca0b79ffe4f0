"""Silence, in any order of beats, leases, looks and time: it is heard when it is due, and never when something came."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.detection.alert import Alert, AlertState
from tocsin.detection.heartbeats import Beat
from tocsin.incident.jobs import Claimed, Expect
from tocsin.store import transactions as t
from tocsin.store.expecting import lapse
from tocsin.store.readings import alert_state
from tocsin.store.sqlite import InlineStore, perform, statements

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SQL = statements()
GROUP, JOB = "m/k", "expect/m/k"

STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["success", "start", "fail"])),
        st.tuples(st.just("look")),
        st.tuples(st.just("claim")),
        st.tuples(st.just("wait"), st.integers(1, 90)),
    ),
    max_size=25,
)
LEASES = st.lists(
    st.one_of(
        st.tuples(st.just("renew"), st.integers(1, 60)),
        st.tuples(st.just("forever")),
        st.tuples(st.just("over")),
        st.tuples(st.just("look")),
        st.tuples(st.just("claim")),
        st.tuples(st.just("wait"), st.integers(1, 90)),
    ),
    max_size=25,
)


class World:
    """One group in a store, its clock, and a worker that may hold its job for a while."""

    def __init__(self) -> None:
        self.store, self.now, self.held = InlineStore(), BEGAN, None

    held: Claimed | None

    def do(self, transaction: t.Transaction[Any]) -> Any:
        return perform(self.store.db, SQL, transaction)

    def take(self, alert: Alert) -> None:
        self.do(t.ingest([alert], self.now))

    def claim(self) -> None:
        """Let a worker take the job if it is due, and not yet do it."""
        while self.held is None:
            found = self.do(t.claim(self.now, "token", self.now + MINUTE * 10**6))
            if found is None:
                return
            if isinstance(found.job.do, Expect):
                self.held = found
            else:
                self.do(t.complete(found))  # a decision that somebody else took

    def look(self) -> None:
        """Let the worker do it."""
        self.claim()
        if self.held is not None:
            self.do(lapse(self.held, GROUP, self.now, awaited=True))
            self.held = None

    @property
    def state(self) -> AlertState | None:
        found: AlertState | None = self.do(alert_state(GROUP))
        return found

    def check(self) -> None:
        """Whatever is awaited has an alarm clock, set to when it is due."""
        state = self.state
        rows = self.store.db.execute("SELECT due FROM job WHERE key = ?", (JOB,)).fetchall()
        if state is not None and state.waits_until is not None:
            assert [datetime.fromtimestamp(0, UTC) + timedelta(microseconds=row[0]) for row in rows] == [
                state.waits_until
            ]


def beat(said: Any) -> Alert:
    told = Beat(said=said, period=30 * MINUTE, grace=5 * MINUTE)
    return Alert(source="m", dedup_key="k", action="resolve", origin="m", summary="failed", beat=told)


@given(STEPS)
@settings(max_examples=150)
def test_a_beat_is_missed_exactly_when_none_came_in_time(steps: list[tuple[Any, ...]]) -> None:
    world = World()
    due, failing = None, False
    for name, *more in steps:
        if name == "wait":
            world.now += more[0] * MINUTE
        elif name == "claim":
            world.claim()
        elif name == "look":
            world.look()
            if due is not None and world.now >= due:
                due, failing = None, True
        else:
            world.take(beat(name))
            ends = world.now + 5 * MINUTE
            due = min(due or ends, ends) if name == "start" else ends + 30 * MINUTE
            failing = name == "fail" or (failing and name == "start")
        state = world.state
        assert (state is not None and state.status == "firing") is failing
        assert (state.waits_until if state else None) == due
        world.check()


@given(LEASES)
@settings(max_examples=150)
def test_a_lease_ends_an_alert_exactly_when_it_was_not_renewed_in_time(steps: list[tuple[Any, ...]]) -> None:
    world, until, firing = World(), None, False
    for name, *more in steps:
        if name == "wait":
            world.now += more[0] * MINUTE
        elif name == "claim":
            world.claim()
        elif name == "look":
            world.look()
            if firing and until is not None and world.now >= until:
                firing = False
        elif name == "over":
            world.take(Alert(source="m", dedup_key="k", action="resolve"))
            firing = False
        else:
            until = world.now + more[0] * MINUTE if name == "renew" else None
            world.take(Alert(source="m", dedup_key="k", action="trigger", lease_until=until))
            firing = True
        state = world.state
        assert (state is not None and state.status == "firing") is firing
        world.check()
