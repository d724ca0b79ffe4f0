"""What every kind of probe does."""

from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from tocsin.detection.reading import Reading
from tocsin.errors import TocsinError

Unit = Literal["s", "bytes", "share", "count", "per-s", "yes"]


class LookFailed(TocsinError):
    """The probe broke: nothing is known of what it watches. The text says what to do about the probe."""


class Measure(NamedTuple):
    """One value of a kind. "yes" is 1 or 0."""

    unit: Unit
    meaning: str


MOST_MEMORY = 64 * 1024
"""So many bytes a probe may want to be kept."""


class Probe(Protocol):
    """Looks at one thing.

    `memory` is what it wants to find again after a restart: a text only it understands, at most MOST_MEMORY long and
    without secrets, "" when there is nothing. It is set before the first look, and read whenever it is kept.
    """

    memory: str

    async def look(self, now: datetime) -> Reading:
        """Look once. Raises LookFailed when the probe itself cannot; a target that is down is a reading (`up` 0).

        It never blocks the loop and reads no more than it needs, whatever the target sends. The caller bounds the
        time and may cancel it.
        """
        ...

    async def close(self) -> None:
        """Let go of what is held between looks."""
        ...
