"""The calls in a shell text, each with its words and its place in a pipeline: what rules about commands look at.

This reading is for hints, not for permission: what it does not see is simply not spoken of.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tree_sitter import Node

from tocsin.guard.placeholders import ANGLE
from tocsin.guard.shell import tree

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WRAPPERS = frozenset({"sudo", "doas", "env", "nohup", "time", "nice", "ionice", "command", "exec", "stdbuf", "setsid"})
_WRAPPER_VALUES = frozenset({"-u", "-g", "-n", "-c", "-k", "-s", "--user", "--signal", "--kill-after"})
_ARGUMENTS = frozenset({"word", "string", "raw_string", "concatenation", "number", "simple_expansion", "expansion",
                        "command_substitution", "ansi_c_string", "process_substitution"})  # fmt: skip


class Word(NamedTuple):
    """One argument: its text as the program sees it (variables stay as written), and whether it was quoted."""

    text: str
    raw: str


class Invocation(NamedTuple):
    """One call. `line` is 0-based within the text; `stage` of `stages` is its place in its pipeline.

    `wrapped` holds the programs it was started through (`sudo`, `timeout`); `reads` and `writes` are the files of its
    redirections; `given` is the text of a here-document or here-string.
    """

    name: str
    arguments: tuple[Word, ...]
    line: int
    text: str
    pipeline: int
    stage: int = 0
    stages: int = 1
    wrapped: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    given: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """Give the arguments as the program sees them."""
        return tuple(word.text for word in self.arguments)

    @property
    def operands(self) -> tuple[str, ...]:
        """Give the arguments that are no options."""
        return tuple(word for word in self.words if not word.startswith("-") or word == "-")

    def has(self, *options: str) -> bool:
        """Tell whether one of the options is given; a short one also within a group (`-fsS` has `-f`)."""
        for word in self.words:
            name = word.partition("=")[0]
            if name in options:
                return True
            short = re.fullmatch(r"-([A-Za-z]+)[0-9.]*", word)
            if short and any(len(o) == 2 and o[1] in short[1] for o in options):  # noqa: PLR2004 - a dash and a letter
                return True
        return False

    def value(self, *options: str) -> str | None:
        """Give the value of an option, written behind it, glued to it or after an equals sign."""
        for index, word in enumerate(self.words):
            for option in options:
                if word == option:
                    return self.words[index + 1] if index + 1 < len(self.words) else None
                if word.startswith(option + "="):
                    return word[len(option) + 1 :]
                if len(option) == 2 and word.startswith(option) and len(word) > 2:  # noqa: PLR2004 - as above
                    return word[2:]
        return None


@lru_cache(maxsize=1024)
def invocations(source: str) -> tuple[Invocation, ...]:
    """Give the calls of a shell text in order, those inside substitutions too; blanks in `<>` are read as words.

    Nothing of a text that is nested too deeply to be a command of anybody.
    """
    try:
        return _found(source)
    except RecursionError:
        return ()


def _found(source: str) -> tuple[Invocation, ...]:
    return tuple(_Reader(ANGLE.sub(lambda m: re.sub(r"\W", "_", m[0]), source)).found())


class _Place(NamedTuple):
    pipeline: int
    stage: int = 0
    stages: int = 1


class _Reader:
    def __init__(self, source: str) -> None:
        self.root, self.data = tree(source), source.encode()
        self.pipelines = 0

    def found(self) -> Iterator[Invocation]:
        yield from self._walk(self.root, None, ())

    def _walk(self, node: Node, place: _Place | None, redirects: tuple[Node, ...]) -> Iterator[Invocation]:
        if node.type == "pipeline":
            stages = [child for child in node.children if child.is_named and child.type != "comment"]
            self.pipelines += 1
            number = self.pipelines
            for index, stage in enumerate(stages):
                yield from self._walk(stage, _Place(number, index, len(stages)), redirects)
        elif node.type == "redirected_statement":
            found = tuple(child for child in node.children if child.type.endswith("_redirect"))
            for child in node.children:
                if child not in found:
                    yield from self._walk(child, place, redirects + found)
        elif node.type == "command":
            yield from self._command(node, place, redirects)
        else:
            for child in node.children:
                yield from self._walk(child, place, redirects)

    def _command(self, node: Node, place: _Place | None, redirects: tuple[Node, ...]) -> Iterator[Invocation]:
        if place is None:
            self.pipelines += 1
            place = _Place(self.pipelines)
        name = node.child_by_field_name("name")
        inner = tuple(child for child in node.children if child.type.endswith("_redirect"))
        if name is not None:
            words = [self._word(name), *(self._word(child) for child in node.children if child.type in _ARGUMENTS)]
            words, wrapped = _unwrapped(words)
            reads, writes, given = self._redirected((*inner, *redirects))
            yield Invocation(
                name=words[0].text, arguments=tuple(words[1:]), line=node.start_point.row, text=self._text(node),
                pipeline=place.pipeline, stage=place.stage, stages=place.stages, wrapped=wrapped,
                reads=reads, writes=writes, given=given,
            )  # fmt: skip
        for child in node.children:
            yield from self._inside(child)

    def _inside(self, node: Node) -> Iterator[Invocation]:
        """Give the calls of substitutions within the words of a call."""
        if node.type in ("command_substitution", "process_substitution"):
            for child in node.children:
                yield from self._walk(child, None, ())
        else:
            for child in node.children:
                yield from self._inside(child)

    def _redirected(self, redirects: tuple[Node, ...]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
        reads: list[str] = []
        writes: list[str] = []
        given = ""
        for node in redirects:
            if node.type in ("heredoc_redirect", "herestring_redirect"):
                body = next((child for child in node.children if child.type == "heredoc_body"), None)
                given += (
                    self._text(body) if body is not None else _unquoted(self._text(node).removeprefix("<<<").strip())
                )
                continue
            target = node.child_by_field_name("destination")
            if target is not None:
                sign = next((child.type for child in node.children if child.type.strip("&|") in (">", ">>", "<")), ">")
                (reads if sign == "<" else writes).append(_unquoted(self._text(target)))
        return tuple(reads), tuple(writes), given

    def _word(self, node: Node) -> Word:
        raw = self._text(node)
        return Word(_unquoted(raw), raw)

    def _text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")


def _unwrapped(words: list[Word]) -> tuple[list[Word], tuple[str, ...]]:
    """Take off what only starts another program: `sudo -u postgres psql` is psql."""
    wrapped: list[str] = []
    while len(words) > 1 and (words[0].text in _WRAPPERS or words[0].text == "timeout"):
        rest = words[1:]
        while rest and (rest[0].text.startswith("-") or re.fullmatch(r"[A-Za-z_]\w*=.*", rest[0].text, re.DOTALL)):
            rest = rest[2:] if rest[0].text in _WRAPPER_VALUES else rest[1:]
        if words[0].text == "timeout":
            rest = rest[1:]
        if not rest:
            break
        wrapped.append(words[0].text)
        words = rest
    return words, tuple(wrapped)


def _unquoted(raw: str) -> str:
    """Give a word as the shell passes it on, but with its variables and substitutions as written."""
    pieces = re.findall(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|[^'\"\\]+|.", raw, re.DOTALL)
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    if len(piece) > 1 and piece[0] == piece[-1] == "'":
        return piece[1:-1]
    if len(piece) > 1 and piece[0] == piece[-1] == '"':
        return re.sub(r"\\([\"\\$`])", r"\1", piece[1:-1])
    return _ESCAPED.sub(r"\1", piece) if piece.startswith("\\") else piece
