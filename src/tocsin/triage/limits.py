"""The thresholds of the document, held against the numbers of an alert."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tocsin.incident.facts import Because
from tocsin.triage.amounts import Amount, held
from tocsin.triage.evidence import AT_LEAST, NEARLY_EMPTY_POOL, WEIGHT, Evidence, topic_weight
from tocsin.triage.kinship import relations
from tocsin.triage.profile import Index, Limit, Profile
from tocsin.triage.reading import Reading
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


class Measured(NamedTuple):
    """The alert's numbers: those whose kind is known, and all of them with the words around.

    `meant` are kinds of which several entries have a limit, with the lines of those whose subject the alert names,
    `held` the limits of each entry with which numbers compare, those numbers, and whether they are past it.
    """

    readings: tuple[Reading, ...]
    amounts: tuple[Amount, ...]
    meant: frozenset[tuple[str, int]] = frozenset()
    held: Mapping[str, list[tuple[Limit, list[tuple[str, bool]]]]] = {}


def held_against(entries: Index, measured: Measured) -> dict[str, list[tuple[Limit, list[tuple[str, bool]]]]]:
    """Give the limits of each entry with which numbers of the alert compare."""
    if not (measured.readings or measured.amounts):
        return {}
    pairs = {
        each.entry.id: [(limit, _compared_with(limit, measured)) for limit in each.limits] for each in entries.profiles
    }
    return {entry: [pair for pair in held if pair[1]] for entry, held in pairs.items()}


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
                proven[topic] = (worth, Because(text, limit.said.line))
            else:
                why = Because(f"but says “{quote}”, not past “{limit.said.text}”", limit.said.line)
                denied |= dict.fromkeys(speaks, why)
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
    if limit.kind not in ("errors", "memory", "latency"):
        return True
    return not limit.named or any(
        stem in own.words or not own.related.isdisjoint(relations(stem)) for stem in limit.named
    )


def _compared_with(limit: Limit, measured: Measured) -> list[tuple[str, bool]]:
    """Give the numbers that compare with a threshold, and whether they are past it."""
    found: list[tuple[str, bool | None]] = []
    if limit.kind:
        same = (reading for reading in measured.readings if reading.kind == limit.kind)
        found = [(reading.quote, beyond(reading, limit.threshold)) for reading in same]
    if not limit.kind or (limit.named and not any(past is not None for _, past in found)):
        found = [(amount.quote, held(amount, limit.threshold, limit.subject)) for amount in measured.amounts]
    return [(quote, past) for quote, past in found if past is not None]
