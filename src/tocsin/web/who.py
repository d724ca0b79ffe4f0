"""Who was called, told or paged for an incident, how that went, and who comes next."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from tocsin.engine.engine import Loaded
from tocsin.escalation.ladder import Ladder
from tocsin.escalation.reach import FALLBACK
from tocsin.escalation.schedule import people_in
from tocsin.explanation.forecast import Foreseen, forecast
from tocsin.incident import facts as f
from tocsin.incident.calls import LevelCall
from tocsin.incident.incident import Incident
from tocsin.incident.jobs import Notify, Page
from tocsin.store.transactions import Receipt
from tocsin.web.asking import Asked
from tocsin.web.names import Names, by_channel, initials
from tocsin.web.on_call import Member, unreachable
from tocsin.web.times import Times


class Attempted(NamedTuple):
    """One attempt to reach somebody: "03:12:09 slack", and what came of it."""

    at: str
    how: str
    words: str
    bad: bool


class Rung(NamedTuple):
    """A level of one incident. `words` say what happened to it or when it comes, `why` and `line` the reason.

    `then` says what comes next for a level that was called or told already. Sentences come without their full stop.
    """

    level: str
    role: str
    people: tuple[Member, ...]
    words: str
    why: str
    then: str
    line: int | None
    attempts: tuple[Attempted, ...]


_UNLESS = {
    "unacknowledged": "if nobody has it by then",
    "repeat": "again, if nobody has it by then",
    "unresolved": "if not resolved by then",
}


_MOST_ATTEMPTS = 8
"""Attempts shown of a level, the latest; the timeline has them all."""


class _Told(NamedTuple):
    """What the rungs are made of."""

    incident: Incident
    loaded: Loaded
    names: Names
    times: Times
    receipts: tuple[Receipt, ...]
    channels: Collection[str]


def rungs(incident: Incident, loaded: Loaded, receipts: tuple[Receipt, ...], asked: Asked) -> tuple[Rung, ...]:
    """Give every level that was called or may be, in the ladder's order, and the fallback once it is paged."""
    told = _Told(incident, loaded, asked.names, asked.times, receipts, asked.tocsin.deeds.channels)
    runbook, settings = loaded.world
    coming = {foreseen.call.level: foreseen for foreseen in forecast(incident, loaded.world)}
    known = [*Ladder(incident, runbook, settings).names(), *(call.level for call in incident.current_calls)]
    found = [_rung(told, name, coming.get(name)) for name in dict.fromkeys(known)]
    last = _attempts(told, FALLBACK)
    if last:
        found.append(Rung("Fallback", "", (), "The ladder ended unanswered", "", "", None, last))
    return (*_owner(told), *(rung for rung in found if rung.words or rung.attempts))


def _owner(told: _Told) -> tuple[Rung, ...]:
    """Give who has it where that is nobody who was called: somebody took it unasked."""
    mark = told.incident.acknowledged
    called = {f"person:{who.person}" for call in told.incident.current_calls for who in call.people}
    if mark is None or mark.by in called:
        return ()
    name = told.names.of(mark.by)
    member = Member(mark.by, name, initials(name), "on")
    return (Rung("Has it", "", (member,), f"Acknowledged {told.times.hms(mark.at)}", "", "", None, ()),)


def _rung(told: _Told, name: str, coming: Foreseen | None) -> Rung:
    incident, world = told.incident, told.loaded.world
    level = world.runbook.level(name)
    calls = [call for call in incident.current_calls if call.level == name]
    informed = [call for call in incident.informed if call.level == name and call.seq > incident.began_seq]
    latest = calls[-1] if calls else None
    past = latest or (informed[-1] if informed else None)
    people = _people(told, name, past, coming)
    words, then = _past(told, latest, informed), _capital(_due(told, coming)) if coming else ""
    why, line = _why(told, past, coming)
    role, attempts = level.role if level else "", _attempts(told, name)
    line = line or (level.line if level else None)
    if not words:
        return Rung(name, role, people, then, why, "", line, attempts)
    return Rung(name, role, people, words, why, then, line, attempts)


def _past(told: _Told, call: LevelCall | None, informed: list[LevelCall]) -> str:
    if call is not None:
        return _called(told, call)
    if not informed:
        return ""
    at = told.times.hms(informed[-1].at)
    reached = any(
        one.delivered and one.level == informed[-1].level and one.seq > informed[-1].seq
        for one in told.incident.attempts
    )
    return f"Told {at}, not woken" if reached else f"Being told since {at}, without being woken"


def _people(told: _Told, name: str, call: LevelCall | None, coming: Foreseen | None) -> tuple[Member, ...]:
    world = told.loaded.world
    if call is not None:
        ids = [(who.person, who.via_fallback) for who in call.people]
    elif coming is not None:
        ids = [(who.person, who.via_fallback) for who in coming.people]
    else:
        ids = [(person, False) for person in people_in(name, world.runbook, world.settings, told.times.now)]
    owner = told.incident.acknowledged.by if told.incident.acknowledged else ""
    found = []
    for person, fallback in ids:
        shown = told.names.person(person)
        mark = "on" if call is not None or f"person:{person}" == owner else "next"
        words = [f"nobody is {name}, so the fallback"] if fallback else []
        if told.incident.resolved is None and unreachable(person, world.settings, told.channels):
            mark, words = "out", [*words, "cannot be reached"]
        found.append(Member(person, shown, initials(shown), mark, ", ".join(words)))
    return tuple(found)


