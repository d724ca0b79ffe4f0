"""Which topics a text speaks of, and in which words."""

from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from tocsin.triage.beside import BESIDE
from tocsin.triage.languages import PHRASES, UNSPACED
from tocsin.triage.topic import Topic
from tocsin.triage.trouble import TROUBLE
from tocsin.triage.words import ALL_OF, BREAK, NEGATIONS, NONE_OF, SERVER_ERROR, UNAVAILABLE, Word, words

TOPICS = TROUBLE + BESIDE
STRONG = 1.0
WEAK = 0.4
# How many other words may stand between the words of a phrase.
REACH = 3
# From how many letters on a misspelt word is recognised.
SPELLABLE = 5

BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}


class Phrase(NamedTuple):
    """Stems that stand close together, and the topic they speak of."""

    topic: str
    strength: float
    stems: tuple[str, ...]
    negated: bool


class Hit(NamedTuple):
    """A topic found in a text: how surely (0..1) and in which words, as written."""

    topic: str
    strength: float
    quote: str


class _Lexicon(NamedTuple):
    by_stem: dict[str, tuple[Phrase, ...]]
    spellings: dict[str, str]


def hits(text: str) -> tuple[Hit, ...]:
    """Give every topic the text speaks of, each phrase once; longer phrases first claim their words.

    A word that belongs to a longer phrase does not speak for itself: the "leak" of "memory leak" is no data leak.
    """
    found = _unspaced(text)
    there = _corrected(words(text))
    places: dict[str, list[int]] = {}
    for place, word in enumerate(there):
        places.setdefault(word.stem, []).append(place)
    lexicon = _lexicon()
    candidates = sorted(
        (phrase for stem in places for phrase in lexicon.by_stem.get(stem, ())),
        key=lambda phrase: (-len(phrase.stems), -phrase.strength, phrase.topic),
    )
    # For each place, how long the longest phrase is that it belongs to.
    claimed: dict[int, int] = {}
    for phrase in candidates:
        for start in places[phrase.stems[0]]:
            taken = _standing(phrase, start, there, places)
            if taken is None or any(claimed.get(place, 0) > len(taken) for place in taken):
                continue
            if not phrase.negated and _denied(there, min(taken)):
                continue
            claimed |= {place: max(len(taken), claimed.get(place, 0)) for place in taken}
            first, last = there[min(taken)], there[max(taken)]
            found.append(Hit(phrase.topic, phrase.strength, text[first.start : last.end]))
    return tuple(dict.fromkeys(found))


def _standing(
    phrase: Phrase, start: int, there: tuple[Word, ...], places: dict[str, list[int]]
) -> tuple[int, ...] | None:
    """Give where the phrase's words stand around `start`, or None when one is missing nearby."""
    taken = [start]
    width = len(phrase.stems) + REACH
    for stem in phrase.stems[1:]:
        near = [place for place in places.get(stem, ()) if abs(place - start) < width and place not in taken]
        if not near:
            return None
        taken.append(min(near, key=lambda place: abs(place - start)))
    low, high = min(taken), max(taken)
    if high - low >= width or any(word.stem == BREAK for word in there[low:high]):
        return None
    return tuple(taken)


def _denied(there: tuple[Word, ...], place: int) -> bool:
    """Whether the words just before say that there is none of it ("no errors", "0 restarts")."""
    before = there[max(0, place - 2) : place]
    if not before:
        return False
    # "[worker:0] exited" counts nothing; "0 restarts" does.
    counted = before[-1].stem == "0" and before[-1].end + 1 == there[place].start
    return counted or before[-1].stem in NEGATIONS or before[0].stem in {"no", "without"}


def _corrected(there: tuple[Word, ...]) -> tuple[Word, ...]:
    """Give the words with misspelt ones of the vocabulary put right: one letter too many, missing or swapped."""
    lexicon = _lexicon()
    return tuple(
        word
        if word.stem in lexicon.by_stem or lexicon.spellings.get(word.stem) == word.stem or not word.stem.isalpha()
        else word._replace(stem=_known_spelling(word.stem, lexicon))
        for word in there
    )


def _known_spelling(stem: str, lexicon: _Lexicon) -> str:
    if len(stem) < SPELLABLE - 1:
        return stem
    for variant in (stem, *_shorter(stem)):
        meant = lexicon.spellings.get(variant)
        # One letter for another is another word ("floor", "flood"), so only lost, added and swapped letters count.
        if meant and meant[0] == stem[0] and (len(meant) != len(stem) or sorted(meant) == sorted(stem)):
            return meant
    return stem


def _shorter(stem: str) -> tuple[str, ...]:
    return tuple(stem[:place] + stem[place + 1 :] for place in range(len(stem))) if len(stem) >= SPELLABLE else ()


def _unspaced(text: str) -> list[Hit]:
    if text.isascii():
        return []
    return [Hit(topic, STRONG, phrase) for topic, phrases in UNSPACED.items() for phrase in phrases if phrase in text]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    by_stem: dict[str, list[Phrase]] = {}
    for topic in TOPICS:
        for strength, text in ((STRONG, topic.strong), (WEAK, topic.weak), (STRONG, PHRASES.get(topic.name, ""))):
            for phrase in filter(None, (part.strip() for part in text.split("|"))):
                stems = _stems(phrase)
                # English stems fold many forms into one, so the same phrase may be listed twice.
                entry = Phrase(topic.name, strength, stems, bool(NEGATIONS.intersection(stems)))
                if entry not in by_stem.setdefault(stems[0], []):
                    by_stem[stems[0]].append(entry)
    singles = {stem for phrases in by_stem.values() for phrase in phrases for stem in phrase.stems}
    spellings: dict[str, str] = {}
    for stem in sorted(singles):
        if len(stem) >= SPELLABLE and stem.isascii() and stem.isalpha():
            for variant in (stem, *_shorter(stem)):
                spellings.setdefault(variant, stem)
    return _Lexicon({stem: tuple(phrases) for stem, phrases in by_stem.items()}, spellings)


def _stems(phrase: str) -> tuple[str, ...]:
    special = {NONE_OF, ALL_OF, SERVER_ERROR, UNAVAILABLE}
    parts = ((part,) if part in special else tuple(word.stem for word in words(part)) for part in phrase.split())
    return tuple(chain.from_iterable(parts))
