"""When an entry is over, as probes measure it: what the configuration says, else the annotations of the document."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from tocsin.runbook.policy import IncidentType
from tocsin.settings import Condition, Settings


class Measured(NamedTuple):
    """The checks that say together that an entry is over, by name, and for how long each has to be good.

    `missing` names probes and checks that are asked for and not configured: with one of them nobody can tell.
    """

    checks: Mapping[str, timedelta]
    missing: tuple[str, ...] = ()

    @property
    def tells(self) -> bool:
        """Give whether anything can tell."""
        return bool(self.checks) and not self.missing


NOTHING = Measured({})


def measured_of(entry: IncidentType | None, settings: Settings) -> Measured:
    """Give what measures that an entry is over; nothing where nothing does."""
    if entry is None:
        return NOTHING
    configured = settings.incident_types.get(entry.id)
    conditions = (configured.resolved_when if configured else ()) or entry.conditions
    if not conditions:
        return NOTHING
    checks: dict[str, timedelta] = {}
    missing: list[str] = []
    for one in conditions:
        names = _names(one, settings)
        missing += [] if names else [f"{one.probe}/{one.check}" if one.check else one.probe]
        checks |= {name: max(one.for_, checks.get(name, one.for_)) for name in names}
    return Measured(checks, tuple(missing))


def entries_of(check: str, entries: tuple[IncidentType, ...], settings: Settings) -> frozenset[str]:
    """Give the ids of the entries that a check says something of."""
    return frozenset(entry.id for entry in entries if check in measured_of(entry, settings).checks)


def _names(condition: Condition, settings: Settings) -> list[str]:
    probe = settings.probes.get(condition.probe)
    checks = probe.checks if probe else ()
    return [f"{condition.probe}/{one.id}" for one in checks if condition.check in (None, one.id)]
