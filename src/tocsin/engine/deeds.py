"""Doing what a job says, and recording that it was done.

Pages: the deed first, then its fact, so that a crash in between repeats the page (with the same key) and never
loses it. A failed send that will be retried writes no fact, only a later `not_before` and a receipt.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from tocsin.channels.message import Channel, Message, Receipt, SendFailed
from tocsin.engine import cards
from tocsin.engine.engine import Engine, Loaded
from tocsin.engine.links import Links
from tocsin.engine.messages import alarm, compose, compose_card, compose_update, late_since
from tocsin.engine.ports import Runner
from tocsin.engine.steps import Steps
from tocsin.errors import UnknownFact
from tocsin.escalation.reach import channel_of, methods
from tocsin.escalation.schedule import called, fallback, person
from tocsin.incident import facts as f
from tocsin.incident import jobs as j
from tocsin.store import transactions as t

log = logging.getLogger("tocsin.deeds")

LEASE = timedelta(seconds=30)
DEADLINE = timedelta(seconds=12)
"""A deed ends before its lease does, or two nodes could be doing it at once."""

MAX_ATTEMPTS = 6
_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_LONGEST_WAIT = timedelta(minutes=5)


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
        self.steps = Steps(engine, runner)

    def lease_until(self) -> datetime:
        """Give until when a job taken now is ours: for ever where a restart clears all leases."""
        return self._clock.now() + LEASE if self._store.lease_expires else _FOREVER

    async def perform(self, held: j.Claimed) -> None:
        """Do one claimed job to its end: done and recorded, given back for later, or left because it is not wanted."""
        do = held.job.do
        if isinstance(do, j.Unreadable):
            raise UnknownFact(f"{held.job.key} is of a kind this version does not know ({do.why}); upgrade this node")
        if isinstance(do, j.Turn):
            await self._engine.take_turn(held)
        elif isinstance(do, j.Alarm):
            await self._alarm(held, do)
        elif isinstance(do, j.Call | j.Inform | j.Remind | j.GiveUp):
            await self._record_if_wanted(held)
        elif isinstance(do, j.RunStep):
            await self._run_if_wanted(held, do)
        else:
            await self._send_if_wanted(held)

    # -- jobs whose deed is a fact

    async def _record_if_wanted(self, held: j.Claimed) -> None:
        """Calling is recording: decided again for the state at that moment, so it never happens twice."""

        def decided(loaded: Loaded, now: datetime) -> tuple[f.FactBody, ...]:
            return (_fact_of(held.job.do, loaded, now),) if _is_wanted(held, loaded, now) else ()

        await self._engine.settle(held.job.owner, decided, held)

    # -- jobs whose deed happens outside

    async def _still_wanted(self, held: j.Claimed) -> Loaded | None:
        """Renew the lease and look again, in one transaction; None when it is lost or the deed no longer wanted."""
        timeline = await self._store.write(t.check(held, self.lease_until()))
        if timeline is None:
            log.warning("lost the lease of %s before doing it", held.job.key)
            return None
        loaded = await self._engine.understand(timeline)
        if _is_wanted(held, loaded, self._clock.now()):
            return loaded
        await self._engine.settle(held.job.owner, lambda *_: (), held)
        return None

    async def _run_if_wanted(self, held: j.Claimed, do: j.RunStep) -> None:
        loaded = await self._still_wanted(held)
        if loaded is not None:
            await self.steps.perform(held, do, loaded)

    async def _send_if_wanted(self, held: j.Claimed) -> None:
        loaded = await self._still_wanted(held)
        if loaded is None:
            return
        try:
            receipt = await self._send(held, loaded)
        except SendFailed as failed:
            await self._failed(held, failed)
        else:
            told = self._receipt(held, "accepted", receipt.detail or receipt.id)
            await self._engine.record(
                loaded, lambda now_loaded, _: (_sent(held, receipt, now_loaded, loaded),), held, (told,)
            )

    async def _send(self, held: j.Claimed, loaded: Loaded) -> Receipt:
        do = held.job.do
        if isinstance(do, j.Amend):
            return await self._amend(held, do, loaded)
        if isinstance(do, j.Announce):
            return await self.send_by(do.channel, compose_card(loaded, held, self._links))
        if isinstance(do, j.SendUpdate):
            return await self.send_by(do.channel.partition(":")[0], compose_update(loaded, held, do, self._links))
        if not isinstance(do, j.Page | j.Notify):
            raise TypeError(f"{held.job.key} is no message")
        if held.attempts > MAX_ATTEMPTS and not _is_endless(do):
            raise SendFailed("every attempt was cut short; it may have been sent", permanent=False)
        someone = person(do.person, loaded.world.settings)
        if someone is None:
            raise SendFailed(f"{do.person} is no longer in the configuration", permanent=True)
        return await self.send_by(channel_of(do.method), compose(loaded, held, someone, self._links))

    async def _amend(self, held: j.Claimed, do: j.Amend, loaded: Loaded) -> Receipt:
        post = cards.posted(loaded, do)
        message = cards.compose_amended(loaded, held, post, self._links)
        return await self._use(post.channel, lambda channel: cards.amend(channel, message, post.handle))

    async def send_by(self, name: str, message: Message) -> Receipt:
        """Send by one channel within the deadline. Raises SendFailed and nothing else."""
        return await self._use(name, lambda channel: channel.send(message))

    async def _use(self, name: str, deed: Callable[[Channel], Awaitable[Receipt]]) -> Receipt:
        channel = self.channels.get(name)
        if channel is None:
            raise SendFailed(f"there is no channel {name} in the configuration", permanent=True)
        try:
            async with asyncio.timeout(DEADLINE.total_seconds()):
                return await deed(channel)
        except TimeoutError:
            seconds = DEADLINE.total_seconds()
            raise SendFailed(f"{name} gave no answer in {seconds:.0f} s", permanent=False) from None
        except SendFailed:
            raise
        except Exception as error:
            log.exception("channel %s broke", name)
            raise SendFailed(f"{name} broke: {type(error).__name__}", permanent=False) from error

    async def _failed(self, held: j.Claimed, failed: SendFailed) -> None:
        do = held.job.do
        ends = not _is_endless(do) and (failed.permanent or held.attempts >= MAX_ATTEMPTS)
        ends = ends or (isinstance(do, j.Amend) and failed.permanent)
        receipt = self._receipt(held, "failed" if ends else "retrying", failed.why)
        log.warning("%s attempt %d: %s", held.job.key, held.attempts, failed.why)
        if ends:
            fact = _not_sent(held, failed)
            await self._engine.settle(held.job.owner, lambda *_: (fact,), held, receipts=(receipt,))
            return
        wait = max(backoff(held.job.key, held.attempts, endless=_is_endless(do)), failed.retry_after or timedelta(0))
        await self._store.write(t.release(held, self._clock.now() + min(wait, _LONGEST_WAIT), (receipt,)))
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
        await self._store.write(t.release(held, self._clock.now() + wait, (failed_receipt,)))

    async def try_without_store(self, held: j.Claimed) -> None:
        """Send a waiting page once although nothing can be recorded. Raises SendFailed, StoreUnavailable."""
        loaded = await self._engine.load(held.job.owner)
        if _is_wanted(held, loaded, self._clock.now()):
            await self._send(held, loaded)

    def _receipt(self, held: j.Claimed, status: str, detail: str) -> t.Receipt:
        return t.Receipt(held.job.key, held.job.owner, held.attempts, self._clock.now(), status, detail[:500])


def backoff(key: str, attempt: int, *, endless: bool = False) -> timedelta:
    """Give how long to wait after that attempt (from 1): doubling, at most 15 s, or 5 min for what never ends.

    Jitter is a hash of key and attempt, so that a simulation repeats and a storm still spreads.
    """
    longest = _LONGEST_WAIT if endless else timedelta(seconds=15)
    seconds = timedelta(seconds=2 ** min(attempt - 1, 12))
    spread = int.from_bytes(hashlib.sha256(f"{key}/{attempt}".encode()).digest()[:2]) / 65535
    return min(seconds, longest) * (0.8 + 0.2 * spread)


def _is_wanted(held: j.Claimed, loaded: Loaded, now: datetime) -> bool:
    return any(job.key == held.job.key and job.due <= now for job in loaded.jobs)


def reminded(do: j.Remind, loaded: Loaded, now: datetime) -> tuple[f.Called, ...]:
    """Give who is reminded: who has it or was called last, everybody concerned, or who owes the review."""
    incident, (runbook, settings) = loaded.incident, loaded.world
    if incident is None:
        return ()
    marks = [mark for mark in (incident.acknowledged, incident.resolved) if mark and mark.by.startswith("person:")]
    holder = tuple(f.Called(mark.by.removeprefix("person:")) for mark in marks[:1])
    latest = incident.current_calls[-1].people if incident.current_calls else ()
    concerned = tuple(f.Called(who) for who in sorted(incident.concerned) if person(who, settings))
    first = runbook.escalation[0].id if runbook.escalation else "L1"
    wanted = concerned if do.whom == "concerned" else holder or latest
    return wanted or called(first, runbook, settings, now)


def _is_endless(do: j.Doing) -> bool:
    """An edit is tried until it is made: it wakes nobody, and an old message must not lie for ever."""
    return (isinstance(do, j.Page) and do.endless) or isinstance(do, j.Amend)


def _fact_of(do: j.Doing, loaded: Loaded, now: datetime) -> f.FactBody:
    runbook, settings = loaded.world
    if isinstance(do, j.GiveUp):
        return f.GaveUp(rounds=do.rounds)
    if isinstance(do, j.Inform):
        people = called(do.level, runbook, settings, now)
        return f.Informed(level=do.level, people=people, because=f.Because(do.because, do.line))
    if isinstance(do, j.Remind):
        return f.Reminded(
            topic=do.topic,
            stage=do.stage,
            people=reminded(do, loaded, now),
            wake=do.wake,
            because=f.Because(do.because, do.line),
        )
    if not isinstance(do, j.Call):
        raise TypeError(f"{do} is no call")
    return f.Escalated(
        level=do.level,
        round=do.round,
        people=called(do.level, runbook, settings, now),
        cause=do.cause,
        because=f.Because(do.because, do.line),
    )


def _sent(held: j.Claimed, receipt: Receipt, loaded: Loaded, written: Loaded) -> f.FactBody:
    """Give the fact that it was sent; `written` is what it was written from, `loaded` is how things are now."""
    do, words = held.job.do, receipt.detail or receipt.id
    as_of = written.incident.seq if written.incident else 0
    if isinstance(do, j.Announce | j.Amend):
        return cards.done(do, receipt, written)
    if isinstance(do, j.SendUpdate):
        return f.UpdateSent(update=do.update, channel=do.channel, receipt=words, handle=receipt.handle)
    if isinstance(do, j.Notify):
        return f.Notified(
            level=do.level, person=do.person, method=do.method, receipt=words, handle=receipt.handle, as_of=as_of
        )
    if not isinstance(do, j.Page):
        raise TypeError(f"{held.job.key} is no message")
    return f.Paged(
        level=do.level,
        round=do.round,
        person=do.person,
        method=do.method,
        receipt=words,
        due=late_since(loaded.incident, held) if loaded.incident else None,
        handle=receipt.handle,
        as_of=as_of,
    )


def _not_sent(held: j.Claimed, failed: SendFailed) -> f.FactBody:
    do = held.job.do
    if isinstance(do, j.Announce | j.Amend):
        return cards.not_done(do, failed)
    if isinstance(do, j.SendUpdate):
        return f.UpdateFailed(update=do.update, channel=do.channel, why=failed.why)
    if not isinstance(do, j.Page | j.Notify):
        raise TypeError(f"{held.job.key} is no message")
    counted = do.round if isinstance(do, j.Page) else 0
    return f.PageFailed(
        level=do.level,
        round=counted,
        person=do.person,
        method=do.method,
        why=failed.why,
        permanent=failed.permanent,
    )
