"""What the checks of an entry say while its incident is open: only when they turn, and not for ever.

A check tells by its alert, which fires and is over like any other. Whether it is part of the incident does not matter.
docs/decisions/0062-the-check-of-an-entry-says-whether-it-is-over.md
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from tocsin.detection.alert import AlertState
from tocsin.detection.conditions import Measured, measured_of
from tocsin.detection.watched import SOURCE
from tocsin.incident.body import Because
from tocsin.incident.check_facts import CheckTurned
from tocsin.incident.incident import CheckState, Incident
from tocsin.incident.world import World
from tocsin.runbook.durations import spoken

MOST_TURNS = 20
"""After so many turns of one check the last word is that it is not good: nothing grows without bound."""


class Turning(NamedTuple):
    """What checks say anew, and when one has to be looked at again because it has not been good for long enough."""

    facts: tuple[CheckTurned, ...] = ()
    again: datetime | None = None


def turning(incident: Incident, states: Iterable[AlertState], world: World, now: datetime) -> Turning:
    """Give what the checks of an open incident's entry say that it does not know yet."""
    measured = measured_of(world.runbook.incident_type(incident.incident_type), world.settings)
    facts, waits = [], []
    for name, state in _named(states, measured):
        known = incident.checks.get(name)
        due = state.changed_at + measured.checks[name]
        if state.status == "firing" and (known is None or known.good):
            facts.append(_turned(name, state, good=False))
        elif state.status == "resolved" and known is not None and not known.good and known.turns < MOST_TURNS - 1:
            if now < due:
                waits.append(due)
            else:
                facts.append(_turned(name, state, good=True, after=_tried(incident, known)))
    return Turning(tuple(facts), min(waits, default=None))


def is_asked(entry: str | None, world: World) -> tuple[str, ...]:
    """Give the groups of the checks that say whether an incident of that entry is over."""
    measured = measured_of(world.runbook.incident_type(entry), world.settings)
    return tuple(f"{SOURCE}/{name}" for name in measured.checks)


def not_good_yet(incident: Incident, world: World) -> Because | None:
    """Give that checks that say whether it is over do not say so, or not for long enough; None where they do."""
    entry = world.runbook.incident_type(incident.incident_type)
    measured = measured_of(entry, world.settings)
    bad = [name for name in measured.checks if name in incident.checks and not incident.checks[name].good]
    if not bad or not measured.tells:
        return None
    longest = max(measured.checks[name] for name in bad)
    lasting = f" for {spoken(longest)}" if longest else ""
    return Because(f"{' and '.join(bad)} has to be good{lasting} first", entry.line if entry else None)


def _named(states: Iterable[AlertState], measured: Measured) -> Iterator[tuple[str, AlertState]]:
    for state in states:
        name = state.alert.group_key.removeprefix(f"{SOURCE}/")
        if state.alert.source == SOURCE and name in measured.checks:
            yield name, state


def _turned(name: str, state: AlertState, *, good: bool, after: str = "") -> CheckTurned:
    return CheckTurned(by=f"source:{SOURCE}", check=name, good=good, summary=state.alert.summary, after=after)


def _tried(incident: Incident, bad: CheckState) -> str:
    """Give the title of the changing step that ran last since the check was bad, or ""."""
    ran = [
        step.ran
        for step in sorted(incident.progress.steps.values(), key=lambda one: one.seq)
        if step.ran is not None and step.changes and step.seq > bad.seq
    ]
    return ran[-1].title if ran else ""
