"""Read a runbook: bytes in, typed policy out. Start here; each construct has a file of its own.

    bytes -> lines (decoding) -> blocks (document) -> sections -> outline -> severities, levels, entries, ...

Nothing is dropped silently: what became no policy is a note, and `understood` says how much that is.
"""

import hashlib
from collections.abc import Iterable

import msgspec

from tocsin.errors import RunbookUnreadable
from tocsin.runbook.checks import check
from tocsin.runbook.command_checks import check_commands
from tocsin.runbook.contacts import read_contacts
from tocsin.runbook.decoding import Lines, decode
from tocsin.runbook.document import Block, front_matter, parse
from tocsin.runbook.entries import read_entries
from tocsin.runbook.entry_checks import check_entries, claim_rehearsals
from tocsin.runbook.ignores import ignores_in, kept, wrong_ignores
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.levels import read_levels
from tocsin.runbook.messages import read_cadences, read_review, read_templates, review_deadlines
from tocsin.runbook.names import plain
from tocsin.runbook.outline import Outline, outline
from tocsin.runbook.policy import Deadline, Ignore, IncidentType, Note, Runbook, Step
from tocsin.runbook.promises import deadline_in
from tocsin.runbook.sections import Section, section_tree
from tocsin.runbook.severities import read_severities
from tocsin.runbook.steps import StepReader, flat


def read_runbook(data: bytes, path: str = "RUNBOOK.md") -> Runbook:
    """Give the policy a Markdown document states; `path` is only remembered.

    Raises `RunbookUnreadable`, with a line, for what is no text or holds neither a heading nor anything understood.
    """
    document = decode(data)
    ledger = Ledger(document.lines)
    for line in document.repaired:
        ledger.warn(
            "RB001", line,
            "Wrongly decoded characters were repaired while reading; save the document as UTF-8.",
            document.lines[line - 1].strip(),
        )  # fmt: skip
    blocks = parse(document.lines)
    ledger.lines.update(range(1, front_matter(document.lines) + 1))
    root = section_tree(blocks, ledger)
    runbook = _read(root, outline(root, ledger), document, ledger)
    runbook = _with_findings(runbook, ignores_in(document.lines, blocks), ledger)
    if not runbook.understood and not any(block.kind == "heading" for block in blocks):
        raise RunbookUnreadable("no heading and nothing of a runbook in it; give a Markdown runbook with headings")
    return msgspec.structs.replace(
        runbook, path=path, sha256=hashlib.sha256(data).hexdigest(), title=runbook.title or path
    )


def _read(root: Section, found: Outline, document: Lines, ledger: Ledger) -> Runbook:
    severities = read_severities(found.severities, [*found.top, *found.unknown], ledger)
    entries = read_entries(found.entries, severities, ledger)
    levels = read_levels(found.escalation, ledger)
    templates = read_templates(found.communication, ledger)
    review = read_review(found.review, ledger)
    commands = _commands([*found.oncall, *found.commands], ledger)
    contacts = read_contacts(found.contacts, ledger)
    cadences = read_cadences(found.communication, ledger)
    deadlines = _deadlines(found, entries, ledger)
    _claim_background(found, ledger)
    claim_rehearsals(ledger)
    notes = _notes(root.all_blocks(), ledger)
    runbook = Runbook(
        path="", sha256="", title=_title(root), lines=len(document.lines),
        understood=_understood(document.lines, ledger), severities=severities, escalation=levels,
        incident_types=entries, templates=templates, review=review, commands=commands, contacts=contacts,
        cadences=cadences, deadlines=deadlines, notes=notes,
    )  # fmt: skip
    check(runbook, found, ledger)
    check_commands(runbook, ledger)
    check_entries(runbook, ledger)
    return runbook


def _with_findings(runbook: Runbook, ignores: tuple[Ignore, ...], ledger: Ledger) -> Runbook:
    findings = [*kept(ledger.findings, ignores), *wrong_ignores(ledger.findings, ignores)]
    ordered = sorted(findings, key=lambda f: (f.line, f.code, f.message))
    return msgspec.structs.replace(runbook, findings=tuple(ordered), ignores=ignores)


def _title(root: Section) -> str:
    return next((child.title for child in root.children if child.level == 1 and child.title), "")


def _commands(sections: Iterable[Section], ledger: Ledger) -> tuple[Step, ...]:
    reader = StepReader("commands", ledger)
    fences = {
        block.line: block
        for section in sections
        for owner in (section, *(child for child in section.walk() if child.is_label))
        for block in owner.blocks
        if block.kind == "fence"
    }
    return tuple(step for block in fences.values() for step in flat(reader.fence(block, "other")))


def _deadlines(found: Outline, entries: Iterable[IncidentType], ledger: Ledger) -> tuple[Deadline, ...]:
    deadlines = list(review_deadlines(found.review))
    for entry in entries:
        for branch in entry.resolution:
            for step in branch.steps:
                deadline = deadline_in(step.title, step.line, entry.id) if step.kind == "manual" else None
                deadlines += [deadline] if deadline else []
    for section in found.legal:
        for block in section.all_blocks():
            deadline = deadline_in(plain(block.text), block.line) if block.kind in ("item", "paragraph") else None
            if deadline:
                ledger.claim_block(block)
                deadlines.append(deadline)
    return tuple(sorted(deadlines, key=lambda d: d.line))


def _claim_background(found: Outline, ledger: Ledger) -> None:
    """Count as understood what is of a known kind although nothing is decided by it."""
    for section in found.background:
        ledger.claim(section.line, section.end_line)
    for section in (*found.oncall, *found.top):
        for block in section.blocks:
            if block.kind == "paragraph":
                ledger.claim_block(block)


def _notes(blocks: Iterable[Block], ledger: Ledger) -> tuple[Note, ...]:
    left = (block for block in blocks if block.line not in ledger.lines and block.kind != "comment")
    return tuple(Note(plain(block.text), block.line) for block in left if block.text.strip())


def _understood(lines: tuple[str, ...], ledger: Ledger) -> float:
    written = [number for number, line in enumerate(lines, 1) if line.strip()]
    return round(sum(number in ledger.lines for number in written) / len(written), 4) if written else 0.0
