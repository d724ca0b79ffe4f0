"""The only place that reads the clock.

Everything below the engine takes `now` as its last parameter; the engine is handed a `Clock`, so drills and the
simulation move time by hand.
"""

import time
from datetime import UTC, datetime
from typing import Protocol


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
