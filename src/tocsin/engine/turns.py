"""Turns: what is decided when an alert asks for its group to be looked at."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from tocsin.detection.alert import AlertState, Held
from tocsin.detection.conditions import entries_of
from tocsin.detection.reports import SOURCE
from tocsin.detection.watched import SOURCE as PROBE
from tocsin.engine.corrections import understood
from tocsin.engine.engine import Engine, Grown, Loaded, Part
from tocsin.engine.line import Line, Place
from tocsin.engine.sitting import Decided, Sitting
from tocsin.errors import Conflict, Overtaken, Refused, StoreUnavailable
from tocsin.grouping.checking import is_asked, turning
from tocsin.grouping.depending import has_dependencies
from tocsin.grouping.flapping import waits_for_quiet
from tocsin.grouping.holding import Begins, begins_of, holding
from tocsin.grouping.joining import Open, joining, may_join
from tocsin.incident.facts import AlertJoined, FactBody
from tocsin.incident.jobs import Claimed, Turn
from tocsin.incident.silence import Silence
from tocsin.lifecycle import MAX_ALERT_CHANGES, Alerts, New, decide, join
from tocsin.store import transactions as t
from tocsin.store.readings import (
    Asked,
    ForTurn,
    alert_states,
    load_for_turn,
    load_for_turns,
    load_joinable,
    open_of_type,
)
from tocsin.store.silences import hold, let_go

log = logging.getLogger("tocsin.engine")

T = TypeVar("T")

MOST_TOGETHER = 32
"""So many turns share a commit; more would make the first of them wait for the last."""

_STORM = 500
"""More alerts a second than turns can be taken by far: their incidents wait whatever is done. Who decides in a storm
rests for each time so many as long as the latest decision took."""

_LONGEST_REST = 1.0
"""In seconds, however many come."""

_A_MOMENT = 0.002
"""Two looks are no closer than that, in seconds, or one alert between them would be a storm."""


class _Waiting:
    """A turn in line: what was read with its claim, whether somebody decides for it, and how that went."""

    def __init__(self, held: Claimed, do: Turn, known: ForTurn | None, decided: "asyncio.Future[None]") -> None:
        self.held, self.do, self.known, self.decided = held, do, known, decided
        self.taken = False

    def end(self, error: Exception | None = None) -> None:
        """Tell who waits, once."""
        if self.decided.done():
            return
        if error is None:
            self.decided.set_result(None)
        else:
            self.decided.set_exception(error)
            self.decided.exception()  # who waited may have gone away


class Turns:
    """Takes turns of groups in order: each decides on what those before it committed, or commit together with it."""

    def __init__(self, engine: Engine) -> None:
        """Take what loads and commits."""
        self._engine = engine
        self._store, self._clock = engine.store, engine.clock
        self._worlds, self._changes = engine.worlds, engine.changes
        self._line = Line()
        self._waiting: list[_Waiting] = []
        self._took = 0.0
        """Seconds of the latest decision."""
        self._taken, self._looked = 0, self._clock.monotonic()
        """How many alerts had been stored before it, and when that was."""

    @property
    def turning(self) -> bool:
        """Give whether a turn is being taken: what is read for another one meanwhile is out of date when it is."""
        return self._line.busy

    async def take(self, held: Claimed, known: ForTurn | None = None) -> None:
        """Decide for the group of a claimed Turn; `known` is what was read together with the claim.

        Whoever is first in line decides for those behind it too.
        """
        do = held.job.do
        if not isinstance(do, Turn):
            raise TypeError(f"{held.job.key} is no Turn")
        # What was read before others decided, or before everything was built, is out of date.
        if not self._worlds.building.done:
            await self._worlds.building.wait()
            known = None
        one = _Waiting(held, do, None if self.turning else known, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        try:
            async with self._line.place() as place:
                await place.enter()
                if not one.taken:
                    await self._sit(place)
            await one.decided
        finally:
            if not one.taken:  # it was cancelled in line, and is given back
                self._waiting.remove(one)

    async def _sit(self, place: Place) -> None:
        """Decide for those who wait."""
        rested = await self._give_way()
        together, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        for one in together:
            one.taken = True
        began = self._clock.monotonic()
        try:
            alone = await self._share(together, place) if len(together) > 1 else together
            for one in alone:
                await self._settle(one, None if rested or len(together) > 1 else one.known, place)
        except StoreUnavailable as error:
            for one in together:
                one.end(error)
        finally:
            self._took = self._clock.monotonic() - began
            for one in together:  # only where this was cancelled
                one.end(StoreUnavailable("the server is ending"))

    async def _settle(self, one: "_Waiting", known: ForTurn | None, place: Place) -> None:
        """Decide one turn alone, and tell who waits for it how that went."""
        try:
            await place.enter()
            await self._turn(one.do, one.held, known, place)
        except Exception as error:  # noqa: BLE001  it is told to who waits
            one.end(error)
        else:
            one.end()

    async def _share(self, together: "list[_Waiting]", place: Place) -> "list[_Waiting]":
        """Decide turns together, and give those that are to be decided alone: all of them where anything is in the way.

        What nobody knows of yet, as a check that turned or a silence that begins, is told and held one by one.
        """
        try:
            # A turn whose lease was lost may have been claimed anew: it is decided once.
            first = {one.held.job.key: one for one in reversed(together)}
            mine = [one for one in together if first[one.held.job.key] is one and _may_share(one.do)]
            now, decided = await self._decided_together(mine)
            shared = [one for one in mine if one.held.job.key in decided]
            if len(shared) > 1:
                await self._commit_together([decided[one.held.job.key] for one in shared], now, place)
                for one in shared:
                    one.end()
        except (Conflict, Overtaken, Refused) as error:
            log.debug("%d turns are decided one by one: %s", len(together), error)
        except StoreUnavailable:
            raise
        except Exception:  # each is decided again alone, and whose fault it is raises there
            log.warning("%d turns are decided one by one", len(together), exc_info=True)
        return [one for one in together if not one.decided.done()]

    async def _decided_together(self, turns: "list[_Waiting]") -> tuple[datetime, dict[str, Decided]]:
        """Give by key what each of these groups' alerts makes true where others may follow on it, and when that was."""
        found, now = dict[str, Decided](), self._clock.now()
        if len(turns) < 2 or has_dependencies(self._worlds.settings):  # noqa: PLR2004  one alone shares nothing
            return now, found
        looks = await self._seen(load_for_turns([one.do.group_key for one in turns], now))
        now = self._clock.now()
        for one, (timeline, silences, corrected) in zip(turns, looks, strict=True):
            await asyncio.sleep(0)  # whoever wants an answer, or to be paged, does not wait for all of them
            loaded = await self._engine.understand(timeline)
            at = max(now, loaded.incident.at) if loaded.incident else now
            number = self._engine.number(timeline.next_ordinal, at)
            new = New(number, self._worlds.current, understood(corrected))
            bodies = _decided(loaded, new, at)
            begins = begins_of(loaded.incident, bodies, loaded.alert, new)
            if loaded.alert and not self._needs_more(loaded, loaded.alert, begins, silences, at):
                again = self._again(loaded, at)
                found[one.held.job.key] = Decided(one.held, loaded, loaded.alert, new, bodies, begins, again)
        return now, found

    def _needs_more(
        self,
        loaded: Loaded,
        alert: AlertState,
        begins: Begins | None,
        silences: tuple[Silence, ...],
        now: datetime,
    ) -> bool:
        """Give whether a turn is about more than its group: what checks measure, or a silence that holds, or held."""
        if alert.held_at(now):
            return True
        if begins is None:
            return False
        entries = {begins.entry, loaded.incident.incident_type if loaded.incident else None}
        asked = any(is_asked(entry, world) for entry in entries for world in (loaded.world, self._worlds.current))
        return bool(asked or (silences and holding(alert, begins, silences, now)))

    async def _commit_together(self, decided: list[Decided], now: datetime, place: Place) -> None:
        """Let each alert join what it belongs to, and commit what became of all of them. Raises Conflict, Refused."""
        within = self._worlds.settings.group_within
        asked = [
            Asked(one.begins.entry, one.alert.alert, now - within)
            for one in decided
            if one.begins and one.begins.entry and within
        ]
        joinable = [
            await self._engine.understand(timeline) for timeline in await self._store.read(load_joinable(asked))
        ]
        sitting = Sitting(self._engine, tuple(joinable), now)
        for one in decided:
            await sitting.decide(one)
            await asyncio.sleep(0)
        grown = [Grown(part.decided, part.after) for part in sitting.parts.values() if part.after]
        await self._engine.commit_turns(grown, sitting.ended, now, place)

    async def _give_way(self) -> bool:
        """Rest where alerts come in a storm, and give whether that was so.

        What is not stored yet may be lost with its sender, and what is stored waits for its turn in any case.
        """
        now, taken = self._clock.monotonic(), self._engine.intake.taken
        storms = (taken - self._taken) / (_STORM * max(now - self._looked, _A_MOMENT))
        self._taken, self._looked = taken, now
        if storms > 1:
            await asyncio.sleep(min(storms * self._took, _LONGEST_REST))
        return storms > 1

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
            begins = begins_of(loaded.incident, bodies, loaded.alert, new)
            what = holding(loaded.alert, begins, silences, now) if loaded.alert and begins and silences else None
            if what is not None:
                await self._hold(do.group_key, what, held, again, now)
                return
            if loaded.alert and loaded.alert.held_at(now):  # a person ended the silence, or it speaks of others
                await self._store.write(let_go(do.group_key, now))
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
        # Looked for after the number of a new one was read: who opens meanwhile takes it, and this turn decides again.
        for number in await self._store.read(open_of_type(begins.entry or "", alert.alert, now - within)):
            other = await self._engine.load(number)
            if other.incident is None:
                continue
            at = max(now, other.incident.at)
            # Its timeline names lines of the version that it is pinned to.
            one = Open(other.incident, other.alerts, other.world.runbook.incident_type(begins.entry))
            because = joining(one, alert, begins, within, at)
            if because is not None:
                facts = join(Alerts(alert, other.alerts), other.incident, because, other.world, at, last=own.incident)
                again = _first_of(self._again(own, at), waits)
                done = await self._engine.commit(other, facts, held, at, again=again, place=place)
                return True if done else None
        return False


def _may_share(do: Turn) -> bool:
    """Give whether a turn is only about its own group and what that may join."""
    return do.group_key.partition("/")[0] not in {PROBE, SOURCE}


def _first_of(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def _decided(loaded: Loaded, new: New, now: datetime) -> tuple[FactBody, ...]:
    if loaded.alert is None:
        return ()
    alerts = Alerts(loaded.alert, loaded.timeline.others)
    return decide(loaded.incident, alerts, loaded.world, new, now)
