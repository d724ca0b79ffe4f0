"""Turns: what is decided when an alert asks for its group to be looked at."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from tocsin.detection.alert import Held
from tocsin.detection.conditions import entries_of
from tocsin.detection.reports import SOURCE
from tocsin.detection.watched import SOURCE as PROBE
from tocsin.engine.corrections import understood
from tocsin.engine.engine import Engine, Loaded, Part
from tocsin.engine.line import Line, Place
from tocsin.errors import Refused
from tocsin.grouping.checking import is_asked, turning
from tocsin.grouping.flapping import waits_for_quiet
from tocsin.grouping.holding import Begins, holding
from tocsin.grouping.joining import Open, joining, may_join
from tocsin.incident.facts import AlertJoined, FactBody, Opened, Reopened
from tocsin.incident.jobs import Claimed, Turn
from tocsin.lifecycle import MAX_ALERT_CHANGES, Alerts, New, decide, join
from tocsin.store import transactions as t
from tocsin.store.readings import ForTurn, alert_states, load_for_turn, open_of_type
from tocsin.store.silences import hold

log = logging.getLogger("tocsin.engine")

T = TypeVar("T")

_STORM = 500
"""More alerts a second than turns can be taken by far: their incidents wait whatever is done."""


class Turns:
    """Takes turns of groups, one after the other: each decides on what the one before it committed."""

    def __init__(self, engine: Engine) -> None:
        """Take what loads and commits."""
        self._engine = engine
        self._store, self._clock, self._worlds, self._changes = (
            engine.store,
            engine.clock,
            engine.worlds,
            engine.changes,
        )
        self._line = Line()
        self._took = 0.0
        """Seconds of the latest turn."""
        self._taken = 0
        """How many alerts had been stored before it, and when that was."""
        self._looked = self._clock.monotonic()

    @property
    def turning(self) -> bool:
        """Give whether a turn is being taken: what is read for another one meanwhile is out of date when it is."""
        return self._line.busy

    async def take(self, held: Claimed, known: ForTurn | None = None) -> None:
        """Decide for the group of a claimed Turn; `known` is what was read together with the claim."""
        do = held.job.do
        if not isinstance(do, Turn):
            raise TypeError(f"{held.job.key} is no Turn")
        waits = self.turning
        async with self._line.place() as place:
            await place.enter()
            waits = await self._give_way() or waits
            began = self._clock.monotonic()
            try:
                # What was read before others decided is out of date.
                await self._turn(do, held, None if waits else known, place)
            finally:
                self._took = self._clock.monotonic() - began

    async def _give_way(self) -> bool:
        """Rest for as long as the latest turn took, where alerts come in a storm; give whether that was so.

        What is not stored yet may be lost with its sender, so neither has the interpreter for itself.
        """
        now, taken = self._clock.monotonic(), self._engine.intake.taken
        storm = taken - self._taken > _STORM * (now - self._looked)
        self._taken, self._looked = taken, now
        if storm:
            await asyncio.sleep(self._took)
        return storm

    async def _turn(self, do: Turn, held: Claimed, known: ForTurn | None, place: Place) -> None:
        waits = await self._tell_of_check(do.group_key)
        follow: Place | None = place
        while True:
            await place.enter()  # it was left with a commit that lost
            # Where an incident was opened here meanwhile, a silence may have begun as well, or the alert be over.
            if known is None or (not known.timeline.open and known.timeline.next_ordinal <= self._engine.opened):
                known = await self._seen(load_for_turn(do.group_key, self._clock.now()))
            (timeline, silences, corrected), known = known, None
            loaded = await self._engine.understand(timeline)
            now = self._engine.now(loaded)
            others = () if timeline.open else await self._engine.open_views()
            corrections = understood(corrected)
            new = New(self._engine.number(timeline.next_ordinal, now), self._worlds.current, corrections, others)
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
                await self._store.write(t.complete_turn(held, now, again))
                self._changes.ask()  # it was given back where it was asked for again meanwhile
                return
            with suppress(Refused):  # a person reopened an older one meanwhile: go on there
                if await self._engine.commit(loaded, bodies, held, now, again=again, place=follow):
                    return
            follow = None

    async def _seen(self, reading: t.Transaction[T]) -> T:
        """Give what is read once everything is there that was asked to be written before."""
        return await (self._store.write(reading) if self._store.in_order else self._store.read(reading))

    async def _tell_of_check(self, group_key: str) -> datetime | None:
        """Tell the open incidents of the entries that a check measures what it says; give when to look again."""
        source, _, check = group_key.partition("/")
        if source != PROBE or not self._worlds.has_runbook:
            return None
        runbook, settings = self._worlds.current
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
            known = await self._engine.load(number)
            incident, now = known.incident, self._engine.now(known)
            if incident is None or incident.status == "resolved":
                return None
            states = await self._store.read(alert_states(is_asked(incident.incident_type, known.world)))
            found = turning(incident, states, known.world, now)
            if not found.facts or await self._engine.commit_together((Part(known, found.facts),), now):
                return found.again

    async def _hold(self, group_key: str, what: Held, held: Claimed, again: datetime | None, now: datetime) -> None:
        """Let a silenced alert wait: it is remembered, and looked at again when the silence ends."""
        if await self._store.write(hold(held, group_key, what, now, again)):
            named = "a restricted entry" if what.restricted else f"{group_key} ({what.severity})"
            log.warning("%s is held back until %s by %s", named, what.until.isoformat(), ", ".join(what.silences))
        self._changes.announce()

    async def _joins_another(self, loaded: Loaded) -> bool:
        """Give whether people report what an open incident of another source is about already; then it is told so."""
        alert = loaded.alert.alert if loaded.alert else None
        opens = loaded.incident is None or loaded.incident.status == "resolved"
        if alert is None or alert.source != SOURCE or alert.incident_type is None or not opens:
            return False
        others = await self._store.read(open_of_type(alert.incident_type))
        if not others:
            return False
        joined = AlertJoined(by=f"source:{SOURCE}", summary=alert.summary)

        def told(known: Loaded, _: datetime) -> tuple[FactBody, ...]:
            one = known.incident
            more = one is not None and one.status != "resolved" and one.alert_changes < MAX_ALERT_CHANGES
            return (joined,) if more else ()

        await self._engine.settle(others[0], told, None)
        return True

    def _again(self, loaded: Loaded, now: datetime) -> datetime | None:
        """Give when the end of an alert that flaps has to be looked at again."""
        return waits_for_quiet(loaded.alert, self._worlds.settings, now) if loaded.alert else None

    async def _joins_open(
        self, own: Loaded, begins: Begins, held: Claimed, waits: datetime | None, now: datetime, *, place: Place | None
    ) -> bool | None:
        """Let an alert join an open incident of its entry instead of beginning one; None = somebody was first."""
        alert, current = own.alert, self._worlds.current
        within = current.settings.group_within
        if alert is None or not within or not may_join(alert, begins):
            return False
        entry = current.runbook.incident_type(begins.entry)
        # Looked for after the number of a new one was read: who opens meanwhile takes it, and this turn decides again.
        for number in await self._store.read(open_of_type(begins.entry or "", alert.alert, now - within)):
            other = await self._engine.load(number)
            if other.incident is None:
                continue
            at = max(now, other.incident.at)
            one = Open(other.incident, other.alerts, entry)
            because = joining(one, alert, begins, within, at)
            if because is not None:
                facts = join(Alerts(alert, other.alerts), other.incident, because, other.world, at)
                again = _first_of(self._again(own, at), waits)
                done = await self._engine.commit(other, facts, held, at, again=again, place=place)
                return True if done else None
        return False


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
