"""Shell text becomes statements and comments, by the shell's own grammar; nothing is run."""

import re
from functools import cache
from typing import NamedTuple

from tree_sitter import Language, Node, Parser
from tree_sitter_bash import language

from tocsin.guard.placeholders import ANGLE

_PROMPT = re.compile(r"^(\s*)[$#%] (?=\S)")
_PROMPT_DOLLAR = re.compile(r"^\s*\$ \S")


class Part(NamedTuple):
    """A statement or one comment line. Lines are 0-based within the text and inclusive.

    `broken` is set on statements that the shell grammar cannot read.
    """

    kind: str
    text: str
    line: int
    end_line: int
    broken: bool = False


@cache
def _parser() -> Parser:
    return Parser(Language(language()))


def tree(text: str) -> Node:
    """Give the root of a shell text's syntax tree."""
    return _parser().parse(text.encode()).root_node


def split(body: str) -> list[Part]:
    """Give the statements and stand-alone comments of a shell text, in order.

    `$ ` prompts are taken off; what stands between prompts is output and is left out. Placeholders in angle
    brackets are read as words, not as redirections. A comment behind a statement belongs to it.
    """
    text = _without_transcript(body)
    readable = ANGLE.sub(lambda m: re.sub(r"\W", "_", m[0]), text)
    data, source = readable.encode(), text.encode()
    parts: list[Part] = []
    for node in _parser().parse(data).root_node.children:
        part = _part(node, source if len(source) == len(data) else data)
        if part is None:
            continue
        if parts and parts[-1].kind == "statement" and part.line <= parts[-1].end_line:
            if part.kind == "statement":
                parts[-1] = _joined(parts[-1], part)
            continue
        parts.append(part)
    return parts


def _part(node: Node, source: bytes) -> Part | None:
    if not node.is_named:
        return None
    text = source[node.start_byte : node.end_byte].decode(errors="replace").rstrip()
    first, last = node.start_point.row, node.start_point.row + text.count("\n")
    if node.type == "comment":
        return Part("comment", text.lstrip("#").removeprefix(" "), first, last)
    return Part("statement", text, first, last, node.has_error or node.type == "ERROR") if text else None


def _joined(before: Part, after: Part) -> Part:
    text = before.text + "; " + after.text
    return before._replace(text=text, end_line=after.end_line, broken=before.broken or after.broken)


def _without_transcript(body: str) -> str:
    """Blank out prompts and, where there are prompts, the output between them; columns and lines stay."""
    lines = body.split("\n")
    if not any(_PROMPT_DOLLAR.match(line) for line in lines):
        return body
    kept, goes_on = [], False
    for line in lines:
        if goes_on or _PROMPT.match(line):
            kept.append(line if goes_on else _PROMPT.sub(r"\1", line))
            goes_on = line.rstrip().endswith("\\")
        else:
            kept.append("")
    return "\n".join(kept)
