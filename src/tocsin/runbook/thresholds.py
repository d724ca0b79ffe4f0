"""Numbers in symptoms: "Error rate > 1%", "requests (>10x normal)", "CPU at 100%"."""

import re

from tocsin.runbook.durations import DURATION, duration_in
from tocsin.runbook.policy import Threshold

_OPS = {
    ">": ">", "≥": ">=", ">=": ">=", "<": "<", "≤": "<=", "<=": "<=", "=": "==", "==": "==",
    "above": ">", "over": ">", "exceeds": ">", "exceed": ">", "exceeding": ">", "more than": ">",
    "greater than": ">", "higher than": ">", "longer than": ">", "older than": ">",
    "at least": ">=", "at": ">=", "reaches": ">=",
    "below": "<", "under": "<", "less than": "<", "lower than": "<", "fewer than": "<", "at most": "<=",
}  # fmt: skip
_SYMBOLS = r">=|<=|==|≥|≤|>|<|="
_WORDS = "|".join(sorted((re.escape(op) for op in _OPS if op[0].isalpha()), key=len, reverse=True))
_UNIT = (
    r"%|percent|x\b|times\b|ms\b|s\b|sec(?:onds?)?\b|min(?:utes?)?\b|h(?:ours?)?\b|days?\b|[KMGT]i?B\b|"
    r"(?:EUR|USD|GBP)\b|(?:req|requests)?/s\b|"
)
_THRESHOLD = re.compile(
    rf"(?P<op>{_SYMBOLS}|\b(?:{_WORDS})\b)\s*~?"
    rf"(?P<value>[0-9]{{1,9}}(?:\.[0-9]{{1,6}})?)(?![0-9:])\s?(?P<unit>{_UNIT})",
    re.IGNORECASE | re.ASCII,
)
_LEAD = re.compile(
    r"^(?:(?:a|an|the|sudden|sharp|large|big|spike|increase|rise|jump|surge|drop|in|of|is|stays?)\s+)+", re.IGNORECASE
)
_TAIL = re.compile(
    r"(?:[\s(,:;]+(?:is|are|stays?|goes|rises?|was|remains?|of|to|drops?|falls?|by|have|has|been))*[\s(,:;]*$",
    re.IGNORECASE,
)
# What stands behind these is how long it lasts, not what is measured.
_LASTING = (" for", " every", " last", " during")
_SAME = {"percent": "%", "times": "x", "sec": "s", "second": "s", "seconds": "s", "minute": "min", "minutes": "min"}


_WINDOW = re.compile(
    r"\b(?:for|over|during|within)\s+"
    rf"(?:(?:more|longer) than\s+|at least\s+|over\s+|the last\s+|[>≥]=?\s*)?{DURATION.pattern}",
    re.IGNORECASE | re.ASCII,
)
_BASELINE = re.compile(
    r"\b(?:normal|baseline|usual|average|expected|typical|(?:last|previous) (?:week|day|hour)|yesterday)\b",
    re.IGNORECASE,
)


def threshold_in(text: str) -> Threshold | None:
    """Give the first threshold of a text with its subject (the words before it), or None."""
    for found in _THRESHOLD.finditer(text):
        op, unit = found["op"].casefold(), found["unit"]
        # "at 15:30" and "at 3" are no measurements; a bare word operator needs a unit to be one.
        if op in ("at", "over", "under", "reaches") and not unit:
            continue
        if text[: found.start()].rstrip().casefold().endswith(_LASTING):
            continue
        subject = _LEAD.sub("", _TAIL.sub("", text[: found.start()])).strip()
        kept = _SAME.get(unit.casefold(), unit)
        window = _WINDOW.search(text, found.end())
        baseline = _BASELINE.search(text, found.end()) if kept in ("x", "%") else None
        return Threshold(
            subject, _OPS[op], float(found["value"]), kept,
            window=duration_in(window[0]) if window else None, baseline=baseline[0].casefold() if baseline else None,
        )  # fmt: skip
    return None
