"""Patterns of many alternatives, each tried only in texts that have a word it cannot do without.

A pattern of a hundred alternatives is tried at every place of a text, all hundred of them, though hardly any can be
there. `needed.py` reads off the pattern what must stand in a text for an alternative to be found. All of them stand in
one table by that: one look at the words of a text says which are worth trying, and mostly none is.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import itemgetter

from tocsin.triage.needed import A_DIGIT, LETTERS, NO_ASCII, apart

_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_BEGINNING, _THREE, _TWO = (itemgetter(slice(length)) for length in (LETTERS, 3, 2))


class Sought:
    """A pattern in small letters, written as for `re.VERBOSE`; it finds what `re` would find in a lowered text.

    Nothing is compiled before it is needed: most alternatives never are.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        alternatives = apart(pattern)
        self._sources = tuple(one.pattern for one in alternatives)
        self._compiled: list[re.Pattern[str] | None] = [None] * len(alternatives)
        for place, one in enumerate(alternatives):
            for sign in one.needed or ():
                _TABLE.setdefault(sign, []).append((self, place))
        always = (place for place, one in enumerate(alternatives) if one.needed is None)
        self._always = tuple(always)
        _KNOWN.append(self)
        _likely.cache_clear()

    def search(self, text: str) -> re.Match[str] | None:
        """Give the first place where the pattern is found; the match has no groups."""
        first: re.Match[str] | None = None
        at = 0
        for place in self._worth_trying(text):
            found = self._alternative(place).search(text)
            # Of two that begin at one place, the one that is written first is found.
            if found and (first is None or (found.start(), place) < (first.start(), at)):
                first, at = found, place
        return first

    def is_in(self, text: str) -> bool:
        """Whether the pattern is found anywhere."""
        return any(self._alternative(place).search(text) for place in self._worth_trying(text))

    def compile(self) -> None:
        """Compile all that may be needed."""
        for place in range(len(self._sources)):
            self._alternative(place)

    def _worth_trying(self, text: str) -> set[int] | tuple[int, ...]:
        """Give which alternatives may be found in a text."""
        likely = _likely(text).get(self)
        return likely.union(self._always) if likely else self._always

    def _alternative(self, place: int) -> re.Pattern[str]:
        compiled = self._compiled[place]
        if compiled is None:
            compiled = self._compiled[place] = re.compile(self._sources[place], re.VERBOSE)
        return compiled


class SoughtEverywhere(Sought):
    """One of which every place is asked for, with its groups: all of it is tried where any alternative may be found."""

    _whole: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """Give the first place where the pattern is found, with its groups."""
        return self._pattern().search(text) if self._worth_trying(text) else None

    def is_in(self, text: str) -> bool:
        """Whether the pattern is found anywhere."""
        return self.search(text) is not None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Give every place where the pattern is found, with its groups."""
        return self._pattern().finditer(text) if self._worth_trying(text) else iter(())

    def compile(self) -> None:
        """Compile all that may be needed."""
        self._pattern()

    def _pattern(self) -> re.Pattern[str]:
        if self._whole is None:
            self._whole = re.compile(self.pattern, re.VERBOSE)
        return self._whole


def compile_all() -> None:
    """Compile every pattern there is, so that no text waits for it."""
    for one in _KNOWN:
        one.compile()


_KNOWN: list[Sought] = []

# What alternatives of which patterns need, by sign: "reso", "res*" and "re*" for "resolved".
_TABLE: dict[str, list[tuple[Sought, int]]] = {}


@lru_cache(maxsize=32)
def _likely(text: str) -> Mapping[Sought, set[int]]:
    """Give the alternatives of which a text has a word that they need, by their pattern."""
    beginnings = set(map(_BEGINNING, _WORD.findall(text)))
    threes = set(map(_THREE, beginnings))
    there = [*beginnings, *[f"{three}*" for three in threes], *[f"{two}*" for two in set(map(_TWO, threes))]]
    if not text.isascii():
        there.append(NO_ASCII)
    if _DIGIT.search(text):
        there.append(A_DIGIT)
    found: dict[Sought, set[int]] = {}
    for sign in there:
        for pattern, place in _TABLE.get(sign, ()):
            found.setdefault(pattern, set()).add(place)
    return found
