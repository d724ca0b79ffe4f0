"""Who is on call, until when, and who of them cannot be reached."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.escalation.reach import channel_of, methods
from tocsin.escalation.schedule import fallback, people_in, person, turn_of
from tocsin.escalation.shifts import handoff
from tocsin.lifecycle import World
from tocsin.runbook.policy import Level
from tocsin.settings import Settings
from tocsin.web.names import Names, initials, listed
from tocsin.web.times import Times

_HANDOFFS = 6
"""Handoffs of a rotation to look ahead for the end of a shift."""

_MINUTE = timedelta(minutes=1)


class Member(NamedTuple):
    """One person in a circle. `mark` is on, next or out (cannot be reached); `words` say more."""

    id: str
    name: str
    initials: str
    mark: str
    words: str = ""


class OnCall(NamedTuple):
    """A level now: who is in it. `trouble` says that nobody is, or that they cannot be reached."""

    level: str
    role: str
    line: int
    people: tuple[Member, ...]
    words: str
    trouble: str


def on_call(world: World, names: Names, times: Times, channels: Collection[str]) -> tuple[OnCall, ...]:
    """Give every level of the runbook with who is in it now."""
    return tuple(_level(level, world, names, times, channels) for level in world.runbook.escalation)


def unreachable(person_id: str, settings: Settings, channels: Collection[str]) -> str:
    """Say why a person cannot be reached, or give ""."""
    someone = person(person_id, settings)
    if someone is None:
        return "is not in the configuration"
    ways = [channel_of(method) for method in methods(someone)]
    if not ways:
        return "no way to reach this person is configured"
    missing = [way for way in ways if way not in channels]
    return "" if len(missing) < len(ways) else f"no channel {listed(list(dict.fromkeys(missing)))} is configured"


def shift_end(level: str, world: World, now: datetime) -> datetime | None:
    """Give when somebody else will be in a level, or None when that does not change."""
    current = people_in(level, world.runbook, world.settings, now)
    for at in sorted(set(_handoffs(world.settings, now))):
        if people_in(level, world.runbook, world.settings, at) != current:
            return at
    return None


def _level(level: Level, world: World, names: Names, times: Times, channels: Collection[str]) -> OnCall:
    runbook, settings = world.runbook, world.settings
    ids = people_in(level.id, runbook, settings, times.now)
    members = tuple(_member(one, names, channels) for one in ids)
    if not members:
        instead = listed([names.person(one.id) for one in fallback(settings)])
        return OnCall(level.id, level.role, level.line, (), "", f"Nobody. {instead} is called instead.")
    end = shift_end(level.id, world, times.now)
    until = ""
    if end is not None:
        then = [names.person(one) for one in people_in(level.id, runbook, settings, end)]
        until = f"until {times.day(end)}, then {listed(then) if then else 'nobody'}"
    words = ", ".join(part for part in (f"{level.only_severity} only" if level.only_severity else "", until) if part)
    return OnCall(level.id, level.role, level.line, members, words, "")


def _member(person_id: str, names: Names, channels: Collection[str]) -> Member:
    name, why = names.person(person_id), unreachable(person_id, names.settings, channels)
    return Member(person_id, name, initials(name), "out" if why else "on", f"Cannot be reached: {why}." if why else "")


def _handoffs(settings: Settings, now: datetime) -> Iterator[datetime]:
    for schedule in settings.schedules.values():
        for layer in schedule.layers:
            next_turn = max(turn_of(layer, schedule.timezone, now) + 1, 0)
            yield from (handoff(layer, schedule.timezone, next_turn + more) for more in range(_HANDOFFS))
