"""What is counted of a text: its words, pairs of words, pieces of words and the names of its details.

Pieces know a word that was never met: one that is misspelt, put together, or of a language that bends its words.
"""

import re
from collections.abc import Iterator

from tocsin.triage.statement import Statement
from tocsin.triage.words import BREAK, lowered, words

LONGEST_PART, MOST_PARTS = 600, 40
"""So many letters of each line, and so many lines, are read: what is longer says no more of what it is."""

PIECES = (3, 4, 5)
WORD, NAME = "=", "@"
"""Before a word or a pair, and before the name of a detail, so that neither is taken for a piece."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def features(said: Statement) -> set[str]:
    """Give everything that is counted of what an alert says, each once; every number counts as 0."""
    # A detail that says that there is nothing is not among the rest.
    found = {f"{NAME}{_without_numbers(key)}" for key in said.named if key in said.rest}
    parts = (said.summary, *said.rest.split("\n"))
    for part in parts[:MOST_PARTS]:
        found.update(_words_of(part[:LONGEST_PART]))
        text = _without_numbers(lowered(part[:LONGEST_PART]))
        for length in PIECES:
            found.update([text[at : at + length] for at in range(len(text) - length + 1)])
    return found


def word_feature(stem: str) -> str:
    """Give what stands for a word."""
    return f"{WORD}{_without_numbers(stem)}"


def _words_of(part: str) -> Iterator[str]:
    before = ""
    for word in words(part):
        if word.stem == BREAK:
            before = ""
            continue
        one = _without_numbers(word.stem)
        yield f"{WORD}{one}"
        if before:
            yield f"{WORD}{before} {one}"
        before = one


def _without_numbers(text: str) -> str:
    return _NUMBER.sub("0", text)
