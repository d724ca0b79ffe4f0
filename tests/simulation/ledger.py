"""What really happened: written down by the simulated world, not by the engine."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from simulation.company import CHANGE
from tocsin.channels.message import Message
from tocsin.incident.chain import Row, unlink
from tocsin.incident.facts import (
    Acknowledged,
    Escalated,
    Fact,
    GaveUp,
    Merged,
    Paged,
    Reopened,
    Resolved,
    StepLost,
    StepRan,
    StepStarted,
    UpdateFailed,
    UpdateSent,
)
from tocsin.incident.jobs import Claimed, Page, SendUpdate
from tocsin.store import transactions as t


class Checked(NamedTuple):
    """A wanted-check that was committed: by which process, when, and what the timeline then said."""

    process: int
    at: float
    facts: tuple[Fact, ...]


class Accepted(NamedTuple):
    """A message that reached somebody. `answered` is False when the sender was not told so."""

    key: str
    person: str
    channel: str
    kind: str
    process: int
    checked_at: float
    at: float
    answered: bool


class Arrived(NamedTuple):
    """A message that reached somebody as a job, and whose sender was told so, with so many pages in it."""

    person: str
    channel: str
    kind: str
    process: int
    at: float
    pages: int


class Disturbance(NamedTuple):
    """A time in which a process was stopped, dead, or could not reach its store."""

    process: int
    began: float
    ended: float


class Executed(NamedTuple):
    """A step that began to run. `key` is that of its job."""

    key: str
    process: int
    at: float


class Ledger:
    """Collects sends, checks and disturbances, and what must never happen as soon as it does."""

    def __init__(self) -> None:
        self.accepted: list[Accepted] = []
        self.messages: list[Arrived] = []
        self.attempts = 0
        self.disturbances: list[Disturbance] = []
        self.faults: list[str] = []
        self.committed_at: dict[tuple[str, int], float] = {}
        self.executed: dict[str, Executed] = {}
        self.returned: set[str] = set()
        self.keys_of: dict[str, set[str]] = {}
        self._jobs: dict[str, str] = {}
        self._facts: dict[str, Fact] = {}
        self._checked: dict[tuple[int, str], Checked] = {}

    def transaction_done(self, process: int, name: str, arguments: dict[str, Any], value: Any, at: float) -> None:
        """Take note of a committed transaction."""
        if name == "check":
            self._check(process, arguments["held"], value, at)
        elif name == "claim_some":
            for held in value.jobs:
                timeline = value.looked.get(held.token)
                self._check(process, held, timeline if isinstance(timeline, t.Timeline) else None, at)
        elif name == "commit":
            change: t.Change = arguments["change"]
            for row in change.facts:
                self.committed_at[change.head.number, row.seq] = at
        elif name == "commit_together":
            for change in arguments["changes"]:
                for row in change.facts:
                    self.committed_at[change.head.number, row.seq] = at
        elif name == "want":
            self.faults.append(f"something broke: {arguments['job'].do}")

    def is_job(self, message: Message, task: "asyncio.Task[Any] | None") -> bool:
        """Give whether a message is sent as a job: then its task has the name of one."""
        name = task.get_name() if task is not None else ""
        if not message.keys:
            self.keys_of.setdefault(self.job_of(message.key), set()).add(message.key)
        return "/" in name

    def job_of(self, key: str) -> str:
        """Give the job a key belongs to. A restricted page's own key does not tell its level."""
        if key not in self._jobs:
            number = key.partition("/")[0]
            hidden = {f"{number}/{hashlib.sha256(one.encode()).hexdigest()[:16]}": one for _, one in self._checked}
            if key not in hidden:
                return key
            self._jobs[key] = hidden[key]
        return self._jobs[key]

    def begins(self, process: int, key: str, kind: str, *, excused: bool) -> float:
        """Take note that a send begins; give when its process last made sure that it is wanted."""
        self.attempts += 1
        if "/update/" in key:
            return self._update_begins(process, key)
        if kind != "page" or excused:
            return 0.0
        checked = self._checked.get((process, key))
        if checked is None or not is_page_wanted(key, checked.facts):
            self.faults.append(f"{key} was sent although its sender knew it was not wanted, or did not look")
            return 0.0
        return checked.at

    def _update_begins(self, process: int, key: str) -> float:
        checked = self._checked.get((process, key))
        if checked is None or is_update_sent(key, checked.facts):
            self.faults.append(f"{key} was sent although its sender knew that it had been, or did not look")
            return 0.0
        return checked.at

    def step_begins(self, begun: Executed, facts: tuple[Fact, ...]) -> None:
        """Take note that a step begins, of what may only be so once, and of what must have been recorded before."""
        if begun.key.split("/")[2] != CHANGE:
            return
        if begun.key in self.executed:
            self.faults.append(f"{begun.key} began to run again")
        if not any(isinstance(fact.body, StepStarted) and key_of_step(begun.key, fact.body) for fact in facts):
            self.faults.append(f"{begun.key} began to run and nobody had announced it")
        self.executed[begun.key] = begun

    def is_running(self, process: int) -> bool:
        """Give whether that process is in the middle of a step that changes something."""
        return any(one.process == process and one.key not in self.returned for one in self.executed.values())

    def facts(self, rows: Sequence[Row]) -> tuple[Fact, ...]:
        """Give the facts of rows, reading each only once: a fact never changes."""
        for row in rows:
            if row.hash not in self._facts:
                self._facts[row.hash] = unlink(row)
        return tuple(self._facts[row.hash] for row in rows)

    def unexplained(self) -> list[str]:
        """Give what arrived twice without a kill, a pause, an outage or a lost answer in between."""
        found: list[str] = []
        first: dict[str, Accepted] = {}
        for accepted in self.accepted:
            if accepted.kind != "page" and "/update/" not in accepted.key:
                continue
            before = first.get(accepted.key)
            if before is not None and before.answered and not self._disturbed(before, accepted):
                found.append(f"{accepted.key} arrived at {before.at:.1f} s and again at {accepted.at:.1f} s")
            first[accepted.key] = accepted
        return found

    def _check(self, process: int, held: Claimed, timeline: t.Timeline | None, at: float) -> None:
        if timeline is not None and isinstance(held.job.do, Page | SendUpdate):
            facts = self.facts(timeline.rows)
            self._checked[process, held.job.key] = Checked(process, at, facts)

    def _disturbed(self, before: Accepted, after: Accepted) -> bool:
        return any(
            disturbance.process == accepted.process
            and disturbance.began <= after.at
            and disturbance.ended >= accepted.checked_at
            for accepted in (before, after)
            for disturbance in self.disturbances
        )


