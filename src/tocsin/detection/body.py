"""A foreign JSON object, read field by field: every fault is collected, so that one answer names them all."""

import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

BOM = b"\xef\xbb\xbf"
"""What programs of Windows write before a text in UTF-8; it says nothing."""

MOST_FAULTS = 20
"""So many faults of a body are told; of a list that has more, nothing further is looked at."""

MAX_DETAILS = 64
MAX_DETAIL = 1000
MAX_DETAIL_KEY = 100
MAX_LINKS = 32
MAX_LINK = 2000
MAX_LINK_TEXT = 200

# The key under which the remainder stands when a sender has more details than are kept one by one.
MORE = "more"
# The key under which custom details stand that came as a bare string.
WHOLE = "details"


T = TypeVar("T")

_HIGH, _LOW = r"u[dD][89abAB][0-9a-fA-F]{2}", r"u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rf"\\(?:{_HIGH}\\{_LOW}|(?P<torn>{_HIGH}|{_LOW})|.)", re.DOTALL)
"""An escape of JSON: both halves of a character, one without the other, or anything else."""

_HALF = re.compile(r"\\u[dD][89a-fA-F]")

_LARGE = 32 * 1024
"""Bytes up to which msgspec reads: some numbers take it 20 times as long as others do, and nobody runs meanwhile."""

_TORN = r"\ufffd"
_MOST_DIGITS = 4_000
"""Python reads no more digits as a number."""


class Checked:
    """One object of a body, read field by field. What is wrong goes to `errors`, named with `prefix`."""

    def __init__(self, fields: Mapping[str, Any], errors: list[str], prefix: str = "") -> None:
        self.fields = fields
        self.errors = errors
        self.prefix = prefix

    def complain(self, name: str, what: str) -> None:
        """Note that something is wrong with a field."""
        self.errors.append(f"'{self.prefix}{name}' {what}")

    def text(self, name: str) -> str | None:
        """Give the string, or None when it is missing, null or not a string (which is an error)."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.complain(name, "is invalid (must be a string)")
            return None
        # PostgreSQL keeps no NUL in text, and no sender means one.
        return value.replace("\x00", "")

    def short(self, name: str) -> str | None:
        """Give the string as `text` does, shortened when it is over 1,000 characters."""
        value = self.text(name)
        return None if value is None else shortened(value)

    def required(self, name: str, longest: int | None = None) -> str:
        """Give the string; a missing, blank or too long one is an error."""
        value = self.text(name)
        if value is None and self.fields.get(name) is not None:
            return ""  # which was complained of
        if value is None or not value.strip():
            self.complain(name, "is missing or blank")
            return ""
        if longest is not None and len(value) > longest:
            self.complain(name, f"is too long (maximum is {longest} characters)")
        return value

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        """Give the string; one that is not among the allowed is an error."""
        value = self.required(name)
        if value and value not in allowed:
            choices = ", ".join(f"'{word}'" for word in allowed[:-1])
            self.complain(name, f"is invalid (must be one of the following: {choices} or '{allowed[-1]}')")
        return value

    def instant(self, name: str) -> datetime | None:
        """Give the instant in UTC; one without an offset is taken as UTC."""
        value = self.text(name)
        if value is None or not value.strip():
            return None
        try:
            read = datetime.fromisoformat(value.strip())
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.complain(name, "is invalid (must be an ISO 8601 date and time)")
            return None

    def details(self, name: str) -> dict[str, str]:
        """Give free data flattened; anything but an object or a string is an error."""
        value = self.fields.get(name)
        if value is None:
            return {}
        if isinstance(value, str):
            return {WHOLE: shortened(value)} if value.strip() else {}
        if not isinstance(value, dict):
            self.complain(name, "is invalid (must be an object)")
            return {}
        return flattened(value)

    def words(self, name: str) -> dict[str, str]:
        """Give an object whose values are all strings, without the empty ones; anything else is an error."""
        value = self.fields.get(name)
        if value is None:
            return {}
        said = _joined(value.values()) if isinstance(value, dict) else None
        if said is None:
            self.complain(name, "is invalid (must be an object of strings)")
            return {}
        if "\x00" in said or "\x00" in "".join(value):
            value = {key.replace("\x00", ""): one.replace("\x00", "") for key, one in value.items()}
        return value if all(value.values()) else {key: one for key, one in value.items() if one}

    def inner(self, name: str) -> "Checked":
        """Give the object under a name, an empty one when it is missing; anything else is an error."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, dict):
            self.complain(name, "is invalid (must be an object)")
        return Checked(value if isinstance(value, dict) else {}, self.errors, f"{self.prefix}{name}.")

    def items(self, name: str) -> "Iterator[Checked]":
        """Give a list of objects until there are too many faults; a missing list, or of something else, is an error."""
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.complain(name, "is missing or blank" if value is None else "is invalid (must be an array of objects)")
            return
        for place, one in enumerate(until_wrong(value, self.errors)):
            yield Checked(one, self.errors, f"{self.prefix}{name}[{place}].")

    def count(self, name: str) -> int:
        """Give a whole number, 0 when it is missing; anything else is an error."""
        value = self.fields.get(name)
        if value is None:
            return 0
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.complain(name, "is invalid (must be a whole number)")
            return 0
        return value

    def pictures_and_links(self, name: str, address: str) -> tuple[str, ...]:
        """Give up to 32 addresses of `images` or `links`, objects that must each have `address`; long ones are cut."""
        value = self.fields.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.complain(name, "is invalid (must be an array)")
            return ()
        found = [item.get(address) if isinstance(item, dict) else None for item in value]
        for place, item in enumerate(found):
            if not isinstance(item, str) or not item:
                self.complain(f"{name}[{place}].{address}", "is missing or blank")
                break
        return tuple(shortened(item, MAX_LINK) for item in found[:MAX_LINKS] if isinstance(item, str))

    def words_of_links(self, name: str, address: str, words: str) -> dict[str, str]:
        """Give what `pictures_and_links` are called, by their addresses; nothing of those that have no name."""
        value = self.fields.get(name)
        found = [item for item in value[:MAX_LINKS] if isinstance(item, dict)] if isinstance(value, list) else []
        return {
            shortened(item[address], MAX_LINK): shortened(_on_a_line(text), MAX_LINK_TEXT)
            for item in found
            if isinstance(item.get(address), str) and isinstance(text := item.get(words), str) and _on_a_line(text)
        }


