"""The numbers an alert carries, read with what they measure, so that thresholds of the document can be held to them."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from tocsin.runbook.policy import Threshold
from tocsin.triage.words import Word, listed, words

# What is measured -> the topic a value beyond its threshold speaks of.
TOPIC_OF: dict[str, str] = {
    "errors": "errors",
    "latency": "slow",
    "load": "database",
    "requests": "flood",
    "memory": "memory",
}
_KIND_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "latency",
        listed("latency p50 p75 p90 p95 p99 response-time duration antwortzeit antwortzeiten ttfb"),
    ),
    ("errors", listed("error 5xx failur fail errors exception")),
    ("success", listed("success availability succes")),
    ("memory", listed("memory mem ram heap swap rss")),
    ("load", listed("cpu")),
    ("rows", listed("row rows record download export egress")),
    (
        "requests",
        listed("request rps qps traffic ip connection packet pps hit req reqs visit"),
    ),
)
_SHARE = listed("rate ratio share percent avg average error_rate fraction")
_USUAL = listed("usual baselin baseline normal expect average typical avg max")
_ALL = listed("total all request requests call calls count sample samples check checks run runs attempt attempts")
_LIMIT = listed("limit max total quota capacity")
_ALIVE = listed(
    "ready healthy alive available up running listen listening reachabl reachable success succes succeed respond "
    "responsiv healthi inservice online"
)
_NONE = listed("0 0.0 false no none")
_BARE = listed("value current actual latest currentvalue current_value reading")
_AMOUNT = re.compile(
    r"(?P<aim>(?:threshold|limit|slo|objective|target|was|were|of|under|below|for|every|last|within|in|<)\W{0,3})?"
    r"(?P<more>(?:above|over|>|>=|exceeds?|exceeded|more than)\s*)?"
    r"(?<![\w.])(?P<value>\d{1,3}(?:,\d{3})+|\d+(?:[.,]\d+)?)\s?(?P<unit>%|percent|ms|milliseconds|seconds|secs?|s|x|\u00d7|times)(?![\w])"
    r"|(?<!\w)x(?P<factor>\d+(?:\.\d+)?)(?!\w)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(%|ms|s|x)?\s*", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_UNITS = {"percent": "%", "milliseconds": "ms", "seconds": "s", "sec": "s", "secs": "s", "\u00d7": "x", "times": "x"}
_FITTING = {"errors": "%", "success": "%", "memory": "%", "load": "%", "latency": "s", "requests": "x", "rows": "x"}
_BEYOND = 1e-6
WHOLE = 100
NEARLY_FULL = 95
# A table of numbers says no more than its beginning, and reading it all would hold up other alerts.
MOST_NUMBERS = 40


class Reading(NamedTuple):
    """One measured number: `unit` is %, s or x (times usual).

    `kind` is what was measured: errors, latency, load, requests, rows, memory; or alive, of which there is none.
    """

    kind: str
    value: float
    unit: str
    quote: str


def readings(text: str, named: Mapping[str, str]) -> tuple[Reading, ...]:
    """Give the numbers of the text and of the details whose meaning is clear."""
    numbers = {key: float(found[1]) for key, value in named.items() if (found := _NUMBER.fullmatch(value))}
    measured = (
        *_in_text(text),
        *_in_details(_with_subject(named, text)),
        *_against_usual(numbers, text),
        *_shares(numbers),
        *_lifeless(named),
    )
    return tuple(dict.fromkeys(measured))


def measured_by(threshold: Threshold, symptom: str) -> str | None:
    """Give the kind of reading a threshold of the document is about, or None when it is not known."""
    return _kind(word.stem for word in words(threshold.subject)) or _kind(word.stem for word in words(symptom))


def beyond(reading: Reading, threshold: Threshold) -> bool | None:
    """Whether the reading is past the threshold; None when their units do not compare."""
    limit, unit = threshold.value, _UNITS.get(threshold.unit, threshold.unit)
    if unit == "ms":
        limit, unit = limit / 1000, "s"
    if unit != reading.unit:
        return None
    if unit == "%" and limit >= WHOLE:
        # A gauge that is full seldom reads exactly that.
        limit = NEARLY_FULL
    compare = {
        ">": reading.value > limit,
        "<": reading.value < limit,
        "<=": reading.value <= limit,
    }
    return compare.get(threshold.op, reading.value >= limit)


def _kind(stems: Iterable[str]) -> str | None:
    listed = list(stems)
    present = set(listed)
    if "respons" in present and "time" in present:
        present.add("response-time")
    return next((kind for kind, marks in _KIND_WORDS if present & marks), None)


def _in_text(text: str) -> list[Reading]:
    there = words(text)
    found = []
    for amount in islice(_AMOUNT.finditer(text), MOST_NUMBERS):
        if amount["aim"] and not amount["more"]:
            continue
        value, unit = amount["value"] or amount["factor"], (amount["unit"] or "x").lower()
        kind = _nearest_kind(there, amount.start(), amount.end(), text)
        reading = kind and _reading(kind, _amount(value), _UNITS.get(unit, unit), amount[0].strip())
        if reading:
            more = _BEYOND * reading.value if amount["more"] else 0.0
            found.append(reading._replace(value=reading.value + more))
    return found


def _amount(text: str) -> float:
    """Give the number of a text, which may group thousands by commas or have a decimal comma."""
    return float(text.replace(",", "")) if _THOUSANDS.fullmatch(text) else float(text.replace(",", "."))


def _nearest_kind(there: tuple[Word, ...], start: int, end: int, text: str) -> str | None:
    """Give what the number measures: the nearest measure before it in the same clause, else just after it."""
    clause = max(text.rfind(mark, 0, start) for mark in (",", ";", ". ", "\n")) + 1
    before = [word.stem for word in there if clause <= word.start < start][-7:]
    after = [word.stem for word in there if word.start >= end][:3]
    for place in reversed(range(len(before))):
        if kind := _kind(before[place : place + 2]):
            return kind
    return _kind(after)


def _reading(kind: str, value: float, unit: str, quote: str) -> Reading | None:
    if unit == "ms":
        value, unit = value / 1000, "s"
    if _FITTING[kind] != unit:
        return None
    if kind == "success":
        return Reading("errors", WHOLE - value, "%", quote)
    return Reading(kind, value, unit, quote)


def _in_details(named: Mapping[str, str]) -> list[Reading]:
    found = []
    for key, text in named.items():
        number = _NUMBER.fullmatch(text)
        stems = [word.stem for word in words(key)]
        kind = _kind(stems)
        if number is None or kind is None or _USUAL.intersection(stems) - _SHARE:
            continue
        value, unit = float(number[1]), (number[2] or "").lower()
        if not unit:
            value, unit = _assumed(kind, value, stems)
        if reading := _reading(kind, value, unit, f"{key}: {text}"):
            found.append(reading)
    return found


def _assumed(kind: str, value: float, stems: list[str]) -> tuple[float, str]:
    """Give value and unit of a bare number: its key names them, or a share is written as 0..1."""
    if "ms" in stems:
        return value, "ms"
    if kind == "latency":
        return value, "s" if {"s", "second", "sec"} & set(stems) else ""
    if kind in {"errors", "success"}:
        share = bool(_SHARE.intersection(stems)) or 0 < value < 1
        return (value * WHOLE, "%") if share and 0 <= value <= 1 else (value, "%" if "percent" in stems else "")
    return value, "%" if kind in {"load", "memory"} and value <= WHOLE else ""


def _with_subject(named: Mapping[str, str], text: str) -> dict[str, str]:
    """Give the details with a bare "value" named for what it measures: the metric's name, else the alert's words."""
    subject = next((named[key] for key in ("metric", "metric_name", "query", "expr") if key in named), text[:200])
    return {f"{subject} {key}" if key in _BARE else key: value for key, value in named.items()}


def _shares(numbers: Mapping[str, float]) -> list[Reading]:
    """Give shares of counts the details hold side by side: failed of all, used of the limit."""
    parted = {key: frozenset(word.stem for word in words(key)) for key in numbers}
    found = []
    for key, part in numbers.items():
        kind = _kind(parted[key])
        others = {"errors": _ALL, "memory": _LIMIT}.get(kind or "")
        if not others or parted[key] & (others | _SHARE):
            continue
        for whole in (other for other in numbers if other != key and parted[other] & others):
            if 0 <= part <= numbers[whole] and numbers[whole] > 1:
                share = WHOLE * part / numbers[whole]
                found.append(Reading(kind or "", share, "%", f"{key} {part:g} of {whole} {numbers[whole]:g}"))
    return found


def _lifeless(named: Mapping[str, str]) -> list[Reading]:
    """Give what should be alive and is not: nothing ready, not listening, no success."""
    return [
        Reading("alive", 0, "", f"{key}: {value}")
        for key, value in named.items()
        if value.strip().lower() in _NONE and _ALIVE.intersection(word.stem for word in words(key))
    ]


def _against_usual(numbers: Mapping[str, float], text: str) -> list[Reading]:
    """Give how many times its usual value something has, where the details hold both."""
    parted = {key: frozenset(word.stem for word in words(key)) for key in numbers}
    compared = []
    for usual in (key for key in numbers if parted[key] & _USUAL and numbers[key] > 0):
        subject = parted[usual] - _USUAL
        for key in numbers.keys() - {usual}:
            same = parted[key] - _USUAL == subject or not subject
            kind = _kind(parted[key]) or (_kind(word.stem for word in words(text)) if not subject else None)
            if same and not parted[key] & _USUAL and kind in {"requests", "rows"}:
                times = numbers[key] / numbers[usual]
                compared.append(Reading(kind, times, "x", f"{key} {numbers[key]:g}, {usual} {numbers[usual]:g}"))
    return sorted(compared)
