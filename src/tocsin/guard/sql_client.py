"""The commands that `psql` itself understands: which of them only show something."""

import re
from typing import Literal

_SHOWING = re.compile(
    r"(?:d[A-Za-z]{0,6}|l|z|sf|sv)\+?S?\+?|conninfo|x|timing|pset|a|t|h|\?|errverbose|encoding|crosstabview|gdesc|q|echo|qecho|r"
    r"|g|gx|H|C|f|copyright"
)
_PLAIN = re.compile(r"[\w .*,$\"'=+-]*")
_COPIES = re.compile(r"^\\copy\b(?:(?!\bprogram\b)[^\\])*\bto\s+(?!stdout\b|pstdout\b|program\b)\S", re.IGNORECASE)
_WAITING = re.compile(r"watch")
_PROGRAMS = frozenset({"!", "copy", "o", "out", "i", "include", "ir", "include_relative", "gexec", "e", "edit", "ef",
                       "ev", "setenv", "s", "w", "write", "lo_import", "lo_export", "lo_unlink"})  # fmt: skip


def client_command(line: str) -> tuple[Literal["read", "change", "destructive"], str, frozenset[str]]:
    r"""Give risk, reason and flags of a line that starts with a backslash, such as `\dt+ public.*`.

    Several on a line are read only when each is. Source: the manual of psql, "Meta-Commands".
    """
    flags: set[str] = set()
    copied = _COPIES.search(line)
    if copied:
        return "change", "it writes a file on this machine", frozenset({"writes-file"})
    for part in line.split("\\")[1:]:
        name, _, rest = part.strip().partition(" ")
        if _WAITING.fullmatch(name):
            flags.add("endless")
        elif name in {"g", "gx"} and rest.strip():
            return "change", f"`\\{name}` sends the answer to a file or a program", frozenset({"writes-file"})
        elif not _SHOWING.fullmatch(name) or not _PLAIN.fullmatch(rest):
            return "change", f"`\\{name}` is not known to only show something", _flags(name)
    return "read", "it only shows something", frozenset(flags)


def _flags(name: str) -> frozenset[str]:
    return frozenset({"opaque"}) if name in _PROGRAMS else frozenset()
