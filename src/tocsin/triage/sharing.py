"""The words an alert and an entry have in common."""

import math
from collections.abc import Collection, Mapping
from typing import NamedTuple

from tocsin.incident.facts import Because
from tocsin.triage.kinship import is_trouble, relations, roots
from tocsin.triage.profile import Index, Profile, absent, codes, neighbours
from tocsin.triage.statement import Statement
from tocsin.triage.topics import heard
from tocsin.triage.words import content, folded

SAME_WORD = 0.26
SAME_WORDS_AT_MOST = 0.9
SAME_PAIR = 0.5
PAIRS_AT_MOST = 3
KINSHIP = 0.7
WHOLE_TITLE = 0.9
SYMPTOM_REPEATED = 0.6
MOST_OF_IT = 0.6
# The words of an entry about something no topic knows count more: of a document of its own subject.
OF_ITS_OWN = 1.5
ANY_TROUBLE = 0.7


class Own(NamedTuple):
    """The alert's own words by stem, which of them stand side by side, and what it says there is none of.

    `text` is all of it, folded: what it quotes of the document is found in it. `troubled` says that one of the words is
    an ordinary word for trouble, `related` what they have in common with relatives, `codes` the numbers that may name
    something. `named` are the entries whose subject is among the words, `within` the words of what is measured and
    keeps its limits: they speak for nothing.
    """

    text: str
    words: Mapping[str, str]
    neighbours: frozenset[tuple[str, str]]
    absent: dict[str, str]
    troubled: bool
    related: frozenset[str]
    codes: frozenset[str]
    named: frozenset[str] = frozenset()
    within: frozenset[str] = frozenset()

    def keeps(self, stems: Collection[str]) -> bool:
        """Whether words speak of nothing but what keeps its limits."""
        return bool(stems) and self.within.issuperset(stems)


def own_words(said: Statement) -> Own:
    """Give the words that carry meaning, without those of what the text says is not the matter."""
    denied = {stem for text in (said.summary, said.rest) for hit in heard(text).denied for stem in content(hit.quote)}
    meant = {stem: word for stem, word in content(said.text).items() if stem not in denied}
    pairs = neighbours(said.text)
    return Own(
        folded(said.text),
        meant,
        frozenset(pair for pair in pairs if meant.keys() >= set(pair)),
        absent(said.text),
        any(map(is_trouble, meant)),
        frozenset(relation for stem in meant for relation in relations(stem)),
        codes(said.text),
    )


def is_named_by(own: Own, profile: Profile) -> bool:
    """Whether the alert names what the entry's title says is in trouble, if that is not the product itself."""
    return not (profile.subject.isdisjoint(own.words) and profile.related.isdisjoint(own.related))


def same_words(
    profile: Profile, entries: Index, own: Own, denied: set[str], *, alone: bool
) -> list[tuple[float, Because]]:
    """Give the words of the entry that the alert has too, or has a relative of, each with its worth.

    `alone` says that the alert speaks of no topic of the entry; numbers that deny the entry deny its words.
    """
    if denied:
        return []
    shared = sorted(
        own.words.keys() & profile.words.keys() - own.within, key=lambda stem: (-entries.word_rarity[stem], stem)
    )
    found = []
    left = SAME_WORDS_AT_MOST
    for stem in shared:
        said = profile.words[stem]
        worth = SAME_WORD * said.weight * entries.word_rarity[stem] * _telling(stem, profile, alone)
        worth = min(left, worth)
        left -= worth
        found.append((worth, Because(f"shares “{own.words[stem]}” with “{said.text}”", said.line)))
    found += _kin(profile, entries, own, alone)
    found += _same_pairs(profile, entries, own)
    found += _none_there(profile, own)
    found += _same_codes(profile, own)
    return found


def _telling(stem: str, profile: Profile, alone: bool) -> float:
    """Give how much a word of the entry counts: more where the entry is about something no topic knows.

    What the entry is about does not, where the alert says nothing of its trouble; a word for any trouble counts less.
    """
    if is_trouble(stem):
        return ANY_TROUBLE
    calm = alone and profile.plainly and stem in profile.subject
    return OF_ITS_OWN if profile.is_its_own and not calm else 1.0


