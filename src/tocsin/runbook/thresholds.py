"""Numbers in symptoms: "Error rate > 1%", "requests (>10x normal)", "CPU at 100%"."""

import re

from tocsin.runbook.policy import Threshold

_OPS = {
    ">": ">", "≥": ">=", ">=": ">=", "<": "<", "≤": "<=", "<=": "<=", "=": "==", "==": "==",
    "above": ">", "over": ">", "exceeds": ">", "exceed": ">", "exceeding": ">", "more than": ">",
    "greater than": ">", "higher than": ">", "longer than": ">", "at least": ">=", "at": ">=", "reaches": ">=",
    "below": "<", "under": "<", "less than": "<", "lower than": "<", "fewer than": "<", "at most": "<=",
}  # fmt: skip
_SYMBOLS = r">=|<=|==|≥|≤|>|<|="
_WORDS = "|".join(sorted((re.escape(op) for op in _OPS if op[0].isalpha()), key=len, reverse=True))
_UNIT = (
    r"%|percent|x\b|times\b|ms\b|s\b|sec(?:onds?)?\b|min(?:utes?)?\b|h(?:ours?)?\b|[KMGT]i?B\b|(?:req|requests)?/s\b|"
)
_THRESHOLD = re.compile(
    rf"(?P<op>{_SYMBOLS}|\b(?:{_WORDS})\b)\s*~?(?P<value>[0-9]{{1,9}}(?:\.[0-9]{{1,6}})?)(?![0-9:])\s?(?P<unit>{_UNIT})",
    re.IGNORECASE | re.ASCII,
)
_LEAD = re.compile(
    r"^(?:(?:a|an|the|sudden|sharp|large|big|spike|increase|rise|jump|surge|drop|in|of|is|stays?)\s+)+", re.IGNORECASE
)
_TAIL = re.compile(r"[\s(,:;]+(?:is|are|stays?|goes|rises?|was|remains?)?[\s(,:;]*$", re.IGNORECASE)
_SAME = {"percent": "%", "times": "x", "sec": "s", "second": "s", "seconds": "s", "minute": "min", "minutes": "min"}


def threshold_in(text: str) -> Threshold | None:
    """Give the first threshold of a text with its subject (the words before it), or None."""
    for found in _THRESHOLD.finditer(text):
        op, unit = found["op"].casefold(), found["unit"]
        # "at 15:30" and "at 3" are no measurements; a bare word operator needs a unit to be one.
        if op in ("at", "over", "under", "reaches") and not unit:
            continue
        subject = _LEAD.sub("", _TAIL.sub("", text[: found.start()])).strip()
        return Threshold(subject, _OPS[op], float(found["value"]), _SAME.get(unit.casefold(), unit))
    return None
