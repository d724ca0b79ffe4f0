"""The options of a call and its other words, as far as an edit needs them."""

from collections.abc import Iterable
from typing import NamedTuple

from tocsin.guard.calls import Word


class Option(NamedTuple):
    """An option with the word that holds it, and its value; `letter` is its place in a cluster such as `-tf`."""

    name: str
    word: Word
    value: Word | None = None
    letter: int = 0


class Options(NamedTuple):
    """What a call has behind its name and its subcommand."""

    given: tuple[Option, ...]
    others: tuple[Word, ...]

    def find(self, *names: str) -> Option | None:
        """Give the first of these options."""
        return next((option for option in self.given if option.name in names), None)

    def has(self, *names: str) -> bool:
        """Tell whether one of these options is given."""
        return self.find(*names) is not None


def options_of(words: Iterable[Word], taking: frozenset[str]) -> Options:
    """Give the options among words; those in `taking` take a value."""
    waiting = list(words)
    given: list[Option] = []
    others: list[Word] = []
    while waiting:
        word = waiting.pop(0)
        if word.text == "--":
            others += waiting
            break
        if not word.text.startswith("-") or word.text == "-":
            others.append(word)
        elif word.text.startswith("--"):
            name, equals, _ = word.text.partition("=")
            own = name in taking and not equals and bool(waiting)
            given.append(Option(name, word, waiting.pop(0) if own else word if equals else None))
        else:
            given += _letters(word, taking, waiting)
    return Options(tuple(given), tuple(others))


def _letters(word: Word, taking: frozenset[str], waiting: list[Word]) -> list[Option]:
    """Give the options of a cluster; behind a letter that takes a value, the rest is the value."""
    found: list[Option] = []
    for place, letter in enumerate(word.text[1:], 1):
        name = "-" + letter
        if name not in taking:
            found.append(Option(name, word, None, place))
            continue
        attached = place + 1 < len(word.text)
        found.append(Option(name, word, word if attached else waiting.pop(0) if waiting else None, place))
        break
    return found
