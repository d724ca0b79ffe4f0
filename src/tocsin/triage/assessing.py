"""Which entry and how bad, in one answer: what opens an incident, and what raises one."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from tocsin.detection.alert import Alert
from tocsin.identity import These
from tocsin.incident.facts import Because
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.triage.matched import Match
from tocsin.triage.matching import match
from tocsin.triage.recalling import Correction
from tocsin.triage.severity import severity_for


class Assessment(NamedTuple):
    """The match, the severity it opens with, and why that one."""

    found: Match
    severity: str
    why: Because


def assess(alert: Alert, runbook: Runbook, settings: Settings, corrections: Iterable[Correction] = ()) -> Assessment:
    """Give the entry and the severity of an alert."""
    known = tuple(corrections)
    return _assess(alert, runbook, settings, known) if known else _assessed(These(alert, runbook, settings))


def _assess(alert: Alert, runbook: Runbook, settings: Settings, corrections: tuple[Correction, ...]) -> Assessment:
    found = match(alert, runbook, settings.incident_types, corrections)
    return Assessment(found, *severity_for(found, alert, runbook, settings.incident_types, settings.unmatched))


# More than the turns that are decided together: all of them ask once before the first asks again.
@lru_cache(maxsize=64)
def _assessed(asked: These[Alert, Runbook, Settings]) -> Assessment:
    """Give an assessment that may be asked for twice: for what an alert would open, and for what it then joins."""
    return _assess(*asked.values, ())


def kept(incident_type: str | None, severity: str, alert: Alert, runbook: Runbook, settings: Settings) -> Assessment:
    """Give the severity of an alert whose entry a person chose; where that is none, the one it has."""
    found = Match(incident_type, 1.0, ())
    if incident_type is None:
        return Assessment(found, severity, Because("a person says that it is no entry of the runbook"))
    return Assessment(found, *severity_for(found, alert, runbook, settings.incident_types, settings.unmatched))
