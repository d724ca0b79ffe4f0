"""One node: the real engine and worker, with a store, channels and a clock that can be late, fail, stop or die."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from inspect import getgeneratorlocals
from random import Random
from types import GeneratorType
from typing import Any, Protocol, TypeVar, cast

from simulation.company import BEGAN, CHANNELS, reading, settings
from simulation.ledger import Accepted, Arrived, Disturbance, Executed, Ledger
from simulation.virtual_time import OWNER, VirtualLoop
from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.drill.runner import printed
from tocsin.engine.chance import Chance
from tocsin.engine.changes import Changes
from tocsin.engine.deeds import Deeds
from tocsin.engine.engine import Engine
from tocsin.engine.links import Links
from tocsin.engine.worker import Worker
from tocsin.engine.worlds import Worlds
from tocsin.errors import CommitUnknown, StoreUnavailable
from tocsin.runner.command import Command, Outcome
from tocsin.store import documents
from tocsin.store import transactions as t
from tocsin.store.sqlite import InlineStore, perform, statements

T = TypeVar("T")
POLL = 5.0
"""How long a worker with nothing due rests at most; see engine/worker.py."""

MARGIN = 0.01
"""Seconds by which a worker may look later than it could have: what opens again does so a millisecond before."""

AT_ONCE = 8
_HAIR = 1e-6
_NEXT = 1e-6
"""Seconds after which everybody has gone on who could."""

_WITHOUT_STORE = 300.0
"""So long after the store failed, pages may still be going out without it."""

_SQL = statements()
_CLAIMS = frozenset({"claim_some", "claim_turn"})
_QUIET = _CLAIMS | frozenset({"load_for_turn", "check", "renew", "next_due"})


class Surroundings(Protocol):
    """What all nodes share."""

    loop: VirtualLoop
    chance: Random
    store: InlineStore
    ledger: Ledger
    lease_expires: bool
    modes: dict[str, str]
    store_fails: float
    skew: dict[int, timedelta]
    calm_since: float

    def stir(self, by: "Process | None" = None) -> bool:
        """Let every node look once more before something is committed; give whether one has to be waited for."""
        ...


class Process:
    """One life of a node. Nothing of it happens after it died; while stopped, everything of it waits."""

    def __init__(self, number: int, node: int, around: Surroundings) -> None:
        self.number, self.node, self.around = number, node, around
        self.tasks: list[asyncio.Task[Any]] = []
        self.dead = False
        self.stopped_at: float | None = None
        self.without_store_at = float("-inf")
        self.polls = False
        """It looks right now, before anything else happens."""
        self.looked_at = 0.0
        self.unanswered = 0
        """So many of its transactions are committed, and it does not know yet."""
        self.untold_at = float("-inf")
        """When something was last committed of which nobody told it."""
        self._gate: asyncio.Event | None = None

    async def takes(self, seconds: float) -> None:
        """Let that time pass, and go on only if the process still runs."""
        await asyncio.sleep(seconds)
        while self._gate is not None:
            await self._gate.wait()
        if self.dead:
            await self.around.loop.create_future()

    def stop(self) -> None:
        """Stop as a paused virtual machine does."""
        self.stopped_at = self.around.loop.time()
        self._gate = asyncio.Event()

    def resume(self) -> None:
        """Go on where it stopped, not knowing that time has passed."""
        if self._gate is not None and self.stopped_at is not None:
            self.around.ledger.disturbances.append(
                Disturbance(self.number, self.stopped_at, self.around.loop.time()),
            )
            self.around.calm_since = self.around.loop.time()
            gate, self._gate, self.stopped_at = self._gate, None, None
            gate.set()

    def die(self) -> None:
        """End at once: what was committed stays, what was sent is sent, nobody hears of it."""
        self.resume()
        self.dead = True
        self.around.ledger.disturbances.append(Disturbance(self.number, self.around.loop.time(), float("inf")))
        self.around.loop.finish(self)

    @property
    def runs(self) -> bool:
        """Give whether it is alive and not stopped."""
        return not self.dead and self._gate is None


class SlowStore:
    """The store as seen from one process: answers late, before and after the commit, or not at all."""

    def __init__(self, process: Process) -> None:
        self._process, self._around = process, process.around
        self._line = asyncio.Lock()

    @property
    def lease_expires(self) -> bool:
        return self._around.lease_expires

    @property
    def in_order(self) -> bool:
        return not self._around.lease_expires

    async def write(self, transaction: t.Transaction[T]) -> T:
        around, process = self._around, self._process
        name = cast("GeneratorType[Any, Any, Any]", transaction).gi_code.co_name
        arguments = getgeneratorlocals(transaction)
        if process.polls and name in _CLAIMS:
            process.polls = False
            await process.takes(0)
            process.looked_at = around.loop.time()
            return await around.store.write(transaction)
        async with self._line if self.in_order else nullcontext():
            await process.takes(_delay(around.chance))
            self._maybe_fail()
            if name not in _QUIET and around.stir(process):
                await process.takes(_NEXT)
            value = await around.store.write(transaction)
        around.ledger.transaction_done(process.number, name, arguments, value, around.loop.time())
        if name in _CLAIMS:
            process.looked_at = around.loop.time()
        process.unanswered += name not in _QUIET
        await process.takes(_delay(around.chance))
        process.unanswered -= name not in _QUIET
        if around.lease_expires:  # over a network nobody knows whether the commit went through; SQLite rolls back
            self._maybe_fail(CommitUnknown("the answer was lost"))
        return value

    async def read(self, transaction: t.Transaction[T]) -> T:
        await self._process.takes(_delay(self._around.chance))
        self._maybe_fail()
        value = await self._around.store.read(transaction)
        await self._process.takes(_delay(self._around.chance))
        return value

    def close(self) -> None:
        """The store outlives the process."""

    def _maybe_fail(self, error: StoreUnavailable | None = None) -> None:
        around = self._around
        if around.store_fails and around.chance.random() < around.store_fails:
            now = self._process.without_store_at = around.calm_since = around.loop.time()
            around.ledger.disturbances.append(Disturbance(self._process.number, now, now))
            raise error or StoreUnavailable("the store does not answer")


class FlakyChannel:
    """A way to reach people that works as well as its mode says."""

    def __init__(self, name: str, process: Process) -> None:
        self._name, self._process, self._around = name, process, process.around

    async def send(self, message: Message) -> Receipt:
        around, process = self._around, self._process
        # Without a store there is no wanted-check: each waiting page is tried once per process.
        is_job = around.ledger.is_job(message, asyncio.current_task())
        excused = not is_job and around.loop.time() - process.without_store_at < _WITHOUT_STORE
        keys = [around.ledger.job_of(key) for key in message.keys or (message.key,)]
        began = [(key, around.ledger.begins(process.number, key, message.kind, excused=excused)) for key in keys]
        await process.takes(around.chance.uniform(0, 1.5))
        mode = around.modes[self._name]
        if mode == "hang":
            await around.loop.create_future()
        if mode == "refuse":
            raise SendFailed("busy", permanent=False)
        if mode == "permanent":
            raise SendFailed("no such number", permanent=True)
        if mode == "broken":
            raise RuntimeError("a defect in the channel")
        answered = mode == "ok"
        person, now = message.to.id, around.loop.time()
        around.ledger.accepted += [
            Accepted(key, person, self._name, message.kind, process.number, checked_at, now, answered)
            for key, checked_at in began
        ]
        if not answered:
            raise SendFailed("no answer in time", permanent=False, answered=False)
        if is_job:
            around.ledger.messages.append(Arrived(person, self._name, message.kind, process.number, now, len(keys)))
        await process.takes(around.chance.uniform(0, 1.5))
        return Receipt(id=f"{self._name}-{len(around.ledger.accepted)}")

    async def close(self) -> None:
        """Nothing to give back."""


class SlowRunner:
    """Runs nothing, slowly: takes note that a step began, and of its end if its process lived to see it."""

    def __init__(self, process: Process) -> None:
        self._process, self._around = process, process.around

    async def run(self, command: Command) -> Outcome:
        around, task = self._around, asyncio.current_task()
        key = task.get_name() if task is not None else ""
        await self._process.takes(around.chance.uniform(0, 0.5))
        rows = perform(around.store.db, _SQL, t.all_facts(key.partition("/")[0]))
        around.ledger.step_begins(Executed(key, self._process.number, around.loop.time()), around.ledger.facts(rows))
        await self._process.takes(around.chance.choice((0.1, 3.0, 50.0)))
        around.ledger.returned.add(key)
        return printed(f"{command.text} is done")


class SkewedClock:
    """Virtual time, a little off."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def now(self) -> datetime:
        around = self._process.around
        return BEGAN + timedelta(seconds=around.loop.time()) + around.skew[self._process.node]

    def monotonic(self) -> float:
        return self._process.around.loop.time()


