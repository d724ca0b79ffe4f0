"""One entry of the runbook becomes an incident type. Source: the entries under "Common Incidents"."""

import re
from collections.abc import Iterator

from tocsin.runbook.document import Block
from tocsin.runbook.entry_rules import entry_rule
from tocsin.runbook.inference import infer
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import plain, slug, unique, unnumbered
from tocsin.runbook.policy import Branch, EntryRule, IncidentType, Note, Severity, Step, Symptom
from tocsin.runbook.procedures import read_procedure
from tocsin.runbook.restriction import Said, restricted_because
from tocsin.runbook.roles import EDGE, Role
from tocsin.runbook.sections import Section
from tocsin.runbook.severities import canonical, severity_id_in
from tocsin.runbook.steps import StepReader, flat
from tocsin.runbook.symptoms import symptom

_SEVERITY_ASIDE = re.compile(r"\s*[(\[](?P<inside>[^()\[\]]*)[)\]]\s*$")


def read_entries(sections: list[Section], severities: tuple[Severity, ...], ledger: Ledger) -> tuple[IncidentType, ...]:
    """Give the incident types in document order, each with an id of its own."""
    found: list[IncidentType] = []
    for section in sections:
        found.append(_Entry(section, severities, ledger).read([entry.id for entry in found]))
    return tuple(found)


class _Entry:
    def __init__(self, section: Section, severities: tuple[Severity, ...], ledger: Ledger) -> None:
        self.section, self.severities, self.ledger = section, severities, ledger
        self.title, self.aside = _titled(section.title, severities)
        self.note = next((note for note in section.annotations if note.what == "incident"), None)

    def read(self, taken: list[str]) -> IncidentType:
        self.ledger.claim(self.section.line)
        wanted = self._annotated("id") or slug(self.title) or "incident"
        if wanted in taken:
            self.ledger.error(
                "RB003", self.note.line if self.note and self._annotated("id") else self.section.line,
                f"Two entries are called {wanted}, so an alert cannot be told which to open; rename one.",
            )  # fmt: skip
        name = unique(wanted, taken)
        reader = StepReader(name, self.ledger)
        alerts = self._alerts()
        symptoms = tuple(self._symptoms(alerts))
        diagnostics = self._steps(reader, "diagnostics")
        resolution = self._branches(reader)
        stated = self._stated()
        inferred = infer(self.title, (s.text for s in symptoms), self.severities)
        because = restricted_because(self._said())
        if self._annotated("restricted") == "true":
            because = because or "its annotation says so"
        return IncidentType(
            id=name, title=self.title, severity=stated[0] if stated else None,
            inferred_severity=None if stated else inferred.severity,
            severity_because="the document states it" if stated else inferred.because,
            severity_line=stated[1] if stated else inferred.line,
            symptoms=symptoms, diagnostics=diagnostics, resolution=resolution, escalation=self._rule(),
            restricted=because is not None, restricted_because=because, alerts=alerts,
            resolved_when=tuple(self._resolved_when()),
            line=self.section.line, end_line=self.section.end_line,
        )  # fmt: skip

    def _annotated(self, key: str) -> str | None:
        return self.note.get(key) if self.note else None

    def _parts(self, *roles: Role) -> Iterator[Section]:
        for child in self.section.children:
            if _part_role(child) in roles:
                self.ledger.claim(child.line)
                yield child

    def _alerts(self) -> tuple[str, ...]:
        pairs = self.note.pairs if self.note else ()
        named = [name for key, value in pairs if key in ("alert", "alerts") for name in value.split(",")]
        for child in self._parts("alert"):
            for block in child.all_blocks():
                self.ledger.claim_block(block)
                named += re.findall(r"`([A-Za-z_]\w+)`", block.text)
        return tuple(dict.fromkeys(name.strip() for name in named if name.strip()))

    def _symptoms(self, alerts: tuple[str, ...]) -> Iterator[Symptom]:
        for child in self._parts("symptoms"):
            for owner in child.walk():
                for block in owner.blocks:
                    if block.kind in ("item", "paragraph"):
                        self.ledger.claim_block(block)
                        yield symptom(block.text, block.line, owner.notes.get(block.line, ()), alerts)

    def _steps(self, reader: StepReader, section: str) -> tuple[Step, ...]:
        return flat(branch for child in self._parts("diagnostics") for branch in read_procedure(child, section, reader))

    def _branches(self, reader: StepReader) -> tuple[Branch, ...]:
        """Read what resolves it: the sections that say so, else labels of an unknown name that hold steps."""
        found = [
            branch for child in self._parts("resolution") for branch in read_procedure(child, "resolution", reader)
        ]
        for child in self.section.children:
            if _part_role(child) is None and any(block.kind == "fence" for block in child.all_blocks()):
                self.ledger.claim(child.line)
                found += read_procedure(child, "resolution", reader)
        found += [
            b for block in self.section.blocks if block.kind == "fence" for b in reader.fence(block, "resolution")
        ]
        return tuple(found)

    def _rule(self) -> EntryRule | None:
        for child in self._parts("escalation"):
            for block in child.all_blocks():
                rule = entry_rule(_row_text(block), block.line)
                if rule is not None:
                    self.ledger.claim_block(block)
                    return rule
        return None

    def _stated(self) -> tuple[str, int] | None:
        annotated = self._annotated("severity")
        if annotated and self.note:
            return canonical(annotated), self.note.line
        if self.aside:
            return self.aside, self.section.line
        for child in self._parts("severities"):
            text = plain(" ".join([child.rest, *(block.text for block in child.blocks)]))
            stated = severity_id_in(text) or _known(text, self.severities)
            if stated:
                self.ledger.claim(child.line, child.end_line)
                return stated, child.line
        return None

    def _resolved_when(self) -> Iterator[Note]:
        for child in self._parts("resolved"):
            for block in child.all_blocks():
                if block.kind in ("item", "paragraph"):
                    self.ledger.claim_block(block)
                    yield Note(plain(block.text), block.line)
        for owner in self.section.walk():
            for notes in (owner.annotations, *owner.notes.values()):
                for note in notes:
                    if note.what == "resolved-when":
                        yield Note(" ".join(f"{key}={value}" for key, value in note.pairs), note.line)

    def _said(self) -> Iterator[Said]:
        yield Said(self.title, self.section.line)
        for owner in self.section.walk():
            yield Said(owner.title, owner.line)
            for block in owner.blocks:
                first = block.body_line if block.kind == "fence" else block.line
                for number, text in enumerate(block.text.split("\n"), first):
                    yield Said(text, number)


