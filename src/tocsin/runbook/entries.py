"""One entry of the runbook becomes an incident type. Source: the entries under "Common Incidents"."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta

from tocsin.runbook.annotations import Annotation
from tocsin.runbook.document import Block
from tocsin.runbook.durations import duration_in
from tocsin.runbook.entry_rules import entry_rule, told_rule
from tocsin.runbook.inference import infer
from tocsin.runbook.instructions import begins_with_order, sentences
from tocsin.runbook.leads import logged_in, shown_in
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import normal, plain, slug, unique, unnumbered
from tocsin.runbook.policy import Branch, EntryRule, IncidentType, Note, Severity, Step, Symptom
from tocsin.runbook.procedures import Name, holds_command, only_to_do, part_of, read_own, read_procedure
from tocsin.runbook.restriction import Said, restricted_because
from tocsin.runbook.roles import Role
from tocsin.runbook.sections import Section
from tocsin.runbook.severities import canonical, severity_id_in
from tocsin.runbook.sorting import part_role, sorted_out
from tocsin.runbook.steps import StepReader, flat
from tocsin.runbook.symptoms import fired_in, symptom, symptoms_in
from tocsin.runbook.tables import records
from tocsin.runbook.titles import is_alert_name
from tocsin.settings import Condition

_SEVERITY_ASIDE = re.compile(r"\s*[(\[](?P<inside>[^()\[\]]*)[)\]]\s*$")
_SEVERITY_AHEAD = re.compile(
    r"^(?:[\[(](?P<inside>[^()\[\]]{1,20})[\])]\s*[:–—-]?\s*|(?P<before>\S{1,9}(?:\s\S)?)\s*(?::|"  # noqa: RUF001 - dashes people type
    r"\s[–—-])\s+)(?P<title>\S.*)$"  # noqa: RUF001
)
_SEVERITY_BEHIND = re.compile(r"^(?P<title>\S.*?)\s+[–—-]\s+(?P<inside>\S{1,9}(?:\s\S)?)$")  # noqa: RUF001 - dashes people type
_EXPLAINING = frozenset(
    {"meaning", "alert meaning", "meaning of the alert", "what it means", "alert condition", "trigger condition"}
)
_COLUMNS = {
    "symptoms": r"^(?:symptoms?|signs?|what you see|problem|issue|error(?: message)?)$",
    "diagnostics": r"^(?:diagnos\w*|checks?|how to check|investigat\w*|verify|verification|diagnostic (?:steps?|"
    "commands?))$",
    "resolution": r"^(?:fix|fixes|solutions?|resolution|resolution steps?|remediation|mitigation|actions?|what to "
    "do|workaround)$",
}


def read_entries(sections: list[Section], severities: tuple[Severity, ...], ledger: Ledger) -> tuple[IncidentType, ...]:
    """Give the incident types in document order, each with an id of its own."""
    found: dict[str, IncidentType] = {}
    for section in sections:
        entry = _Entry(section, severities, ledger).read(found.keys())
        found[entry.id] = entry
    return tuple(found.values())


class _Entry:
    def __init__(self, section: Section, severities: tuple[Severity, ...], ledger: Ledger) -> None:
        self.section, self.severities, self.ledger = sorted_out(section), severities, ledger
        self.title, self.aside = _titled(section.title, severities)
        self.taken: set[int] = set()
        self.note = next((note for note in section.annotations if note.what == "incident"), None)

    def read(self, taken: Collection[str]) -> IncidentType:
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
        diagnostics = self._diagnostics(reader)
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
            resolved_when=tuple(self._resolved_when()), conditions=tuple(self._conditions()),
            line=self.section.line, end_line=self.section.end_line,
        )  # fmt: skip

    def _annotated(self, key: str) -> str | None:
        return self.note.get(key) if self.note else None

    def _parts(self, *roles: Role) -> Iterator[Section]:
        for child in self.section.children:
            if part_role(child) in roles:
                self.ledger.claim(child.line)
                yield child

    def _alerts(self) -> tuple[str, ...]:
        pairs = self.note.pairs if self.note else ()
        named = [name for key, value in pairs if key in ("alert", "alerts") for name in value.split(",")]
        for child in self._parts("alert"):
            for block in child.all_blocks():
                self.ledger.claim_block(block)
                named += re.findall(r"`([A-Za-z_]\w+)`", block.text)
        named += [name for name in (self.title, *re.findall(r"\(([^()]*)\)", self.title)) if is_alert_name(name)]
        return tuple(dict.fromkeys(name.strip() for name in named if name.strip()))

    def _symptoms(self, alerts: tuple[str, ...]) -> Iterator[Symptom]:
        for child in self._parts("symptoms"):
            explains = normal(child.title) in _EXPLAINING
            for owner in child.walk():
                for block in owner.blocks:
                    self.ledger.claim_block(block)
                if explains:
                    found = list(fired_in(owner.blocks)) if owner is child else []
                else:
                    found = [one for block in owner.blocks for one in _shown(block)]
                for text, line, at in found:
                    yield symptom(text, line, owner.notes.get(at, ()), alerts)
        shown = [one for part in self._told() for one in shown_in(part.blocks)]
        for text, line in (*shown, *self._cells("symptoms")):
            yield symptom(text, line, (), alerts)

    def _told(self) -> Iterator[Section]:
        """Give the entry and those of its sections that are no symptoms by their title."""
        yield self.section
        for child in self.section.children:
            if part_role(child) != "symptoms":
                yield from child.walk()

    def _cells(self, kind: str) -> Iterator[tuple[str, int]]:
        """Give the cells of the entry's own tables that have symptoms, checks or fixes as columns."""
        for block in self.section.blocks:
            rows = records(block, _COLUMNS) if block.kind == "table" else []
            if len({key for row in rows for key in row.cells}) > 1:
                self.ledger.claim_block(block)
                yield from ((row.raw[kind], row.line) for row in rows if kind in row.cells)

    def _diagnostics(self, reader: StepReader) -> tuple[Step, ...]:
        found = [b for child in self._parts("diagnostics") for b in read_procedure(child, "diagnostics", reader)]
        for child in self._parts("causes"):
            kept = [b for b in child.all_blocks() if b.kind == "fence" or (b.kind == "item" and holds_command(b.text))]
            found += read_procedure(replace(child, blocks=kept, children=[]), "diagnostics", reader)
        return flat([*found, *self._unlabelled(reader, "diagnostics"), *self._from_cells(reader, "diagnostics")])

    def _branches(self, reader: StepReader) -> tuple[Branch, ...]:
        """Read what resolves it: the sections that say so, else what has no label and does more than look."""
        found = [b for child in self._parts("resolution") for b in read_procedure(child, "resolution", reader)]
        found += self._unlabelled(reader, "resolution")
        found += self._from_cells(reader, "resolution")
        for child in self._parts("resolved"):
            kept = [b for b in child.all_blocks() if b.kind == "fence" or (b.kind == "item" and holds_command(b.text))]
            found += read_procedure(replace(child, blocks=kept, children=[]), "resolution", reader)
        return tuple(found)

    def _unlabelled(self, reader: StepReader, part: Name) -> list[Branch]:
        """Read the entry's own blocks, and sections of an unknown name that hold steps, where their words put them."""
        own = [block for block, of in _parted(self.section.blocks) if of == part]
        found = read_own(only_to_do(replace(self.section, blocks=own)), part, reader)
        for child in self.section.children:
            if part_role(child) is not None or child.line in self.taken:
                continue
            blocks = [block for block in child.all_blocks() if block.kind in ("fence", "item", "paragraph")]
            acts = any(block.kind == "fence" for block in blocks) or any(
                begins_with_order(block.text) or holds_command(block.text) for block in blocks
            )
            looks = bool(blocks) and all(part_of(block) == "diagnostics" for block in blocks)
            if acts and looks == (part == "diagnostics"):
                self.taken.add(child.line)
                self.ledger.claim(child.line)
                found += read_procedure(_all_to_do(child), part, reader)
        return found

    def _from_cells(self, reader: StepReader, part: Name) -> list[Branch]:
        blocks = [Block(kind="item", line=line, end_line=line, text=text) for text, line in self._cells(part)]
        return read_procedure(Section("", 0, self.section.line, blocks=blocks), part, reader) if blocks else []

    def _rule(self) -> EntryRule | None:
        for child in self.section.children:
            for block in child.all_blocks() if part_role(child) == "escalation" else ():
                rule = entry_rule(_row_text(block), block.line)
                if rule is not None:
                    self.ledger.claim(child.line)
                    self.ledger.claim_block(block)
                    return rule
        return next(self._told_rules(), None)

    def _told_rules(self) -> Iterator[EntryRule]:
        """Give the rules that stand as sentences among the steps: "Escalate to the lead if it fails again"."""
        for part in self.section.walk():
            rule = told_rule(part.title, part.line) if part.is_label else None
            if rule is not None:
                self.ledger.claim(part.line)
                yield rule
        for block in self.section.all_blocks():
            if block.kind not in ("item", "paragraph"):
                continue
            for sentence, start in sentences(block.text):
                rule = told_rule(sentence, block.line + block.text.count("\n", 0, start))
                if rule is not None:
                    self.ledger.claim_block(block)
                    yield rule

    def _stated(self) -> tuple[str, int] | None:
        annotated = self._annotated("severity")
        if annotated and self.note:
            return canonical(annotated), self.note.line
        if self.aside:
            return self.aside, self.section.line
        for child in self._parts("severities"):
            text = plain(" ".join([child.rest, *(block.text for block in child.blocks)]))
            stated = severity_id_in(text) or _known(text, self.severities) or _worded(text)
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
        for note in self._ends():
            yield Note(" ".join(f"{key}={value}" for key, value in note.pairs), note.line)

    def _conditions(self) -> Iterator[Condition]:
        for note in self._ends():
            probe = note.get("probe")
            if probe:
                lasting = duration_in(note.get("for") or "") or timedelta(0)
                yield Condition(probe=probe, check=note.get("check"), for_=lasting)

    def _ends(self) -> Iterator[Annotation]:
        for owner in self.section.walk():
            for notes in (owner.annotations, *owner.notes.values()):
                yield from (note for note in notes if note.what == "resolved-when")

    def _said(self) -> Iterator[Said]:
        yield Said(self.title, self.section.line)
        for owner in self.section.walk():
            yield Said(owner.title, owner.line)
            for block in owner.blocks:
                first = block.body_line if block.kind == "fence" else block.line
                for number, text in enumerate(block.text.split("\n"), first):
                    yield Said(text, number)


