"""Numbers held against a threshold of the document by its own words, whatever they measure: "tick time 88 ms"."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from msgspec import structs

from tocsin.runbook.notation import english
from tocsin.runbook.policy import Threshold
from tocsin.runbook.units import FLOWS
from tocsin.triage.kinship import relations
from tocsin.triage.metrics import unit_of
from tocsin.triage.numerals import BEGINS, SCALE, legible, number, scale
from tocsin.triage.proportions import multiples, usual_amounts
from tocsin.triage.reading import PER_SECOND, WHOLE
from tocsin.triage.reading_terms import BARE, FREE, OF_ONE, TAKEN, is_of_the_left
from tocsin.triage.words import between, content, listed, lowered, stem, stems, words

_SECONDS = {
    "ms": 0.001, "msec": 0.001, "milliseconds": 0.001, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0, "秒": 1.0, "초": 1.0,
}  # fmt: skip
_SHARES = {"%": 1.0, "percent": 1.0, "pct": 1.0}
_TIMES = {"x": 1.0, "times": 1.0, "\u00d7": 1.0}
_BYTES = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_RATE = re.compile(
    r"\s?(?:[a-z]{2,20}\s?){0,2}?(?:/|\b(?:per|a|an|each|every|pro|par|por)\s)\s?(?P<by>s|sec|second|min|minute|h|hour|sekunde|stunde|seconde|heure|segundo|minuto|hora)\b"
    r"|\s?(?:[rq]ps|pps|(?P<minute>rpm))\b"
)
_LONG = {"sekunde": "s", "seconde": "s", "segundo": "s", "minuto": "min", "stunde": "h", "heure": "h", "hora": "h"}
_FAMILIES = (_SECONDS, _SHARES, _TIMES, PER_SECOND, FLOWS, {unit: float(size) for unit, size in _BYTES.items()})
_AMOUNT = re.compile(
    rf"{BEGINS}(?<![:/])(?<![\w)\]%.]-)(?<!=\")"
    r"(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e\+?\d{1,2})?)"
    rf"(?:(?P<k>k\b)|\s(?P<many>(?![kmgb](?:\b|bit|[bprq]ps|b/s|req)){SCALE}))?\s?(?P<unit>%|\u00d7|[a-z]+|秒|초)?"
)
# What stands before a number: what it should be, or that it is below zero.
_AIM = re.compile(
    r"(?P<aim>(?:[<>]=?|(?<![a-z])(?:threshold|limit|slo|objective|target|within|last|every|for|in the))\W{0,3})?"
    r"(?P<minus>(?:(?<![\w)\]%.])[-\u2212]|\bminus\s))?\Z"
)
_AIMS = ("threshold", "limit", "slo", "objective", "target", "within", "last", "every", "for", "the", "minus")
_AS_FAR_BACK = 24
_LETTERS = re.compile(r"[a-z]+")
_SIGNS_BEFORE = re.compile(r"[<>\u2212-]")
# "Pump 3 stopped": which of them, and not how many.
_NAME = re.compile(r"(?<=[a-z]\s)\d{1,2}\s(?P<unit>[a-z]{3,}[a-rt-z])\b")
_COUNTED = re.compile(
    r"\b(?:is|are|at|to|of|only|than|below|under|over|above|with|has|have|by|least|most|and|or|for|in|about|around|nearly|"
    r"just|already|now|was|were|after|within|from)\s$"
)
_EACH = re.compile(
    r"(?:\bper|/|\beach|\bevery|\ba|\bpro|\bpar|\bpor)\s?(?P<by>second|sec|sekunde|seconde|segundo|minute|minuto|min|hour|stunde|heure|hora)\b"
    r"|\b(?:[rq]ps|pps|(?P<minute>rpm))\b"
)
_PLAIN = re.compile(r"\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d{1,2})?)\s*(%|[a-z]{1,7})?\s*", re.IGNORECASE)
# What says that so much is in use.
_USED = TAKEN | frozenset(map(stem, listed("usage utilisation utilization saturation")))
_QUERIES = frozenset({"query", "expr", "expression", "promql", "metric_query"})
_QUOTIENT = re.compile(r"[a-z_\])}]\s*/\s*(?:on\s*\([^)]{0,80}\)\s*)?[a-z_({][a-z_]", re.IGNORECASE)
_SENTENCE = re.compile(r"[;\n]|\.\s")
MOST = 30
BEFORE, AFTER = 9, 4
ENOUGH_WORDS = 0.4
A_RELATIVE = 0.5
# Words that say how something is measured, and not what.
MEASURES = frozenset(
    map(
        stem,
        listed(
            "rate ratio share percent percentage level usage used number amount total second minute average "
            "quote anteil auslastung nutzung verbrauch prozent taux utilisation pourcentage usage tasa uso porcentaje "
            "utilizacion taxa porcentagem utilizacao tasso utilizzo percentuale zeit temps tiempo tempo "
            "reponse respuesta resposta risposta antwort "
            "der die das des dem den von vom du de la le les del el los las do da dos das di della en au zu "
            "bei pro par por"
        ),
    )
)
# What is valid for so long expires then.
_LASTS, _ENDS = frozenset({stem("valid"), stem("remaining"), stem("left")}), frozenset({stem("expires")})


class Amount(NamedTuple):
    """A number of the alert with its unit ("" for a count) and the words it stands among."""

    value: float
    unit: str
    near: frozenset[str]
    quote: str

    @property
    def related(self) -> frozenset[str]:
        """Give what the words around it have in common with their relatives."""
        return related(self.near)


@lru_cache(maxsize=512)
def related(stems: frozenset[str]) -> frozenset[str]:
    """Give what stems have in common with their relatives."""
    return frozenset(relation for stem in stems for relation in relations(stem))


def amounts(text: str, named: Mapping[str, str]) -> tuple[Amount, ...]:
    """Give the numbers of the text and of the details, with the words around each."""
    return (*_in_text(text), *_in_details(text, named), *_in_multiples(text))


def subject_of(threshold: Threshold) -> frozenset[str]:
    """Give the words that say what a threshold is about."""
    named = frozenset(content(threshold.subject))
    return named or frozenset(word.stem for word in words(threshold.subject))


def each(threshold: Threshold, symptom: str) -> Threshold:
    """Give the threshold with the time that its symptom counts by: "more than 20 alarms per hour"."""
    found = _EACH.search(lowered(symptom)) if not threshold.unit else None
    return structs.replace(threshold, unit=_by_time(found)) if found else threshold


def held(amount: Amount, threshold: Threshold, subject: frozenset[str]) -> bool | None:
    """Give whether the amount is past the threshold; None when it measures something else."""
    what, kindred = _measured(subject)
    # Of most numbers, most thresholds say nothing.
    if what.isdisjoint(amount.near) and kindred.isdisjoint(amount.related):
        return None
    if covered(what, amount) < max(A_RELATIVE, ENOUGH_WORDS * len(what)):
        return None
    limit = _comparable(threshold.value, threshold.unit.lower(), amount.unit)
    if limit is None:
        return None
    value = WHOLE - amount.value if amount.unit in _SHARES and _is_the_rest(amount.near, subject) else amount.value
    compare = {
        ">": value > limit,
        "<": value < limit,
        "<=": value <= limit,
        "==": value == limit,
    }
    return compare.get(threshold.op, value >= limit)


def _is_the_rest(near: frozenset[str], subject: frozenset[str]) -> bool:
    """Whether a share is of what is left, and the limit of what is used, or the other way round."""
    left, used = not FREE.isdisjoint(near), not _USED.isdisjoint(near)
    return left != used and left == FREE.isdisjoint(subject)


def covered(what: frozenset[str], amount: Amount) -> float:
    """Give how many of the words that say what is measured stand around a number; a relative counts half."""
    there = sum(stem in amount.near for stem in what)
    kin = sum(stem not in amount.near and not amount.related.isdisjoint(relations(stem)) for stem in what)
    return there + A_RELATIVE * kin


@lru_cache(maxsize=512)
def _measured(subject: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Give the words that say what is measured, and what they have in common with their relatives."""
    what = subject - MEASURES or subject
    return what, related(what)


