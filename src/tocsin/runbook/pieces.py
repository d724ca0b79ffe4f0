"""A fence is cut into pieces: statements, comments and text that is neither; every written line belongs to one."""

import re
from collections.abc import Generator, Iterator
from typing import Literal, NamedTuple

from tocsin.guard.shell import Part, split
from tocsin.runbook.commandlike import UNKNOWN, is_known, other_than_command
from tocsin.runbook.shapes import is_sentence, shape
from tocsin.runbook.sql_statements import KEYWORD, split_sql
from tocsin.runbook.transcripts import Typed, transcript

LINES, CHARACTERS = 4000, 400_000
BYTES = 4_000_000
"""So much is parsed for one fence, what is cut again counted."""
WINDOW = 200
_TRIPLE = re.compile(r'^\s*(?:"""|\'\'\')')
_DEFINED = re.compile(r"^(?:function\s+|alias\s+)?(?P<name>[A-Za-z_][\w-]*)(?:\s*\(\)|=)|^function\s+(?P<other>[\w-]+)")
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=(?!.*\$\()(?:\S*|\"[^\"]*\"|'[^']*'|<[^<>]*>)$")
# The grammar lets a word go on with a parenthesis, bash does not.
_PARENTHESIS = re.compile(r"[\w/-]\((?!\))(?![^#]*#)")
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`")
_HEREDOC = re.compile(r"(?<!<)<<-?\s*['\"\\]?(?P<tag>\w+)")
_SQL_FENCE = re.compile(r";\s*(?:--[^\n]*)?$|\bselect\b.*\bfrom\b", re.IGNORECASE | re.DOTALL | re.MULTILINE)


class Piece(NamedTuple):
    """One piece of a fence; lines are 0-based within it and inclusive.

    `other` says of text, or of a statement that is no command, what it is instead. `aside` is the comment behind a
    statement. `broken` statements cannot be read by the grammar of their `language`.
    """

    kind: Literal["statement", "comment", "text"]
    text: str
    line: int
    end_line: int
    language: str = "bash"
    broken: bool = False
    aside: str = ""
    other: str | None = None


def pieces(body: str, *, certain: bool, console: bool = False) -> list[Piece]:
    """Give the pieces of a fence, in order; `certain` says that it calls itself shell, `console` a transcript."""
    body, rest = _bounded(body)
    typed = transcript(body, console=console)
    if typed is not None:
        return [piece for one in typed for piece in _typed(one)] + rest
    if not certain and _is_sql(body):
        return [_sql_piece(part) for part in split_sql(body)] + rest
    found = _Cutting(body.split("\n"), certain=certain).pieces()
    return (_settings_out(found) if certain else _doubtful(found)) + rest


def sql_pieces(body: str) -> list[Piece]:
    r"""Give the pieces of an SQL text; a client's own command (`\d`) is no SQL."""
    body, rest = _bounded(body)
    typed = transcript(body, console=False)
    if typed is not None:
        return [piece for one in typed for piece in _typed(one)] + rest
    return [_sql_piece(part) for part in split_sql(body)] + rest


def _bounded(body: str) -> tuple[str, list[Piece]]:
    """Give as much of a fence as is read, and the rest as text: nobody runs thousands of lines out of a runbook."""
    lines = body.split("\n")
    if len(lines) <= LINES and len(body) <= CHARACTERS:
        return body, []
    size, count = 0, 0
    while count < min(len(lines), LINES) and size <= CHARACTERS:
        size += len(lines[count]) + 1
        count += 1
    rest = "\n".join(lines[count:]).rstrip()
    return "\n".join(lines[:count]), [Piece("text", rest, count, len(lines) - 1, other="text")] if rest else []


def _sql_piece(part: Part) -> Piece:
    other = "a command of the client, not SQL" if part.text.startswith("\\") else None
    if part.kind == "comment":
        return Piece("comment", part.text, part.line, part.end_line)
    if not KEYWORD.match(part.text) and not part.text.endswith(";") and is_sentence(part.text.split("\n")[0]):
        return Piece("text", part.text, part.line, part.end_line, other="text")
    return Piece("statement", part.text, part.line, part.end_line, "sql", part.broken, part.aside, other)


def _typed(typed: Typed) -> Iterator[Piece]:
    if typed.console == "comment":
        yield Piece("comment", typed.text, typed.line, typed.end_line)
        return
    if typed.console != "shell":
        why = "typed at the prompt of another program, with what it answered"
        yield Piece("statement", typed.text, typed.line, typed.end_line, "sql" if typed.console == "sql" else "text",
                    other=why)  # fmt: skip
        return
    for part in split(typed.text):
        if part.kind == "statement":
            yield Piece("statement", part.text, typed.line + part.line, typed.line + part.end_line, "bash", part.broken,
                        part.aside, other_than_command(part.text))  # fmt: skip


class _Cutting:
    """Cuts a shell fence; a line that is text is cut out first, so that its apostrophe opens no quotation."""

    def __init__(self, lines: list[str], *, certain: bool) -> None:
        self.lines, self.certain = lines, certain
        self.defined = [m["name"] or m["other"] for line in lines if (m := _DEFINED.match(line.strip()))]
        self.left = BYTES

    def pieces(self) -> list[Piece]:
        """Give the pieces; a line that the grammar passes over is kept as text."""
        found = list(self._cut())
        covered = {line for piece in found for line in range(piece.line, piece.end_line + 1)}
        missed = [n for n, line in enumerate(self.lines) if line.strip() and n not in covered]
        found += [piece for line in missed for piece in self._text(line, line, "text")]
        return sorted(found, key=lambda piece: piece.line)

    def _cut(self) -> Iterator[Piece]:
        at, window = 0, WINDOW
        while at < len(self.lines) and self.left > 0:
            kind = shape(self.lines[at])
            if kind and self.lines[at].strip() not in ("{", "(") and not _TRIPLE.match(self.lines[at]):
                yield from self._text(at, at, kind)
                at += 1
                continue
            next_at = yield from self._from(at, window)
            at, window = next_at, WINDOW if next_at > at else 2 * window
        yield from self._text(at, len(self.lines) - 1, "text")

    def _from(self, at: int, window: int) -> Generator[Piece, None, int]:
        """Yield pieces from line `at` on; return the line from which to cut on, `at` when the window is too small."""
        lines = self.lines[at : at + window]
        self.left -= sum(map(len, lines)) + len(lines)
        parts = split("\n".join(lines))
        for part in parts:
            first, last = at + part.line, at + part.end_line
            if part is parts[-1] and at + window < len(self.lines) and first > at:
                return first  # it may go on behind the window
            if part is parts[-1] and at + window < len(self.lines) and last >= at + window - 1:
                return at
            if part.kind == "comment":
                yield Piece("comment", part.text, first, last)
                continue
            end, found = self._judged(part, first, last)
            yield from [found] if isinstance(found, Piece) else self._text(first, end, found)
            if end != last:
                return end + 1
        return at + len(lines)

    def _judged(self, part: Part, first: int, last: int) -> tuple[int, Piece | str]:
        """Give the last line of what begins on line `first`, with its piece, or with what it is when it is text."""
        if _TRIPLE.match(self.lines[first]):
            return self._quotation(first), "a quotation"
        if self.lines[first].strip() in ("{", "(") and last > first:
            kind = shape(self.lines[first + 1])
            return last, kind or self._statement(part, part.text, first, last)
        kind = shape(part.text.split("\n", maxsplit=1)[0])
        text = part.text
        if self._is_open_heredoc(first, last):
            last, part = len(self.lines) - 1, part._replace(broken=True)
        elif part.broken and last > first:
            last = self._paragraph(first, last)
        if part.broken:
            text = "\n".join(self.lines[first : last + 1]).strip() if last > first else text
        piece = self._statement(part, text, first, last)
        kind = kind or (piece.other if piece.other != UNKNOWN else None)
        return (first, kind) if kind else (last, piece)

    def _statement(self, part: Part, text: str, first: int, last: int) -> Piece:
        other = other_than_command(text, certain=self.certain, defined=self.defined)
        broken = part.broken or (first == last and _PARENTHESIS.search(_QUOTED.sub("q", text)) is not None)
        return Piece("statement", text, first, last, "bash", broken, part.aside, other)

    def _quotation(self, first: int) -> int:
        mark = self.lines[first].strip()[:3]
        if self.lines[first].count(mark) > 1:
            return first
        return next((n for n in range(first + 1, len(self.lines)) if mark in self.lines[n]), len(self.lines) - 1)

    def _is_open_heredoc(self, first: int, last: int) -> bool:
        """Tell whether the end of a heredoc is missing: what follows is its text then, to the end of the fence."""
        tags = [found["tag"] for line in self.lines[first : last + 1] for found in _HEREDOC.finditer(line)]
        return bool(tags) and any(tag not in map(str.strip, self.lines[first + 1 :]) for tag in tags)

    def _paragraph(self, first: int, last: int) -> int:
        return next((n - 1 for n in range(first + 1, last + 1) if not self.lines[n].strip()), last)

    def _text(self, first: int, last: int, other: str) -> Iterator[Piece]:
        for number in range(first, last + 1):
            if self.lines[number].strip():
                yield Piece("text", self.lines[number].strip(), number, number, other=other)


def _settings_out(found: list[Piece]) -> list[Piece]:
    """Leave out of the commands the assignments of a fence that holds nothing else: nothing there uses them."""
    statements = [piece for piece in found if piece.kind == "statement"]
    if not all(_ASSIGNMENT.match(piece.text) for piece in statements):
        return found
    return [piece._replace(other="a setting that no command here uses") if piece.kind == "statement" else piece
            for piece in found]  # fmt: skip


def _doubtful(found: list[Piece]) -> list[Piece]:
    """Judge a fence that does not say what it holds: what stands below text is text as well."""
    statements = [piece for piece in found if piece.kind == "statement"]
    if found and all(piece.kind == "comment" for piece in found):
        return found
    if not any(is_known(piece.text) and not piece.other for piece in statements):
        return [piece._replace(kind="text", other=piece.other or "text") for piece in found]
    text = next((piece.line for piece in found if piece.kind == "text"), None)
    return [_below_text(piece) if text is not None and piece.line > text else piece for piece in found]


def _below_text(piece: Piece) -> Piece:
    if piece.kind != "statement":
        return piece
    if piece.other and not is_known(piece.text):
        return piece._replace(kind="text")
    return piece._replace(other=piece.other or "a line among text")


def _is_sql(body: str) -> bool:
    return bool(KEYWORD.match(body) and _SQL_FENCE.search(body.strip())) and not any(p.broken for p in split_sql(body))
