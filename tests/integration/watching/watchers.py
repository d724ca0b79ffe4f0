"""Nodes that watch, without the rest of a server, and things to look at that do as they are told."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from tocsin.clock import Clock, SystemClock
from tocsin.detection.alert import AlertState
from tocsin.detection.reading import Reading
from tocsin.engine.engine import Engine
from tocsin.engine.ports import Store
from tocsin.engine.watching import Watching
from tocsin.engine.worlds import Worlds
from tocsin.probes.probe import LookFailed, Probe
from tocsin.runbook.reading import read_runbook
from tocsin.settings import CheckSettings, ProbeSettings, Settings
from tocsin.store import transactions as t
from tocsin.store.documents import Document
from tocsin.store.readings import alert_state

EVERY = timedelta(milliseconds=40)
LEASE = timedelta(milliseconds=600)
RUNBOOK = b"""# Runbook

## Incidents

### Ledger down

**Symptoms**:

- The ledger does not answer
"""


class Thing:
    """Something to look at. `does` says how a look ends; it is counted who looked."""

    def __init__(self, up: float = 1.0) -> None:
        self.up = up
        self.looks: Counter[str] = Counter()
        self.memories: list[str] = []
        self.closed = 0
        self.under_way = self.most_under_way = 0
        self.does: Callable[[], Awaitable[None]] | None = None
        self.broken = ""

    def seen_by(self, node: str) -> "Looker":
        return Looker(self, node)


class Looker:
    """A probe of a thing."""

    def __init__(self, thing: Thing, node: str) -> None:
        self.memory, self._thing, self._node = "", thing, node

    async def look(self, now: datetime) -> Reading:
        thing = self._thing
        thing.looks[self._node] += 1
        thing.memories.append(self.memory)
        thing.under_way += 1
        thing.most_under_way = max(thing.most_under_way, thing.under_way)
        try:
            if thing.does is not None:
                await thing.does()
        finally:
            thing.under_way -= 1
        if thing.broken:
            raise LookFailed(thing.broken)
        self.memory = f"{len(thing.memories)}"
        return Reading(at=now, values={"up": thing.up})

    async def close(self) -> None:
        self._thing.closed += 1


def down(name: str = "down", **more: object) -> CheckSettings:
    """The check that a thing is up: at the first reading that it is not."""
    return CheckSettings(id=name, value="up", op="<", limit=1.0, times=1, incident_type="ledger-down", **more)  # type: ignore[arg-type]


def probe(name: str, *checks: CheckSettings, **more: object) -> ProbeSettings:
    settings = ProbeSettings(id=name, kind="tcp", every=EVERY, timeout=timedelta(seconds=1), checks=checks or (down(),))
    return ProbeSettings(**{field: getattr(settings, field) for field in settings.__struct_fields__} | more)


class Node:
    """A node that watches things by name."""

    def __init__(self, store: Store, name: str = "a", clock: Clock | None = None, lease: timedelta = LEASE) -> None:
        self.clock, self.name = clock or SystemClock(), name
        self.worlds = Worlds(store, read_runbook, Settings())
        self.worlds.put_in_force(Document(1, "sha", "RUNBOOK.md", RUNBOOK, self.clock.now()))
        self.engine = Engine(store, self.clock, self.worlds)
        self.watching = Watching(self.engine, lease)

    def use(self, things: Mapping[str, Thing], *probes: ProbeSettings) -> None:
        """Watch these from now on; without `probes` each thing has one with its name."""
        settings = Settings(probes={one.id: one for one in probes or map(probe, things)})
        self.worlds.settings = settings
        looking: dict[str, Probe] = {
            name: things[name].seen_by(self.name) for name, one in settings.probes.items() if not one.at
        }
        self.watching.use(settings, looking)

    def kill(self) -> None:
        """End as a process that is killed: nothing is written, nothing let go."""
        for task in self.watching._tasks:
            task.cancel()
        for watched in self.watching.watched.values():
            if watched.looking is not None:
                watched.looking.cancel()

    async def alert(self, key: str) -> AlertState | None:
        return await self.engine.store.read(alert_state(f"probe/{key}"))

    async def turns(self) -> list[str]:
        """The groups for which a decision waits."""
        due = await self.engine.store.read(t.jobs_due(self.clock.now()))
        return [one.job.key for one in due if one.job.key.startswith("turn/")]

    async def alarms(self) -> list[str]:
        due = await self.engine.store.read(t.jobs_due(self.clock.now()))
        return [getattr(one.job.do, "text", "") for one in due if one.job.key.startswith("system/")]


async def until(look: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not look():  # noqa: ASYNC110  what is looked at tells nobody
            await asyncio.sleep(0.005)


async def status(node: Node, key: str, wanted: str | None) -> AlertState:
    """The alert once it is as wanted."""
    async with asyncio.timeout(60):
        while True:
            found = await node.alert(key)
            if found is not None and found.status == wanted:
                return found
            await asyncio.sleep(0.01)
