"""An entry's parts as the reader wants them: those of a cause among its own, and commands out of what only tells."""

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.runbook.document import Block
from tocsin.runbook.languages import language_of
from tocsin.runbook.names import normal
from tocsin.runbook.pieces import pieces
from tocsin.runbook.roles import EDGE, EXACT, Role
from tocsin.runbook.sections import Section
from tocsin.runbook.titles import is_phase

_PARTS: frozenset[Role | None] = frozenset({"symptoms", "diagnostics", "resolution", "resolved", "escalation"})
_TELLING: frozenset[Role | None] = frozenset({"symptoms", "escalation", "severities", "alert", "impact", "background"})
"""Parts that say something and do nothing: a command below their title is one of the entry's own."""


def part_role(section: Section) -> Role | None:
    """Give the part of its entry that a section is, or what else stands for itself."""
    if is_search_for_cause(section):
        return "diagnostics"
    if section.role == "incidents":
        return "diagnostics" if normal(section.title).startswith("troubleshoot") else None
    return section.role if section.sureness >= EDGE or section.is_label else None


def is_search_for_cause(section: Section) -> bool:
    """Tell an entry's own search for the cause from a review afterwards, which is called so too."""
    return re.match(r"(?:root cause|rca)\b", normal(section.title)) is not None and section.role == "review"


def sorted_out(entry: Section) -> Section:
    """Give an entry with all its parts directly below it, and with the commands that no part is for as its own."""
    children = [part for child in entry.children for part in _lifted(child)]
    own, notes = list(entry.blocks), dict(entry.notes)
    for at, child in enumerate(children):
        commands = [block for block in child.blocks if _runs(block)] if part_role(child) in _TELLING else []
        if commands:
            own += commands
            lines = {block.line for block in commands}
            notes |= {line: note for line, note in child.notes.items() if line in lines}
            children[at] = replace(child, blocks=[block for block in child.blocks if block.line not in lines])
    return replace(entry, blocks=sorted(own, key=lambda block: block.line), notes=notes, children=children)


def _lifted(section: Section) -> Iterator[Section]:
    """Give a section without the parts below it that are of another kind, and then these."""
    own = part_role(section)
    kept: list[Section] = []
    lifted: list[Section] = []
    for child in section.children:
        first, *others = _lifted(child)
        surely = child.sureness == EXACT and child.role in _PARTS and not is_phase(child.title)
        apart = surely and child.role != own and own not in ("communication", "review")
        # Below a chapter that only tells, a heading of its own stands for itself.
        apart = apart or (own in _TELLING and not child.is_label and part_role(child) is None)
        (lifted if apart else kept).append(first)
        lifted += others
    yield replace(section, children=kept) if lifted else section
    yield from lifted


def _runs(block: Block) -> bool:
    """Tell a fence in which something is to be run from one that shows a log, an alert or a drawing."""
    if block.kind != "fence":
        return False
    kind, _ = language_of(block.info)
    if kind in ("shell", "sql"):
        return True
    certain = kind == "console"
    return kind != "other" and any(
        piece.kind == "statement" and not piece.other for piece in pieces(block.text, certain=certain, console=certain)
    )
