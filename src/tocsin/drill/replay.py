"""Recorded alerts once more, through the real engine on a moved clock: nothing leaves, nothing is kept, nothing is run.

A month of alerts takes seconds: the store is memory, and what a recording cannot tell is left out of the document: the
diagnostics, because no command is run, and the reminders of updates and reviews, because nobody writes any.
"""

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import heappop, heappush
from typing import Literal, NamedTuple

import msgspec

from tocsin.channels.message import Message
from tocsin.detection.alert import Alert
from tocsin.drill.rehearsal import Rehearsal
from tocsin.drill.replay_lines import Deed, Line, Merging, Recording, Silenced, Splitting
from tocsin.drill.replay_store import ReplayStore
from tocsin.engine import moving, silencing
from tocsin.engine.engine import Loaded
from tocsin.errors import NotFound, TocsinError
from tocsin.grouping.moving import Mover
from tocsin.incident import facts as f
from tocsin.incident import jobs as j
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Settings
from tocsin.store import transactions as t

RUNS_ON = timedelta(days=28)
"""So long after the last line the clock goes on at most, while anybody is still to be called or paged."""

What = Literal[
    "opened",
    "reopened",
    "raised",
    "acknowledged",
    "resolved",
    "joined",
    "escalated",
    "severity-changed",
    "type-corrected",
    "deadline-met",
    "merged",
    "split",
    "held",
    "silenced",
    "nothing",
]

_MADE = 50_000
"""So many things are made and kept before rubbish is looked for; usual is a seventieth of that."""

_WAITED_FOR = j.Turn | j.Call | j.Page | j.Inform | j.Notify | j.GiveUp


class Happened(NamedTuple):
    """What came of a line: to which incident, if to any. `why` says why nothing came of what a person said."""

    line: Line
    what: What
    incident: str | None = None
    why: str = ""


class Replayed(NamedTuple):
    """What came of each line, the incidents as they were left, and what broke or was cut off."""

    runbook: Runbook
    lines: tuple[Happened, ...]
    incidents: tuple[Loaded, ...]
    ended_at: datetime
    troubles: tuple[str, ...]


@lru_cache(maxsize=4)
def read_for_replay(body: bytes, path: str) -> Runbook:
    """Give the policy of a document without its diagnostics, and without what reminds of updates and reviews."""
    runbook = read_runbook(body, path)
    entries = tuple(msgspec.structs.replace(entry, diagnostics=()) for entry in runbook.incident_types)
    return msgspec.structs.replace(runbook, incident_types=entries, review=None, cadences=())


class Wishes(NamedTuple):
    """How long after the first page of an incident whoever got it answers, and who is told how many lines are played.

    Without the first only those answer who do in the recording.
    """

    answer_after: timedelta | None = None
    told: Callable[[int], None] = lambda _: None


async def replay(runbook: bytes, settings: Settings, recording: Recording, wishes: Wishes | None = None) -> Replayed:
    """Give what a document and a configuration make of a recording.

    Raises UsageError for a document that cannot be read.
    """
    with _heard() as troubles, _little_swept():
        return await _Replay(runbook, settings, recording, wishes or Wishes(), troubles).play()


