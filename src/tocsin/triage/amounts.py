"""Numbers held against a threshold of the document by its own words, whatever they measure: "tick time 88 ms"."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from tocsin.runbook.policy import Threshold
from tocsin.triage.words import content, stem, words

_SECONDS = {
    "ms": 0.001, "msec": 0.001, "milliseconds": 0.001, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0,
}  # fmt: skip
_SHARES = {"%": 1.0, "percent": 1.0, "pct": 1.0}
_TIMES = {"x": 1.0, "times": 1.0, "\u00d7": 1.0}
_BYTES = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_FAMILIES = (_SECONDS, _SHARES, _TIMES, {unit: float(size) for unit, size in _BYTES.items()})
_AMOUNT = re.compile(
    r"(?P<aim>(?:[<>]=?|threshold|limit|slo|objective|target|within|last|every|for|in the)\W{0,3})?"
    r"(?<![\w.:/-])(?P<value>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?P<k>k\b)?\s?(?P<unit>%|\u00d7|[a-z]+)?",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(%|[a-z]{1,7})?\s*", re.IGNORECASE)
_SENTENCE = re.compile(r"[;\n]|\.\s")
MOST = 30
BEFORE, AFTER = 9, 4
ENOUGH_WORDS = 0.4
# What is valid for so long expires then.
_LASTS, _ENDS = frozenset({stem("valid"), stem("remaining"), stem("left")}), frozenset({stem("expires")})


class Amount(NamedTuple):
    """A number of the alert with its unit ("" for a count) and the words it stands among."""

    value: float
    unit: str
    near: frozenset[str]
    quote: str


def amounts(text: str, named: Mapping[str, str]) -> tuple[Amount, ...]:
    """Give the numbers of the text and of the details, with the words around each."""
    return (*_in_text(text), *_in_details(text, named))


def subject_of(threshold: Threshold) -> frozenset[str]:
    """Give the words that say what a threshold is about."""
    named = frozenset(content(threshold.subject))
    return named or frozenset(word.stem for word in words(threshold.subject))


def held(amount: Amount, threshold: Threshold, subject: frozenset[str]) -> bool | None:
    """Give whether the amount is past the threshold; None when it measures something else."""
    if not subject or len(subject & amount.near) < ENOUGH_WORDS * len(subject):
        return None
    limit = _comparable(threshold.value, threshold.unit.lower(), amount.unit)
    if limit is None:
        return None
    compare = {
        ">": amount.value > limit,
        "<": amount.value < limit,
        "<=": amount.value <= limit,
        "==": amount.value == limit,
    }
    return compare.get(threshold.op, amount.value >= limit)


def _comparable(value: float, unit: str, wanted: str) -> float | None:
    """Give the value in the wanted unit, or None when the two do not compare."""
    for family in _FAMILIES:
        if unit in family:
            return value * family[unit] / family[wanted] if wanted in family else None
    return value if not any(wanted in family for family in _FAMILIES) else None


def _in_text(text: str) -> Iterator[Amount]:
    there = words(text)
    for found in islice(_AMOUNT.finditer(text), MOST):
        if found["aim"]:
            continue
        start, end = found.start("value"), found.end("value")
        low = max((mark.end() for mark in _SENTENCE.finditer(text, 0, start)), default=0)
        high = next((mark.start() for mark in _SENTENCE.finditer(text, end)), len(text))
        before = [word.stem for word in there if low <= word.start < start][-BEFORE:]
        after = [word.stem for word in there if end <= word.start < high][:AFTER]
        value = float(found["value"].replace(",", "")) * (1000 if found["k"] else 1)
        near = frozenset((*before, *after))
        yield Amount(value, _unit(found["unit"]), near | (_ENDS if near & _LASTS else frozenset()), found[0].strip())


def _in_details(text: str, named: Mapping[str, str]) -> Iterator[Amount]:
    subject = frozenset(content(text[:200]))
    for key, value in islice(named.items(), MOST):
        if number := _PLAIN.fullmatch(value):
            near = frozenset(word.stem for word in words(key)) | subject
            yield Amount(float(number[1]), _unit(number[2]), near, f"{key}: {value}")


def _unit(text: str | None) -> str:
    unit = (text or "").lower()
    return unit if any(unit in family for family in _FAMILIES) else ""
