"""A table that lists the entries with their severities, beside the entries themselves: "Incident | Severity"."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from tocsin.runbook.document import Block
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import slug
from tocsin.runbook.policy import IncidentType, Note, Severity, Symptom
from tocsin.runbook.severities import canonical, severity_id_in
from tocsin.runbook.symptoms import symptom
from tocsin.runbook.tables import Record, records
from tocsin.runbook.thresholds import threshold_in

_COLUMNS = {
    "entry": r"^(?:incident|type|scenario|alert|problem|entry|issue|runbook|playbook|name|title|case)\b",
    "severity": r"sever|\bsev\b|priorit|\bprio\b|\blevel\b|\bclass\b",
    "resolved": r"\b(?:resolved|done|over|fixed|closed) when\b|success criteri",
    "shown": r"^(?:symptoms?|signs?|indicators?|conditions?|triggers?|(?:alert )?(?:condition|expression|threshold)|"
    r"(?:fires?|triggers?|raised) (?:when|if)|when(?: it fires)?|what (?:you|users|customers) (?:see|notice))$",
    "meant": r"^(?:meaning|what (?:it|this) means|what happens|impact|effect|description|explanation|consequences?)$",
}
_SHOWN = ("shown", "meant")


def with_catalogue(
    entries: tuple[IncidentType, ...], blocks: Iterable[Block], severities: tuple[Severity, ...], ledger: Ledger
) -> tuple[IncidentType, ...]:
    """Give the entries with what a table says of them; what an entry says itself wins."""
    rows: dict[str, Record] = {}
    for block in blocks:
        for row in records(block, _COLUMNS) if block.kind == "table" else ():
            if "entry" in row.cells and row.cells.keys() & {"severity", "shown"}:
                rows.setdefault(slug(row.cells["entry"]), row)
    return tuple(_told(entry, rows.get(slug(entry.title)), severities, ledger) for entry in entries)


def _told(entry: IncidentType, row: Record | None, severities: tuple[Severity, ...], ledger: Ledger) -> IncidentType:
    if row is None:
        return entry
    ledger.claim(row.line)
    stated = _severity(row.cells.get("severity", ""), severities)
    if entry.severity is None and stated is not None:
        entry = msgspec.structs.replace(
            entry, severity=stated, inferred_severity=None, severity_because="the document states it",
            severity_line=row.line,
        )  # fmt: skip
    if not entry.resolved_when and "resolved" in row.cells:
        entry = msgspec.structs.replace(entry, resolved_when=(Note(row.cells["resolved"], row.line),))
    if not entry.symptoms:
        entry = msgspec.structs.replace(entry, symptoms=tuple(_symptoms(entry, row)))
    return entry


def _symptoms(entry: IncidentType, row: Record) -> Iterator[Symptom]:
    """Give what the row says shows the entry."""
    for kind in _SHOWN:
        for text in _each(row.raw[kind]) if kind in row.cells else ():
            yield symptom(text, row.line, (), entry.alerts)


def _each(text: str) -> list[str]:
    """Part what names several limits: "queue > 20 or credits > 80%"."""
    parts = re.split(r"\s+(?:or|OR|\|\|)\s+", text)
    return parts if all(threshold_in(part) for part in parts) else [text]


def _severity(text: str, severities: tuple[Severity, ...]) -> str | None:
    wanted = text.strip().casefold()
    if not wanted:
        return None
    named = next((s.id for s in severities if wanted in (s.id.casefold(), (s.name or "").casefold())), None)
    return named or (canonical(text) if severity_id_in(text) else None)
