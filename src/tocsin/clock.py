"""The only place that reads the clock.

Everything below the engine takes `now` as its last parameter; the engine is handed a `Clock`, so drills and the
simulation move time by hand.
"""

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

log = logging.getLogger("tocsin.clock")

_JUMP = timedelta(seconds=1)
"""A clock that moved so far against the database's between two looks is told: somebody set one of them."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Give the present instant: aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds that never jump, for deadlines and liveness."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Give the present instant: aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251  the one reading of the wall clock

    def monotonic(self) -> float:
        """Give seconds that never jump."""
        return time.monotonic()


class SharedClock:
    """The clock of this machine, corrected by how far it was from the database's when somebody last looked.

    So all nodes on one database tell the same time, whatever their own clocks say.
    """

    def __init__(self, own: Clock) -> None:
        """Take the clock to correct; until the first look it is believed."""
        self._own = own
        self._ahead = timedelta(0)
        self._looked = False

    def now(self) -> datetime:
        """Give the present instant: aware, UTC."""
        return self._own.now() + self._ahead

    def monotonic(self) -> float:
        """Give seconds that never jump."""
        return self._own.monotonic()

    def own(self) -> datetime:
        """Give the instant this machine believes it is, to compare with the database's."""
        return self._own.now()

    def correct(self, ahead: timedelta) -> None:
        """Believe that the database's clock is so far ahead of this machine's."""
        if self._looked and abs(ahead - self._ahead) >= _JUMP:
            moved = (ahead - self._ahead).total_seconds()
            log.warning("the clock of this machine or of the database jumped by %+.1f s; the database's counts", moved)
        elif not self._looked and abs(ahead) >= _JUMP:
            log.warning("this machine's clock is %+.1f s off the database's, which counts", -ahead.total_seconds())
        self._ahead, self._looked = ahead, True
