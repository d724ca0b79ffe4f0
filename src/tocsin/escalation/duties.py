"""Who is on call for which rung of which policy, from when until when."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tocsin.escalation.policies import Policy, policies
from tocsin.escalation.schedule import fallback, members_of
from tocsin.escalation.shifts import shifts
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings


class Duty(NamedTuple):
    """A person of a rung (from 1). Without a `schedule` they always are: `start` and `end` are None."""

    policy: Policy
    rung: int
    person: str
    schedule: str | None = None
    start: datetime | None = None
    end: datetime | None = None


class Period(NamedTuple):
    """A time that is asked about; the same instant twice asks about that instant."""

    since: datetime
    until: datetime


def duties(runbook: Runbook, settings: Settings, period: Period) -> tuple[Duty, ...]:
    """Give every duty of that time. A rung that nobody is in for all of it is the fallback's, who would be called."""
    found: list[Duty] = []
    for policy in policies(runbook, settings):
        for rung, names in enumerate(policy.rungs, 1):
            for name in names:
                here = tuple(_people(name, runbook, settings, period)) or _stand_ins(settings)
                found += (Duty(policy, rung, *one) for one in here)
    return tuple(dict.fromkeys(found))


_Stretch = tuple[str, str | None, datetime | None, datetime | None]
"""Person, schedule, start and end."""


def _people(name: str, runbook: Runbook, settings: Settings, period: Period) -> Iterator[_Stretch]:
    for member in members_of(name, runbook, settings):
        schedule = settings.schedules.get(member)
        if schedule is not None:
            yield from ((shift.person, schedule.id, shift.start, shift.end) for shift in shifts(schedule, *period))
        elif member in settings.people:
            yield member, None, None, None


def _stand_ins(settings: Settings) -> tuple[_Stretch, ...]:
    return tuple((one.id, None, None, None) for one in fallback(settings))
