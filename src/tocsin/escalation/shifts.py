"""From when until when somebody is on call: the turns of a rotation as instants.

Handoffs keep their wall-clock time; one that falls into an hour the clock skips is told as if it had not.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tocsin.escalation.schedule import turn_of
from tocsin.settings import Layer, Schedule


class Shift(NamedTuple):
    """Somebody's turn. `end` None: nobody else ever takes over."""

    person: str
    start: datetime
    end: datetime | None


def shifts(schedule: Schedule, since: datetime, until: datetime) -> Iterator[Shift]:
    """Give every turn that overlaps the time from `since` to `until`, soonest first."""
    at: datetime | None = since
    while at is not None and at <= until:
        shift = _shift(schedule, at)
        if shift is not None:
            yield shift
        at = shift.end if shift is not None else _next_start(schedule.layers, at)


def handoff(layer: Layer, zone: str, turn: int) -> datetime:
    """Give when that turn of a layer begins, counted from 0; UTC."""
    here = ZoneInfo(zone)
    start = layer.start.astimezone(here).replace(tzinfo=None)
    return (start + layer.rotation * turn).replace(tzinfo=here).astimezone(UTC)


def _shift(schedule: Schedule, at: datetime) -> Shift | None:
    """Give the turn of the last layer that has begun and has people: the one that `on_duty` asks."""
    zone = schedule.timezone
    for place in reversed(range(len(schedule.layers))):
        layer = schedule.layers[place]
        turn = turn_of(layer, zone, at)
        if turn < 0 or not layer.people:
            continue
        here, above = layer.people[turn % len(layer.people)], _next_start(schedule.layers[place + 1 :], at)
        if len(set(layer.people)) == 1:
            return Shift(here, handoff(layer, zone, 0), above)
        # The next turn is after `at` also where a clock change hides an hour.
        ends = max(handoff(layer, zone, turn + 1), at + datetime.resolution)
        return Shift(here, handoff(layer, zone, turn), min(above, ends) if above else ends)
    return None


def _next_start(layers: tuple[Layer, ...], at: datetime) -> datetime | None:
    """Give when the next of these layers begins that has people, or None."""
    starts = (layer.start.astimezone(UTC) for layer in layers if layer.people)
    return min((start for start in starts if start > at), default=None)
