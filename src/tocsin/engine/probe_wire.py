"""What a server and its remote probers say to each other, as JSON."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from tocsin.detection.reading import Broken, Reading
from tocsin.engine.looking import bounded, one_line
from tocsin.engine.remote_probes import Heard
from tocsin.errors import UsageError
from tocsin.settings import ProbeSettings, Secret

MOST_READINGS = 1000
"""So many readings are sent at once."""

OLDEST = timedelta(hours=1)
"""What was seen before that says nothing any more."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a prober is to look at. `memory`: what probes want to find again; `version` names the probes as they are."""

    prober: str
    version: str
    probes: tuple[ProbeSettings, ...]
    memory: dict[str, str] = {}


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One look of a probe. `number` rises with every look of a prober's run; `broken` says why it could not look."""

    probe: str
    number: int
    at: datetime
    values: dict[str, float] = {}
    details: dict[str, str] = {}
    broken: str = ""
    memory: str | None = None


class Readings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Looks of a prober's `run`. `sent_at` is by its clock, so that one that is wrong does not matter."""

    run: str
    sent_at: datetime
    readings: tuple[Said, ...]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """How many of them were taken, which are none of its probes, and which version of the probes is in force."""

    taken: int
    unknown: tuple[str, ...]
    version: str


def asked(prober: str, probes: tuple[ProbeSettings, ...], memory: Mapping[str, str]) -> Asked:
    """Give what a prober is told: no limits, which are the server's business, and no secrets, only where they are."""
    plain = tuple(msgspec.structs.replace(one, checks=(), at="") for one in probes)
    version = hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()[:16]
    return Asked(prober=prober, version=version, probes=plain, memory=dict(memory))


def revived(probe: ProbeSettings) -> ProbeSettings:
    """Give a probe as it was configured, out of what JSON left of it."""
    return msgspec.structs.replace(probe, options={name: _revived(one) for name, one in probe.options.items()})


def _revived(value: object) -> object:
    if isinstance(value, dict):
        if value and value.keys() <= {"env", "file"} and all(isinstance(one, str | None) for one in value.values()):
            return Secret(**value)
        return {name: _revived(one) for name, one in value.items()}
    return tuple(value) if isinstance(value, list) else value


def heard(readings: Readings, now: datetime) -> tuple[Heard, ...]:
    """Give what was said, by our own clock. Raises UsageError."""
    if not readings.run or len(readings.run) > 64:  # noqa: PLR2004  a name
        raise UsageError("run must be 1 to 64 characters: it names this run of the prober")
    if len(readings.readings) > MOST_READINGS:
        raise UsageError(f"{len(readings.readings)} readings at once; send {MOST_READINGS} at most")
    if any(one.tzinfo is None for one in (readings.sent_at, *(said.at for said in readings.readings))):
        raise UsageError("every instant needs a time zone; write it like 2026-11-23T03:15:00Z")
    found = []
    for said in readings.readings:
        age = readings.sent_at - said.at
        if age > OLDEST:
            continue
        at = min(now - age, now)
        seen = Broken(at=at, why=one_line(said.broken)) if said.broken else _reading(said, at)
        found.append(Heard(said.probe, said.number, seen, said.memory))
    return tuple(found)


def _reading(said: Said, at: datetime) -> Reading:
    return bounded(Reading(at=at, values=said.values, details=said.details))
