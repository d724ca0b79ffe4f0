"""Who is in a level or role at an instant."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.incident.facts import Called
from tocsin.runbook.policy import Runbook
from tocsin.settings import Layer, Person, ReachStep, Schedule, Settings

OPERATOR = Person(id="operator", name="Operator at the console", reach=(ReachStep(via=("console",)),), admin=True)
"""Whoever watches the server's own output: the fallback when the configuration names nobody."""


def people_in(name: str, runbook: Runbook, settings: Settings, at: datetime) -> tuple[str, ...]:
    """Give the ids of the people a level, role, schedule or person name stands for at `at`; () = nobody.

    "CTO" finds the role of that name, else the level whose role it is ("**Executive**: CTO"), and the reverse.
    """
    people = [person for member in members_of(name, runbook, settings) for person in _resolve(member, settings, at)]
    return tuple(dict.fromkeys(people))


def members_of(name: str, runbook: Runbook, settings: Settings) -> tuple[str, ...]:
    """Give the schedules and people that a level, role, schedule or person name stands for; () = nobody."""
    for alias in _aliases(name, runbook):
        members = _members(alias, settings)
        if members is not None:
            return members
    return ()


def called(name: str, runbook: Runbook, settings: Settings, at: datetime) -> tuple[Called, ...]:
    """Give who is to be called for a level, which is the fallback when the level has nobody. Never empty."""
    people = people_in(name, runbook, settings, at)
    if people:
        return tuple(Called(person) for person in people)
    return tuple(Called(person.id, via_fallback=True) for person in fallback(settings))


def fallback(settings: Settings) -> tuple[Person, ...]:
    """Give the people who get what nobody else can: the configured ones, else the operator. Never empty."""
    named = tuple(settings.people[person] for person in settings.fallback if person in settings.people)
    return named or (OPERATOR,)


def person(person_id: str, settings: Settings) -> Person | None:
    """Give the configured person, or the built-in operator, or None."""
    return settings.people.get(person_id) or (OPERATOR if person_id == OPERATOR.id else None)


def is_operator(person_id: str, settings: Settings) -> bool:
    """Give whether that is only whoever watches the console: built in, or drafted and not filled in yet."""
    someone = settings.people.get(person_id)
    return person_id == OPERATOR.id and (someone is None or someone.reach == OPERATOR.reach)


def on_duty(schedule: Schedule, at: datetime) -> tuple[str, ...]:
    """Give who is on call: the last layer that has begun and has people wins. Handoffs keep their wall-clock time."""
    for layer in reversed(schedule.layers):
        turn = turn_of(layer, schedule.timezone, at)
        if turn >= 0 and layer.people:
            return (layer.people[turn % len(layer.people)],)
    return ()


def turn_of(layer: Layer, zone: str, at: datetime) -> int:
    """Give which turn of a layer it is, counted from 0; negative before the layer begins."""
    here = ZoneInfo(zone)
    # Naive wall-clock difference on purpose: a rotation that hands off at nine still does after a clock change.
    passed = at.astimezone(here).replace(tzinfo=None) - layer.start.astimezone(here).replace(tzinfo=None)
    return passed // layer.rotation


def _aliases(name: str, runbook: Runbook) -> tuple[str, ...]:
    level = runbook.level(name)
    return (name,) if level is None else tuple(dict.fromkeys((name, level.id, level.role)))


def _members(name: str, settings: Settings) -> tuple[str, ...] | None:
    wanted = name.casefold()
    for role, members in settings.roles.items():
        if role.casefold() == wanted:
            return members
    for someone in settings.people.values():
        if wanted in {someone.id.casefold(), someone.name.casefold()}:
            return (someone.id,)
    return (name,) if name in settings.schedules else None


def _resolve(member: str, settings: Settings, at: datetime) -> tuple[str, ...]:
    if member in settings.schedules:
        return on_duty(settings.schedules[member], at)
    return (member,) if member in settings.people else ()
