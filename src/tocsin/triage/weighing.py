"""What an alert says, held against what alerts of each kind of trouble read like.

Rules know documents and numbers, and a word that nobody thought of is nothing to them. What was learned from alerts has
met the words and knows nothing else. So it speaks where rules have little to go by, and against them where it is sure
and they are not: never against a number, an excuse, trouble of something else, a name, or a person.

Source: docs/decisions/0093-what-alerts-read-like-counts-too.md
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from tocsin.incident.facts import Because
from tocsin.triage.comparing import Comparison
from tocsin.triage.learned.likeness import NONE, Model
from tocsin.triage.matched import Considered, Match
from tocsin.triage.profile import Index, Profile
from tocsin.triage.statement import Statement

KINDS: Mapping[str, str] = {
    "down": "down",
    "errors": "errors",
    "slow": "slow",
    "database": "slow",
    "memory": "memory",
    "flood": "flood",
    "breach": "breach",
}
"""The kind of alerts that was learned, by what an entry is about."""

ANYTHINGS = frozenset({"down", "errors", "slow"})
"""Anything may have this trouble: whose it is, rules must have found a sign of."""

LIKELY, SURELY, NOTHING = 0.55, 0.75, 0.97
"""How probable a kind must be: where rules have little to go by, against an entry that words alone speak for, and to
open nothing although an entry is close, which is the worst mistake of all."""

HARDLY = 0.13
"""An entry whose kind is no likelier than this gives way to another."""

_AT_MOST = 0.94
"""What was only read is less certain than what was named."""

Footing = Literal["firm", "words", "little"]
"""What rules go by: what nothing speaks against (a number, an excuse, other trouble), words for an entry, or little."""


class Ruled(NamedTuple):
    """What rules make of an alert, every entry weighed against it, the closest first, and what they go by."""

    found: Match
    ranked: list[Comparison]
    footing: Footing


def weighed(ruled: Ruled, entries: Index, model: Model, said: Statement) -> Match:
    """Give the match once what the alert reads like counts too."""
    found, ranked, footing = ruled
    kinds = {profile.entry.id: kind for profile in entries.profiles if (kind := kind_of(profile))}
    if footing == "firm" or not kinds or (found.incident_type is not None and found.incident_type not in kinds):
        return found
    reads = model.likeness(said)
    kind = max(reads, key=lambda one: reads[one])
    sure = reads[kind]
    if footing == "words":
        own = kinds[found.incident_type or ""]
        if sure < (NOTHING if kind == NONE else SURELY) or kind == own or reads[own] > HARDLY:
            return found
        if kind == NONE:
            return _nothing(found, ranked, _quoted(model.telling(said, kind)))
    elif kind == NONE or sure < LIKELY:
        return found
    best = _only([one for one in ranked if kinds.get(one.entry.id) == kind])
    if best is None or (kind in ANYTHINGS and not best.score):
        return found
    return _another(found, best, round(sure * _AT_MOST, 3), _quoted(model.telling(said, kind)))


def kind_of(profile: Profile) -> str | None:
    """Give the kind of trouble an entry is about; None where no such alerts were learned."""
    return KINDS.get(max(profile.plainly, key=lambda topic: (profile.topics[topic], topic), default=""))


def _only(closest: list[Comparison]) -> Comparison | None:
    """Give the closest of entries of one kind, unless another is as close: what is read says nothing of that."""
    if not closest:
        return None
    first, *others = closest
    return None if any(other.score >= first.score for other in others) else first


def _another(found: Match, best: Comparison, score: float, quoted: str) -> Match:
    """Give the entry whose kind the alert reads like."""
    why = Because(f"reads like what “{best.entry.title}” is about{quoted}", best.entry.line)
    otherwise = tuple(Because(f"without that: {one.text}", one.line) for one in found.because[:1])
    rest = tuple(one for one in found.considered if one.incident_type != best.entry.id)
    considered = (Considered(best.entry.id, score), *rest)
    return Match(best.entry.id, score, (why, *best.because, *best.against), considered, otherwise)


def _nothing(found: Match, ranked: list[Comparison], quoted: str) -> Match:
    """Give that it is no entry, although one was close."""
    closest = next(one for one in ranked if one.entry.id == found.incident_type)
    why = Because(f"no entry matched: it reads like talk, notices or other trouble{quoted}")
    otherwise = (Because(f"without that it would be {closest.entry.title} ({closest.score:.2f})", closest.entry.line),)
    return Match(None, 0.0, (why, *closest.because[:1]), found.considered, otherwise)


def _quoted(words: tuple[str, ...]) -> str:
    return f": “{'”, “'.join(words)}”" if words else ""
