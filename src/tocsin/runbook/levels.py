"""The rungs of the escalation path, as list items, headings or table rows. Source: "Escalation Path"."""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from tocsin.runbook.contacts import REACHED
from tocsin.runbook.document import Block
from tocsin.runbook.durations import DURATION, duration_in
from tocsin.runbook.instructions import begins_with_order
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import normal, plain
from tocsin.runbook.policy import Level
from tocsin.runbook.sections import Section
from tocsin.runbook.severities import severity_id_in
from tocsin.runbook.tables import Record, records

_COLUMNS = {
    "answers": r"respon\w* (?:time|target|sla)|acknowledge|\back\b|\bsla\b",
    "after": r"after|within|time|when|wait|trigger|if\b|threshold",
    "first": r"initial|first|primary|respon|owner|notify",
    "role": r"role|who|contact|person|name|team|escalate|escalation|\bto\b",
    "only": r"sever|\bsev\b|prio",
    "action": r"^(?:actions?|what to do|do)$",
    "id": r"level|tier|step|stage|^#$",
}
LEVEL_ID = re.compile(r"^(?:L|T|Level|Tier)\s?-?(?P<number>[0-9])\b", re.IGNORECASE | re.ASCII)
_PLACE = re.compile(r"^(?:executives?|management|director|vendor|leadership)$", re.IGNORECASE)
_UNANSWERED = re.compile(
    r"\b(no (response|answer|ack\w*|reply)|not? ?(?:acknowledged|answered)|unacknowledged|un(answered|reachable|"
    r"available)|"
    r"nobody (?:has )?(?:acknowledged|answered|answers|responds)|(?:doesn't|does not|didn't) (?:respond|answer|"
    r"acknowledge))",
    re.IGNORECASE,
)
_UNRESOLVED = re.compile(
    r"\b(?:can(?:'|no)?t|cannot|could not|not|un|without)\s*(?:be\s+)?(?:a\s+)?(?:resolv|fix|solv)\w*|\bif\b|\bafter\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\bonly\b|\bfor\s+(?:p|sev)|^(?:p|sev)[- ]?[0-5]\s*(?:$|,)", re.IGNORECASE)
_RESPONDS = re.compile(r"\b(?:respond|answer|acknowledge|reply|replies)", re.IGNORECASE)
_CALLS = re.compile(
    r"^(?:page|call|notify|escalate to|escalate (?:it |the incident )?to|contact|inform|alert|engage|wake|ring|"
    r"involve|bring in)\s+"
    r"(?:the\s+)?(?P<role>[^,;()]+?)(?P<terms>\s+(?:if|when|after|immediately|at once|within|for|once)\b.*)?$",
    re.IGNORECASE,
)
_REACHED = re.compile(rf"{REACHED.pattern}|\.\w{{2,3}}\b", REACHED.flags)
_TERMS = re.compile(
    r"^(?:for|within|if|when|after|escalat\w*|via|by|on)\b|\b(?:rotation|schedule|pagerduty|opsgenie)\b", re.IGNORECASE
)
_CHAIN = re.compile(r"\s*(?:→|➜|⇒|->|=>|↓|\n)\s*")
_ADVICE = re.compile(r"\b(?:when|why|how) to\b|\bcriteria\b|\btriggers?\b", re.IGNORECASE)
NAME_WORDS, ROLE_WORDS, CHAIN_LENGTH = 4, 7, 2


def read_levels(sections: Iterable[Section], ledger: Ledger) -> tuple[Level, ...]:
    """Give the levels in the order in which they are called; the first of an id wins."""
    found: dict[str, Level] = {}
    for section in sections:
        for owner in section.walk():
            for level in _in_section(owner, found, ledger):
                found.setdefault(level.id, level)
    return tuple(found.values())


def _in_section(section: Section, found: dict[str, Level], ledger: Ledger) -> Iterator[Level]:
    headed = LEVEL_ID.match(section.title)
    if headed and not section.is_label and section.level > 1:
        ledger.claim(section.line)
        yield _from_heading(section, len(found))
        return
    advises = _ADVICE.search(section.title) is not None
    for block in section.blocks:
        for level in _in_block(block, len(found), advises=advises):
            ledger.claim_block(block)
            yield level


