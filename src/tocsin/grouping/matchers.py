"""Reading matchers, and whether they fit an alert. The language is Alertmanager's: name, operator, value.

Source: Prometheus Alertmanager, "Matchers" of its configuration and of `amtool silence add`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from tocsin.detection.alert import Alert
from tocsin.errors import UsageError
from tocsin.incident.silence import Matcher, Operator

NAMES = ("entry", "severity", "source", "component", "origin", "text")
"""What a matcher may speak of, besides `details.NAME` for what the sender adds."""

DETAILS = "details."
_OPERATORS: dict[str, Operator] = {"=": "=", "!=": "!=", "=~": "=~", "!~": "!~"}
_PARTS = re.compile(r"\s*([A-Za-z_][\w.\-/]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL)
_LONGEST, _MOST_REPEATS = 500, 3
_READ = 1000
"""So many characters of a value are compared: a pattern that is slow on a thousand never ends on a million."""

_ANY_CASE = "(?i)"
# What makes a pattern take longer than anybody waits: a group that is repeated, and what looks back or around.
_SLOW = re.compile(r"\)[*+{]|\(\?(?!:)|[*+}][*+{]")
_LOOKS_BACK = re.compile(r"\\[1-9]")
_LITERAL = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)

Subject = Mapping[str, str]
"""The properties of an alert by the names that matchers use."""


def read_matcher(text: str) -> Matcher:
    """Give the matcher that a text such as `severity!="P0"` is; quotes may be left out. Raises UsageError."""
    return matcher(*parts_of_matcher(text))


def parts_of_matcher(text: str) -> tuple[str, Operator, str]:
    """Give name, operator and value of such a text, whatever the name. Raises UsageError."""
    found = _PARTS.fullmatch(text)
    if found is None:
        raise UsageError(f"{text[:80]!r} is no matcher; write it like entry=sequencer-down or text=~'.*disk.*'")
    name, operator, value = found.groups()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\") if value[0] == '"' else value[1:-1]
    return name, _OPERATORS[operator], value


def matcher(name: str, operator: Operator, value: str) -> Matcher:
    """Give a matcher that can be used. Raises UsageError for an unknown name or a pattern that cannot be."""
    if name not in NAMES and not (name.startswith(DETAILS) and len(name) > len(DETAILS)):
        known = ", ".join(NAMES)
        raise UsageError(f"a matcher cannot speak of {name[:40]}; it speaks of {known}, or of details.NAME")
    if len(value) > _LONGEST:
        raise UsageError(f"the matcher for {name} is longer than {_LONGEST} characters")
    if operator in {"=~", "!~"}:
        _must_be_quick(name, value)
    return Matcher(name, operator, value)


def _must_be_quick(name: str, value: str) -> None:
    """Refuse what is no pattern, or one that could keep the engine busy: every alert waits behind it."""
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"the pattern for {name} cannot be read: {error}") from error
    plain = _LITERAL.sub("x", value.removeprefix(_ANY_CASE))
    if _LOOKS_BACK.search(value) or _SLOW.search(plain):
        raise UsageError(
            f"the pattern for {name} could take too long: leave out groups that repeat, and what looks back or around"
        )
    if sum(plain.count(sign) for sign in "*+{") > _MOST_REPEATS:
        raise UsageError(f"the pattern for {name} could take too long: use at most {_MOST_REPEATS} of * + {{")


def containing(name: str, value: str) -> Matcher:
    """Give the matcher for whatever contains that text, in small letters or large."""
    return matcher(name, "=~", f"{_ANY_CASE}.*{re.escape(value)}.*")


def subject(alert: Alert, entry: str | None, severity: str) -> Subject:
    """Give what matchers may ask of an alert that belongs to that entry (None = to none) and is that bad."""
    named = {
        "entry": entry or "",
        "severity": severity,
        "source": alert.source,
        "component": alert.component or "",
        "origin": alert.origin,
        "text": alert.summary,
    }
    return {f"{DETAILS}{name}": value for name, value in alert.details.items()} | named


def fits(matchers: tuple[Matcher, ...], of: Subject) -> bool:
    """Give whether all of them fit."""
    return all(accepts(one, of.get(one.name, "")) for one in matchers)


def accepts(one: Matcher, value: str) -> bool:
    """Give whether a matcher accepts that value."""
    if one.operator in {"=~", "!~"}:
        found = _pattern(one.value).fullmatch(value[:_READ]) is not None
    else:
        found = value == one.value
    return found is not one.operator.startswith("!")


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.DOTALL)
