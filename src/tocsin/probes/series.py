"""Series: how one is selected by its labels, and what is made of several.

Source: the querying basics of Prometheus, "Instant vector selectors".
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from tocsin.errors import SettingsInvalid
from tocsin.probes.options import Taken

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_TEXT = r'"(?:[^"\\\n]|\\.)*"'
_SELECTOR = re.compile(rf"\s*({_NAME})\s*(?:\{{(.*)\}})?\s*", re.DOTALL)
_MATCHER = re.compile(rf"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*({_TEXT})\s*(?:,|$)")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n"}

TAKING: dict[Taken, Callable[[Iterable[float]], float]] = {"sum": sum, "max": max, "min": min}


class Matcher(NamedTuple):
    """What a label must be; one that is not there counts as empty."""

    label: str
    is_not: bool
    value: str | re.Pattern[str]

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Give whether labels fit."""
        found = labels.get(self.label, "")
        fits = found == self.value if isinstance(self.value, str) else self.value.fullmatch(found) is not None
        return fits is not self.is_not


class Selector(NamedTuple):
    """The name of a metric and what its labels must be."""

    name: str
    matchers: tuple[Matcher, ...]

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Give whether labels fit all that is asked of them."""
        return all(matcher.fits(labels) for matcher in self.matchers)


def selector_of(text: str) -> Selector:
    """Give a selector such as `http_requests_total{status=~"5.."}`. Raises SettingsInvalid for a text that is none."""
    found = _SELECTOR.fullmatch(text)
    if found is None:
        raise SettingsInvalid(f"{text!r} selects no series; write one such as 'http_requests_total{{status=~\"5..\"}}'")
    return Selector(found[1], tuple(_matchers(found[2] or "", text)))


def _matchers(inside: str, whole: str) -> Iterable[Matcher]:
    at = 0
    while inside[at:].strip():
        found = _MATCHER.match(inside, at)
        if found is None:
            raise SettingsInvalid(f'{whole!r} selects no series: a label is written as label="value"')
        at, value = found.end(), unescaped(found[3][1:-1])
        yield Matcher(found[1], found[2].startswith("!"), _compiled(value) if "~" in found[2] else value)


def _compiled(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
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
