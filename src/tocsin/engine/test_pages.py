"""Answers to test pages, while somebody waits for them."""

import asyncio
import hashlib
from datetime import timedelta

from tocsin.clock import Clock
from tocsin.engine.changes import Changes
from tocsin.engine.ports import Store
from tocsin.store import credentials as c

_KIND = "test"
_LOOK = 1.0
"""Seconds between looks at most, for an answer that came to a node which is not heard."""


class TestPages:
    """Waits for answers to test pages. They are kept in the store, because the link may lead to any node."""

    def __init__(self, store: Store, clock: Clock, changes: Changes) -> None:
        """Take where answers are kept, and what wakes those who wait for them."""
        self._store, self._clock, self._changes = store, clock, changes

    async def expect(self, number: str, person: str, seconds: float) -> None:
        """Take that person's answer for so long."""
        now = self._clock.now()
        asked = c.Credential(_digest(number, person), _KIND, person, "", now + timedelta(seconds=seconds))
        await self._store.write(c.put_credential(asked, now))

    async def answer(self, number: str, person: str) -> bool:
        """Take an answer; False when nothing waits for it."""
        digest = _digest(number, person)
        taken = await self._store.write(c.use_credential(digest, _KIND, self._clock.now()))
        self._changes.tell()
        return taken is not None or await self._store.read(c.was_used(digest, _KIND))

    async def answered(self, number: str, person: str, seconds: float) -> bool:
        """Wait for that answer; False after so many seconds without."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    version = self._changes.version  # before it is looked: what comes meanwhile is newer
                    if await self._store.read(c.was_used(_digest(number, person), _KIND)):
                        return True
                    await self._changes.after(version, _LOOK)
        except TimeoutError:
            return False

    async def forget(self, number: str, person: str) -> None:
        """Wait for that answer no longer."""
        await self._store.write(c.drop_credential(_digest(number, person)))


def _digest(number: str, person: str) -> str:
    return hashlib.sha256(f"test page\n{number}\n{person}".encode()).hexdigest()