class SkippedPolls(Changes):
    """The real waking, of a worker whose polls that find nothing are left out: days of them would be all of a history.

    Right before anything is committed, or a clock is set, the worker looks once more, finds nothing, and from then on
    rests as it really does: who is not woken now loses all of a rest. So no job may have been there while a rest went
    on to its end, unless nobody in the process could have told.
    """

    def __init__(self, process: Process, clock: SkewedClock) -> None:
        super().__init__()
        self._process, self._around, self._clock = process, process.around, clock
        self._loop, self._db = process.around.loop, process.around.store.db
        self._dozing: asyncio.Future[bool] | None = None
        self._stirred = False
        self.worker: Worker

    def ask(self) -> None:
        super().ask()
        self._end_doze(asked=True)

    def stir(self) -> bool:
        """Look once more, because something is about to happen; give whether that has to be waited for."""
        return self._end_doze(asked=False)

    async def asks(self, asked: int, seconds: float) -> bool:
        """Rest, and see whether anything was there meanwhile."""
        if seconds > POLL + _HAIR:
            self._around.ledger.faults.append(f"a worker would rest {seconds} s whatever happens: late")
        stirred, self._stirred = self._stirred, False
        if self.asked == asked and seconds > POLL - _HAIR and not stirred and (idle := self._idle()) > 0:
            return await self._doze(idle)
        if await super().asks(asked, seconds):
            return True
        self._see()
        return False

    async def _doze(self, seconds: float) -> bool:
        self._dozing = self._loop.create_future()
        try:
            async with asyncio.timeout(seconds):
                return await self._dozing
        except TimeoutError:
            return False
        finally:
            self._dozing = None

    def _idle(self) -> float:
        """Give in how many seconds the last poll is that finds nothing."""
        due = perform(self._db, _SQL, t.next_due())
        ahead = (due - self._clock.now()).total_seconds() if due else 24 * 3600.0
        return ahead // POLL * POLL

    def _end_doze(self, *, asked: bool) -> bool:
        if self._dozing is None or self._dozing.done():
            return False
        self._stirred = self._process.polls = not asked
        self._dozing.set_result(asked)
        return True

    def _see(self) -> None:
        """Take note of what could have been taken before a rest ended that nobody cut short."""
        process = self._process
        if max(process.untold_at, self._around.calm_since) >= process.looked_at or process.unanswered:
            return
        before = self._loop.time() - MARGIN
        worker = self.worker
        closed = worker._pacing.closed(worker._under_way, AT_ONCE, before)
        due = perform(self._db, _SQL, t.next_due(worker._most, closed))
        if due is not None and due < self._clock.now() - timedelta(seconds=MARGIN):
            text = f"what could be taken at {due} waited until the worker looked by itself at {self._clock.now()}"
            self._around.ledger.faults.append(f"{text}, and nobody woke it: late")


