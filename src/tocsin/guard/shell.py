"""Shell text becomes statements and comments, by the shell's own grammar; nothing is run."""

import re
from functools import cache
from typing import NamedTuple

from tree_sitter import Language, Node, Parser
from tree_sitter_bash import language

from tocsin.guard.placeholders import ANGLE


class Part(NamedTuple):
    """A statement or one comment line. Lines are 0-based within the text and inclusive.

    `broken` is set on statements that the shell grammar cannot read; `aside` is the comment behind a statement.
    """

    kind: str
    text: str
    line: int
    end_line: int
    broken: bool = False
    aside: str = ""


# The grammar's scanner asks tables of the C library about each character and leaves them for characters beyond ASCII,
# which can end the process. To a shell such characters are letters of a word, so they are shown to it as such.
_STRANGE = re.compile(rb"[^\t\n\r -~]")
_DANGLING = re.compile(rb"[ \t]*\\\r?(?:\n|$)")


@cache
def _parser() -> Parser:
    return Parser(Language(language()))


def tree(text: str) -> Node:
    """Give the root of the syntax tree of a shell text; offsets are in bytes of the text, in UTF-8."""
    return _parser().parse(_STRANGE.sub(b"_", text.encode())).root_node


def split(text: str) -> list[Part]:
    """Give the statements and stand-alone comments of a shell text, in order; each is a slice of it.

    Placeholders in angle brackets are read as words, not as redirections. A comment behind a statement belongs to it.
    A line that ends in a backslash before a comment or a blank line continues into nothing, so it counts as broken.
    """
    source = text.encode()
    spans: list[_Span] = []
    for node in tree(ANGLE.sub(lambda m: re.sub(r"\W", "_", m[0]), text)).children:
        if not node.is_named or not source[node.start_byte : node.end_byte].strip():
            continue
        before = spans[-1] if spans else None
        if before and not before.comment and node.start_point.row <= before.last:
            aside = _remark(source[node.start_byte : node.end_byte]) if node.type == "comment" else ""
            spans[-1] = before._replace(aside=aside) if aside else _longer(before, node, source)
            continue
        spans.append(_longer(_Span(node.type == "comment", node.start_byte, node.start_point.row), node, source))
    return _parts(spans, source)


class _Span(NamedTuple):
    """Where a part stands: from byte `start` to `end`, from row `first` to `last`."""

    comment: bool
    start: int
    first: int
    end: int = 0
    last: int = 0
    broken: bool = False
    aside: str = ""


def _longer(span: _Span, node: Node, source: bytes) -> _Span:
    """Give a span that goes on to the end of a node, blank lines at its end left out."""
    text = source[node.start_byte : node.end_byte]
    end = node.start_byte + len(text.rstrip())
    last = node.end_point.row - text.count(b"\n", len(text.rstrip()))
    return span._replace(end=end, last=last, broken=span.broken or node.has_error or node.type == "ERROR")


def _parts(spans: list[_Span], source: bytes) -> list[Part]:
    parts: list[Part] = []
    dangling = False
    for span in spans:
        text = source[span.start : span.end].decode(errors="replace")
        if span.comment:
            parts.append(Part("comment", _remark(source[span.start : span.end]), span.first, span.first))
            continue
        broken = span.broken or dangling
        dangling = bool(_DANGLING.match(source, span.end))
        parts.append(Part("statement", text, span.first, span.last, broken or dangling, span.aside))
    return parts


def _remark(comment: bytes) -> str:
    return comment.decode(errors="replace").rstrip().lstrip("#").removeprefix(" ")