def _called(told: _Told, call: LevelCall) -> str:
    again = f", round {call.round}" if call.round > 1 else ""
    people = {f"person:{who.person}" for who in call.people}
    answered = [mark for mark in told.incident.acknowledgements if mark.by in people and mark.seq > call.seq]
    acknowledged = f"Acknowledged {told.times.hms(answered[-1].at)}. " if answered else ""
    return f"{acknowledged}Called {told.times.hms(call.at)}{again}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _due(told: _Told, coming: Foreseen) -> str:
    unless = _UNLESS.get(coming.call.cause, "")
    if coming.due <= told.times.now:
        return "being called now"
    return f"at {told.times.hm(coming.due)}{f' {unless}' if unless else ''}"


def _why(told: _Told, call: LevelCall | None, coming: Foreseen | None) -> tuple[str, int | None]:
    if call is None:
        return (coming.call.because.text, coming.call.because.line) if coming else ("", None)
    for fact in told.loaded.facts:
        if fact.seq == call.seq and isinstance(fact.body, f.Escalated | f.Informed):
            return fact.body.because.text, fact.body.because.line
    return "", None


def _attempts(told: _Told, name: str) -> tuple[Attempted, ...]:
    """Give what was tried for a level since it (last) began: facts first, then what is being tried still."""
    found: list[tuple[datetime, Attempted]] = []
    for fact in told.loaded.facts:
        body = fact.body
        if (
            fact.seq > told.incident.began_seq
            and isinstance(body, f.Paged | f.Notified | f.PageFailed)
            and body.level == name
        ):
            found.append((fact.at, _ended(told, fact.at, body)))
    found += [*_retried(told, name), *_held(told, name)]
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0])[-_MOST_ATTEMPTS:])


def _ended(told: _Told, at: datetime, body: f.Paged | f.Notified | f.PageFailed) -> Attempted:
    shown, how = told.times.hms(at), f"{by_channel(body.method)} to {told.names.person(body.person)}"
    if isinstance(body, f.PageFailed):
        return Attempted(shown, how, f"failed: {body.why.rstrip('.')}", bad=True)
    words = f"accepted, {body.receipt}" if body.receipt else "accepted"
    return Attempted(shown, how, f"{words}{_reported(told, body)}", bad=False)


_OURS = frozenset({"accepted", "retrying", "unanswered", "failed"})


def _reported(told: _Told, body: f.Paged | f.Notified) -> str:
    """Give what the provider said of a message afterwards: "; delivered 03:12:11"."""
    who = f"{body.person}/{body.method}"
    start = f"{body.round}/" if isinstance(body, f.Paged) else "notify/"
    said = [
        receipt
        for receipt in told.receipts
        if receipt.status not in _OURS
        and receipt.key.startswith(f"{told.incident.number}/{start}{body.level}/")
        and receipt.key.endswith(f"/{who}")
    ]
    return f"; {said[-1].status} {told.times.hms(said[-1].at)}" if said else ""


def _retried(told: _Told, name: str) -> list[tuple[datetime, Attempted]]:
    """Give the failures behind jobs that are still wanted: they are receipts and no facts yet."""
    wanted = {job.key: job.do for job in told.loaded.jobs if isinstance(job.do, Page | Notify) and job.do.level == name}
    latest = {receipt.key: receipt for receipt in told.receipts if receipt.status in {"retrying", "unanswered"}}
    found = []
    for key, receipt in latest.items():
        do = wanted.get(key)
        if do is not None:
            how = f"{by_channel(do.method)} to {told.names.person(do.person)}"
            words = f"attempt {receipt.attempt} failed: {receipt.detail.rstrip('.')}. It is tried again."
            found.append((receipt.at, Attempted(told.times.hms(receipt.at), how, words, bad=True)))
    return found


def _held(told: _Told, name: str) -> list[tuple[datetime, Attempted]]:
    """Give the pages that wait for the end of somebody's quiet hours, the first of each person."""
    waiting = [
        (job.due, job.do)
        for job in told.loaded.jobs
        if isinstance(job.do, Page) and job.do.level == name and job.do.quiet and job.due > told.times.now
    ]
    first: dict[str, tuple[datetime, Page]] = {}
    for due, do in sorted(waiting, key=lambda one: one[0]):
        first.setdefault(do.person, (due, do))
    return [
        (
            due,
            Attempted(
                told.times.hm(due),
                f"{by_channel(do.method)} to {told.names.person(do.person)}",
                f"waits until then: quiet hours for {told.incident.severity}",
                bad=False,
            ),
        )
        for due, do in first.values()
    ]
