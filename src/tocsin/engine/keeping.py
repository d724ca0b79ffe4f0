"""What is remembered of probes goes to disk together with what follows from it, many at once, in the order it came."""

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple

from tocsin.clock import Clock
from tocsin.engine.ports import Store
from tocsin.engine.together import Together
from tocsin.errors import CommitUnknown, StoreUnavailable
from tocsin.store import probes as p

log = logging.getLogger("tocsin.probes")

MOST_TOGETHER = 64
"""So many share a commit; more would keep alerts and pages waiting for it."""

_AGAIN_AFTER = 1.0


class Written(NamedTuple):
    """Probes to remember, others to forget (id and shard), and what follows."""

    kept: tuple[p.Kept, ...] = ()
    dropped: tuple[tuple[str, int], ...] = ()
    told: p.Told = p.Told()


class Keeping:
    """Writes what is to be remembered."""

    def __init__(self, store: Store, clock: Clock, node: str, woken: Callable[[], None]) -> None:
        """Take whose leases have to hold ("": nobody's), and whom to tell that something has to be looked at."""
        self._store, self._clock, self._node, self._woken = store, clock, node, woken
        self._together = Together[Written]("keeping", MOST_TOGETHER, lambda many: self._store_surely(_joined(many)))

    async def keep(self, what: Written) -> None:
        """Return once it is on disk, however long the store cannot be used. Raises Conflict when a lease is lost."""
        await self._together.put(what)

    async def _store_surely(self, what: Written) -> None:
        """Store it, once: an answer that was lost is looked up before anything is repeated."""
        unsure = False
        while True:
            try:
                if unsure and await self._is_kept(what):
                    self._woken()
                else:
                    await self._store_once(what)
            except CommitUnknown:
                unsure = True
            except StoreUnavailable as error:
                log.warning("what probes saw waits to be stored: %s", error)
            else:
                return
            await asyncio.sleep(_AGAIN_AFTER)

    async def _store_once(self, what: Written) -> None:
        now = self._clock.now()
        if await self._store.write(p.keep(self._node, what.kept, what.dropped, what.told, now)):
            self._woken()

    async def _is_kept(self, what: Written) -> bool:
        if not what.kept:
            return False  # to forget something twice does no harm
        found = await self._store.read(p.revs([one.id for one in what.kept]))
        return all(found.get(one.id, 0) >= one.rev for one in what.kept)


def _joined(many: list[Written]) -> Written:
    """Give all of it as one; what was said last of a probe counts."""
    kept: dict[str, p.Kept] = {}
    dropped: dict[str, int] = {}
    for item in many:
        for one in item.kept:
            kept[one.id] = one
            dropped.pop(one.id, None)
        for name, shard in item.dropped:
            dropped[name] = shard
            kept.pop(name, None)
    alerts = tuple(alert for item in many for alert in item.told.alerts)
    jobs = tuple(job for item in many for job in item.told.jobs)
    return Written(tuple(kept.values()), tuple(dropped.items()), p.Told(alerts, jobs))
