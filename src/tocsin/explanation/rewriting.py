"""A copy of the document with its commands as they are run: the author's text stays, byte for byte, elsewhere."""

import re
from typing import NamedTuple

from tocsin.explanation.explain import judged_steps
from tocsin.guard.ruling import Allowance
from tocsin.response.guard import judge
from tocsin.runbook.policy import Runbook, Step
from tocsin.settings import Settings

_LINE_END = re.compile(rb"(\r\n|\r|\n)")
_ASIDE = re.compile(r"\s+#.*|\s*", re.DOTALL)
"""What may stand behind a command on its line."""


class Change(NamedTuple):
    """A line that reads differently in the copy."""

    line: int
    old: str
    new: str


class Copy(NamedTuple):
    """The copy, and each line of it that differs."""

    body: bytes
    changes: tuple[Change, ...]


def rewritten(body: bytes, runbook: Runbook, settings: Settings) -> Copy:
    """Give the copy of a document whose text is `body`; `runbook` is what was read from it.

    Only a command that runs without a person is rewritten, and only one that has its line to itself: of any other
    nobody could say that the copy means the same. The copy's own commands need no rewriting.

    Source: "Download with rewrites" of the runbook page.
    """
    pieces = _LINE_END.split(body)
    found: dict[int, Change] = {}
    for step, _, allowed in judged_steps(runbook, settings):
        change = _change(step, pieces, allowed)
        if change is not None:
            found[step.line] = change
            pieces[_place(step.line)] = change.new.encode()
    return Copy(b"".join(pieces), tuple(found[line] for line in sorted(found)))


def _change(step: Step, pieces: list[bytes], allowed: Allowance) -> Change | None:
    verdict = judge(step, allowed)
    source, effective = step.source.strip(), verdict.effective.strip()
    if not (step.executable and verdict.unattended) or effective == source or "\n" in source + effective:
        return None
    if _place(step.line) >= len(pieces):
        return None
    old = pieces[_place(step.line)].decode("utf-8", "replace")
    before, found, after = old.partition(source)
    if not found or before.strip() or not _ASIDE.fullmatch(after):
        return None
    return Change(step.line, old, f"{before}{effective}{after}")


def _place(line: int) -> int:
    """Give where a line, counted from 1, stands among texts and line ends that take turns."""
    return 2 * (line - 1)
