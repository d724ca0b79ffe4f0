"""Which topics a text speaks of, and in which words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, groupby
from typing import NamedTuple

from tocsin.triage.beside import BESIDE
from tocsin.triage.concepts import FAMILIES, IDIOMS, ORDINARY, PAIRS, families_by_stem
from tocsin.triage.findings import PAIRS as FINDINGS
from tocsin.triage.languages import HEADS, PHRASES, UNSPACED, UNSPACED_PAIRS
from tocsin.triage.machines import BESIDE as MACHINES_BESIDE
from tocsin.triage.machines import IDIOMS as MACHINE_IDIOMS
from tocsin.triage.machines import MACHINES
from tocsin.triage.polarity import Clauses, calm, clauses, denied, lacking
from tocsin.triage.reading_terms import ALIVE, BREAKING, DEAD, WORKING
from tocsin.triage.roles import told
from tocsin.triage.scenes import KNOWN
from tocsin.triage.topic import Topic
from tocsin.triage.trouble import TROUBLE
from tocsin.triage.words import (
    ALL_OF,
    BREAK,
    NEGATIONS,
    NO_FAILURE,
    NONE_OF,
    SERVER_ERROR,
    UNAVAILABLE,
    UNSPACED_SIGN,
    Word,
    stems_of_each,
    words,
)

TOPICS = TROUBLE + BESIDE
STRONG = 1.0
# Two families of words side by side say a little less than a phrase people really use.
PAIRED = 0.85
WEAK = 0.4
IDIOM = "idiom"
# How many other words may stand between the words of a phrase.
REACH = 3
IDIOM_REACH = 1
# How many signs may stand between the halves of a pair in a script without spaces.
UNSPACED_REACH = 14
# With these, the words of a phrase mean something in their order only: "login from", "0 pods".
_ORDERING = frozenset({"from", "by", "of", "to", "per", "not"})
# From how many letters on a word may be put together of others.
COMPOUND = 10
# From how many letters on a misspelt word is recognised.
SPELLABLE = 5

_PLURAL = "ips"
_OF_COPIES = "replication"
_NTH = re.compile(r"\d+(?:st|nd|rd|th)|second|third|other|few|(?:[a-z]+)(?<!wi)(?<!bo)th|\d+")
# Topics of what is done to something by somebody or something else.
_DONE = frozenset({"breach", "flood", "database"})
_WHOLE = frozenset({"every", "all"})
# "None of all requests" is none of them, "100 % of all" each one.
_EACH_ONE = frozenset({ALL_OF, NONE_OF, "none", "not", "no", "most", "nearly", "almost"})
# The words of a phrase with one of these belong to one clause.
_DENYING = NEGATIONS | {"nobody", "none"}
_NOTHING = Word("", "", 0, 0)
# What phrases have for what is no word: counts and codes.
_SPECIAL = frozenset({NONE_OF, ALL_OF, SERVER_ERROR, UNAVAILABLE})
_ALONE = frozenset[str]()
_NO_STEMS: tuple[str, ...] = ()

BESIDE_NAMES = frozenset(topic.name for topic in BESIDE)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}


def is_cause(name: str) -> bool:
    """Whether a topic is what goes wrong, not what it shows itself by."""
    return BY_NAME[name].kind == "cause"


def is_common(name: str) -> bool:
    """Whether anything may have this trouble: down, errors, slow."""
    return name in BY_NAME and not is_cause(name)


class Phrase(NamedTuple):
    """Stems that stand close together, and the topic they speak of; the longer come first, then the surer.

    `ordered` when they have to stand in their order; `gerund` for an idiom whose last word is one: "errors reported" is
    no "error reporting". `plural` for one whose last word has to be one: "source ip" names a field. `needed` are the
    stems of one that has several. `nth` tells those of one order apart that begin alike.
    """

    topic: str
    strength: float
    stems: tuple[str, ...]
    negated: bool
    needed: frozenset[str]
    ordered: bool
    gerund: bool
    plural: bool
    order: tuple[int, float, str]
    nth: int


class Hit(NamedTuple):
    """A topic found in a text: how surely (0..1), in which words as written, and whether they name a cause.

    `told` says that it is found by who did what and not by a phrase.
    """

    topic: str
    strength: float
    quote: str
    caused: bool = False
    told: bool = False


class Heard(NamedTuple):
    """What a text speaks of; what it says is not the matter ("memory fine", "no flood") or means otherwise."""

    hits: tuple[Hit, ...]
    denied: tuple[Hit, ...]


class _Lexicon(NamedTuple):
    """Every phrase by the one of its stems that the fewest phrases have."""

    by_stem: dict[str, tuple[Phrase, ...]]
    families: dict[str, tuple[str, ...]]
    known: frozenset[str]
    spellings: dict[str, str]


def hits(text: str) -> tuple[Hit, ...]:
    """Give every topic the text speaks of, each phrase once."""
    return heard(text).hits


@lru_cache(maxsize=512)
def heard(text: str) -> Heard:
    """Give every topic the text speaks of or denies; longer phrases first claim their words.

    A word that belongs to a longer phrase does not speak for itself: the "leak" of "memory leak" is no data leak.
    """
    there = _some_of_them(_corrected(words(text)))
    part = clauses(text, there)
    there = _none_failed(there, part)
    places: dict[str, list[int]] = {}
    for place, word in enumerate(there):
        for name in _names(word.stem):
            places.setdefault(name, []).append(place)
    candidates = _candidates(places)
    found, against = _unspaced(text), []
    # For each place, how long the longest phrase is that it belongs to.
    claimed: dict[int, int] = {}
    for phrase in candidates:
        for start in places[phrase.stems[0]]:
            taken = _standing(phrase, start, there, places)
            if taken is None or (phrase.negated and part.number[min(taken)] != part.number[max(taken)]):
                continue
            if any(claimed.get(place, 0) > len(taken) for place in taken):
                continue
            low, high = min(taken), max(taken)
            if phrase.gerund and not there[high].text.lower().endswith("ing"):
                continue
            if phrase.plural and not any(there[place].text.lower() == _PLURAL for place in taken):
                continue
            quote = text[there[low].start : there[high].end]
            idiom = phrase.topic == IDIOM
            none = not phrase.negated and (
                denied(there, part, low) or lacking(there, part, low, _names(there[low].stem))
            )
            if not idiom and (none or calm(there, part, low, high)):
                against.append(Hit(phrase.topic, phrase.strength, quote))
                if none and len(taken) > 1:
                    # "No more memory leaks": the words of what there is none of say nothing else.
                    claimed |= {place: max(len(taken) + 1, claimed.get(place, 0)) for place in taken}
                continue
            # What an idiom says, its words say nothing else, in whatever order.
            length = len(taken) + (1 if idiom else 0)
            claimed |= {place: max(length, claimed.get(place, 0)) for place in taken}
            where = against if idiom else found
            where.append(Hit(phrase.topic, phrase.strength, quote, low in part.caused))
    _tell(text, there, part, found, against)
    return Heard(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(against)))


def build() -> None:
    """Build the vocabulary, which is built at its first use otherwise."""
    _lexicon()
    _unspaced_pairs()


def has_family(text: str, name: str) -> bool:
    """Whether a text has a word of a family (`@name`)."""
    return any(name in _names(word.stem) for word in words(text))


def _tell(text: str, there: tuple[Word, ...], part: Clauses, found: list[Hit], against: list[Hit]) -> None:
    """Add what is told in scenes, of topics that no phrase speaks of plainly."""
    spoken = {hit.topic for hit in found if hit.strength >= PAIRED}
    scenes = told(text, there, part.number, KNOWN)
    # What does something to ours is not what is in trouble: "the nightly job locks the table"; a copy that lags is.
    done = [text[scene.start : scene.end].split() for scene in scenes if scene.topic in _DONE and not scene.denied]
    found[:] = [
        hit
        for hit in found
        if hit.topic not in BESIDE_NAMES
        or hit.topic == _OF_COPIES
        or not any(hit.quote.split()[-1] in one for one in done)
    ]
    for scene in scenes:
        if scene.topic not in spoken:
            strength = STRONG if scene.topic in BESIDE_NAMES else PAIRED
            hit = Hit(scene.topic, strength, text[scene.start : scene.end], told=True)
            (against if scene.denied else found).append(hit)


def _candidates(places: dict[str, list[int]]) -> list[Phrase]:
    """Give the phrases of which every stem is there, the longer and the surer first, then as they begin in the text."""
    by_stem, known = _lexicon().by_stem, places.keys()
    begun = [phrase for stem in places for phrase in by_stem.get(stem, ())]
    number = {stem: at for at, stem in enumerate(places)}
    return [
        phrase
        for *_, phrase in sorted(
            (phrase.order, number[phrase.stems[0]], phrase.nth, phrase)
            for phrase in begun
            if len(phrase.stems) == 1 or known >= phrase.needed
        )
    ]


@lru_cache(maxsize=4_000)
def _names(stem: str) -> tuple[str, ...]:
    """Give what a word may be in a phrase: itself, one of its families, or what it is put together of."""
    put_together = _heads(stem) if len(stem) >= COMPOUND else ()
    return (stem, *_lexicon().families.get(stem, ()), *put_together)


def _standing(
    phrase: Phrase, start: int, there: tuple[Word, ...], places: dict[str, list[int]]
) -> tuple[int, ...] | None:
    """Give where the phrase's words stand around `start`, or None when one is missing nearby."""
    taken = [start]
    # What an idiom says, it says in its order: an "error report" is no report of errors.
    width = len(phrase.stems) + (IDIOM_REACH if phrase.topic == IDIOM else REACH)
    for stem in phrase.stems[1:]:
        near = [place for place in places.get(stem, ()) if abs(place - start) < width and place not in taken]
        if not near:
            return None
        taken.append(min(near, key=lambda place: abs(place - start)))
    low, high = min(taken), max(taken)
    if phrase.ordered and taken != sorted(taken):
        return None
    if high - low >= width or any(word.stem == BREAK for word in there[low:high]):
        return None
    return tuple(taken)