class Node:
    """A machine on which one process after another runs."""

    def __init__(self, number: int, around: Surroundings, next_process: Callable[[], int]) -> None:
        self.number, self._around, self._next = number, around, next_process
        self.process = Process(next_process(), number, around)
        self.process.dead = True
        self.engine: Engine
        self.changes: SkippedPolls | None = None
        self.running: asyncio.Task[None] | None = None

    def boot(self) -> None:
        """Start a process with fresh memory; what it knows comes from the store."""
        around = self._around
        around.calm_since = around.loop.time()
        self.process = process = Process(self._next(), self.number, around)
        if not around.lease_expires:
            around.store.db.execute(_SQL["leases_clear"])
        clock, store = SkewedClock(process), SlowStore(process)
        worlds = Worlds(store, reading, settings())
        published = perform(around.store.db, _SQL, documents.document("runbook"))
        if published is not None:
            worlds.put_in_force(published)
        chance = Chance(
            token=lambda: f"{process.number}-{around.chance.getrandbits(64):x}",
            salt=lambda: around.chance.randbytes(16),
        )
        self.changes = SkippedPolls(process, clock)
        self.engine = Engine(store, clock, worlds, chance, self.changes)
        channels = {name: FlakyChannel(name, process) for name in CHANNELS}
        deeds = Deeds(self.engine, channels, Links("key", "http://pager"), SlowRunner(process))
        worker = self.changes.worker = Worker(self.engine, deeds, at_once=AT_ONCE)
        self.running = self.start(worker.run())

    def start(self, work: Any) -> "asyncio.Task[Any]":
        """Let the process do something; it dies with the process."""
        mark = OWNER.set(self.process)
        try:
            return self._around.loop.create_task(work)
        finally:
            OWNER.reset(mark)


def now_of(seconds: float) -> datetime:
    """Give the true instant so many virtual seconds after the beginning."""
    return BEGAN + timedelta(seconds=seconds)


def _delay(chance: Random) -> float:
    return chance.uniform(0, 2.0) if chance.random() < 0.05 else chance.uniform(0, 0.05)
