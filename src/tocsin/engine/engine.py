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
from tocsin.detection.alert import Alert, AlertState, Held, Seen
from tocsin.detection.changes import LOOKED_BACK, ChangeEvent, change_event, id_of
from tocsin.detection.conditions import entries_of
from tocsin.detection.heartbeats import HEARTBEAT
from tocsin.detection.pagerduty import Change
from tocsin.detection.reports import SOURCE, Reports
from tocsin.detection.watched import SOURCE as PROBE
from tocsin.engine.appending import append, facts_of
from tocsin.engine.chance import Chance
from tocsin.engine.changes import Changes, due_next
from tocsin.engine.corrections import understood
from tocsin.engine.intake import Intake
from tocsin.engine.line import Line, Place
from tocsin.engine.measures import Measures
from tocsin.engine.memory import Memory
from tocsin.engine.once import Once
from tocsin.engine.ports import Store
from tocsin.engine.test_pages import TestPages
from tocsin.engine.worlds import Worlds
from tocsin.errors import CommitUnknown, Conflict, NotFound, Refused, StoreUnavailable
from tocsin.grouping.checking import is_asked, turning
from tocsin.grouping.depending import has_dependencies
from tocsin.grouping.flapping import waits_for_quiet
from tocsin.grouping.holding import Begins, holding
from tocsin.grouping.joining import Open, joining, may_join
from tocsin.incident.chain import micros
from tocsin.incident.facts import AlertJoined, Fact, FactBody, Opened, Reopened
from tocsin.incident.incident import Incident
from tocsin.incident.jobs import Claimed, Job, Page, Turn
from tocsin.incident.view import IncidentView, view
from tocsin.incident.wishes import Reopen, Wish
from tocsin.lifecycle import MAX_ALERT_CHANGES, Alerts, New, World, decide, jobs_for, join, seen_of
from tocsin.store import transactions as t
from tocsin.store.change_events import changes_between, put_change
from tocsin.store.expecting import lapse
from tocsin.store.readings import ForTurn, alert_state, alert_states, load_for_turn, open_of_type, open_views
from tocsin.store.silences import hold

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
        self._intake = Intake(store, clock, self.changes, self.measures)
        self.unconfirmed = ""
        """What is remembered of a restore, until a person confirms it: until then nobody is paged."""
        self._memory = Memory()
        self._opened = 0
        """The place of the latest incident that was opened here."""
        self._line = Line()
        self.test_pages = TestPages(store, clock, self.changes)
        self.once = Once(store, clock)

    async def ingest(self, alerts: Sequence[Alert]) -> None:
        """Take alerts in: they are on disk, with the turns they ask for, when this returns."""
        await self._intake.take(alerts)

    async def take_change(self, change: Change, source: str) -> None:
        """Remember a change of the systems watched; it is on disk when this returns."""
        now = self.clock.now()
        kept = change_event(change, source, now)
        await self.store.write(put_change(id_of(change, source, now), kept, now))

    async def changes_before(self, incident: Incident) -> tuple[ChangeEvent, ...]:
        """Give the latest changes from a day before an incident opened until it was over, newest first."""
        until = incident.resolved.at if incident.resolved else max(self.clock.now(), incident.at)
        since = incident.opened_at - LOOKED_BACK
        return await self.store.read(changes_between(since, until, _MOST_CHANGES))

    async def lapse(self, held: Claimed, group_key: str) -> None:
        """Take in what silence means for a group of a claimed Expect."""
        source = self.worlds.settings.sources.get(group_key.partition("/")[0])
        awaited = source is not None and source.kind == HEARTBEAT
        await self.store.write(lapse(held, group_key, self.clock.now(), awaited=awaited))
        self.changes.announce()

    @property
    def turning(self) -> bool:
        """Give whether a turn is being taken: what is read for another one meanwhile is out of date when it is."""
        return self._line.busy

    async def take_turn(self, held: Claimed, known: ForTurn | None = None) -> None:
        """Decide for the group of a claimed Turn; `known` is what was read together with the claim."""
        do = held.job.do
        if not isinstance(do, Turn):
            raise TypeError(f"{held.job.key} is no Turn")
        waits = self.turning
        async with self._line.place() as place:
            # What was read before others decided is out of date.
            await self._turn(do, held, None if waits else known, place)

    async def _turn(self, do: Turn, held: Claimed, known: ForTurn | None, place: Place) -> None:
        await place.enter()
        waits = await self._tell_of_check(do.group_key)
        follow: Place | None = place
        while True:
            await place.enter()  # it was left with a commit that lost
            # Where an incident was opened here meanwhile, a silence may have begun as well, or the alert be over.
            if known is None or (not known.timeline.open and known.timeline.next_ordinal <= self._opened):
                known = await self._seen(load_for_turn(do.group_key, self.clock.now()))
            (timeline, silences, corrected), known = known, None
            loaded = await self.understand(timeline)
            now = self._now(loaded)
            others = () if timeline.open else await self.open_views()
            corrections = understood(corrected)
            new = New(self.number(timeline.next_ordinal, now), self.worlds.current, corrections, others)
            bodies = () if await self._joins_another(loaded) else _decided(loaded, new, now)
            again = _first_of(self._again(loaded, now), waits)
            begins = _begins(loaded, bodies)
            what = holding(loaded.alert, begins, silences, now) if loaded.alert and begins and silences else None
            if what is not None:
                await self._hold(do.group_key, what, held, again, now)
                return
            joined = begins is not None and await self._joins_open(loaded, begins, held, waits, now, place=follow)
            if joined:
                return
            if joined is None:
                follow = None  # who lost once lets nobody past before it is done
                continue
            if not bodies and (loaded.incident is None or loaded.incident.status == "resolved"):
                await self.store.write(t.complete_turn(held, now, again))
                self.changes.ask()  # it was given back where it was asked for again meanwhile
                return
            with suppress(Refused):  # a person reopened an older one meanwhile: go on there
                if await self._commit(loaded, bodies, held, now, again=again, place=follow):
                    return
            follow = None

    async def _seen(self, reading: t.Transaction[T]) -> T:
        """Give what is read once everything is there that was asked to be written before."""
        return await (self.store.write(reading) if self.store.in_order else self.store.read(reading))

    async def _tell_of_check(self, group_key: str) -> datetime | None:
        """Tell the open incidents of the entries that a check measures what it says; give when to look again."""
        source, _, check = group_key.partition("/")
        if source != PROBE or not self.worlds.has_runbook:
            return None
        runbook, settings = self.worlds.current
        waits: datetime | None = None
        for entry in sorted(entries_of(check, runbook.incident_types, settings)):
            for number in await self._seen(open_of_type(entry)):
                waits = _first_of(waits, await self._tell(number))
        return waits

    async def _tell(self, number: str) -> datetime | None:
        """Record what the checks of an open incident's entry say anew; give when to look again.

        Its alerts are looked at again with that: they may be over already.
        """
        while True:
            known = await self.load(number)
            incident, now = known.incident, self._now(known)
            if incident is None or incident.status == "resolved":
                return None
            states = await self.store.read(alert_states(is_asked(incident.incident_type, known.world)))
            found = turning(incident, states, known.world, now)
            if not found.facts or await self.commit_together((Part(known, found.facts),), now):
                return found.again

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

    async def _hold(self, group_key: str, what: Held, held: Claimed, again: datetime | None, now: datetime) -> None:
        """Let a silenced alert wait: it is remembered, and looked at again when the silence ends."""
        if await self.store.write(hold(held, group_key, what, now, again)):
            named = "a restricted entry" if what.restricted else f"{group_key} ({what.severity})"
            log.warning("%s is held back until %s by %s", named, what.until.isoformat(), ", ".join(what.silences))
        self.changes.announce()

    async def _joins_another(self, loaded: Loaded) -> bool:
        """Give whether people report what an open incident of another source is about already; then it is told so."""
        alert = loaded.alert.alert if loaded.alert else None
        opens = loaded.incident is None or loaded.incident.status == "resolved"
        if alert is None or alert.source != SOURCE or alert.incident_type is None or not opens:
            return False
        others = await self.store.read(open_of_type(alert.incident_type))
        if not others:
            return False
        joined = AlertJoined(by=f"source:{SOURCE}", summary=alert.summary)

        def told(known: Loaded, _: datetime) -> tuple[FactBody, ...]:
            one = known.incident
            more = one is not None and one.status != "resolved" and one.alert_changes < MAX_ALERT_CHANGES
            return (joined,) if more else ()

        await self.settle(others[0], told, None)
        return True

    def _again(self, loaded: Loaded, now: datetime) -> datetime | None:
        """Give when the end of an alert that flaps has to be looked at again."""
        return waits_for_quiet(loaded.alert, self.worlds.settings, now) if loaded.alert else None

    async def _joins_open(
        self, own: Loaded, begins: Begins, held: Claimed, waits: datetime | None, now: datetime, *, place: Place | None
    ) -> bool | None:
        """Let an alert join an open incident of its entry instead of beginning one; None = somebody was first."""
        alert, current = own.alert, self.worlds.current
        within = current.settings.group_within
        if alert is None or not within or not may_join(alert, begins):
            return False
        entry = current.runbook.incident_type(begins.entry)
        # Looked for after the number of a new one was read: who opens meanwhile takes it, and this turn decides again.
        for number in await self.store.read(open_of_type(begins.entry or "", alert.alert, now - within)):
            other = await self.load(number)
            if other.incident is None:
                continue
            at = max(now, other.incident.at)
            one = Open(other.incident, other.alerts, entry)
            because = joining(one, alert, begins, within, at)
            if because is not None:
                facts = join(Alerts(alert, other.alerts), other.incident, because, other.world, at)
                again = _first_of(self._again(own, at), waits)
                done = await self._commit(other, facts, held, at, again=again, place=place)
                return True if done else None
        return False

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
            now = self._now(loaded)
            bodies = decided(loaded, now)
            if not bodies and held is None and loaded.incident is not None:
                return loaded.incident
            after = await self._commit(loaded, bodies, held, now, receipts)
            if after is not None:
                return after

    async def mend(self, number: str) -> None:
        """Let an incident wait for what its facts ask for, whatever waits now. Raises NotFound."""
        while True:
            loaded = await self.load(number)
            if await self._commit(loaded, (), None, self._now(loaded)) is not None:
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

    def _now(self, loaded: Loaded) -> datetime:
        """Read the clock once for a turn; never earlier than what is recorded."""
        now = self.clock.now()
        return max(now, loaded.incident.at) if loaded.incident else now

    async def _commit(
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
        change, incident, world = await self._change(loaded, bodies, held, now)
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
        self._committed(Part(loaded, bodies), change, incident, held, now)
        if due is None and not self.store.in_order:
            self.changes.ask()
        self.changes.tell(due)
        log.debug("%s decided in runbook %s", incident.number, world.runbook.sha256)
        return incident

    async def commit_together(self, parts: Sequence[Part], now: datetime) -> tuple[Incident, ...] | None:
        """Commit facts of several incidents, all or none, and look at their alerts again; None: somebody was first."""
        parts = [one._replace(bodies=await self._with_checks(one.loaded, one.bodies, now)) for one in parts]
        changes, incidents = [], []
        for part in parts:
            change, incident, _ = await self._change(part.loaded, part.bodies, None, now)
            changes.append(change._replace(leave=part.leave))
            incidents.append(incident)
        try:
            await self.store.write(t.commit_together(tuple(changes), look=True))
        except Conflict:
            return None
        except CommitUnknown as error:
            if not await self._is_kept(incidents[0].number, changes[0].facts[-1].hash):
                raise
            log.debug("kept although the answer was lost: %s", error)
        for part, change, incident in zip(parts, changes, incidents, strict=True):
            self._committed(part, change, incident, None, now)
        self.changes.announce()
        return tuple(incidents)

    def _committed(self, part: Part, change: t.Change, incident: Incident, held: Claimed | None, now: datetime) -> None:
        """Remember, count and tell what was committed."""
        before = part.loaded.facts if change.rev else ()
        self._memory.learn(incident, (*before, *facts_of(change.facts, part.bodies)))
        self._opened = max(self._opened, 0 if change.rev else change.head.ordinal)
        self.measures.recorded(incident, part.bodies, held, now)
        for row, body in zip(change.facts, part.bodies, strict=True):
            log.info("%s #%d %s by %s head %s", incident.number, row.seq, row.kind, body.by, row.hash)

    async def _is_kept(self, number: str, head: str) -> bool:
        """Look whether a commit was kept whose answer was lost; False also while nobody can tell."""
        with suppress(StoreUnavailable):
            return any(row.hash == head for row in await self.store.read(t.all_facts(number)))
        return False

    async def _change(
        self, loaded: Loaded, bodies: tuple[FactBody, ...], held: Claimed | None, now: datetime
    ) -> tuple[t.Change, Incident, World]:
        opens = bool(bodies) and isinstance(bodies[0], Opened)
        before = None if opens else loaded.incident
        incident, rows = append(before, bodies, now, self.chance.salt)
        # A reopened incident is pinned to the version it opened with, as the open one was.
        world = self.worlds.current if opens else await self.worlds.of(incident.runbook)
        jobs = jobs_for(incident, world)
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
        enters, returns = _members(before, incident)
        change = t.Change(
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
        return change, incident, world


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


def _begins(loaded: Loaded, bodies: tuple[FactBody, ...]) -> Begins | None:
    """Give what these facts would begin, or None when they begin nothing."""
    first, incident = bodies[0] if bodies else None, loaded.incident
    if isinstance(first, Opened):
        return Begins(first.incident_type, first.severity, first.restricted)
    if isinstance(first, Reopened) and incident is not None:
        return Begins(incident.incident_type, incident.severity, incident.restricted)
    return None


def _first_of(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def _decided(loaded: Loaded, new: New, now: datetime) -> tuple[FactBody, ...]:
    if loaded.alert is None:
        return ()
    alerts = Alerts(loaded.alert, loaded.timeline.others)
    return decide(loaded.incident, alerts, loaded.world, new, now)