def _some_of_them(there: tuple[Word, ...]) -> tuple[Word, ...]:
    """Give the words with those told apart that say "every tenth" or "a third of all", which are not every one."""
    if _WHOLE.isdisjoint([word.stem for word in there]):
        return there
    return tuple(
        word._replace(stem="some")
        if (word.stem == "every" and _NTH.fullmatch(following.text.lower()))
        or (word.stem == "all" and before.stem == "of" and less.stem not in _EACH_ONE)
        else word
        for less, before, word, following in zip(
            (_NOTHING, _NOTHING, *there), (_NOTHING, *there), there, (*there[1:], _NOTHING), strict=False
        )
    )


def _none_failed(there: tuple[Word, ...], part: Clauses) -> tuple[Word, ...]:
    """Give the words with "0 of 400" told apart where it is failures that there are none of."""
    if all(word.stem != NONE_OF for word in there):
        return there
    return tuple(
        word._replace(stem=NO_FAILURE) if word.stem == NONE_OF and _is_of_failures(there, part, place) else word
        for place, word in enumerate(there)
    )


def _is_of_failures(there: tuple[Word, ...], part: Clauses, place: int) -> bool:
    """Whether the first word behind a place that says how things are, in its clause and near, is one for trouble."""
    for at in range(place + 1, min(len(there), place + 1 + REACH + 1)):
        if part.number[at] != part.number[place]:
            return False
        said = {there[at].stem, there[at].text.lower()}
        if said & (WORKING | ALIVE):
            return False
        if said & (BREAKING | DEAD):
            return True
    return False