def _comparable(value: float, unit: str, wanted: str) -> float | None:
    """Give the value in the wanted unit, or None when the two do not compare."""
    # "alarms per hour: 44": what is counted by time may say it in words only.
    if unit in PER_SECOND and not wanted:
        return value
    for family in _FAMILIES:
        if unit in family:
            return value * family[unit] / family[wanted] if wanted in family else None
    return value if not any(wanted in family for family in _FAMILIES) else None


def _in_text(text: str) -> Iterator[Amount]:
    low = legible(text)
    numbers = list(islice(_AMOUNT.finditer(low), MOST))
    if not numbers:
        return
    there = words(text)
    sentences = [0, *(mark.end() for mark in _SENTENCE.finditer(text))]
    begun = 0
    for found in numbers:
        told = _told(low, begun, found.start())
        quoted, begun = told.start() if told else found.start(), found.end()
        start, end = found.span("value")
        if (told and told["aim"]) or _is_name(low, start) or start in usual_amounts(text):
            continue
        below = sentences[bisect_right(sentences, start) - 1]
        high = next((mark.start() for mark in _SENTENCE.finditer(text, end)), len(text))
        before = [word.stem for word in between(there, below, start)[-BEFORE:]]
        after = [word.stem for word in between(there, end, high)[:AFTER]]
        sign = -1 if told and told["minus"] else 1
        value = number(found["value"]) * scale(found["k"] or found["many"]) * sign
        near = frozenset((*before, *after))
        rate = _RATE.match(low, max(end, found.end("k"), found.end("many")))
        unit = _by_time(rate) if rate else _unit(found["unit"])
        quote = text[quoted : rate.end() if rate else begun].strip()
        yield Amount(value, unit, near | (_ENDS if near & _LASTS else frozenset()), quote)


