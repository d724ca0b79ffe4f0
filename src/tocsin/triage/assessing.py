"""Which entry and how bad, in one answer: what opens an incident, and what raises one."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from tocsin.detection.alert import Alert
from tocsin.identity import These
from tocsin.incident.facts import Because
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.triage.alike import LONGEST, Alike, Names, known_names, made_alike
from tocsin.triage.matched import Match
from tocsin.triage.matching import match
from tocsin.triage.recalling import Correction, recalled
from tocsin.triage.severity import severity_for

REMEMBERED = 256
"""Of so many alerts that tell nothing alike it is remembered what they are."""


class Assessment(NamedTuple):
    """The match, the severity it opens with, and why that one."""

    found: Match
    severity: str
    why: Because


def assess(alert: Alert, runbook: Runbook, settings: Settings, corrections: Iterable[Correction] = ()) -> Assessment:
    """Give the entry and the severity of an alert; of alerts that tell the same of one of many, the same.

    `corrections` are what people said of earlier alerts, the newest first.
    """
    known = tuple(corrections)
    return _assessed(These(alert, runbook, settings), recalled(alert, known) if known else None)


# More than the turns that are decided together: all of them ask once before the first asks again.
@lru_cache(maxsize=64)
def _assessed(asked: These[Alert, Runbook, Settings], corrected: Correction | None) -> Assessment:
    """Give an assessment that may be asked for twice: for what an alert would open, and for what it then joins."""
    alert, runbook, settings = asked.values
    alike, names = made_alike(alert, known_names(runbook, settings))
    ask = _remembered if len(alike.texts) <= LONGEST else _of_all_alike
    found, severity, why = ask(alike, These(runbook, settings), corrected)
    because, otherwise = _in_its_words(found.because, names), _in_its_words(found.otherwise, names)
    return Assessment(found._replace(because=because, otherwise=otherwise), severity, *_in_its_words((why,), names))


def _of_all_alike(alike: Alike, asked: These[Runbook, Settings], corrected: Correction | None) -> Assessment:
    alert, (runbook, settings) = alike.alert(), asked.values
    found = match(alert, runbook, settings.incident_types, corrected)
    return Assessment(found, *severity_for(found, alert, runbook, settings.incident_types, settings.unmatched))


_remembered = lru_cache(maxsize=REMEMBERED)(_of_all_alike)


def _in_its_words(reasons: tuple[Because, ...], names: Names) -> tuple[Because, ...]:
    return tuple(Because(told, one.line) if (told := names.told(one.text)) is not one.text else one for one in reasons)


def kept(incident_type: str | None, severity: str, alert: Alert, runbook: Runbook, settings: Settings) -> Assessment:
    """Give the severity of an alert whose entry a person chose; where that is none, the one it has."""
    found = Match(incident_type, 1.0, ())
    if incident_type is None:
        return Assessment(found, severity, Because("a person says that it is no entry of the runbook"))
    return Assessment(found, *severity_for(found, alert, runbook, settings.incident_types, settings.unmatched))
