"""The rungs of the escalation path, as list items or table rows. Source: "Escalation Path"."""

import re
from collections.abc import Iterable
from typing import Literal

from tocsin.runbook.document import Block
from tocsin.runbook.durations import duration_in
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import normal, plain
from tocsin.runbook.policy import Level
from tocsin.runbook.sections import Section
from tocsin.runbook.severities import severity_id_in
from tocsin.runbook.tables import records

_COLUMNS = {
    "after": r"after|within|time|when|wait",
    "role": r"role|who|contact|person|name|escalate to|\bto\b",
    "id": r"level|tier|step|stage|^#$",
    "only": r"sever|prio",
}
LEVEL_ID = re.compile(r"^(?:L|T|Level|Tier)\s?-?(?P<number>[0-9])\b", re.IGNORECASE | re.ASCII)
_PLACE = re.compile(r"^(?:executives?|management|director|vendor|leadership)$", re.IGNORECASE)
_UNANSWERED = re.compile(
    r"\b(no (response|answer|ack\w*)|not? ?acknowledged|unacknowledged|un(answered|reachable))", re.IGNORECASE
)
_UNRESOLVED = re.compile(
    r"\b(?:can(?:'|no)?t|cannot|could not|not|un|without)\s*(?:be\s+)?(?:a\s+)?(?:resolv|fix|solv)\w*|\bif\b|\bafter\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\bonly\b|\bfor\s+(?:p|sev)", re.IGNORECASE)
_RESPONDS = re.compile(r"\b(?:respond|answer|acknowledge|reply|replies)", re.IGNORECASE)


def read_levels(sections: Iterable[Section], ledger: Ledger) -> tuple[Level, ...]:
    """Give the levels in the order in which they are called; the first of an id wins."""
    found: dict[str, Level] = {}
    for section in sections:
        for block in section.all_blocks():
            for level in _in_block(block, len(found), ledger):
                found.setdefault(level.id, level)
    return tuple(found.values())


def _in_block(block: Block, count: int, ledger: Ledger) -> Iterable[Level]:
    if block.kind == "item" and block.level == 1:
        level = _from_item(block, count)
        if level is not None:
            ledger.claim_block(block)
            yield level
    elif block.kind == "table":
        rows = records(block, _COLUMNS)
        for row in rows:
            if "role" not in row.cells or not ({"id", "after"} & row.cells.keys()):
                continue
            ledger.claim_block(block)
            terms = " ".join(text for key, text in row.cells.items() if key in ("after", "only"))
            yield _level(row.cells.get("id", ""), row.cells["role"], terms, row.line, count)
            count += 1


def _from_item(block: Block, count: int) -> Level | None:
    text = plain(block.text)
    name, _, rest = text.partition(":")
    if not rest or len(name.split()) > 4:  # noqa: PLR2004 - a longer beginning is a sentence
        ordered = block.info[:1].isdigit()
        if not ordered and not LEVEL_ID.match(text):
            return None
        found = LEVEL_ID.match(text)
        name, rest = (found[0], text[found.end() :]) if found else ("", text)
    terms = " ".join(re.findall(r"\(([^()]*)\)", rest))
    role = re.sub(r"\([^()]*\)", "", rest)
    if not terms and _dash(role):
        role, terms = _dash(role)[0], " ".join(_dash(role)[1:])
    return _level(name, role, terms, block.line, count)


def _dash(text: str) -> list[str]:
    parts = re.split(r"\s+[-–—]\s+|,\s+(?=if|after)", text.strip(" -–—:"))  # noqa: RUF001
    return parts if len(parts) > 1 else []


def _level(name: str, role: str, terms: str, line: int, count: int) -> Level:
    found = LEVEL_ID.match(name.strip())
    role = role.strip(" -–—:,.") or name  # noqa: RUF001
    level_id = (
        f"L{found['number']}" if found else (name.strip() if _PLACE.match(name.strip()) else "") or f"L{count + 1}"
    )
    within = duration_in(terms)
    responds = within is not None and bool(_RESPONDS.search(terms)) and not re.search(r"\b(if|no|not)\b", terms)
    after = None if responds else within
    return Level(
        id=level_id,
        role=role,
        after=after,
        condition=_condition(terms, timed=after is not None),
        responds_within=within if responds else None,
        only_severity=severity_id_in(terms) if _ONLY.search(terms) else None,
        line=line,
    )


def _condition(terms: str, *, timed: bool) -> Literal["not-resolved", "not-acknowledged"] | None:
    if _UNANSWERED.search(terms):
        return "not-acknowledged"
    return "not-resolved" if timed and (_UNRESOLVED.search(terms) or normal(terms)) else None