def _by_time(found: re.Match[str]) -> str:
    """Give by which time something is counted: "/s", "/min", "/h"."""
    by = found["by"] or ("min" if found["minute"] else "s")
    return f"/{_LONG.get(by, by)}"


def _told(low: str, begun: int, start: int) -> re.Match[str] | None:
    """Give what stands before a number behind `begun` and says how to take it."""
    before = low[max(begun, start - _AS_FAR_BACK) : start]
    last = _LETTERS.findall(before)[-1:]
    if (last and last[0] in _AIMS) or _SIGNS_BEFORE.search(before):
        return _AIM.search(low, max(begun, start - _AS_FAR_BACK), start)
    return None


def _is_name(text: str, at: int) -> bool:
    """Whether a number says which one is meant: "door 2 opened"."""
    name = _NAME.match(text, at)
    return name is not None and not _unit(name["unit"]) and _COUNTED.search(text, 0, at) is None


def _in_details(text: str, named: Mapping[str, str]) -> Iterator[Amount]:
    divided = _divided(named)
    for key, value in islice(named.items(), MOST):
        if told := _PLAIN.fullmatch(english(value)):
            number, near = float(told[1]), stems(key).union(content(text[:200]))
            unit = _unit(told[2]) or unit_of(key)
            if unit == "ratio" or (
                not told[2] and 0 < number < 1 and (stems(key) & OF_ONE or (_is_bare(key) and divided))
            ):
                number, unit = number * WHOLE, "%"
            yield Amount(number, unit, near | divided if _is_bare(key) else near, f"{key}: {value}")


def _is_bare(key: str) -> bool:
    """Whether the name of a detail says nothing of what it is the value of."""
    return stems(key) <= BARE


def _divided(named: Mapping[str, str]) -> frozenset[str]:
    """Give what the quotient of two metrics is of, where a detail says that a value is one: what is left, or used."""
    query = next((value for key, value in named.items() if key.lower() in _QUERIES), "")
    if not _QUOTIENT.search(query):
        return frozenset()
    return FREE if is_of_the_left(query) else _USED


def _in_multiples(text: str) -> Iterator[Amount]:
    """Give what is so many times the usual: "1,920 bans (normally 210)"."""
    there = words(text)
    for found in multiples(text):
        before = [word.stem for word in between(there, 0, found.end)[-BEFORE:]]
        after = [word.stem for word in between(there, found.end, len(text))[:AFTER]]
        yield Amount(found.times, "x", frozenset((*before, *after)), found.quote)


def _unit(text: str | None) -> str:
    unit = (text or "").lower()
    return unit if any(unit in family for family in _FAMILIES) else ""
