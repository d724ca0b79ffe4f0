"""What notices each symptom of a document: a check of a probe, an alert source, people's reports; or nothing, a gap.

The document alone says only part of it. The configuration fills in the rest: a check that names a symptom, a metric of
which `tocsin rules` makes an alert. An alert that opens an entry says nothing of its single symptoms.
"""

from collections.abc import Mapping

import msgspec

from tocsin.detection.naming import symptom_of
from tocsin.runbook.policy import IncidentType, Runbook, Symptom
from tocsin.settings import Settings
from tocsin.triage.measured import configured_metric

_PROBE = "probe "


def bound(runbook: Runbook, settings: Settings) -> Runbook:
    """Give the document with what the configuration notices filled in."""
    checks = _checks(runbook, settings)
    entries = tuple(_bound(entry, checks, settings) for entry in runbook.incident_types)
    return runbook if entries == runbook.incident_types else msgspec.structs.replace(runbook, incident_types=entries)


def noticed_lines(runbook: Runbook, settings: Settings) -> frozenset[int]:
    """Give the lines of the symptoms that something notices."""
    entries = bound(runbook, settings).incident_types
    return frozenset(symptom.line for entry in entries for symptom in entry.symptoms if symptom.bound_to)


def _checks(runbook: Runbook, settings: Settings) -> dict[tuple[str | None, int], str]:
    """Give the names of checks by the entry and the line of the symptom they watch for."""
    found: dict[tuple[str | None, int], list[str]] = {}
    for probe in settings.probes.values():
        for check in probe.checks:
            symptom = symptom_of(check, runbook)
            if isinstance(symptom, Symptom):
                found.setdefault((check.incident_type, symptom.line), []).append(f"{probe.id} ({check.id})")
    return {key: f"the probe {' and '.join(names)}" for key, names in found.items()}


def _bound(entry: IncidentType, checks: Mapping[tuple[str | None, int], str], settings: Settings) -> IncidentType:
    symptoms = tuple(_noticed(one, checks.get((entry.id, one.line)), settings) for one in entry.symptoms)
    return msgspec.structs.replace(entry, symptoms=symptoms)


def _noticed(symptom: Symptom, check: str | None, settings: Settings) -> Symptom:
    """Give a symptom with its check; an annotation names its probe itself, and there has to be one."""
    named = (symptom.bound_to or "").startswith(_PROBE)
    if check is not None:
        both = symptom.bound_to is not None and not named
        return msgspec.structs.replace(symptom, bound_to=f"{check}, {symptom.bound_to}" if both else check, gap=None)
    if named:
        return _by_annotation(symptom, (symptom.bound_to or "").removeprefix(_PROBE), settings)
    if symptom.bound_to is None:
        metric = configured_metric(symptom, settings.metrics)
        return msgspec.structs.replace(symptom, bound_to=f"the metric {metric}", gap=None) if metric else symptom
    return symptom


def _by_annotation(symptom: Symptom, named: str, settings: Settings) -> Symptom:
    name, _, check = named.partition(" (")
    probe = settings.probes.get(name)
    if probe is not None and (not check or check.rstrip(")") in {one.id for one in probe.checks}):
        return msgspec.structs.replace(symptom, bound_to=f"the probe {named}")
    return msgspec.structs.replace(
        symptom, bound_to=None, gap=f"needs the probe {named}: the document names it, and it is not configured"
    )