def _corrected(there: tuple[Word, ...]) -> tuple[Word, ...]:
    """Give the words with misspelt ones of the vocabulary put right: one letter too many, missing or swapped."""
    known = _lexicon().known
    if all(word.stem in known for word in there):
        return there
    meant = [word.stem if word.stem in known else _known_spelling(word.stem) for word in there]
    return tuple(
        [word if word.stem is one else word._replace(stem=one) for word, one in zip(there, meant, strict=True)]
    )


@lru_cache(maxsize=4_000)
def _known_spelling(stem: str) -> str:
    if len(stem) < SPELLABLE - 1 or not stem.isalpha():
        return stem
    spellings = _lexicon().spellings
    for variant in (stem, *_shorter(stem)):
        meant = spellings.get(variant)
        # One letter for another is another word ("floor", "flood"), so only lost, added and swapped letters count.
        if meant and meant[0] == stem[0] and (len(meant) != len(stem) or sorted(meant) == sorted(stem)):
            return meant
    return stem


def _shorter(stem: str) -> tuple[str, ...]:
    return tuple(stem[:place] + stem[place + 1 :] for place in range(len(stem))) if len(stem) >= SPELLABLE else ()


def _heads(stem: str) -> tuple[str, ...]:
    """Give what a word is put together of, with the families of that: "Speicherüberlauf" is one of memory."""
    if not stem.isascii():
        return ()
    lexicon = _lexicon()
    if stem in lexicon.known:
        return ()
    heads = [head for head in HEADS if stem.startswith(head) or stem.endswith(head)]
    return tuple(name for head in heads for name in (head, *lexicon.families.get(head, ())))


def _unspaced(text: str) -> list[Hit]:
    if not UNSPACED_SIGN.search(text):
        return []
    found = [Hit(topic, STRONG, phrase) for topic, phrases in UNSPACED.items() for phrase in phrases if phrase in text]
    pairs = ((topic, pair.search(text)) for topic, pair in _unspaced_pairs().items())
    return found + [Hit(topic, PAIRED, pair[0]) for topic, pair in pairs if pair]


