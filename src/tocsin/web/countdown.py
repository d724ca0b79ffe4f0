"""The clock of an incident: who is called next, when, and why; or what stands in its place."""

from datetime import datetime
from typing import NamedTuple

from tocsin.engine.engine import Loaded
from tocsin.escalation.schedule import called
from tocsin.incident.incident import Incident
from tocsin.incident.jobs import Call, Job
from tocsin.lifecycle import World
from tocsin.web.names import Names, listed
from tocsin.web.times import Times, figure, lasting, millis

_WHOLE = 100


class Countdown(NamedTuple):
    """A clock that runs. Instants are milliseconds since 1970; `left` is the share of the wait that is left, 0-100.

    `who` `verb` `at` `unless` read as one sentence behind the figure: "Jonas Weber (L2)", "is paged", "03:27", "".
    """

    figure: str
    due: int
    since: int
    left: int
    who: str
    verb: str
    at: str
    unless: str
    because: str
    line: int | None


class Standing(NamedTuple):
    """What the box says: a clock or a sentence, and small print. `hot` only while nobody has it."""

    hot: bool
    clock: Countdown | None
    sentence: str
    small: str
    line: int | None = None


def standing(incident: Incident, loaded: Loaded, names: Names, times: Times, me: str) -> Standing:
    """Give what the box of an incident says to the reader whose person id is `me` ("" for none)."""
    calls = _next_calls(loaded.jobs)
    hot = incident.status == "triggered"
    small = _small(incident, names, times, me)
    if incident.resolved is not None:
        lasted = lasting(incident.resolved.at - incident.began_at)
        sentence = f"Resolved {times.hm(incident.resolved.at)} by {names.of(incident.resolved.by)}, after {lasted}."
        return Standing(hot=False, clock=None, sentence=sentence, small="")
    if not calls:
        return Standing(hot, None, _nothing_due(incident, names), small)
    if calls[0].due <= times.now:
        return Standing(hot, None, f"{_whom(calls, loaded.world, names)} is being called now.", small)
    return Standing(hot, _clock(incident, calls, loaded.world, names, times), "", small)


def next_sentence(incident: Incident, loaded: Loaded, names: Names, times: Times) -> str:
    """Give who is called next and when as one sentence, for a page without a clock."""
    calls = _next_calls(loaded.jobs)
    if not calls or incident.resolved is not None:
        return "Nobody else is called." if incident.resolved is None else ""
    if not incident.acknowledged:
        unless = "if nobody has it by then"
    else:
        unless = "if nobody answers by then" if _is_unanswered(calls[0]) else "if it is not resolved by then"
    return f"Next: {_whom(calls, loaded.world, names)} is paged at {times.hm(calls[0].due)}, {unless}."


def unanswered(incident: Incident) -> bool:
    """Give whether a level was called after the latest acknowledgement: whoever has it has to say so again."""
    mark = incident.acknowledged
    if mark is None or incident.resolved is not None:
        return False
    return any(call.seq > mark.seq for call in incident.current_calls)


def _is_unanswered(call: Job) -> bool:
    return isinstance(call.do, Call) and call.do.cause in {"unacknowledged", "repeat"}


def _next_calls(jobs: tuple[Job, ...]) -> list[Job]:
    """Give the calls that come next; two levels may be called together."""
    calls = sorted((job for job in jobs if isinstance(job.do, Call)), key=lambda job: job.due)
    return [job for job in calls if job.due == calls[0].due]


def _clock(incident: Incident, calls: list[Job], world: World, names: Names, times: Times) -> Countdown:
    due, do = calls[0].due, calls[0].do
    since = _since(incident, calls[0])
    whole = (due - since).total_seconds()
    left = (due - times.now).total_seconds()
    joins = incident.status != "triggered"
    return Countdown(
        figure=figure(due - times.now),
        due=millis(due),
        since=millis(since),
        left=max(0, min(_WHOLE, round(_WHOLE * left / whole))) if whole > 0 else _WHOLE,
        who=_whom(calls, world, names),
        verb="joins"
        if joins and len(calls) == 1
        else "join"
        if joins
        else "is paged"
        if len(calls) == 1
        else "are paged",
        at=times.hm(due),
        unless=_unless(calls[0]) if joins else "",
        because=do.because if isinstance(do, Call) else "",
        line=do.line if isinstance(do, Call) else None,
    )


def _unless(call: Job) -> str:
    return ", unless somebody answers" if _is_unanswered(call) else ", unless resolved"


def _since(incident: Incident, call: Job) -> datetime:
    """Give when the wait began, as the ladder counts it."""
    calls = incident.current_calls
    if not calls:
        return incident.began_at
    unresolved = isinstance(call.do, Call) and call.do.cause == "unresolved"
    return calls[0].at if unresolved else calls[-1].at


def _whom(calls: list[Job], world: World, names: Names) -> str:
    return listed([_of_level(job, world, names) for job in calls])


def _of_level(job: Job, world: World, names: Names) -> str:
    if not isinstance(job.do, Call):
        return ""
    people = called(job.do.level, world.runbook, world.settings, job.due)
    name = listed([names.person(who.person) for who in people])
    fallback = ", as the fallback" if people[0].via_fallback else ""
    return f"{name} ({job.do.level}{fallback})"


def _nothing_due(incident: Incident, names: Names) -> str:
    if incident.gave_up and not incident.acknowledged_after(incident.gave_up.seq):
        return (
            f"Every level was called and nobody answered. {names.of('engine')} pages the fallback until somebody does."
        )
    return "Nobody else is called. It stays open until somebody resolves it."


def _small(incident: Incident, names: Names, times: Times, me: str) -> str:
    """Say what is known of the reader's own pages, or for how long it is open."""
    mine = [attempt for attempt in incident.attempts if attempt.person == me and attempt.seq > incident.began_seq]
    if mine and incident.status == "triggered":
        ways = [
            f"{times.hm(attempt.at)} by {attempt.method.partition('.')[2]}" for attempt in mine if attempt.delivered
        ]
        if ways:
            return f"You were paged {listed(list(dict.fromkeys(ways))[-3:])}."
    mark = incident.acknowledged
    taken = f" {names.of(mark.by)} took it {times.hm(mark.at)}." if mark and mark.by != names.me else ""
    return f"Open for {lasting(times.now - incident.began_at)}.{taken}"
