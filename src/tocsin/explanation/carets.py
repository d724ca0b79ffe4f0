"""Which part of a line a finding speaks of: what it says itself, or what its message quotes; else the whole line."""

import re
from typing import NamedTuple

from tocsin.runbook.policy import Finding
from tocsin.runbook.rules import RULES

_QUOTED = re.compile(r"\"([^\"]+)\"|`([^`]+)`|\(([^()]+)\)")
_TWO_PARTS = re.compile(r"^(?P<sentence>[^\":]+): (?P<label>[^\":]+)\.$")


class Marked(NamedTuple):
    """A part of a line, as 0-based columns; `end` is behind its last character."""

    start: int
    end: int


def marked(finding: Finding, text: str) -> Marked:
    """Give the part of its line that a finding speaks of; empty for a blank line."""
    if finding.end_column is not None:
        return Marked(finding.column - 1, max(finding.end_column - 1, finding.column))
    if finding.column > 1:
        return Marked(finding.column - 1, max(len(text.rstrip()), finding.column))
    for part in _quoted(finding.message):
        at = text.find(part)
        if at >= 0:
            return Marked(at, at + len(part))
    indent = len(text) - len(text.lstrip())
    return Marked(indent, max(len(text.rstrip()), indent))


def _quoted(message: str) -> list[str]:
    """Give what a message quotes, and the word it begins with: "PID is a placeholder"."""
    quoted = [next(filter(None, found.groups())) for found in _QUOTED.finditer(message)]
    first = message.split(maxsplit=1)[0] if message.strip() else ""
    return [*quoted, first] if first.isupper() or not first.isalpha() else quoted


class Told(NamedTuple):
    """What a finding says: a whole sentence, and a few words to stand beside the carets."""

    sentence: str
    label: str


def told(finding: Finding) -> Told:
    """Give a finding's words; "This command never comes back: pm2 logs follows the log." has both in one."""
    found = _TWO_PARTS.match(finding.message)
    if found:
        return Told(f"{found['sentence']}.", found["label"])
    return Told(finding.message, RULES[finding.code].name if finding.code in RULES else "")
