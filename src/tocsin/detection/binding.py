"""What notices each symptom of a document: a check of a probe, an alert source, people's reports; or nothing, a gap.

The document alone says only part of it. A check of the configuration that names a symptom binds it.
"""

import re
from collections.abc import Mapping

import msgspec

from tocsin.runbook.policy import IncidentType, Runbook, Symptom
from tocsin.settings import CheckSettings, Settings

_PROBE = "probe "


def symptom_of(check: CheckSettings, runbook: Runbook) -> Symptom | str | None:
    """Give the symptom a check watches for, None where it names none, or in words why it is not found.

    It is named by its words, or by a part of them that no other symptom of the entry has.
    """
    if check.symptom is None:
        return None
    entry = runbook.incident_type(check.incident_type)
    if entry is None:
        return f"the document has no entry {check.incident_type}; correct incident_type"
    wanted = _folded(check.symptom)
    exact = [one for one in entry.symptoms if _folded(one.text) == wanted]
    found = exact or [one for one in entry.symptoms if wanted and wanted in _folded(one.text)]
    if len(found) == 1 or exact:
        return found[0]
    several = f"{len(found)} symptoms of {entry.id} hold" if found else f"no symptom of {entry.id} is"
    known = "; ".join(f"“{one.text}”" for one in entry.symptoms) or "none"
    return f"{several} “{check.symptom}”; it has: {known}"


def bound(runbook: Runbook, settings: Settings) -> Runbook:
    """Give the document with what the configured probes notice filled in; without probes it stays as it is."""
    checks = _checks(runbook, settings)
    entries = tuple(_bound(entry, checks, settings) for entry in runbook.incident_types)
    return runbook if entries == runbook.incident_types else msgspec.structs.replace(runbook, incident_types=entries)


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
    if check is not None:
        both = symptom.bound_to is not None and not symptom.bound_to.startswith(_PROBE)
        return msgspec.structs.replace(symptom, bound_to=f"{check}, {symptom.bound_to}" if both else check, gap=None)
    name = (symptom.bound_to or "").removeprefix(_PROBE)
    if symptom.bound_to is None or name == symptom.bound_to:
        return symptom
    if name in settings.probes:
        return msgspec.structs.replace(symptom, bound_to=f"the probe {name}")
    return msgspec.structs.replace(symptom, bound_to=None, gap=f"needs a probe {name}: the document names it, and "
                                   f"[probes.{name}] is not configured")  # fmt: skip


def _folded(text: str) -> str:
    """Give a text without what people write differently each time: case, blanks, quotes."""
    return " ".join(re.findall(r"\w+|[<>=%]+", text.casefold()))