@contextmanager
def _little_swept() -> Iterator[None]:
    """Let rubbish in circles be looked for seldom: little of it is made here, and each look goes over all there is."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_MADE, usual[1], usual[2])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


class _Replay:
    """One way through a recording."""

    def __init__(
        self,
        runbook: bytes,
        settings: Settings,
        recording: Recording,
        wishes: Wishes,
        troubles: list[str],
    ) -> None:
        self._lines, self._troubles, self._answer_after = recording.lines, troubles, wishes.answer_after
        self._told = wishes.told
        begins = recording.lines[0].at
        self._rehearsal = Rehearsal(runbook, settings, begins, store=ReplayStore(), read=read_for_replay)
        self._engine, self._clock = self._rehearsal.engine, self._rehearsal.clock
        self._looked = 0
        self._answers: list[tuple[datetime, int, str, str]] = []
        self._answering: set[str] = set()
        self._seen: dict[str, int] = {}

    async def play(self) -> Replayed:
        await self._rehearsal.begin()
        happened = []
        for line in self._lines:
            await self._until(line.at)
            happened.append(await self._take(line))
            self._told(len(happened))
        await self._run_on()
        incidents = [await self._engine.load(number) for number in await self._rehearsal.numbers()]
        runbook = self._engine.worlds.current.runbook
        return Replayed(runbook, tuple(happened), tuple(incidents), self._clock.now(), tuple(self._troubles))

    # -- time

    async def _until(self, end: datetime) -> None:
        """Do everything that is due until then, each thing at its own instant."""
        while True:
            due = await self._rehearsal.worker.next_due()
            if self._answers:
                due = min(due, self._answers[0][0]) if due else self._answers[0][0]
            if due is None or due > end:
                break
            self._clock.move_to(max(due, self._clock.now()))
            await self._answer_now()
            await self._settle()
        self._clock.move_to(max(end, self._clock.now()))

    async def _run_on(self) -> None:
        """Let everybody be called who is to be, although nothing comes any more."""
        end, before = self._clock.now() + RUNS_ON, None
        await self._until(self._clock.now())
        while (last := await self._last_due()) is not None:
            # What is due already waits for its lane: one person is not sent a hundred pages at once.
            reached = max(last, await self._rehearsal.worker.next_due() or last)
            if reached > end or reached == before:
                self._troubles.append(
                    f"the clock stopped on {self._clock.now():%Y-%m-%d}, at most {RUNS_ON.days} days after the last "
                    "line; somebody was still to be called then"
                )
                return
            await self._until(reached)
            before = reached

    async def _last_due(self) -> datetime | None:
        """Give the last instant at which something is due that reaches somebody, or an answer; None without any."""
        waiting = await self._engine.store.read(t.jobs_due(self._clock.now() + 2 * RUNS_ON))
        found = [held.job.due for held in waiting if isinstance(held.job.do, _WAITED_FOR)]
        return max([*found, *(at for at, *_ in self._answers)], default=None)

    async def _settle(self) -> None:
        worker, now = self._rehearsal.worker, self._clock.now()
        # To ask whether anything is due costs less than to claim in vain, which is every other time here.
        while (due := await worker.next_due(now)) is not None and due <= now and await worker.step():
            pass
        if self._answer_after is not None:
            for sent in self._rehearsal.sent[self._looked :]:
                self._plan(sent.message, sent.at + self._answer_after)
        self._looked = len(self._rehearsal.sent)

    # -- those who answer so long after they were paged

    def _plan(self, message: Message, at: datetime) -> None:
        if message.kind != "page":
            return
        for number in sorted({key.partition("/")[0] for key in message.keys} or {message.incident}):
            if number not in self._answering:
                self._answering.add(number)
                heappush(self._answers, (at, len(self._rehearsal.sent), number, message.to.id))

    async def _answer_now(self) -> None:
        while self._answers and self._answers[0][0] <= self._clock.now():
            _, _, number, who = heappop(self._answers)
            self._answering.discard(number)
            try:
                await self._engine.act(number, w.Acknowledge(by=f"person:{who}", via="page"), t.SYSTEM)
            except TocsinError:
                continue  # it was over before they looked

    # -- lines

    async def _take(self, line: Line) -> Happened:
        if isinstance(line.said, Deed):
            return await self._person(line, line.said)
        if isinstance(line.said, Silenced):
            return await self._silence(line, line.said)
        await self._engine.ingest([line.said])
        await self._settle()
        return await self._became(line, line.said)

    async def _became(self, line: Line, alert: Alert) -> Happened:
        timeline = await self._engine.store.read(t.load_group(alert.group_key))
        loaded = await self._engine.understand(timeline)
        if loaded.alert and loaded.alert.held_at(self._clock.now()):
            return Happened(line, "held", None, loaded.alert.held.why if loaded.alert.held else "")
        if loaded.incident is None:
            return Happened(line, "joined" if loaded.alert else "nothing")
        number = loaded.incident.number
        since = self._seen.get(number, 0)
        self._seen[number] = loaded.incident.seq
        return Happened(line, _what(loaded.facts[since:], loaded.incident.status == "resolved", alert), number)

    async def _person(self, line: Line, said: Deed) -> Happened:
        try:
            incident = await self._done(said)
        except TocsinError as error:
            return Happened(line, "nothing", None, str(error))
        await self._settle()
        self._seen[incident.number] = incident.seq
        return Happened(line, _DONE[said.does], incident.number)

    async def _done(self, said: Deed) -> Incident:
        """Let a person act and give the incident as it is then. Raises TocsinError with why nothing came of it."""
        number = said.number or await self._number_of(said.group_key or "")
        wants, who = said.wants, Mover(f"person:{said.person}")
        if isinstance(wants, Merging):
            return await moving.merge(self._engine, number, await self._number_of(wants.into), who, t.SYSTEM)
        if isinstance(wants, Splitting):
            return await moving.split(self._engine, number, wants.groups, who, t.SYSTEM)
        return await self._engine.act(number, wants, t.SYSTEM)

    async def _number_of(self, group_key: str) -> str:
        number = (await self._engine.store.read(t.load_group(group_key))).number
        if number is None:
            raise NotFound(f"{group_key.partition('/')[2]} had opened no incident")
        return number

    async def _silence(self, line: Line, said: Silenced) -> Happened:
        try:
            made = await silencing.begin(self._engine, said.draft, said.by)
        except TocsinError as error:
            return Happened(line, "nothing", None, str(error))
        await self._settle()
        return Happened(line, "silenced", None, f"{made.silence.id}: {made.silence.why}")


_DONE: dict[str, What] = {
    "acknowledge": "acknowledged",
    "resolve": "resolved",
    "reopen": "reopened",
    "escalate": "escalated",
    "severity": "severity-changed",
    "type": "type-corrected",
    "deadline": "deadline-met",
    "merge": "merged",
    "split": "split",
}
"""What came of what a person did, where anything did."""

_KINDS: tuple[tuple[type[f.Body], What], ...] = (
    (f.Opened, "opened"),
    (f.Reopened, "reopened"),
    (f.SeverityChanged, "raised"),
    (f.Resolved, "resolved"),
    (f.AlertCleared, "resolved"),
    (f.Acknowledged, "acknowledged"),
)


def _what(new: tuple[f.Fact, ...], over: bool, alert: Alert) -> What:
    """Give what an alert made of its incident, from the facts that are new since the line before."""
    said = [fact.body for fact in new if fact.body.by == f"source:{alert.source}"]
    for kind, word in _KINDS:
        if any(isinstance(body, kind) for body in said):
            return word
    return "nothing" if over else "joined"


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Take what the engine complains of, instead of letting it be printed; its warnings are about pages of today."""
    log, troubles = logging.getLogger("tocsin"), list[str]()
    handler = _Listening(troubles)
    propagated, log.propagate = log.propagate, False
    log.addHandler(handler)
    try:
        yield troubles
    finally:
        log.removeHandler(handler)
        log.propagate = propagated


class _Listening(logging.Handler):
    def __init__(self, troubles: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._troubles = troubles

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._troubles.append(f"{record.getMessage()}{f' ({type(error).__name__}: {error})' if error else ''}")
