"""Load, decide, commit. The only place that turns decisions into facts."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple, TypeVar

import msgspec

from tocsin.answers import Now, answer
from tocsin.clock import Clock
from tocsin.communication.public import public_incident
from tocsin.communication.status_page import publishable, shown_severities
from tocsin.detection.alert import Alert, AlertState, Seen
from tocsin.detection.changes import LOOKED_BACK, ChangeEvent, change_event, id_of
from tocsin.detection.heartbeats import HEARTBEAT
from tocsin.detection.pagerduty import Change
from tocsin.detection.reports import SOURCE, Reports
from tocsin.engine.appending import Appended, append, append_due, facts_of
from tocsin.engine.chance import Chance
from tocsin.engine.changes import Changes, due_next
from tocsin.engine.intake import Intake
from tocsin.engine.line import Place
from tocsin.engine.measures import Measures
from tocsin.engine.memory import Memory
from tocsin.engine.once import Once
from tocsin.engine.ports import Store
from tocsin.engine.test_pages import TestPages
from tocsin.engine.worlds import Worlds
from tocsin.errors import CommitUnknown, Conflict, NotFound, StoreUnavailable
from tocsin.grouping.checking import is_asked, turning
from tocsin.grouping.depending import has_dependencies
from tocsin.incident.chain import micros
from tocsin.incident.facts import Fact, FactBody, Opened, Reopened
from tocsin.incident.incident import Incident
from tocsin.incident.jobs import Claimed, Job, Page
from tocsin.incident.view import IncidentView, view
from tocsin.incident.wishes import Reopen, Wish
from tocsin.lifecycle import World, jobs_for, seen_of
from tocsin.store import transactions as t
from tocsin.store.change_events import beside, changes_between, put_change
from tocsin.store.ending import Ended, commit_turns
from tocsin.store.expecting import lapse
from tocsin.store.readings import alert_state, alert_states, open_views

log = logging.getLogger("tocsin.engine")


_MOST_CHANGES = 5
_UNCOUNTED = 2
"""Attempts of a page whose row cannot be read: there may have been one before."""


@dataclass(frozen=True)
class Loaded:
    """A timeline understood: the incident, its alert, and the world it is decided in.

    `wanted` is what it wants done, where that is known already.
    """

    timeline: t.Timeline
    facts: tuple[Fact, ...]
    incident: Incident | None
    world: World
    wanted: tuple[Job, ...] | None = None

    @property
    def alert(self) -> AlertState | None:
        """Give what is known of the group's alert."""
        return self.timeline.alert

    @property
    def alerts(self) -> tuple[AlertState, ...]:
        """Give what is known of all alerts that are part of the incident."""
        return (*((self.alert,) if self.alert else ()), *self.timeline.others)

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """Give what the incident wants done; it is asked for when a page is checked and again when it is written."""
        if self.wanted is not None:
            return self.wanted
        return jobs_for(self.incident, self.world) if self.incident else ()


class Understood(NamedTuple):
    """What a list needs of an incident: all but its rows and its alert."""

    facts: tuple[Fact, ...]
    incident: Incident | None
    world: World


class Part(NamedTuple):
    """Facts of one incident that are committed with those of others. `leave`: from which one its new alerts come."""

    loaded: Loaded
    bodies: tuple[FactBody, ...]
    leave: str = ""


class Grown(NamedTuple):
    """An incident as it was loaded, and as turns let it become."""

    loaded: Loaded
    after: Appended


T = TypeVar("T")
Decide = Callable[[Loaded, datetime], tuple[FactBody, ...]]


