"""The severities: as headings with criteria below, as table rows, or as list items. Source: "Severity Levels"."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from tocsin.runbook.document import Block
from tocsin.runbook.instructions import begins_with_order
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import plain, unnumbered
from tocsin.runbook.policy import Criterion, Response, Severity
from tocsin.runbook.responses import response_in
from tocsin.runbook.sections import Section
from tocsin.runbook.tables import Record, records
from tocsin.runbook.titles import is_of_severity, is_phase

SEVERITY_ID = re.compile(
    r"\b(?:P-?[0-5]|SEV(?:ERITY)?[\s-]?(?:[0-5]|[A-D]\b)|S[0-5]|D[0-5]|(?:Priority|Level)\s[0-5])\b", re.IGNORECASE
)
_COLUMNS = {
    "resolve": r"resol|restor|\bfix\b|recover|\bmttr\b",
    "update": r"update|cadence|frequency|communicat",
    "escalate": r"escalat",
    "response": r"respon|reaction|answer|\bsla\b|target|acknowledge|\back\b|\btime\b|within",
    "examples": r"example|symptom",
    "criteria": r"descri|defin|criteri|impact|when|trigger|mean|situation|scope|condition|characteri|detail",
    "name": r"\bname\b|label",
    "id": r"sever|\bsev\b|level|prio|class|rating|^p$|^id$|^code$|^tier$",
}
_ITEM = re.compile(r"^(?:\*\*(?P<bold>[^*]+)\*\*|(?P<id>[A-Za-z]+[ -]?[0-9A-E]?))\s*(?P<rest>.*)$", re.DOTALL)
_WORDS = re.compile(
    r"^(?:critical|high|medium|low|major|minor|moderate|urgent|severe|normal|warning|info(?:rmational)?|red|amber|"
    r"orange|"
    r"yellow|green|blue|emergency|trivial)\b",
    re.IGNORECASE,
)
# What is said of a severity besides what it is: when it is answered, who is told, what is done.
_RESPONSE_LABEL = re.compile(
    r"^(?:(?:initial |first |target )?(?:response(?: time| target)?|sla|respond(?: within)?|acknowledge(?:ment)?)|"
    r"time to respond)\b[^:]*:",
    re.IGNORECASE,
)
_CRITERIA_LABEL = re.compile(
    r"^(?:examples?|criteria|definition|description|impact|symptoms?|characteristics?|conditions?|includes?|"
    r"indicators?|"
    r"when|scope|what it means|applies)\b",
    re.IGNORECASE,
)
_OTHER_PAIR = re.compile(r"^[\w /-]{3,30}:\s")
_RESPONDS = re.compile(
    r"\b(?:respon[ds]\w*|answer\w*|acknowledge\w*|ack|target|call(?:ed)?|page[ds]?|within|immediate\w*|at once|"
    r"sla|next business day)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?<=[.;])\s+|\s+\((?=[^()]*\)\s*$)|,\s+(?=[^,]*$)|\s+[-–—]\s+(?=[^–—]*$)")  # noqa: RUF001 - dashes people type
# Who is told, and how, says nothing of when a severity is the right one.
_TOLD = re.compile(
    r"^(?:(?:page|call|phone|notify|alert|wake|inform)\s+(?:the\s+)?(?:primary|secondary|on-?call|team|everyone|"
    r"everybody|all|lead|manager|engineer|backup)|(?:e-?mail|ticket|slack|sms|chat|backlog)(?:\s+only)?$)",
    re.IGNORECASE,
)
# "SEV1: no orders. Target: answered in 5 min, mended in 1 h".
_AIMED = re.compile(r"(?:^|[.;,–—-]\s+)(?:targets?|sla|response(?: time)?|ack(?:nowledge\w*)?)\s*:", re.IGNORECASE)  # noqa: RUF001 - dashes people type
_ONLY_TIME = re.compile(
    r"^[\s(<≤~]*(?:within\s+|in\s+)?(?:immediate(?:ly)?|at once|asap|(?:next|one|1) (?:business |working )?day|"
    r"[0-9]{1,3}(?:\s*[-–]\s*[0-9]{1,3})?\s*(?:s|m|h|d|min|mins|minutes?|hours?|hrs?|days?|business days?))[\s).]*$",  # noqa: RUF001 - as above
    re.IGNORECASE,
)
SAID_SHORTLY = 9


def read_severities(sections: Iterable[Section], elsewhere: Iterable[Section], ledger: Ledger) -> tuple[Severity, ...]:
    """Give the severities of the document, most urgent first as written; definitions of one id are put together.

    `sections` are about severities; of those `elsewhere`, only tables and items that carry a severity's id count.
    """
    found: dict[str, Severity] = {}
    others = tuple(elsewhere)
    given = [s for section in sections for s in (*_from_headings(section, ledger), *_from_blocks(section, ledger))]
    if not given:
        given = [s for section in others for s in _from_blocks(section, ledger, certain=False)]
    if not given:
        given = [s for section in others if _lists(section) for s in _from_headings(section, ledger)]
    for severity in given:
        known = found.get(severity.id)
        found[severity.id] = severity if known is None else _merged(known, severity)
    return tuple(found.values())


def _lists(section: Section) -> bool:
    """Tell a section of any title whose labels or headings are severities, several of them, with what they are."""
    ids = [child for child in section.children if SEVERITY_ID.match(child.title) and not is_phase(child.title)]
    told = all(block.kind == "item" and not block.info[:1].isdigit() for child in ids for block in child.blocks)
    return len({severity_id_in(child.title) for child in ids}) > 1 and told and any(child.blocks for child in ids)


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


def _from_headings(section: Section, ledger: Ledger) -> Iterator[Severity]:
    for child in section.children:
        named = is_of_severity(child.title) or SEVERITY_ID.match(child.title)
        if (named or (_WORDS.match(child.title) and not child.is_label)) and not is_phase(child.title):
            ledger.claim(child.line)
            yield _described(_titled(child.title, child.line), child, ledger)
        elif child.children and not child.is_label:
            yield from _from_headings(child, ledger)
            yield from _from_blocks(child, ledger)
        else:
            yield from _from_blocks(child, ledger)


def _titled(title: str, line: int) -> Severity:
    """Read "P0 - Critical (Response Time: Immediate)"."""
    found = SEVERITY_ID.search(title)
    asides = " ".join(re.findall(r"\(([^()]*)\)", title))
    bare = re.sub(r"\([^()]*\)", "", title)
    before, _, behind = bare.partition(found[0]) if found and found[0] in bare else ("", "", bare)
    name = (behind.strip(" -–—:,/") or before.strip(" -–—:,/")) if found else ""  # noqa: RUF001 - dashes people type
    name = unnumbered(name) or (asides.strip() if found and _WORDS.fullmatch(asides.strip()) else "")
    return Severity(
        id=canonical(found[0] if found else bare.strip(" -–—:,")),  # noqa: RUF001 - as above
        name=name or None,
        response=response_in(asides) or response_in(title),
        line=line,
    )


def _described(severity: Severity, section: Section, ledger: Ledger) -> Severity:
    """Add what stands below a severity's heading: criteria as items or after "Definition:", the response time."""
    criteria: list[Criterion] = []
    response: Response | None = None  # what a line of its own says is more exact than the title
    for owner in section.walk():
        label = f"{owner.title}:" if owner is not section else ""
        if label and _RESPONSE_LABEL.match(label):
            response = response or response_in(owner.rest) or response_in(owner.title)
            ledger.claim(owner.line)
        if label and not _CRITERIA_LABEL.match(label):
            continue
        if owner is not section:
            ledger.claim(owner.line)
        for block in owner.blocks:
            text = plain(block.text)
            if _RESPONSE_LABEL.match(text):
                response = response or response_in(text)
                ledger.claim_block(block)
            elif _is_criterion(block, text, labelled=bool(label)):
                criteria.append(Criterion(_without_label(text), block.line))
                ledger.claim_block(block)
    return msgspec.structs.replace(severity, response=response or severity.response, criteria=tuple(criteria))


