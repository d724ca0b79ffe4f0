"""Patterns of the guard: compiled once, in one place, so that a test can hold each of them to linear time."""

import re
from functools import cache

Pattern = re.Pattern[str]
LONGEST_VALUE = 1024
"""Characters of a word that patterns look at. A longer word is not understood, unless it is a program or a query."""


@cache
def pattern(text: str) -> Pattern:
    """Give the compiled pattern; upper and lower case are the same."""
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def words_of(text: str) -> frozenset[str]:
    """Give the words of a text, each once."""
    return frozenset(text.split())
