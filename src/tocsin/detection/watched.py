"""Checks of probes: their limits, out of the configuration and the document, and the alerts they make.

An alert of a check is like any other. It says in words what was measured, so that its severity is found as for any:
"users affected 30%" meets the criterion of a severity that asks for more than 25%.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from tocsin.detection.alert import Alert
from tocsin.detection.baseline import Baseline, learned
from tocsin.detection.naming import symptom_of
from tocsin.detection.reading import Reading
from tocsin.detection.thresholds import Limit, Operator, Standing, judged
from tocsin.runbook.durations import spoken
from tocsin.runbook.policy import Runbook, Symptom
from tocsin.runbook.units import FULL, NEARLY_FULL, TIMES, limit_in, means_full, told
from tocsin.settings import CheckSettings, ProbeSettings, Settings

SOURCE = "probe"
"""The source of what probes find; no configured one may have its name."""

_OPERATORS: Mapping[str, Operator] = {">": ">", ">=": ">=", "<": "<", "<=": "<=", "==": "=="}
_EXACT = "yes"


class Unwatched(NamedTuple):
    """A check that cannot be judged, and what to do about it."""

    why: str


class Check(NamedTuple):
    """A check with everything that is known of it; `symptom` is the one of the document it watches for."""

    probe: ProbeSettings
    settings: CheckSettings
    limit: Limit
    symptom: Symptom | None

    @property
    def name(self) -> str:
        """Give what the check is called everywhere: the probe and itself."""
        return f"{self.probe.id}/{self.settings.id}"


class Weighed(NamedTuple):
    """How a check stands after a reading, and what was learned by it."""

    standing: Standing
    baseline: Baseline | None


def check_of(
    probe: ProbeSettings, check: CheckSettings, unit: str, runbook: Runbook, settings: Settings
) -> Check | Unwatched:
    """Give a check of a probe whose value is in `unit`, or why it cannot be judged.

    Without a limit of its own it has that of its symptom, in the document's unit.
    """
    found = symptom_of(check, runbook)
    if isinstance(found, str):
        return Unwatched(found)
    limit = Limit(
        measure=check.value,
        unit=unit,
        op=check.op,
        value=check.limit,
        times=check.times_normal,
        normal=check.normal,
        for_=check.for_,
        in_a_row=check.times,
        recovers=check.recovers,
        recovers_for=check.recovers_for,
        window=check.window,
        take=check.take,
        every=probe.every,
        flapping_after=settings.flapping_after,
        flapping_within=settings.flapping_within,
        line=found.line if found else None,
    )
    if check.limit is None and check.times_normal is None:
        own = _of_document(limit, found)
        return own if isinstance(own, Unwatched) else Check(probe, check, own, found)
    return Check(probe, check, limit, found)


def _of_document(limit: Limit, symptom: Symptom | None) -> Limit | Unwatched:
    """Give the limit with the number of the document, in the unit of what is measured."""
    threshold = symptom.threshold if symptom else None
    if symptom is None or threshold is None:
        words = f"“{symptom.text}” has no number" if symptom else "it has no limit"
        return Unwatched(f"{words}; set above, below or times_normal")
    lasting = limit.for_ or threshold.window or limit.for_
    op = _OPERATORS[threshold.op]
    if threshold.unit == TIMES:
        return msgspec.structs.replace(limit, op=op, times=threshold.value, for_=lasting)
    if threshold.unit == "%" and threshold.baseline is not None:
        more = threshold.value / FULL * (-1 if op in ("<", "<=") else 1)
        return msgspec.structs.replace(limit, op=op, times=1 + more, for_=lasting)
    value = limit_in(threshold, limit.unit)
    if value is None:
        there = threshold.unit or "a plain number"
        return Unwatched(f"“{symptom.text}” is in {there}, and {limit.measure} is in {limit.unit or 'no unit'}; "
                         "set above or below")  # fmt: skip
    if means_full(threshold):
        return msgspec.structs.replace(limit, op=">=", value=value * NEARLY_FULL / FULL, for_=lasting)
    return msgspec.structs.replace(limit, op=op, value=value, for_=lasting)


def weigh(limit: Limit, standing: Standing, reading: Reading, baseline: Baseline | None) -> Weighed:
    """Give how a check stands after a reading. `baseline` None: it is compared with no normal, and learns none."""
    after = judged(limit, standing, reading, baseline)
    compared = limit.measure in reading.values and after.at == reading.at and after.last is not None
    if baseline is None or not compared or after.last is None or after is standing:
        return Weighed(after, baseline)
    return Weighed(after, learned(baseline, after.last, reading.at, firing=after.alerting))


def alert_of(check: Check, before: Standing, after: Standing, reading: Reading) -> Alert | None:
    """Give the alert that a change of a check's standing makes, or None where it makes none."""
    if before.alerting == after.alerting or after.last is None:
        return None
    settings = check.settings
    return Alert(
        source=SOURCE,
        dedup_key=check.name,
        action="trigger" if after.alerting else "resolve",
        summary=summary(check, after, reading),
        origin=check.probe.id,
        started_at=_began(before, reading.at),
        incident_type=settings.incident_type,
        details=_details(check, after, reading),
    )


