"""Alerts that come, go, flap, are silenced, merged and split in any order, against what the documents promise of them.

The deciders are asked as the engine asks them; what they say is held against a memory of its own: instants and names,
and the rules of docs/decisions 0044 to 0046 read once more. `TOCSIN_GROUPING=2000` plays so many stories,
and makes one that breaks a promise short.
"""

import os
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from tocsin.answers import Now, answer
from tocsin.detection.alert import Alert, AlertState, transition
from tocsin.grouping.deciding import Alerts, New, decide, join, seen_of
from tocsin.grouping.flapping import waits_for_quiet
from tocsin.grouping.holding import Begins, begins_of, holding
from tocsin.grouping.joining import Open, joining, may_join
from tocsin.grouping.matchers import read_matcher
from tocsin.grouping.moving import Known, Mover, merging, splitting
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident, apply
from tocsin.incident.silence import Silence
from tocsin.lifecycle import World
from tocsin.triage.severity import severity_rank
from unit.timeline import BEGAN, SETTINGS, policy

STORIES = int(os.environ.get("TOCSIN_GROUPING", "0"))
ENTRIES = {"a": "trouble", "b": "trouble", "c": "trouble", "d": "other", "e": None}
COMPONENTS = ("", "", "api", "web")
MINUTE, HOUR, TEN = timedelta(minutes=1), timedelta(hours=1), timedelta(minutes=10)
GRACE, MOST_REOPENINGS, SWINGS = timedelta(minutes=5), 3, 3

_BASE = policy()
RUNBOOK = replace(_BASE, incident_types=(*_BASE.incident_types, replace(_BASE.incident_types[0], id="other")))
WORLD = World(RUNBOOK, SETTINGS)
MIRA = Mover("person:mira", "so it is")
_WHICH = st.integers(0, 3)
_HOW: dict[str, tuple[int, dict[str, st.SearchStrategy[Any]]]] = {
    "fires": (
        5,
        {
            "group": st.sampled_from(sorted(ENTRIES)),
            "component": st.sampled_from(COMPONENTS),
            "bad": st.sampled_from(("P0", "P1", "P3")),
        },
    ),
    "ends_well": (4, {"group": st.sampled_from(sorted(ENTRIES))}),
    "comes_and_goes": (2, {"group": st.sampled_from(sorted(ENTRIES))}),
    "swings": (1, {"group": st.sampled_from(("a", "b")), "times": st.integers(2, 4)}),
    "time_passes": (3, {"minutes": st.sampled_from((1, 4, 6, 11, 50, 61))}),
    "is_silenced": (1, {"component": st.sampled_from(("api", "web")), "minutes": st.sampled_from((5, 30))}),
    "a_person_resolves": (1, {"which": _WHICH}),
    "a_person_reopens": (1, {"which": _WHICH}),
    "are_merged": (1, {"which": _WHICH, "into": _WHICH}),
    "is_split": (1, {"which": _WHICH, "place": _WHICH}),
}
"""What can happen, how often of all, and what is drawn for it."""


def _step(what: str) -> "st.SearchStrategy[tuple[str, dict[str, Any]]]":
    return st.fixed_dictionaries(_HOW[what][1]).map(lambda how: (what, how))


# One rule for all: of several, hypothesis leaves out half in every story, and then mostly nothing happens.
STEPS = st.sampled_from([what for what, (share, _) in _HOW.items() for _ in range(share)]).flatmap(_step)


