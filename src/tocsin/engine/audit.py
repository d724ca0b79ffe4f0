"""Looks whether every open incident waits for what its facts ask for, and mends what does not.

Nothing is known to lose a job. This is for what is not known: a restored backup, a row changed by hand, a defect. A
watchdog that is itself off is worse than none, so `/health` tells when it last looked.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from tocsin.engine.engine import Engine
from tocsin.errors import TocsinError
from tocsin.store.waiting import audited, open_numbers

log = logging.getLogger("tocsin.audit")

EVERY = 60.0
"""Seconds between looks."""

Alarm = Callable[[str, str], Awaitable[None]]
"""Tells the fallback: a name that is the same for the same trouble, and a sentence."""


class Difference(NamedTuple):
    """What is wrong with the jobs of an incident: keys that do not wait, that wait for nobody, or for another time."""

    missing: frozenset[str]
    stray: frozenset[str]
    moved: frozenset[str]

    @property
    def text(self) -> str:
        """Give it in words."""
        named = (("missing", self.missing), ("not wanted", self.stray), ("at another time", self.moved))
        return "; ".join(f"{what}: {', '.join(sorted(keys)[:5])}" for what, keys in named if keys)


class Audit:
    """Compares, again and again. What is different twice in a row is no turn under way: it is mended, loudly."""

    def __init__(self, engine: Engine, alarm: Alarm) -> None:
        """Take the engine whose store is looked at, and who is told."""
        self._engine, self._alarm = engine, alarm
        self._suspects: dict[str, Difference] = {}
        self.last_looked = engine.clock.monotonic()
        self.mended = 0

    async def run(self) -> None:
        """Look for as long as the server runs. Nothing it meets ends it."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look()
            except Exception:
                log.exception("the audit could not look")

    async def look(self) -> tuple[str, ...]:
        """Look once at every open incident; give the numbers that had to be mended."""
        suspects: dict[str, Difference] = {}
        mended: list[str] = []
        for number in await self._engine.store.read(open_numbers()):
            found = await self._difference(number)
            if found is None:
                continue
            if self._suspects.get(number) == found:
                await self._mend(number, found)
                mended.append(number)
            else:
                suspects[number] = found
        self._suspects = suspects
        self.last_looked = self._engine.clock.monotonic()
        return tuple(mended)

    async def _difference(self, number: str) -> Difference | None:
        timeline, waiting = await self._engine.store.read(audited(number))
        if timeline is None:
            return None
        try:
            loaded = await self._engine.understand(timeline)
        except TocsinError:
            return None  # of a newer version: its turn tells
        wanted = {job.key: job.due for job in loaded.jobs}
        there = {one.key: one.due for one in waiting}
        held = {one.key for one in waiting if one.held}
        found = Difference(
            frozenset(wanted.keys() - there.keys()),
            frozenset(there.keys() - wanted.keys() - held),
            frozenset(key for key in wanted.keys() & there.keys() if wanted[key] != there[key]),
        )
        return found if any(found) else None

    async def _mend(self, number: str, found: Difference) -> None:
        await self._engine.mend(number)
        self.mended += 1
        text = f"{number} did not wait for what its facts ask for ({found.text}); its jobs were made anew"
        log.error("%s", text)
        await self._alarm(f"audit/{number}", f"The audit mended an incident: {text}. Please report this.")
