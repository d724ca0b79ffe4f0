"""Series: how one is selected by its labels, and what is made of several.

Source: the querying basics of Prometheus, "Instant vector selectors".
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from tocsin.errors import SettingsInvalid
from tocsin.probes.backtracking import tries
from tocsin.probes.options import Taken

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_TEXT = r'"(?:[^"\\\n]|\\.)*"'
_SELECTOR = re.compile(rf"\s*({_NAME})\s*(?:\{{(.*)\}})?\s*", re.DOTALL)
_MATCHER = re.compile(rf"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*({_TEXT})\s*(?:,|$)")
_ESCAPE = re.compile(r"\\(.)")
_LONGEST_FROM_OUTSIDE = 200
"""Characters of an expression from outside, and of a label that it may fit."""

_MOST_TRIES = 200_000
"""About a thousandth of a second."""

_ESCAPED = {"n": "\n"}

TAKING: dict[Taken, Callable[[Iterable[float]], float]] = {"sum": sum, "max": max, "min": min}


class Matcher(NamedTuple):
    """What a label must be; one that is not there counts as empty, and one over `longest` fits no expression."""

    label: str
    is_not: bool
    value: str | re.Pattern[str]
    longest: int | None = None

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Give whether labels fit."""
        return self._is(labels.get(self.label, "")) is not self.is_not

    def _is(self, found: str) -> bool:
        if isinstance(self.value, str):
            return found == self.value
        return (self.longest is None or len(found) <= self.longest) and self.value.fullmatch(found) is not None


class Selector(NamedTuple):
    """The name of a metric and what its labels must be."""

    name: str
    matchers: tuple[Matcher, ...]

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Give whether labels fit all that is asked of them."""
        return all(matcher.fits(labels) for matcher in self.matchers)


def selector_of(text: str, *, outside: bool = False) -> Selector:
    """Give a selector such as `http_requests_total{status=~"5.."}`. Raises SettingsInvalid for a text that is none.

    One from `outside` must not be able to hold up who looks: its expressions are simple ones.
    """
    found = _SELECTOR.fullmatch(text)
    if found is None:
        raise SettingsInvalid(f"{text!r} selects no series; write one such as 'http_requests_total{{status=~\"5..\"}}'")
    return Selector(found[1], tuple(_matchers(found[2] or "", text, _LONGEST_FROM_OUTSIDE if outside else None)))


def _matchers(inside: str, whole: str, longest: int | None) -> Iterable[Matcher]:
    at = 0
    while inside[at:].strip():
        found = _MATCHER.match(inside, at)
        if found is None:
            raise SettingsInvalid(f'{whole!r} selects no series: a label is written as label="value"')
        at, value = found.end(), unescaped(found[3][1:-1])
        wanted = _compiled(value, longest) if "~" in found[2] else value
        yield Matcher(found[1], found[2].startswith("!"), wanted, longest)


def _compiled(text: str, longest: int | None) -> re.Pattern[str]:
    if longest is not None and (len(text) > longest or (tries(text, longest) or _MOST_TRIES + 1) > _MOST_TRIES):
        raise SettingsInvalid(
            f"only tocsin.toml may use {text[:60]!r}: an expression from outside repeats characters, not groups, "
            f"at most twice, and is no longer than {longest} characters"
        )
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise SettingsInvalid(f"{text!r} is no regular expression: {error}") from error


def unescaped(text: str) -> str:
    """Give the text between two quotes as it is meant."""
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text) if "\\" in text else text


def one_of(found: list[float], take: Taken | None) -> float | str:
    """Give the number that is made of these, or why there is none."""
    if not found:
        return "gives no series"
    if len(found) > 1 and take is None:
        return f"gives {len(found)} series: say with `take` whether their sum, max or min is meant"
    number = TAKING[take or "max"](found)
    return number if number - number == 0 else "is not a number"