def _on_a_line(text: str) -> str:
    """Give what of a text is seen: no line breaks, and nothing that turns round what follows."""
    return "".join(sign for sign in " ".join(text[:MAX_LINK].split()) if sign.isprintable())


def until_wrong(items: Iterable[T], errors: list[str]) -> Iterator[T]:
    """Give one after the other until there are more faults than are told."""
    return itertools.takewhile(lambda _: len(errors) <= MOST_FAULTS, items)


def json_of(raw: bytes) -> object:
    """Give a JSON value, also of what is nearly one and can be meant in one way only. Raises ValueError.

    A text that was cut in the middle of a letter, one in another encoding, the line end of a shell's `$(...)`, a number
    larger than any: they come when something burns, not when the monitor is set up. A number that is none is null.
    """
    raw = raw.removeprefix(BOM)
    if len(raw) <= _LARGE:
        try:
            return msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
    text = raw.decode("utf-8", "replace")
    if _HALF.search(text):
        text = _ESCAPE.sub(lambda found: _TORN if found["torn"] else found[0], text)
    try:
        found: object = json.loads(
            text, strict=False, parse_int=_whole, parse_float=_number, parse_constant=lambda _: None
        )
    except (ValueError, RecursionError) as error:
        raise ValueError("this is no JSON") from error
    return found


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) < _MOST_DIGITS else digits


def _number(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def flattened(details: Mapping[str, Any]) -> dict[str, str]:
    """Give free data as strings: at most 64 keys of at most 1,000 characters, what is nested as JSON text.

    What does not fit is shortened in its middle, and keys beyond the bound share one, so that the beginning and the
    end of everything stay readable for matching.
    """
    if _fits(details):
        return details if isinstance(details, dict) else dict(details)
    if len(details) <= MAX_DETAILS:
        return {shortened(key, MAX_DETAIL_KEY): shortened(_as_text(value)) for key, value in details.items()}
    items = [(shortened(key, MAX_DETAIL_KEY), value) for key, value in details.items()]
    kept = {key: shortened(_as_text(value)) for key, value in items[: MAX_DETAILS - 1]}
    rest = "; ".join(f"{key}: {_as_text(value)}" for key, value in items[MAX_DETAILS - 1 :])
    return kept | {MORE: shortened(rest)}


def _fits(details: Mapping[str, Any]) -> bool:
    """Give whether free data is as it is kept already, asked of all of it at once: most is."""
    said = _joined(details.values())
    if said is None or len(details) > MAX_DETAILS or "\x00" in said or "\x00" in "".join(details):
        return False
    return max(map(len, details), default=0) <= MAX_DETAIL_KEY and (
        len(said) <= MAX_DETAIL or max(map(len, details.values())) <= MAX_DETAIL
    )


def _joined(values: Iterable[Any]) -> str | None:
    """Give all texts as one; None where something is no text."""
    try:
        return "".join(values)
    except TypeError:
        return None


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def shortened(text: str, longest: int = MAX_DETAIL) -> str:
    """Give the text without NUL, cut in its middle when it is too long."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if len(text) <= longest:
        return text
    tail = longest // 4
    return f"{text[: longest - tail - 3]} … {text[-tail:]}"
