"""The line in which turns are decided: there is one next number to give out, and racing for it costs a turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Place:
    """The place of one turn. Only who is first in line has entered."""

    def __init__(self, lock: asyncio.Lock) -> None:
        """Take what lets one in at a time."""
        self._lock = lock
        self._entered = False

    async def enter(self) -> None:
        """Wait to be first in line, once."""
        if not self._entered:
            await self._lock.acquire()
            self._entered = True

    def leave(self) -> None:
        """Let the next one be first."""
        if self._entered:
            self._entered = False
            self._lock.release()


class Line:
    """Lets one turn decide at a time. `busy`: another one is not done yet, whether it left the line or not."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._lock = asyncio.Lock()
        self._under_way = 0

    @property
    def busy(self) -> bool:
        """Give whether any turn is under way."""
        return self._under_way > 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """Give a place in line, to be entered; it is left at the end at the latest."""
        place = Place(self._lock)
        self._under_way += 1
        try:
            yield place
        finally:
            place.leave()
            self._under_way -= 1
