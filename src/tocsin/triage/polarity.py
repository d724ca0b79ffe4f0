"""Whether a text says that something is the matter or that it is not: "no errors", "memory fine", "not a flood"."""

import re
from collections.abc import Collection
from typing import NamedTuple

from tocsin.triage.words import BREAK, NEGATIONS, NO_FAILURE, Word, listed, stem

# What is said of something that is in order, in the languages the topics know.
CALM = listed(
    "ok okay fine normal usual idle healthy green bor bored boring unaffect unaffected steady stabl stable nominal "
    "quiet calm flat clean intact unchang unchanged typical unremarkable gut gesund bien bon correct normales normale "
    "regulier нормально норме tranquil asleep relaxed untouched"
)
_ARTICLES = listed("a an the any our your real actual further more such sign signs of")
# "than usual", "10x normal", "far from fine" say the opposite.
_COMPARING = listed(
    "than above over beyond exceed exceeds exceeding time times x versus vs against longer far until back"
)
_CONTRAST = listed("but however though although yet while whereas aber mais pero mas porem но still except otherwise")
_CAUSE = listed(
    "coincides correlates because cause caused due since reason root culprit owing wegen weil car puisque porque"
)
# The same before a word that is trouble in itself; "sin memoria" has not enough of it.
_WITHOUT = listed(
    "sin sans ohne sem senza zonder bez без kein keine keinen keinerlei aucun aucune nessun nessuna ningun ninguna "
    "ningunos "
    "nenhum nenhuma geen zadnych никаких"
)
_RESOURCES = frozenset(
    {"@memory", "@database", "@service", "@works", "@nobody", "@clients", "@page", "@query", "@traffic"}
)
_GAP = re.compile(r"[,;()\n/|]|\s[-\u2013\u2014]\s|->|\u2192")
_AFTER, _BEFORE = 4, 1
_EQUALS = 2
# Right before a word they say that there is none of it: "0 restarts", "nothing slow".
_COUNTED_NONE = frozenset({"0", stem("nothing")})


class Clauses(NamedTuple):
    """Where clauses end in a text (`number` of each word) and which words stand behind a word like "because"."""

    number: tuple[int, ...]
    caused: frozenset[int]


def clauses(text: str, there: tuple[Word, ...]) -> Clauses:
    """Give the clause of every word of the text."""
    numbers: list[int] = []
    caused: set[int] = set()
    number, end, behind = 0, 0, False
    for place, word in enumerate(there):
        # Most words stand one blank behind the last.
        gap = word.start - end > 1 or text[end : word.start] not in ("", " ")
        if word.stem == BREAK or word.stem in _CONTRAST or (gap and _GAP.search(text, end, word.start)):
            number += 1
        if word.stem == BREAK:
            behind = False
        elif behind:
            caused.add(place)
        behind = behind or word.text.lower() in _CAUSE
        numbers.append(number)
        end = word.end
    return Clauses(tuple(numbers), frozenset(caused))


def denied(there: tuple[Word, ...], part: Clauses, place: int) -> bool:
    """Whether the words just before say that there is none of it ("no errors", "0 restarts", "not a flood")."""
    low = max(0, place - 2)
    before = tuple(there[at] for at in range(low, place) if part.number[at] == part.number[place])
    if not before:
        return False
    # "[worker:0] exited" counts nothing; "0 restarts" does.
    # Within one name a word denies nothing: "NoMethodError".
    before = before if there[place].start > before[-1].end else ()
    if not before:
        return False
    counted = before[-1].stem in _COUNTED_NONE and before[-1].end + 1 == there[place].start
    nearest = before[-1].stem in NEGATIONS or before[-1].stem == NO_FAILURE
    farther = before[0].stem in {"no", "without", NO_FAILURE} or (
        before[0].stem in NEGATIONS and before[-1].text.lower() in _ARTICLES
    )
    return counted or nearest or farther


def lacking(there: tuple[Word, ...], part: Clauses, place: int, names: Collection[str]) -> bool:
    """Whether the word before says in another language that there is none of a trouble: "sin errores", "ohne Fehler".

    `names` are the families of the word: of memory, or of a service, to have none is the trouble.
    """
    if place == 0 or part.number[place - 1] != part.number[place]:
        return False
    return there[place - 1].text.lower() in _WITHOUT and _RESOURCES.isdisjoint(names)


def calm(there: tuple[Word, ...], part: Clauses, low: int, high: int) -> str | None:
    """Give the word that says that what stands at `low`..`high` is in order, or None."""
    for place in range(high + 1, min(len(there), high + 1 + _AFTER)):
        if part.number[place] != part.number[high]:
            break
        if there[place].text.lower() in CALM and not _compared(there, part, place):
            return there[place].text
    following = there[high + 1] if high + 1 < len(there) else None
    # None of it stands behind an equals sign or a colon: "errors=0".
    if following and following.stem == "0" and 0 < following.start - there[high].end <= _EQUALS:
        return following.text
    before = low - _BEFORE
    if before >= 0 and part.number[before] == part.number[low] and there[before].text.lower() in CALM:
        starts = before == 0 or part.number[before - 1] != part.number[low]
        if starts and not _compared(there, part, before):
            return there[before].text
    return None


def _compared(there: tuple[Word, ...], part: Clauses, place: int) -> bool:
    """Whether the calm word is only what something is compared with."""
    here = part.number[place]
    before = [word for at, word in enumerate(there) if place - 4 <= at < place and part.number[at] == here]
    if any(word.text.lower() in _COMPARING or word.stem in NEGATIONS for word in before):
        return True
    following = there[place + 1] if place + 1 < len(there) else None
    return following is not None and following.text[0].isdigit()
