"""The severities: as headings with criteria below, as table rows, or as list items. Source: "Severity Levels"."""

import re
from collections.abc import Iterable

import msgspec

from tocsin.runbook.document import Block
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import plain, unnumbered
from tocsin.runbook.policy import Criterion, Response, Severity
from tocsin.runbook.responses import response_in
from tocsin.runbook.sections import Section
from tocsin.runbook.tables import Record, records

SEVERITY_ID = re.compile(
    r"\b(?:P-?[0-5]|SEV(?:ERITY)?[\s-]?(?:[0-5]|[A-D]\b)|S[0-5]|D[0-5]|(?:Priority|Level)\s[0-5])\b", re.IGNORECASE
)
_COLUMNS = {
    "response": r"respon|answer|\bsla\b|target|acknowledge|\btime\b|within",
    "escalate": r"escalat",
    "update": r"update|cadence",
    "criteria": r"descri|defin|criteri|example|impact|when|trigger|meaning",
    "name": r"\bname\b|label",
    "id": r"sever|level|prio|class|^p$|^id$|^code$",
}
_ITEM = re.compile(r"^(?:\*\*(?P<bold>[^*]+)\*\*|(?P<id>[A-Za-z]+[ -]?[0-9A-E]?))\s*(?P<rest>.*)$", re.DOTALL)
_RESPONSE_LABEL = re.compile(r"^(?:\*\*)?(?:response(?: time| target)?|sla|respond|acknowledge)\b[^:]*:", re.IGNORECASE)


def read_severities(sections: Iterable[Section], elsewhere: Iterable[Section], ledger: Ledger) -> tuple[Severity, ...]:
    """Give the severities of the document, most urgent first as written; definitions of one id are put together.

    `sections` are about severities; of those `elsewhere`, only tables and items that carry a severity's id count.
    """
    found: dict[str, Severity] = {}
    given = [s for section in sections for s in (*_from_headings(section, ledger), *_from_blocks(section, ledger))]
    if not given:
        given = [s for section in elsewhere for s in _from_blocks(section, ledger, certain=False)]
    for severity in given:
        known = found.get(severity.id)
        found[severity.id] = severity if known is None else _merged(known, severity)
    return tuple(found.values())


def severity_id_in(text: str) -> str | None:
    """Give the first severity id in a text as it is kept ("Sev 1" -> "SEV1", "p0" -> "P0"), or None."""
    found = SEVERITY_ID.search(text)
    return canonical(found[0]) if found else None


def canonical(text: str) -> str:
    """Give a severity id in one spelling: `P0`, `SEV1`; other words as written."""
    found = SEVERITY_ID.fullmatch(text.strip())
    if found is None:
        return text.strip()
    return re.sub(r"[\s-]", "", re.sub(r"(?i)^severity", "SEV", found[0])).upper()


def _merged(old: Severity, new: Severity) -> Severity:
    return msgspec.structs.replace(
        old,
        name=old.name or new.name,
        response=old.response or new.response,
        criteria=old.criteria + tuple(c for c in new.criteria if c not in old.criteria),
    )


def _from_headings(section: Section, ledger: Ledger) -> Iterable[Severity]:
    for child in section.children:
        if not severity_id_in(child.title):
            continue
        ledger.claim(child.line)
        yield _described(_titled(child.title, child.line), child, ledger)


def _titled(title: str, line: int) -> Severity:
    """Read "P0 - Critical (Response Time: Immediate)"."""
    found = SEVERITY_ID.search(title)
    asides = " ".join(re.findall(r"\(([^()]*)\)", title))
    name = re.sub(r"\([^()]*\)", "", title[found.end() :] if found else title).strip(" -–—:,")  # noqa: RUF001
    return Severity(
        id=canonical(found[0] if found else title),
        name=unnumbered(name) or None,
        response=response_in(asides) or response_in(title),
        line=line,
    )


def _described(severity: Severity, section: Section, ledger: Ledger) -> Severity:
    criteria: list[Criterion] = []
    response = severity.response
    for block in section.all_blocks():
        text = plain(block.text)
        if _RESPONSE_LABEL.match(text) and response is None:
            response = response_in(text)
            ledger.claim_block(block)
        elif block.kind == "item" and not re.match(r"^[\w /]{3,30}:\s", text):
            criteria.append(Criterion(text, block.line))
            ledger.claim_block(block)
    return msgspec.structs.replace(severity, response=response, criteria=tuple(criteria))


def _from_blocks(section: Section, ledger: Ledger, *, certain: bool = True) -> Iterable[Severity]:
    for block in section.blocks:
        if block.kind == "table":
            yield from _from_table(block, ledger)
        elif block.kind == "item" and block.level == 1 and (certain or SEVERITY_ID.match(plain(block.text))):
            yield from _from_item(block, ledger)


def _from_table(table: Block, ledger: Ledger) -> Iterable[Severity]:
    rows = records(table, _COLUMNS)
    for row in rows:
        cell = row.cells.get("id")
        if cell and (severity_id_in(cell) or "response" in row.cells):
            ledger.claim(table.line, table.end_line)
            yield _from_row(cell, row)


def _from_row(cell: str, row: Record) -> Severity:
    title = (
        _titled(cell, row.line) if severity_id_in(cell) else Severity(id=cell, name=None, response=None, line=row.line)
    )
    criteria = row.cells.get("criteria")
    return msgspec.structs.replace(
        title,
        name=title.name or row.cells.get("name"),
        response=response_in(row.cells.get("response", "")) or title.response,
        criteria=(Criterion(criteria, row.line),) if criteria else (),
    )


def _from_item(block: Block, ledger: Ledger) -> Iterable[Severity]:
    found = _ITEM.match(block.text)
    if found is None:
        return
    title = plain(found["bold"] or found["id"] or "").rstrip(":")
    rest = plain(found["rest"]).lstrip(" -–—:=")  # noqa: RUF001
    response = response_in(rest) or response_in(title)
    if not severity_id_in(title) and not (found["bold"] and response):
        return
    ledger.claim_block(block)
    criterion = re.sub(r"\s*\([^()]*\)", "", rest).strip()
    known = _titled(title, block.line) if severity_id_in(title) else Severity(
        id=title, name=None, response=None, line=block.line
    )  # fmt: skip
    told = criterion and not (response and len(criterion.split()) < 7)  # noqa: PLR2004 - "answer in 15 minutes"
    yield msgspec.structs.replace(
        known, response=response, criteria=(Criterion(criterion, block.line),) if told else ()
    )


def is_urgent(response: Response | None) -> bool:
    """Tell whether a response is asked for at once."""
    return response is not None and response.kind == "immediate"
