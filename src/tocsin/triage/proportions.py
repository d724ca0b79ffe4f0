"""Proportions people write out: "one of twenty", "3.9G of 4G", "610,000/min, normally 18,000/min", "thirty times"."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from tocsin.runbook.comparisons import BY_TIME, FLOW, SECONDS_OF, counted_by
from tocsin.triage.numerals import BEGINS, NUMBER, SCALE, WORDS, legible, number, scale
from tocsin.triage.sought import Sought, SoughtEverywhere
from tocsin.triage.usual import beside_usual
from tocsin.triage.words import plain

_ORDINALS = {
    "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "fifteenth": 15, "twentieth": 20, "thirtieth": 30, "fiftieth": 50, "hundredth": 100, "other": 2, "zweite": 2,
    "dritte": 3, "vierte": 4, "funfte": 5, "zehnte": 10, "zwanzigste": 20, "hundertste": 100,
}  # fmt: skip
_UNIT = r"\s?(?P<{}>[kmgt]i?b?(?![a-z])|bytes)?"
_TIME = r"(?:ms|s|secs?|seconds?|min|mins|minutes?|h|hrs?|hours?|d|days?|weeks?)\b"
_OF = re.compile(
    rf"{BEGINS}(?<![<>])(?<![<>]=)(?<!\d[/-])(?P<part>{NUMBER}){_UNIT.format('unit')}(?:\s+(?!{_TIME}|w/)[a-z]+)?"
    rf"(?:\s+[a-z_.]+\s?[<>]=?\s?\d{{3}})?"
    rf"(?:\s+(?:within|in|over|after)\s+{NUMBER}\s?{_TIME})?"
    r"\s*(?:/|\b(?:of|out of|in|von|sur|de|aus|su|van|per(?=\s(?:1[0 ,]*0\b|hundred|thousand)))\b"
    r"|[,;(]?\s*(?:cap|limit|max(?:imum)?|quota)\b\W{0,2})"
    r"\s*(?:(?:the|its|every|each|all|a|max(?:imum)?|limit|cap|allowed|possible)\s){0,2}"
    rf"(?P<whole>{NUMBER}){_UNIT.format('whole_unit')}(?![\w.]|[/-]\d)"
)
# "Of 4,000 orders 61 came back with a 500", "a sample of 200 calls: 9 failed".
_OF_WHICH = re.compile(
    rf"\b(?:of|among)\s(?:the\s|our\s|all\s)?(?P<whole>{NUMBER})\s[a-z]{{2,20}}\s?[,:]?\s(?P<part>{NUMBER})(?=\s(?!of\b)[a-z])"
    rf"(?!\s(?:{_TIME}|[a-z]+\sof\b))"
)
_EVERY = SoughtEverywhere(r"\b(?:every|jede[rs]?|each)\s+(?P<nth>" + "|".join(_ORDINALS) + r"|\d+(?:st|nd|rd|th))\b")
_TIMES = re.compile(
    BEGINS + r"(?P<value>" + NUMBER + r")(?:[- ]?(?P<unit>times|mal|fois|veces|vezes|volte|keer|razy|раз\u0430?)"
    r"(?=\W+(?:the|as|more|higher|above|normal|usual|its|our|average|baseline|greater|bigger|so|mehr|plus|mas|más|mais|"
    r"expected|typical|onze|unser\w*|notre|nuestr\w+|nosso|an?\s(?:normal|usual|typical|ordinary|regular|quiet|busy)|"
    r"le|la|lo|de|als|what|over|больше|than)\b)|[- ]?fold\b)"
)
_FOLD = re.compile(rf"(?<![\w.])(?P<value>\d+|{'|'.join(WORDS)})-?fach\w*")
# Without any of these nothing is said to be so many times as much.
_UNITS_OF_TIMES = ("times", "mal", "fois", "veces", "vezes", "volte", "keer", "razy", "раз", "fold")
# "+1,450 % against last week": so much more, and not so much.
_MORE = re.compile(
    r"(?:\+|\bup\s(?:by\s)?|\bincreased?\s(?:by\s)?)\s?(?P<value>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s?%"
    r"(?=\s(?:against|vs|versus|compared|over|above|on|than|week|day|from)\b)"
)
_MULTIPLIED = re.compile(rf"\b(?:multiplied\s+by|(?:by\s+)?a?\s?factor\s+(?:of\s+)?)\s?(?P<value>{NUMBER})")
_CJK_TIMES = re.compile(
    r"(?P<digits>(?<![\d.])\d+(?:\.\d+)?|(?<![一二三四五六七八九十百千])[一二三四五六七八九十百千]+)\s?(?:倍|배(?!포))"
)
_CJK = dict(zip("一二三四五六七八九", range(1, 10), strict=True))
_CJK_PLACES = {"十": 10, "百": 100, "千": 1000}
_BINARY = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
# Python reads no number of thousands of digits, and nobody means one.
_DIGITS = 18
_NO_DIGIT = re.compile(r"[^0-9]")
MOST = 20
# One text is asked several times, by the thresholds, the amounts and the criteria.
REMEMBERED = 64


# Bytes and bits are no calls: "14 Gbit/s".
_RATE = re.compile(
    rf"{BEGINS}(?<![:/-])(?P<value>{NUMBER})(?!\s?{FLOW})\s?(?P<k>{SCALE})?(?:\s+[a-z\u0430-\u044f-]{{1,30}}){{0,3}}?\s?{BY_TIME}"
)
# Without any of these nothing is counted by time.
_SIGNS_OF_A_RATE = (
    *("/", "ps", "rpm", " a ", " an ", "per ", "each ", "every ", "pro ", "je ", "par ", "por ", "al ", "alla "),
    *(" la ", " na ", " \u0432 "),
)
# From so many senders on they are no customers who happen to come at once.
CROWD = 5000
_CROWD = SoughtEverywhere(
    BEGINS + r"(?P<value>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s?(?P<k>[km]\b|million|thousand)?\s"
    r"(?:(?:distinct|unique|different|source|client|remote|attacking|bot)\s(?:\w+\s)?(?:ips?|addresses|clients|hosts|sources|machines)"
    r"|ips|ip\saddresses|bots|asns|(?:addresses|hosts|machines)(?!\sof\b))\b"
)


_SENDERS = SoughtEverywhere(
    r"(?<![\w.,])(?P<value>\d{1,4})\s(?:(?:distinct|unique|different|source|client|remote)\s)?(?:ips?|addresses|hosts|clients)\b"
)
_ONE_SENDER = Sought(
    r"\b(?:from|by)\s(?:the\s)?(?:one|a\ssingle|single|same)\s(?:source\s|client\s|remote\s)?(?:ip|address|host|client)\b(?!\s?(?:block|range|pool))"
    r"|\bip\s\d+\.\d+\.\d+\.\d+(?:\s(?:was\s|has\sbeen\s)?ban(?:ned)?|\sperformed)\b"
)
# So few senders are no flood.
HANDFUL = 20


class Rate(NamedTuple):
    """So many of something each second, in words of the text at `start`..`end`."""

    per_second: float
    quote: str
    start: int
    end: int


class Proportion(NamedTuple):
    """`part` of `whole`, in words of the text at `start`..`end`; `sized` when both are amounts of bytes."""

    part: float
    whole: float
    sized: bool
    quote: str
    start: int
    end: int


class Multiple(NamedTuple):
    """So many times the usual amount, in words of the text at `start`..`end`.

    `flows` when what there is so much of is counted by time; the usual amount, where it is said, begins at `was`.
    """

    times: float
    quote: str
    start: int
    end: int
    flows: bool = False
    was: int | None = None


@lru_cache(maxsize=REMEMBERED)
def proportions(text: str) -> tuple[Proportion, ...]:
    """Give every "a of b" of the text, a not above b."""
    return tuple(_proportions(text, legible(plain(text))))


@lru_cache(maxsize=REMEMBERED)
def multiples(text: str) -> tuple[Multiple, ...]:
    """Give every "n times as much" of the text, and every amount that stands beside its usual one."""
    return tuple(_multiples(text, legible(plain(text))))


@lru_cache(maxsize=REMEMBERED)
def usual_amounts(text: str) -> frozenset[int]:
    """Give where the amounts begin that a text calls usual, or that were before: they are no more."""
    return frozenset(one.was for one in multiples(text) if one.was is not None)


def rates(text: str) -> tuple[Rate, ...]:
    """Give what there is so much of by time, for each second: "4,000 a second", "540k/min"."""
    low = legible(text)
    if not any(sign in low for sign in _SIGNS_OF_A_RATE):
        return ()
    return tuple(
        Rate(
            number(found["value"]) * scale(found["k"]) / SECONDS_OF[counted_by(found)],
            text[found.start() : found.end()].strip(),
            found.start(),
            found.end(),
        )
        for found in islice(_RATE.finditer(low), MOST)
    )


def crowds(text: str) -> tuple[str, ...]:
    """Give the words that name a crowd of senders: "from 15k addresses", "9,200 distinct clients"."""
    return tuple(
        text[found.start() : found.end()]
        for found in islice(_CROWD.finditer(legible(text)), MOST)
        if number(found["value"]) * scale(found["k"]) >= CROWD
    )


def few_senders(text: str) -> bool:
    """Whether all the senders that a text counts are so few that they are no crowd: "banned 3 IPs", "from one IP"."""
    low = legible(text)
    counted = [found["value"] for found in _SENDERS.finditer(low)]
    return all(int(count) < HANDFUL for count in counted) if counted else _ONE_SENDER.is_in(low)


def _proportions(text: str, low: str) -> Iterator[Proportion]:
    for found in islice(_OF.finditer(low), MOST):
        # "300 out of 10k" counts, "3.9G of 4G" weighs.
        thousands = found["whole_unit"] == "k" and found["unit"] in (None, "k")
        part = _sized(found["part"], None if thousands else found["unit"] or found["whole_unit"])
        # "460 MB of 1536": what has no unit of its own has that of the other.
        whole_unit = found["whole_unit"] or (found["unit"] if "b" in (found["unit"] or "") else None)
        whole = _sized(found["whole"], None if thousands else whole_unit)
        part, whole = part * (1000 if thousands and found["unit"] else 1), whole * (1000 if thousands else 1)
        if 0 <= part <= whole and whole > 1:
            sized = bool(whole_unit) and not thousands
            quote = text[found.start() : found.end()].strip()
            yield Proportion(part, whole, sized, quote, found.start(), found.end())
    for found in islice(_OF_WHICH.finditer(low), MOST):
        part, whole = number(found["part"]), number(found["whole"])
        if 0 <= part <= whole and whole > 1:
            yield Proportion(part, whole, False, text[found.start() : found.end()], found.start(), found.end())
    for found in islice(_EVERY.finditer(low), MOST):
        every = _ORDINALS.get(found["nth"]) or int(_NO_DIGIT.sub("", found["nth"])[:_DIGITS] or 0)
        if every > 1:
            yield Proportion(1, every, False, text[found.start() : found.end()], found.start(), found.end())


def _multiples(text: str, low: str) -> Iterator[Multiple]:
    times = _TIMES.finditer(low) if any(unit in low for unit in _UNITS_OF_TIMES) else ()
    fold = _FOLD.finditer(low) if "fach" in low else ()
    multiplied = _MULTIPLIED.finditer(low) if "multiplied" in low or "factor" in low else ()
    for found in islice(chain(times, fold, multiplied), MOST):
        yield Multiple(number(found["value"]), text[found.start() : found.end()], found.start(), found.end())
    for found in islice(_MORE.finditer(low), MOST) if "%" in low else ():
        yield Multiple(1 + number(found["value"]) / 100, text[found.start() : found.end()], found.start(), found.end())
    for one in islice(beside_usual(low), MOST):
        yield Multiple(one.times, text[one.start : one.end].strip(), one.start, one.end, one.flows, one.was)
    for found in () if text.isascii() else islice(_CJK_TIMES.finditer(text), MOST):
        yield Multiple(_cjk(found["digits"]), found[0], found.start(), found.end())


def _sized(text: str, unit: str | None) -> float:
    return number(text) * _BINARY.get((unit or "")[:1].lower(), 1)


def _cjk(text: str) -> float:
    if text[0].isdigit():
        return float(text.strip(".") or 0)
    total, digit = 0, 0
    for sign in text:
        if sign in _CJK:
            digit = _CJK[sign]
        else:
            total += max(1, digit) * _CJK_PLACES[sign]
            digit = 0
    return float(total + digit)
