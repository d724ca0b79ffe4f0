"""What a text must have for a pattern to be found in it, read off the pattern itself.

Of patterns this knows what ours are written with: words, classes, groups, looks ahead and behind, quantifiers.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from tocsin.triage.words import SAYS_LITTLE

# A word is known by so many letters, or by fewer of its first ones where a pattern leaves open how it goes on.
LETTERS = 4
FEWEST = 2
A_DIGIT, NO_ASCII = "\\d", "\\u"
# How often a sign stands in an alert, more or less: what is looked for is the rarest that an alternative needs.
_RARE, _FOREIGN, _SHORT, _FREQUENT, _NEARLY_ALWAYS = 0.01, 0.05, 0.1, 0.2, 0.8
_LITTLE = frozenset(word[:LETTERS] for word in SAYS_LITTLE)
_ATOM = re.compile(
    r"[a-z]+(?![a-z*+?{])|[a-z]+(?=[a-z][*+?{])|\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P=\w+\)|\((?:\?P<\w+>|\?(?:<?[=!]|:))?|\)|\|"
    r"|[*+?]\??|\{\d*,?\d*\}\??|\s+|\#[^\n]*|.",
    re.DOTALL,
)
_MAY_BE_NONE = re.compile(r"[*?]|\{(?:0|,)")
# A class of signs none of which is part of a word.
_NO_LETTERS = re.compile(r"\[(?:\\[sWn.\[\]/|-]|[ :;,.!?()/|<>=\"'\u2019-])+\]")
_ESCAPED_LETTER = re.compile(r"\\[A-Za-z]")

_Kind = Literal["letter", "gap", "edge", "digit", "group", "nothing", "any"]
_KNOWN: dict[str, _Kind] = {
    "\\b": "edge", "\\s": "gap", "\\W": "gap", "\\n": "gap", "\\d": "digit", "\\Z": "nothing", "^": "edge",
    "$": "nothing", ".": "any",
}  # fmt: skip


class _Atom(NamedTuple):
    """One atom of a pattern, as written; `letters` those it is, `inner` the alternatives of a group.

    `optional` says that it may be missing, `more` that a quantifier stands behind it.
    """

    kind: _Kind
    text: str
    letters: str = ""
    inner: tuple[tuple["_Atom", ...], ...] = ()
    optional: bool = False
    more: bool = False


class _Found(NamedTuple):
    """What a text must have one of, or None where that is not known; whether a word may begin behind it."""

    signs: frozenset[str] | None
    edge: bool


class Alternative(NamedTuple):
    """One alternative of a pattern; where it is found, a text has at least one of `needed`, unless none is known."""

    pattern: str
    needed: frozenset[str] | None


def apart(pattern: str) -> tuple[Alternative, ...]:
    """Give the alternatives of a pattern, also those of a group that is all there is of one but for what it stands at.

    The first of them that is found at a place is what the whole pattern finds there.
    """
    found: list[tuple[_Atom, ...]] = []
    for atoms in _parsed(pattern):
        place = next((at for at, atom in enumerate(atoms) if atom.kind not in ("edge", "nothing")), None)
        group = None if place is None else atoms[place]
        if place is None or group is None or group.kind != "group" or group.more or not group.text.startswith("(?:"):
            found.append(atoms)
        else:
            found += [(*atoms[:place], *inner, *atoms[place + 1 :]) for inner in group.inner]
    return tuple(Alternative(_text(atoms), _of(atoms, edge=False, closed=False).signs) for atoms in found)


def _text(atoms: Sequence[_Atom]) -> str:
    return "".join(atom.text for atom in atoms)


def _of_any(alternatives: Sequence[tuple[_Atom, ...]], *, edge: bool, closed: bool) -> _Found:
    each = [_of(atoms, edge=edge, closed=closed) for atoms in alternatives]
    signs = [one.signs for one in each if one.signs is not None]
    every = frozenset().union(*signs) if len(signs) == len(each) else None
    return _Found(every, all(one.edge for one in each))


def _of(atoms: tuple[_Atom, ...], *, edge: bool, closed: bool) -> _Found:
    """Give the rarest signs that a sequence needs. `edge` says that a word may begin before it, `closed` behind it."""
    known: list[frozenset[str]] = []
    word = ""
    for at, atom in enumerate(atoms):
        if atom.kind == "letter" and not atom.optional:
            if word or edge:
                word += atom.letters
            if not atom.letters.isascii():
                known.append(frozenset({NO_ASCII}))
            if atom.more:
                known, word = [*known, *_sign(word, whole=False)], ""
            edge = False
            continue
        known += _sign(word, whole=_ends_a_word(atom))
        word = ""
        if atom.kind == "digit" and not atom.optional:
            known.append(frozenset({A_DIGIT}))
        if atom.kind == "group":
            behind = _ends_a_word(atoms[at + 1]) if at + 1 < len(atoms) else closed
            inner = _of_any(atom.inner, edge=edge and not atom.more, closed=behind and not atom.more)
            if inner.signs is not None and not atom.optional:
                known.append(inner.signs)
            edge = inner.edge and (edge or not atom.optional)
        elif atom.kind in ("gap", "edge"):
            edge = edge or not atom.optional
        elif atom.kind != "nothing":
            edge = False
    known += _sign(word, whole=closed)
    return _Found(min(known, key=_often, default=None), edge)


def _ends_a_word(atom: _Atom) -> bool:
    return atom.kind in ("gap", "edge") and not atom.optional


def _sign(word: str, *, whole: bool) -> list[frozenset[str]]:
    """Give what a word, or what begins with it, is known by."""
    if whole and word:
        return [frozenset({word[:LETTERS]})]
    if len(word) < FEWEST:
        return []
    return [frozenset({word[:LETTERS] if len(word) >= LETTERS else f"{word}*"})]


def _often(signs: frozenset[str]) -> float:
    return sum(map(_often_one, signs))


def _often_one(sign: str) -> float:
    if sign in (A_DIGIT, NO_ASCII):
        return _NEARLY_ALWAYS if sign == A_DIGIT else _FOREIGN
    if sign in _LITTLE or (len(sign) == FEWEST + 1 and sign.endswith("*")):
        return _FREQUENT
    return _SHORT if len(sign) < LETTERS or sign.endswith("*") else _RARE


def _parsed(pattern: str) -> tuple[tuple[_Atom, ...], ...]:
    return _alternatives(iter([piece for piece in _ATOM.findall(pattern) if piece[0] != "#" and not piece.isspace()]))


def _alternatives(pieces: Iterator[str]) -> tuple[tuple[_Atom, ...], ...]:
    """Give what stands up to the end, or to the bracket that closes a group."""
    found: list[list[_Atom]] = [[]]
    for piece in pieces:
        if piece == ")":
            break
        if piece == "|":
            found.append([])
        elif piece[0] in "*+?{" and found[-1]:
            atom = found[-1].pop()
            optional = _MAY_BE_NONE.match(piece) is not None
            found[-1].append(atom._replace(text=atom.text + piece, optional=optional, more=True))
        elif piece[0] == "(" and not piece.startswith("(?P="):
            inner = _alternatives(pieces)
            kind: _Kind = "nothing" if piece[-1] in "=!" else "group"
            text = f"{piece}{'|'.join(map(_text, inner))})"
            found[-1].append(_Atom(kind, text, inner=inner))
        else:
            found[-1].append(_atom(piece))
    return tuple(map(tuple, found))


@lru_cache(maxsize=4_000)
def _atom(piece: str) -> _Atom:
    if piece.isascii() and piece.isalpha():
        return _Atom("letter", piece, piece)
    if known := _KNOWN.get(piece, "any" if piece.startswith("(?P=") else None):
        return _Atom(known, piece)
    if piece.startswith("["):
        return _Atom("gap" if _NO_LETTERS.fullmatch(piece) else "any", piece)
    if piece.startswith("\\") and len(piece) > len("\\n"):
        letter = chr(int(piece.removeprefix("\\x").removeprefix("\\u"), 16))
    elif _ESCAPED_LETTER.fullmatch(piece):
        return _Atom("any", piece)
    else:
        letter = piece[-1]
    return _Atom("letter" if letter.isalnum() or letter == "_" else "gap", piece, letter)
