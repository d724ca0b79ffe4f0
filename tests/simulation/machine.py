"""Histories: alerts, people, and everything that befalls nodes, drawn and shrunk by hypothesis."""

from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from simulation.cluster import Cluster
from simulation.company import CHANGE, CHANNELS, GROUPS, LOOK, PEOPLE, SEVERITIES, TYPES, beat, event
from simulation.node import Node, now_of
from simulation.properties import broken_at_the_end, broken_now
from tocsin.detection.alert import Action
from tocsin.detection.heartbeats import Said
from tocsin.engine import moving, silencing
from tocsin.grouping.drafting import Draft
from tocsin.grouping.matchers import read_matcher
from tocsin.grouping.moving import Mover
from tocsin.incident import wishes as w
from tocsin.store import transactions as t

MODES = ("ok", "ok", "refuse", "permanent", "hang", "broken", "unanswered")
STRETCHES = (0.5, 5.0, 35.0, 130.0, 910.0, 1000.0, 3700.0, 3 * 3600.0)
HURRY = st.sampled_from((0.001, 0.03, 0.1, 6.0, 6.0))
"""How long somebody waits for an answer before the next thing happens."""

LASTS = st.sampled_from((None, None, None, 20.0, 600.0, 4000.0))
"""For how many seconds an alert fires unless it is sent again; None = until it is said to be over."""

_PIECE = 60.0
"""After so many seconds at most it is looked whether something happened that must never."""

_LEVELS = (None, None, "L2", "L3")
_ON, _GROUP = st.integers(0, 2), st.sampled_from(GROUPS)
_HOW: dict[str, tuple[int, dict[str, st.SearchStrategy[Any]]]] = {
    "fires": (4, {"group": _GROUP, "on": _ON, "louder": st.booleans(), "lasts": LASTS, "patience": HURRY}),
    "beats": (2, {"on": _ON, "said": st.sampled_from(("success", "success", "start", "fail")), "patience": HURRY}),
    "is_answered_by_its_monitor": (
        2,
        {
            "group": _GROUP,
            "on": _ON,
            "action": st.sampled_from(("acknowledge", "resolve", "resolve")),
            "patience": HURRY,
        },
    ),
    "acts": (
        5,
        {
            "which": _ON,
            "on": _ON,
            "person": st.sampled_from(PEOPLE),
            "wish": st.integers(0, 9),
            "patience": HURRY,
        },
    ),
    "works": (
        2,
        {"which": _ON, "on": _ON, "person": st.sampled_from(PEOPLE), "deed": st.integers(0, 4), "patience": HURRY},
    ),
    "changes_something": (
        2,
        {"which": _ON, "on": _ON, "person": st.sampled_from(PEOPLE), "dies_after": st.sampled_from((None, 0.3, 2.0))},
    ),
    "is_silenced": (1, {"group": _GROUP, "on": _ON, "minutes": st.sampled_from((1, 40, 300)), "patience": HURRY}),
    "a_silence_is_ended": (1, {"which": _ON, "on": _ON, "patience": HURRY}),
    "is_merged": (1, {"which": _ON, "into": _ON, "on": _ON, "patience": HURRY}),
    "is_split": (1, {"which": _ON, "first": st.booleans(), "on": _ON, "patience": HURRY}),
    "publishes": (1, {}),
    "is_killed": (
        2,
        {
            "on": _ON,
            "after": st.sampled_from((0.0, 0.03, 0.2, 1.0, 4.0)),
            "back": st.sampled_from((0.5, 20.0, 100.0)),
        },
    ),
    "starts_again": (1, {"on": _ON}),
    "is_paused": (2, {"on": _ON, "seconds": st.sampled_from((8.0, 33.0, 70.0, 1200.0))}),
    "has_a_wrong_clock": (1, {"on": _ON, "seconds": st.sampled_from((-4, 0, 4))}),
    "channel_changes": (2, {"name": st.sampled_from(CHANNELS), "mode": st.sampled_from(MODES)}),
    "store_fails": (1, {"share": st.sampled_from((0.2, 1.0)), "seconds": st.sampled_from((2.0, 30.0, 300.0))}),
    "time_passes": (4, {"seconds": st.sampled_from(STRETCHES)}),
    "the_next_thing_is_due": (6, {"beyond": st.sampled_from((-1.0, -0.05, 0.0, 0.02, 0.05, 0.1))}),
}
"""What can happen, how often of all, and what is drawn for it."""


class Step(NamedTuple):
    """Something that happens."""

    what: str
    how: dict[str, Any]


def _step(what: str) -> "st.SearchStrategy[Step]":
    return st.fixed_dictionaries(_HOW[what][1]).map(lambda how: Step(what, how))


# One rule for all: of several, hypothesis leaves out half in every history, and then mostly nothing happens.
STEPS = st.sampled_from([what for what, (share, _) in _HOW.items() for _ in range(share)]).flatmap(_step)


