"""Being one of several nodes on a database: hearing of the others, and following what they publish."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from tocsin.clock import SharedClock
from tocsin.engine.changes import Changes
from tocsin.engine.ports import Bell
from tocsin.errors import StoreUnavailable

log = logging.getLogger("tocsin.nodes")

_AT_LEAST = 5.0
"""Seconds after which a node looks at what is published even when it heard nothing."""

_AT_MOST = 0.1
"""Seconds between two looks, so that a storm of commits is a few."""


class Nodes:
    """Wakes this node when another one committed, and lets it follow."""

    def __init__(self, bell: Bell, clock: SharedClock, changes: Changes, follow: Callable[[], Awaitable[None]]) -> None:
        """Take what rings, what to wake, and how to follow what others publish."""
        self._bell, self._clock, self._changes, self._follow = bell, clock, changes, follow
        self._heard = asyncio.Event()

    async def attend(self) -> None:
        """Listen and follow until cancelled."""
        async with asyncio.TaskGroup() as together:
            together.create_task(self._bell.attend(self._hear, self._clock))
            together.create_task(self._keep_up())

    def _hear(self) -> None:
        self._heard.set()
        self._changes.announce()

    async def _keep_up(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_AT_LEAST):
                    await self._heard.wait()
            self._heard.clear()
            try:
                await self._follow()
            except StoreUnavailable as error:
                log.warning("what other nodes published is looked for again: %s", error)
            except Exception:
                log.exception("what other nodes published could not be followed")
            await asyncio.sleep(_AT_MOST)
