"""Histories: alerts, people, and everything that befalls nodes, drawn and shrunk by hypothesis."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from simulation.cluster import Cluster
from simulation.company import CHANNELS, GROUPS, PEOPLE, SEVERITIES, TYPES, event
from simulation.node import Node
from simulation.properties import broken_at_the_end, broken_now
from tocsin.detection.alert import Action
from tocsin.incident import wishes as w
from tocsin.store import transactions as t

MODES = ("ok", "ok", "refuse", "permanent", "hang", "broken", "unanswered")
STRETCHES = (0.5, 5.0, 35.0, 130.0, 910.0, 1000.0, 3700.0, 3 * 3600.0)
HURRY = st.sampled_from((0.001, 0.03, 0.1, 6.0, 6.0))
"""How long somebody waits for an answer before the next thing happens."""

_LEVELS = (None, None, "L2", "L3")


def profile(histories: int, *, shrink: bool = False) -> settings:
    """Give how so many histories are drawn: without a database and deadlines, so that a seed always gives the same."""
    return settings(
        max_examples=histories,
        stateful_step_count=25,
        deadline=None,  # a history's time is virtual; the real one depends on the machine
        database=None,  # nothing is replayed that the seed does not give
        suppress_health_check=list(HealthCheck),  # a history is large and slow on purpose
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        report_multiple_bugs=False,
        print_blob=False,
    )


class Broken(AssertionError):
    """A property does not hold."""


class Histories(RuleBasedStateMachine):
    """Two or three nodes on one store whose leases expire."""

    lease_expires = True
    played = 0

    def __init__(self) -> None:
        super().__init__()
        self.cluster: Cluster | None = None
        self._broken = False

    @initialize(
        seed=st.integers(0, 2**32 - 1),
        nodes=st.integers(2, 3),
        kinds=st.tuples(*[st.sampled_from(TYPES)] * len(GROUPS)),
        bad=st.tuples(*[st.sampled_from(SEVERITIES)] * len(GROUPS)),
    )
    def begin(self, seed: int, nodes: int, kinds: tuple[str | None, ...], bad: tuple[str, ...]) -> None:
        self.cluster = Cluster(seed, nodes if self.lease_expires else 1, lease_expires=self.lease_expires)
        self.kinds, self.bad = dict(zip(GROUPS, kinds, strict=True)), dict(zip(GROUPS, bad, strict=True))

    # -- monitors and people

    @rule(group=st.sampled_from(GROUPS), on=st.integers(0, 2), louder=st.booleans(), patience=HURRY)
    def fires(self, group: str, on: int, louder: bool, patience: float) -> None:
        worst = "P0" if louder else self.bad[group]
        self._event(group, "trigger", on, patience, severity=worst, word="critical" if louder else "error")

    @rule(
        group=st.sampled_from(GROUPS),
        on=st.integers(0, 2),
        action=st.sampled_from(("acknowledge", "resolve", "resolve")),
        patience=HURRY,
    )
    def is_answered_by_its_monitor(self, group: str, on: int, action: Action, patience: float) -> None:
        self._event(group, action, on, patience)

    @rule(
        which=st.integers(0, 2),
        on=st.integers(0, 2),
        person=st.sampled_from(PEOPLE),
        wish=st.integers(0, 9),
        patience=HURRY,
    )
    def acts(self, which: int, on: int, person: str, wish: int, patience: float) -> None:
        numbers = [head[0] for head in self._all().store.db.execute("SELECT number FROM incident ORDER BY ordinal")]
        if numbers:
            number, wanted = numbers[-1 - which % len(numbers)], _wish(wish, f"person:{person}")
            self._ask(on, lambda engine: engine.act(number, wanted, t.SYSTEM), patience)

    @rule()
    def publishes(self) -> None:
        self._all().publish_next()

    # -- what befalls nodes, channels, the store

    @rule(on=st.integers(0, 2), after=st.sampled_from((0.0, 0.03, 0.2, 1.0, 4.0)))
    def is_killed(self, on: int, after: float) -> None:
        self._all().kill(self._node(on), after)

    @rule(on=st.integers(0, 2))
    def starts_again(self, on: int) -> None:
        self._all().restart(self._node(on))

    @rule(on=st.integers(0, 2), seconds=st.sampled_from((8.0, 33.0, 70.0, 1200.0)))
    def is_paused(self, on: int, seconds: float) -> None:
        self._all().pause(self._node(on), seconds)

    @rule(on=st.integers(0, 2), seconds=st.sampled_from((-4, 0, 4)))
    def has_a_wrong_clock(self, on: int, seconds: int) -> None:
        self._all().skew[self._node(on).number] = timedelta(seconds=seconds)
        self._all().calm_since = self._all().now

    @rule(name=st.sampled_from(CHANNELS), mode=st.sampled_from(MODES))
    def channel_changes(self, name: str, mode: str) -> None:
        self._all().modes[name] = mode

    @rule(fails=st.sampled_from((0.2, 1.0)), seconds=st.sampled_from((2.0, 30.0, 300.0)))
    def store_fails(self, fails: float, seconds: float) -> None:
        self._all().fail_store(fails, seconds)

    @rule(seconds=st.sampled_from(STRETCHES))
    def time_passes(self, seconds: float) -> None:
        self._all().run(seconds)
        self._hold(broken_now(self._all()))

    @rule(beyond=st.sampled_from((-1.0, -0.05, 0.0, 0.02, 0.05, 0.1)))
    def the_next_thing_is_due(self, beyond: float) -> None:
        """Come to the instant at which a node takes a job, so that what happens next happens while it is held."""
        ahead = self._all().next_due_in()
        if ahead is not None and ahead + beyond > 0:
            self._all().run(min(ahead + beyond, STRETCHES[-1]))

    # -- the end

    def teardown(self) -> None:
        cluster = self.cluster
        if cluster is None:
            return
        Histories.played += 1
        try:
            if not self._broken:
                cluster.heal()
                settled = cluster.settle()
                self._hold(broken_at_the_end(cluster) + ([] if settled else [f"it never settles: {cluster.waiting()}"]))
        finally:
            cluster.close()

    # -- small things

    def _all(self) -> Cluster:
        if self.cluster is None:
            raise LookupError("the history has not begun")
        return self.cluster

    def _node(self, on: int) -> Node:
        nodes = self._all().nodes
        return nodes[on % len(nodes)]

    def _event(self, group: str, action: Action, on: int, patience: float, **more: Any) -> None:
        alert = event(group, action, kind=self.kinds[group], **more)
        if self._ask(on, lambda engine: engine.ingest([alert]), patience) and action == "trigger":
            self._all().taken[group] += 1

    def _ask(self, on: int, question: Any, patience: float) -> bool:
        answered: bool = self._all().ask(self._node(on), question, patience)
        return answered

    def _hold(self, found: list[str]) -> None:
        if found:
            self._broken = True
            raise Broken("\n".join(found))


class HistoriesOfOneNode(Histories):
    """One node whose leases belong to a boot: SQLite."""

    lease_expires = False


def _wish(which: int, by: str) -> w.Wish:
    match which:
        case 0 | 1 | 2:
            return w.Acknowledge(by=by)
        case 3 | 4:
            return w.Resolve(by=by)
        case 5:
            return w.Reopen(by=by)
        case 6 | 7:
            return w.Escalate(by=by, level=_LEVELS[which - 5])
        case 8:
            return w.ChangeSeverity(by=by, severity="P3", because="it is not that bad")
        case _:
            return w.ChangeSeverity(by=by, severity="P0", because="it is worse")
