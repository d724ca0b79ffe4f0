"""The ladder: which levels are to be called, when, and why.

Two timers per level: nobody *acknowledged*, and not *resolved*. Every instant is counted from the moment a level
really was called, so that after an outage two levels do not ring together.

Source: the runbook's "Escalation Path" and each entry's "Escalation"; docs/decisions/0004-the-ladder.md.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.detection.conditions import NOTHING, measured_of
from tocsin.escalation.business import after_business_days, next_opening
from tocsin.incident.calls import LevelCall
from tocsin.incident.facts import Because
from tocsin.incident.incident import CheckState, Incident
from tocsin.runbook.policy import EntryRule, Level, Runbook
from tocsin.settings import Settings

ANSWER_WITHIN = timedelta(minutes=15)
"""How long a called level has to answer when neither severity nor ladder says it."""

_DEFAULT_LADDER = (Level(id="L1", role="On-call", responds_within=ANSWER_WITHIN, line=1),)


class CallDue(NamedTuple):
    """A level to be called at `due`; `round` counts this level's calls from 1."""

    level: str
    round: int
    due: datetime
    cause: str
    because: Because


class InformDue(NamedTuple):
    """A level to be told at `due` without waking it."""

    level: str
    due: datetime
    because: Because


class Ladder:
    """The ladder of one incident: the general path, its entry's rule and its severity, read together."""

    def __init__(self, incident: Incident, runbook: Runbook, settings: Settings) -> None:
        """Take the incident with the runbook it is pinned to and today's settings."""
        self._incident = incident
        self._called = incident.current_calls
        self._severity = runbook.severity(incident.severity)
        self._hours, self._zone = settings.business_hours, settings.timezone
        self._max_rounds = settings.max_rounds
        entry = runbook.incident_type(incident.incident_type)
        self._rule = entry.escalation if entry else None
        self._measured = measured_of(entry, settings) if self._rule and self._rule.trigger == "persists" else NOTHING
        levels = runbook.escalation or _DEFAULT_LADDER
        self._levels = tuple(level for level in levels if level.only_severity is None)
        self._reserved = tuple(level for level in levels if level.only_severity == incident.severity)
        if not self._levels and any(level.after for level in self._reserved):
            # "SEV-1 | On-call | after 15 min | Manager": each severity has a path of its own, and no other is written.
            self._levels, self._reserved = self._reserved, ()
            if self._levels[0].after is not None:
                self._levels = (*_DEFAULT_LADDER, *self._levels)
        self._levels = self._levels or _DEFAULT_LADDER
        self._desk = ""
        if settings.unmatched.to and incident.incident_type is None and incident.type_corrected is None:
            self._desk = _target(settings.unmatched.to, runbook)
            later = (level for level in self._levels if level.id != self._desk)
            self._levels = (Level(id=self._desk, role=settings.unmatched.to, line=1), *later)
        self._named = tuple(dict.fromkeys(_target(name, runbook) for name in self._rule.to)) if self._rule else ()
        self._targets = self._named if self._immediate else ()

    # -- what is to be done

    def calls(self) -> tuple[CallDue, ...]:
        """Give the next call of each level that is known by now, at its earliest reason. () once resolved."""
        if self._incident.status == "resolved":
            return ()
        candidates = [*self._opening(), *self._requested(), *self._repeat()]
        for rung in range(1, len(self._levels)):
            candidates += self._unacknowledged(rung)
            candidates += self._unresolved(rung)
        candidates += self._rule_targets()
        candidates += self._with_last(candidates)
        return _earliest(candidates)

    def informs(self) -> tuple[InformDue, ...]:
        """Give the levels of this severity alone that are told at the beginning."""
        if self._incident.status == "resolved":
            return ()
        told = {call.level for call in self._incident.informed if call.seq > self._incident.began_seq}
        called = {call.level for call in self._called}
        return tuple(
            InformDue(
                level.id,
                self._incident.began_at,
                Because(f"{level.id} is told of every {self._incident.severity}", level.line),
            )
            for level in self._reserved
            if level.id not in told | called | set(self._targets)
        )

    def give_up_at(self) -> datetime | None:
        """Give when the last round will have gone unanswered, or None while a repeat or an answer is possible."""
        last = self._unanswered_last()
        if last is None or self._incident.gave_up or self._incident.status == "resolved":
            return None
        ended = all(len(calls) >= self._max_rounds and calls[-1].seq <= last.seq for _, calls in self._rung_calls(0))
        return self.answer_by(last.at) if ended else None

    def names(self) -> tuple[str, ...]:
        """Give every level that can be called, the entry's own targets included."""
        ids = [level.id for level in (*self._levels, *self._reserved)]
        return tuple(dict.fromkeys((*ids, *self._named)))

    def named(self, name: str) -> str | None:
        """Give the level of that name (case does not matter), or None."""
        return next((known for known in self.names() if known.casefold() == name.casefold()), None)

    def next_level(self) -> str | None:
        """Give the first rung that has not been called since the incident (last) began, or None."""
        rungs = [*self._rung(0), *(level.id for level in self._levels[1:])]
        return next((name for name in rungs if not self._current(name)), None)

    # -- the timers

    def answer_by(self, called_at: datetime) -> datetime:
        """Give by when a level called at that instant must have answered."""
        response = self._severity.response if self._severity else None
        if response is not None and response.kind == "next-business-day":
            return after_business_days(called_at, 1, self._hours, self._zone)
        if response is not None and response.after is not None:
            return called_at + response.after
        return called_at + self._base

    def resolve_by(self, rung: int, first_called_at: datetime) -> datetime | None:
        """Give by when it must be resolved before `rung` is called; counted from the first call of the rung below."""
        level = self._levels[rung]
        if self._rule_speaks_of(level) and self._rule and self._rule.after is not None:
            return first_called_at + self._rule.after
        if level.after is None or level.condition == "not-acknowledged":
            return None
        return self.answer_by(first_called_at) + max(level.after - self._base, timedelta(0))

    # -- reasons to call, one method each

    def _opening(self) -> list[CallDue]:
        began = self._incident.began_at
        due: list[CallDue] = []
        if self._immediate:
            reason = Because(f"its entry says “{self._immediate.text}”", self._immediate.line)
            due += [self._due(name, began, "immediate", reason) for name in self._targets if not self._current(name)]
        first = self._levels[0]
        if not self._replaced and not self._current(first.id) and not self._incident.acknowledged:
            reason = Because(f"{first.id} is called first", first.line)
            if first.id == self._desk:
                reason = Because(f"the configuration calls {first.id} first for what fits no entry")
            due.append(self._due(first.id, self._opens_at(), "opened", reason))
        return due

    def _opens_at(self) -> datetime:
        """Give when the first level is called: at once, or at the next business opening."""
        began = self._incident.began_at
        response = self._severity.response if self._severity else None
        waits = response is not None and response.kind == "next-business-day" and not self._replaced
        return next_opening(began, self._hours, self._zone) if waits else began

    def _unacknowledged(self, rung: int) -> list[CallDue]:
        below = self._latest(rung - 1)
        if below is None or self._incident.acknowledged_after(below.seq) or self._answers(rung, below):
            return []
        level = self._levels[rung]
        wait = level.after if level.condition == "not-acknowledged" and level.after else None
        at = below.at + wait if wait else self.answer_by(below.at)
        return [self._due(level.id, at, "unacknowledged", Because(f"nobody has answered {below.level}", level.line))]

    def _unresolved(self, rung: int) -> list[CallDue]:
        since = self._first_at(rung - 1)
        at = self.resolve_by(rung, since) if since else None
        at = self._persists_at(at) if at and self._rule_speaks_of(self._levels[rung]) else at
        if at is None or any(self._stands(call, at) for call in self._current(self._levels[rung].id)):
            return []
        level = self._levels[rung]
        rule = self._rule if self._rule_speaks_of(level) else None
        reason = (
            Because(f"its entry says “{rule.text}”{self._because_of_check()}", rule.line)
            if rule
            else Because(f"not resolved by {self._names(rung - 1)}", level.line)
        )
        return [self._due(level.id, at, "unresolved", reason)]

    def _rule_targets(self) -> list[CallDue]:
        """Give the calls of those an entry names with a condition but who are no rung ("DBA team")."""
        since = self._first_at(0)
        if self._rule is None or self._immediate or since is None:
            return []
        rungs = {level.id for level in self._levels}
        reason = Because(f"its entry says “{self._rule.text}”{self._because_of_check()}", self._rule.line)
        due = since + self._rule.after if self._rule.after is not None else self._general_resolve_by(since)
        at = self._persists_at(due)
        if at is None:
            return []
        return [
            self._due(name, at, "unresolved", reason)
            for name in self._named
            if name not in rungs and not self._current(name)
        ]

    def _general_resolve_by(self, since: datetime) -> datetime:
        """Give by when the general path wants it resolved by the first level: the minutes of an entry without any."""
        return (self.resolve_by(1, since) if len(self._levels) > 1 else None) or self.answer_by(since)

    def _with_last(self, candidates: list[CallDue]) -> list[CallDue]:
        """Give the calls of the levels reserved for this severity: together with the last rung."""
        last = self._levels[-1]
        instants = [call.at for call in self._current(last.id)[:1] if not self._answered(call)]
        instants += [due.due for due in candidates if due.level == last.id]
        if not instants or len(self._levels) == 1:
            return []
        return [
            self._due(level.id, min(instants), "unresolved", Because(f"called together with {last.id}", level.line))
            for level in self._reserved
            if not self._current(level.id)
        ]

    def _requested(self) -> list[CallDue]:
        return [
            self._due(request.level, request.at, "requested", Because("a person asked for it"))
            for request in self._incident.requests
            if request.seq > self._incident.began_seq
            and not any(call.seq > request.seq for call in self._current(request.level))
        ]

    def _repeat(self) -> list[CallDue]:
        last = self._unanswered_last()
        if last is None or self._incident.gave_up:
            return []
        at = self.answer_by(last.at)
        return [
            self._due(name, at, "repeat", Because(f"round {len(calls)} went unanswered"))
            for name, calls in self._rung_calls(0)
            if len(calls) < self._max_rounds and (not calls or calls[-1].seq <= last.seq)
        ]

    # -- "persists", "does not drop": the entry's check is asked first

    def _persists_at(self, due: datetime) -> datetime | None:
        """Give when the trouble an entry names has lasted too long; None while its check says that it is gone.

        A check that was good in between and is bad again is believed from then on. One that never saw the trouble
        cannot say that it is gone.
        """
        if not self._measured.tells:
            return due
        known = self._checks()
        if known and all(state.good for state in known):
            return None
        return max([due, *(state.at for state in known if not state.good and state.turns)])

    def _because_of_check(self) -> str:
        """Give what the entry's check says, or that there is none: then it counts as not resolved."""
        if self._rule is None or self._rule.trigger != "persists":
            return ""
        if self._measured.missing:
            return f"; {' and '.join(self._measured.missing)} is not configured, so it counts as not resolved"
        if not self._measured.checks:
            return "; nothing measures that, so it counts as not resolved"
        bad = [name for name in self._measured.checks if not self._said(name)]
        if not self._checks():
            return f"; {' and '.join(bad)} never saw it, so it counts as not resolved"
        return f"; {' and '.join(bad)} says so" if bad else ""

    def _checks(self) -> list[CheckState]:
        return [self._incident.checks[name] for name in self._measured.checks if name in self._incident.checks]

    def _said(self, name: str) -> bool:
        state = self._incident.checks.get(name)
        return state is not None and state.good

    # -- small questions

    @property
    def _immediate(self) -> EntryRule | None:
        return self._rule if self._rule and self._rule.trigger == "immediate" else None

    @property
    def _replaced(self) -> bool:
        """Give whether those an entry names at once take L1's place: in a restricted incident."""
        return self._incident.restricted and self._immediate is not None

    @property
    def _base(self) -> timedelta:
        return self._levels[0].responds_within or ANSWER_WITHIN

    def _rung(self, rung: int) -> tuple[str, ...]:
        return self._targets if rung == 0 and self._replaced else (self._levels[rung].id,)

    def _names(self, rung: int) -> str:
        return ", ".join(self._rung(rung))

    def _rule_speaks_of(self, level: Level) -> bool:
        return self._immediate is None and level.id in self._named

    def _current(self, level: str) -> list[LevelCall]:
        return [call for call in self._called if call.level == level]

    def _first(self, rung: int) -> LevelCall | None:
        calls = [call for call in self._called if call.level in self._rung(rung)]
        return calls[0] if calls else None

    def _latest(self, rung: int) -> LevelCall | None:
        calls = [call for call in self._called if call.level in self._rung(rung)]
        return calls[-1] if calls else None

    def _first_at(self, rung: int) -> datetime | None:
        """Give when the unresolved timer of the next rung begins.

        With the first call; or, where somebody took the incident before anybody had to be called, when the first
        level would have been.
        """
        call = self._first(rung)
        if call is None and rung == 0 and self._incident.acknowledged:
            return self._opens_at()
        return call.at if call else None

    def _answered(self, call: LevelCall) -> bool:
        """Give whether the reason of that call is gone: nobody had answered, and now somebody has."""
        return call.cause == "unacknowledged" and self._incident.acknowledged_after(call.seq)

    def _answers(self, rung: int, below: LevelCall) -> bool:
        """Give whether `rung` was already called because of (or together with) that call of the rung below."""
        first_round = below == self._first(rung - 1)
        return any(
            call.seq > below.seq or (first_round and call.cause == "immediate")
            for call in self._current(self._levels[rung].id)
        )

    def _stands(self, call: LevelCall, at: datetime) -> bool:
        """Give whether that call still counts at `at`: nobody else's acknowledgement sent its people back to bed."""
        people = {f"person:{who.person}" for who in call.people}
        return call.at >= at or not any(
            mark.seq > call.seq and mark.at < at and mark.by not in people for mark in self._incident.acknowledgements
        )

    def _rung_calls(self, rung: int) -> list[tuple[str, list[LevelCall]]]:
        return [(name, self._current(name)) for name in self._rung(rung)]

    def _unanswered_last(self) -> LevelCall | None:
        """Give the last rung's latest call if nobody has answered it; it ends a round."""
        last = self._latest(len(self._levels) - 1)
        return None if last is None or self._incident.acknowledged_after(last.seq) else last

    def _due(self, level: str, at: datetime, cause: str, because: Because) -> CallDue:
        return CallDue(level, self._incident.rounds(level) + 1, at, cause, because)


def _target(name: str, runbook: Runbook) -> str:
    level = runbook.level(name)
    return level.id if level else name


def _earliest(candidates: list[CallDue]) -> tuple[CallDue, ...]:
    best: dict[str, CallDue] = {}
    for candidate in candidates:
        known = best.get(candidate.level)
        if known is None or candidate.due < known.due:
            best[candidate.level] = candidate
    return tuple(sorted(best.values(), key=lambda call: call.due))
