"""Deeds that are facts and nothing else: a level is called or told, somebody is reminded, or the rounds end."""

from datetime import datetime

from tocsin.escalation.schedule import called, person
from tocsin.incident import facts as f
from tocsin.incident import jobs as j
from tocsin.incident.incident import Incident
from tocsin.incident.world import World


def fact_of(do: j.Doing, incident: Incident, world: World, now: datetime) -> f.FactBody:
    """Give the fact that is the deed itself, with the people it reaches at that moment. Raises TypeError for others."""
    runbook, settings = world
    if isinstance(do, j.GiveUp):
        return f.GaveUp(rounds=do.rounds)
    if isinstance(do, j.Inform):
        people = called(do.level, runbook, settings, now)
        return f.Informed(level=do.level, people=people, because=f.Because(do.because, do.line))
    if isinstance(do, j.Remind):
        return f.Reminded(
            topic=do.topic,
            stage=do.stage,
            people=reminded(do, incident, world, now),
            wake=do.wake,
            because=f.Because(do.because, do.line),
        )
    if not isinstance(do, j.Call):
        raise TypeError(f"{do} is no call")
    return f.Escalated(
        level=do.level,
        round=do.round,
        people=called(do.level, runbook, settings, now),
        cause=do.cause,
        because=f.Because(do.because, do.line),
    )


def reminded(do: j.Remind, incident: Incident, world: World, now: datetime) -> tuple[f.Called, ...]:
    """Give who is reminded: who has it or was called last, everybody concerned, or who owes the review."""
    runbook, settings = world
    marks = [mark for mark in (incident.acknowledged, incident.resolved) if mark and mark.by.startswith("person:")]
    holder = tuple(f.Called(mark.by.removeprefix("person:")) for mark in marks[:1])
    latest = incident.current_calls[-1].people if incident.current_calls else ()
    concerned = tuple(f.Called(who) for who in sorted(incident.concerned) if person(who, settings))
    first = runbook.escalation[0].id if runbook.escalation else "L1"
    wanted = concerned if do.whom == "concerned" else holder or latest
    return wanted or called(first, runbook, settings, now)
