"""Probes that a remote prober looks at: it sends what it saw, any node judges it, and silence is trouble of the probe.

What is remembered of them is only in the store, because whichever node is asked judges.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import msgspec

from tocsin.detection.alert import Alert
from tocsin.detection.reading import Broken, Reading
from tocsin.engine.engine import Engine
from tocsin.engine.plan import Planned, shard_of
from tocsin.engine.watched import Understood, configure, encoded, judge, told, understood
from tocsin.probes.probe import MOST_MEMORY
from tocsin.store import probes as p

log = logging.getLogger("tocsin.probes")

SILENT_AFTER = 3
"""Intervals without a word of its prober after which a probe is broken."""

GRACE = timedelta(seconds=2)


class Heard(NamedTuple):
    """What a remote prober says of one probe: the number of the reading in its run, and what was seen.

    `memory` is what the kind wants to find again, None for the same as before.
    """

    probe: str
    number: int
    seen: Reading | Broken
    memory: str | None = None


class RemoteProbes:
    """Judges what remote probers send, and their silence."""

    def __init__(self, engine: Engine, plan: Callable[[], Mapping[str, Planned]]) -> None:
        """Take what alerts go to, and what is planned."""
        self._engine, self._store, self._clock, self._plan = engine, engine.store, engine.clock, plan
        self._broken: dict[str, datetime] = {}

    def of(self, prober: str) -> tuple[Planned, ...]:
        """Give the probes that a prober looks at."""
        return tuple(one for one in self._plan().values() if one.settings.at == prober)

    async def memories(self, prober: str) -> dict[str, str]:
        """Give what the probes of a prober want to find again."""
        asked = {one.settings.id: one.asked for one in self.of(prober)}
        kept = await self._store.read(p.remembered_of(tuple(asked)))
        known = {one.id: understood(one).known for one in kept}
        return {name: one.memory for name, one in known.items() if one.memory and one.asked == asked[name]}

    async def take(self, prober: str, run: str, heard: Sequence[Heard]) -> tuple[str, ...]:
        """Judge what a prober saw, and return once that is on disk; give the names that are none of its probes."""
        mine = {one.settings.id: one for one in self.of(prober)}
        by_name: dict[str, list[Heard]] = {}
        for one in heard:
            by_name.setdefault(one.probe, []).append(one)
        known = {name: said for name, said in by_name.items() if name in mine}
        await self._change({name: partial(self._heard, mine[name], run, said) for name, said in known.items()})
        for name in known:
            self._broken.pop(name, None)
        return tuple(sorted(by_name.keys() - mine.keys()))

    def _heard(self, planned: Planned, run: str, said: Iterable[Heard], kept: p.Kept | None) -> p.Decided | None:
        """Judge readings of one probe in their order; what was judged before is left out."""
        now = self._clock.now()
        found, outcome = configure(planned, understood(kept))
        told_so_far = [told(planned.settings.id, outcome, now)]
        for one in sorted(said, key=lambda heard: heard.number):
            if run == found.known.run and one.number <= found.known.number:
                continue
            outcome = judge(planned, found, one.seen)
            memory = outcome.known.memory if one.memory is None else one.memory[:MOST_MEMORY]
            after = msgspec.structs.replace(outcome.known, run=run, number=one.number, memory=memory)
            found = found._replace(known=after)
            told_so_far.append(told(planned.settings.id, outcome, now))
        if len(told_so_far) == 1:  # nothing of it is new
            return None
        return _decided(planned, kept, found, told_so_far, now)

    async def configure(self, names: Sequence[str]) -> None:
        """Remember of probes what still counts as they are configured now."""
        await self._change({name: partial(self._configured, self._plan()[name]) for name in names})

    def _configured(self, planned: Planned, kept: p.Kept | None) -> p.Decided | None:
        found, now = understood(kept), self._clock.now()
        after, outcome = configure(planned, found)
        if kept is not None and outcome.known == found.known:
            return None
        return _decided(planned, kept, after, [told(planned.settings.id, outcome, now)], now)

    async def listen(self, shards: Iterable[int]) -> None:
        """Find out which probes of these shards are not heard of any more."""
        remote = [one for one in self._plan().values() if one.probe is None]
        held = sorted(set(shards) & {shard_of(one.settings.id) for one in remote})
        heard: dict[str, datetime] = {}
        for number in held:
            heard |= await self._store.read(p.heard(number))
        now = self._clock.now()
        silent = {
            one.settings.id: partial(self._silent, one)
            for one in remote
            if one.settings.id in heard and self._says_more(one, heard[one.settings.id], now)
        }
        await self._change(silent)
        self._broken |= {name: self._broken.get(name, now) for name in silent}

    def _says_more(self, planned: Planned, at: datetime, now: datetime) -> bool:
        """Give whether silence says something that was not said: that it began, or that it lasts."""
        name = planned.settings.id
        if now - at <= _patience(planned):
            self._broken.pop(name, None)
            return False
        since = self._broken.get(name)
        return since is None or now - since >= planned.settings.broken_after

    def _silent(self, planned: Planned, kept: p.Kept | None) -> p.Decided | None:
        now = self._clock.now()
        if kept is None or now - kept.at <= _patience(planned):
            return None
        found, settings = understood(kept), planned.settings
        heard = f"was last heard at {kept.at:%Y-%m-%d %H:%M:%S} UTC" if found.known.run else "was never heard"
        why = f"the prober {settings.at} {heard}; start `tocsin probe --at {settings.at}` there"
        outcome = judge(planned, found, Broken(at=now, why=why))
        if outcome.known.broken_since == found.known.broken_since and not outcome.tells:
            return None
        decided = _decided(planned, kept, found._replace(known=outcome.known), [told(settings.id, outcome, now)], now)
        return decided[0]._replace(at=kept.at), decided[1]

    async def _change(self, names: Mapping[str, Callable[[p.Kept | None], p.Decided | None]]) -> None:
        if not names:
            return
        alerts: list[Alert] = []

        def noted(decide: Callable[[p.Kept | None], p.Decided | None], kept: p.Kept | None) -> p.Decided | None:
            decided = decide(kept)
            alerts.extend(decided[1].alerts if decided else ())
            return decided

        deciding = {name: partial(noted, decide) for name, decide in names.items()}
        changed, waits = await self._store.write(p.change(deciding, self._clock.now()))
        self._engine.measures.took(alerts)
        if waits:
            self._engine.changes.announce()
        log.debug("judged %d remote probes", len(changed))


def _patience(planned: Planned) -> timedelta:
    return SILENT_AFTER * planned.settings.every + GRACE


def _decided(
    planned: Planned, kept: p.Kept | None, after: Understood, said: Sequence[p.Told], now: datetime
) -> p.Decided:
    alerts = tuple(alert for one in said for alert in one.alerts)
    jobs = tuple(job for one in said for job in one.jobs)
    name, rev = planned.settings.id, (kept.rev if kept else 0) + 1
    state, series = msgspec.json.encode(after.known), after.series.packed()
    return p.Kept(name, shard_of(name), rev, now, state, series, encoded(after.baselines)), p.Told(alerts, jobs)