def _is_criterion(block: Block, text: str, *, labelled: bool) -> bool:
    if block.kind == "item":
        return labelled or bool(_CRITERIA_LABEL.match(text)) or not (_OTHER_PAIR.match(text) or begins_with_order(text))
    return block.kind == "paragraph" and labelled


def _without_label(text: str) -> str:
    found = re.match(r"^[A-Za-z /]{3,20}:\s+(?P<rest>\S.*)$", text, re.DOTALL) if _CRITERIA_LABEL.match(text) else None
    return found["rest"] if found else text


def _from_blocks(section: Section, ledger: Ledger, *, certain: bool = True) -> Iterator[Severity]:
    last: Severity | None = None
    named = _are_named(section.blocks) if certain else False
    for block in section.blocks:
        if block.kind == "table":
            yield from _from_table(block, ledger)
        elif block.kind == "item" and block.level == 1 and (certain or SEVERITY_ID.match(plain(block.text))):
            if last is not None:
                yield last
            last = _from_item(block, named=named)
            if last is not None:
                ledger.claim_block(block)
        elif block.kind == "item" and last is not None:
            ledger.claim_block(block)
            last = _with_line(last, plain(block.text), block.line)
    if last is not None:
        yield last


def _with_line(severity: Severity, text: str, line: int) -> Severity:
    """Add an item nested below a severity's: its response time, or a criterion."""
    if _RESPONSE_LABEL.match(text):
        return msgspec.structs.replace(severity, response=severity.response or response_in(text))
    if not _CRITERIA_LABEL.match(text) and _OTHER_PAIR.match(text):
        return severity
    return msgspec.structs.replace(severity, criteria=(*severity.criteria, Criterion(_without_label(text), line)))


