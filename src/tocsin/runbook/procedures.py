"""A section of steps: fences, list items and paragraphs in the order in which they stand become branches."""

import re
from collections.abc import Iterator

import msgspec

from tocsin.runbook.annotations import Annotation
from tocsin.runbook.comments import CONDITION, PROHIBITION
from tocsin.runbook.document import Block
from tocsin.runbook.durations import duration_in
from tocsin.runbook.names import plain
from tocsin.runbook.policy import Branch, Step
from tocsin.runbook.sections import Section
from tocsin.runbook.steps import StepReader, is_command

_SPAN = re.compile(r"`([^`]+)`")


def read_procedure(section: Section, name: str, reader: StepReader) -> list[Branch]:
    """Give the branches of a diagnosis or a resolution; `name` is the section its steps belong to."""
    found: list[Branch] = []
    condition: tuple[str, int] | None = None
    for owner in section.walk():
        if owner is not section:
            reader.ledger.claim(owner.line)
            condition = (owner.title, owner.line) if CONDITION.match(owner.title) else None
        for block in owner.blocks:
            opened = _condition(block)
            if opened is not None:
                reader.ledger.claim_block(block)
                condition = opened
                continue
            told = block.line == owner.line and owner.is_label  # "**Fix**: restart it"
            branches = _read(block, name, reader, owner.notes.get(block.line, ()), told=told)
            found += [_under(branch, condition) for branch in branches]
    return _together(found)


def _condition(block: Block) -> tuple[str, int] | None:
    """Give the condition a paragraph such as "If the disk is full:" sets for what follows it."""
    text = plain(block.text)
    if block.kind == "paragraph" and text.endswith(":") and CONDITION.match(text):
        return text.rstrip(":"), block.line
    return None


def _under(branch: Branch, condition: tuple[str, int] | None) -> Branch:
    if condition is None or branch.condition is not None:
        return branch
    return msgspec.structs.replace(branch, condition=condition[0], line=condition[1])


def _read(
    block: Block, name: str, reader: StepReader, notes: tuple[Annotation, ...], *, told: bool
) -> Iterator[Branch]:
    if block.kind == "fence":
        yield from _annotated(reader.fence(block, name), notes)
    elif block.kind == "item" or (block.kind == "paragraph" and (told or _tells(block.text))):
        reader.ledger.claim_block(block)
        steps = tuple(_item_steps(block, name, reader))
        text = plain(block.text)
        condition = text if CONDITION.match(text) and block.kind == "item" else None
        yield Branch(condition=condition, steps=steps, line=block.line)


def _tells(text: str) -> bool:
    """Tell a paragraph that asks for something from one that only explains."""
    return bool(PROHIBITION.match(plain(text)) or any(is_command(span) for span in _SPAN.findall(text)))


def _item_steps(block: Block, name: str, reader: StepReader) -> Iterator[Step]:
    text = plain(block.text)
    spans = [span for span in _SPAN.findall(block.text) if is_command(span)]
    for span in spans:
        yield reader.command(span, text, name, block.line, block.end_line)
    if not spans:
        kind = "prohibition" if PROHIBITION.match(text) else "manual"
        yield reader.manual(text.rstrip(":"), name, block.line, kind)


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
