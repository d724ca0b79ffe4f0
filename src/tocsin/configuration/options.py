"""The options of a channel or a probe against what its kind takes."""

import re
from collections.abc import Mapping
from datetime import timedelta
from types import UnionType
from typing import Annotated, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from tocsin.configuration.lines import Lines
from tocsin.configuration.table import HOW_SECRETS, did_you_mean
from tocsin.errors import SettingsInvalid
from tocsin.settings import Secret

Options = TypeVar("Options", bound=msgspec.Struct)

WORDS: dict[object, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    timedelta: 'a duration such as "PT2M"',
    dict: "a table",
    tuple: "a list",
    Secret: "a secret",
}
_BOUND = re.compile(r"(?:[<>]=?) -?[\d.]+")
IS_SECRET = re.compile(r"(?:^|_)(?:password|secret|token|key)$")


def read_options(
    name: str,
    given: Mapping[str, object],
    kind: type[Options],
    lines: Lines | None = None,
    *,
    table: Literal["channels", "probes"] = "channels",
) -> Options:
    """Give the options of `[table.name]` as the struct of the kind.

    Raises SettingsInvalid, with the line when `lines` are known.
    """

    def wrong(reason: str, key: str = "") -> SettingsInvalid:
        line = lines.of((table, name, key)) if lines else None
        return SettingsInvalid(f"[{table}.{name}] {reason}", line)

    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for key in given:
        if key not in fields:
            raise wrong(f"does not know {key!r}{did_you_mean(key, fields)}", key)
    for key, field in fields.items():
        if field.required and key not in given:
            raise wrong(f"needs {key!r}")
    for key, value in given.items():
        try:
            msgspec.convert(value, fields[key].type)
        except msgspec.ValidationError as error:
            raise wrong(f"{key}: {_expected(fields[key].type, error)}", key) from error
    return msgspec.convert(dict(given), kind)


def refuse_in_clear(key: str, value: object) -> str | None:
    """Give why a value must not stand there as it is, judged by the name of its key; None when it may."""
    if isinstance(value, str) and IS_SECRET.search(key):
        return f"{key} stands there in clear; {HOW_SECRETS}"
    return None


def _expected(kind: object, error: msgspec.ValidationError) -> str:
    """Say what a type takes, in words; a bounded one in those of the check that refused it."""
    if get_origin(kind) is Annotated:
        words = _expected(get_args(kind)[0], error)
        bound = _BOUND.search(str(error))
        return f"{words} {bound[0]}" if bound else words
    if get_origin(kind) is Literal:
        return "it must be one of " + ", ".join(str(choice) for choice in get_args(kind))
    choices = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    parts = [WORDS[get_origin(part) or part] for part in choices if (get_origin(part) or part) in WORDS]
    return HOW_SECRETS if parts == [WORDS[Secret]] else f"it must be {' or '.join(parts) or 'something else'}"
