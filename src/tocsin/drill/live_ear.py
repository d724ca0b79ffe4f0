"""When messages of a live drill reached anybody: noted as they come, whatever the drill does meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol

from tocsin.clock import Clock
from tocsin.drill.live_stand_ins import Arrived

_EVERY = 0.03


class Source(Protocol):
    """Where messages come to."""

    def arrived(self) -> Sequence[Arrived]:
        """Give everything that came, the first first."""
        ...


class Heard(NamedTuple):
    """A message, and the second of the clock at which it was there."""

    at: float
    message: Arrived


@contextlib.asynccontextmanager
async def hearing(sources: Sequence[Source], clock: Clock) -> AsyncIterator[list[Heard]]:
    """Give a list that grows with what comes."""
    heard: list[Heard] = []
    listening = asyncio.create_task(_listen(sources, clock, heard), name="hearing")
    try:
        yield heard
    finally:
        listening.cancel()


async def _listen(sources: Sequence[Source], clock: Clock, heard: list[Heard]) -> None:
    known = [0] * len(sources)
    while True:
        for place, source in enumerate(sources):
            new = source.arrived()[known[place] :]
            heard += [Heard(clock.monotonic(), one) for one in new]
            known[place] += len(new)
        await asyncio.sleep(_EVERY)
