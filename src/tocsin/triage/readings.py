"""The numbers an alert carries, read with what they measure, so that thresholds of the document can be held to them."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tocsin.runbook.policy import Threshold
from tocsin.triage.words import Word, listed, words

# What is measured -> the topic a value beyond its threshold speaks of.
TOPIC_OF = {"errors": "errors", "latency": "slow", "load": "database", "requests": "flood", "memory": "memory"}
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
_AMOUNT = re.compile(
    r"(?P<aim>(?:threshold|limit|slo|objective|target|was|were|of|under|below|for|every|last|within|in|<)\W{0,3})?"
    r"(?P<more>(?:above|over|>|>=|exceeds?|exceeded|more than)\s*)?"
    r"(?<![\w.])(?P<value>\d+(?:[.,]\d+)?)\s?(?P<unit>%|percent|ms|milliseconds|seconds|secs?|s|x|\u00d7|times)(?![\w])"
    r"|(?<!\w)x(?P<factor>\d+(?:\.\d+)?)(?!\w)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(%|ms|s|x)?\s*", re.IGNORECASE)
_UNITS = {"percent": "%", "milliseconds": "ms", "seconds": "s", "sec": "s", "secs": "s", "\u00d7": "x", "times": "x"}
_FITTING = {"errors": "%", "success": "%", "memory": "%", "load": "%", "latency": "s", "requests": "x", "rows": "x"}
_BEYOND = 1e-6
WHOLE = 100


class Reading(NamedTuple):
    """One measured number: `kind` is what (errors, latency, load, requests, memory), `unit` %, s or x (times usual)."""

    kind: str
    value: float
    unit: str
    quote: str


def readings(text: str, named: Mapping[str, str]) -> tuple[Reading, ...]:
    """Give the numbers of the text and of the details whose meaning is clear."""
    found = (*_in_text(text), *_in_details(named), *_against_usual(named, text))
    return tuple(dict.fromkeys(found))


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
    for amount in _AMOUNT.finditer(text):
        if amount["aim"] and not amount["more"]:
            continue
        value, unit = amount["value"] or amount["factor"], (amount["unit"] or "x").lower()
        kind = _nearest_kind(there, amount.start(), amount.end(), text)
        reading = kind and _reading(kind, float(value.replace(",", ".")), _UNITS.get(unit, unit), amount[0].strip())
        if reading:
            more = _BEYOND * reading.value if amount["more"] else 0.0
            found.append(reading._replace(value=reading.value + more))
    return found


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


def _against_usual(named: Mapping[str, str], text: str) -> list[Reading]:
    """Give how many times its usual value something has, where the details hold both."""
    numbers = {key: float(found[1]) for key, value in named.items() if (found := _NUMBER.fullmatch(value))}
    parted = {key: frozenset(word.stem for word in words(key)) for key in numbers}
    compared = []
    for usual in (key for key in numbers if parted[key] & _USUAL and numbers[key] > 0):
        subject = parted[usual] - _USUAL
        for key in numbers.keys() - {usual}:
            same = parted[key] - _USUAL == subject or not subject
            kind = _kind(parted[key]) or (_kind(word.stem for word in words(text)) if not subject else None)
            if same and not parted[key] & _USUAL and kind in {"requests", "rows"}:
                times = numbers[key] / numbers[usual]
                compared.append(Reading(kind, times, "x", f"{key} {named[key]}, {usual} {named[usual]}"))
    return sorted(compared)
