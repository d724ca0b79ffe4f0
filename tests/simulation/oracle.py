"""The ladder once more, written from its description and not from its code.

Reads facts only. For the runbook of `company.py`; minutes stand here as numbers on purpose.
"""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

from simulation.company import EDITIONS
from tocsin.incident import facts as f

MINUTE = timedelta(minutes=1)
ROUNDS = 2
_SECOND = hashlib.sha256(EDITIONS[1]).hexdigest()


class Due(NamedTuple):
    """A level may be called from `at` on; when `firm`, it must be."""

    level: str
    at: datetime
    firm: bool


class Call(NamedTuple):
    """A call since the incident began."""

    level: str
    at: datetime
    seq: int
    immediate: bool


class Story:
    """What facts say, as far as the ladder asks."""

    def __init__(self, facts: tuple[f.Fact, ...]) -> None:
        opened = facts[0].body
        if not isinstance(opened, f.Opened):
            raise TypeError("a timeline begins with Opened")
        self.kind, self.restricted = opened.incident_type, opened.restricted
        self.second = opened.runbook == _SECOND
        self.severity = opened.severity
        self.open = True
        self.acks: list[int] = []
        self._begin(facts[0])
        for fact in facts[1:]:
            self._take(fact)

    def _begin(self, fact: f.Fact) -> None:
        self.began, self.calls, self.requests, self.gave_up = fact, list[Call](), list[Call](), False
        self.acked_since = False
        self.open = True

    def _take(self, fact: f.Fact) -> None:
        match fact.body:
            case f.Reopened():
                self._begin(fact)
            case f.Resolved() | f.Merged():
                self.open = False
            case f.Acknowledged():
                self.acks.append(fact.seq)
                self.acked_since = True
            case f.SeverityChanged(after=after):
                self.severity = after
            case f.EscalationRequested(level=level):
                self.requests.append(Call(level, fact.at, fact.seq, immediate=False))
            case f.GaveUp():
                self.gave_up = True
            case f.Escalated(level=level, cause=cause):
                self.calls.append(Call(level, fact.at, fact.seq, immediate=cause == "immediate"))

    # -- small questions

    def of(self, *levels: str) -> list[Call]:
        """Give the calls of these levels, oldest first."""
        return [call for call in self.calls if call.level in levels]

    def acked_after(self, call: Call) -> bool:
        """Give whether somebody acknowledged after that call."""
        return any(seq > call.seq for seq in self.acks)

    def response(self, at: datetime) -> datetime:
        """Give when a level called at `at` must have answered."""
        if self.severity == "P3":
            day = at + timedelta(days=1)
            while day.weekday() > 4:
                day += timedelta(days=1)
            return day
        return at + (120 * MINUTE if self.severity == "P2" else 15 * MINUTE)

    @property
    def opens(self) -> datetime:
        """Give when the first level is called."""
        began = self.began.at
        if self.severity != "P3" or self.replaced:
            return began
        nine = began.replace(hour=9, minute=0, second=0, microsecond=0)
        while nine < began or nine.weekday() > 4:
            nine += timedelta(days=1)
        return nine

    @property
    def immediate(self) -> tuple[str, ...]:
        """Give whom the entry names at once."""
        if self.kind == "flood":
            return ("security team", "L2")
        return ("Executive", "Legal", "Security team") if self.kind == "data-breach" else ()

    @property
    def replaced(self) -> bool:
        """Give whether those take the place of L1."""
        return self.restricted and bool(self.immediate)

    @property
    def first(self) -> tuple[str, ...]:
        """Give the levels of the first rung."""
        return self.immediate if self.replaced else ("L1",)

    @property
    def unanswered_end(self) -> Call | None:
        """Give the last call of the last rung, when nobody acknowledged since."""
        last = self.of("L3")
        return last[-1] if last and not self.acked_after(last[-1]) else None


def dues(facts: tuple[f.Fact, ...]) -> list[Due]:
    """Give every reason for which a level may be called."""
    story = Story(facts)
    if not story.open:
        return []
    found = [*_openings(story), *_requests(story), *_repeats(story), *_rungs(story)]
    last = [due.at for due in found if due.level == "L3"] + [call.at for call in story.of("L3")[:1]]
    if story.severity == "P0" and last and not story.of("Executive"):
        found.append(Due("Executive", min(last), firm=False))
    return found


def gives_up_at(facts: tuple[f.Fact, ...]) -> datetime | None:
    """Give when the ladder may give up, or None when it may not."""
    story = Story(facts)
    last = story.unanswered_end
    if last is None or story.gave_up or not story.open:
        return None
    if any(len(story.of(name)) < ROUNDS or story.of(name)[-1].seq > last.seq for name in story.first):
        return None
    return story.response(last.at)


def _openings(story: Story) -> list[Due]:
    found = [Due(name, story.began.at, firm=True) for name in story.immediate if not story.of(name)]
    if not story.replaced and not story.of("L1") and not story.acked_since:
        found.append(Due("L1", story.opens, firm=True))
    return found


def _requests(story: Story) -> list[Due]:
    return [
        Due(request.level, request.at, firm=True)
        for request in story.requests
        if not any(call.seq > request.seq for call in story.of(request.level))
    ]


def _repeats(story: Story) -> list[Due]:
    last = story.unanswered_end
    if last is None or story.gave_up:
        return []
    return [
        Due(name, story.response(last.at), firm=True)
        for name in story.first
        if len(story.of(name)) < ROUNDS and not any(call.seq > last.seq for call in story.of(name))
    ]


def _rungs(story: Story) -> list[Due]:
    found: list[Due] = []
    for level, below in (("L2", story.first), ("L3", ("L2",))):
        calls = story.of(*below)
        if calls and not story.acked_after(calls[-1]):
            answers = [call for call in story.of(level) if call.seq > calls[-1].seq]
            at_once = any(call.immediate for call in story.of(level)) and len(calls) == 1
            if not answers:
                found.append(Due(level, story.response(calls[-1].at), firm=not at_once))
        since = calls[0].at if calls else None
        if since is None and level == "L2" and story.acked_since:
            since = story.opens
        if since is not None:
            found += _unresolved(story, level, since)
    since = story.of(*story.first)[0].at if story.of(*story.first) else None
    since = since or (story.opens if story.acked_since else None)
    if story.kind == "ledger-stuck" and since and not story.of("DBA team"):
        found.append(Due("DBA team", since + 25 * MINUTE, firm=True))
    return found


def _unresolved(story: Story, level: str, since: datetime) -> list[Due]:
    if level == "L2" and story.kind in {"checkout-down", "errors-rise"}:
        at = since + (50 if story.second else 20) * MINUTE
    elif level == "L2":
        at = story.response(since) + (25 if story.second else 15) * MINUTE
    else:
        at = story.response(since) + 45 * MINUTE
    calls = story.of(level)
    if any(call.at >= at or not story.acked_after(call) for call in calls):
        return []
    # Whether a level whose own people took it is called once more is not for this oracle to say.
    return [Due(level, at, firm=not calls)]