def _kin(profile: Profile, entries: Index, own: Own, alone: bool) -> list[tuple[float, Because]]:
    """Give the words of the alert that have a relative in the entry: "duplicate" and "duplication"."""
    found: dict[str, tuple[float, Because]] = {}
    if own.related.isdisjoint(profile.kin):
        return []
    for stem, word in own.words.items():
        other = _relative(stem, profile.kin) if stem not in profile.words and stem not in own.within else None
        if other and other not in own.words and other not in found:
            said = profile.words[other]
            worth = SAME_WORD * KINSHIP * said.weight * entries.word_rarity[other] * _telling(other, profile, alone)
            found[other] = (worth, Because(f"says “{word}”, a relative of a word in “{said.text}”", said.line))
    return sorted(found.values(), key=lambda reason: -reason[0])[:PAIRS_AT_MOST]


def _relative(stem: str, kin: dict[str, str]) -> str | None:
    return next((kin[relation] for relation in relations(stem) if relation in kin), None)


def _same_pairs(profile: Profile, entries: Index, own: Own) -> list[tuple[float, Because]]:
    """Give the pairs of words the alert and the entry both have side by side, which says more than one word does."""
    found = []
    for pair in sorted(own.neighbours & profile.neighbours.keys()):
        said = profile.neighbours[pair]
        rarity = min(entries.word_rarity[stem] for stem in pair)
        quote = " ".join(own.words[stem] for stem in pair)
        found.append((SAME_PAIR * said.weight * rarity, Because(f"says “{quote}” like “{said.text}”", said.line)))
    return found[:PAIRS_AT_MOST]


def _same_codes(profile: Profile, own: Own) -> list[tuple[float, Because]]:
    """Give the numbers both name something by: "code 4012" like "error 4012"."""
    both = sorted(own.codes & profile.codes.keys())
    return [
        (SAME_PAIR, Because(f"says “{code}” like “{profile.codes[code].text}”", profile.codes[code].line))
        for code in both
    ]


def _none_there(profile: Profile, own: Own) -> list[tuple[float, Because]]:
    """Give what both the alert and the entry say there is none of: "no orders"."""
    there = [(quote, profile.absent[stem]) for stem, quote in own.absent.items() if stem in profile.absent]
    found = [(SAME_PAIR * said.weight, f"says “{quote}” like “{said.text}”", said.line) for quote, said in there]
    return [(worth, Because(text, line)) for worth, text, line in found[:PAIRS_AT_MOST]]


def repeated(profile: Profile, entries: Index, own: Own) -> list[tuple[float, Because]]:
    """Give the title and the symptoms that the alert repeats, wholly or nearly."""
    found = _most_of_symptoms(profile, entries, own)
    if len(profile.title_words) > 1 and profile.title_words <= own.words.keys():
        title = Because(f"has every word of the title “{profile.entry.title}”", profile.entry.line)
        found.append((WHOLE_TITLE, title))
    return found


def _says_it(own: Own, quote: str, written: str) -> bool:
    """Whether the alert has words that the document quotes, and does not say that they are not the matter."""
    return quote in own.text and content(written).keys() <= own.words.keys()


def _most_of_symptoms(profile: Profile, entries: Index, own: Own) -> list[tuple[float, Because]]:
    """Give the symptoms the alert quotes, or repeats in most of their words, rare words weighing more."""
    found = []
    for said in profile.symptoms:
        if quote := next((quote for quote in said.quoted if _says_it(own, *quote)), None):
            found.append((SYMPTOM_REPEATED, Because(f"says “{quote[1]}”, which is quoted in “{said.text}”", said.line)))
            continue
        if said.stems.isdisjoint(own.words) and said.roots.isdisjoint(own.related):
            continue
        shared = [stem for stem in said.stems if stem in own.words or not own.related.isdisjoint(roots(stem))]
        if own.keeps(shared):
            continue
        if shared and " " in said.text and said.folded in own.text:
            found.append((SYMPTOM_REPEATED, Because(f"says “{said.text}”", said.line)))
            continue
        covered = math.fsum(entries.word_rarity[stem] for stem in shared)
        share = covered / (math.fsum(entries.word_rarity[stem] for stem in said.stems) or 1.0)
        if len(shared) > 1 and share >= MOST_OF_IT:
            worth = SYMPTOM_REPEATED * share
            found.append((worth, Because(f"says nearly the words of “{said.text}”", said.line)))
    return found