def _in_block(block: Block, count: int, *, advises: bool) -> Iterator[Level]:
    if block.kind == "item" and block.level == 1:
        level = _from_item(block, count, advises=advises)
        if level is not None:
            yield level
    elif block.kind == "table":
        yield from _from_table(block, count)
    elif block.kind in ("fence", "paragraph") and not block.info:
        yield from _from_ladder(block, count) or _from_chain(block, count)


# -- tables


def _from_table(table: Block, count: int) -> Iterator[Level]:
    yield from _from_columns(table)
    rows = records(table, _COLUMNS)
    for row in rows:
        if "only" in row.cells and severity_id_in(row.cells["only"]) and not LEVEL_ID.match(row.texts[0]):
            yield from _for_severity(row, severity_id_in(row.cells["only"]) or "")
        elif "role" in row.cells and ({"id", "after", "answers"} & row.cells.keys()):
            terms = " ".join(text for key, text in row.cells.items() if key in ("after", "only"))
            name, role = _named(row.cells.get("id", ""), row.cells["role"])
            if not DURATION.search(terms) and "answers" in row.cells:
                terms = f"{terms} responds within {row.cells['answers']}".strip()
            yield _level(name, role, terms, row.line, count)
            count += 1
        elif {"after", "action"} <= row.cells.keys():
            level = _asked(row, count)
            if level is not None:
                yield level
                count += 1


def _named(rung: str, who: str) -> tuple[str, str]:
    """Give the id and the role of a row; "L2 - Shop owner" beside a name or a number holds both."""
    found = LEVEL_ID.match(rung)
    role = rung[found.end() :].strip(" -–—:,()") if found else ""  # noqa: RUF001 - dashes people type
    return (found[0], role) if found and role else (rung, who)


def _asked(row: Record, count: int) -> Level | None:
    """Read "15+ min | Page the shop owner": after how long somebody is called."""
    called = _CALLS.match(row.cells["action"])
    if called is None or begins_with_order(called["role"]):
        return None
    return _level("", called["role"], row.cells["after"], row.line, count)


def _for_severity(row: Record, severity: str) -> Iterator[Level]:
    """Read "SEV-1 | On-call | 15 minutes | Manager": who is first, and who comes after how long, for one severity."""
    after = duration_in(row.cells.get("after", ""))
    first, role = row.cells.get("first"), row.cells.get("role")
    if role is None or after is None:
        return
    if first:
        yield Level(id=f"L1-{severity}", role=first, only_severity=severity, line=row.line)
    yield Level(
        id=f"L2-{severity}", role=role, after=after, condition=_condition(row.cells["after"], timed=True),
        only_severity=severity, line=row.line,
    )  # fmt: skip


def _from_columns(table: Block) -> Iterator[Level]:
    """Read "Severity | First responder | 15 min | 1 hour": the times stand in the header."""
    header = [plain(cell) for cell in table.rows[0].cells] if table.rows else []
    times = [duration_in(cell) if DURATION.search(cell) else None for cell in header]
    if sum(time is not None for time in times) < 2:  # noqa: PLR2004 - one time is a deadline, not a path
        return
    for row in table.rows[1:]:
        severity = severity_id_in(plain(row.cells[0])) if row.cells else None
        rung = 1
        for cell, time in zip(row.cells[1:], times[1:], strict=False):
            role = plain(cell).strip(" -–—")  # noqa: RUF001 - dashes people type
            if role and severity and not begins_with_order(role):
                yield Level(
                    id=f"L{rung}-{severity}", role=role, after=time, condition="not-resolved" if time else None,
                    only_severity=severity, line=row.line,
                )  # fmt: skip
                rung += 1


# -- headings, items, chains


def _from_heading(section: Section, count: int) -> Level:
    """Read "### Level 2: Team lead" with "**When**: after 30 minutes" below it."""
    name, _, rest = section.title.partition(":")
    terms = " ".join(
        [
            *re.findall(r"\(([^()]*)\)", section.title),
            *(plain(block.text) for block in section.all_blocks() if block.kind != "fence"),
        ]
    )
    role = re.sub(r"\([^()]*\)", "", rest or LEVEL_ID.sub("", name)).strip(" -–—:")  # noqa: RUF001 - dashes people type
    return _level(name, role, terms[:400], section.line, count)