def _are_named(blocks: Iterable[Block]) -> bool:
    """Tell whether a list names its severities by words ("Red: ...", "Amber: ..."), at least two of them."""
    items = [plain(block.text) for block in blocks if block.kind == "item" and block.level == 1]
    return sum(bool(_WORDS.match(text)) for text in items) >= min(2, max(len(items), 1))


def _from_table(table: Block, ledger: Ledger) -> Iterator[Severity]:
    rows = records(table, _COLUMNS)
    for row in rows:
        cell = row.cells.get("id") or next((text for text in row.texts[:2] if SEVERITY_ID.match(text)), None)
        if cell and (severity_id_in(cell) or "response" in row.cells or _WORDS.match(cell)):
            ledger.claim(table.line, table.end_line)
            yield _from_row(cell, row)


def _from_row(cell: str, row: Record) -> Severity:
    title = (
        _titled(cell, row.line) if severity_id_in(cell) else Severity(id=cell, name=None, response=None, line=row.line)
    )
    told = [text for kind in ("criteria", "examples") if (text := row.cells.get(kind))]
    return msgspec.structs.replace(
        title,
        name=title.name or row.cells.get("name"),
        response=response_in(row.cells.get("response", "")) or title.response,
        criteria=tuple(Criterion(text, row.line) for text in told),
    )


def _from_item(block: Block, *, named: bool) -> Severity | None:
    found = _ITEM.match(block.text)
    if found is None:
        return None
    title = plain(found["bold"] or found["id"] or "").rstrip(":")
    rest = plain(found["rest"]).lstrip(" -–—:=")  # noqa: RUF001 - dashes people type
    criterion, response = _told(rest)
    response = response or response_in(title)
    worded = named and _WORDS.match(title) is not None
    if not severity_id_in(title) and not (found["bold"] and response) and not worded:
        return None
    known = _titled(title, block.line) if severity_id_in(title) else Severity(
        id=title, name=None, response=None, line=block.line
    )  # fmt: skip
    return msgspec.structs.replace(
        known, response=response, criteria=(Criterion(criterion, block.line),) if criterion else ()
    )


def _told(text: str) -> tuple[str, Response | None]:
    """Part what a severity's line says that it is from when it is answered: "Gates closed, call at once"."""
    aside = re.match(r"\((?P<name>[^()]*)\)\s*[:–—-]?\s*", text)  # noqa: RUF001 - dashes people type
    response = response_in(aside["name"]) if aside else None
    left = text[aside.end() :] if aside else text
    aimed = _AIMED.search(left)
    if aimed:
        left, response = left[: aimed.start()], response or response_in(left[aimed.start() :])
    while cut := _cut(left):
        response = response_in(left[cut.end() :]) or response
        left = left[: cut.start()]
    if _speaks_of_response(left):
        return "", response_in(left) or response
    bare = left.strip(" .;,")
    return ("" if _TOLD.match(bare) else bare), response


def _cut(text: str) -> re.Match[str] | None:
    """Give where the words on the response begin at the end of a text, None where it does not end in such."""
    cuts = list(_CLAUSE.finditer(text))[-SAID_SHORTLY:]
    return next((cut for cut in reversed(cuts) if _speaks_of_response(text[cut.end() :].rstrip(")"))), None)


def _speaks_of_response(text: str) -> bool:
    if response_in(text) is None:
        return False
    return _ONLY_TIME.match(text) is not None or (bool(_RESPONDS.search(text)) and len(text.split()) < SAID_SHORTLY)


def is_urgent(response: Response | None) -> bool:
    """Tell whether a response is asked for at once."""
    return response is not None and response.kind == "immediate"