def _all_to_do(section: Section) -> Section:
    """Give a section of an unknown name with only what clearly is to be done, those below it as well."""
    return replace(only_to_do(section), children=[_all_to_do(child) for child in section.children])


def _shown(block: Block) -> Iterator[tuple[str, int, int]]:
    """Give the symptoms of a block with their lines and that of the block."""
    if block.kind in ("item", "paragraph"):
        yield from ((text, line, block.line) for text, line in symptoms_in(block))
    elif block.kind == "fence":
        yield from ((text, line, block.line) for text, line in logged_in(block))


def _parted(blocks: list[Block]) -> Iterator[tuple[Block, Name]]:
    """Give each block with its part; a fence or list belongs where what introduces it does."""
    before: tuple[Block, Name] | None = None
    lead: Name | None = None
    for block in blocks:
        introduced = before is not None and before[0].kind != "fence" and block.line - before[0].end_line <= 2  # noqa: PLR2004
        part = before[1] if before is not None and block.kind == "fence" and introduced else part_of(block)
        if block.kind == "paragraph":
            lead = part if block.text.rstrip().endswith(":") else None
        elif block.kind == "item" and lead is not None:
            part = lead
        before = (block, part)
        yield before


def _row_text(block: Block) -> str:
    """Give a block as text; of a table the first row, read as "when -> who"."""
    return " → ".join(block.rows[1].cells[:2]) if len(block.rows) > 1 else block.text


