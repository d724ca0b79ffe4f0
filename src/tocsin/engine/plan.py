"""What is to be looked at: the probes of the configuration, their limits, and when each is due."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from tocsin.detection.watched import Check, Unwatched, check_of
from tocsin.probes.probe import Probe
from tocsin.probes.table import KINDS
from tocsin.runbook.policy import Runbook
from tocsin.settings import ProbeSettings, Settings
from tocsin.store.probes import SHARDS

SOON = timedelta(seconds=10)
"""What was never looked at, or not for too long, is looked at within this time."""


class Planned(NamedTuple):
    """One probe as it is configured. `probe` is None where a remote prober looks.

    `checks` are those that can be judged, `unwatched` why others cannot. `zone` is whose hours are learned.
    """

    settings: ProbeSettings
    checks: Mapping[str, Check]
    unwatched: Mapping[str, str]
    probe: Probe | None
    asked: str
    zone: str


def planned(probe: ProbeSettings, looking: Probe | None, runbook: Runbook, settings: Settings) -> Planned:
    """Give a probe with its checks, whose limits the document may say."""
    found = {check.id: check_of(probe, check, unit_of(probe, check.value), runbook, settings) for check in probe.checks}
    checks = {name: check for name, check in found.items() if isinstance(check, Check)}
    unwatched = {name: check.why for name, check in found.items() if isinstance(check, Unwatched)}
    return Planned(probe, checks, unwatched, looking, asked_of(probe), settings.timezone)


def unit_of(settings: ProbeSettings, value: str) -> str:
    """Give the unit of a value, "" where only the target knows."""
    return KINDS[settings.kind].unit(settings.options, value)


def asked_of(settings: ProbeSettings) -> str:
    """Give what a probe looks at, as something to compare: another one is another question."""
    raw = msgspec.json.encode((settings.kind, settings.options, settings.at), order="sorted")
    return hashlib.sha256(raw).hexdigest()[:16]


def shard_of(name: str) -> int:
    """Give the shard of a probe."""
    return _hash(name) % SHARDS


def phase_of(name: str) -> float:
    """Give when in its interval a probe is looked at, from 0 to 1: always the same, and another for each."""
    return (_hash(name) // SHARDS % 2**32) / 2**32


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def next_look(name: str, every: timedelta, now: datetime) -> float:
    """Give in how many seconds a probe is due next: at the same instants on whatever node, after whatever pause."""
    period = every.total_seconds()
    since = (now.timestamp() - phase_of(name) * period) % period
    return period - since


def first_look(name: str, every: timedelta, looked: datetime | None, now: datetime) -> float:
    """Give in how many seconds a probe is due that this node did not look at yet."""
    if looked is not None and now - looked < every:
        return next_look(name, every, now)
    return phase_of(name) * min(every, SOON).total_seconds()
