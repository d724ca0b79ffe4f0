"""The thresholds of the document, held against the numbers of an alert."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tocsin.incident.facts import Because
from tocsin.triage.amounts import MEASURES, Amount, covered, held
from tocsin.triage.evidence import AT_LEAST, NEARLY_EMPTY_POOL, WEIGHT, Evidence, is_partial, topic_weight
from tocsin.triage.kinship import relations
from tocsin.triage.profile import Index, Limit, Profile
from tocsin.triage.reading import WHOLE, Reading
from tocsin.triage.readings import TOPIC_OF, beyond
from tocsin.triage.sharing import Own
from tocsin.triage.words import lowered

PAST_THRESHOLD = 0.85
# What is past a threshold by its kind only, or may be had by anything, where the alert names something else.
OTHERS = 0.5

# What is wrong with a database although it answers quickly.
_SHORT_OR_LOCKED = re.compile(
    r"too\W?many|exhaust|time[sd]?\s?out|timing\s?out|\block|deadlock|slots|max_?conn|refused|\bfull\b|remaining"
)


_NO_DIGIT = re.compile(r"[^0-9]")


class Measured(NamedTuple):
    """The alert's numbers: those whose kind is known, and all of them with the words around.

    `outage` are the words that say that everything fails, where the document has an entry for that; `meant` are kinds
    of which several entries have a limit, with the lines of those whose subject the alert names,
    `held` the limits of each entry with which numbers compare, those numbers, and whether they are past it.
    """

    readings: tuple[Reading, ...]
    amounts: tuple[Amount, ...]
    meant: frozenset[tuple[str, int]] = frozenset()
    held: Mapping[str, list[tuple[Limit, list[tuple[str, bool]]]]] = {}
    outage: str = ""


class Fit(NamedTuple):
    """How well a number of the alert is what a limit is of: so many words of its subject, and their share (0..1)."""

    words: float
    share: float


class _Held(NamedTuple):
    """A number that compares with a limit: in which words, whether it is past it, and how well it fits."""

    quote: str
    past: bool
    fit: Fit


def held_against(entries: Index, measured: Measured, own: Own) -> dict[str, list[tuple[Limit, list[tuple[str, bool]]]]]:
    """Give the limits of each entry with which numbers of the alert compare.

    A number is held against the limits that it fits best: where the document has one of "Database CPU", a database's
    CPU is no number of "CPU", and none of "Database disk".
    """
    if not (measured.readings or measured.amounts):
        return {}
    pairs = [
        (each.entry.id, limit, _compared_with(limit, measured, own))
        for each in entries.profiles
        for limit in each.limits
    ]
    best: dict[str, Fit] = {}
    for one in (one for _, _, those in pairs for one in those):
        number = _digits(one.quote)
        best[number] = max(best.get(number, one.fit), one.fit)
    found: dict[str, list[tuple[Limit, list[tuple[str, bool]]]]] = {}
    for entry, limit, those in pairs:
        if fitting := [(one.quote, one.past) for one in those if one.fit == best[_digits(one.quote)]]:
            found.setdefault(entry, []).append((limit, fitting))
    return found


def _digits(quote: str) -> str:
    return _NO_DIGIT.sub("", quote)


def outage_in(entries: Index, measured: Measured, text: str) -> str:
    """Give the words that say that everything fails, unless only a part is meant, or no entry is about an outage."""
    parts = any(reading.kind == "errors" and reading.unit == "%" for reading in measured.readings)
    if parts or is_partial(text) or not any(map(is_of_an_outage, entries.profiles)):
        return ""
    return next((reading.quote for reading in measured.readings if everything_fails(reading)), "")


def is_outage_instead(profile: Profile, measured: Measured) -> bool:
    """Whether an entry about errors is not meant, since nothing works at all and another entry is about that."""
    return bool(measured.outage) and "errors" in profile.plainly and not is_of_an_outage(profile)


def is_of_an_outage(profile: Profile) -> bool:
    """Whether what an entry is about first of all is that nothing answers."""
    return "down" in profile.plainly and profile.topics["down"] == max(map(profile.topics.__getitem__, profile.plainly))


def _errors_are_past(measured: Measured) -> bool:
    """Whether a limit of errors is passed, of whatever entry."""
    pairs = (pair for those in measured.held.values() for pair in those)
    return any(limit.kind == "errors" and any(past for _, past in numbers) for limit, numbers in pairs)


def kept_within(measured: Measured) -> frozenset[str]:
    """Give the words of the limits that the alert's numbers keep, and pass nowhere."""
    kept: set[str] = set()
    passed: set[str] = set()
    for limit, numbers in (pair for pairs in measured.held.values() for pair in pairs):
        for _, past in numbers:
            (passed if past else kept).update(limit.subject)
    return frozenset(kept - passed)


def limits_meant(entries: Index, own: Own) -> frozenset[tuple[str, int]]:
    """Give which of several limits of one kind the alert speaks of: the success of signing in, not that of playing."""
    limits = [limit for profile in entries.profiles for limit in profile.limits if limit.kind]
    return frozenset((limit.kind, limit.said.line) for limit in limits if limit.subject & own.words.keys())


