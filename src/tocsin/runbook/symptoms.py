"""Symptoms: what shows an incident, its threshold, and what would notice it."""

import re

from tocsin.runbook.annotations import Annotation
from tocsin.runbook.durations import DURATION
from tocsin.runbook.names import plain
from tocsin.runbook.policy import Symptom, Threshold
from tocsin.runbook.thresholds import threshold_in

PEOPLE = "people's reports"
ALERTS = "an alert source"
_PEOPLE = re.compile(
    r"\b(?:\w{3,}s|people|staff|support)\s+(?:\w+\s+)?(?:report(?:ing|ed)?|complain(?:ing)?|tell us|write in)\b|"
    r"\b(?:user|customer|client)s?\s+(?:say|see|mention|call)\w*|"
    r"\b(?:user|customer|client)s\s+(?:cannot|can.t|are unable to)\b|"
    r"\b(?:support )?tickets?\b|\breports? (?:of|from)\b",
    re.IGNORECASE,
)
_ALERTS = re.compile(r"\balerts?\b[^.;]{0,40}\b(?:fir|trigger|rais)(?:es?|ing|ed)\b|\balarms?\b", re.IGNORECASE)
# Most telling first: what kind of instrument sees such a thing.
_WATCHERS = tuple(
    (re.compile(words, re.IGNORECASE), watcher)
    for words, watcher in (
        (r"health|heartbeat|ready|readiness|liveness|ping", "an HTTP probe of the health check"),
        (r"\blogins?\b|unauthori[sz]ed|unusual|suspicious|intrusion|bulk", "an alert of the security monitoring"),
        (r"\"[^\"]+\"|\blogs?\b(?! (?:in|out)\b)|crash|exception|stack ?trace|exit code", "a watch on the log for it"),
        (r"cpu|memory|disk|bandwidth|usage|load|connections?|queue|lag|rate|traffic", "a metric of it"),
        (r"access|accept|reach|respond|answer|open|serve", "a probe that does what its users do"),
    )
)


def symptom(text: str, line: int, notes: tuple[Annotation, ...] = (), alerts: tuple[str, ...] = ()) -> Symptom:
    """Give one symptom; `alerts` are the alert names of its entry, which then notice it."""
    words = plain(text)
    threshold = threshold_in(DURATION.sub(_keep_measured, words))
    bound = _bound_to(words, notes, alerts)
    gap = None if bound else _gap(words, threshold)
    return Symptom(text=words, threshold=threshold, bound_to=bound, gap=gap, line=line)


def _keep_measured(found: re.Match[str]) -> str:
    """Take out "for 10 minutes": how long it has to last is no measurement; "> 1s" is one and stays."""
    before = found.string[: found.start()].rstrip()
    return "" if before.casefold().endswith((" for", " every", " last")) else found[0]


def _bound_to(words: str, notes: tuple[Annotation, ...], alerts: tuple[str, ...]) -> str | None:
    for note in notes:
        if note.what == "when":
            named = next((f"{key} {note.get(key)}" for key in ("probe", "metric", "alert") if note.get(key)), None)
            if named:
                return named
    if _PEOPLE.search(words):
        return PEOPLE
    if _ALERTS.search(words):
        return ALERTS
    return f"the alert {alerts[0]}" if alerts else None


def _gap(words: str, threshold: Threshold | None) -> str:
    if threshold is not None:
        measure = f"{threshold.op} {threshold.value:g}{threshold.unit}"
        return f"needs a metric of {threshold.subject or 'it'} that is compared with {measure}"
    watcher = next((named for pattern, named in _WATCHERS if pattern.search(words)), "an alert whose text says so")
    return f"needs {watcher}"