def summary(check: Check, standing: Standing, reading: Reading) -> str:
    """Give in one line what is measured: the words of the document, the value, and what it is compared with."""
    what = check.symptom.text if check.symptom else f"{check.probe.id} {check.settings.id}".replace("-", " ")
    trouble = reading.details.get("trouble", "")
    return f"{what}: {measured(check.limit, standing)}" + (f"; {trouble}" if trouble and standing.alerting else "")


def measured(limit: Limit, standing: Standing) -> str:
    """Give the latest value in words, with what it is compared with: "latency 2.4 s (p95 of 1 min; limit 1 s)"."""
    name = limit.measure.replace("_", " ").replace(".", " ")
    if standing.last is None:
        return f"{name} is not known yet"
    if limit.unit == _EXACT and limit.take == "last":
        return f"{name}: {told(standing.last, _EXACT)}"
    aside = [] if limit.window is None else [f"{_TAKES.get(limit.take, limit.take)} of {spoken(limit.window)}"]
    aside += [compared(limit, standing)]
    return f"{name} {told(standing.last, unit_of(limit))} ({'; '.join(one for one in aside if one)})"


def compared(limit: Limit, standing: Standing) -> str:
    """Give in words what a check is compared with: "limit 1 s", "11.2x normal, limit 10x"."""
    unit = unit_of(limit)
    if limit.times is None:
        return f"limit {told(limit.value or 0.0, unit)}"
    if standing.normal is None or standing.last is None:
        return f"limit {limit.times:g}x normal, which is not known yet"
    return f"{standing.last / standing.normal:.3g}x normal, {told(standing.normal, unit)}; limit {limit.times:g}x"


def unit_of(limit: Limit) -> str:
    """Give the unit of what is compared: a counter that is taken as a rate is per second."""
    return "per-s" if limit.take == "rate" and limit.unit in ("", "count") else limit.unit


_TAKES = {"mean": "mean", "p95": "p95", "max": "greatest", "rate": "rate"}


def _began(before: Standing, at: datetime) -> datetime:
    return before.turning or at


def _details(check: Check, standing: Standing, reading: Reading) -> dict[str, str]:
    """Give the details of an alert. A severity among them is asked for, as by any other sender."""
    limit, settings = check.limit, check.settings
    found = {
        "probe": check.probe.id,
        "check": settings.id,
        "value": told(standing.last or 0.0, unit_of(limit)),
        "compared": compared(limit, standing),
        "since": f"{_began(standing, reading.at):%Y-%m-%dT%H:%M:%SZ}",
        "line": str(limit.line or ""),
        "severity": settings.severity or "",
    }
    return {name: text for name, text in found.items() if text}
