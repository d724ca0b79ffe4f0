"""In which ways an entry is rehearsed in memory: by its symptoms, by the checks of probes, by what is configured."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from tocsin.detection.alert import Alert
from tocsin.detection.baseline import Baseline
from tocsin.detection.probing import Remembered, saw
from tocsin.detection.reading import Reading
from tocsin.detection.thresholds import Limit
from tocsin.detection.watched import Check
from tocsin.engine.plan import Planned, planned
from tocsin.errors import UsageError
from tocsin.runbook.policy import IncidentType, Runbook, Symptom, Threshold
from tocsin.settings import Expect, Settings
from tocsin.triage.severity import severity_of

SOURCE = "drill"
LONGEST = timedelta(hours=2)
"""So long a check has to notice something, or to believe that it is over; one that looks seldom has longer."""

MOST_LOOKS = 20_000
_LOOKS = 3
_SMALL = 0.01
_BEYOND = 2.0
_FULL = 100.0


class Variant(NamedTuple):
    """One way in which it breaks. `says` is what it rests on, for people.

    `begins` is raised `noticed` after it broke; `ends` takes it back `over` after it was put right. Without `begins`,
    nothing notices it.
    """

    entry: IncidentType
    name: str
    says: str
    begins: Alert | None
    ends: Alert | None
    noticed: timedelta = timedelta(0)
    over: timedelta = timedelta(0)
    expect: Expect = Expect()
    least: str | None = None


def check_entries(names: Sequence[str], runbook: Runbook, settings: Settings) -> None:
    """Refuse names, and drills of the configuration, of entries that the document has not. Raises UsageError."""
    known = [entry.id for entry in runbook.incident_types]
    for name in (*names, *(drill.incident_type for drill in settings.drills.values())):
        if name not in known:
            raise UsageError(f"the document has no entry {name}; it has {', '.join(known) or 'none'}")


def variants(entry: IncidentType, runbook: Runbook, settings: Settings, began: datetime) -> Iterator[Variant]:
    """Give the ways in which an entry is rehearsed, in the document's order, then in the configuration's."""
    least = severity_of(entry, settings.incident_types)
    for one in _variants(entry, runbook, settings, began):
        yield one._replace(least=least)


def _variants(entry: IncidentType, runbook: Runbook, settings: Settings, began: datetime) -> Iterator[Variant]:
    for symptom in entry.symptoms:
        says = f"“{symptom.text}” (line {symptom.line}), {_noticed_by(symptom)}"
        yield _said(entry, f"line-{symptom.line}", says, words_of(symptom))
    if not entry.symptoms:
        yield _said(entry, f"line-{entry.line}", f"its title, for it has no symptoms (line {entry.line})", entry.title)
    for probe in settings.probes.values():
        if any(check.incident_type == entry.id for check in probe.checks):
            yield from _checks(entry, planned(probe, None, runbook, settings), began)
    for drill in settings.drills.values():
        if drill.incident_type == entry.id and drill.alert:
            said = _said(entry, drill.id, f"“{drill.alert}” ([drills.{drill.id}])", drill.alert)
            yield said._replace(expect=drill.expect)


def _noticed_by(symptom: Symptom) -> str:
    """Say who would, so that nobody takes a rehearsed alert for one that really comes."""
    if symptom.bound_to:
        return f"which {symptom.bound_to} would notice"
    return f"which nothing notices yet: it {symptom.gap}" if symptom.gap else "which nothing notices yet"


def _said(entry: IncidentType, name: str, says: str, words: str) -> Variant:
    alert = Alert(source=SOURCE, dedup_key=f"{entry.id}/{name}", action="trigger", summary=words)
    return Variant(entry, name, says, alert, msgspec.structs.replace(alert, action="resolve"))


# -- what a monitor would say of a symptom


def words_of(symptom: Symptom) -> str:
    """Give what a monitor says when a symptom shows: its own words, or what is measured with a number beyond."""
    threshold = symptom.threshold
    if threshold is None or not threshold.subject.strip():
        return symptom.text
    baseline = f" {threshold.baseline}" if threshold.baseline else ""
    return f"{threshold.subject} {_beyond(threshold):g}{_unit(threshold)}{baseline}"


def _unit(threshold: Threshold) -> str:
    return threshold.unit if len(threshold.unit) <= 1 or threshold.unit == "ms" else f" {threshold.unit}"


def _beyond(threshold: Threshold) -> float:
    if threshold.op == "==":
        return threshold.value
    if threshold.op in ("<", "<="):
        return threshold.value / _BEYOND
    beyond = threshold.value * _BEYOND
    return max(threshold.value, (threshold.value + _FULL) / 2) if threshold.unit == "%" and beyond > _FULL else beyond


# -- what the check of a probe makes of readings


def _checks(entry: IncidentType, plan: Planned, began: datetime) -> Iterator[Variant]:
    for name, check in plan.checks.items():
        if check.settings.incident_type == entry.id:
            says = f"the check {check.name} of the configuration"
            yield _rehearsed(plan, check, began, Variant(entry, f"{plan.settings.id}/{name}", says, None, None))
    for name, why in plan.unwatched.items():
        if any(one.id == name and one.incident_type == entry.id for one in plan.settings.checks):
            yield Variant(entry, f"{plan.settings.id}/{name}", why, None, None)


def _rehearsed(plan: Planned, check: Check, began: datetime, variant: Variant) -> Variant:
    """Show a check bad readings until it fires and good ones until it is over, and keep when it did."""
    limit = check.limit
    if limit.times is not None and limit.normal is None:
        limit = msgspec.structs.replace(limit, normal=_SMALL if limit.unit == "share" else 1.0)
        taken = f"{limit.normal:g} is taken for what is normal, which it has to learn when it really looks"
        check, variant = check._replace(limit=limit), variant._replace(says=f"{variant.says} ({taken})")
    bad, good = _values(limit)
    looking = _Looking(plan, check, began)
    begins, noticed = looking.until("trigger", bad)
    if begins is None:
        why = f"it cannot be rehearsed in memory: {looking.looks} looks are not enough for it"
        return variant._replace(says=f"{variant.says}; {why}")
    ends, over = looking.until("resolve", good)
    return variant._replace(begins=begins, noticed=noticed, ends=ends, over=over)


class _Looking:
    """The looks of one probe on a moved clock, of which one check is judged."""

    def __init__(self, plan: Planned, check: Check, began: datetime) -> None:
        self._plan, self._check, self._at = plan, check, began
        self._known, self._total = Remembered(), 0.0
        self._baselines: dict[str, Baseline] = {}
        self._longest = max(LONGEST, _taking(check.limit, plan.settings.every))
        self.looks = 0

    def until(self, action: str, value: float) -> tuple[Alert | None, timedelta]:
        """Look until the check says so; give what it says and after how long, or None."""
        every, began, self.looks = self._plan.settings.every, self._at, 0
        while self._at - began <= self._longest and self.looks < MOST_LOOKS:
            self._at += every
            self.looks += 1
            seen = Reading(at=self._at, values={self._check.limit.measure: self._reads(value, every)})
            only = {self._check.settings.id: self._check}
            outcome = saw(self._plan.settings, only, self._known, self._baselines, seen, zone=self._plan.zone)
            self._known = outcome.known
            found = next((alert for alert in outcome.alerts if alert.action == action), None)
            if found is not None:
                return found, self._at - began
        return None, self._at - began

    def _reads(self, value: float, every: timedelta) -> float:
        """Give what is read: the value, or what counts up so fast."""
        if self._check.limit.take != "rate":
            return value
        self._total += value * every.total_seconds()
        return self._total


def _taking(limit: Limit, every: timedelta) -> timedelta:
    """Give about how long a check takes at most to notice something, or to believe that it is over."""
    lasting = limit.for_ + limit.recovers_for + (limit.window or timedelta(0))
    return 2 * (every * (limit.in_a_row + _LOOKS) + lasting)


def _values(limit: Limit) -> tuple[float, float]:
    """Give a value that is trouble and one that is none."""
    if limit.times is not None:
        return _both(limit.op, limit.times * (limit.normal or 0.0))
    return _both(limit.op, limit.value or 0.0)


def _both(op: str, value: float) -> tuple[float, float]:
    apart = abs(value) / _BEYOND or 1.0
    low, high = value - apart, value + 2 * apart
    if op == "==":
        return value, high
    return (low, high) if op in ("<", "<=") else (high, low)
