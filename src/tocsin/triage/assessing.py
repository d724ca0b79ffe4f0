"""Which entry and how bad, in one answer: what opens an incident, and what raises one."""

from collections.abc import Iterable
from typing import NamedTuple

from tocsin.detection.alert import Alert
from tocsin.incident.facts import Because
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.triage.matching import Match, match
from tocsin.triage.recalling import Correction
from tocsin.triage.severity import severity_for


class Assessment(NamedTuple):
    """The match, the severity it opens with, and why that one."""

    found: Match
    severity: str
    why: Because


def assess(alert: Alert, runbook: Runbook, settings: Settings, corrections: Iterable[Correction] = ()) -> Assessment:
    """Give the entry and the severity of an alert."""
    found = match(alert, runbook, settings.incident_types, corrections)
    return Assessment(found, *severity_for(found, alert, runbook, settings.incident_types, settings.unmatched))


def kept(incident_type: str | None, severity: str, alert: Alert, runbook: Runbook, settings: Settings) -> Assessment:
    """Give the severity of an alert whose entry a person chose; where that is none, the one it has."""
    found = Match(incident_type, 1.0, ())
    if incident_type is None:
        return Assessment(found, severity, Because("a person says that it is no entry of the runbook"))
    return Assessment(found, *severity_for(found, alert, runbook, settings.incident_types, settings.unmatched))
