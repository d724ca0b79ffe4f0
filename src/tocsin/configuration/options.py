"""The options of a channel against what its kind takes."""

import re
from collections.abc import Mapping
from typing import Literal, TypeVar, get_args, get_origin

import msgspec

from tocsin.configuration.lines import Lines
from tocsin.configuration.table import HOW_SECRETS, did_you_mean
from tocsin.errors import SettingsInvalid
from tocsin.settings import Secret

Options = TypeVar("Options", bound=msgspec.Struct)
Option = str | int | bool | Secret

WORDS: dict[object, str] = {str: "a text", int: "a whole number", bool: "true or false", Secret: "a secret"}
IS_SECRET = re.compile(r"(?:^|_)(?:password|secret|token|key)$")


def read_options(channel: str, given: Mapping[str, Option], kind: type[Options], lines: Lines | None = None) -> Options:
    """Give the options as the struct of the kind. Raises SettingsInvalid, with the line when `lines` are known."""

    def wrong(reason: str, key: str = "") -> SettingsInvalid:
        line = lines.of(("channels", channel, key)) if lines else None
        return SettingsInvalid(f"[channels.{channel}] {reason}", line)

    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for key in given:
        if key not in fields:
            raise wrong(f"does not know {key!r}{did_you_mean(key, fields)}", key)
    for name, field in fields.items():
        if field.required and name not in given:
            raise wrong(f"needs {name!r}")
    for key, value in given.items():
        try:
            msgspec.convert(value, fields[key].type)
        except msgspec.ValidationError as error:
            raise wrong(f"{key}: {_expected(fields[key].type)}", key) from error
    return msgspec.convert(dict(given), kind)


def refuse_in_clear(key: str, value: object) -> str | None:
    """Give why a value must not stand there as it is, judged by the name of its key; None when it may."""
    if isinstance(value, str) and IS_SECRET.search(key):
        return f"{key} stands there in clear; {HOW_SECRETS}"
    return None


def _expected(kind: object) -> str:
    """Say what a type takes, in words."""
    if get_origin(kind) is Literal:
        return "it must be one of " + ", ".join(str(choice) for choice in get_args(kind))
    parts = [WORDS[part] for part in get_args(kind) or (kind,) if part in WORDS]
    return HOW_SECRETS if parts == [WORDS[Secret]] else f"it must be {' or '.join(parts)}"
