"""The numbers an alert carries, read with what they measure, so that thresholds of the document can be held to them."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from typing import NamedTuple

from tocsin.runbook.comparisons import BY_TIME, UNITS
from tocsin.runbook.notation import UNSPACED, english
from tocsin.runbook.policy import Threshold
from tocsin.triage.counted import counts
from tocsin.triage.fractions import failing
from tocsin.triage.lengths import in_seconds, is_how_long
from tocsin.triage.logged import answers, heaps
from tocsin.triage.numerals import BEGINS, legible, number, scale
from tocsin.triage.proportions import Proportion, multiples, proportions, rates, usual_amounts
from tocsin.triage.reading import A_FLOOD, PER_SECOND, WHOLE, Reading, compared
from tocsin.triage.reading_terms import (
    BREAKING,
    BYTES,
    CALLS,
    CJK_TRAFFIC,
    DEAD,
    ERRORS,
    FAILING,
    FREE,
    LINKS,
    NO_CALLS,
    OF_ONE,
    PERCENT,
    POOLED,
    PROGRAMS,
    REALLY_MEMORY,
    SHARE,
    STORED,
    TAKEN,
    TAKES,
    USUAL,
    WORKING,
    is_of_the_left,
    kind_of,
    kind_of_one,
    measured_in,
)
from tocsin.triage.so_much import is_so_much
from tocsin.triage.spans import spans
from tocsin.triage.values import with_subject
from tocsin.triage.words import Word, between, listed, stem, words

# What is measured -> the topic a value beyond its threshold speaks of.
TOPIC_OF: dict[str, str] = {
    "errors": "errors",
    "latency": "slow",
    "load": "database",
    "requests": "flood",
    "memory": "memory",
}


_AMOUNT = re.compile(
    BEGINS + r"(?:(?P<minutes>\d{1,3})\s?m(?:in(?:ute)?s?)?\s?(?=[0-5]?\d(?:\.\d+)?\s?s))?"
    r"(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s?(?P<unit>%|percent|ms|milliseconds|msec|seconds?|"
    r"secs?|s|sekunden|secondes|secondi|segundos|sekund|секунд|x|\u00d7|"
    rf"minutes?|mins?|minuten|minuti|minutos|毫秒|ミリ秒|밀리초|秒|초)(?![^\W{UNSPACED}])"
    r"|(?<!\w)x(?P<factor>\d+(?:\.\d+)?)(?!\w)"
)
# What stands before an amount: what it should be, or that it is more.
_AIM = re.compile(
    r"(?P<aim>(?:(?<![a-z])(?:threshold|limit|budget|slo|sla|objective|target|was|were|of|under|below|for|every|last|within|in|"
    r"at most|n(?:o|ot|ever)\s(?:above|over|exceed(?:s|ed|ing)?|more than|longer than))|[<\u2264])\W{0,3})?"
    r"(?P<more>(?:above|over|(?<![-=])>=?|\u2265|exceeds?|exceeded|more than)\s*)?\Z"
)
_AIMS = tuple(
    listed(
        "threshold limit budget slo sla objective target was were of under below for every last within in above over "
        "exceed exceeds exceeded exceeding than most"
    )
)
_SIGNS_BEFORE = re.compile(r"[<>\u2264\u2265]")
# So much more or less than before is not so much: "fell by 40 %", "-3 %", "20 % higher".
_BY = re.compile(
    r"(?:(?<![a-z])by\s(?:about\s|around\s|nearly\s|almost\s|only\s)?|(?<![a-z])down\s|(?:(?<=\s)|(?<=[:=(])|^)[-+\u2212])\Z"
)
_BEFORE_A_CHANGE = ("by ", "down ", "about ", "around ", "nearly ", "almost ", "only ", "+", "-", "\u2212")
_CHANGED = re.compile(r"\s?(?:higher|lower|increase|decrease|rise|drop)\b")
_AS_FAR_BACK = 40
_WORD = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d{1,2})?)\s*(%|ms|s|x)?\s*", re.IGNORECASE)
_BARE_SHARE = re.compile(
    r"(?=0?\.\d)"  # asked first: hardly a letter begins so, and what stands before it is many questions
    r"(?<!above )(?<!below )(?<!over )(?<!under )(?<!threshold )(?<!limit )(?<!slo )(?<!target )"
    r"(?<![\w.<>])(0?\.\d+)(?![\w.%x])"
    r"(?!\s?(?:%|(?:ms|s|x|/\s?(?:s|sec|second|m|min|minute|h|hour))\b))"
)
_OF_CALLS = re.compile(r"\sof\s(?:all\s|the\s)?(?:requests|calls|responses|queries|sessions|traffic)\b", re.IGNORECASE)
_TO = re.compile(r"\s?(?:to|\u2192|->|=>|auf|a|à|til|до)\s?")
# "500s" are answers, and no time; "4XXError 0.2" are mistakes of the clients.
_STATUSES = re.compile(r"[45]\d\ds")
_REFUSED = re.compile(r"(?<!\d)4xx(?!.*5xx)", re.IGNORECASE)
# The share of time that a program had between collections.
_MUTATOR = "mu"
_GROUPED = re.compile(r"\s*\d{1,3}(?:,\d{3})+(?:\.\d+)?\s*")
# "9.7e4/s", "90k req/s", "300 rps"
_BY_TIME = re.compile(
    rf"\s*(?P<value>\d[\d,]*(?:\.\d+)?(?:e\+?\d{{1,2}})?)\s?(?P<k>[km])?\s?(?:req(?:uests)?|hits|calls)?\s?{BY_TIME}\s*",
    re.IGNORECASE,
)
_IN_PERCENT = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s?%|\bin percent\b", re.IGNORECASE)
_SIZED = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]i?b?)\s*", re.IGNORECASE)
_SIZES = {"k": 2.0**10, "m": 2.0**20, "g": 2.0**30, "t": 2.0**40}
_FITTING = {
    "errors": "%",
    "success": "%",
    "memory": "%",
    "load": "%",
    "latency": "s",
    "requests": "x",
    "rows": "x",
    "pool": "%",
    "disk": "%",
}
_OF = frozenset({"of", "on", "for"})
_CALLED = CALLS | frozenset(
    map(stem, ("calls", "traffic", "operations", "responses", "invocations", "sessions", "total", "all"))
)
_CONNECTIONS = frozenset(map(stem, ("connections", "slots", "sessions")))
_AS_OFTEN = frozenset({"requests", "rows", "errors"})
_QUERIES = frozenset(map(stem, ("query", "queries", "select", "statement", "answer", "response", "reply")))
# How far apart or how old something is is no time that it takes.
_NO_TIME = frozenset({"apart", "ago", "old", "later"})
# An availability of 98.4 is one of percent.
_OF_ALL = frozenset({"rate", "ratio", "share"})
_LEVEL = frozenset({stem("availability"), "uptim", "sli", "rate", "ratio", "availabl"})
_A_RATE = frozenset({"rps", "qps", "pps"})
_BEYOND = 1e-6
# What is left of an error budget is no rate of errors, and an idle processor is not at work.
_BUDGET, _IDLE = stem("budget"), stem("idle")
# From this share (percent) of failures on, nothing works.
EVERYTHING = 99
NEARLY_FULL = 95
# From here on a time without a unit may be one of milliseconds.
MOST_SECONDS = 30
# Behind any text.
THE_END = 2**40
# How many words before a number may say what it measures.
NEAR = 13
# A table of numbers says no more than its beginning, and reading it all would hold up other alerts.
MOST_NUMBERS = 40


def readings(text: str, named: Mapping[str, str]) -> tuple[Reading, ...]:
    """Give the numbers of the text and of the details whose meaning is clear."""
    numbers = {key: number for key, value in named.items() if (number := _number(value)) is not None}
    subjected = with_subject(named, text)
    counted = {key: number for key, value in subjected.items() if (number := _number(value)) is not None}
    measured = (
        *_in_text(text),
        *_in_words(text),
        *_in_proportions(text),
        *(Reading("errors", each.percent, "%", each.quote) for each in failing(text)),
        *_in_multiples(text),
        *_per_second(text),
        *_bare_shares(text),
        *heaps(text),
        *answers(text),
        *_in_details(subjected, text),
        *counts(text, subjected, numbers, counted),
    )
    return tuple(dict.fromkeys(map(_nothing_works, measured)))


def _number(text: str) -> float | None:
    """Give the number a detail is nothing but, an amount of bytes in bytes, a rate without its time; else None."""
    text = english(text)
    if found := _NUMBER.fullmatch(text):
        return float(found[1])
    if not text[:1].isdigit():
        return None
    if sized := _SIZED.fullmatch(text):
        return float(sized[1]) * _SIZES[sized[2][0].lower()]
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    by_time = _BY_TIME.fullmatch(text)
    return float(by_time["value"].replace(",", "")) * scale((by_time["k"] or "").lower()) if by_time else None


def measured_by(threshold: Threshold, symptom: str) -> str | None:
    """Give the kind of reading a threshold of the document is about, or None when it is not known."""
    return kind_of(word.stem for word in words(threshold.subject)) or kind_of(word.stem for word in words(symptom))


def is_read_in(kind: str, unit: str) -> bool:
    """Whether numbers of a kind are read in a unit: a memory of so many GB, or errors by the minute, are not."""
    known = UNITS.get(unit, unit)
    read_in = {_FITTING[kind], "ms" if kind == "latency" else _FITTING[kind]}
    return known in read_in or (kind in _AS_OFTEN and known == "x") or (kind == "requests" and known in PER_SECOND)


def beyond(reading: Reading, threshold: Threshold) -> bool | None:
    """Whether the reading is past the threshold; None when their units do not compare."""
    limit, unit = threshold.value, UNITS.get(threshold.unit, threshold.unit)
    if unit == "ms":
        limit, unit = limit / 1000, "s"
    if unit in PER_SECOND:
        limit, unit = limit * PER_SECOND[unit], "/s"
    if unit != reading.unit:
        return None
    if unit == "%" and limit >= WHOLE:
        # A gauge that is full seldom reads exactly that.
        limit = NEARLY_FULL
    # An error rate that is said to be at its limit is past it, whichever of them the document has.
    return compared(reading.value, ">=" if threshold.op == "==" else threshold.op, limit)


class _Amount(NamedTuple):
    """A number with its unit, and in which words it says what it should be (`aim`) or that it is more.

    The number itself begins at `begun`; `in_minutes` says that it may be how long something goes on.
    """

    value: str
    unit: str
    aim: str
    more: str
    start: int
    end: int
    begun: int
    in_minutes: bool


def _amounts(low: str) -> Iterator[_Amount]:
    end = 0
    for found in _AMOUNT.finditer(low):
        start, value, unit, factor = found.start(), *found.group("value", "unit", "factor")
        in_minutes = found["minutes"] is not None or UNITS.get(unit, unit) == "min"
        if in_minutes:
            value, unit = in_seconds(found["minutes"], value), "s"
        before = low[max(end, start - _AS_FAR_BACK) : start] if value else ""
        last = _WORD.findall(before)[-1:]
        aim = more = ""
        if (last and last[0].endswith(_AIMS)) or _SIGNS_BEFORE.search(before):
            told = _AIM.search(low, max(end, start - _AS_FAR_BACK), start)
            if told:
                aim, more, start = told["aim"] or "", told["more"] or "", told.start()
        end = found.end()
        yield _Amount(value or factor, unit or "x", aim, more, start, end, found.start(), in_minutes)


def _in_text(text: str) -> list[Reading]:
    there = words(text)
    found: list[Reading] = []
    last = 0
    low = legible(text)
    for amount in islice(_amounts(low), MOST_NUMBERS):
        grew = bool(last) and _TO.fullmatch(text, last, amount.start) is not None
        unit = UNITS.get(amount.unit, amount.unit)
        fails = unit == "%" and _fails_for(there, amount.start, amount.end, text)
        if not _is_measured(amount, low, there, fails=fails):
            continue
        kind = _nearest_kind(there, amount.start, amount.end, text, "s" if unit == "ms" else unit)
        if fails and kind in (None, "requests"):
            kind = "errors"
        if unit == "%" and kind in (None, "load") and _of_connections(there, amount.end):
            kind = "pool"
        if unit in {"s", "ms"} and _NO_TIME.intersection(_said(between(there, amount.end, THE_END)[:1])):
            continue
        if unit in {"s", "ms"} and kind != "latency" and _call_takes(there, amount.start, amount.end, text):
            kind = "latency"
        if grew:
            # "Rose from 3 ms to 2 s": what it was is over.
            was = found.pop().kind
            kind = kind or (was if _FITTING[was] == ("s" if unit == "ms" else unit) and was != "errors" else None)
        last = 0
        value = number(amount.value)
        around = set(_around(there, amount.start, amount.end, text)) if unit == "%" else set()
        if kind == "errors" and _BUDGET in around and (not fails or FREE & around):
            continue
        taken = TAKEN.intersection(word.text.lower() for word in between(there, amount.end, THE_END)[:1])
        if (kind == "load" and _IDLE in around) or (kind in ("memory", "disk") and FREE & around and not taken):
            value = WHOLE - value
        if reading := kind and _reading(kind, value, unit, text[amount.start : amount.end].strip()):
            more = _BEYOND * reading.value if amount.more else 0.0
            found.append(reading._replace(value=reading.value + more))
            last = amount.end
    return found


def _is_measured(amount: _Amount, low: str, there: tuple[Word, ...], *, fails: bool) -> bool:
    """Whether a number was measured, and is no aim, change, answer by its status, or time that something goes on."""
    if amount.unit != "x" and _is_change(amount, low):
        return False
    if amount.in_minutes:
        return is_how_long(low, there, amount.begun, amount.end)
    if _STATUSES.fullmatch(amount.value + amount.unit):
        return False
    if not amount.aim or amount.more or (fails and amount.aim.startswith(("for", "in", "on"))):
        return True
    return is_so_much(amount.aim.rstrip(), low, there, amount.start, amount.end)


def _is_change(amount: _Amount, low: str) -> bool:
    """Whether a number says how much more or less there is than before."""
    before = low[max(0, amount.start - _AS_FAR_BACK) : amount.start]
    if before.endswith(_BEFORE_A_CHANGE) and _BY.search(before):
        return True
    return _CHANGED.match(low, amount.end) is not None


def _fails_for(there: tuple[Word, ...], start: int, end: int, text: str) -> bool:
    """Whether a share is one of calls, and they are said to fail: "UNAVAILABLE on 4 % of calls", "fails for 9 %"."""
    behind = [word.stem for word in between(there, end, THE_END)[:5]]
    before = [word.stem for word in between(there, 0, start)[-1:]]
    if text[start:end].startswith("for ") and not FAILING.isdisjoint(before):
        return True
    if not behind or behind[0] not in _OF or _CALLED.isdisjoint(takewhile(lambda one: one not in _OF, behind[1:])):
        return False
    begun = max(text.rfind(mark, 0, start) for mark in (";", ". ", "\n")) + 1
    near = set(_around(there, start, start, text))
    failing = near.union(_said(between(there, begun, start)[-NEAR:])) & FAILING
    return bool(failing) and not near & WORKING


def _of_connections(there: tuple[Word, ...], end: int) -> bool:
    """Whether a share is one of the connections there may be: "98% of available database connections"."""
    behind = [word.stem for word in between(there, end, THE_END)[:6]]
    return behind[:1] == ["of"] and not _CONNECTIONS.isdisjoint(behind)


def _in_words(text: str) -> list[Reading]:
    """Give how long a call, a page or a query takes where that is written out: "ten seconds", "half a minute"."""
    there = words(text)
    found = []
    for spoken in islice(spans(text), MOST_NUMBERS):
        near = set(_around(there, spoken.start, spoken.end, text))
        if near & CALLS and near & TAKES:
            found.append(Reading("latency", spoken.seconds, "s", spoken.quote))
    return found


def _call_takes(there: tuple[Word, ...], start: int, end: int, text: str) -> bool:
    """Whether the sentence says how long a call or a query takes, or a query stands right before: "queries 3 ms"."""
    if _QUERIES.intersection(_said(between(there, 0, start)[-1:])):
        return True
    near = set(_around(there, start, end, text))
    return bool(near & CALLS) and bool(near & TAKES)


def _nearest_kind(there: tuple[Word, ...], start: int, end: int, text: str, unit: str) -> str | None:
    """Give what the number measures: the nearest measure before it in the same clause that has such a unit, else after.

    "Error rate on POST /orders is 0.4%" counts errors: requests are not counted in percent.
    """
    read = english(text)
    clause = max(read.rfind(mark, 0, start) for mark in (",", ";", ". ", "\n")) + 1
    before = [word.stem for word in between(there, clause, start)[-NEAR:]]
    after = [word.stem for word in between(there, end, len(text))[:3]]
    telling = [stem for stem in before if stem not in BYTES and stem not in LINKS]
    nearest = (telling[place : place + 2] for place in reversed(range(len(telling))))
    kinds = (kind for pair in nearest if (kind := kind_of(pair)) and _FITTING[kind] == unit)
    found = next(kinds, None) or kind_of(after) or kind_of(BYTES.intersection(before))
    # "a spike of requests, 31x": what is so many times as much stands in the clause before.
    return _nearest(there, start, end, "x") if found is None and unit == "x" else found


def _reading(kind: str, value: float, unit: str, quote: str) -> Reading | None:
    if unit == "ms":
        value, unit = value / 1000, "s"
    if _FITTING[kind] != unit or (kind == "errors" and value > WHOLE):
        return None
    if kind == "success":
        return Reading("errors", round(WHOLE - value, 6), "%", quote)
    return Reading(kind, value, unit, quote)


def _in_details(named: Mapping[str, str], text: str) -> list[Reading]:
    found = []
    spoken = kind_of(word.stem for word in words(text.partition("\n")[0][:200]))
    common = next((value.strip().lower() for key, value in named.items() if key.lower() in {"unit", "units"}), "")
    for key, written in named.items():
        told = _NUMBER.fullmatch(english(written))
        if told is None:
            continue
        stems = [word.stem for word in words(key)]
        kind = measured_in(stems, spoken)
        if kind == "times":
            of = kind_of(stems)
            of = of if of in _AS_OFTEN else spoken
            if of in _AS_OFTEN:
                found.append(Reading(of or "", float(told[1]), "x", f"{key}: {written}"))
            continue
        if kind is None or USUAL.intersection(stems) - SHARE:
            continue
        value, unit = float(told[1]), (told[2] or "").lower()
        if not unit and _FITTING[kind] == "%" and _is_in_percent(told[1], text):
            unit = "%"
        if not unit and kind == "latency" and common:
            unit = UNITS.get(common, common)
        if not unit:
            value, unit = _assumed(kind, value, stems)
        if kind in ("memory", "disk") and unit == "%" and is_of_the_left(key):
            value = WHOLE - value
        if kind == "requests" and _A_RATE.intersection(stems) and value >= A_FLOOD and not USUAL.intersection(stems):
            found.append(Reading("requests", value, "/s", f"{key}: {written}"))
        if reading := _reading(kind, value, unit, f"{key}: {written}"):
            found.append(reading)
    return found


def _is_in_percent(written: str, text: str) -> bool:
    """Whether the text writes that number in percent, or says so: "5xx at 0.42%", "in percent" beside `value: 0.42`."""
    return any(found[1] in {written.lstrip("-"), None} for found in _IN_PERCENT.finditer(text))


def _assumed(kind: str, value: float, stems: list[str]) -> tuple[float, str]:
    """Give value and unit of a bare number: its key names them, or a share is written as 0..1."""
    if "ms" in stems:
        return value, "ms"
    if kind == "latency":
        # Times without a unit are of seconds where they have a fraction, as metrics count.
        fraction = value % 1 and value < MOST_SECONDS
        known = {"s", "second", "sec"} & set(stems) or {"time", "total"} == set(stems)
        return value, "s" if known or fraction else ""
    level = _LEVEL if kind == "success" else _OF_ALL
    # So little in use is nobody's trouble: `usage_pct` is a share of 0..1 for who names it so.
    beside_a_share = any(one.startswith("0.") for one in stems)  # the limit of a monitor, "pct_usable < 0.1"
    of_one_in_percent = kind in {"memory", "load"} and 0 < value <= 1 and (FREE.isdisjoint(stems) or beside_a_share)
    if (
        (PERCENT.intersection(stems) and not of_one_in_percent)
        or ("100" in stems and kind in {"errors", "success"})
        or (kind in {"errors", "success"} and (1 < value <= WHOLE or value == 0) and level.intersection(stems))
    ):
        return value, "%"
    if kind in {"errors", "success"}:
        share = bool(SHARE.intersection(stems)) or 0 < value < 1
        return (value * WHOLE, "%") if share and 0 <= value <= 1 else (value, "")
    of_one = bool(OF_ONE.intersection(stems)) if kind == "disk" else kind in {"load", "memory"}
    if of_one and 0 < value <= 1 and (value < 1 or beside_a_share or SHARE.intersection(stems)):
        return value * WHOLE, "%"
    return value, "%" if kind in {"load", "memory"} and value <= WHOLE else ""


def _nothing_works(reading: Reading) -> Reading:
    """Give what nothing answers as such: errors of all requests are no error rate."""
    everything = reading.kind == "errors" and reading.value >= EVERYTHING and reading.unit == "%"
    if not everything:
        return reading
    return Reading("alive", 0, "%" if "%" in reading.quote else "", reading.quote)


def _in_proportions(text: str) -> list[Reading]:
    """Give what "a of b" measures: bytes used of a limit, requests that fail of all, members that are alive."""
    there = words(text)
    found = (
        _proportion(
            each,
            _around(there, each.start, each.end, text, ","),
            _said(between(there, each.start, each.end)),
            between(there, each.end, THE_END)[:1],
        )
        for each in proportions(text)
    )
    return [reading for reading in found if reading]


def _proportion(each: Proportion, near: list[str], inside: list[str], behind: tuple[Word, ...]) -> Reading | None:
    share = WHOLE * each.part / each.whole
    kind, raw = kind_of(near), frozenset(near)
    said = {part for word in behind for part in (word.stem, word.text.lower())}
    # "Scaled down, 2/2 ready": what stands right behind says what is counted.
    if said & TAKEN:
        raw -= FREE
    if said & WORKING and BREAKING.intersection(inside):
        # "3 failed / 402 succeeded" are no parts of one another.
        return Reading("errors", WHOLE * each.part / (each.part + each.whole), "%", each.quote)
    if said & WORKING:
        raw -= DEAD | BREAKING
    elif said & (DEAD | BREAKING):
        raw -= WORKING
    if each.sized or kind == "memory":
        used = WHOLE - share if raw & FREE else share
        stored = bool(raw & STORED) and raw.isdisjoint(REALLY_MEMORY | PROGRAMS)
        return Reading("disk" if stored else "memory", used, "%", each.quote) if kind == "memory" else None
    if raw & BREAKING:
        return Reading("errors", share, "%", each.quote)
    if (raw & WORKING and each.part == 0) or (raw & DEAD and each.part == each.whole):
        return Reading("alive", 0, "", each.quote)
    if raw & WORKING:
        return Reading("errors", WHOLE - share, "%", each.quote)
    return Reading("pool", share, "%", each.quote) if raw & POOLED else None


def _in_multiples(text: str) -> list[Reading]:
    there = words(text)
    found = []
    for each in multiples(text):
        kind = _nearest(there, each.start, each.end, "x", _end_of_clause(text, each.end))
        if kind not in {"requests", "rows"} and each.quote[-1] in "倍배" and CJK_TRAFFIC.search(text):
            kind = "requests"
        if kind is None and not ERRORS.isdisjoint(_beside(there, each.start, 4)):
            kind = "errors"
        if kind is None and each.flows:
            kind = _of_a_flow(there, each.start)
        if kind in {"requests", "rows", "errors"}:
            found.append(Reading(kind, each.times, "x", each.quote))
    return found


def _of_a_flow(there: tuple[Word, ...], start: int) -> str | None:
    """Give what comes so often by time: errors, what is no call (None), else calls whatever they are called."""
    if not ERRORS.isdisjoint(_beside(there, start, 6)):
        return "errors"
    return "requests" if NO_CALLS.isdisjoint(_beside(there, start, 3)) else None


def _per_second(text: str) -> list[Reading]:
    """Give how much traffic there is each second: "52,000 hits/s", "600k new connections a minute"."""
    there = words(text)
    return [
        Reading("requests", each.per_second, "/s", each.quote)
        for each in rates(text)
        if each.start not in usual_amounts(text)
        and _nearest(there, each.start, each.end) in {"requests", None}
        and _is_of_calls(there, each.start, each.end, text)
    ]


def _is_of_calls(there: tuple[Word, ...], start: int, end: int, text: str) -> bool:
    """Whether what there is so much of each second are requests, or whatever the product is called for."""
    return _nearest(there, start, end) == "requests" or bool(CALLS.intersection(_around(there, start, end, text)))


def _bare_shares(text: str) -> list[Reading]:
    """Give shares written as 0..1 behind what they are a share of: "error ratio 0.034", "a / b = 0.041"."""
    there = words(text)
    found: list[Reading] = []
    for share in islice(_BARE_SHARE.finditer(legible(text)), MOST_NUMBERS):
        near = _around(there, share.start(), share.start(), text)
        kind = kind_of(near)
        if (
            kind in {"errors", "success", "memory"}
            and not _REFUSED.search(text, max(0, share.start() - _AS_FAR_BACK), share.start())
            and _MUTATOR not in [word.stem for word in between(there, 0, share.start())[-1:]]
            and (not PERCENT & set(near) or kind == "memory")
            and (SHARE & set(near) or "/" in text[: share.start()] or _OF_CALLS.match(text, share.end()))
        ):
            value = WHOLE * float(share[1])
            used = WHOLE - value if kind == "memory" and FREE & set(near) else value
            reading = _reading(kind, used, "%", share[0].strip())
            found += [reading] if reading else []
    return found


def _end_of_clause(text: str, start: int) -> int:
    return min((place for mark in (",", ";", ". ", "\n") if (place := text.find(mark, start)) >= 0), default=len(text))


def _nearest(there: tuple[Word, ...], start: int, end: int, unit: str = "", until: int = THE_END) -> str | None:
    """Give what the words of a place measure, else those right behind it, else the nearest before it.

    A `unit` leaves out what is not measured in it: no volume of a disk is so many times as large.
    """
    inside = between(there, start, end)
    after = between(there, end, until)[:6]
    before = between(there, 0, start)[-8:]
    singles = (kind_of_one(word.stem) for word in (*inside, *after, *reversed(before)))
    return next((kind for kind in singles if kind and (not unit or _FITTING[kind] == unit)), None)


def _beside(there: tuple[Word, ...], start: int, before: int) -> list[str]:
    """Give so many words before a place and a few behind it, as stems and as written."""
    return _said((*between(there, 0, start)[-before:], *between(there, start, THE_END)[:4]))


def _said(there: tuple[Word, ...]) -> list[str]:
    """Give words as stems and as written."""
    return [part for word in there for part in (word.stem, word.text.lower())]


def _around(there: tuple[Word, ...], start: int, end: int, text: str, *ends: str) -> list[str]:
    """Give the words of the sentence around a place, as stems and as written, the nearest only.

    Behind the place, `ends` end it too: "6 in 20,000 calls, retried fine".
    """
    text = english(text)
    low = max(text.rfind(mark, 0, start) for mark in (";", ". ", "\n")) + 1
    before = (*between(there, low, start)[-8:], *between(there, start, end))
    stops = [place for mark in (";", ". ", "\n", *ends) if (place := text.find(mark, end)) >= 0]
    high = min(stops, default=len(text))
    after = between(there, end, high)[:6]
    return _said((*before, *after))
