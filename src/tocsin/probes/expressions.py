"""Numbers and words out of any JSON, by expressions in JMESPath.

Source: jmespath.org.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from tocsin.errors import SettingsInvalid

_LONGEST = 120
_LONGEST_FROM_OUTSIDE = 500
_GROWS = {"multi_select_list", "multi_select_dict", "join"}
"""What makes more of a body than there is of it: one expression of these fills any memory."""


class Found(NamedTuple):
    """Numbers by name, and why the others could not be read."""

    values: dict[str, float]
    not_read: dict[str, str]


class Expressions:
    """Expressions by name. Raises SettingsInvalid for one that is none, or from `outside` and costs too much."""

    def __init__(self, texts: Mapping[str, str], *, outside: bool = False) -> None:
        """Compile them once."""
        import jmespath  # noqa: PLC0415  only who asks a body for something needs it
        from jmespath.exceptions import JMESPathError  # noqa: PLC0415  as above

        self._trouble = (JMESPathError, TypeError, ValueError, RecursionError)
        self._compiled: dict[str, Any] = {}
        for name, text in texts.items():
            if outside and len(text) > _LONGEST_FROM_OUTSIDE:
                raise SettingsInvalid(f"an expression is longer than {_LONGEST_FROM_OUTSIDE} characters")
            try:
                self._compiled[name] = jmespath.compile(text)
            except JMESPathError as error:
                said = " ".join(str(error).split())
                raise SettingsInvalid(f"{name} is no expression in JMESPath: {said}") from error
            if outside and _grows(self._compiled[name].parsed):
                raise SettingsInvalid(f"only tocsin.toml may use [...], {{...}} and join() in an expression: {name}")

    def asked(self, body: object) -> dict[str, object]:
        """Give what each gives of a body; nothing where it does not fit."""
        found: dict[str, object] = {}
        for name, expression in self._compiled.items():
            try:
                found[name] = expression.search(body)
            except self._trouble:
                found[name] = None
        return found

    def numbers(self, body: object) -> Found:
        """Give the numbers among what they give; yes is 1 and no is 0."""
        values: dict[str, float] = {}
        not_read: dict[str, str] = {}
        for name, found in self.asked(body).items():
            number = number_of(found)
            if number is None:
                not_read[name] = "is not there" if found is None else f"is no number but {shown(found)}"
            else:
                values[name] = number
        return Found(values, not_read)


def _grows(node: dict[str, Any]) -> bool:
    """Give whether a part of an expression may give more than it is given."""
    named = node["value"] if node["type"] == "function_expression" else node["type"]
    return named in _GROWS or any(_grows(one) for one in node["children"])


def number_of(found: object) -> float | None:
    """Give a number, or a text that is one; None for anything else, and for what no number can hold."""
    if isinstance(found, str) and len(found) <= _LONGEST and "_" not in found:
        try:
            found = float(found)
        except ValueError:
            return None
    if not isinstance(found, int | float):
        return None
    try:
        number = float(found)
    except OverflowError:
        return None
    return number if number - number == 0 else None


def shown(found: object) -> str:
    """Give a value on one line, shortened."""
    text = msgspec.json.encode(found).decode("utf-8", "replace")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def decoded(body: bytes) -> object:
    """Give the JSON of a body. Raises ValueError when it is none, or nested deeper than anybody means."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise ValueError("its answer is no JSON") from wrong
