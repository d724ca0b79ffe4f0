"""What a command printed, as its readers take it."""

import re
from typing import Literal

import msgspec

from tocsin.guard.calls import Call

LONGEST = 100


class Found(msgspec.Struct, frozen=True):
    """One phrase for the page and the incident, and what it means. `unknown` is not bad: a person reads it."""

    text: str
    verdict: Literal["good", "bad", "unknown"] = "unknown"


class Printed(msgspec.Struct, frozen=True):
    """The calls of one pipeline, its exit code, and both outputs as plain text."""

    calls: tuple[Call, ...]
    exit: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Give the lines of the output that are not blank."""
        return [line.rstrip() for line in self.out.splitlines() if line.strip()]

    @property
    def first(self) -> Call:
        """Give the call that the pipeline begins with."""
        return self.calls[0]

    @property
    def last(self) -> Call:
        """Give the call whose output is seen."""
        return self.calls[-1]


def shortened(text: str, longest: int = LONGEST) -> str:
    """Give the text on one line, with an ellipsis where it is longer than `longest`."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def whole(text: str) -> int | None:
    """Give the number that a text is, or None when it is none or absurdly long."""
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text.strip()) else None


def counted(number: int, one: str, many: str | None = None) -> str:
    """Give a number with its noun: "1 line", "2 lines"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def operands(call: Call, skipped: int = 1, valued: str = "") -> list[str]:
    """Give the words of a call that are no flags, behind its first `skipped` words.

    `valued` holds the letters of the flags whose next word is their value.
    """
    found, waiting = list[str](), list(call.texts[skipped:])
    while waiting:
        word = waiting.pop(0)
        if word.startswith("-") and word != "-":
            takes = word == "--lines" or word in {f"-{letter}" for letter in valued}
            del waiting[: int(takes)]
        else:
            found.append(word)
    return found
