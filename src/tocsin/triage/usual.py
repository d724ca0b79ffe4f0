"""So much now, and so much usually, side by side: "70 thousand/min, normally 300/min", "500 on a good day"."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import NamedTuple

from tocsin.runbook.comparisons import BY_TIME, RATES, SECONDS_OF, counted_by
from tocsin.triage.numerals import BEGINS, NUMBER, SCALE, legible, number, scale
from tocsin.triage.reading import Reading
from tocsin.triage.reading_terms import BARE, CALLS, NO_CALLS, kind_of_one
from tocsin.triage.sought import SoughtEverywhere
from tocsin.triage.words import Word, between, listed, stem, stems, words

_ALONE = rf"{BEGINS}(?<![:/-])"
_NO_OTHER_UNIT = r"(?!\s?(?:ms|s|sec|seconds?|%|percent|gb|mb|min)\b)(?!\w|%|\.\d)"
# So many calls are no length, no size and no share.
_NO_LENGTH = r"(?!\s?(?:ms|s|sec|seconds?|%|percent|gb|mb|min|minutes?|h|hours?)\b)"
_USUALLY = SoughtEverywhere(
    r"\b(?:normal(?:ly)?|usual(?:ly)?|median|max(?:imum)?|ordinar\w+|against|baseline|typical(?:ly)?|average\w*|norm"
    r"|expected\s(?:band|range|rate|volume|level|about|around)|costume|costumbre|habitual\w*|habituel\w*|d'ordinaire"
    r"|ublich\w*|gewohnlich|avg\w*|instead\sof|up\sfrom|versus|vs\.?|statt|compared\s(?:to|with)"
    r"|offset\s\d{1,2}[dhw]|sonst|d'habitude|normalmente|yesterday"
    r"|обычно|zwykle|normaal|gewoonlijk|di\ssolito|solitamente|vanligtvis)\b"
    rf"(?:[^\d;\n]|(?<=[a-z_])\d){{0,24}}?(?<![a-z])(?P<was>{NUMBER})\s?(?P<was_k>{SCALE})?"
    rf"(?:bit/s|bits|bit|bps|b/s|pps)?{_NO_OTHER_UNIT}"
)
# "3 a second is normal", "we do 500 on a good day": the usual stands before the word for it.
_IS_USUAL = re.compile(
    rf"{_ALONE}(?P<was>{NUMBER})\s?(?P<was_k>{SCALE})?{_NO_OTHER_UNIT}"
    r"[^\d;.,\n]{0,24}?(?:(?:'s|\sis|\sare|\swas|\swould\sbe|\sbeing)\s(?:the\s|our\s|its\s|what\sis\s|about\s)?"
    r"(?:normal|usual|typical|ordinary|average|baseline|norm)\b(?!\?)"
    r"|\son\s(?:a|an|any|our|the|its)\s(?:\w+\s)?(?:good|usual|normal|typical|busy|busiest|best|ordinary|quiet|average)\s"
    r"(?:day|night|hour|week|evening|morning|weekday|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b)"
)
# Without any of these nothing says so.
_WORDS_BEHIND = (
    *("norm", "usual", "typical", "ordinary", "average", "baseline"),
    *(" on a", " on our ", " on the ", " on its "),
)
_NOW = re.compile(rf"{_ALONE}(?P<now>{NUMBER})(?![.:\d]|-\d|xx)\s?(?P<k>{SCALE})?{_NO_LENGTH}")
_NOWADAYS = (
    r"\b(?:now|currently|at the moment|today|jetzt|aktuell|gerade|heute|ahora|hoy|maintenant|aujourd'hui|agora|hoje|"
    r"adesso|oggi)\b"
)
_SAYS_NOW = re.compile(_NOWADAYS)
# Behind the usual, only what is said to be now.
_AND_NOW = re.compile(
    rf"[^\n]{{0,40}}?(?:{_NOWADAYS}|\b(?:says|shows|showing|reads|reading)\b)"
    rf"[^\d\n,;]{{0,14}}?{_ALONE}(?P<now>{NUMBER})(?![.:\d]|-\d)\s?(?P<k>{SCALE})?{_NO_LENGTH}"
)
# "Went from 300 to 9k", "300 -> 9,000": what it was is the usual.
_GREW = SoughtEverywhere(
    rf"\bfrom\s(?:about\s|around\s)?(?P<was>{NUMBER})\s?(?P<was_k>{SCALE})?(?:/s|/min)?\s"
    rf"to\s(?:about\s|around\s)?(?P<now>{NUMBER})\s?(?P<k>{SCALE})?(?!\s?(?:%|ms|s\b|sec|[kmg]i?b))"
)
_ARROW = re.compile(
    rf"{_ALONE}(?P<was>{NUMBER})\s?(?P<was_k>{SCALE})?(?:\s?[a-z]{{0,9}}/(?:s|sec|min|m|h|hour)\b)?"
    r"\s?(?:\u2192|->|=>)\s?"
    rf"(?P<now>{NUMBER})\s?(?P<k>{SCALE})?(?=\s?[a-z]{{0,9}}/(?:s|sec|min|m|h|hour)\b|\s?(?:rps|qps|pps|rpm)\b)"
)
_PER = re.compile(rf"\s?(?:[a-z\u0430-\u044f-]{{1,30}}\s?){{0,2}}?{BY_TIME}")
MINUTE, HOUR = 60.0, 3600.0
_BEFORE = 90
_ANOTHER = ("instead of", "statt", "against", "versus", "vs")
TWICE = 2
_AT_ALL = re.compile(rf"{_ALONE}(?P<now>{NUMBER})(?![.:\d])\s?(?P<k>{SCALE})?(?!\s?%)")
_LENGTHS = r"s|sec|secs|seconds?|m|min|mins|minutes?|h|hrs?|hours?"
_IN_ALL = re.compile(
    rf"[^\n;]{{0,60}}?\b(?:in|within|over|past|last|during|this|each|per)\s(?:the\s)?(?:(?:last|past)\s)?"
    rf"(?:(?P<many>{NUMBER})\s?)?(?P<length>{_LENGTHS})\b"
)
_NAMES_USUAL = frozenset(
    map(stem, listed("usual usually typical normal normally baseline expected ordinary regular forecast"))
)
# What else the name of a usual number says: of what time, and that it is of calls.
_BESIDE_IT = BARE | frozenset(
    map(
        stem,
        listed("per each an avg average mean peak rate count total s sec second m min minute h hour rps qps pps rpm"),
    )
)
_LENGTH = (
    dict.fromkeys(("s", "sec", "second", stem("seconds")), 1.0)
    | dict.fromkeys(("m", "min", "minute", stem("minutes")), MINUTE)
    | dict.fromkeys(("h", "hour", stem("hours")), HOUR)
    | {name: SECONDS_OF[by] for name, by in RATES.items()}
)
_NEXT = re.compile(r"[\d,;]|\.\s")
_BY_LETTER = {"s": 1.0, "m": MINUTE, "h": HOUR}
_NAMES_RATE = re.compile(rf"\b(?:{'|'.join(RATES)})\b")
_CALLERS = frozenset(map(stem, listed("ip ips address client host node source country network subnet asn bot")))
_PART = "half"
_METHODS = frozenset({"get", "post", "put", "head"})
MOST = 12


class Counted(NamedTuple):
    """So many calls in so many seconds; None where nobody says in which time."""

    calls: float
    seconds: float | None
    quote: str


class Compared(NamedTuple):
    """What there is `times` as much of as usual, at `start`..`end`; `flows` when it is counted by time.

    The usual amount begins at `was`.
    """

    times: float
    start: int
    end: int
    flows: bool
    was: int


def beside_usual(low: str) -> Iterator[Compared]:
    """Give every amount of a lowered text that stands beside its usual one."""
    is_usual = _IS_USUAL.finditer(low) if any(word in low for word in _WORDS_BEHIND) else ()
    for found in chain(_USUALLY.finditer(low), is_usual):
        now = _AND_NOW.match(low, found.end()) or _latest(low, found)
        # "2 a minute is normal. Now it is 900": the number behind the word for the usual is that of now.
        if now and not _SAYS_NOW.search(found[0]):
            yield from _compared(low, now, found)
    arrows = _ARROW.finditer(low) if "\u2192" in low or ">" in low else ()
    for found in chain(_GREW.finditer(low), arrows):
        yield from _compared(low, found, found)


def seconds_of(low: str, end: int) -> float | None:
    """Give by how many seconds the number is counted that ends there: 60 of "300 hits a minute"."""
    per = _PER.match(low, end)
    return SECONDS_OF[counted_by(per)] if per else None


def _latest(low: str, usual: re.Match[str]) -> re.Match[str] | None:
    """Give the last number before a usual one, in its line and not far; where that is by time, the last such."""
    end = usual.start()
    begin = max(0, end - _BEFORE, low.rfind("\n", 0, end) + 1)
    there = [one for one in _NOW.finditer(low, begin, end) if one["now"] != _PART]
    if len(there) > 1 and _usually_by(low, usual):
        there = [one for one in there if _by(low, one, end)] or there
    if len(there) > 1:
        there = [one for one in there if _are_calls(low, one, end)] or there
    return there[-1] if there else None


def _are_calls(low: str, now: re.Match[str], end: int) -> bool:
    """Whether the words behind a number say that it counts calls, and none of them who calls."""
    behind = words(low[_end(now, "now", "k") : end])[:2]
    if not _CALLERS.isdisjoint(word.stem for word in behind):
        return False
    return any(kind_of_one(word.stem) == "requests" or word.stem in CALLS or word.text == "times" for word in behind)


def _by(low: str, now: re.Match[str], end: int) -> float | None:
    """Give by how many seconds a number is counted, or in how many it was: 60 of "900 hits in the last minute"."""
    begun = _end(now, "now", "k")
    return seconds_of(low, begun) or _during(_IN_ALL.match(low, begun, end))


def _during(found: re.Match[str] | None) -> float | None:
    return number(found["many"] or "1") * _BY_LETTER[found["length"][0]] if found else None


def _usually_by(low: str, usual: re.Match[str]) -> float | None:
    """Give by how many seconds the usual number is counted: 60 of "typical rpm: 900"."""
    named = _NAMES_RATE.search(low, usual.start(), usual.start("was"))
    return seconds_of(low, _end(usual, "was", "was_k")) or (SECONDS_OF[RATES[named[0]]] if named else None)


def _end(found: re.Match[str], *names: str) -> int:
    return max(found.end(name) for name in names)


def _compared(low: str, now: re.Match[str], usual: re.Match[str]) -> Iterator[Compared]:
    was = number(usual["was"]) * scale(usual["was_k"])
    if was <= 0 or usual["was"] == _PART:
        return
    times = number(now["now"]) * scale(now["k"]) / was
    was_by = _usually_by(low, usual)
    stop = usual.start() if usual.start() > now.start() else len(low)
    by = _by(low, now, stop) if was_by else seconds_of(low, _end(now, "now", "k"))
    if by and was_by:
        times *= was_by / by
    if usual[0].startswith(_ANOTHER) and not (by or was_by) and times < TWICE:
        # One number in place of another, and not so many of anything.
        return
    start, end = min(now.start("now"), usual.start()), max(now.end(), usual.end())
    yield Compared(times, start, end, bool(by or was_by), usual.start("was"))


def beside_usual_detail(text: str, numbers: Mapping[str, float]) -> list[Reading]:
    """Give how many times what a detail calls usual the first line counts: "58M requests past hour", `typical_hour`."""
    usual = {key: was for key, was in numbers.items() if was > 0 and _is_usual_of_calls(stems(key))}
    calls = next(_calls(text.partition("\n")[0]), None) if usual else None
    if calls is None:
        return []
    found = []
    for key, was in usual.items():
        by = next((_LENGTH[part] for part in stems(key) if part in _LENGTH), None)
        times = calls.calls / was * (by / calls.seconds if by and calls.seconds else 1)
        found.append(Reading("requests", times, "x", f"{calls.quote}, {key} {was:g}"))
    return found


def _is_usual_of_calls(parts: frozenset[str]) -> bool:
    return bool(parts & _NAMES_USUAL) and all(
        part in _NAMES_USUAL or part in _BESIDE_IT or kind_of_one(part) == "requests" for part in parts
    )


def _calls(line: str) -> Iterator[Counted]:
    """Give the calls that a line counts."""
    low, there = legible(line), words(line)
    for found in islice(_AT_ALL.finditer(low), MOST):
        end = _end(found, "now", "k")
        stop = _NEXT.search(low, end)
        behind = _said(between(there, end, stop.start() if stop else len(low))[:4])
        seconds = seconds_of(low, end)
        named = any(kind_of_one(part) == "requests" or part in CALLS or part in _METHODS for part in behind)
        of_others = {*behind, *_said(between(there, 0, found.start())[-2:])}
        if not NO_CALLS.isdisjoint(of_others) or not (named or seconds):
            continue
        seconds = seconds or _during(_IN_ALL.match(low, end))
        quote = line[found.start() : end].strip()
        yield Counted(number(found["now"]) * scale(found["k"]), seconds, quote)


def _said(there: tuple[Word, ...]) -> list[str]:
    """Give words as stems and as written."""
    return [part for word in there for part in (word.stem, word.text.lower())]