class Engine:
    """Commits what is decided; one per process, any number per database."""

    def __init__(
        self, store: Store, clock: Clock, worlds: Worlds, chance: Chance | None = None, changes: Changes | None = None
    ) -> None:
        """Take the store, the only clock, and the worlds decisions look at."""
        self.store = store
        self.clock = clock
        self.worlds = worlds
        self.chance = chance or Chance()
        self.changes = changes or Changes()
        self.measures = Measures()
        self.intake = Intake(store, clock, self.changes, self.measures)
        self.unconfirmed = ""
        """What is remembered of a restore, until a person confirms it: until then nobody is paged."""
        self._memory = Memory()
        self.opened = 0
        """The place of the latest incident that was opened here."""
        self.test_pages = TestPages(store, clock, self.changes)
        self.once = Once(store, clock)

    async def ingest(self, alerts: Sequence[Alert]) -> None:
        """Take alerts in: they are on disk, with the turns they ask for, when this returns."""
        await self.intake.take(alerts)

    async def take_change(self, change: Change, source: str) -> None:
        """Remember a change of the systems watched; it is on disk when this returns."""
        now = self.clock.now()
        kept = change_event(change, source, now)
        await self.store.write(put_change(id_of(change, source, now), kept, now))
        self.changes.tell()  # pages of incidents show it; nothing is due that was not

    async def changes_before(self, incident: Incident) -> tuple[ChangeEvent, ...]:
        """Give the latest changes from a day before an incident opened until it was over, newest first."""
        return await self.store.read(changes_between(*self._around(incident), _MOST_CHANGES))

    async def beside(self, incident: Incident) -> tuple[tuple[t.Receipt, ...], tuple[ChangeEvent, ...]]:
        """Give the attempts made for an incident, oldest first, and `changes_before` it, with one look."""
        return await self.store.read(beside(incident.number, *self._around(incident), _MOST_CHANGES))

    def _around(self, incident: Incident) -> tuple[datetime, datetime]:
        """Give from when to when a change is shown with an incident."""
        until = incident.resolved.at if incident.resolved else max(self.clock.now(), incident.at)
        return incident.opened_at - LOOKED_BACK, until

    async def lapse(self, held: Claimed, group_key: str) -> None:
        """Take in what silence means for a group of a claimed Expect."""
        source = self.worlds.settings.sources.get(group_key.partition("/")[0])
        awaited = source is not None and source.kind == HEARTBEAT
        await self.store.write(lapse(held, group_key, self.clock.now(), awaited=awaited))
        self.changes.announce()

    async def _with_checks(self, loaded: Loaded, bodies: tuple[FactBody, ...], now: datetime) -> tuple[FactBody, ...]:
        """Give the facts that begin an incident, with the checks of its entry that are bad already."""
        first, before = bodies[0] if bodies else None, loaded.incident
        if isinstance(first, Opened):
            before, entry, world = None, first.incident_type, self.worlds.current
        elif isinstance(first, Reopened) and before is not None:
            entry, world = before.incident_type, loaded.world
        else:
            return bodies
        asked = is_asked(entry, world)
        if not asked:
            return bodies
        after, _ = append(before, bodies, now, lambda: b"")
        if after.status == "resolved":
            return bodies
        states = await self.store.read(alert_states(asked))
        return (*bodies, *turning(after, states, world, now).facts)

    async def open_views(self) -> tuple[IncidentView, ...]:
        """Give what is open, where entries depend on each other; nothing where nobody asks."""
        return await self.store.read(open_views()) if has_dependencies(self.worlds.settings) else ()

    async def reports(self, incident: Incident) -> Reports | None:
        """Give what people reported of the entry of an incident, or in its own group; None where nobody did."""
        group = incident.group_key if incident.group_key.startswith(f"{SOURCE}/") else None
        key = group or (f"{SOURCE}/{incident.incident_type}" if incident.incident_type else None)
        state = await self.store.read(alert_state(key)) if key else None
        return state.reports if state else None

    async def act(self, number: str, wish: Wish, viewer: t.Viewer) -> Incident:
        """Do what somebody wants of an incident and give it as it then is. Raises NotFound, Refused, UsageError."""
        elsewhere = await self._elsewhere(number, viewer) if isinstance(wish, Reopen) else {}

        def decided(loaded: Loaded, now: datetime) -> tuple[FactBody, ...]:
            if loaded.incident is None:
                return ()
            seen = loaded.alert.seen if loaded.alert else Seen()
            alert = loaded.alert.alert if loaded.alert else None
            others = elsewhere | seen_of(loaded.timeline.others)
            return answer(loaded.incident, wish, loaded.world, Now(now, seen, alert, others))

        return await self.settle(number, decided, None, viewer=viewer)

    async def _elsewhere(self, number: str, viewer: t.Viewer) -> dict[str, Seen]:
        """Give what is known of the other alerts that were part of an incident, also where they went to newer ones.

        They may come back with it, and an end of before is no reason to close what a person reopened.
        """
        incident = (await self.load(number, viewer)).incident
        return seen_of(await self.store.read(alert_states(incident.others))) if incident else {}

    async def settle(
        self,
        number: str,
        decided: Decide,
        held: Claimed | None,
        *,
        receipts: tuple[t.Receipt, ...] = (),
        viewer: t.Viewer = t.SYSTEM,
        known: Loaded | None = None,
    ) -> Incident:
        """Append what `decided` gives for the incident as it is at that moment, deciding again on every conflict.

        `known` is what the caller loaded a moment ago: if nothing was committed since, it need not be read again.
        """
        while True:
            loaded, known = known or await self.load(number, viewer), None
            now = self.now(loaded)
            bodies = decided(loaded, now)
            if not bodies and held is None and loaded.incident is not None:
                return loaded.incident
            after = await self.commit(loaded, bodies, held, now, receipts)
            if after is not None:
                return after

    async def mend(self, number: str) -> None:
        """Let an incident wait for what its facts ask for, whatever waits now. Raises NotFound."""
        while True:
            loaded = await self.load(number)
            if await self.commit(loaded, (), None, self.now(loaded)) is not None:
                return

    async def record(self, known: Loaded, decided: Decide, held: Claimed, receipts: tuple[t.Receipt, ...] = ()) -> None:
        """Settle what was done outside: done is done, so while the store cannot be used only telling it is repeated.

        `known` is the incident the deed was done for, as it was then.
        """
        unsure: set[str] = set()

        def once(loaded: Loaded, now: datetime) -> tuple[FactBody, ...]:
            kept = any(row.hash in unsure for row in loaded.timeline.rows)
            return () if kept else decided(loaded, now)

        while True:
            try:
                await self.settle(held.job.owner, once, held, receipts=receipts, known=known)
            except CommitUnknown as error:
                log.warning("%s is done, and whether that was recorded is looked up: %s", held.job.key, error)
                unsure.add(error.head)
                await asyncio.sleep(1)
            except StoreUnavailable:
                log.exception("%s is done and waits to be recorded", held.job.key)
                await asyncio.sleep(1)
            else:
                return

    async def load(self, number: str, viewer: t.Viewer = t.SYSTEM) -> Loaded:
        """Give an incident this viewer may see. Raises NotFound."""
        timeline = await self.store.read(t.load_incident(number, viewer))
        if timeline is None:
            raise NotFound(f"there is no incident {number}")
        return await self.understand(timeline)

    async def recall(self, number: str, head: str, viewer: t.Viewer) -> Understood:
        """Give an incident of a list whose latest fact has that hash, from memory where it can. Raises NotFound."""
        known = self._memory.recall(number, head)
        if known is None:
            loaded = await self.load(number, viewer)
            return Understood(loaded.facts, loaded.incident, loaded.world)
        facts, incident = known
        return Understood(facts, incident, await self.worlds.of(incident.runbook if incident else None))

    async def understand(self, timeline: t.Timeline) -> Loaded:
        """Give what a loaded timeline means, in the world it is pinned to. Raises UnknownFact of a newer version."""
        facts, incident = self._memory.understand(timeline.number, timeline.rows)
        world = await self.worlds.of(incident.runbook if incident else None)
        return Loaded(timeline, facts, incident, world, self._memory.wanted(incident, world))

    def pages_in_mind(self, now: datetime) -> Iterator[tuple[Claimed, Loaded]]:
        """Give the pages that are due by what this process remembers: for the time nobody answers for the store."""
        for facts, incident in self._memory.open():
            world = self.worlds.at_hand(incident.runbook)
            if world is None:
                continue
            loaded = Loaded(t.Timeline(incident.number, 0, (), None), facts, incident, world)
            for job in loaded.jobs:
                if isinstance(job.do, Page) and job.due <= now:
                    yield Claimed(job=job, token="", attempts=_UNCOUNTED, generation=0), loaded

    @staticmethod
    def number(ordinal: int, now: datetime) -> str:
        """Give what the incident of that place is called."""
        return f"INC-{now.astimezone(UTC).year}-{ordinal:04d}"

    def now(self, loaded: Loaded) -> datetime:
        """Read the clock once for a turn; never earlier than what is recorded."""
        now = self.clock.now()
        return max(now, loaded.incident.at) if loaded.incident else now

    async def commit(
        self,
        loaded: Loaded,
        bodies: tuple[FactBody, ...],
        held: Claimed | None,
        now: datetime,
        receipts: tuple[t.Receipt, ...] = (),
        *,
        again: datetime | None = None,
        place: Place | None = None,
    ) -> Incident | None:
        """Commit facts and jobs; None when somebody else was first. `place` in line is left where others can follow."""
        bodies = await self._with_checks(loaded, bodies, now)
        after = await self.append(loaded.incident, bodies, now)
        change, incident = self._change(loaded, after, held, now), after.incident
        due = due_next(change, now)
        if self.store.in_order:  # who takes jobs, or decides next, gets into line behind this commit
            if due is None:
                self.changes.ask()
            if place is not None:
                place.leave()
        try:
            await self.store.write(t.commit(change._replace(receipts=receipts, again=again)))
        except Conflict:
            return None
        except CommitUnknown as error:
            error.head = change.facts[-1].hash if change.facts else ""
            if not await self._is_kept(incident.number, error.head):
                raise
        self._committed(loaded, after, change, held, now)
        if due is None and not self.store.in_order:
            self.changes.ask()
        self.changes.tell(due)
        log.debug("%s decided in runbook %s", incident.number, after.world.runbook.sha256)
        return incident

    async def commit_together(self, parts: Sequence[Part], now: datetime) -> tuple[Incident, ...] | None:
        """Commit facts of several incidents, all or none, and look at their alerts again; None: somebody was first."""
        parts = [one._replace(bodies=await self._with_checks(one.loaded, one.bodies, now)) for one in parts]
        appended = [await self.append(part.loaded.incident, part.bodies, now) for part in parts]
        changes = [
            self._change(part.loaded, after, None, now)._replace(leave=part.leave)
            for part, after in zip(parts, appended, strict=True)
        ]
        try:
            await self.store.write(t.commit_together(tuple(changes), look=True))
        except Conflict:
            return None
        except CommitUnknown as error:
            if not await self._is_kept(changes[0].head.number, changes[0].facts[-1].hash):
                raise
            log.debug("kept although the answer was lost: %s", error)
        for part, after, change in zip(parts, appended, changes, strict=True):
            self._committed(part.loaded, after, change, None, now)
        self.changes.announce()
        return tuple(after.incident for after in appended)

    async def commit_turns(self, grown: Sequence[Grown], ended: Sequence[Ended], now: datetime, place: Place) -> None:
        """Commit what several turns decided, all or none. Raises Conflict, and Refused, where somebody was first."""
        changes = [self._change(one.loaded, one.after, None, max(now, one.after.incident.at)) for one in grown]
        if self.store.in_order:
            self.changes.ask()
            place.leave()
        try:
            await self.store.write(commit_turns(changes, ended, now))
        except CommitUnknown:
            heads = [(change.head.number, change.facts[-1].hash) for change in changes if change.facts]
            if not heads or not await self._is_kept(*heads[0]):
                raise
        for one, change in zip(grown, changes, strict=True):
            self._committed(one.loaded, one.after, change, None, now)
        if not self.store.in_order:
            self.changes.ask()
        self.changes.tell()

    def _committed(
        self, loaded: Loaded, after: Appended, change: t.Change, held: Claimed | None, now: datetime
    ) -> None:
        """Remember, count and tell what was committed."""
        incident, before = after.incident, loaded.facts if change.rev else ()
        self._memory.learn(incident, (*before, *facts_of(after.rows, after.bodies)))
        self.opened = max(self.opened, 0 if change.rev else change.head.ordinal)
        self.measures.recorded(incident, after.bodies, held, now)
        for row, body in zip(after.rows, after.bodies, strict=True):
            log.info("%s #%d %s by %s head %s", incident.number, row.seq, row.kind, body.by, row.hash)

    async def _is_kept(self, number: str, head: str) -> bool:
        """Look whether a commit was kept whose answer was lost; False also while nobody can tell."""
        with suppress(StoreUnavailable):
            return any(row.hash == head for row in await self.store.read(t.all_facts(number)))
        return False

    async def append(self, before: Incident | None, bodies: tuple[FactBody, ...], now: datetime) -> Appended:
        """Give an incident with these facts, and with what follows at once: who is called needs no turn of its own."""
        opens = bool(bodies) and isinstance(bodies[0], Opened)
        incident, rows = append(None if opens else before, bodies, now, self.chance.salt)
        # A reopened incident is pinned to the version it opened with, as the open one was.
        world = self.worlds.current if opens else await self.worlds.of(incident.runbook)
        if self.unconfirmed:  # nobody is called before a person confirms the restore
            return Appended(incident, rows, bodies, world, jobs_for(incident, world))
        after = append_due(incident, world, now, self.chance.salt)
        return after._replace(rows=(*rows, *after.rows), bodies=(*bodies, *after.bodies))

    def _change(self, loaded: Loaded, after: Appended, held: Claimed | None, now: datetime) -> t.Change:
        """Give what is committed for an incident that was loaded, and is like that now."""
        incident, rows, bodies, world, jobs = after
        opens = bool(bodies) and isinstance(bodies[0], Opened)
        self._memory.want(incident, world, jobs)
        timeline = loaded.timeline
        head = t.Head(
            number=incident.number,
            ordinal=timeline.next_ordinal,
            group_key=incident.group_key,
            open=incident.status != "resolved",
            restricted=incident.restricted,
            opened_at=micros(incident.opened_at),
            view=msgspec.json.encode(view(incident, jobs)),
            viewers=tuple(sorted(incident.concerned)) if incident.restricted else (),
            public=_public(incident, world),
            entry=incident.incident_type or "",
        )
        rev = 0 if opens else timeline.rev
        # The alert loaded with a group need not be that of the incident's own: counts go by their groups.
        counts = {state.alert.group_key: state.triggers for state in loaded.alerts}
        enters, returns = _members(None if opens else loaded.incident, incident)
        return t.Change(
            head,
            rev,
            rows,
            incident.seq,
            incident.hash,
            jobs,
            held,
            now=now,
            triggers=counts.pop(incident.group_key, 0),
            others=tuple(counts.items()),
            enters=enters,
            returns=returns,
            reopenings=timeline.reopenings,
        )


def _members(before: Incident | None, after: Incident) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the groups that become part of the incident, and those that come back with it."""
    known = before.groups if before else ()
    reopens = before is not None and before.status == "resolved" and after.status != "resolved"
    return tuple(group for group in after.groups if group not in known), known if reopens else ()


def _public(incident: Incident, world: World) -> bytes | None:
    """Give what the status page shows of an incident as JSON; None for one that never appears there."""
    page = world.settings.status_page
    if not incident.progress.public_updates or not publishable(incident, shown_severities(world.runbook, page)):
        return None
    return msgspec.json.encode(public_incident(incident, page.reopened))
