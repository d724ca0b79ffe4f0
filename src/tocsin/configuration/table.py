"""Taking values out of one table of the configuration: each with its type, its line, and a sentence when wrong."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from math import isfinite
from typing import NoReturn, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from tocsin.configuration.lines import Lines, Path
from tocsin.errors import SettingsInvalid
from tocsin.settings import Secret

Value = TypeVar("Value")

KINDS = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
HOW_SECRETS = 'a secret is given only as { env = "NAME" } or { file = "PATH" }'


class Table:
    """One table. Ask for the keys it may have, then `done()` refuses those nobody asked for."""

    def __init__(self, values: Mapping[str, object], lines: Lines, path: Path = ()) -> None:
        """Keep the parsed values and where in the document they stand."""
        self._values = values
        self._lines = lines
        self._path = path
        self._asked: set[str] = set()

    @property
    def name(self) -> str:
        """Give the last part of the path, which is the id of what the table describes."""
        return str(self._path[-1]) if self._path else ""

    def wrong(self, reason: str, *below: str | int) -> NoReturn:
        """Raise SettingsInvalid at this table, or at a key below it."""
        where = f"[{_dotted(self._path)}] " if self._path else ""
        raise SettingsInvalid(f"{where}{reason}", self._lines.of((*self._path, *below)))

    def has(self, key: str) -> bool:
        """Say whether the key is there."""
        self._asked.add(key)
        return key in self._values

    def raw(self, key: str) -> object:
        """Give the value as parsed; None when absent, which TOML cannot express otherwise."""
        self._asked.add(key)
        return self._values.get(key)

    def text(self, key: str) -> str | None:
        """Give a text that is not empty."""
        value = self._typed(key, str, "a text")
        if value is not None and not value.strip():
            self.wrong(f"{key} is empty; leave it out or fill it in", key)
        return value

    def whole(self, key: str, least: int) -> int | None:
        """Give a whole number of at least `least`."""
        value = self._typed(key, int, "a whole number")
        if value is not None and value < least:
            self.wrong(f"{key} must be {least} or more, not {value}", key)
        return value

    def number(self, key: str) -> float | None:
        """Give a number, whole or not; neither infinite nor none at all."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            self.wrong(f"{key} must be a number, not {_kind(value)}", key)
        return float(value)

    def flag(self, key: str) -> bool | None:
        """Give true or false."""
        return self._typed(key, bool, "true or false")

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Give a list of texts; one text stands for a list of one."""
        value = self.raw(key)
        if value is None:
            return None
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list):
            self.wrong(f"{key} must be a text or a list of texts, not {_kind(value)}", key)
        for place, item in enumerate(items):
            if not isinstance(item, str):
                self.wrong(f"{key} must hold only texts, not {_kind(item)}", key, place)
        return tuple(items)

    def duration(self, key: str, least: timedelta = timedelta(0)) -> timedelta | None:
        """Give a duration written in ISO 8601, such as PT2M."""
        value = self.raw(key)
        if value is None or isinstance(value, timedelta):
            return value
        try:
            found = msgspec.convert(value, timedelta)
        except (msgspec.ValidationError, OverflowError):
            self.wrong(f'{key} must be a duration such as "PT2M" or "P7D", not {value!r}', key)
        if found < least:
            self.wrong(f"{key} is too short: {value!r}", key)
        return found

    def zone(self, key: str) -> str | None:
        """Give the name of a time zone that exists."""
        value = self.text(key)
        if value is None:
            return None
        try:
            ZoneInfo(value)
        except (OSError, LookupError, ValueError):
            self.wrong(f'{key} {value!r} is no time zone; write one such as "Europe/Berlin"', key)
        return value

    def hour(self, key: str) -> time | None:
        """Give a time of day, as TOML's own or as "09:00"."""
        value = self.raw(key)
        if value is None or (isinstance(value, time) and value.tzinfo is None):
            return value
        try:
            found = time.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None or found.tzinfo is not None:
            self.wrong(f'{key} must be a time of day such as "09:00", not {value!r}', key)
        return found

    def instant(self, key: str, zone: str) -> datetime | None:
        """Give an instant, as TOML's own or as text; without an offset it is meant in `zone`."""
        value = self.raw(key)
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            found = value
        if isinstance(found, date) and not isinstance(found, datetime):
            found = datetime.combine(found, time())
        if found is None:
            return None
        if not isinstance(found, datetime):
            self.wrong(f'{key} must be a date and time such as "2026-01-05T09:00", not {value!r}', key)
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))

    def secret(self, key: str) -> Secret | None:
        """Give where a secret is kept. Written in clear it is refused, and not repeated in the error."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(f"{key} stands there in clear; {HOW_SECRETS}", key)
        return self.inner(key)._place_of_secret()  # noqa: SLF001  another table of the same kind

    def secrets(self, key: str) -> tuple[Secret, ...]:
        """Give where several secrets are kept, any of which is good; one alone needs no list."""
        value = self.raw(key)
        if value is None:
            return ()
        if isinstance(value, dict):
            return (self.inner(key)._place_of_secret(),)  # noqa: SLF001  as above
        if not isinstance(value, list):
            self.wrong(f"{key} stands there in clear; {HOW_SECRETS}", key)
        for place, item in enumerate(value):
            if not isinstance(item, dict):
                self.wrong(f"{key} holds one in clear; {HOW_SECRETS}", key, place)
        return tuple(table._place_of_secret() for table in self.tables(key))  # noqa: SLF001  as above

    def _place_of_secret(self) -> Secret:
        secret = Secret(env=self.text("env"), file=self.text("file"))
        self.done()
        if (secret.env is None) == (secret.file is None):
            self.wrong(f"must name one place; {HOW_SECRETS}")
        return secret

    def inner(self, key: str) -> "Table":
        """Give the table under the key; an empty one when absent."""
        value = self._typed(key, dict, "a table")
        return Table({} if value is None else value, self._lines, (*self._path, key))

    def tables(self, key: str) -> "Iterator[Table]":
        """Give the tables of a list."""
        for place, value in enumerate(self._typed(key, list, "a list of tables") or []):
            if not isinstance(value, dict):
                self.wrong(f"{key} must hold only tables, not {_kind(value)}", key, place)
            yield Table(value, self._lines, (*self._path, key, place))

    def children(self) -> "Iterator[Table]":
        """Give every table below, by name: [people.mira], [people.jonas]."""
        return (self.inner(key) for key in self._values)

    def names(self) -> tuple[str, ...]:
        """Give the keys that are there, in the order of the document."""
        return tuple(self._values)

    def unsupported(self, *keys: str) -> None:
        """Refuse keys that mean something, but not to this version: nothing is silently ignored."""
        for key in keys:
            if self.has(key):
                what = key if self._path else f"[{key}]"
                self.wrong(f"{what} is not supported by this version", key)

    def done(self) -> None:
        """Refuse the first key that nobody asked for, with the known one it is most like."""
        for key in self._values:
            if key not in self._asked:
                self.wrong(f"does not know {key!r}{did_you_mean(key, self._asked)}", key)

    def _typed(self, key: str, kind: type[Value], words: str) -> Value | None:
        value = self.raw(key)
        # To Python a boolean is a number; to whoever writes `port = true` it is a mistake.
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            self.wrong(f"{key} must be {words}, not {_kind(value)}", key)
        return value


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Give the end of a sentence: the word that was probably meant, else those there are."""
    close = get_close_matches(word, sorted(known), n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there is {', '.join(sorted(known))}" if known else ""


def _kind(value: object) -> str:
    return KINDS.get(type(value), "a date or time")


def _dotted(path: Path) -> str:
    """Give the path in one line: what cannot be printed is written as an escape."""
    named = ".".join(str(part) for part in path)
    return named if named.isprintable() else named.encode("unicode_escape").decode()
