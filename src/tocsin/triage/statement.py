"""An alert as what it says: one text to read, its details by name, and the names it gives itself."""

import re
from typing import NamedTuple

from tocsin.detection.alert import Alert
from tocsin.triage.reading_terms import ALIVE
from tocsin.triage.words import NEGATIONS, listed, stems

MAX_TEXT = 6_000
# Details that speak of the sender's own bookkeeping, of other alerts, or of urgency rather than of the trouble.
SILENT_KEYS = listed(
    "severity priority urgency level resolved num_resolved num_firing routing_key dedup_key fingerprint "
    "generatorurl dashboard dashboard_url panel_url silence_url externalurl runbook runbook_url environment env "
    "stage incident_type check_id id"
)
# "unhealthy: 0" speaks of nothing; what should be there and is not is read as a number.
NOTHING = listed("0 0.0 0% false False none None null")
NAME_KEYS = ("alertname", "alert_name", "alarmname", "rule_name", "rulename", "monitor_name", "check_name", "runbook")
_LABEL = re.compile(r"^[ \t]*-[ \t]*(\w+)[ \t]*=[ \t]*(\S.*)$", re.MULTILINE)
_SOURCE_LINE = re.compile(r"^Source: .*$", re.MULTILINE)
_FIRING = re.compile(r"^\s*\[firing:?\s*\d*\]\s*", re.IGNORECASE)
_LIKE_A_STATUS = re.compile(r"5[0-2]\d")
_STATUS = re.compile(r"status|code|http|response|answer|return|reason|cause|error|result", re.IGNORECASE)
_A_SEARCH = re.compile(r"(?:nrql|search)_?query", re.IGNORECASE)
_FIRST_NAME = re.compile(r"[A-Za-z][\w.-]{3,}")


class Statement(NamedTuple):
    """What an alert says. `summary` leads; `rest` is everything else worth reading; `names` are (label, name).

    `named` holds its details by lower-case key, `spelled` by the key as its sender writes it: "HealthyHostCount".
    """

    summary: str
    rest: str
    origin: str
    named: dict[str, str]
    spelled: dict[str, str]
    names: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """Give all of it as one text."""
        return f"{self.summary}\n{self.rest}"


def statement(alert: Alert) -> Statement:
    """Give what the alert says, without its severity."""
    named = _named(alert)
    written = {key.lower(): key for key in alert.details}
    pieces = [piece for piece in (alert.alert_class, alert.component) if piece]
    pieces += [
        _piece(written.get(key, key), value)
        for key, value in named.items()
        if key not in SILENT_KEYS and _is_said(key, value)
    ]
    return Statement(
        summary=alert.summary[:MAX_TEXT],
        rest="\n".join(pieces)[:MAX_TEXT],
        origin=alert.origin[:200],
        named=named,
        spelled={written.get(key, key): value for key, value in named.items()},
        names=_names(alert, named),
    )


def _piece(key: str, value: str) -> str:
    """Give a detail as a text says it: a number like that of an answer is one only where its name says so."""
    if _A_SEARCH.fullmatch(key):
        return value  # of a monitor's own records, and no database is asked
    return key if _LIKE_A_STATUS.fullmatch(value) and not _STATUS.search(key) else f"{key}: {value}"


def _is_said(key: str, value: str) -> bool:
    """Whether a detail speaks of anything; what should be alive and is not does."""
    if value not in NOTHING:
        return True
    there = stems(key)
    return bool(there & ALIVE and not there & NEGATIONS)


def _named(alert: Alert) -> dict[str, str]:
    """Give the details by lower-case key, together with the labels Alertmanager writes into its text."""
    named: dict[str, str] = {}
    for key, value in alert.details.items():
        if key.lower() == "firing" and _LABEL.search(value):
            for label, text in _LABEL.findall(value):
                named.setdefault(label.lower(), text)
            named[key.lower()] = _SOURCE_LINE.sub("", _LABEL.sub("", value))
        else:
            named[key.lower()] = value
    return named


def _names(alert: Alert, named: dict[str, str]) -> tuple[tuple[str, str], ...]:
    found = [(key, named[key].rsplit("#", 1)[-1]) for key in NAME_KEYS if key in named]
    found += [
        (label, value)
        for label, value in (("class", alert.alert_class), ("component", alert.component), ("group", alert.group))
        if value
    ]
    summary = _FIRING.sub("", alert.summary)
    first = _FIRST_NAME.match(summary)
    found += [("summary", summary)] + ([("alert name", first[0])] if first else [])
    return tuple(found)
