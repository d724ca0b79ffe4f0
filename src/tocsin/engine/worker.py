"""Claim a due job, perform it, rest until the next one."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta

from tocsin.channels.message import SendFailed
from tocsin.engine.asking import give_back, want
from tocsin.engine.deeds import LEASE, RECORDING, Deeds, backoff
from tocsin.engine.engine import Engine, Loaded
from tocsin.engine.pacing import UnderWay
from tocsin.errors import StoreUnavailable, TocsinError
from tocsin.incident import jobs as j
from tocsin.store import transactions as t
from tocsin.store.claiming import Ask, Looked, Taken, claim_some

log = logging.getLogger("tocsin.worker")

LAST_FIRST = 8
"""One claim in so many begins with the least urgent severity, so that no storm leaves it behind for ever."""

TAKEN_AT_ONCE = 8
"""So many jobs are taken in one transaction: more would be in the hands of one node while others rest."""

STEPS_AT_ONCE = 8
"""So many commands run together on this node."""

_IN_HAND = 20.0
"""Seconds after it was taken in which a page is this process's own to try without the store: retries come sooner."""

_MOST_IN_HAND = 1000

_LONGEST_REST = timedelta(seconds=5)
"""Never sleep longer, so that a clock that jumped or a machine that slept is noticed."""

_AHEAD = 2 * _LONGEST_REST
"""So far ahead is asked what is due: a rest begins with the answer, and that may have taken its time."""