def _from_item(block: Block, count: int, *, advises: bool) -> Level | None:
    text = plain(block.text)
    name, _, rest = text.partition(":")
    ordered = block.info[:1].isdigit()
    timed = DURATION.search(name) if rest else None
    if not rest or len(name.split()) > NAME_WORDS + (2 if timed else 0):  # a longer beginning is a sentence
        if not ordered and not LEVEL_ID.match(text):
            return None
        found = LEVEL_ID.match(text)
        name, rest = (found[0], text[found.end() :]) if found else ("", text)
    elif not LEVEL_ID.match(name) and not timed and (advises or (not ordered and _REACHED.search(rest))):
        return None
    if timed and not LEVEL_ID.match(name):
        name, rest = "", f"{rest} (after {name})"
    elif ordered and not LEVEL_ID.match(name) and _TERMS.search(rest.strip()):
        name, rest = "", f"{name} ({rest.strip().replace('(', '').replace(')', '')})"  # "1. **Owner**: within 15 min"
    terms = " ".join(re.findall(r"\(([^()]*)\)", rest))
    role = re.sub(r"\([^()]*\)", "", rest).strip()
    called = _CALLS.match(role) if begins_with_order(role) else None
    if called:
        role, terms = called["role"], f"{terms} {called['terms'] or ''}".strip()
    elif (begins_with_order(role) or advises) and not LEVEL_ID.match(name):
        return None
    if not terms and _dash(role):
        role, terms = _dash(role)[0], " ".join(_dash(role)[1:])
    if len(role.split()) > ROLE_WORDS and not LEVEL_ID.match(name):
        return None
    return _level(name, role, terms, block.line, count)


def _from_ladder(block: Block, count: int) -> list[Level]:
    """Read a drawing in which each rung has a line of its own, with its terms at the arrow above it."""
    found: list[Level] = []
    terms = ""
    for line, text in enumerate(block.text.split("\n"), block.body_line or block.line):
        bare = plain(text).strip(" │|▼↓v")
        rung = LEVEL_ID.match(bare)
        if rung:
            own = " ".join(re.findall(r"\(([^()]*)\)", bare))
            role = re.sub(r"\([^()]*\)", "", bare[rung.end() :]).strip(" -–—:")  # noqa: RUF001 - dashes people type
            found += [_level(rung[0], role, f"{terms} {own}".strip(), line, count + len(found))] if role else []
            terms = ""
        else:
            terms = f"{terms} {bare}".strip(" ()")
    return found if len(found) >= CHAIN_LENGTH else []


def _from_chain(block: Block, count: int) -> Iterator[Level]:
    """Read "On-call -> Team lead (30 min) -> CTO"."""
    text = block.text.strip()
    if not re.search(r"→|➜|⇒|->|=>|↓", text) or len(text) > 600:  # noqa: PLR2004 - longer is prose
        return
    parts = [part for part in _CHAIN.split(text) if part.strip(" |│")]
    if len(parts) < CHAIN_LENGTH or any(len(part.split()) > NAME_WORDS + 4 for part in parts):
        return
    for number, part in enumerate(parts):
        terms = " ".join(re.findall(r"\(([^()]*)\)", part))
        role = re.sub(r"\([^()]*\)", "", plain(part)).strip()
        line = (block.body_line or block.line) + text.count("\n", 0, text.find(part))
        yield _level("", role, terms, line, count + number)


def _dash(text: str) -> list[str]:
    parts = re.split(r"\s+[-–—]\s+|,\s+(?=if|after|when|once)", text.strip(" -–—:"))  # noqa: RUF001 - dashes people type
    return parts if len(parts) > 1 else []


def _level(name: str, role: str, terms: str, line: int, count: int) -> Level:
    found = LEVEL_ID.match(name.strip())
    role = role.strip(" -–—:,.") or name  # noqa: RUF001 - dashes people type
    level_id = (
        f"L{found['number']}" if found else (name.strip() if _PLACE.match(name.strip()) else "") or f"L{count + 1}"
    )
    within = duration_in(terms)
    responds = within is not None and bool(_RESPONDS.search(terms)) and not re.search(r"\b(if|no|not|after)\b", terms)
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