def profile(histories: int, *, shrink: bool = False) -> settings:
    """Give how so many histories are drawn: without a database and deadlines, so that a seed always gives the same."""
    return settings(
        max_examples=histories,
        stateful_step_count=20,
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
    alone = False
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
        self.cluster = Cluster(seed, 1 if self.alone else nodes, lease_expires=self.lease_expires)
        self.kinds, self.bad = dict(zip(GROUPS, kinds, strict=True)), dict(zip(GROUPS, bad, strict=True))
        self.fires(GROUPS[0], 0, louder=False, lasts=None, patience=6.0)

    @rule(step=STEPS)
    def then(self, step: Step) -> None:
        getattr(self, step.what)(**step.how)

    # -- monitors and people

    def fires(self, group: str, on: int, louder: bool, lasts: float | None, patience: float) -> None:
        worst = "P0" if louder else self.bad[group]
        until = now_of(self._all().now + lasts) if lasts is not None else None
        word = "critical" if louder else "error"
        self._event(group, "trigger", on, patience, severity=worst, word=word, lease_until=until)

    def beats(self, on: int, said: Said, patience: float) -> None:
        """Let a job say that it ran, began or failed; from then on its silence means something."""
        self._all().beats[said] += 1
        self._ask(on, lambda engine: engine.ingest([beat(said)]), patience)

    def is_answered_by_its_monitor(self, group: str, on: int, action: Action, patience: float) -> None:
        self._event(group, action, on, patience)

    def acts(self, which: int, on: int, person: str, wish: int, patience: float) -> None:
        self._wishes(which, on, _wish(wish, f"person:{person}"), patience)

    def works(self, which: int, on: int, person: str, deed: int, patience: float) -> None:
        self._wishes(which, on, _deed(deed, f"person:{person}"), patience)

    def changes_something(self, which: int, on: int, person: str, dies_after: float | None) -> None:
        """Let somebody start a step that changes something, and whoever runs it die meanwhile."""
        cluster = self._all()
        self._wishes(which, on, w.Run(by=f"person:{person}", step=CHANGE), STRETCHES[1])
        if dies_after is not None:
            cluster.run(dies_after)
            for node in cluster.nodes:
                if cluster.ledger.is_running(node.process.number):
                    cluster.kill(node, 0.0, 20.0)

    def is_silenced(self, group: str, on: int, minutes: int, patience: float) -> None:
        matchers = (read_matcher(f"text=~{group}.*"),)
        draft = Draft(matchers=matchers, why="it is known", lasts=timedelta(minutes=minutes))
        self._ask(on, lambda engine: silencing.begin(engine, draft, "person:mira"), patience)

    def a_silence_is_ended(self, which: int, on: int, patience: float) -> None:
        [(count,)] = self._all().store.db.execute("SELECT count(*) FROM silence").fetchall()
        if count:
            name = f"SIL-{count - which % count}"
            self._ask(on, lambda engine: silencing.end(engine, name, "person:bo"), patience)

    def is_merged(self, which: int, into: int, on: int, patience: float) -> None:
        numbers = self._numbers()
        if numbers:
            one, other = (numbers[-1 - place % len(numbers)] for place in (which, into))
            who = Mover("person:mira", "one trouble")
            self._ask(on, lambda engine: moving.merge(engine, one, other, who, t.SYSTEM), patience)

    def is_split(self, which: int, first: bool, on: int, patience: float) -> None:
        numbers, store = self._numbers(), self._all().store
        if numbers:
            number = numbers[-1 - which % len(numbers)]
            query = "SELECT group_key FROM member WHERE incident = ? ORDER BY group_key"
            groups = [row[0] for row in store.db.execute(query, (number,))]
            if len(groups) > 1:
                who, chosen = Mover("person:mira", "two troubles"), (groups[0 if first else -1],)
                self._ask(on, lambda engine: moving.split(engine, number, chosen, who, t.SYSTEM), patience)

    def publishes(self) -> None:
        self._all().publish_next()

    # -- what befalls nodes, channels, the store

    def is_killed(self, on: int, after: float, back: float) -> None:
        self._all().kill(self._node(on), after, back)

    def starts_again(self, on: int) -> None:
        self._all().restart(self._node(on))

    def is_paused(self, on: int, seconds: float) -> None:
        self._all().pause(self._node(on), seconds)

    def has_a_wrong_clock(self, on: int, seconds: int) -> None:
        self._all().stir()
        self._all().skew[self._node(on).number] = timedelta(seconds=seconds)
        self._all().calm_since = self._all().now

    def channel_changes(self, name: str, mode: str) -> None:
        self._all().modes[name] = mode

    def store_fails(self, share: float, seconds: float) -> None:
        self._all().fail_store(share, seconds)

    def time_passes(self, seconds: float) -> None:
        """Let so much of it pass, or less where something happens that must never: then nothing counts any more."""
        cluster, end = self._all(), self._all().now + seconds
        while cluster.now < end and not cluster.ledger.faults:
            cluster.run(min(end - cluster.now, _PIECE))
        self._hold(broken_now(cluster))

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
                settled = cluster.settle(unless_broken=True)
                self._hold(list(cluster.ledger.faults))
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

    def _wishes(self, which: int, on: int, wish: w.Wish, patience: float) -> None:
        numbers = self._numbers()
        if numbers:
            number = numbers[-1 - which % len(numbers)]
            self._ask(on, lambda engine: engine.act(number, wish, t.SYSTEM), patience)

    def _numbers(self) -> list[str]:
        return [head[0] for head in self._all().store.db.execute("SELECT number FROM incident ORDER BY ordinal")]

    def _ask(self, on: int, question: Any, patience: float) -> bool:
        answered: bool = self._all().ask(self._node(on), question, patience)
        return answered

    def _hold(self, found: list[str]) -> None:
        if found:
            self._broken = True
            raise Broken("\n".join(found))


class HistoriesOfOneNode(Histories):
    """One node whose leases belong to a boot and whose store answers in order: SQLite."""

    lease_expires, alone = False, True


class HistoriesOutOfOrder(Histories):
    """One node on a store of several: each transaction has a way of its own there, and no other node finds a job."""

    alone = True


def _deed(which: int, by: str) -> w.Wish:
    match which:
        case 0:
            return w.Run(by=by, step=CHANGE)
        case 1:
            return w.Run(by=by, step=LOOK)
        case 2:
            return w.Check(by=by, step=LOOK, note="seen")
        case _:
            channels = ("mail", "push")[: which - 2]
            return w.Post(by=by, status="identified", public=False, title="", text="We know why", channels=channels)


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
