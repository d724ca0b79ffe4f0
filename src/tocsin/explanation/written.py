"""The document as it is written, line by line, with what each line looks like; wrongly decoded characters repaired."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from tocsin.runbook.document import Block, front_matter, parse

Look = Literal["heading", "text", "item", "code", "mark", "table", "comment", "rule", "blank"]
"""`mark` is a line that begins or ends a fence, `rule` one drawn across, `comment` HTML that nobody sees."""

_LOOKS: dict[str, Look] = {
    "heading": "heading", "paragraph": "text", "item": "item", "fence": "code", "table": "table", "comment": "comment",
    "rule": "rule",
}  # fmt: skip


class Written(NamedTuple):
    """One line. `depth` is the level of a heading or item; `block` is the first line of the block it stands in."""

    number: int
    text: str
    look: Look
    depth: int
    block: int


def written(lines: tuple[str, ...]) -> tuple[Written, ...]:
    """Give each line of a decoded document with its look, in order."""
    looks: dict[int, Written] = {n: _front(n, lines) for n in range(1, front_matter(lines) + 1)}
    for block in parse(lines):
        for number in range(block.line, min(block.end_line, len(lines)) + 1):
            text = lines[number - 1]
            looks[number] = Written(number, text, _look(block, number, text), block.level, block.line)
    return tuple(looks.get(n) or _between(n, text) for n, text in enumerate(lines, 1))


def prose(one: Written) -> str:
    """Give the words of a line of prose without what only says how they are set: hashes, bullets, numbers stay out."""
    text = one.text.strip()
    if one.look == "heading":
        return text.strip("#").strip()
    if one.look == "item" and one.number == one.block and text[:1] in "-*+":
        return f"– {text[1:].strip()}"  # noqa: RUF001 - a bullet as people draw it
    return text


def _front(number: int, lines: tuple[str, ...]) -> Written:
    return Written(number, lines[number - 1], "comment", 0, 1)


def _between(number: int, text: str) -> Written:
    return Written(number, text, "text" if text.strip() else "blank", 0, number)


def _look(block: Block, number: int, text: str) -> Look:
    if block.kind == "fence" and number in _marks(block, text, number):
        return "mark"
    if block.kind == "heading" and number > block.line:
        return "rule"  # the line of dashes under it
    if not text.strip() and block.kind != "fence":
        return "blank"
    return _LOOKS[block.kind]


def _marks(block: Block, text: str, number: int) -> Iterator[int]:
    """Give the lines that begin and end a fence; an indented one has none, and one may be left open."""
    if block.body_line > block.line:
        yield block.line
        if number == block.end_line and text.strip()[:3] in ("```", "~~~"):
            yield number
