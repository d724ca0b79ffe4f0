"""Which section is what: the document's parts, found by title, by place and by what they hold."""

import re
from dataclasses import dataclass, field

from tocsin.runbook.ledger import Ledger
from tocsin.runbook.roles import EDGE, EXACT, Role
from tocsin.runbook.sections import Section

PARTS: frozenset[Role] = frozenset({"symptoms", "diagnostics", "resolution"})
# Headings that speak of how to work, not of what went wrong.
_PROCEDURE = re.compile(r"^(procedure|phase|stage|part|appendix|option)\s+[0-9a-z]+\b|\bprocedures?$", re.IGNORECASE)
# What stands for itself wherever it appears; its title must say so clearly.
_OWN: frozenset[Role] = frozenset(
    {"severities", "escalation", "communication", "review", "commands", "contacts", "legal", "background"}
)


@dataclass(slots=True)
class Outline:
    """The sections of a document by what they are for, each list in document order."""

    severities: list[Section] = field(default_factory=list)
    escalation: list[Section] = field(default_factory=list)
    oncall: list[Section] = field(default_factory=list)
    entries: list[Section] = field(default_factory=list)
    communication: list[Section] = field(default_factory=list)
    review: list[Section] = field(default_factory=list)
    commands: list[Section] = field(default_factory=list)
    contacts: list[Section] = field(default_factory=list)
    legal: list[Section] = field(default_factory=list)
    background: list[Section] = field(default_factory=list)
    unknown: list[Section] = field(default_factory=list)
    top: list[Section] = field(default_factory=list)


def outline(root: Section, ledger: Ledger) -> Outline:
    """Give the outline of a document."""
    found = Outline()
    for child in root.children:
        _visit(child, None, found, ledger)
    return found


def _visit(section: Section, parent: Role | None, found: Outline, ledger: Ledger) -> None:
    role = section.role if section.sureness >= EDGE else None
    if _is_entry(section, parent):
        found.entries.append(section)
        return
    if role in _OWN and section.level > 1:
        ledger.claim(section.line)
        getattr(found, role).append(section)
        return
    if role in ("oncall", "incidents"):
        ledger.claim(section.line)
        if role == "oncall":
            found.oncall.append(section)
    elif section.level == 1:
        ledger.claim(section.line)
        found.top.append(section)
    else:
        found.unknown.append(section)
    for child in section.children:
        _visit(child, role, found, ledger)


def _is_entry(section: Section, parent: Role | None) -> bool:
    if any(note.what == "incident" for note in section.annotations):
        return True
    if section.is_label or _PROCEDURE.search(section.title):
        return False
    own = section.role if section.sureness == EXACT else None
    if own in _OWN or own in ("oncall", "incidents"):
        return False
    if parent == "incidents":
        return True
    # A page about one alert has its parts below the first heading; a whole runbook has one of them at most there.
    return len(_parts(section)) >= (2 if section.level == 1 else 1)


def _parts(section: Section) -> set[Role]:
    return {c.role for c in section.children if c.role in PARTS and c.sureness >= EDGE}
