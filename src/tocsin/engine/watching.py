"""Watches what the configuration asks for: this node's share of the probes, and what follows from what they see.

Looking is `looking.py`, whose share it is `shards.py`, writing `keeping.py`. Here probes are taken up, changed and let
go, always by one task, one after the other: what is looked at is what is planned and held.
"""

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import cycle

from tocsin.detection.probing import Outcome, given_up
from tocsin.detection.reading import Broken, Reading
from tocsin.engine.engine import Engine
from tocsin.engine.keeping import Keeping, Written
from tocsin.engine.looking import Looks, closed
from tocsin.engine.plan import Planned, first_look, planned, shard_of
from tocsin.engine.probe_seen import Lately, Seen, seen_of
from tocsin.engine.remote_probes import RemoteProbes
from tocsin.engine.shards import LEASE, Shards
from tocsin.engine.watched import Watched, configure, judge, told, understood
from tocsin.errors import Conflict, StoreUnavailable
from tocsin.probes.probe import Probe
from tocsin.settings import Settings
from tocsin.store import probes as p

log = logging.getLogger("tocsin.probes")

KEPT_EVERY = 60.0
"""Seconds between two writings of what is remembered of a shard."""

STOPS_WITHIN = 8.0

_FEW = 8
"""So many probes are asked for by name; of more, whole shards are read."""


