"""Findings as text: the place, the line with carets under the words that are meant, what is wrong, what to do."""

import os
import sys
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TextIO

from tocsin.cli.report import Checked
from tocsin.runbook.policy import Finding
from tocsin.runbook.rules import RULES

WIDTH = 110
"""An excerpt shows so many characters of a line at most."""
_NAMES = {"error": "error", "warning": "warning", "info": "note"}
_COLOURS = {"error": "1;31", "warning": "1;33", "info": "1;36", "place": "1;34", "do": "1;32"}


def excerpts(checked: Sequence[Checked], to: TextIO | None = None) -> Iterator[str]:
    """Give the report as lines; coloured when it goes to a terminal that wants it."""
    paint = _Paint(coloured=wants_colour(to or sys.stdout))
    for one in checked:
        for finding in one.findings:
            yield from _excerpt(one, finding, paint)
            yield ""
        yield _summary(one)
    if len(checked) > 1:
        counts = Counter[str](f.level for one in checked for f in one.findings)
        yield f"{len(checked)} documents: {_counted(counts)}"
    worst = next((f.code for level in ("error", "warning") for one in checked for f in one.findings
                  if f.level == level), None)  # fmt: skip
    if worst:
        yield f"`tocsin check --explain {worst}` tells more about a code."


def wants_colour(to: TextIO) -> bool:
    """Tell whether a stream is a terminal that shows colours. Source: no-color.org."""
    return to.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"


class _Paint:
    def __init__(self, *, coloured: bool) -> None:
        self.coloured = coloured

    def __call__(self, text: str, kind: str) -> str:
        return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if self.coloured and text else text


def _excerpt(one: Checked, finding: Finding, paint: _Paint) -> Iterator[str]:
    gutter = len(str(finding.line))
    bar = paint(f"{' ' * gutter} |", "place")
    head = paint(f"{_NAMES[finding.level]}[{finding.code}]", finding.level)
    yield f"{head}: {_sentence(finding.message)}"
    arrow = paint(f"{' ' * gutter}-->", "place")
    yield f"{arrow} {one.document.runbook.path}:{finding.line}:{finding.column}"
    lines = one.document.lines
    if finding.line <= len(lines) and lines[finding.line - 1].strip():
        shown, before, marked = _window(finding, lines[finding.line - 1])
        yield bar
        yield f"{paint(f'{finding.line} |', 'place')} {shown}"
        yield f"{bar} {' ' * before}{paint('^' * marked, finding.level)}"
        yield bar
    label = paint("=", "place")
    rule = RULES.get(finding.code)
    if rule is not None:
        yield from _wrapped(f"{' ' * gutter} {label} {paint('do', 'do')}: ", gutter, rule.do)
    if finding.suggestion:
        first, *rest = finding.suggestion.splitlines()
        yield f"{' ' * gutter} {label} {paint('try', 'do')}: {first}"
        yield from (f"{' ' * gutter}        {line}" for line in rest)


def _wrapped(head: str, gutter: int, text: str) -> Iterator[str]:
    lines = textwrap.wrap(text, WIDTH - gutter, break_long_words=False, break_on_hyphens=False) or [""]
    yield head + lines[0]
    yield from (f"{' ' * (gutter + 7)}{line}" for line in lines[1:])


def _sentence(message: str) -> str:
    text = " ".join(message.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _window(finding: Finding, text: str) -> tuple[str, int, int]:
    """Give what is shown of a line, how far in the carets begin, and how many; wide letters take two places."""
    start = min(finding.column - 1, len(text))
    end = min(finding.end_column - 1, len(text)) if finding.end_column else len(text)
    first = max(0, start - WIDTH // 3) if len(text) > WIDTH else 0
    last = min(len(text), first + WIDTH)
    shown = "".join(_visible(c) for c in text[first:last])
    lead, tail = "…" if first else "", "…" if last < len(text) else ""
    before = len(lead) + sum(_places(c) for c in text[first:start])
    marked = sum(_places(c) for c in text[start : min(end, last)])
    return f"{lead}{shown}{tail}", before, max(marked, 1)


def _visible(letter: str) -> str:
    """Nothing of a document may steer the terminal it is shown on."""
    return " " if letter == "\t" else letter if letter.isprintable() else "�"


def _places(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _summary(one: Checked) -> str:
    counts = Counter[str](finding.level for finding in one.findings)
    runbook = one.document.runbook
    return f"{runbook.path}: {_counted(counts)}; {runbook.understood:.1%} of its lines are understood"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[level]} {word}{'' if counts[level] == 1 else 's'}" for level, word in _NAMES.items())
