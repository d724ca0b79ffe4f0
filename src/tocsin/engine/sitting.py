"""What turns decide one after the other in memory, to be committed together: each decides on what those before it did.

An incident is the same afterwards as if each of its turns had been committed alone.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import msgspec

from tocsin.detection.alert import AlertState
from tocsin.engine.appending import Appended
from tocsin.engine.engine import Engine, Loaded
from tocsin.errors import Conflict
from tocsin.grouping.holding import Begins, begins_of
from tocsin.grouping.joining import Open, joining, may_join
from tocsin.incident.facts import FactBody, Opened
from tocsin.incident.incident import Incident
from tocsin.incident.jobs import Claimed
from tocsin.lifecycle import Alerts, New, World, decide, join
from tocsin.store.ending import Ended


class Decided(NamedTuple):
    """What a turn's alert makes true by itself, before it is known whether it joins an incident of others instead.

    `new` is what an incident would open with, `again` when the turn has to be taken again.
    """

    held: Claimed
    loaded: Loaded
    alert: AlertState
    new: New
    bodies: tuple[FactBody, ...]
    begins: Begins | None
    again: datetime | None


@dataclass
class Part:
    """An incident that these turns change, as it was stored and as it is after those decided by now."""

    loaded: Loaded
    after: Appended | None = None
    heard: dict[str, AlertState] = field(default_factory=dict)
    """Its alerts as the decisions knew them: where two differ, the one with fewer events."""

    def at(self, now: datetime) -> datetime:
        """Give the instant of what is decided of it: never earlier than what is recorded."""
        return max(now, self.incident.at) if self.incident else now

    @property
    def incident(self) -> Incident | None:
        """Give the incident as it is now."""
        return self.after.incident if self.after else self.loaded.incident

    @property
    def world(self) -> World:
        """Give the world it is pinned to."""
        return self.after.world if self.after else self.loaded.world

    @property
    def alerts(self) -> tuple[AlertState, ...]:
        """Give its alerts, those that joined meanwhile too."""
        return tuple(({state.alert.group_key: state for state in self.loaded.alerts} | self.heard).values())

    def hear(self, *states: AlertState) -> None:
        """Remember what a decision knew of alerts."""
        for state in states:
            known = self.heard.get(state.alert.group_key)
            if known is None or state.triggers < known.triggers:
                self.heard[state.alert.group_key] = state

    @property
    def decided(self) -> Loaded:
        """Give what was loaded, with the alerts as they were decided on: nothing may end over an event after that."""
        own = self.loaded.alert.alert.group_key if self.loaded.alert else ""
        states = {state.alert.group_key: state for state in self.alerts}
        alert = states.pop(own, None)
        return replace(self.loaded, timeline=self.loaded.timeline._replace(alert=alert, others=tuple(states.values())))


class Sitting:
    """The turns decided at one instant."""

    def __init__(self, engine: Engine, joinable: tuple[Loaded, ...], now: datetime) -> None:
        """Take the open incidents that alerts may join, in any order. What was decided by now was so at `now`."""
        self._engine, self._worlds, self._now = engine, engine.worlds, now
        self.parts: dict[str, Part] = {one.incident.number: Part(one) for one in joinable if one.incident}
        self.ended: list[Ended] = []
        self._opened = 0

    async def decide(self, one: Decided) -> None:
        """Decide one turn. Raises Conflict where an incident was committed to while these were loaded."""
        part, alert = self._own(one.loaded), one.alert
        part.hear(*one.loaded.alerts)
        if part.after is not None:  # others came before it
            others = tuple(state for state in part.alerts if state.alert.group_key != alert.alert.group_key)
            bodies = decide(part.incident, Alerts(alert, others), one.loaded.world, one.new, part.at(self._now))
            # Whether it is silenced was asked for another beginning.
            if begins_of(part.incident, bodies, alert, one.new):
                raise Conflict(f"{alert.alert.group_key} begins behind others of its incident")
            await self._append(part, bodies)
        elif one.begins is None or not await self._joins(one, one.begins):
            await self._append(part, one.bodies)
        self.ended.append(Ended(one.held, one.again))

    def _own(self, loaded: Loaded) -> Part:
        """Give the incident of a turn's own group: the one it has, or a place for the one it opens."""
        number = loaded.incident.number if loaded.incident else ""
        part = self.parts.get(number)
        if part is None:
            return Part(loaded)
        if part.loaded.timeline.rev != loaded.timeline.rev:
            raise Conflict(f"{number} moved on")
        return part

    async def _joins(self, one: Decided, begins: Begins) -> bool:
        """Let an alert join the newest open incident it belongs to, if there is one."""
        alert, within = one.alert, self._worlds.settings.group_within
        if not may_join(alert, begins):
            return False
        for part in sorted(self.parts.values(), key=_newest):
            incident = part.incident
            if incident is None:
                continue
            at = part.at(self._now)
            entry = part.world.runbook.incident_type(begins.entry)
            because = joining(Open(incident, part.alerts, entry), alert, begins, within, at)
            if because is not None:
                facts = join(Alerts(alert, part.alerts), incident, because, part.world, at, last=one.loaded.incident)
                part.hear(*part.loaded.alerts, alert)
                await self._append(part, facts)
                return True
        return False

    async def _append(self, part: Part, bodies: tuple[FactBody, ...]) -> None:
        """Let facts follow, and what is due at once with them; an open incident is compared even without any."""
        first, at = bodies[0] if bodies else None, part.at(self._now)
        if isinstance(first, Opened):
            part, first = self._new(part, first)
            bodies = (first, *bodies[1:])
        elif not bodies and (part.incident is None or part.incident.status == "resolved"):
            return
        after = await self._engine.append(part.incident, bodies, at)
        part.after = _joined(part.after, after) if part.after else after
        self.parts[after.incident.number] = part

    def _new(self, part: Part, opened: Opened) -> tuple[Part, Opened]:
        """Give the place of a new incident of a group, with a number of its own; the one it had stays as it is."""
        timeline = part.loaded.timeline
        ordinal = timeline.next_ordinal + self._opened
        self._opened += 1
        alone = timeline._replace(next_ordinal=ordinal, others=())
        new = Part(replace(part.loaded, timeline=alone))
        return new, msgspec.structs.replace(opened, number=self._engine.number(ordinal, self._now))


def _joined(before: Appended, after: Appended) -> Appended:
    return after._replace(rows=(*before.rows, *after.rows), bodies=(*before.bodies, *after.bodies))


def _newest(part: Part) -> int:
    """Give what puts the newest incident first: the places of incidents rise, and their numbers name them."""
    return -int(part.incident.number.rpartition("-")[2]) if part.incident else 0
