"""Who did what to what: words of any language by the role they have, and the roles that together tell of a trouble.

A phrase is certain words close together. People tell the same in other words, in another order and in another language:
"a stranger got into our admin panel", "ktoś obcy wszedł do panelu". What stays is who (`stranger`), what he does
(`enters`) and to what (`inside`). A scene names roles; where all of them stand close together in one sentence, the
sentence tells it, unless it says that it is not so.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, reduce
from itertools import chain
from operator import or_
from typing import NamedTuple

from tocsin.triage.role_words_calm import CALM
from tocsin.triage.role_words_doing import DOING
from tocsin.triage.role_words_people import PEOPLE
from tocsin.triage.role_words_states import STATES
from tocsin.triage.role_words_things import THINGS
from tocsin.triage.role_words_unspaced import UNSPACED_ROLES
from tocsin.triage.words import BREAK, UNSPACED_SIGN, Word, listed

# How many words a scene may take up for each of its roles, and besides.
EACH, BESIDES = 3, 3
# "Not" belongs to what stands so near: "antwortet seit heute früh überhaupt nicht".
NOT_REACH = 6
# How many words before a scene may say that it is not so.
BEFORE = 2
DENIES, NOT_ME = "not", "not-me"
# In many languages these are denied twice: "никто не может войти".
_NEGATIVE = frozenset({DENIES, "nobody", "nothing"})
# What "not" and the word behind it are together: somebody we do not know, not the right one.
_TOGETHER = (("familiar", ("stranger", "unknown")), ("right", ("wrong",)), ("me", (NOT_ME,)), ("did", (NOT_ME,)))
_RIGHT_BEHIND = 2
# A word so long may be put together of two: "Minnesläcka".
_COMPOUND = 10
# A word so long may end in another of at least so many letters, a longer one also where its beginning is known.
_LONG, _LONGER, _TAIL = 9, 12, 5
# What is longer is no word that anybody wrote, and to look at all of its pieces takes seconds.
_LONGEST_WORD = 60
# A word shorter than this has no beginning to know it by.
SHORTEST = 3
# "L'API", "dell'ufficio", and not "it's".
_ELIDED, _LONGEST_ARTICLE = 2, 4
_ANY_ENDING = "*"
_ORDER, _LACKS, _TIGHT = ">", "!", "~"
_SENTENCE_END = re.compile("[\u3002\uff01\uff1f!?;\uff1b\n]")
# What stands behind it is so, whatever was not: "not my own orders but those of others".
_RATHER = listed("but sondern sino mas mais ma maar lecz ale но utan nybrz")


class Scene(NamedTuple):
    """What roles together speak of; the first `ordered` of them stand in their order, the others anywhere.

    `says_not` when one of them is that it is not so, which belongs to the role behind it. None of `lacks` may stand in
    the sentence. The words of one that is `tight` stand side by side, with one other among them at most.
    """

    topic: str
    roles: tuple[str, ...]
    mask: int
    ordered: int
    says_not: bool
    lacks: int = 0
    tight: bool = False


class Told(NamedTuple):
    """A scene found in a text, at `start`..`end` of it; `denied` when the text says that it is not so."""

    topic: str
    start: int
    end: int
    denied: bool


_TABLES = (PEOPLE, THINGS, DOING, STATES, CALM)
_ALL_ROLES: Mapping[str, tuple[str, ...]] = {
    name: tuple(" ".join(table.get(name, "") for table in _TABLES).split())
    for name in dict.fromkeys(chain(*_TABLES, UNSPACED_ROLES))
}
_BIT = {name: 1 << number for number, name in enumerate(_ALL_ROLES)}


def scenes(topic: str, text: str) -> Iterator[Scene]:
    """Give the scenes of a topic, as a table has them: roles, one scene a line or between `|`.

    `>` stands between roles that keep their order, `!` before a role that must be missing, `~` before a scene whose
    words stand side by side.
    """
    for part in filter(None, (piece.strip() for piece in text.replace("\n", "|").split("|"))):
        ordered = len(part.rpartition(_ORDER)[0].replace(_ORDER, " ").split())
        named = part.removeprefix(_TIGHT).replace(_ORDER, " ").split()
        roles = tuple(role for role in named if not role.startswith(_LACKS))
        lacks = _mask(role.removeprefix(_LACKS) for role in named if role.startswith(_LACKS))
        says_not = not _NEGATIVE.isdisjoint(roles)
        yield Scene(topic, roles, _mask(roles), ordered + 1 if ordered else 0, says_not, lacks, part[0] == _TIGHT)


class Scenes:
    """The scenes that are known; which of them roles may tell is remembered by the roles, of which few sets occur."""

    def __init__(self, known: Iterable[Scene]) -> None:
        """Hold the scenes, in the order in which they are told."""
        self._known = tuple(known)
        self.of_roles = lru_cache(maxsize=4_000)(self._of_roles)

    def _of_roles(self, roles: int) -> tuple[Scene, ...]:
        """Give the scenes all of whose roles are among these, or may be where words are put together."""
        if roles & _BIT[DENIES]:
            for role, means in _TOGETHER:
                roles |= _mask(means) if roles & _BIT[role] else 0
        return tuple(scene for scene in self._known if scene.mask & roles == scene.mask)


def may_tell(text: str, there: tuple[Word, ...], known: Scenes) -> bool:
    """Whether a text has all the roles of any scene: most have not, and need not be looked at closer."""
    if UNSPACED_SIGN.search(text):
        return True
    return bool(known.of_roles(_all_of(roles_of(word.text, word.stem) for word in there)))


def told(text: str, there: tuple[Word, ...], clause: tuple[int, ...], known: Scenes) -> list[Told]:
    """Give the scenes that a text tells; `clause` numbers the clause of each of its words `there`."""
    found: list[Told] = []
    masks = [roles_of(word.text, word.stem) for word in there]
    if known.of_roles(_all_of(masks)):
        masks = _put_together(masks)
        begin = 0
        for end in (*(place for place, word in enumerate(there) if word.stem == BREAK), len(there)):
            roles = _all_of(masks[begin:end])
            likely = (scene for scene in known.of_roles(roles) if not scene.lacks & roles)
            found += _in_sentence(there, masks, clause, (begin, end), likely)
            begin = end + 1
    return found + _unspaced(text, known) if UNSPACED_SIGN.search(text) else found


def _all_of(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _in_sentence(
    there: tuple[Word, ...],
    masks: list[int],
    clause: tuple[int, ...],
    part: tuple[int, int],
    likely: Iterable[Scene],
) -> Iterator[Told]:
    for scene in likely:
        if (taken := _taken(scene, there, masks, clause, part)) is not None:
            low, high = min(taken), max(taken)
            denied = not scene.says_not and _denied(scene, there, masks, clause, taken)
            yield Told(scene.topic, there[low].start, there[high].end, denied)


def _put_together(masks: list[int]) -> list[int]:
    """Give the roles with those of "not" and the word behind it: "someone we do not know" is a stranger."""
    for place, mask in enumerate(masks):
        if mask & _BIT[DENIES]:
            for behind in range(place + 1, min(len(masks), place + 1 + _RIGHT_BEHIND)):
                for role, means in _TOGETHER:
                    if masks[behind] & _BIT[role]:
                        masks[behind] |= _mask(means)
                        # "Nobody can reach us" is no stranger, so that what is not done stays not done.
                        masks[place] = masks[place] if NOT_ME in means else 0
    return masks


def _taken(
    scene: Scene, there: tuple[Word, ...], masks: list[int], clause: tuple[int, ...], part: tuple[int, int]
) -> tuple[int, ...] | None:
    """Give where the roles of a scene stand closest together, or None where they are too far from each other."""
    width = len(scene.roles) if scene.tight else EACH * len(scene.roles) + BESIDES
    best: tuple[int, ...] | None = None
    for start in range(*part):
        if not masks[start] & _BIT[scene.roles[0]]:
            continue
        taken = [start]
        for number, role in enumerate(scene.roles[1:], 1):
            last, after_not = taken[-1], scene.roles[number - 1] in _NEGATIVE
            reach = NOT_REACH if after_not else width
            near = [
                (abs(place - last), place)
                for place in range(max(part[0], last - reach), min(part[1], last + reach + 1))
                if masks[place] & _BIT[role]
                and (place not in taken or len(there[place].text) >= _COMPOUND)
                and (number >= scene.ordered or place > last)
                and (not after_not or clause[place] == clause[last])
            ]
            if not near:
                break
            taken.append(min(near)[1])
        if len(taken) != len(scene.roles) or max(taken) - min(taken) > width:
            continue
        if best is None or max(taken) - min(taken) < max(best) - min(best):
            best = tuple(taken)
    return best


def _denied(
    scene: Scene, there: tuple[Word, ...], masks: list[int], clause: tuple[int, ...], taken: tuple[int, ...]
) -> bool:
    """Whether the words among those of a scene, or just before it in its clause, say that it is not so."""
    low, high = min(taken), max(taken)
    denying = _mask(_NEGATIVE)
    # What is a part of "it was not me" denies nothing else.
    own = {place - back for place in taken for back in range(_RIGHT_BEHIND + 1)} if NOT_ME in scene.roles else {*taken}
    for place in range(max(0, low - BEFORE), high):
        if masks[place] & denying and place not in own and (place > low or clause[place] == clause[low]):
            behind = min(other for other in taken if other > place)
            if not any(there[at].text.lower() in _RATHER for at in range(place + 1, behind)):
                return True
    return False


@lru_cache(maxsize=20_000)
def roles_of(written: str, stem: str) -> int:
    """Give the roles a word may have, one bit each, by its beginnings; by its stem where it was misspelt."""
    low = written.lower()
    if stem == DENIES:
        return _BIT[DENIES] | _roles_of(low.replace("'", ""))
    article, _, rest = low.partition("'")
    elided = len(rest) > _ELIDED and len(article) <= _LONGEST_ARTICLE
    return _roles_of(rest if elided else article) or _roles_of(stem)


def _roles_of(word: str) -> int:
    if len(word) > _LONGEST_WORD:
        return 0
    whole, beginnings = _words()
    mask = whole.get(word, 0)
    for length in range(SHORTEST, len(word) + 1):
        mask |= beginnings.get(word[:length], 0)
    return mask | _put_together_of(word) if len(word) >= _LONGER or not mask else mask


def _put_together_of(word: str) -> int:
    """Give the roles of the thing that a longer word ends in: a "Nutzerdatenbank" is a "Datenbank"."""
    if len(word) < _LONG or not word.isascii():
        return 0
    whole, beginnings = _words()
    for cut in range(SHORTEST, len(word) - _TAIL + 1):
        rest = word[cut:]
        mask = whole.get(rest, 0)
        for length in range(_TAIL, len(rest) + 1):
            mask |= beginnings.get(rest[:length], 0)
        if mask & _mask(THINGS):
            return mask & _mask(THINGS)
    return 0


def build() -> None:
    """Build the tables of words, which are built at their first use otherwise."""
    _words()
    _pieces()


@lru_cache(maxsize=1)
def _words() -> tuple[dict[str, int], dict[str, int]]:
    """Give the roles of whole words and of what words begin with."""
    whole: dict[str, int] = {}
    beginnings: dict[str, int] = {}
    for name, members in _ALL_ROLES.items():
        for word in members:
            table = beginnings if word.endswith(_ANY_ENDING) else whole
            key = word.rstrip(_ANY_ENDING)
            table[key] = table.get(key, 0) | _BIT[name]
    return whole, beginnings


def _mask(roles: Iterable[str]) -> int:
    mask = 0
    for role in roles:
        mask |= _BIT[role]
    return mask


def _unspaced(text: str, known: Scenes) -> list[Told]:
    """Give the scenes told in a script without spaces: all the roles in one sentence."""
    found: list[Told] = []
    begin = 0
    for end in (*(mark.start() for mark in _SENTENCE_END.finditer(text)), len(text)):
        pieces = [
            (piece.start(), piece.end(), _piece_roles()[piece[0]]) for piece in _pieces().finditer(text, begin, end)
        ]
        there = _all_of(roles for *_, roles in pieces)
        likely = (scene for scene in known.of_roles(there) if not scene.lacks & there)
        placed = ((scene.topic, _around(pieces, scene)) for scene in likely)
        found += [Told(topic, *place, denied=False) for topic, place in placed if place]
        begin = end + 1
    return found


def _around(pieces: list[tuple[int, int, int]], scene: Scene) -> tuple[int, int] | None:
    """Give from where to where the pieces stand that have the roles of a scene."""
    taken: list[tuple[int, int, int]] = []
    for role in scene.roles:
        piece = next((one for one in pieces if one[2] & _BIT[role]), None)
        if piece is None:
            return None
        taken.append(piece)
    return min(taken)[0], max(one[1] for one in taken)


@lru_cache(maxsize=1)
def _piece_roles() -> dict[str, int]:
    found: dict[str, int] = {}
    for name, text in UNSPACED_ROLES.items():
        for piece in text.split():
            written = piece.replace("_", " ")
            found[written] = found.get(written, 0) | _BIT[name]
    return found


@lru_cache(maxsize=1)
def _pieces() -> re.Pattern[str]:
    """Give what finds the pieces, the longest first."""
    return re.compile("|".join(map(re.escape, sorted(_piece_roles(), key=len, reverse=True))))
