"""What a runbook's entries are about: an index made once per document, so that each alert is compared quickly."""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import msgspec

from tocsin.runbook.policy import IncidentType, Runbook, Symptom, Threshold
from tocsin.runbook.thresholds import threshold_in
from tocsin.triage.amounts import MEASURES, each, subject_of
from tocsin.triage.beside import PART
from tocsin.triage.kinship import relations, roots
from tocsin.triage.reading_terms import kind_of
from tocsin.triage.readings import TOPIC_OF, is_read_in, measured_by
from tocsin.triage.topics import hits, is_common
from tocsin.triage.words import BREAK, SAYS_LITTLE, content, folded, squeezed, words
from tocsin.triage.words import stem as stem_of

TITLE = 1.0
SYMPTOM = 0.8
# An entry that speaks of a topic so little only hints at it.
HINTED = 0.5
# How much less one more symptom about the same topic adds.
REPEATED = 0.15
# How many words behind "no" may be what there is none of.
NAMED_BEHIND = 4
# A word of so few entries says which of them is meant; the name of the product stands in all.
TELLING = 0.5
# A number with so many digits may be a name.
CODE = 3
_QUOTED = re.compile(r"[\"\u201c\u201e\u00ab`]([^\"\u201c\u201d\u201e\u00ab\u00bb`]{4,80})[\"\u201d\u201c\u00bb`]")
_ANOTHER = re.compile(r"[,;]\s+(?:and\s+|or\s+)?|\s(?:and|or|und|oder|et|ou|y|e)\s", re.IGNORECASE)
_LITTLE = frozenset(map(stem_of, SAYS_LITTLE))
_NONE = frozenset({"no", "zero", "without"})
# Two documents at a time are compared in a preview of an edit; a few more cost nothing.
REMEMBERED = 16


class Said(NamedTuple):
    """Words of the document, with their line; `folded` as they are looked for in an alert, `roots` of their stems.

    `quoted` is what it quotes itself, folded and as written: what a program or a person says word by word.
    `all_stems` are of all its words, those that say little too.
    """

    text: str
    line: int
    weight: float
    stems: frozenset[str]
    folded: str
    roots: frozenset[str]
    quoted: tuple[tuple[str, str], ...] = ()
    all_stems: frozenset[str] = frozenset()


class Limit(NamedTuple):
    """A threshold of a symptom, with the kind of reading it is held against; "" for one held by its own words.

    `named` are the words of its subject that say of what it is: "Redis" of "Redis memory".
    """

    kind: str
    threshold: Threshold
    said: Said
    subject: frozenset[str]
    named: frozenset[str]
    topics: frozenset[str]


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: how much it is about each topic (0..1), and the `pieces` of the document that say so.

    `title_subject` are the words of its title that say what it is about ("Cluster" of "Cluster Down"), `subject` those
    of them that tell it from the other entries, `related` what these have in common with relatives; `is_its_own` says
    that no topic knows it. `codes` are the numbers its symptoms name something by ("error 4012"). An alert that has
    none of `stems`, and no relative of them, shares no word with it. `spoken` are its topics.
    """

    entry: IncidentType
    topics: dict[str, float]
    pieces: dict[str, tuple[Said, ...]]
    symptoms: tuple[Said, ...]
    words: dict[str, Said]
    title_words: frozenset[str]
    title_subject: frozenset[str]
    kin: dict[str, str]
    neighbours: dict[tuple[str, str], Said]
    absent: dict[str, Said]
    limits: tuple[Limit, ...]
    plainly: frozenset[str]
    subject: frozenset[str]
    related: frozenset[str]
    is_its_own: bool
    codes: dict[str, Said]
    stems: frozenset[str]
    spoken: frozenset[str]


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """The runbook's entries, ready to compare. `rarity` (0..1) is lower for what many entries speak of.

    `plain_topics` are those that an entry is about by more than a hint, `plainly`.
    """

    profiles: tuple[Profile, ...]
    topic_rarity: dict[str, float]
    word_rarity: dict[str, float]
    plain_topics: frozenset[str]
    by_name: dict[str, IncidentType]


@dataclass(frozen=True, eq=False)
class _Document:
    """The entries of one version of a document: hashing its sha is quick, hashing every entry is not."""

    sha256: str
    entries: tuple[IncidentType, ...]

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Document) and (self.sha256, self.entries) == (other.sha256, other.entries)


@lru_cache(maxsize=REMEMBERED)
def _remembered(document: _Document) -> Index:
    return index_of(document.entries)


def index(runbook: Runbook) -> Index:
    """Give the runbook's index, made at its first use."""
    return _remembered(_Document(runbook.sha256, runbook.incident_types))


