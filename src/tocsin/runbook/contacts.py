"""Who can be reached how, as written. Source: "Contacts"."""

import re
from collections.abc import Iterable, Iterator

from tocsin.guard.placeholders import placeholder_in_prose
from tocsin.runbook.document import Block
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import plain
from tocsin.runbook.policy import Contact
from tocsin.runbook.sections import Section

_PAIR = re.compile(r"^(?P<name>[^:]{1,60}?)\s*(?::\s+|\s[-–—]\s)(?P<value>\S.*)$", re.DOTALL)  # noqa: RUF001


def read_contacts(sections: Iterable[Section], ledger: Ledger) -> tuple[Contact, ...]:
    """Give the contacts of list items, table rows and "name: value" lines, in document order."""
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
    for contact in found:
        _lint(contact, ledger)
    return tuple(found)


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
