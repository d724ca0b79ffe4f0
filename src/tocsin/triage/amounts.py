"""Numbers held against a threshold of the document by its own words, whatever they measure: "tick time 88 ms"."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from msgspec import structs

from tocsin.runbook.comparisons import BY_TIME, FLOW, UNITS, counted_by, flow_of
from tocsin.runbook.notation import IS_ONE, ONES, english
from tocsin.runbook.policy import Threshold
from tocsin.runbook.units import FLOWS, sizes
from tocsin.triage.kinship import relations
from tocsin.triage.metrics import unit_of
from tocsin.triage.numerals import BEGINS, SCALE, legible, number, scale
from tocsin.triage.proportions import multiples, usual_amounts
from tocsin.triage.reading import PER_SECOND, WHOLE, compared
from tocsin.triage.reading_terms import BARE, FREE, OF_ONE, TAKEN, is_of_the_left
from tocsin.triage.words import between, content, listed, lowered, stem, stems, words

_SHARES = {"%": 1.0}
_FAMILIES = (sizes("time"), _SHARES, {"x": 1.0}, PER_SECOND, FLOWS, sizes("bytes"))
_RATE = re.compile(rf"\s?{FLOW}|\s?(?:[^\W\d_]{{2,20}}\s?){{0,2}}?{BY_TIME}")
_EACH = re.compile(BY_TIME)
# A date, a time of day, a version, an address and "3 of 5" written "3/5" are no amounts.
_NO_OTHER = r"(?![.:/]?\d|-\d{1,2}-\d)"
_AMOUNT = re.compile(
    rf"{BEGINS}(?<![:/])(?<![\w)\]%.]-)(?<!=\")"
    rf"(?P<value>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|(?:\d+(?:\.\d+)?|\.\d+)(?:e\+?\d{{1,2}}\b)?){_NO_OTHER}"
    rf"(?:(?P<k>\s?k\b|m(?=\s?(?:[a-z]{{3,12}}\s?/|[rqp]ps\b|rpm\b)))"
    rf"|\s(?P<many>(?![kmgb](?:\b|bit|[bprq]ps|b/s|req)){SCALE}))?"
    r"\s?(?P<unit>%|\u00d7|ミリ秒|毫秒|밀리초|[秒초]|[a-z\u00b5\u0430-\u044f\u0451]+)?"
)
# What stands before a number: what it should be, that it is more or less than that, or below zero.
_AIM = re.compile(
    r"(?:(?P<aim>(?:(?<![-=])[<>\u2265]=?|(?<![a-z])(?:threshold|limit|slo|objective|target|within|last|every|for|"
    r"in the|since|until|by))\W{0,3})"
    r"|(?P<less>(?<![a-z])(?:below|under|at most|less than|fewer than|up to|n(?:o|ot|ever)\s(?:above|over|more than))\s"
    r"|\u2264\s?)"
    r"|(?P<more>(?<![a-z])(?:above|over|beyond|exceed(?:s|ed|ing)?|more than)\s))?"
    r"(?P<minus>(?:(?<![\w)\]%.])[-\u2212]|\bminus\s))?\Z"
)
_AIMS = listed(
    "threshold limit slo objective target within last every for the since until by minus "
    "below under most than to above over beyond exceed exceeds exceeded exceeding"
)
_AS_FAR_BACK = 24
_LETTERS = re.compile(r"[a-z]+")
_SIGNS_BEFORE = re.compile(r"[<>\u2264\u2265\u2212-]")
# "Pump 3 stopped": which of them, and not how many.
_NAME = re.compile(r"(?<=[a-z]\s)\d{1,2}\s(?P<unit>[a-z]{3,}[a-rt-z])\b")
_COUNTED = re.compile(
    r"\b(?:is|are|at|to|of|only|than|below|under|over|above|with|has|have|by|least|most|and|or|for|in|about|around|nearly|"
    r"just|already|now|was|were|after|within|from)\s$"
)
_PLAIN = re.compile(r"\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d{1,2})?)\s*(%|[a-z]{1,7})?\s*", re.IGNORECASE)
# What says that so much is in use.
_USED = TAKEN | frozenset(map(stem, listed("usage utilisation utilization saturation")))
_QUERIES = frozenset({"query", "expr", "expression", "promql", "metric_query"})
_QUOTIENT = re.compile(r"[a-z_\])}]\s*/\s*(?:on\s*\([^)]{0,80}\)\s*)?[a-z_({][a-z_]", re.IGNORECASE)
_SENTENCE = re.compile(r"[;\n]|\.\s")
_ONES = (*ONES, "#")
MOST = 30
_BEYOND = 1e-6
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
    """A number of the alert with its unit ("" for a count) and the words it stands among.

    `bound` is ">" where it is more than that, and "<" where it is less.
    """

    value: float
    unit: str
    near: frozenset[str]
    quote: str
    bound: str = ""

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
    return structs.replace(threshold, unit=counted_by(found)) if found else threshold


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
    past = compared(value, threshold.op, limit)
    # What is below 500 is not past 1,000, and may be whatever it likes against 400.
    if amount.bound and amount.bound != threshold.op[0]:
        return None if past else False
    return past


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
        if (told and told["aim"]) or _is_name(low, found) or start in usual_amounts(text):
            continue
        below = sentences[bisect_right(sentences, start) - 1]
        high = next((mark.start() for mark in _SENTENCE.finditer(text, end)), len(text))
        before = [word.stem for word in between(there, below, start)[-BEFORE:]]
        after = [word.stem for word in between(there, end, high)[:AFTER]]
        sign = -1 if told and told["minus"] else 1
        # "3M" are millions, "3m" minutes.
        millions = found["unit"] == "m" and text[found.start("unit")] == "M"
        many = "m" if millions else (found["k"] or found["many"] or "").strip()
        near = frozenset((*before, *after))
        rate = _RATE.match(low, max(end, found.end("k"), found.end("many")))
        unit = (flow_of(rate).lower() or counted_by(rate)) if rate else "" if millions else _unit(found["unit"])
        quote = text[quoted : rate.end() if rate else begun].strip()
        bound = "" if told is None else "<" if told["less"] else ">" if told["more"] else ""
        value = number(found["value"]) * scale(many) * sign
        value += {"": 0.0, "<": -_BEYOND, ">": _BEYOND}[bound] * abs(value)
        yield Amount(value, unit, near | (_ENDS if near & _LASTS else frozenset()), quote, bound)


def _told(low: str, begun: int, start: int) -> re.Match[str] | None:
    """Give what stands before a number behind `begun` and says how to take it."""
    before = low[max(begun, start - _AS_FAR_BACK) : start]
    last = _LETTERS.findall(before)[-1:]
    if (last and last[0] in _AIMS) or _SIGNS_BEFORE.search(before):
        return _AIM.search(low, max(begun, start - _AS_FAR_BACK), start)
    return None


def _is_name(text: str, amount: re.Match[str]) -> bool:
    """Whether a number says which one is meant: "door 2 opened", "on port 8443"."""
    at, end = amount.span("value")
    if amount["k"] or amount["many"] or _unit(amount["unit"]):
        return False
    before = max(0, at - _AS_FAR_BACK)
    named = text[before:at].rstrip(" \t=:\"'(").endswith(_ONES) and IS_ONE.search(text, before, at)
    if not named and (_NAME.match(text, at) is None or _COUNTED.search(text, 0, at)):
        return False
    return _RATE.match(text, end) is None


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
    """Give a unit in the one way it is kept, "" for what is none."""
    written = (text or "").lower()
    # "300 W" are no weeks, "5 m" are minutes.
    unit = UNITS.get(written, {"m": "min", "w": ""}.get(written, written))
    return unit if any(unit in family for family in _FAMILIES) else ""