def said_by(entries: Index, text: str) -> bool:
    """Whether the titles and symptoms have a word of a text: what is "the lab" elsewhere may be theirs."""
    stems = content(text).keys()
    return any(stems & profile.words.keys() for profile in entries.profiles)


def index_of(entries: tuple[IncidentType, ...]) -> Index:
    """Give the index of entries."""
    rarity = _rarity(list(map(_everything, entries)))
    telling = frozenset(stem for stem, rare in rarity.items() if rare >= TELLING)
    profiles = tuple(_profile(entry, telling) for entry in entries)
    return Index(
        profiles=profiles,
        topic_rarity=_rarity([profile.topics for profile in profiles]),
        word_rarity=rarity,
        plain_topics=frozenset().union(*(profile.plainly for profile in profiles)),
        by_name={squeezed(name): entry for entry in reversed(entries) for name in (entry.id, *entry.alerts)},
    )


def _profile(entry: IncidentType, telling: frozenset[str]) -> Profile:
    """Give what an entry says; `telling` are the words that tell the entries of its document from each other."""
    said = [_said(entry.title, entry.line, TITLE)]
    said += [_said(symptom.text, symptom.line, SYMPTOM) for symptom in entry.symptoms]
    topics: dict[str, float] = {}
    pieces: dict[str, tuple[Said, ...]] = {}
    stems: dict[str, Said] = {}
    for piece in said:
        for name, strength in _topics_of(piece.text).items():
            weight = strength * piece.weight
            topics[name] = min(1.0, topics[name] + REPEATED * weight) if name in topics else weight
            pieces[name] = (*pieces.get(name, ()), piece)
        for stem in sorted(piece.stems):
            stems.setdefault(stem, piece)
    plainly = frozenset(name for name, weight in topics.items() if weight > HINTED)
    title_subject = _subject(entry.title)
    subject = title_subject & telling
    limits = tuple(_limit(symptom, one) for symptom in entry.symptoms for one in _thresholds(symptom))
    return Profile(
        entry=entry,
        topics=topics,
        pieces=pieces,
        symptoms=tuple(said[1:]),
        words=stems,
        title_words=said[0].stems,
        title_subject=title_subject,
        kin={relation: stem for stem in reversed(stems) for relation in relations(stem)},
        neighbours={pair: piece for piece in reversed(said) for pair in neighbours(piece.text)},
        absent={stem: piece for piece in reversed(said) for stem in absent(piece.text)},
        limits=limits,
        plainly=plainly,
        subject=subject,
        related=frozenset(relation for stem in subject for relation in relations(stem)),
        is_its_own=bool(subject) and all(map(is_common, plainly)),
        codes={
            code: piece
            for one, piece in zip(entry.symptoms, said[1:], strict=True)
            if not one.threshold
            for code in codes(one.text)
        },
        stems=frozenset(stems).union(*(content(quote) for piece in said for _, quote in piece.quoted)),
        spoken=frozenset(topics),
    )


def _subject(title: str) -> frozenset[str]:
    """Give what the title says is in trouble, without the words for any trouble: down, errors, slow."""
    trouble = {stem for hit in hits(title) if is_common(hit.topic) for stem in content(hit.quote)}
    return frozenset(content(title)) - trouble - MEASURES


