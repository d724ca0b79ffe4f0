"""Who can be reached how, as written. Source: "Contacts"."""

import re
from collections.abc import Iterable, Iterator

from tocsin.guard.placeholders import placeholder_in_prose
from tocsin.runbook.document import Block
from tocsin.runbook.instructions import begins_with_order
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import normal, plain
from tocsin.runbook.policy import Contact
from tocsin.runbook.sections import Section

# How somebody is reached: a handle, a number, an address, a channel.
REACHED = re.compile(
    r"(?<![\w.])[@#]\w|\+?[0-9X(][0-9X ()./-]{5,}[0-9X]|\w@\w|https?:|\b(?:pager|phone|tel|mobile|ext)\b\W{0,3}[0-9]",
    re.IGNORECASE | re.ASCII,
)
_COLUMNS = {
    "first": r"\b(?:first|initial|primary|escalation)\b",
    "reach": r"contact|phone|\btel\b|mail|slack|pager|handle|\bnumber\b|mobile|reach|\bcell\b",
    "rung": r"level|tier|sever|\bsev\b|prio|step|stage|time|after|when|within|respon|answer|\back|sla|hours|notes?|"
    "condition",
    "name": r"role|name|who|person|team|service|vendor|provider|area|title|position|function|escalat",
}
LONG_NAME = 6
_RUNGS = ("first", "rung")
_PAIR = re.compile(r"^(?P<name>[^:]{1,60}?)\s*(?::\s+|\s[-–—]\s)(?P<value>\S.*)$", re.DOTALL)  # noqa: RUF001


def read_contacts(
    sections: Iterable[Section], calling: Iterable[Section], elsewhere: Iterable[Section], ledger: Ledger
) -> tuple[Contact, ...]:
    """Give the contacts of list items, table rows and "name: value" lines, in document order.

    In the sections on `calling` somebody, a line counts that says how they are reached; `elsewhere`, a table that has
    a column for it.
    """
    found: list[Contact] = []
    for top in sections:
        for section in top.walk():
            ledger.claim(section.line)
            if section is not top and section.is_label and section.rest:
                found.append(Contact(name=section.title, value=plain(section.rest), line=section.line))
                ledger.claim(section.line, section.line + section.rest.count("\n"))
                continue
            for block in section.blocks:
                contacts = list(_in_block(block))
                if contacts:
                    ledger.claim_block(block)
                found += contacts
    known = {contact.line for contact in found}
    for section, listed in (*((part, True) for part in calling), *((part, False) for part in elsewhere)):
        for block in section.blocks:
            more = [one for one in _beside(block, listed=listed) if one.line not in known]
            if more:
                ledger.claim_block(block)
            known |= {contact.line for contact in more}
            found += more
    found.sort(key=lambda contact: contact.line)
    for contact in found:
        _lint(contact, ledger)
    return tuple(found)


def _beside(block: Block, *, listed: bool) -> Iterator[Contact]:
    """Give the contacts of a block that is about something else, such as the rungs of an escalation path."""
    if block.kind == "table":
        yield from _with_column(block)
    elif block.kind == "item" and listed:
        yield from (one for one in _in_block(block) if REACHED.search(one.value) and _is_name(one.name))


def _is_name(text: str) -> bool:
    return len(text.split()) <= LONG_NAME and not begins_with_order(f"{text} it")


def _with_column(table: Block) -> Iterator[Contact]:
    """Give the contacts of a table with a column for how somebody is reached, named by the first that says who."""
    kinds = [_kind(cell) for cell in table.rows[0].cells] if table.rows else []
    if "reach" not in kinds or not ("name" in kinds or kinds.count("reach") > 1):
        return
    for row in table.rows[1:]:
        told = [(kind, plain(cell)) for kind, cell in zip(kinds, row.cells, strict=False) if kind not in _RUNGS]
        given = [(kind, text) for kind, text in told if text.strip(" -–—")]  # noqa: RUF001 - dashes people type
        named = next((at for at, (kind, _) in enumerate(given) if kind == "name"), 0)
        rest = [text for at, (_, text) in enumerate(given) if at != named]
        if rest and any(kind == "reach" for kind, _ in given[:named] + given[named + 1 :]):
            yield Contact(name=given[named][1], value=", ".join(rest), line=row.line)


def _kind(header: str) -> str | None:
    words = normal(header)
    return next((kind for kind, pattern in _COLUMNS.items() if re.search(pattern, words)), None)


def _in_block(block: Block) -> Iterator[Contact]:
    if block.kind == "table":
        for row in block.rows[1:]:
            cells = [plain(cell) for cell in row.cells]
            value = ", ".join(cell for cell in cells[1:] if cell.strip(" -–—"))  # noqa: RUF001 - dashes people type
            if cells and cells[0] and value:
                yield Contact(name=cells[0], value=value, line=row.line)
    elif block.kind in ("item", "paragraph"):
        for number, line in enumerate(block.text.split("\n"), block.line):
            pair = _PAIR.match(plain(line))
            if pair:
                yield Contact(name=pair["name"], value=pair["value"].strip(), line=number)


def _lint(contact: Contact, ledger: Ledger) -> None:
    blank = placeholder_in_prose(contact.value)
    if blank:
        ledger.error(
            "RB101", contact.line,
            f"{contact.value} is a placeholder, so {contact.name} cannot be reached; write the real one.",
        )  # fmt: skip
