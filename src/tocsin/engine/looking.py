"""When each probe is looked at: one loop for all of them, so that thousands cost little and none waits for another.

What is due waits in one heap. A look is a task of its own, and only so many run at once. One that takes long gives
its place to the next, and those that were slow last time wait for places of their own, so that targets that hang delay
each other and nobody else. Nothing piles up: a probe that is still looked at is not looked at again, and what is late
by a whole interval waits for its next one.
"""

import asyncio
import heapq
import logging
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from math import isfinite

import msgspec

from tocsin.clock import Clock
from tocsin.detection.reading import Broken, Reading
from tocsin.engine.plan import next_look
from tocsin.engine.watched import Watched
from tocsin.probes.probe import LookFailed, Probe

log = logging.getLogger("tocsin.probes")

MOST_LOOKS = 512
"""So many looks are under way at once, however many are slow."""

MOST_OF_A_KIND = 128
"""So many of each kind: those that are expected to be prompt, and those that were slow the last time."""

FEWEST = 4
TURN = 0.05
"""A turn of everything in this process that takes so many seconds halves the places for looks, down to `FEWEST`; a
shorter one gives one back. A page needs many turns: where the processor is short, none of them waits for 128 looks."""

PROMPT = 1.0
"""Seconds after which a look is slow."""

AT_A_TIME = 32
"""So many are begun before everything else of this process has its turn."""

BEAT = 0.1
"""Seconds between two looks at the clocks while looks are under way: to find out that this process stood still."""

REST = 5.0
"""Seconds for which nothing has to be done while none is."""

STILL, STOOD_STILL = 0.05, 1.0
"""A beat that comes so many seconds late counts. Of more, or of a quarter of its time, a look says nothing for sure:
it was not the target that was slow."""

MOST_VALUES, MOST_DETAILS, LONGEST = 200, 20, 500
LATE = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
"""Seconds a look may begin late, as the buckets of a histogram."""


OUTCOMES = ("read", "broken", "skipped", "unsure")
"""How looks end. `skipped`: one before it was not over, or it was late by an interval; `unsure`: we stood still."""

Judge = Callable[[Watched, Reading | Broken], Awaitable[None]]


