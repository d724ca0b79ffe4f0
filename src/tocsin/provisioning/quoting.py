"""Texts of a document inside YAML and TOML: as a value, as a key, as a comment; never as more than that."""

import re

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WIDE = 0xFFFF
_COLUMN = 44


def comment(text: str) -> str:
    """Give a text that is safe behind a `#`: one line, nothing that cannot be printed."""
    return _UNPRINTABLE.sub("?", " ".join(text.split()))


def yaml_text(text: str) -> str:
    """Give a text as YAML in quotes: single ones, in which nothing is special, where they can hold it."""
    if not _UNPRINTABLE.search(text):
        return "'" + text.replace("'", "''") + "'"
    return _escaped(text)


def toml_text(text: str) -> str:
    """Give a text as TOML in quotes: single ones only where it holds double ones."""
    if '"' in text and "'" not in text and not _UNPRINTABLE.search(text):
        return f"'{text}'"
    return _escaped(text)


def toml_key(text: str) -> str:
    """Give a text as a key of TOML."""
    return text if _BARE_KEY.fullmatch(text) else _escaped(text)


def aside(text: str, said: str) -> str:
    """Give a line of TOML with a remark behind it; the remark is one of ours, or a comment already."""
    return f"{text:<{_COLUMN}}  # {said}" if said else text


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{_UNPRINTABLE.sub(_code, plain)}"'


def _code(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004  half a character is none
        return "\\uFFFD"
    return f"\\U{code:08X}" if code > _WIDE else f"\\u{code:04X}"
