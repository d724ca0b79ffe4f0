"""Something was committed: whoever waits may look again. Carries no content, so it needs no permission."""

import asyncio
from datetime import UTC, datetime

from tocsin.incident.jobs import Turn
from tocsin.store.transactions import Change

_NEVER = datetime.max.replace(tzinfo=UTC)


class Changes:
    """A number that rises with every commit of this process, and a way to wait for it.

    Another one rises with what may be due at once; who does what is due waits for that one.
    """

    def __init__(self) -> None:
        """Begin at nothing."""
        self.version = 0
        self.asked = 0
        self.due: datetime | None = None
        """The first instant at which something may be due that was committed since somebody forgot this."""
        self._waiting: set[asyncio.Future[bool]] = set()
        self._resting: set[asyncio.Future[bool]] = set()

    def announce(self) -> None:
        """Wake everybody who waits: something was committed, and may be due at once."""
        self.ask()
        self.tell()

    def ask(self) -> None:
        """Wake who does what is due."""
        self.asked += 1
        self._resting = _woken(self._resting)

    def tell(self, due: datetime | None = None) -> None:
        """Wake everybody else: something was committed. `due`: when something of it may be due, if that is later."""
        self.version += 1
        self._waiting = _woken(self._waiting)
        if due is not None:
            self.due = min(due, self.due) if self.due else due
            self._resting = _woken(self._resting)

    async def after(self, version: int, seconds: float) -> bool:
        """Wait until something newer than `version` was committed; False after so many seconds without."""
        return self.version > version or await _waited(self._waiting, seconds)

    async def asks(self, asked: int, seconds: float) -> bool:
        """Wait until somebody asks after those `asked`, or tells when something is due; False after so many seconds."""
        return self.asked > asked or await _waited(self._resting, seconds)


def due_next(change: Change, now: datetime) -> datetime | None:
    """Give before when nothing is due of what was committed; None where something may be at once.

    A turn that was asked for again meanwhile was given back, to be taken at once.
    """
    due = min((job.due for job in change.jobs), default=_NEVER)
    turned = change.held is not None and isinstance(change.held.job.do, Turn)
    return None if turned or due <= now else due


def _woken(waiting: set[asyncio.Future[bool]]) -> set[asyncio.Future[bool]]:
    """Wake them all and give who waits then."""
    for future in waiting:
        _end(future, heard=True)
    return set()


async def _waited(waiting: set[asyncio.Future[bool]], seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[bool] = loop.create_future()
    waiting.add(future)
    late = loop.call_later(seconds, lambda: _end(future, heard=False))
    try:
        return await future
    finally:
        late.cancel()
        waiting.discard(future)


def _end(future: asyncio.Future[bool], *, heard: bool) -> None:
    if not future.done():
        future.set_result(heard)