class Grouping(RuleBasedStateMachine):
    """One node, whose turns nobody disturbs; what nodes do to each other is played in tests/simulation."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGAN
        self.states: dict[str, AlertState] = {}
        self.incidents: dict[str, Incident] = {}
        self.member: dict[str, str] = {}
        self.silences: list[Silence] = []
        self.again: dict[str, datetime] = {}
        # The memory of its own.
        self.ends: dict[str, list[datetime]] = defaultdict(list)
        self.apart: set[tuple[str, str]] = set()
        self.came: dict[str, dict[str, datetime]] = defaultdict(dict)
        self.kept_open: dict[str, dict[str, int]] = {}
        """How often each alert had ended when a person wanted an incident open, by number."""
        self.answered: dict[str, int] = {}
        self.severity: dict[str, int] = {}

    @rule(step=STEPS)
    def then(self, step: tuple[str, dict[str, Any]]) -> None:
        getattr(self, step[0])(**step[1])

    # -- what happens

    def fires(self, group: str, component: str, bad: str) -> None:
        self._event(group, component=component or None, wanted_severity=bad, action="trigger")

    def ends_well(self, group: str) -> None:
        known = self.states.get(f"m/{group}")
        if known and known.status == "firing":
            self._event(group, action="resolve")

    def comes_and_goes(self, group: str) -> None:
        """Let it fire and be over before anybody looks."""
        self._event(group, action="trigger", looks=False)
        self._event(group, action="resolve")

    def swings(self, group: str, times: int) -> None:
        for _ in range(times):
            self._event(group, action="trigger")
            self._event(group, action="resolve")

    def time_passes(self, minutes: int) -> None:
        until = self.now + minutes * MINUTE
        while (due := min(self.again.items(), key=lambda one: one[1], default=None)) and due[1] <= until:
            self.now = max(self.now, due[1])
            self.again.pop(due[0])
            self._turn(due[0])
        self.now = until

    def is_silenced(self, component: str, minutes: int) -> None:
        self.silences.append(
            Silence(
                id=f"SIL-{len(self.silences) + 1}",
                matchers=(read_matcher(f"component={component}"),),
                starts_at=self.now,
                ends_at=self.now + minutes * MINUTE,
                by="person:mira",
                why="known",
                created_at=self.now,
            )
        )

    def a_person_resolves(self, which: int) -> None:
        incident = self._open_one(which)
        if incident is None:
            return
        others = seen_of(self._others(incident))
        self._add(incident.number, answer(incident, w.Resolve(by=MIRA.by, why="done"), WORLD, self._known(incident)))
        self.answered |= {group: self.states[group].triggers for group in (incident.group_key, *others)}

    def a_person_reopens(self, which: int) -> None:
        closed = [one for one in self.incidents.values() if one.status == "resolved" and not one.merged_into]
        incident = closed[which % len(closed)] if closed else None
        if incident is None or any(self._is_open(self.member[group]) for group in incident.groups):
            return
        self._add(incident.number, answer(incident, w.Reopen(by=MIRA.by, why="not over"), WORLD, self._known(incident)))
        self.member |= dict.fromkeys(incident.groups, incident.number)
        self.kept_open[incident.number] = self._ended()
        self.came[incident.number][""] = self.now
        self._turn(incident.group_key)
        assert self._is_open(incident.number), "what was known when a person reopened it does not close it"

    def are_merged(self, which: int, into: int) -> None:
        one, other = self._open_one(which), self._open_one(into)
        if one is None or other is None or one.number == other.number:
            return
        groups, kept = one.groups, one.number in self.kept_open
        moved = merging(self._whole(one), self._whole(other), MIRA)
        self._add(one.number, moved.leaving)
        self._add(other.number, moved.going)
        if kept or other.number in self.kept_open:  # what a person wanted open goes on there
            self.kept_open[other.number] = self._ended()
        self.member |= dict.fromkeys(groups, other.number)
        self.apart -= {(group, other.number) for group in groups}
        self.came[other.number] |= dict.fromkeys(groups, self.now)
        assert self.incidents[one.number].status == "resolved"
        assert set(groups) <= set(self.incidents[other.number].groups)
        for group in self.incidents[other.number].groups:
            self._turn(group)

    def is_split(self, which: int, place: int) -> None:
        one = self._open_one(which)
        if one is None or len(one.groups) < 2:
            return
        group = one.groups[place % len(one.groups)]
        new = New(f"I{len(self.incidents)}", WORLD)
        moved = splitting(self._whole(one), (group,), MIRA, new, self.now)
        self._add(one.number, moved.leaving)
        self._add(new.number, moved.going)
        self.member[group] = new.number
        self.came[one.number].pop(group, None)
        self.came[new.number][""] = self.now
        self.apart |= {(group, one.number)} | {(rest, new.number) for rest in one.groups if rest != group}
        assert group not in self.incidents[one.number].groups
        assert self.incidents[new.number].groups == (group,)
        for changed in (group, *self.incidents[one.number].groups):
            self._turn(changed)

    # -- what is asked of the deciders, as the engine does

    def _event(self, group: str, *, looks: bool = True, **more: Any) -> None:
        said = Alert(
            source="m",
            dedup_key=group,
            summary=f"{group} is broken",
            incident_type=ENTRIES[group],
            **({"component": self._component(group)} | more),
        )
        known = self.states.get(said.group_key)
        idle = not self._is_open(self.member.get(said.group_key, "")) and said.group_key not in self.again
        change = transition(known, said, idle=idle, now=self.now)
        if change is None:
            return
        if more["action"] == "resolve":
            self.ends[said.group_key].append(self.now)
        self.states[said.group_key] = change.state
        if change.nudge and looks:
            self.again.pop(said.group_key, None)
            self._turn(said.group_key)

    def _turn(self, group: str) -> None:
        state, last = self.states[group], self.incidents.get(self.member.get(group, ""))
        number = f"I{len(self.incidents)}"
        others = self._others(last, but=group) if last else ()
        new = New(number, WORLD)
        bodies = decide(last, Alerts(state, others), WORLD, new, self.now)
        first = bodies[0] if bodies else None
        begins = begins_of(last, bodies, state, new)
        if begins is not None:
            held = holding(state, begins, self.silences, self.now)
            assert (held is not None) == self._is_silenced(state), "a silence holds exactly what it speaks of"
            if held is not None:
                self.states[group] = replace(state, held=held)
                self.again[group] = held.until
                return
        quiet = waits_for_quiet(state, SETTINGS, self.now)
        if quiet:
            self.again[group] = quiet
        if begins is not None:
            target = self._joins(state, begins)
            expected = self._expected(state, ENTRIES[state.alert.dedup_key])
            assert (target.number if target else None) == expected, "it joins what its entry says, and nothing else"
            if target:
                self.came[target.number][group] = self.now
                alerts = Alerts(state, self._states(target))
                self._add(target.number, join(alerts, target, f.Because("same"), WORLD, self.now, last=last))
                self.member[group] = target.number
                return
        if isinstance(first, f.Opened):
            self.came[number][""] = self.now
            self._add(number, bodies)
            self.member[group] = number
            return
        if isinstance(first, f.Reopened) and last:
            assert last.resolved is not None
            assert self.now - last.resolved.at <= GRACE, "only within the grace"
            assert last.automatic_reopenings < MOST_REOPENINGS, "then a person closes it"
            free = [one for one in last.groups if not self._is_open(self.member[one])]
            self.member |= dict.fromkeys(free, last.number)
            self.came[last.number][""] = self.now
        if last:
            self._add(last.number, bodies)

    def _joins(self, state: AlertState, begins: Begins) -> Incident | None:
        if not may_join(state, begins):
            return None
        for one in sorted(self._open(), key=lambda one: -int(one.number[1:])):
            entry = RUNBOOK.incident_type(begins.entry)
            if joining(Open(one, self._states(one), entry), state, begins, SETTINGS.group_within, self.now):
                return one
        return None

    # -- what the documents promise, read once more

    def _expected(self, state: AlertState, entry: str | None) -> str | None:
        """The newest open incident of its entry that something came to within the hour, on its component.

        Its own entry: that of what it would reopen may be another one, which a person merged it into. Not one that a
        person split it off from, or what was split off from its own.
        """
        for one in sorted(self._open(), key=lambda one: -int(one.number[1:])):
            if (state.alert.group_key, one.number) in self.apart:
                continue
            there = {known.alert.component for known in self._states(one)} - {None}
            fits = not there or not state.alert.component or state.alert.component in there
            if entry and one.incident_type == entry and fits and self.now - max(self.came[one.number].values()) <= HOUR:
                return one.number
        return None

    def _is_silenced(self, state: AlertState) -> bool:
        active = (one for one in self.silences if one.starts_at <= self.now < one.ends_at)
        return any(one.matchers[0].value == state.alert.component for one in active)

    def _flaps(self, group: str) -> bool:
        ends = self.ends[group][-SWINGS:]
        return len(ends) == SWINGS and ends[-1] - ends[0] <= TEN and self.now < ends[-1] + TEN

    def _ended(self) -> dict[str, int]:
        return {group: len(ends) for group, ends in self.ends.items()}

    def _is_kept_open(self, one: Incident) -> bool:
        """A person wanted it open, and none of its alerts ended since."""
        known = self.kept_open.get(one.number)
        return known is not None and all(len(self.ends[group]) == known.get(group, 0) for group in one.groups)

    @invariant()
    def what_fires_has_an_open_incident(self) -> None:
        for group, state in self.states.items():
            if state.status != "firing" or self._is_open(self.member.get(group, "")):
                continue
            held = state.held_at(self.now)
            answered = self.answered.get(group, 0) >= state.triggers
            assert held or answered, f"{group} fires and nobody knows"

    @invariant()
    def what_flaps_is_not_believed_to_be_over(self) -> None:
        for group, state in self.states.items():
            known = self.answered.get(group, 0) >= state.triggers or state.held is not None
            assert known or not self._flaps(group) or self._is_open(self.member[group]), f"{group} only swings"

    @invariant()
    def what_is_over_is_not_left_open_without_a_reason(self) -> None:
        for one in self._open():
            if any(state.status == "firing" for state in self._states(one)):
                continue
            reason = any(self._flaps(group) for group in one.groups) or self._is_kept_open(one)
            assert reason or one.automatic_reopenings >= MOST_REOPENINGS, f"{one.number} stays open"

    @invariant()
    def every_alert_is_known_to_the_one_incident_it_is_part_of(self) -> None:
        for group, number in self.member.items():
            assert group in self.incidents[number].groups, f"{number} does not know {group}"
        for one in self._open():
            assert self._states(one), f"{one.number} is open and no alert is part of it"

    @invariant()
    def alerts_never_make_it_less_urgent(self) -> None:
        for one in self.incidents.values():
            rank = severity_rank(RUNBOOK, one.severity)
            assert rank <= self.severity.get(one.number, rank), f"{one.number} became less urgent"
            self.severity[one.number] = rank

    # -- small things

    def _add(self, number: str, bodies: tuple[f.FactBody, ...]) -> None:
        incident = self.incidents.get(number)
        for body in bodies:
            incident = apply(incident, f.Fact(seq=incident.seq + 1 if incident else 1, at=self.now, body=body))
            if isinstance(body, f.Resolved | f.Merged):
                self.kept_open.pop(number, None)
        if incident:
            self.incidents[number] = incident

    def _component(self, group: str) -> str | None:
        known = self.states.get(f"m/{group}")
        return known.alert.component if known else None

    def _open(self) -> list[Incident]:
        return [one for one in self.incidents.values() if one.status != "resolved"]

    def _is_open(self, number: str) -> bool:
        return number in self.incidents and self.incidents[number].status != "resolved"

    def _open_one(self, which: int) -> Incident | None:
        found = self._open()
        return found[which % len(found)] if found else None

    def _others(self, incident: Incident, but: str = "") -> tuple[AlertState, ...]:
        but = but or incident.group_key
        return tuple(state for state in self._states(incident) if state.alert.group_key != but)

    def _states(self, incident: Incident) -> tuple[AlertState, ...]:
        groups = [group for group, number in self.member.items() if number == incident.number]
        return tuple(self.states[group] for group in groups)

    def _whole(self, incident: Incident) -> Known:
        return Known(incident, self._states(incident), WORLD)

    def _known(self, incident: Incident) -> Now:
        state = self.states[incident.group_key]
        return Now(self.now, state.seen, state.alert, seen_of(self._others(incident)))


TestGrouping = pytest.mark.timeout(3600)(Grouping.TestCase)
TestGrouping.settings = settings(
    max_examples=STORIES or 60,
    phases=(Phase.generate, Phase.shrink) if STORIES else (Phase.generate,),
    stateful_step_count=30,
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)
