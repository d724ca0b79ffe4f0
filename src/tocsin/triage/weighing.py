"""What rules make of an alert, held against what alerts of each kind of trouble read like.

Rules know documents and numbers, and a word that nobody thought of is nothing to them. What was learned from alerts has
met the words, and knows what rules make of alerts like this one and how often they are right. So it has the last word,
but for what was said by name, by a person, or by a number that the document has a threshold for.

Source: docs/decisions/0095-what-is-learned-hears-the-rules.md
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from tocsin.identity import These
from tocsin.incident.facts import Because
from tocsin.triage.comparing import Comparison
from tocsin.triage.evidence import Evidence
from tocsin.triage.learned.likeness import NONE, Model
from tocsin.triage.learned.signs import signs
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

Footing = Literal["limits", "beside", "counts", "excuse", "hint", "subject", "others", "words", "little"]
"""What rules go by: limits of the document, words for an entry beside another one whose limit is passed, other numbers,
an excuse of the alert itself, a hint at one, a subject or trouble that no entry is about, words for an entry, or
little."""

LIKELY: Mapping[Footing, float] = {
    "excuse": 0.9,
    "subject": 0.95,
    "counts": 0.9,
    "others": 0.75,
    "hint": 0.5,
    "words": 0.5,
    "beside": 0.5,
    "little": 0.6,
}
"""How probable a kind must be to win over what rules say. Against limits of the document nothing wins; and where one is
passed, of whatever entry, there is something to open."""

NOTHING, CERTAINLY_NOTHING = 0.65, 0.97
"""To open nothing although an entry is close is the worst mistake of all; and where a document is about other trouble
too, what is none of the kinds that were learned may be that."""

_AT_MOST = 0.94
"""What was only read is less certain than what was named."""


class Ruled(NamedTuple):
    """What rules make of an alert, every entry weighed against it, the closest first, and what they go by.

    `spoken` is what they heard the alert speak of, by topic; `sort` a word for the excuse, or for whose trouble it is.
    """

    found: Match
    ranked: list[Comparison]
    footing: Footing
    spoken: Mapping[str, Evidence] = {}
    sort: str = ""


def weighed(ruled: Ruled, entries: Index, model: Model, said: Statement) -> Match:
    """Give the match once what the alert reads like counts too."""
    found, kinds = ruled.found, _kinds_of(These(entries))
    if ruled.footing not in LIKELY or not kinds or (found.incident_type or "") not in {"", *kinds}:
        return found
    reads = model.likeness(said, signs_of(ruled, entries))
    kind = max(reads, key=lambda one: reads[one])
    enough = LIKELY[ruled.footing]
    if kind == NONE:
        enough = max(enough, NOTHING if len(kinds) == len(entries.profiles) else CERTAINLY_NOTHING)
    if kind == _own(found, kinds) or reads[kind] < enough or _fell(kind, ruled.spoken):
        return found
    quoted = _quoted(model.telling(said, kind))
    if kind == NONE and ruled.footing == "beside":
        return found
    if kind == NONE:
        return _nothing(found, ruled.ranked, quoted)
    best = _only([one for one in ruled.ranked if kinds.get(one.entry.id) == kind])
    if best is None or (kind in ANYTHINGS and not best.score) or (best.against and not best.proven):
        return found
    return _another(found, best, round(reads[kind] * _AT_MOST, 3), quoted)


def _fell(kind: str, spoken: Mapping[str, Evidence]) -> bool:
    """Whether numbers or words say that there is less of what a kind is too much of."""
    return kind == "flood" and "ebb" in spoken and "flood" not in spoken


def signs_of(ruled: Ruled, entries: Index) -> frozenset[str]:
    """Give what stands for what rules make of an alert; an entry of a kind that was not learned is of none."""
    footing = f"{ruled.footing} {ruled.sort}" if ruled.sort else ruled.footing
    return signs(_own(ruled.found, _kinds_of(These(entries))), footing, ruled.found.score, ruled.spoken)


def _own(found: Match, kinds: Mapping[str, str]) -> str:
    """Give the kind of what was found."""
    return kinds.get(found.incident_type or "", NONE)


@lru_cache(maxsize=16)
def _kinds_of(of: These[Index]) -> Mapping[str, str]:
    """Give the kind of every entry that has one, by its id."""
    (entries,) = of.values
    return {profile.entry.id: kind for profile in entries.profiles if (kind := kind_of(profile))}


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
