"""The commands in a shell text, wherever they stand: in loops, functions, substitutions, behind pipes.

The grammar of tree-sitter finds them; what it cannot say for certain becomes a trouble. Nothing is left out: a command
that may never be reached is still there.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

import msgspec
from tree_sitter import Language, Node, Parser
from tree_sitter_bash import language

from tocsin.guard.calls import Word
from tocsin.guard.judgement import Effect
from tocsin.guard.placeholders import ANGLE

DEEPEST = 60
"""Levels of grammar that are followed: a command that a person wrote has some twenty."""

Input = Literal["", "pipe", "file", "text"]


class Redirection(msgspec.Struct, frozen=True):
    """`sign` as written (">", ">>", "<", "&>", "<<", "<<<"), and what stands behind it."""

    sign: str
    target: Word


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One simple command. `words` may be empty where there are only redirections or assignments.

    `input` says where it reads from; `text` is that input when it stands in the text itself; `before` is the command
    whose output it reads.
    """

    words: tuple[Word, ...]
    assignments: tuple[tuple[str, Word], ...] = ()
    redirections: tuple[Redirection, ...] = ()
    input: Input = ""
    text: Word | None = None
    before: "Command | None" = None
    start: int = 0
    end: int = 0
    builtin: bool = False


class Script(msgspec.Struct, frozen=True):
    """All commands of a text in the order in which they stand, and what makes the text as a whole doubtful."""

    commands: tuple[Command, ...]
    troubles: tuple[Effect, ...] = ()
    functions: frozenset[str] = frozenset()


@cache
def _parser() -> Parser:
    return Parser(Language(language()))


def script(text: str) -> Script:
    """Give the commands of a shell text. Placeholders in angle brackets are read as words."""
    readable = ANGLE.sub(lambda m: re.sub(r"\W", "_", m[0]), _MARK.sub("?", text))
    # The grammar takes a line that begins with a backslash for a part of the line before.
    readable = _ESCAPED_LINE.sub(lambda m: f"{m[1]} ", readable)
    return _Walk(readable, _MARK.sub("?", text)).script()


_ANSI = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|([\s\S]))")
_ANSI_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\([\s\S])")
_DOUBLE_ESCAPE = re.compile(r'\\([\\"$`\n])')
_GLOB = re.compile(r"(?<!\\)[*?]|(?<!\\)\[[^\]]*\]")
_BRACES = re.compile(r"\{[^{}]*(?:,|\.\.)[^{}]*\}")
_PLAIN_EXPANSION = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_ENDLESS = frozenset({"true", ":", "1"})
_LOOPS = frozenset({"while_statement", "c_style_for_statement"})
_NOTHING = Word("", 0, 0)
_ESCAPED_LINE = re.compile(r"(\n[ \t]*)\\(?=[^\n])")
_MARK = re.compile("[\ue000\ue001]")
_MARKED = re.compile("\ue000([^\ue001]*)\ue001")
"""How a variable is kept apart within a word while that is put together."""