def is_update_sent(key: str, facts: tuple[Fact, ...]) -> bool:
    """Give whether a timeline says that the update of that key was sent, or could not be."""
    update, channel = key.split("/")[2:4]
    return any(
        isinstance(fact.body, UpdateSent | UpdateFailed)
        and (str(fact.body.update), fact.body.channel) == (update, channel)
        for fact in facts
    )


def key_of_step(key: str, body: StepStarted | StepRan | StepLost) -> bool:
    """Give whether a fact is about the run of that key."""
    return key.split("/")[2:4] == [body.step, str(body.run)]


def is_page_wanted(key: str, facts: tuple[Fact, ...]) -> bool:
    """Give whether the page of that key is wanted by a timeline: called, and since then neither taken nor over."""
    _, counted, level, person, method = key.split("/", 4)
    wanted = False
    for fact in facts:
        match fact.body:
            case Escalated(level=called, round=number) if (called, str(number)) == (level, counted):
                wanted = True
            case GaveUp() if (level, counted) == ("fallback", str(fact.seq)):
                wanted = True
            case Acknowledged() | Resolved() | Reopened() | Merged():
                wanted = False
            case Paged(level=called, round=number, person=who, method=how):
                if (called, str(number), who, how) == (level, counted, person, method):
                    return False
    return wanted