def codes(text: str) -> frozenset[str]:
    """Give the numbers of a text that are long enough to be the name of something: "error 4012", "169.254"."""
    return frozenset(word.stem for word in words(text) if word.stem[0].isdigit() and len(word.stem) >= CODE)


def _thresholds(symptom: Symptom) -> tuple[Threshold, ...]:
    """Give the thresholds of a symptom, which may name several: "disk > 90 %, CPU > 80 %"."""
    if symptom.threshold is None:
        return ()
    parts = _ANOTHER.split(symptom.text)
    found = [one for part in parts if (one := threshold_in(part)) and one.subject] if len(parts) > 1 else []
    return tuple(found) if len(found) > 1 else (symptom.threshold,)


def _limit(symptom: Symptom, threshold: Threshold) -> Limit:
    threshold = each(threshold, symptom.text)
    kind = measured_by(threshold, symptom.text)
    subject = subject_of(threshold)
    return Limit(
        kind if kind in TOPIC_OF and is_read_in(kind, threshold.unit) else "",
        threshold,
        _said(symptom.text, symptom.line, SYMPTOM),
        subject,
        frozenset(stem for stem in subject - _LITTLE if kind_of([stem]) is None) - MEASURES,
        frozenset(_topics_of(symptom.text)),
    )


def neighbours(text: str) -> frozenset[tuple[str, str]]:
    """Give the pairs of meaningful words that follow each other."""
    meaning = content(text)
    there = words(text)
    return frozenset(
        (first.stem, second.stem)
        for first, second in pairwise(there)
        if first.stem in meaning and second.stem in meaning and first.stem != second.stem
    )


def absent(text: str) -> dict[str, str]:
    """Give what a text says there is none of, by stem, as written: "no orders", "no ADT or ORU message"."""
    meaning = content(text)
    there = words(text)
    found: dict[str, str] = {}
    for place, none in enumerate(there):
        for one in there[place + 1 : place + 1 + NAMED_BEHIND] if none.stem in _NONE else ():
            if one.stem == BREAK:
                break
            if one.stem in meaning:
                found.setdefault(one.stem, f"{none.text} {one.text}")
    return found


def _everything(entry: IncidentType) -> dict[str, float]:
    """Give all words of an entry, its commands too: the name of the product stands everywhere and tells nothing."""
    steps = (*entry.diagnostics, *(step for branch in entry.resolution for step in branch.steps))
    texts = (
        entry.title,
        *(symptom.text for symptom in entry.symptoms),
        *(f"{step.title} {step.source}" for step in steps),
    )
    return {stem: 1.0 for text in texts for stem in content(text)}


def _said(text: str, line: int, weight: float) -> Said:
    stems = frozenset(content(text))
    quoted = tuple((folded(words), words) for words in _QUOTED.findall(text) if content(words))
    kin = frozenset(root for stem in stems for root in roots(stem))
    return Said(text, line, weight, stems, folded(text), kin, quoted, frozenset(word.stem for word in words(text)))


def _topics_of(text: str) -> dict[str, float]:
    """Give the topics of a title or symptom; hints count where nothing is said plainly, scenes where nothing else."""
    spoken = hits(text)
    spoken = tuple(hit for hit in spoken if not hit.told) or spoken
    plainest = max((hit.strength for hit in spoken), default=0.0)
    return {hit.topic: hit.strength for hit in spoken if hit.strength == plainest and hit.topic != PART}


def _rarity(spoken: list[dict[str, float]]) -> dict[str, float]:
    """Give how telling each thing is: 1 when one entry speaks of it, less the more (and the plainer) others do."""
    total = len(spoken)
    counts: dict[str, float] = {}
    for things in spoken:
        for thing, weight in things.items():
            counts[thing] = counts.get(thing, 0.0) + weight
    return {thing: math.log((total + 1) / max(1.0, count)) / math.log(total + 1) for thing, count in counts.items()}
