"""What happens next if nobody does anything: the ladder asked again and again about the incident it foresees."""

from datetime import datetime
from typing import NamedTuple

from tocsin.escalation.ladder import CallDue, Ladder
from tocsin.escalation.schedule import called
from tocsin.incident.facts import Called, Escalated, Fact
from tocsin.incident.incident import Incident, apply
from tocsin.lifecycle import World

_FAR_ENOUGH = 12
"""Calls to look ahead: every level once, with room for repeats in between."""


class Foreseen(NamedTuple):
    """A call that will come unless somebody does something, and who is in that level then."""

    call: CallDue
    due: datetime
    people: tuple[Called, ...]


def forecast(incident: Incident, world: World) -> tuple[Foreseen, ...]:
    """Give the next call of each level, in order of time; the first is certain, later ones rest on those before."""
    found: dict[str, Foreseen] = {}
    runbook, settings = world.runbook, world.settings
    for _ in range(_FAR_ENOUGH):
        ladder = Ladder(incident, runbook, settings)
        calls = ladder.calls()
        if not calls:
            break
        call = calls[0]
        at = max(call.due, incident.at)
        people = called(call.level, runbook, settings, at)
        found.setdefault(call.level, Foreseen(call, call.due, people))
        if set(ladder.names()) <= set(found):
            break
        body = Escalated(level=call.level, round=call.round, people=people, cause=call.cause, because=call.because)
        incident = apply(incident, Fact(seq=incident.seq + 1, at=at, body=body))
    return tuple(found.values())