class Looks:
    """Looks at what is due."""

    def __init__(self, clock: Clock, may: Callable[[int], bool], judge: Judge) -> None:
        """Take how to learn whether a shard may be looked at, and who judges what was seen."""
        self._clock, self._may, self._judge = clock, may, judge
        self._heap: list[tuple[float, int, Watched]] = []
        self._order = count()
        self._ready: deque[tuple[float, Watched]] = deque()
        self._ready_slow: deque[tuple[float, Watched]] = deque()
        self._prompt: dict[Watched, float] = {}
        self._slow: set[Watched] = set()
        self._closing: set[asyncio.Future[None]] = set()
        self._places = MOST_OF_A_KIND
        self._wake = asyncio.Event()
        self._beaten, self._beaten_at = clock.monotonic(), clock.now()
        self._expected = float("inf")
        self._still = 0.0
        self.counts: Counter[str] = Counter()
        """Looks by how they ended: see OUTCOMES."""
        self.late = [0] * (len(LATE) + 1)
        """Looks by how late they began: one count for each of LATE, and for the rest; `late_seconds` is their sum."""
        self.late_seconds = 0.0

    def add(self, watched: Watched, seconds: float) -> None:
        """Let a probe be due in so many seconds, and from then on in its interval."""
        watched.due = self._clock.monotonic() + seconds
        heapq.heappush(self._heap, (watched.due, next(self._order), watched))
        self._wake.set()

    def remove(self, watched: Watched) -> None:
        """Look at a probe no more, and end the look that is under way."""
        watched.gone = True
        if watched.looking is not None:
            watched.looking.cancel()

    @property
    def under_way(self) -> int:
        """Give how many looks run just now."""
        return len(self._prompt) + len(self._slow)

    async def run(self) -> None:
        """Look at what is due until cancelled."""
        while True:
            self._beat()
            self._wake.clear()
            now = self._clock.monotonic()
            begun = 0
            while self._heap and self._heap[0][0] <= now and begun < AT_A_TIME:
                self._due(*heapq.heappop(self._heap))
                begun += 1
            self._begin()
            await asyncio.sleep(0)
            self._beat()
            now, began = self._clock.monotonic(), now
            self._keep_pace(now - began)
            if begun == AT_A_TIME:
                continue
            wait = BEAT if self.under_way else REST
            if self._heap:
                wait = min(wait, max(self._heap[0][0] - now, 0.0))
            self._expected = now + wait
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    def _keep_pace(self, turn: float) -> None:
        """Have fewer places after a turn that took long, and one more after another."""
        self._places = max(self._places // 2, FEWEST) if turn > TURN else min(self._places + 1, MOST_OF_A_KIND)

    def _due(self, due: float, _: int, watched: Watched) -> None:
        """Let a probe that is due wait for a place, unless it must not be looked at now."""
        if watched.gone or due != watched.due:
            return
        every = watched.planned.settings.every
        self.add(watched, next_look(watched.name, every, self._clock.now()))
        late = self._clock.monotonic() - due
        if not self._may(watched.shard):
            return
        if watched.busy or late >= every.total_seconds():
            self.counts["skipped"] += 1
            return
        watched.busy = True
        (self._ready_slow if watched.slow else self._ready).append((due, watched))

    def _begin(self) -> None:
        """Give places to those that wait for one, also those that are held for too long."""
        now = self._clock.monotonic()
        while self._prompt:
            first, began = next(iter(self._prompt.items()))
            if now - began < PROMPT:
                break
            del self._prompt[first]
            self._slow.add(first)
        while self._ready and len(self._prompt) < self._places and self._has_room:
            self._start(*self._ready.popleft())
        while self._ready_slow and len(self._slow) < self._places and self._has_room:
            self._start(*self._ready_slow.popleft())

    @property
    def _has_room(self) -> bool:
        return self.under_way < MOST_LOOKS

    def _start(self, due: float, watched: Watched) -> None:
        now = self._clock.monotonic()
        probe = watched.planned.probe
        if watched.gone or probe is None or now - due >= watched.planned.settings.every.total_seconds():
            self.counts["skipped"] += not watched.gone
            watched.busy = False
            return
        self.late[bisect_left(LATE, now - due)] += 1
        self.late_seconds += max(now - due, 0.0)
        if watched.slow:
            self._slow.add(watched)
        else:
            self._prompt[watched] = now
        watched.looking = asyncio.create_task(self._look(watched, probe))
        watched.looking.add_done_callback(partial(self._never_begun, watched, probe))

    def _never_begun(self, watched: Watched, probe: Probe, task: "asyncio.Task[None]") -> None:
        """Give back the place of a look that was cancelled before its first step, which nobody else does."""
        if watched.looking is not task:
            return
        self._free(watched)
        watched.busy, watched.looking = False, None
        if watched.gone or watched.planned.probe is not probe:
            closing = asyncio.ensure_future(closed(watched.name, probe))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _free(self, watched: Watched) -> None:
        """Let others have the place of a look."""
        self._prompt.pop(watched, None)
        self._slow.discard(watched)
        if self._ready or self._ready_slow:
            self._wake.set()

    async def _look(self, watched: Watched, probe: Probe) -> None:
        try:
            try:
                seen = await self._seen(watched, probe)
            finally:
                self._free(watched)
            if not watched.gone and watched.planned.probe is probe:
                await self._judge(watched, seen)
        except Exception:
            log.exception("what the probe %s saw could not be judged", watched.name)
        finally:
            watched.busy, watched.looking = False, None
            if watched.gone or watched.planned.probe is not probe:
                await closed(watched.name, probe)

    async def _seen(self, watched: Watched, probe: Probe) -> Reading | Broken:
        """Give what a look finds; where this process stood still meanwhile, that nothing can be said."""
        began, still, timeout = self._clock.monotonic(), self._still, watched.planned.settings.timeout
        memory = probe.memory
        seen = await look_once(watched.name, probe, timeout, self._clock.now)
        self._beat()
        watched.slow = self._clock.monotonic() - began > PROMPT
        still = self._still - still
        if still >= max(min(timeout.total_seconds() / 4, STOOD_STILL), STILL):
            self.counts["unsure"] += 1
            probe.memory = memory  # what it found is not told: it is found again
            why = f"Tocsin itself stood still for {still:.1f} s while it looked; is its machine overloaded?"
            return Broken(at=seen.at, why=why)
        self.counts["broken" if isinstance(seen, Broken) else "read"] += 1
        return seen

    def _beat(self) -> None:
        """Find out whether this process stood still: stopped, starved, or on a machine that slept."""
        now, wall = self._clock.monotonic(), self._clock.now()
        late = now - self._expected
        slept = abs((wall - self._beaten_at).total_seconds() - (now - self._beaten))
        still = max(late if late > STILL else 0.0, slept if slept > STOOD_STILL else 0.0)
        if still > STOOD_STILL:
            log.warning("this process stood still for %.1f s: looks that were under way do not count", still)
        self._still += still
        self._beaten, self._beaten_at, self._expected = now, wall, max(self._expected, now)


async def look_once(name: str, probe: Probe, within: timedelta, now: Callable[[], datetime]) -> Reading | Broken:
    """Give what one look finds. A probe that raises is broken, or that has not ended twice as late as it should."""
    limit = 2 * within.total_seconds() + 1
    try:
        async with asyncio.timeout(limit):
            return bounded(await probe.look(now()))
    except LookFailed as error:
        why = str(error)
    except TimeoutError:
        why = f"the look did not end within {limit:g} s"
    except Exception as error:
        log.exception("the probe %s failed in a way it should not", name)
        why = f"{type(error).__name__}: a mistake of Tocsin; its log says more"
    return Broken(at=now(), why=one_line(why))


def bounded(reading: Reading) -> Reading:
    """Give a reading that can be kept: finite numbers, few words."""
    values = {name: float(seen) for name, seen in reading.values.items() if isfinite(seen)}
    if len(values) > MOST_VALUES:
        values = dict(list(values.items())[:MOST_VALUES])
    details = {name: one_line(text) for name, text in list(reading.details.items())[:MOST_DETAILS]}
    return msgspec.structs.replace(reading, values=values, details=details)


def one_line(text: str) -> str:
    """Give a text as one line of bounded length."""
    return " ".join(text.encode("utf-8", "replace").decode().split())[:LONGEST]


async def closed(name: str, probe: Probe) -> None:
    """Let go of what a probe holds; trouble with that is told and outlived."""
    try:
        async with asyncio.timeout(5):
            await probe.close()
    except Exception:
        log.exception("the probe %s could not be closed", name)
