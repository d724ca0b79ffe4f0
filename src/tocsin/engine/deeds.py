"""Doing what a job says, and recording that it was done.

Pages: the deed first, then its fact, so that a crash in between repeats the page (with the same key) and never
loses it. A failed send that will be retried writes no fact, only a later `not_before` and a receipt.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from tocsin.channels.message import Channel, Message, Receipt, SendFailed
from tocsin.channels.rates import goes_together, rate_of, tells_later
from tocsin.engine import cards, outcomes
from tocsin.engine.asking import give_back
from tocsin.engine.engine import Engine, Loaded
from tocsin.engine.links import Links
from tocsin.engine.messages import Reader, alarm, compose, compose_bundle, compose_card, compose_update
from tocsin.engine.pacing import Pacing
from tocsin.engine.ports import Runner
from tocsin.engine.reports import catch_up
from tocsin.engine.steps import Steps
from tocsin.engine.turns import Turns
from tocsin.errors import StoreUnavailable, UnknownFact
from tocsin.escalation.calling import fact_of
from tocsin.escalation.reach import PATIENCE, channel_of, methods
from tocsin.escalation.schedule import fallback, person
from tocsin.incident import facts as f
from tocsin.incident import jobs as j
from tocsin.store import transactions as t
from tocsin.store.claiming import Looked
from tocsin.store.readings import ForTurn
from tocsin.store.transactions import Timeline

log = logging.getLogger("tocsin.deeds")

LEASE = timedelta(seconds=20)
"""Shorter than `PATIENCE`: what a node that died had in hand goes out by another one before the next way begins."""

RECORDING = timedelta(seconds=4)
"""What is only recorded is soon free again: a level must not wait because the node died that was about to call it."""

DEADLINE = timedelta(seconds=12)
"""A deed ends before its lease does, or two nodes could be doing it at once."""

MAX_ATTEMPTS = 6
_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_LONGEST_WAIT = timedelta(minutes=5)
_WORTH_TELLING = timedelta(seconds=2)
_SHORTEST = timedelta(seconds=1)
"""No attempt is given less time than this."""

T = TypeVar("T")
Broken = tuple[tuple[j.Claimed, Exception], ...]


class Wanted(NamedTuple):
    """A claimed message that is still wanted, and its incident as it was when that was made sure."""

    held: j.Claimed
    loaded: Loaded


class Deeds:
    """Performs claimed jobs, one method per kind."""

    def __init__(
        self, engine: Engine, channels: Mapping[str, Channel], links: Links, runner: Runner | None = None
    ) -> None:
        """Take the engine that records, the channels that send, and what runs commands."""
        self._engine = engine
        self._store, self._clock = engine.store, engine.clock
        self.channels = channels
        self._links = links
        self.turns = Turns(engine)
        self.steps = Steps(engine, runner)
        worlds = engine.worlds  # their settings change while it runs
        self.pacing = Pacing(
            lambda name: rate_of(worlds.settings.channels.get(name)),
            lambda name: goes_together(worlds.settings.channels.get(name)),
        )

    def lease_until(self, lease: timedelta = LEASE) -> datetime:
        """Give until when a job taken now is ours: for ever where a restart clears all leases."""
        return self._clock.now() + lease if self._store.lease_expires else _FOREVER

    async def perform(
        self, held: j.Claimed, together: tuple[j.Claimed, ...] = (), looked: Looked | None = None
    ) -> Broken:
        """Do one claimed job to its end: done and recorded, given back for later, or left because it is not wanted.

        `together` are the messages that go with it. `looked` is what was read together with the claim, a moment ago.
        Gives those whose incident cannot be understood, with the reason.
        """
        known = looked if isinstance(looked, Timeline) and not together else None  # it is of one incident
        do = held.job.do
        if isinstance(do, j.Unreadable):
            raise UnknownFact(f"{held.job.key} is of a kind this version does not know ({do.why}); upgrade this node")
        if isinstance(do, j.Turn):
            await self.turns.take(held, looked if isinstance(looked, ForTurn) else None)
        elif isinstance(do, j.Expect):
            await self._engine.lapse(held, do.group_key)
        elif isinstance(do, j.Alarm):
            await self._alarm(held, do)
        elif isinstance(do, j.Call | j.Inform | j.Remind | j.GiveUp):
            await self._record_if_wanted(held, known)
        elif isinstance(do, j.RunStep):
            await self._run_if_wanted(held, do)
        else:
            return await self._send_if_wanted((held, *together), known)
        return ()

    # -- jobs whose deed is a fact

    async def _record_if_wanted(self, held: j.Claimed, known: Timeline | None) -> None:
        """Calling is recording: decided again for the state at that moment, so it never happens twice."""

        def decided(loaded: Loaded, now: datetime) -> tuple[f.FactBody, ...]:
            if loaded.incident is None or not _is_wanted(held, loaded, now):
                return ()
            return (fact_of(held.job.do, loaded.incident, loaded.world, now),)

        loaded = await self._engine.understand(known) if known else None
        await self._engine.settle(held.job.owner, decided, held, known=loaded)

    # -- jobs whose deed happens outside

    async def _still_wanted(self, held: j.Claimed, known: Timeline | None = None) -> Loaded | None:
        """Renew the lease and look again, in one transaction; None when it is lost or the deed no longer wanted.

        `known` is what was seen with a claim that cannot be lost: then that was the look.
        """
        timeline = known or await self._store.write(t.check(held, self.lease_until()))
        if timeline is None:
            log.warning("lost the lease of %s before doing it", held.job.key)
            return None
        loaded = await self._engine.understand(timeline)
        if _is_wanted(held, loaded, self._clock.now()):
            return loaded
        await self._engine.settle(held.job.owner, lambda *_: (), held)
        return None

    async def _look(self, held: j.Claimed, known: Timeline | None) -> Loaded | Exception | None:
        """Give the same, or why the incident cannot be understood."""
        try:
            return await self._still_wanted(held, known)
        except Exception as error:  # noqa: BLE001  whatever it was, others that go with it must not suffer
            return error

    async def _run_if_wanted(self, held: j.Claimed, do: j.RunStep) -> None:
        loaded = await self._still_wanted(held)
        if loaded is not None:
            await self.steps.perform(held, do, loaded)

    async def _send_if_wanted(self, many: tuple[j.Claimed, ...], known: Timeline | None) -> Broken:
        """Send one message, or what waits for the same person by the same channel together, once each is looked at."""
        looked = await _together([self._look(held, known) for held in many])
        broken = [(held, one) for held, one in zip(many, looked, strict=True) if isinstance(one, Exception)]
        wanted = [Wanted(held, one) for held, one in zip(many, looked, strict=True) if isinstance(one, Loaded)]
        if not wanted:
            self.pacing.not_sent(many[0].job.do)
            return tuple(broken)
        tired = [one for one in wanted if one.held.attempts > MAX_ATTEMPTS and not _is_endless(one.held.job.do)]
        for one in tired:
            await self._failed(
                one.held, SendFailed("every attempt was cut short; it may have been sent", permanent=False)
            )
        await self._send_all([one for one in wanted if one not in tired])
        return tuple(broken)

    async def _send_all(self, wanted: list[Wanted]) -> None:
        if not wanted:
            return
        do, began = wanted[0].held.job.do, self._clock.now()
        waited = began - min(one.held.job.due for one in wanted if one.held.attempts == wanted[0].held.attempts)
        key = ""
        try:
            message = await self._compose(wanted)
            key = message.key
            receipt = await self._hand_over(wanted[0], message)
        except SendFailed as failed:
            self._note_failure(do, failed)
            await _together([self._failed(one.held, failed, key) for one in wanted])
            return
        self.pacing.sent(do)
        how = f"after {waited.total_seconds():.0f} s in turn. " if waited >= _WORTH_TELLING else ""
        await _together([self._record(one, receipt, message, began, how) for one in wanted])
        if tells_later(self._engine.worlds.settings.channels.get(j.sends_by(do))):
            await catch_up(self._engine, message.key)

    async def _record(self, one: Wanted, receipt: Receipt, message: Message, began: datetime, how: str) -> None:
        held, loaded = one
        words = f"{how}{'with others: ' if message.keys else ''}{receipt.detail or receipt.id}"
        told = self._receipt(held, "accepted", words, message.key)
        handed = outcomes.Handed(receipt, began, loaded, alone=not message.keys)
        await self._engine.record(
            loaded, lambda now_loaded, _: (outcomes.sent(held, handed, now_loaded),), held, (told,)
        )

    async def _compose(self, wanted: list[Wanted]) -> Message:
        """Give the message of one deed, or of many to the same person. Raises SendFailed."""
        (held, loaded), now = wanted[0], self._clock.now()
        do = held.job.do
        if isinstance(do, j.Amend):
            return cards.compose_amended(loaded, held, cards.posted(loaded, do), self._links)
        if isinstance(do, j.Announce):
            return compose_card(loaded, held, self._links)
        if isinstance(do, j.SendUpdate):
            return compose_update(loaded, held, do, self._links)
        if not isinstance(do, j.Page | j.Notify):
            raise TypeError(f"{held.job.key} is no message")
        someone = person(do.person, loaded.world.settings)
        if someone is None:
            raise SendFailed(f"{do.person} is no longer in the configuration", permanent=True)
        repeats = await _together([self._may_repeat(one.held) for one in wanted])
        reader = Reader(someone, self._links, now)
        if len(wanted) == 1:
            return compose(loaded, held, reader, repeat=repeats[0])
        return compose_bundle([(*one, repeat) for one, repeat in zip(wanted, repeats, strict=True)], reader)

    async def _may_repeat(self, held: j.Claimed) -> bool:
        """Give whether an earlier attempt may have arrived: it was cut short, or nobody answered."""
        if held.attempts == 1:
            return False
        try:
            return await self._store.read(t.refused_attempts(held.job.key, held.job.owner)) < held.attempts - 1
        except StoreUnavailable:
            return True

    async def _hand_over(self, one: Wanted, message: Message) -> Receipt:
        do, deadline = one.held.job.do, time_for(one.held, self._clock.now())
        if not isinstance(do, j.Amend):
            return await self.send_by(j.sends_by(do), message, deadline)
        post = cards.posted(one.loaded, do)
        return await self._use(post.channel, lambda channel: cards.amend(channel, message, post.handle), deadline)

    async def send_by(self, name: str, message: Message, deadline: timedelta = DEADLINE) -> Receipt:
        """Send by one channel within the deadline. Raises SendFailed and nothing else."""
        return await self._use(name, lambda channel: channel.send(message), deadline)

    async def _use(self, name: str, deed: Callable[[Channel], Awaitable[Receipt]], deadline: timedelta) -> Receipt:
        channel = self.channels.get(name)
        if channel is None:
            raise SendFailed(f"there is no channel {name} in the configuration", permanent=True)
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                return await deed(channel)
        except TimeoutError:
            why = f"{name} gave no answer in {deadline.total_seconds():.0f} s"
            raise SendFailed(why, permanent=False, answered=False) from None
        except SendFailed:
            raise
        except Exception as error:
            log.exception("channel %s broke", name)
            raise SendFailed(f"{name} broke: {type(error).__name__}", permanent=False, answered=False) from error

    def _note_failure(self, do: j.Doing, failed: SendFailed) -> None:
        self.pacing.failed(do, self._clock.monotonic())
        if failed.retry_after is not None:
            self.pacing.pause(j.sends_by(do), failed.retry_after, self._clock.monotonic())

    async def _failed(self, held: j.Claimed, failed: SendFailed, message: str = "") -> None:
        do, now = held.job.do, self._clock.now()
        wait = max(backoff(held.job.key, held.attempts, endless=_is_endless(do)), failed.retry_after or timedelta(0))
        late = isinstance(do, j.Page | j.Notify) and now + wait + _SHORTEST >= held.job.due + PATIENCE
        spent = late or held.attempts >= MAX_ATTEMPTS
        ends = not _is_endless(do) and (failed.permanent or spent)
        ends = ends or (isinstance(do, j.Amend) and failed.permanent)
        status = "failed" if ends else "retrying" if failed.answered else "unanswered"
        receipt = self._receipt(held, status, failed.why, message)
        log.warning("%s attempt %d: %s", held.job.key, held.attempts, failed.why)
        if ends:
            fact = outcomes.not_sent(held, failed)

            def decided(loaded: Loaded, _now: datetime) -> tuple[f.FactBody, ...]:
                # Another node may have taken it over from us and got it out: that is how it ended then.
                return (fact,) if any(job.key == held.job.key for job in loaded.jobs) else ()

            await self._engine.settle(held.job.owner, decided, held, receipts=(receipt,))
            return
        await self._store.write(t.release(held, now + min(wait, _LONGEST_WAIT), (receipt,)))
        self._engine.changes.announce()

    async def _alarm(self, held: j.Claimed, do: j.Alarm) -> None:
        why = "nobody could be told"
        for someone in fallback(self._engine.worlds.settings):
            for method in methods(someone):
                try:
                    receipt = await self.send_by(channel_of(method), alarm(held, do, someone))
                except SendFailed as failed:
                    why = failed.why
                else:
                    told = self._receipt(held, "accepted", receipt.detail or receipt.id)
                    await self._store.write(t.complete(held, (told,)))
                    return
        wait = backoff(held.job.key, held.attempts, endless=True)
        failed_receipt = self._receipt(held, "retrying", why)
        again = self._clock.now() + wait
        await give_back(self._store, self._engine.changes, held, again, (failed_receipt,))

    async def try_without_store(self, held: j.Claimed, remembered: Loaded | None = None) -> None:
        """Send a waiting page once although nothing can be recorded. Raises SendFailed, StoreUnavailable.

        `remembered` is the incident as this process last knew it, for a store that cannot be read either.
        """
        loaded = remembered or await self._engine.load(held.job.owner)
        if _is_wanted(held, loaded, self._clock.now()):
            await self.send_by(j.sends_by(held.job.do), await self._compose([Wanted(held, loaded)]))

    def _receipt(self, held: j.Claimed, status: str, detail: str, message: str = "") -> t.Receipt:
        now = self._clock.now()
        return t.Receipt(held.job.key, held.job.owner, held.attempts, now, status, detail[:500], message)


async def _together(deeds: Sequence[Awaitable[T]]) -> list[T]:
    """Give what each gives; one alone needs no task of its own."""
    return [await deeds[0]] if len(deeds) == 1 else list(await asyncio.gather(*deeds))


def time_for(held: j.Claimed, now: datetime) -> timedelta:
    """Give how long a send may last: a page that is tried again ends when the person's next method begins."""
    left = held.job.due + PATIENCE - now
    has_next = isinstance(held.job.do, j.Page | j.Notify) and not _is_endless(held.job.do)
    if held.attempts == 1 or not has_next or left <= timedelta(0):
        return DEADLINE
    return max(min(DEADLINE, left), _SHORTEST)


def backoff(key: str, attempt: int, *, endless: bool = False) -> timedelta:
    """Give how long to wait after that attempt (from 1): doubling, at most 8 s, or 5 min for what never ends.

    Jitter is a hash of key and attempt, so that a simulation repeats and a storm still spreads.
    """
    longest = _LONGEST_WAIT if endless else timedelta(seconds=8)
    seconds = timedelta(seconds=2 ** min(attempt - 1, 12))
    spread = int.from_bytes(hashlib.sha256(f"{key}/{attempt}".encode()).digest()[:2]) / 65535
    return min(seconds, longest) * (0.8 + 0.2 * spread)


def _is_wanted(held: j.Claimed, loaded: Loaded, now: datetime) -> bool:
    return any(job.key == held.job.key and job.due <= now for job in loaded.jobs)


def _is_endless(do: j.Doing) -> bool:
    """An edit is tried until it is made: it wakes nobody, and an old message must not lie for ever."""
    return (isinstance(do, j.Page) and do.endless) or isinstance(do, j.Amend)
