"""What is counted of a text: its words, pairs of words, pieces of words and the names of its details.

Pieces know a word that was never met: one that is misspelt, put together, or of a language that bends its words.
"""

import re
from collections.abc import Iterator
from itertools import islice

from tocsin.triage.statement import Statement
from tocsin.triage.words import BREAK, lowered, words

LONGEST_PART, MOST_PARTS = 600, 40
"""So many letters of each line, and so many lines, are read: what is longer says no more of what it is."""

PIECES = (3, 4, 5)
WORD, NAME, FIRST = "=", "@", "^"
"""Before a word or a pair, before the name of a detail, and before what an alert begins with."""

BEGINS = 2
"""So many words are what an alert begins with, which mostly is what it is about."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def names_of(said: Statement) -> Iterator[str]:
    """Give what stands for the names of details; one that says that there is nothing is not among the rest."""
    return (f"{NAME}{_without_numbers(key)}" for key in said.named if key in said.rest)


def first_of(said: Statement) -> list[str]:
    """Give what stands for the words that an alert begins with."""
    stems = (word.stem for word in words(said.summary[:LONGEST_PART]) if word.stem != BREAK)
    return [f"{FIRST}{_without_numbers(stem)}" for stem in islice(stems, BEGINS)]


def lines_of(said: Statement) -> list[str]:
    """Give the lines that are read."""
    return [part[:LONGEST_PART] for part in (said.summary, *said.rest.split("\n"))[:MOST_PARTS]]


def features_of(line: str) -> set[str]:
    """Give everything that is counted of a line, each once; every number counts as 0."""
    found = set(_words_of(line))
    text = _without_numbers(lowered(line))
    for length in PIECES:
        found.update([text[at : at + length] for at in range(len(text) - length + 1)])
    return found


def features(said: Statement) -> set[str]:
    """Give everything that is counted of what an alert says."""
    return {*names_of(said), *first_of(said)}.union(*map(features_of, lines_of(said)))


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
