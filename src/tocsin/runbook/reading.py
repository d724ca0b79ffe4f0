"""Read a runbook: bytes in, typed policy out. Start here; each construct has a file of its own.

    bytes -> lines (decoding) -> blocks (document) -> sections -> outline -> severities, levels, entries, ...

Nothing is dropped silently: what became no policy is a note, and `understood` says how much that is.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tocsin.errors import RunbookUnreadable
from tocsin.runbook.accounting import fact_lines, notes_of
from tocsin.runbook.catalogue import with_catalogue
from tocsin.runbook.checks import check
from tocsin.runbook.command_checks import check_commands
from tocsin.runbook.contacts import read_contacts
from tocsin.runbook.decoding import Lines, decode
from tocsin.runbook.document import front_matter, parse
from tocsin.runbook.entries import read_entries
from tocsin.runbook.entry_checks import check_entries, claim_rehearsals
from tocsin.runbook.ignores import ignores_in, kept, wrong_ignores
from tocsin.runbook.instructions import sentences
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.levels import read_levels
from tocsin.runbook.messages import read_cadences, read_review, read_templates, review_deadlines
from tocsin.runbook.names import plain
from tocsin.runbook.outline import Outline, Place, named, outline
from tocsin.runbook.policy import Deadline, Ignore, IncidentType, Runbook, Step
from tocsin.runbook.procedures import Name, read_place
from tocsin.runbook.promises import deadline_in, owed_in
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
    root = named(section_tree(blocks, ledger), ledger)
    title = _title(root)
    root.title = root.title or _name(path)
    runbook = _read(root, outline(root, ledger), document, ledger)
    runbook = _with_findings(runbook, ignores_in(document.lines, blocks), ledger)
    if not runbook.understood and not any(block.kind == "heading" for block in blocks):
        raise RunbookUnreadable("no heading and nothing of a runbook in it; give a Markdown runbook with headings")
    return msgspec.structs.replace(runbook, path=path, sha256=hashlib.sha256(data).hexdigest(), title=title or path)


def _read(root: Section, found: Outline, document: Lines, ledger: Ledger) -> Runbook:
    places = [place.section for place in found.procedures]
    severities = read_severities(found.severities, [*found.top, *found.unknown], ledger)
    entries = read_entries(found.entries, severities, ledger)
    entries = with_catalogue(entries, root.all_blocks(), severities, ledger)
    levels = read_levels(found.escalation, ledger)
    review = read_review(found.review, ledger)
    templates = read_templates(found.communication, places, ledger)
    commands = _commands([*found.oncall, *found.commands], ledger)
    calling = [*(part for top in found.escalation for part in top.walk()), *found.oncall]
    contacts = read_contacts(found.contacts, calling, [*found.severities, *places], ledger)
    procedures = _procedures(found.procedures, ledger)
    cadences = read_cadences(found.communication, [*found.severities, *places], ledger)
    deadlines = _deadlines(found, entries, ledger)
    _claim_background(found, ledger)
    claim_rehearsals(ledger)
    _claim_headings(root, ledger)
    written = [number for number, line in enumerate(document.lines, 1) if line.strip()]
    starts = {block.line for block in root.all_blocks()}
    notes = notes_of(document.lines, (number for number in written if number not in ledger.lines), starts)
    runbook = Runbook(
        path="", sha256="", title="", lines=len(document.lines),
        understood=_understood(written, ledger), severities=severities, escalation=levels,
        incident_types=entries, templates=templates, review=review, commands=commands, procedures=procedures,
        contacts=contacts, cadences=cadences, deadlines=deadlines, notes=notes,
    )  # fmt: skip
    told = fact_lines(runbook)
    around = (number for number in written if number in ledger.lines and number not in told)
    runbook = msgspec.structs.replace(runbook, context=notes_of(document.lines, around, starts))
    check(runbook, found, ledger)
    check_commands(runbook, ledger)
    check_entries(runbook, ledger)
    return runbook


def _with_findings(runbook: Runbook, ignores: tuple[Ignore, ...], ledger: Ledger) -> Runbook:
    findings = [*kept(ledger.findings, ignores), *wrong_ignores(ledger.findings, ignores)]
    ordered = sorted(findings, key=lambda f: (f.line, f.code, f.message))
    return msgspec.structs.replace(runbook, findings=tuple(ordered), ignores=ignores)


def _title(root: Section) -> str:
    return root.title or next((child.title for child in root.children if child.level == 1 and child.title), "")


def _commands(sections: Iterable[Section], ledger: Ledger) -> tuple[Step, ...]:
    reader = StepReader("commands", ledger)
    fences = {
        block.line: block
        for section in sections
        for owner in (section, *(child for child in section.walk() if child.is_label))
        for block in owner.blocks
        if block.kind == "fence" and block.line not in ledger.lines
    }
    return tuple(step for block in fences.values() for step in flat(reader.fence(block, "other")))


def _procedures(places: Iterable[Place], ledger: Ledger) -> tuple[Step, ...]:
    reader = StepReader("procedures", ledger)
    found: list[Step] = []
    for section, role in places:
        name: Name = "diagnostics" if role == "diagnostics" else "resolution" if role == "resolution" else "other"
        found += flat(read_place(section, name, reader))
    return tuple(found)


def _deadlines(found: Outline, entries: Iterable[IncidentType], ledger: Ledger) -> tuple[Deadline, ...]:
    known = {deadline.line: deadline for deadline in review_deadlines(found.review)}
    for entry in entries:
        for branch in entry.resolution:
            for step in branch.steps:
                deadline = deadline_in(step.title, step.line, entry.id) if step.kind == "manual" else None
                if deadline:
                    known.setdefault(deadline.line, deadline)
    legal = [(part, True) for section in found.legal for part in section.walk()]
    places = [(place.section, _NOTIFIES.search(place.section.title) is not None) for place in found.procedures]
    for section, certain in (*legal, *places):
        for text, line in _sentences(section):
            deadline = deadline_in(text, line) if certain else owed_in(text, line)
            if deadline:
                ledger.claim(line)
                known.setdefault(line, deadline)
    return tuple(known[line] for line in sorted(known))


_NOTIFIES = re.compile(r"\bnotif\w+\b", re.IGNORECASE)


def _sentences(section: Section) -> Iterator[tuple[str, int]]:
    yield f"{section.title} {section.rest}", section.line
    for block in section.blocks:
        if block.kind in ("item", "paragraph"):
            for text, start in sentences(block.text):
                yield plain(text), block.line + block.text.count("\n", 0, start)


def _claim_background(found: Outline, ledger: Ledger) -> None:
    """Count as understood what is of a known kind although nothing is decided by it."""
    for section in found.background:
        ledger.claim(section.line, section.end_line)
    for section in (*found.oncall, *found.top):
        for block in section.blocks:
            if block.kind == "paragraph":
                ledger.claim_block(block)


def _claim_headings(section: Section, ledger: Ledger) -> bool:
    """Count a heading as understood when something below it is; give whether anything is."""
    below = [_claim_headings(child, ledger) for child in section.children]
    understood = any(below) or any(block.line in ledger.lines for block in section.blocks)
    if understood and section.level:
        ledger.claim(section.line)
    return understood or section.line in ledger.lines


def _understood(written: Sequence[int], ledger: Ledger) -> float:
    return round(sum(number in ledger.lines for number in written) / len(written), 4) if written else 0.0


def _name(path: str) -> str:
    """Give a document's name by its file: "alerts/EtcdDown.md" is "EtcdDown"."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    stem = name.rsplit(".", 1)[0]
    return stem if re.search(r"[A-Z]", stem[1:]) else stem.replace("-", " ").replace("_", " ").strip()
