"""One probe that this node looks at, and what is remembered of it."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from tocsin.detection.baseline import Baseline
from tocsin.detection.probing import Baselines, Outcome, Remembered, begun_anew, configured, saw
from tocsin.detection.reading import Broken, Reading
from tocsin.detection.thresholds import Standing
from tocsin.engine.plan import Planned, shard_of
from tocsin.engine.series import Series
from tocsin.incident.jobs import Alarm, Job
from tocsin.probes.probe import MOST_MEMORY
from tocsin.store.probes import Kept, Told

log = logging.getLogger("tocsin.probes")

BASELINES_EVERY = timedelta(minutes=10)
"""What is normal is much to write, and changes little."""


class Watched:
    """What is remembered of a probe, and whether somebody looks just now. `rev` counts how often it was written."""

    __slots__ = (
        "_baseline",
        "_baseline_at",
        "busy",
        "changed",
        "due",
        "found",
        "gone",
        "looking",
        "name",
        "planned",
        "rev",
        "shard",
        "slow",
    )

    def __init__(self, name: str, planned: Planned, kept: Kept | None) -> None:
        """Begin with what was kept of it."""
        self.name, self.planned, self.shard = name, planned, shard_of(name)
        self.found = understood(kept)
        self.rev = kept.rev if kept else 0
        self.busy = self.slow = self.gone = self.changed = False
        self.due = 0.0
        self.looking: asyncio.Task[None] | None = None
        self._baseline = kept.baseline if kept else b""
        self._baseline_at: datetime | None = None

    def written(self, now: datetime, *, whole: bool = False) -> Kept:
        """Give it as it is to be stored; `whole` with all that was learned until now."""
        self.rev += 1
        self.changed = False
        if self._baseline_at is None or whole or now - self._baseline_at >= BASELINES_EVERY:
            self._baseline = encoded(self.found.baselines)
            self._baseline_at = now
        if self.planned.probe is not None:
            self.known = msgspec.structs.replace(self.known, memory=self.planned.probe.memory[:MOST_MEMORY])
        return Kept(
            self.name, self.shard, self.rev, now, msgspec.json.encode(self.known), self.found.series.packed(),
            self._baseline,
        )  # fmt: skip

    @property
    def known(self) -> Remembered:
        """Give what is known of it."""
        return self.found.known

    @known.setter
    def known(self, known: Remembered) -> None:
        self.found = self.found._replace(known=known)


def encoded(baselines: Baselines) -> bytes:
    """Give what is normal as it is stored."""
    return msgspec.json.encode(baselines) if baselines else b""


_known = msgspec.json.Decoder(Remembered)
_baselines = msgspec.json.Decoder(dict[str, Baseline])


class Understood(NamedTuple):
    """What was kept of a probe."""

    known: Remembered
    baselines: Baselines
    series: Series


def understood(kept: Kept | None) -> Understood:
    """Give what was kept of a probe. What another version wrote is begun anew, but for which alerts were raised."""
    if kept is None:
        return Understood(Remembered(), {}, Series())
    try:
        known = _known.decode(kept.state)
    except msgspec.DecodeError as error:
        log.warning("what was remembered of the probe %s cannot be read and is begun anew: %s", kept.id, error)
        known = _only_alerts(kept.state)
    try:
        baselines = _baselines.decode(kept.baseline) if kept.baseline else {}
        series = Series(kept.series)
    except (msgspec.DecodeError, ValueError):
        baselines, series = {}, Series()
    return Understood(known, baselines, series)


def configure(planned: Planned, found: Understood) -> tuple[Understood, Outcome]:
    """Give what still counts of a probe as it is configured now, and what follows; another question begins anew."""
    outcome = configured(planned.settings, planned.asked, found.known)
    kept = found if planned.asked == found.known.asked else understood(None)
    return kept._replace(known=outcome.known), outcome


def told(name: str, outcome: Outcome, now: datetime) -> Told:
    """Give what a look asks for: alerts, and that the fallback hears of a probe that cannot look."""
    if not outcome.alarm:
        return Told(outcome.alerts)
    key = f"system/probe/{name}/{'broken' if outcome.known.alarmed else 'looks'}"
    return Told(outcome.alerts, (Job(key=key, owner="system", due=now, do=Alarm(text=outcome.alarm)),))


class _Alerting(msgspec.Struct):
    alerting: bool = False


class _Rest(msgspec.Struct):
    asked: str = ""
    checks: dict[str, _Alerting] = {}


def _only_alerts(state: bytes) -> Remembered:
    try:
        rest = msgspec.json.decode(state, type=_Rest)
    except msgspec.DecodeError:
        return Remembered()
    checks = {name: Standing(alerting=one.alerting) for name, one in rest.checks.items()}
    return Remembered(asked=rest.asked, checks=begun_anew(checks))


def judge(planned: Planned, found: Understood, seen: Reading | Broken) -> Outcome:
    """Give what a look makes of what is known of a probe; its points and what is normal are changed in place."""
    outcome = saw(planned.settings, planned.checks, found.known, found.baselines, seen, zone=planned.zone)
    if isinstance(seen, Reading):
        stand = {name: outcome.known.checks[name] for name in planned.checks}
        found.series.add(seen.at, {name: (one.last, one.normal) for name, one in stand.items() if one.at == seen.at})
    return outcome