@lru_cache(maxsize=1)
def _unspaced_pairs() -> dict[str, re.Pattern[str]]:
    """Give what finds the two halves of a pair close together, in either order."""
    near = rf"[^\n.!;\u3002\uff01\uff1f\uff1b]{{0,{UNSPACED_REACH}}}?"
    return {
        topic: re.compile(f"(?:{subject}){near}(?:{befell})|(?:{befell}){near}(?:{subject})")
        for topic, (subject, befell) in UNSPACED_PAIRS.items()
    }


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    vocabulary = tuple(_vocabulary())
    stems = _stems_of([phrase for *_, text in vocabulary for phrase in _phrases_in(text)])
    phrases = _phrases(vocabulary, stems)
    families = families_by_stem()
    # Only the words of trouble are put right: of what lies beside it, a near miss is more likely another word.
    singles = (stems[one] for topic in TROUBLE for one in _phrases_in(f"{topic.strong}|{topic.weak}"))
    spellings: dict[str, str] = {}
    for stem in sorted(set[str]().union(*singles, *_stems_of(FAMILIES.values()).values())):
        if len(stem) >= SPELLABLE and stem.isascii() and stem.isalpha():
            for variant in (stem, *_shorter(stem)):
                spellings.setdefault(variant, stem)
    known = frozenset(families).union(*_stems_of([ORDINARY]).values(), *stems.values())
    return _Lexicon(_by_rarest(phrases), families, known, spellings)


def _phrases(vocabulary: Iterable[tuple[str, float, str]], stems: Mapping[str, tuple[str, ...]]) -> list[Phrase]:
    """Give every phrase once for each topic and strength: those that begin with one stem behind each other."""
    begun: dict[str, dict[Phrase, None]] = {}
    for topic, strength, text in vocabulary:
        for phrase in _phrases_in(text):
            there = stems[phrase]
            entry = Phrase(
                topic,
                strength,
                there,
                not _DENYING.isdisjoint(there),
                frozenset(there) if len(there) > 1 else _ALONE,
                topic == IDIOM or any(stem in _ORDERING or stem.isdigit() for stem in there),
                topic == IDIOM and phrase.endswith("ing"),
                phrase.endswith(_PLURAL),
                (-len(there), -strength, "" if topic == IDIOM else topic),
                0,
            )
            # English stems fold many forms into one, so the same phrase may be listed twice.
            begun.setdefault(there[0], {}).setdefault(entry)
    return [entry._replace(nth=nth) for those in begun.values() for nth, entry in enumerate(those)]


def _by_rarest(phrases: list[Phrase]) -> dict[str, tuple[Phrase, ...]]:
    """Give phrases by their stem that the fewest of them have: many have a "not"."""
    often = Counter(stem for phrase in phrases for stem in {*phrase.stems})
    found: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        found.setdefault(min(phrase.stems, key=often.__getitem__), []).append(phrase)
    return {stem: tuple(those) for stem, those in found.items()}


def _vocabulary() -> Iterator[tuple[str, float, str]]:
    yield IDIOM, STRONG, f"{IDIOMS}|{MACHINE_IDIOMS}"
    yield "breach", PAIRED, FINDINGS
    for topic in TOPICS:
        yield topic.name, STRONG, topic.strong
        yield topic.name, WEAK, topic.weak
        yield topic.name, STRONG, PHRASES.get(topic.name, "")
        yield topic.name, PAIRED, PAIRS.get(topic.name, "")
        yield topic.name, STRONG, MACHINES.get(topic.name, MACHINES_BESIDE.get(topic.name, ""))


def _phrases_in(text: str) -> list[str]:
    return [phrase for part in text.split("|") if (phrase := part.strip())]


def _stems_of(phrases: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Give the stems of phrases: words that are one word in a text are one in a phrase, "timed out", "logged in".

    All that are nothing but words are read at once, which takes half the time.
    """
    found = dict.fromkeys(phrases, _NO_STEMS)
    special = {phrase for phrase in found if "@" in phrase or not _SPECIAL.isdisjoint(phrase.split())}
    only_words = [phrase for phrase in found if phrase not in special]
    found.update(zip(only_words, stems_of_each(only_words), strict=True))
    found.update((phrase, _stems_of_special(phrase)) for phrase in special)
    return found


def _stems_of_special(phrase: str) -> tuple[str, ...]:
    pieces = (
        (tuple(group) if special else tuple(word.stem for word in words(" ".join(group))))
        for special, group in groupby(phrase.split(), key=_is_special)
    )
    return tuple(chain.from_iterable(pieces))


def _is_special(part: str) -> bool:
    return part.startswith("@") or part in _SPECIAL