def _part_role(section: Section) -> Role | None:
    return section.role if section.sureness >= EDGE or section.is_label else None


def _row_text(block: Block) -> str:
    """Give a block as text; of a table the first row, read as "when -> who"."""
    return " → ".join(block.rows[1].cells[:2]) if len(block.rows) > 1 else block.text


def _titled(title: str, severities: tuple[Severity, ...]) -> tuple[str, str | None]:
    """Part a heading from the severity it carries: "API down (SEV-1)", "SEV-1: API down"."""
    aside = _SEVERITY_ASIDE.search(title)
    if aside:
        stated = severity_id_in(aside["inside"]) or _known(aside["inside"], severities)
        if stated:
            return title[: aside.start()].strip(), stated
    before, colon, behind = title.partition(":")
    if colon and behind.strip() and severity_id_in(before) and len(before.split()) <= 2:  # noqa: PLR2004 - "SEV 1"
        return unnumbered(behind), severity_id_in(before)
    if colon and before.strip().casefold() in ("incident", "scenario", "alert", "playbook"):
        return unnumbered(behind) or title, None
    return title, None


def _known(text: str, severities: tuple[Severity, ...]) -> str | None:
    wanted = text.strip().casefold()
    return next((s.id for s in severities if wanted in (s.id.casefold(), (s.name or "").casefold())), None)