class Worker:
    """Performs jobs, several at a time, until told to stop."""

    def __init__(self, engine: Engine, deeds: Deeds, at_once: int = 64) -> None:
        """Take how many jobs may be under way together besides messages, which have places by channel."""
        self._engine, self._deeds = engine, deeds
        self._store, self._clock = engine.store, engine.clock
        self._at_once = at_once
        self._pacing = deeds.pacing
        self._running: dict[asyncio.Task[None], j.Claimed] = {}
        self._under_way = UnderWay()
        self._bundling: set[str] = set()
        self._claims = 0
        self._waits_for_place = False
        self._tried_without_store: set[str] = set()
        self._in_hand = OrderedDict[str, float]()
        self._given_back: set[str] = set()
        self.stopping = False
        self.last_turned = engine.clock.monotonic()
        self.store_failing_since: float | None = None

    async def run(self) -> None:
        """Work until `stop`. Nothing a job does can end this loop."""
        while not self.stopping:
            asked = self._engine.changes.asked
            try:
                taken = await self._take(TAKEN_AT_ONCE)
                self.last_turned, self.store_failing_since = self._clock.monotonic(), None
                if self.stopping:
                    await asyncio.gather(*map(self._let_go, taken.jobs))
                    return
                for held in taken.jobs:
                    self._start(held, taken.looked.get(held.token))
                if taken.dry:
                    await self._rest(asked, taken.due)
            except StoreUnavailable:
                log.exception("the store cannot be used")
                self.last_turned = self._clock.monotonic()
                self.store_failing_since = self.store_failing_since or self.last_turned
                await self._page_without_store()
                await asyncio.sleep(1)
            except Exception:
                log.exception("no job could be taken")
                await asyncio.sleep(1)

    async def stop(self) -> None:
        """Take no more jobs and wait for those under way; what is cut short is given back for others to repeat."""
        self.stopping = True
        self._engine.changes.announce()
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=LEASE.total_seconds() / 2)
        cut = [self._running[task] for task in late]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for held in cut:
            await self._let_go(held)

    async def claim(self) -> j.Claimed | None:
        """Take the next due job, or None."""
        taken = await self._take(1)
        return taken.jobs[0] if taken.jobs else None

    async def _take(self, most: int) -> Taken:
        """Take up to so many due jobs, and what each needs to be sent."""
        now, token = self._clock.now(), self._engine.chance.token()
        self._engine.changes.due = None  # what was committed by now is seen by what is asked next
        until, recorded = self._deeds.lease_until(), self._deeds.lease_until(RECORDING)
        if self._engine.unconfirmed:
            turn = await self._store.write(t.claim_turn(now, token, recorded))
            return Taken((turn,), dry=False) if turn else Taken((), dry=True)
        claims = self._claims
        asks = (Ask(f"{token}.{place}", (claims + place) % LAST_FIRST == 0) for place in range(1, most + 1))
        room = self._pacing.room(self._under_way, self._at_once, self._most, self._clock.monotonic())
        # Asked before, because a place that becomes free meanwhile has to announce itself.
        self._waits_for_place = any(room.closed)
        opens = self._opening(None)  # what opens while the store is asked is left out of its answer
        horizon, checks = now + _AHEAD, not self._store.lease_expires
        turning = self._deeds.turns.turning
        claiming = claim_some(now, asks, until, recorded, room, horizon=horizon, checks=checks, turning=turning)
        taken = await self._store.write(claiming)
        self._claims += len(taken.jobs)
        for held in taken.jobs:
            if isinstance(held.job.do, j.Page):
                self._take_in_hand(held)
            if self._pacing.take(held.job.do, self._clock.monotonic()):
                self._bundling.add(held.token)
        return taken._replace(due=_first_of(taken.due, opens))

    async def next_due(self, until: datetime | None = None) -> datetime | None:
        """Give when this worker can take the next job, as far as it knows; after `until` it need not."""
        if self._engine.unconfirmed:
            return None  # a turn that is asked for wakes us
        return self._opening(await self._store.read(t.next_due(self._most, self._closed(), until)))

    def _opening(self, due: datetime | None) -> datetime | None:
        """Give what comes first: that, or something closed that opens again."""
        now = self._clock.monotonic()
        opens = self._pacing.reopens(now)
        if opens is None:
            return due
        return _first_of(due, self._clock.now() + timedelta(seconds=opens - now, milliseconds=1))

    def _closed(self) -> t.Closed:
        """Give what no message can be taken for now."""
        return self._pacing.closed(self._under_way, self._at_once, self._clock.monotonic())

    @property
    def _most(self) -> int:
        """Give up to which rank jobs are taken: commands that hang must leave room for pages."""
        running = sum(isinstance(held.job.do, j.RunStep) for held in self._running.values())
        return j.RUNS if running < STEPS_AT_ONCE else j.RUNS - 1

    async def perform(self, held: j.Claimed, looked: Looked | None = None) -> None:
        """Perform one job, and what waits in its lane if that goes with it; trouble is told and the jobs given back.

        `looked` is what was read a moment ago, together with the claim.
        """
        many, keeping = [held], self._kept([held])
        try:
            more = await self._with_it(held)
            many += more
            keeping += self._kept(more)
            for one, error in await self._deeds.perform(held, more, looked):
                await self._trouble(one, error)
        except Exception as error:  # noqa: BLE001  whatever it was, it is told and the jobs are given back
            await self._trouble(held, error)
            await asyncio.gather(*map(self._give_back, many[1:]))
        finally:
            for task in keeping:
                task.cancel()

    async def _trouble(self, held: j.Claimed, error: Exception) -> None:
        if isinstance(error, StoreUnavailable):
            log.error("%s waits for the store", held.job.key, exc_info=error)
            await self._give_back(held)
        else:
            log.error("%s broke", held.job.key, exc_info=error)
            await self._tell(held, error)

    async def _with_it(self, held: j.Claimed) -> tuple[j.Claimed, ...]:
        """Take the rest of a lane whose turn has come to be sent together."""
        if held.token not in self._bundling:
            return ()
        self._bundling.discard(held.token)
        now, until = self._clock.now(), self._deeds.lease_until()
        lane = await self._store.write(t.claim_lane(now, held.token, until, j.lane_of(held.job.do)))
        # Where this process stood still, its own lease has run out since, and it took its own page again.
        return tuple(one for one in lane if one.job.key != held.job.key)

    async def step(self) -> bool:
        """Claim and perform one job; False when nothing is due."""
        held = await self.claim()
        if held is not None:
            await self.perform(held)
        return held is not None

    # -- the rest is care

    def _start(self, held: j.Claimed, looked: Looked | None) -> None:
        task = asyncio.create_task(self.perform(held, looked), name=held.job.key)
        self._running[task] = held
        self._under_way.begin(held.job.do)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        ran = self._running.pop(task, None)
        if ran is not None:
            self._under_way.end(ran.job.do)
        if ran is not None and (self._waits_for_place or isinstance(ran.job.do, j.RunStep)):
            self._engine.changes.announce()  # there is room for the next one

    def _kept(self, many: Iterable[j.Claimed]) -> list[asyncio.Task[None]]:
        """Begin to renew leases, where they expire at all."""
        expire = self._store.lease_expires
        return [asyncio.create_task(self._keep(held)) for held in many] if expire else []

    async def _keep(self, held: j.Claimed) -> None:
        """Renew at a third of the lease for as long as the deed lasts."""
        lease = RECORDING if j.is_recorded(held.job.do) else LEASE
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            with contextlib.suppress(StoreUnavailable):
                if not await self._store.write(t.renew(held, self._deeds.lease_until(lease))):
                    log.warning("lost the lease of %s", held.job.key)
                    return

    async def _rest(self, asked: int, due: datetime | None) -> None:
        """Wait for what is due, or for a commit after which something may be, whichever comes first."""
        # What has no place now was not asked for: a place that becomes free announces itself.
        self._waits_for_place = self._waits_for_place or any(self._closed())
        changes, due = self._engine.changes, self._opening(due)
        # By the clock that nobody sets, whatever the other one is set to meanwhile.
        longest = self._clock.monotonic() + _LONGEST_REST.total_seconds()
        while changes.asked == asked:
            known = [at for at in (due, changes.due) if at]
            wait = longest - self._clock.monotonic()
            if known:
                wait = min(wait, (min(known) - self._clock.now()).total_seconds())
            if wait <= 0 or not await changes.asks(asked, wait):
                return

    async def _tell(self, held: j.Claimed, error: Exception) -> None:
        """A turn that raises pages the fallback: a poisoned incident must not be silent."""
        where = held.job.do.group_key if isinstance(held.job.do, j.Turn) else held.job.owner
        reason = str(error) if isinstance(error, TocsinError) else f"{type(error).__name__}: {error}"
        text = f"{type(held.job.do).__name__} of {where} broke and is tried again: {reason}"
        alarm = j.Job(key=f"system/broke/{where}", owner="system", due=held.job.due, do=j.Alarm(text=text[:1000]))
        with contextlib.suppress(StoreUnavailable):
            if held.job.owner != "system":
                await want(self._store, self._engine.changes, alarm)
        await self._give_back(held)

    async def _let_go(self, held: j.Claimed) -> None:
        """Let another node, or the next start, take it at once."""
        with contextlib.suppress(StoreUnavailable):
            await self._store.write(t.release(held, self._clock.now()))

    async def _give_back(self, held: j.Claimed) -> None:
        again = self._clock.now() + backoff(held.job.key, held.attempts, endless=True)
        self._given_back.add(held.job.key)  # from here on it waits, whether the store knows that or not
        try:
            while True:
                try:
                    await give_back(self._store, self._engine.changes, held, again)
                except StoreUnavailable:
                    await asyncio.sleep(1)
                else:
                    return
        finally:
            self._given_back.discard(held.job.key)

    async def _page_without_store(self) -> None:
        """Try each waiting page once per process: better twice than never. Those under way are left alone."""
        if self._engine.unconfirmed:
            return
        under_way = {held.job.key for held in self._running.values()} - self._given_back
        tried = self._tried_without_store | under_way
        waiting = [(held, loaded) for held, loaded in await self._waiting() if held.job.key not in tried]
        self._tried_without_store |= {held.job.key for held, _ in waiting}
        await asyncio.gather(*(self._try_once(held, loaded) for held, loaded in waiting))

    async def _waiting(self) -> list[tuple[j.Claimed, Loaded | None]]:
        """Give the pages that are due: as the store says, or those this process had in hand if it cannot be read.

        Other nodes may have done since what this one remembers, so only what it took a moment ago is tried.
        """
        now, since = self._clock.now(), self._clock.monotonic() - _IN_HAND
        try:
            due = await self._store.read(t.jobs_due(now))
        except StoreUnavailable:
            remembered = self._engine.pages_in_mind(now)
            return [one for one in remembered if self._in_hand.get(one[0].job.key, since) > since]
        return [(held, None) for held in due if isinstance(held.job.do, j.Page)]

    def _take_in_hand(self, held: j.Claimed) -> None:
        now = self._clock.monotonic()
        self._in_hand[held.job.key] = now
        self._in_hand.move_to_end(held.job.key)
        while len(self._in_hand) > _MOST_IN_HAND and next(iter(self._in_hand.values())) <= now - _IN_HAND:
            self._in_hand.popitem(last=False)

    async def _try_once(self, held: j.Claimed, loaded: Loaded | None) -> None:
        with contextlib.suppress(SendFailed, TocsinError):
            await self._deeds.try_without_store(held, loaded)


def _first_of(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other
