"""One thing that a line of the document became."""

import re
from typing import Literal, NamedTuple

Kind = Literal[
    "title", "part", "severity", "criterion", "level", "incident-type", "symptom", "unwatched", "people", "alone",
    "click", "person", "refused", "manual", "snippet", "prohibition", "branch", "phase", "rule", "over", "template",
    "review", "cadence", "deadline", "contact", "annotation", "belongs", "skipped", "background", "note", "nothing",
]  # fmt: skip

DECIDES_NOTHING: frozenset[Kind] = frozenset({"skipped", "background", "note", "nothing"})


class Became(NamedTuple):
    """One thing that a line became.

    `words` say it in short ("" where the line before has said it), `rule` by which rule of reading, `effect` what it
    changes at run time. `**strong**` and `` `code` `` in them are marks. `runs` is the exact text of a command where
    it differs from the line. `pages` = somebody is woken by it, or by when depends on it.
    """

    kind: Kind
    words: str
    rule: str
    effect: str = ""
    runs: str = ""
    pages: bool = False


class Piece(NamedTuple):
    """A piece of a sentence: `look` is how it is set."""

    text: str
    look: Literal["plain", "strong", "code"] = "plain"


_MARKED = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|`(?P<code>[^`]+)`")


def pieces(text: str) -> tuple[Piece, ...]:
    """Give a sentence, or a line of Markdown, in pieces; other marks than strong and code stay as they are."""
    found: list[Piece] = []
    at = 0
    for mark in _MARKED.finditer(text):
        found += [Piece(text[at : mark.start()])] if mark.start() > at else []
        found.append(Piece(mark["strong"], "strong") if mark["strong"] else Piece(mark["code"], "code"))
        at = mark.end()
    return (*found, Piece(text[at:])) if at < len(text) else tuple(found)


def unmarked(text: str) -> str:
    """Give a sentence without the marks of its pieces."""
    return "".join(piece.text for piece in pieces(text))