def thresholds(
    profile: Profile, measured: Measured, spoken: dict[str, Evidence], own: Own
) -> tuple[dict[str, tuple[float, Because]], set[str], list[Because]]:
    """Give the topics the alert's numbers prove, those they deny, and what to say of the latter."""
    proven: dict[str, tuple[float, Because]] = {}
    denied: dict[str, Because] = {}
    if is_outage_instead(profile, measured):
        why = Because(f"but says “{measured.outage}”, which is an outage and no part", profile.entry.line)
        return {}, {"errors"}, [why]
    if measured.outage and is_of_an_outage(profile) and _errors_are_past(measured):
        worth = PAST_THRESHOLD * topic_weight("down")
        proven["down"] = (worth, Because(f"says “{measured.outage}”: all of it fails", profile.pieces["down"][0].line))
    for limit, numbers in measured.held.get(profile.entry.id, ()):
        # "CPU" is the load of whatever the threshold is about; another machine's says nothing here.
        if limit.kind == "load" and not spoken.keys() & profile.topics.keys():
            continue
        topic = TOPIC_OF.get(limit.kind, limit.threshold.subject)
        named = {line for kind, line in measured.meant if kind == limit.kind}
        if named and limit.said.line not in named:
            continue
        speaks = {topic} if limit.kind else limit.topics | {topic}
        if limit.kind == "latency" and _only_slow(spoken, measured.readings):
            speaks = speaks | {"database"}
        for quote, past in numbers:
            if past:
                text = f"says “{quote}”, past “{limit.said.text}”"
                worth = PAST_THRESHOLD * (topic_weight(topic) if limit.kind else WEIGHT["cause"])
                worth *= 1.0 if _is_meant(limit, own) else OTHERS
                if topic not in proven or worth > proven[topic][0]:
                    proven[topic] = (worth, Because(text, limit.said.line))
            else:
                why = Because(f"but says “{quote}”, not past “{limit.said.text}”", limit.said.line)
                denied |= dict.fromkeys(sorted(speaks), why)
    against = [why for topic, why in denied.items() if topic not in proven]
    return proven, denied.keys() - proven.keys(), list(dict.fromkeys(against))


def _only_slow(spoken: dict[str, Evidence], readings: tuple[Reading, ...]) -> bool:
    """Whether all that ails a database could be that it is slow, and how slow is known.

    That is where it is short of nothing, nothing waits for a lock, and no limit is named that it only passed.
    """
    short = any(
        (reading.kind == "pool" and reading.value >= NEARLY_EMPTY_POOL)
        or (reading.kind == "latency" and AT_LEAST.match(reading.quote))
        for reading in readings
    )
    return "database" in spoken and not short and not _SHORT_OR_LOCKED.search(lowered(spoken["database"].quote))


def _is_meant(limit: Limit, own: Own) -> bool:
    """Whether the alert may speak of what the threshold is of: of Redis, where it is about the memory of Redis."""
    if limit.kind not in ("errors", "memory", "latency", "requests"):
        return True
    return not limit.named or any(
        stem in own.words or not own.related.isdisjoint(relations(stem)) for stem in limit.named
    )


def _compared_with(limit: Limit, measured: Measured, own: Own) -> list[_Held]:
    """Give the numbers that compare with a threshold, and whether they are past it."""
    found: list[_Held] = []
    if limit.kind:
        found = [
            _Held(reading.quote, past, _fit_of_kind(limit, own))
            for one in measured.readings
            if (reading := _as_kind(limit.kind, one)) and (past := beyond(reading, limit.threshold)) is not None
        ]
    if not limit.kind or (limit.named and not found):
        # What a number is known to be of, it is not of a processor besides: "98% of the database's connections".
        others = {_digits(one.quote) for one in measured.readings if limit.kind and one.kind != limit.kind}
        found += [
            _Held(amount.quote, past, _fit_of_words(limit, amount))
            for amount in measured.amounts
            if _digits(amount.quote) not in others
            and (past := held(amount, limit.threshold, limit.subject)) is not None
        ]
    return found


def _as_kind(kind: str, reading: Reading) -> Reading | None:
    """Give a number as one of a kind, or None: where everything fails, all of it is the share that does."""
    if kind == "errors" and everything_fails(reading):
        return reading._replace(value=WHOLE)
    return reading if reading.kind == kind or (kind == "requests" and reading.kind == "gauge") else None


def everything_fails(reading: Reading) -> bool:
    """Whether a number says that all of what is asked fails."""
    return reading.kind == "alive" and reading.value == 0 and reading.unit == "%"


def _fit_of_kind(limit: Limit, own: Own) -> Fit:
    """Give how well numbers of its kind fit a limit: better where the alert names what it is of."""
    named = sum(stem in own.words or not own.related.isdisjoint(relations(stem)) for stem in limit.named)
    return Fit(1 + named, (1 + named) / (1 + len(limit.named)))


def _fit_of_words(limit: Limit, amount: Amount) -> Fit:
    what = limit.subject - MEASURES or limit.subject
    there = covered(what, amount)
    return Fit(there, there / len(what))
