"""Building beside the loop what alerts are held against: a start in the middle of an incident holds nobody up.

It takes some tenths of a second of the processor. Built with the first alert, nobody would be answered for as long;
built before the server listens, it would listen later.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Iterator

from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.triage import ready

log = logging.getLogger("tocsin.engine")

_USUAL, _SHORT = sys.getswitchinterval(), 0.0005
"""Seconds after which a thread gives way to another. The usual 5 ms would be waited for at each step of an answer."""

_at_work = 0


class Building:
    """Whether everything is built that every alert needs. Where nobody builds it, it is built when first used."""

    def __init__(self) -> None:
        """Let nobody wait."""
        self._built = asyncio.Event()
        self._built.set()

    @property
    def done(self) -> bool:
        """Give whether an alert can be decided without waiting."""
        return self._built.is_set()

    async def wait(self) -> None:
        """Wait until an alert can be decided."""
        await self._built.wait()

    async def run(self, runbook: Runbook, settings: Settings) -> None:
        """Build everything for a document; what only some alerts need comes last, and no alert waits for it."""
        self._built.clear()
        try:
            with _giving_way():
                await asyncio.to_thread(ready.build, runbook, settings)
                self._built.set()
                await asyncio.to_thread(ready.compile_patterns)
        except Exception:
            log.exception("what alerts are held against could not be built; the first alert tries again")
        finally:
            self._built.set()


async def read(reading: Callable[[], Runbook]) -> Runbook:
    """Give the document that `reading` gives, read beside the loop. Raises what that raises."""
    with _giving_way():
        return await asyncio.to_thread(reading)


async def build(runbook: Runbook, settings: Settings) -> None:
    """Build what alerts are held against where a document and settings will be in force."""
    with _giving_way():
        await asyncio.to_thread(ready.build, runbook, settings)


@contextlib.contextmanager
def _giving_way() -> Iterator[None]:
    """Let the loop have its turn at once while a thread is at work. Several may be."""
    global _at_work  # noqa: PLW0603  the interpreter has one interval
    _at_work += 1
    sys.setswitchinterval(_SHORT)
    try:
        yield
    finally:
        _at_work -= 1
        if not _at_work:
            sys.setswitchinterval(_USUAL)