def _titled(title: str, severities: tuple[Severity, ...]) -> tuple[str, str | None]:
    """Part a heading from the severity it carries: "API down (SEV-1)", "SEV-1: API down", "[P1] API down"."""
    aside = _SEVERITY_ASIDE.search(title)
    if aside:
        stated = _severity_in(aside["inside"], severities)
        if stated:
            return title[: aside.start()].strip(" -–—:"), stated  # noqa: RUF001 - dashes people type
    ahead = _SEVERITY_AHEAD.match(title)
    if ahead:
        stated = _severity_in(ahead["inside"] or ahead["before"], severities)
        if stated:
            return unnumbered(ahead["title"]), stated
    behind = _SEVERITY_BEHIND.match(title)
    if behind:
        stated = _severity_in(behind["inside"], severities)
        if stated:
            return behind["title"].strip(), stated
    return title, None


def _severity_in(text: str, severities: tuple[Severity, ...]) -> str | None:
    """Give the severity a heading names. "S3" is one only where the document has such severities: it is a store too."""
    stated = severity_id_in(text)
    if stated and re.fullmatch(r"[SD][0-5]", stated) and stated not in {severity.id for severity in severities}:
        return None
    return stated or _known(text, severities)


def _known(text: str, severities: tuple[Severity, ...]) -> str | None:
    wanted = text.strip().casefold()
    return next((s.id for s in severities if wanted in (s.id.casefold(), (s.name or "").casefold())), None)


def _worded(text: str) -> str | None:
    found = re.match(
        r"(?:critical|high|medium|low|major|minor|warning|info|page|urgent)\b", text.strip(), re.IGNORECASE
    )
    return found[0].capitalize() if found else None