class Watching:
    """The probes of one node."""

    def __init__(self, engine: Engine, lease: timedelta = LEASE) -> None:
        """Take what alerts go to, and how long this node holds its share without a word."""
        self._engine, self._clock, self._store = engine, engine.clock, engine.store
        self.shards = Shards(self._store, self._clock, lease)
        self.looks = Looks(self._clock, self.shards.holds, self._judge)
        self._keeping = Keeping(self._store, self._clock, self.shards.node, engine.changes.announce)
        self._settings = Settings()
        self._probes: Mapping[str, Probe] = {}
        self.plan: dict[str, Planned] = {}
        self.watched: dict[str, Watched] = {}
        self.remote = RemoteProbes(engine, lambda: self.plan)
        self._nudged = asyncio.Event()
        self._planned = self._needed = False
        self._tasks: list[asyncio.Task[None]] = []

    def use(self, settings: Settings, probes: Mapping[str, Probe]) -> None:
        """Watch these from now on; `probes` look, those of remote probers are not among them."""
        self._settings, self._probes = settings, probes
        self.use_document()

    def use_document(self) -> None:
        """Plan again: the document may say other limits now."""
        self._planned = False
        self._nudged.set()

    def start(self) -> None:
        """Begin to watch."""
        self._tasks = [
            asyncio.create_task(self.looks.run(), name="looks"),
            asyncio.create_task(self._attend(), name="watching"),
            asyncio.create_task(self._remember(), name="remembering"),
        ]

    async def stop(self) -> None:
        """End looks, remember everything, and let other nodes go on."""
        for task in self._tasks:
            task.cancel()
        if not self._tasks:
            return
        await asyncio.wait(self._tasks, timeout=STOPS_WITHIN)
        try:
            async with asyncio.timeout(STOPS_WITHIN):
                await self._end(tuple(self.watched.values()))
                await self.shards.let_go(self.shards.held, leaves=self._needed)
        except (TimeoutError, StoreUnavailable, Conflict) as error:
            log.warning("what probes saw last is forgotten, they are looked at again: %s", str(error) or "no answer")

    # -- taking up and letting go

    async def _attend(self) -> None:
        """Hold a share and look at what is in it, until cancelled."""
        while True:
            self._nudged.clear()
            try:
                await self._follow()
                await self.remote.listen(self.shards.held)
            except StoreUnavailable as error:
                log.warning("which probes to look at is found out again: %s", error)
            except Conflict as error:
                log.info("%s", error)
            except Exception:
                log.exception("which probes to look at could not be found out")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.shards.renewed_every):
                    await self._nudged.wait()

    async def _follow(self) -> None:
        """Take up, change and let go what has to be."""
        anew = not self._planned
        if anew:
            self._planned = True
            self._replan()
            self._needed = self._needed or bool(self.plan) or await self._store.read(p.any_remembered())
        if not self._needed:
            return
        try:
            moved = await self.shards.renew()
            for number in moved.lost:
                await self._end(self._of(number), keep=False)
            for number in sorted((self.shards.held if anew else moved.gained) - moved.excess):
                await self._take_up(number)
        except BaseException:
            self._planned = False  # what was not taken up is taken up the next time
            raise
        if moved.excess:
            log.info("letting %d of %d shares of the probes go to another node", len(moved.excess), p.SHARDS)
            await self._end([one for number in moved.excess for one in self._of(number)])
            await self.shards.let_go(moved.excess)

    def _replan(self) -> None:
        """Make the plan of what is configured and what the document says."""
        if not self._engine.worlds.has_runbook:
            self.plan = {}
            return
        runbook = self._engine.worlds.current.runbook
        self.plan = {
            name: planned(probe, self._probes.get(name), runbook, self._settings)
            for name, probe in self._settings.probes.items()
        }
        for name, one in self.plan.items():
            for check, why in one.unwatched.items():
                log.warning("the check %s of the probe %s is not judged: %s", check, name, why)

    def _of(self, number: int) -> list[Watched]:
        return [one for one in self.watched.values() if one.shard == number]

    async def _take_up(self, number: int) -> None:
        """Look at what is planned of a shard, from what was remembered of it, and end what is not planned any more."""
        kept = {one.id: one for one in await self._store.read(p.remembered(number))}
        planned_here = [name for name in self.plan if shard_of(name) == number]
        for name in sorted((kept.keys() | {one.name for one in self._of(number)}) - self.plan.keys()):
            await self._give_up(name, kept.get(name))
        for name in planned_here:
            new, known = self.plan[name], self.watched.get(name)
            if new.probe is None:
                await self._end([known] if known else [])
            elif known is None:
                await self._begin(Watched(name, new, kept.get(name)))
            else:
                await self._change(known, new)
        await self.remote.configure([name for name in planned_here if self.plan[name].probe is None])

    async def _begin(self, watched: Watched) -> None:
        """Look at a probe that this node did not look at."""
        new = watched.planned
        await self._configure(watched, new)
        if not self.shards.holds(watched.shard):  # found out while that was written
            return
        if new.probe is not None:
            new.probe.memory = watched.known.memory
        self.watched[watched.name] = watched
        seconds = first_look(watched.name, new.settings.every, watched.known.looked, self._clock.now())
        self.looks.add(watched, seconds)

    async def _change(self, watched: Watched, new: Planned) -> None:
        """Look at a probe as it is configured now. A look that is under way counts no more if another one looks now."""
        old, idle = watched.planned, watched.looking is None
        if new.probe is not None and old.probe is not None and new.asked == old.asked:
            new.probe.memory = old.probe.memory
        watched.planned = new
        await self._configure(watched, new)
        if old.probe is not None and old.probe is not new.probe and idle:
            await closed(watched.name, old.probe)
        if (old.settings.every, old.asked) != (new.settings.every, new.asked):
            seconds = first_look(watched.name, new.settings.every, watched.known.looked, self._clock.now())
            self.looks.add(watched, seconds)

    async def _configure(self, watched: Watched, new: Planned) -> None:
        """Remember of a probe what still counts as it is configured now."""
        watched.found, outcome = configure(new, watched.found)
        if outcome.tells:
            await self._tell(watched, outcome)

    async def _give_up(self, name: str, kept: p.Kept | None) -> None:
        """Take back what a probe raised that is not configured any more, and forget it."""
        watched = self.watched.pop(name, None)
        if watched is not None:
            await self._ended([watched])
        known = watched.known if watched else understood(kept).known
        alerts = given_up(name, known)
        await self._keeping.keep(Written(dropped=((name, shard_of(name)),), told=p.Told(alerts)))
        log.info("the probe %s is not looked at any more", name)

    async def _end(self, watched: Sequence[Watched], *, keep: bool = True) -> None:
        """Look at probes no more, and remember what is known of them."""
        for one in watched:
            self.watched.pop(one.name, None)
        await self._ended(watched)
        if keep and watched:
            now = self._clock.now()
            await self._keeping.keep(Written(tuple(one.written(now, whole=True) for one in watched)))

    async def _ended(self, watched: Sequence[Watched]) -> None:
        """End the looks that are under way, and close what looks."""
        under_way = [one.looking for one in watched if one.looking is not None]
        idle = [one for one in watched if one.looking is None]
        for one in watched:
            self.looks.remove(one)
        for one in idle:
            if one.planned.probe is not None:
                await closed(one.name, one.planned.probe)
        if under_way:  # those are closed when their look has ended
            await asyncio.wait(under_way, timeout=STOPS_WITHIN / 2)

    # -- what is seen

    async def seen(self, names: Collection[str] | None = None) -> tuple[Seen, ...]:
        """Give what is known of every configured probe, or of those, whichever node looks at it, as configured."""
        plan = {name: one for name, one in self.plan.items() if names is None or name in names}
        here = {name: one.found for name, one in self.watched.items() if name in plan}
        stored = await self._stored(plan.keys() - here.keys(), every=names is None)
        known = {one.id: understood(one) for one in stored if one.id not in here and one.id in plan} | here
        holders = await self._store.read(p.holders(self._clock.now())) if not self.shards.alone else {}
        nobody, now = understood(None), self._clock.now()
        return tuple(
            seen_of(one, known.get(name, nobody), holders.get(shard_of(name), ""), now) for name, one in plan.items()
        )

    async def lately(self, checks: Mapping[str, Collection[str] | None]) -> Lately:
        """Give what is newest of these probes, whichever node looks at them. It reads little.

        Turns are those of these checks, None = all of the probe's: that another turned may be nobody's business.
        """
        here = {name: one.found.known for name, one in self.watched.items() if name in checks}
        known = tuple(here.values())
        elsewhere = checks.keys() & self.plan.keys() - self.watched.keys()
        found = [one.looked for one in known if one.looked]
        found += [at for name, at in (await self._heard(elsewhere)).items() if name in elsewhere]
        turns = sum(
            standing.flips
            for name, one in here.items()
            for check, standing in one.checks.items()
            if (asked := checks[name]) is None or check in asked
        )
        return Lately(max(found, default=None), turns, sum(one.broken is not None for one in known))

    async def _heard(self, names: Collection[str]) -> dict[str, datetime]:
        """Give when these were last heard of, and others of their shards where that are fewer reads."""
        if len(names) <= _FEW:
            return await self._store.read(p.heard_of(sorted(names)))
        shards = sorted({shard_of(name) for name in names})
        return {name: at for number in shards for name, at in (await self._store.read(p.heard(number))).items()}

    async def _stored(self, names: Collection[str], *, every: bool) -> Sequence[p.Kept]:
        """Give what is stored of all probes, or of the shards of those."""
        if every:
            return await self._store.read(p.all_remembered())
        shards = sorted({shard_of(name) for name in names})
        return [one for number in shards for one in await self._store.read(p.remembered(number))]

    async def _judge(self, watched: Watched, seen: Reading | Broken) -> None:
        """Remember what was seen, and return once what follows from it is on disk."""
        outcome = judge(watched.planned, watched.found, seen)
        watched.known, watched.changed = outcome.known, True
        if outcome.tells:
            await self._tell(watched, outcome)

    async def _tell(self, watched: Watched, outcome: Outcome) -> None:
        """Let what follows be on disk together with what is remembered, so that it follows once."""
        now = self._clock.now()
        try:
            await self._keeping.keep(Written((watched.written(now),), told=told(watched.name, outcome, now)))
        except Conflict:
            await self._lost(watched.shard)
        else:
            self._engine.measures.took(outcome.alerts)

    async def _remember(self) -> None:
        """Write what is remembered now and then, one shard after the other, until cancelled."""
        for number in cycle(range(p.SHARDS)):
            await asyncio.sleep(KEPT_EVERY / p.SHARDS)
            now = self._clock.now()
            changed = [one for one in self._of(number) if one.changed and self.shards.holds(number)]
            try:
                if changed:
                    await self._keeping.keep(Written(tuple(one.written(now) for one in changed)))
            except Conflict:
                await self._lost(number)
            except Exception:
                log.exception("what is remembered of probes could not be written")

    async def _lost(self, number: int) -> None:
        """Look at a shard no more that is another node's; if it is not, it is taken up anew."""
        log.warning("another node looks at share %d of the probes now", number)
        self.shards.held -= {number}
        let_go = self._of(number)
        for one in let_go:
            self.watched.pop(one.name)
            self.looks.remove(one)
        self._nudged.set()
        for one in let_go:  # those that are looked at just now are closed when that has ended
            if one.looking is None and one.planned.probe is not None:
                await closed(one.name, one.planned.probe)