class _Walk:
    """Walks the tree of one text."""

    def __init__(self, text: str, source: str) -> None:
        self.data = text.encode()
        self.source = source.encode() if len(source.encode()) == len(self.data) else self.data
        self.plain = len(self.data) == len(text)
        self.commands: list[Command] = []
        self.troubles: list[Effect] = []
        self.functions: set[str] = set()

    def script(self) -> Script:
        root = _parser().parse(self.data).root_node
        if root.has_error:
            self.doubt("the shell grammar does not read it", "change", 0, 0)
        self.visit(root, 0)
        return Script(tuple(self.commands), tuple(self.troubles), frozenset(self.functions))

    def doubt(self, why: str, risk: Literal["read", "change"], start: int, end: int) -> None:
        effect = Effect(risk=risk, why=why, proven=False, start=self.place(start), end=self.place(end))
        self.troubles.append(effect)

    def place(self, byte: int) -> int:
        """Give the character that begins at that byte."""
        return byte if self.plain else len(self.data[:byte].decode(errors="replace"))

    def said(self, node: Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode(errors="replace")

    # -- statements

    def visit(self, node: Node, depth: int, before: Command | None = None) -> Command | None:
        """Take what a node holds; give the command whose output comes out of it, where there is one."""
        if depth > DEEPEST:
            self.doubt("it is nested too deeply to be judged", "change", node.start_byte, node.end_byte)
            return None
        if node.type in {"declaration_command", "unset_command"}:
            return self.declaration(node, depth)
        if node.type in {"variable_assignment", "variable_assignments"}:
            return self.assigned(node, depth)
        takes = {"command": self.command, "redirected_statement": self.redirected, "pipeline": self.pipeline}
        return takes.get(node.type, self.other)(node, depth, before)

    def other(self, node: Node, depth: int, before: Command | None) -> Command | None:
        kind, last = node.type, before
        if kind == "function_definition":
            name = node.child_by_field_name("name")
            self.function(node, self.said(name) if name else "")
        elif kind in _LOOPS:
            self.loop(node)
        elif kind == "test_command" and ("$(" in self.said(node) or "`" in self.said(node)) and "'" in self.said(node):
            self.doubt("a test may run what stands in an index", "change", node.start_byte, node.end_byte)
        for child in node.named_children:
            last = self.visit(child, depth + 1, before) or last
        return last

    def function(self, node: Node, name: str) -> None:
        """Take the name of a function; one that calls itself may go on until the machine is full."""
        self.functions.add(name)
        body = node.child_by_field_name("body")
        again = body is not None and name in re.split(r"[\s;|&(){}]+", self.said(body))
        self.doubt("it defines a function of its own", "change" if again else "read", node.start_byte, node.end_byte)

    def loop(self, node: Node) -> None:
        head = node.child_by_field_name("condition")
        said = self.said(head).strip(" ;\n") if head else ""
        forever = said in _ENDLESS or (said == "false" and self.said(node).startswith("until"))
        if forever or (node.type == "c_style_for_statement" and head is None):
            self.troubles.append(Effect(flags=("endless",), why="it is a loop without an end", proven=False,
                                        start=self.place(node.start_byte), end=self.place(node.end_byte)))  # fmt: skip

    def pipeline(self, node: Node, depth: int, before: Command | None) -> Command | None:
        last = before
        for child in node.named_children:
            last = self.visit(child, depth + 1, last)
        return last

    def command(self, node: Node, depth: int, before: Command | None) -> Command:
        words: list[Word] = []
        assignments: list[tuple[str, Word]] = []
        redirections: list[Redirection] = []
        for child in node.named_children:
            if child.type == "variable_assignment":
                assignments.append(self.assignment(child, depth))
            elif child.type.endswith("_redirect"):
                redirections += self.redirection(child, depth)
            elif child.type != "comment":
                words.append(self.word(child, depth))
        return self.made(node, words, assignments, redirections, before)

    def made(
        self, node: Node, words: list[Word], assignments: list[tuple[str, Word]], redirections: list[Redirection],
        before: Command | None, *, builtin: bool = False,
    ) -> Command:  # fmt: skip
        given, text = _input(redirections, before)
        command = Command(
            words=tuple(words), assignments=tuple(assignments), redirections=tuple(redirections), input=given,
            text=text, before=before, start=self.place(node.start_byte), end=self.place(node.end_byte),
            builtin=builtin,
        )  # fmt: skip
        self.commands.append(command)
        return command

    def redirected(self, node: Node, depth: int, before: Command | None) -> Command | None:
        """Take a statement with redirections; they go to its only command, else to one of their own."""
        redirections = [r for child in node.named_children if child.type.endswith("_redirect")
                        for r in self.redirection(child, depth)]  # fmt: skip
        body = node.child_by_field_name("body")
        if body is None:
            return self.made(node, [], [], redirections, before)
        if body.type == "command":
            command = self.command(body, depth + 1, before)
            given, text = _input([*command.redirections, *redirections], before)
            whole = msgspec.structs.replace(
                command, redirections=(*command.redirections, *redirections), input=given, text=text,
                end=self.place(node.end_byte),
            )  # fmt: skip
            self.commands[self.commands.index(command)] = whole
            return whole
        return self.redirected_block(node, body, redirections, depth, before)

    def redirected_block(
        self, node: Node, body: Node, redirections: list[Redirection], depth: int, before: Command | None
    ) -> Command | None:
        """Take a pipeline, a loop or a group with redirections: what comes in may reach every command of it."""
        at = len(self.commands)
        last = self.visit(body, depth + 1, before)
        given, text = _input(redirections, before)
        for index in range(at, len(self.commands)):
            if given and not self.commands[index].input:
                self.commands[index] = msgspec.structs.replace(self.commands[index], input=given, text=text)
        self.made(node, [], [], redirections, last)
        return last

    def declaration(self, node: Node, depth: int) -> Command:
        """Take `export`, `declare`, `local`, `readonly`, `unset`: the shell's own commands."""
        first = node.children[0]
        words = [Word(self.said(first), self.place(first.start_byte), self.place(first.end_byte))]
        assignments = []
        for child in node.named_children:
            if child.type == "variable_assignment":
                assignments.append(self.assignment(child, depth))
            elif child.type != "comment":
                words.append(self.word(child, depth))
        return self.made(node, words, assignments, [], None, builtin=True)

    def assigned(self, node: Node, depth: int) -> Command:
        parts = node.named_children if node.type == "variable_assignments" else [node]
        return self.made(node, [], [self.assignment(child, depth) for child in parts], [], None)

    def assignment(self, node: Node, depth: int) -> tuple[str, Word]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and name.type == "subscript":
            self.inside(name, depth)
        return (self.said(name) if name else "", self.word(value, depth) if value else _NOTHING)

    def redirection(self, node: Node, depth: int) -> Iterator[Redirection]:
        if node.type == "heredoc_redirect":
            yield self.heredoc(node, depth)
            return
        sign = next((child.type for child in node.children if not child.is_named), ">")
        targets = [child for child in node.named_children if child.type != "file_descriptor"]
        for target in targets:
            yield Redirection(sign, self.word(target, depth))
        if not targets:
            yield Redirection(sign, Word(self.said(node), self.place(node.start_byte), self.place(node.end_byte)))

    def heredoc(self, node: Node, depth: int) -> Redirection:
        body = next((child for child in node.children if child.type == "heredoc_body"), None)
        given = Word(self.said(body), 0, 0, shell=self.said(body)) if body else _NOTHING
        cat = Word("cat", 0, 0)
        for child in node.named_children:
            if child.type.endswith("_redirect"):
                for further in self.redirection(child, depth):
                    self.made(child, [cat], [], [Redirection("<<", given), further], None)
            elif child.type not in {"heredoc_start", "heredoc_body", "heredoc_end", "file_descriptor"}:
                self.visit(child, depth + 1, Command(words=(cat,), input="text", text=given))
        if body is None:
            return Redirection("<<", _NOTHING)
        names = self.inside(body, depth)
        mark = next((self.said(child) for child in node.children if child.type == "heredoc_start"), "")
        if "`" in self.said(body) and not set(mark) & set("'\"\\"):
            self.doubt(
                "a command in its text is run while that is put together", "change", body.start_byte, body.end_byte
            )
        computed = any(child.type != "heredoc_content" for child in body.named_children)
        word = Word(self.said(body), self.place(body.start_byte), self.place(body.end_byte), tuple(names), True,
                    computed=computed and not names, shell=self.said(body))  # fmt: skip
        return Redirection("<<", word)

    # -- words

    def word(self, node: Node, depth: int) -> Word:
        names: list[str] = []
        flags: set[str] = set()
        text = self.text(node, names, flags, depth)
        return Word(_MARKED.sub("", text), self.place(node.start_byte), self.place(node.end_byte), tuple(names),
                    "quoted" in flags, computed="computed" in flags, shell=_MARKED.sub(r"${\1}", text))  # fmt: skip

    def text(self, node: Node, names: list[str], flags: set[str], depth: int) -> str:
        """Give the part of a word that is known before it runs."""
        kind = node.type
        if depth > DEEPEST:
            self.doubt("it is nested too deeply to be judged", "change", node.start_byte, node.end_byte)
            return ""
        if kind in {"command_name", "concatenation"}:
            return self.joined(node, names, flags, depth)
        if kind in {"raw_string", "ansi_c_string", "string", "translated_string"}:
            flags.add("quoted")
            return self.quoted(node, names, flags, depth)
        if kind in {"simple_expansion", "expansion"}:
            return self.expansion(node, names, flags, depth)
        return self.bare(node, flags, depth)

    def quoted(self, node: Node, names: list[str], flags: set[str], depth: int) -> str:
        if node.type == "raw_string":
            return self.said(node)[1:-1]
        if node.type == "ansi_c_string":
            self.doubt("a part of it is written in codes", "read", node.start_byte, node.end_byte)
            return _ANSI.sub(_decoded, self.said(node)[2:-1])
        return self.double(node, names, flags, depth)

    def bare(self, node: Node, flags: set[str], depth: int) -> str:
        if node.type in {"word", "number", "variable_name", "test_operator", "regex", "extglob_pattern", "semgrep"}:
            said = self.said(node)
            if _GLOB.search(said) or node.type == "extglob_pattern":
                flags.add("computed")
            return _ESCAPE.sub(lambda m: m[1].replace("\n", ""), said)
        if node.type == "arithmetic_expansion":
            self.doubt("the shell would compute a part of it", "read", node.start_byte, node.end_byte)
        self.inside(node, depth)
        flags.add("computed")
        return "\ue000_\ue001"

    def joined(self, node: Node, names: list[str], flags: set[str], depth: int) -> str:
        if node.named_child_count == 0:
            return self.said(node)
        text, at = "", node.start_byte
        for child in node.named_children:
            text += self.source[at : child.start_byte].decode(errors="replace")
            text += self.text(child, names, flags, depth + 1)
            at = child.end_byte
        text += self.source[at : node.end_byte].decode(errors="replace")
        if _BRACES.search(self.said(node)) and "quoted" not in flags:
            flags.add("computed")
        return text

    def double(self, node: Node, names: list[str], flags: set[str], depth: int) -> str:
        said, at = "", node.start_byte + (2 if node.type == "translated_string" else 1)
        body = node.named_children[0] if node.type == "translated_string" and node.named_children else node
        for child in body.named_children:
            if child.type == "string_content":
                continue
            said += _DOUBLE_ESCAPE.sub(_unescaped, self.source[at : child.start_byte].decode(errors="replace"))
            said += self.text(child, names, flags, depth + 1)
            at = child.end_byte
        return said + _DOUBLE_ESCAPE.sub(_unescaped, self.source[at : node.end_byte - 1].decode(errors="replace"))

    def expansion(self, node: Node, names: list[str], flags: set[str], depth: int) -> str:
        said = self.said(node)
        plain = _PLAIN_EXPANSION.fullmatch(said)
        if node.type == "simple_expansion" or plain:
            names.append(plain[1] if plain else said.removeprefix("$"))
            return f"\ue000{names[-1]}\ue001"
        names += self.inside(node, depth)
        flags.add("computed")
        return "\ue000_\ue001"

    def inside(self, node: Node, depth: int) -> list[str]:
        """Take the commands within a part of a word, and give the variables it names."""
        names: list[str] = []
        for child in node.named_children:
            if child.type in {"variable_name", "special_variable_name"}:
                names.append(self.said(child))
            elif child.type in {"command_substitution", "process_substitution"}:
                self.visit(child, depth + 1)
            elif depth > DEEPEST:
                self.doubt("it is nested too deeply to be judged", "change", node.start_byte, node.end_byte)
            else:
                names += self.inside(child, depth + 1)
        if node.type in {"command_substitution", "process_substitution"}:
            for child in node.named_children:
                self.visit(child, depth + 1)
        return names


def _input(redirections: list[Redirection], before: Command | None) -> tuple[Input, Word | None]:
    """Give where a command reads from; the last redirection of its input wins over a pipe."""
    given: tuple[Input, Word | None] = ("pipe" if before else "", None)
    for redirection in redirections:
        if redirection.sign in {"<<", "<<<"}:
            given = ("text", redirection.target)
        elif redirection.sign in {"<", "<>", "<&"}:
            given = ("file", None)
    return given


def _unescaped(found: re.Match[str]) -> str:
    return found[1].replace("\n", "")


def _decoded(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code:
        return chr(min(int(code, 16), 0x10FFFF))
    return chr(int(found[4], 8) & 0xFF) if found[4] else _ANSI_LETTERS.get(found[5], found[5])
