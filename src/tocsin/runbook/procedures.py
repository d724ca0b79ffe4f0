"""A section of steps: fences, list items and paragraphs in the order in which they stand become branches."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import msgspec

from tocsin.runbook.annotations import Annotation
from tocsin.runbook.commandlike import other_than_command
from tocsin.runbook.comments import CONDITION, PROHIBITION
from tocsin.runbook.document import Block
from tocsin.runbook.durations import duration_in
from tocsin.runbook.instructions import begins_with_order, is_to_write, only_looks, told_in
from tocsin.runbook.leads import announces_output
from tocsin.runbook.names import plain
from tocsin.runbook.policy import Branch, Step
from tocsin.runbook.sections import Section
from tocsin.runbook.steps import StepReader, is_command
from tocsin.runbook.tables import records

_SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_BOX = re.compile(r"^\[[ xX]?\]\s+")
_FORM = re.compile(r"\b(?:template|form|format|outline)\b", re.IGNORECASE)
_TIME_ONLY = re.compile(r"^(?:within|after|by|in)\s+[\w\s-]{3,20}:?$", re.IGNORECASE)
_DOING = {"action": r"^(?:actions?|steps?|tasks?|what to do|do|procedure|actions? to take|response)$"}
_LINK = re.compile(r"!?\[[^\[\]]*\]\([^()]*\)")
_POINTER = re.compile(rf"^(?:\*\*|__)?{_LINK.pattern}(?:\*\*|__)?\s*(?:[-–—:]\s|$)")  # noqa: RUF001 - dashes people type
_STATING = re.compile(
    r"\b(?:causes|reasons|examples|symptoms|signs|indicators|signals|detected|include[sd]?|affected|capture|determine|expected)\b"
    r"[^.]*:$",
    re.IGNORECASE,
)
_RUN = re.compile(
    r"\b(?:run|running|execute|executing|type|try|issue|invoke|use|using|do|check)(?:\s+the)?\W{0,3}$", re.IGNORECASE
)
_ASKED = re.compile(r"\b(?:run|running|execute|executing|with|using)\W{1,3}$", re.IGNORECASE)
# A program with an option, or after "run" with a word at least, in the letters of commands only.
_CALL = re.compile(r"[a-z][\w.-]+(?:\s+[\w./:=@,-]+)+$")
FEW_WORDS, LEAD = 3, 200
Name = Literal["diagnostics", "resolution", "other"]


def read_procedure(section: Section, name: Name, reader: StepReader) -> list[Branch]:
    """Give the branches of a diagnosis or a resolution; `name` is the section its steps belong to."""
    found: list[Branch] = []
    condition: tuple[str, int] | None = None
    for owner in section.walk():
        if owner is not section:
            reader.ledger.claim(owner.line)
            condition = (owner.title, owner.line) if CONDITION.match(owner.title) else None
        before: Block | None = None
        lead: Block | None = None
        for block in owner.blocks:
            shown = before is not None and announces_output(before.text)
            lead = lead if block.kind == "item" else block
            before = block
            stated = _states(lead, block) or (owner.role == "causes" and not is_to_do(block))
            if block.kind == "item" and (stated or _is_link(block)):
                continue
            opened = _condition(block)
            if opened is not None:
                reader.ledger.claim_block(block)
                condition = opened
                continue
            told = block.line == owner.line and owner.is_label  # "**Fix**: restart it"
            branches = _read(block, name, reader, owner.notes.get(block.line, ()), told=told, shown=shown)
            found += [_under(branch, condition) for branch in branches]
    return _together(found)


def read_own(section: Section, name: Name | None, reader: StepReader) -> list[Branch]:
    """Give the branches of a section's own blocks, without those below it and without what was read before.

    Without a `name` each block goes where its words put it: what only looks is diagnosis, the rest resolution.
    """
    found: list[Branch] = []
    before: Block | None = None
    for block in section.blocks:
        shown = before is not None and announces_output(before.text)
        before = block
        if block.line in reader.ledger.lines:
            continue
        told = block.line == section.line and section.is_label and begins_with_order(block.text)
        notes = section.notes.get(block.line, ())
        found += _read(block, name or part_of(block), reader, notes, told=told, shown=shown)
    return _together(found)


def read_place(section: Section, name: Name, reader: StepReader) -> list[Branch]:
    """Give the steps of a section outside the entries: only what clearly is to be done."""
    if _FORM.search(section.title):
        return []
    return read_own(section if name != "other" else only_to_do(section), name, reader)


def only_to_do(section: Section) -> Section:
    """Give a section whose items that only state something are read like running text, for what they may ask for."""
    listed = section.role not in ("severities", "escalation", "contacts")
    blocks = [
        msgspec.structs.replace(block, kind="paragraph")
        if block.kind == "item" and not (is_to_do(block) and (listed or not block.info[:1].isdigit()))
        else block
        for block in section.blocks
        if not block.quote
    ]
    return replace(section, blocks=blocks)


def holds_command(text: str) -> bool:
    """Tell whether a text has a command in a code span."""
    return any(is_command(span) for span in _SPAN.findall(text))


def part_of(block: Block) -> Name:
    """Give the part of an entry that a block without a label is of."""
    text = block.text
    if block.kind == "fence":
        lines = [line.strip().removeprefix("$ ") for line in text.split("\n")]
        does = [line for line in lines if line and not line.startswith("#")]
        return "diagnostics" if does and all(only_looks(line) for line in does[:20]) else "resolution"
    spans = [span for span in _SPAN.findall(text) if is_command(span)]
    return "diagnostics" if all(only_looks(span) for span in spans or [text]) else "resolution"


def is_to_do(block: Block) -> bool:
    """Tell what has to be done from what is only stated: a numbered item, a box to tick, an order, a command."""
    bare = _BOX.sub("", block.text)
    if _is_link(block) or _TIME_ONLY.match(plain(bare)):
        return False
    numbered = block.info[:1].isdigit() and "](#" not in block.text
    return numbered or bare != block.text or begins_with_order(bare) or holds_command(block.text)


def _is_link(block: Block) -> bool:
    """Tell an item that only points somewhere: a link with hardly a word besides, or with what is found there."""
    if "](" not in block.text or (block.info[:1].isdigit() and begins_with_order(block.text)):
        return False
    few = len(_LINK.sub("", block.text).split()) < FEW_WORDS
    return few or (not block.info[:1].isdigit() and _POINTER.match(block.text) is not None)


def _states(before: Block | None, block: Block) -> bool:
    """Tell an item of a list that says what may be so, by the words above it: "Common causes:"."""
    lead = plain(before.text[-LEAD:]) if before is not None and before.kind == "paragraph" else ""
    return bool(lead) and _STATING.search(lead) is not None and not is_to_do(block)


def _condition(block: Block) -> tuple[str, int] | None:
    """Give the condition a paragraph such as "If the disk is full:" sets for what follows it."""
    text = plain(block.text)
    if block.kind == "paragraph" and text.endswith(":") and CONDITION.match(text) and not any(told_in(block.text, 1)):
        return text.rstrip(":"), block.line
    return None


def _under(branch: Branch, condition: tuple[str, int] | None) -> Branch:
    if condition is None or branch.condition is not None:
        return branch
    return msgspec.structs.replace(branch, condition=condition[0], line=condition[1])


def _read(
    block: Block, name: Name, reader: StepReader, notes: tuple[Annotation, ...], *, told: bool, shown: bool
) -> Iterator[Branch]:
    if block.kind == "fence":
        yield from _annotated(reader.fence(block, name, shown=shown), notes)
    elif block.kind == "item" or (block.kind == "paragraph" and told):
        reader.ledger.claim_block(block)
        steps = tuple(_item_steps(block, name, reader))
        text = _BOX.sub("", plain(block.text))
        condition = text if CONDITION.match(text) and block.kind == "item" else None
        yield Branch(condition=condition, steps=steps, line=block.line)
    elif block.kind == "table":
        steps = reader.table(block, name) or tuple(_asked(block, name, reader))
        if steps:
            yield Branch(condition=None, steps=steps, line=block.line)
    elif block.kind == "paragraph":
        steps = tuple(_told_steps(block, name, reader))
        if steps:
            reader.ledger.claim_block(block)
            yield Branch(condition=None, steps=steps, line=block.line)


def _asked(table: Block, name: Name, reader: StepReader) -> Iterator[Step]:
    """Give the steps of a table with a column of what is to be done, where most of its cells are orders."""
    rows = [row for row in records(table, _DOING) if "action" in row.cells]
    orders = [row for row in rows if begins_with_order(row.cells["action"])]
    if orders and len(orders) * 2 >= len(rows):
        reader.ledger.claim_block(table)
        yield from (_by_hand(row.cells["action"], name, row.line, reader) for row in orders)


def _told_steps(block: Block, name: Name, reader: StepReader) -> Iterator[Step]:
    """Give the steps of running text: commands in it, and sentences that ask for something."""
    commands = list(_spans(block, told=True))
    lines = {line for _, line in commands}
    told = list(told_in(block.text, block.line))
    for span, line in commands:
        title = next((one.text for one in told if " ".join(span.split()) in one.text), "")
        yield reader.command(" ".join(span.split()), title, name, line, line + span.count("\n"))
    for one in told:
        if not any(line in lines and " ".join(span.split()) in one.text for span, line in commands):
            yield _by_hand(one.text, name, one.line, reader)
    if not told and not commands and PROHIBITION.match(plain(block.text)):
        yield _by_hand(plain(block.text), name, block.line, reader)


def _item_steps(block: Block, name: Name, reader: StepReader) -> Iterator[Step]:
    text = _BOX.sub("", plain(block.text))
    commands = [(text, block.line)] if _is_bare_command(block.text, text) else list(_spans(block))
    for span, line in commands:
        yield reader.command(" ".join(span.split()), text, name, line, line + span.count("\n"))
    if not commands and text and not is_to_write(text):
        yield _by_hand(text, name, block.line, reader)


def _by_hand(text: str, name: Name, line: int, reader: StepReader) -> Step:
    return reader.manual(text.rstrip(":"), name, line, "prohibition" if PROHIBITION.match(text) else "manual")


def _is_bare_command(raw: str, text: str) -> bool:
    """Tell an item that is a command and nothing else, without a code span: "2) lpstat -p lane4"."""
    if "`" in raw or other_than_command(text, certain=False) is not None:
        return False
    return is_command(text) and re.search(r"(?:^sudo |\s-{1,2}\w|/)", text) is not None


def _spans(block: Block, *, told: bool = False) -> Iterator[tuple[str, int]]:
    """Give the code spans that are commands, with their lines.

    Of running text those are left out that only name a command (`oc logs`); a program nobody knows is one where the
    words before it say to run it.
    """
    for found in _SPAN.finditer(block.text):
        before, words = block.text[max(found.start() - 40, 0) : found.start()], found[1].split()
        names = told and len(words) < FEW_WORDS and not _RUN.search(before)
        asked = _ASKED.search(before) is not None and _CALL.match(found[1]) is not None
        if (is_command(found[1]) and not names) or asked:
            yield found[1], block.line + block.text.count("\n", 0, found.start())


def _annotated(branches: tuple[Branch, ...], notes: tuple[Annotation, ...]) -> Iterator[Branch]:
    """Put what `tocsin:step` says on every step of the fence below it."""
    step = next((note for note in notes if note.what == "step"), None)
    for branch in branches:
        if step is None:
            yield branch
            continue
        limit = step.get("timeout")
        changed = tuple(
            msgspec.structs.replace(s, risk=step.get("risk"), timeout=duration_in(limit) if limit else None)
            for s in branch.steps
        )
        yield msgspec.structs.replace(branch, steps=changed)


def _together(branches: list[Branch]) -> list[Branch]:
    """Join neighbours under the same condition."""
    found: list[Branch] = []
    for branch in branches:
        if found and found[-1].condition == branch.condition and found[-1].kind == branch.kind == "branch":
            found[-1] = msgspec.structs.replace(found[-1], steps=found[-1].steps + branch.steps)
        else:
            found.append(branch)
    return found
