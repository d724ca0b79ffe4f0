"""How bad an incident is: what a person says, else the configuration, else the document, else what its words imply.

Source: "Severity Levels".
"""

from collections.abc import Mapping

from tocsin.detection.alert import Alert
from tocsin.detection.reports import SOURCE
from tocsin.incident.facts import Because
from tocsin.runbook.policy import IncidentType, Runbook
from tocsin.settings import IncidentTypeSettings, UnmatchedSettings
from tocsin.triage.criteria import criterion_met, share_met
from tocsin.triage.matched import Match

# What a runbook without severities is read with, most urgent first.
BUILT_IN = ("P0", "P1", "P2", "P3")
# PagerDuty's words, most urgent first: they map onto the runbook's severities in order.
SENDERS = ("critical", "error", "warning", "info")
_AS_USUAL = UnmatchedSettings()
_UNKNOWN_WORD = SENDERS.index("error")


def severity_for(
    match: Match,
    alert: Alert,
    runbook: Runbook,
    settings: Mapping[str, IncidentTypeSettings],
    unmatched: UnmatchedSettings = _AS_USUAL,
) -> tuple[str, Because]:
    """Give the severity id to open with, and why, with the line of the document it rests on.

    A criterion of a more urgent severity that the alert itself meets ("complete outage", "> 25% of users") wins over
    its entry's. The sender's own word counts only when no entry matched: it says how bad it looks from there.
    """
    for wanted, who in (
        (alert.wanted_severity, "it was declared"),
        (alert.details.get("severity"), "the alert asks for"),
    ):
        if wanted in severity_ids(runbook):
            return wanted, Because(f"{who} {wanted}", _line(runbook, wanted))
    entry = runbook.incident_type(match.incident_type)
    usual = (entry and _of_entry(entry, runbook, settings)) or _without_entry(match, alert, runbook, unmatched)
    if match.excused or (entry and _is_configured(entry, settings)):
        return usual
    more_urgent = runbook.severities[: severity_rank(runbook, usual[0])]
    # Strangers who report do not make it worse by their words, but they may by their number.
    if alert.source == SOURCE:
        return (share_met(alert.affected, more_urgent) if alert.affected is not None else None) or usual
    return criterion_met(alert, more_urgent) or usual


def _is_configured(entry: IncidentType, settings: Mapping[str, IncidentTypeSettings]) -> bool:
    chosen = settings.get(entry.id)
    return chosen is not None and chosen.severity is not None


def _without_entry(match: Match, alert: Alert, runbook: Runbook, unmatched: UnmatchedSettings) -> tuple[str, Because]:
    """Give how bad what fits no entry is: as configured, else its sender's word."""
    known = severity_ids(runbook)
    for chosen, what in ((match.excused and unmatched.notices, "notices"), (unmatched.severity, "severity")):
        if chosen and chosen in known:
            return chosen, Because(f"the configuration says {chosen} ({what} of [unmatched])", _line(runbook, chosen))
    return _of_sender(alert, runbook)


def severity_of(entry: IncidentType, settings: Mapping[str, IncidentTypeSettings]) -> str | None:
    """Give the severity of an entry whatever its alert says: configured, else stated, else inferred, else None."""
    chosen = settings.get(entry.id)
    return (chosen.severity if chosen else None) or entry.severity or entry.inferred_severity


def severity_ids(runbook: Runbook) -> tuple[str, ...]:
    """Give the severities in force, most urgent first."""
    return tuple(severity.id for severity in runbook.severities) or BUILT_IN


def severity_rank(runbook: Runbook, severity_id: str) -> int:
    """Give the place of a severity, 0 the most urgent; one the runbook does not know comes after all it knows."""
    known = severity_ids(runbook)
    return known.index(severity_id) if severity_id in known else len(known)


def _of_entry(
    entry: IncidentType, runbook: Runbook, settings: Mapping[str, IncidentTypeSettings]
) -> tuple[str, Because] | None:
    chosen = settings.get(entry.id)
    if chosen and chosen.severity:
        return chosen.severity, Because(f"the configuration makes {entry.title} {chosen.severity}", entry.line)
    if entry.severity:
        text = f"the runbook says that {entry.title} is {entry.severity}"
        return entry.severity, Because(text, entry.severity_line or entry.line)
    if entry.inferred_severity:
        text = entry.severity_because or f"the words of {entry.title} imply {entry.inferred_severity}"
        return entry.inferred_severity, Because(text, entry.severity_line or _line(runbook, entry.inferred_severity))
    return None


def _of_sender(alert: Alert, runbook: Runbook) -> tuple[str, Because]:
    known = severity_ids(runbook)
    place = SENDERS.index(alert.severity) if alert.severity in SENDERS else _UNKNOWN_WORD
    severity = known[min(place, len(known) - 1)]
    return severity, Because(f"its sender calls it “{alert.severity}”", _line(runbook, severity))


def _line(runbook: Runbook, severity_id: str) -> int | None:
    severity = runbook.severity(severity_id)
    return severity.line if severity else None
