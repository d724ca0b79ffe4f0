"""Reads the words of SQL as the server does, and says where two readers could see different words.

What is given to the parser has no comments, and its texts are plain: nothing in it can be read in two ways.
"""

import re
from typing import Literal

import msgspec

Dialect = Literal["postgres", "mysql", "sqlite"]
LONGEST = 16_384
"""Characters of a text that is read word by word; a longer one is refused."""
DEEPEST = 24
"""Parentheses within each other that are followed."""


class Token(msgspec.Struct, frozen=True):
    """One word: a `word`, a `quoted` name, a `string`, a `number`, a `sign` or a `meta` command of a client.

    `plain` is how it is given to the parser; `depth` counts the open parentheses around it.
    """

    kind: str
    text: str
    start: int
    end: int
    plain: str
    depth: int = 0

    @property
    def low(self) -> str:
        """Give the word in small letters; of anything that is no word or sign, nothing."""
        return self.text.lower() if self.kind in {"word", "sign"} else ""


class Tokens(msgspec.Struct, frozen=True):
    """The words of a text. `doubt` says why it may mean something else than it seems; it completes "because"."""

    tokens: tuple[Token, ...]
    doubt: str = ""


_POSTGRES = re.compile(
    r"(?P<blank>[ \t\n\r\f\v]+)|(?P<line>--[^\n]*)|(?P<block>/\*)|(?P<dollar>\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$)"
    r"|(?P<escaped>[eE]'(?:[^'\\]|''|\\[\s\S])*')|(?P<string>(?:[bBxXnN])?'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")+\")"
    r"|(?P<other>[uU]&['\"])|(?P<value>:'\w+'|:\"\w+\")|(?P<put>:[A-Za-z_]\w*|:\{\?\w+\})|(?P<meta>\\[^\n]*)|(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_$]*)|(?P<parameter>\$\d+)|(?P<sign>::|:=|[-+*/<>=~!@#%^&|?(),.;:\[\]])"
)
_MYSQL = re.compile(
    r"(?P<blank>[ \t\n\r\f\v]+)|(?P<line>--(?=[ \t\n\r]|$)[^\n]*|\#[^\n]*)|(?P<block>/\*)"
    r"|(?P<escaped>[nN]?'(?:[^'\\]|''|\\[\s\S])*'|\"(?:[^\"\\]|\"\"|\\[\s\S])*\")|(?P<quoted>`[^`]+`)"
    r"|(?P<end>\\[gG])|(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_$]*)|(?P<sign>->>|->|[-+*/<>=~!%^&|?(),.;])|(?P<system>@@[\w.]+)"
)
_READERS = {"postgres": _POSTGRES, "sqlite": _POSTGRES, "mysql": _MYSQL}
_ESCAPED_QUOTE = re.compile(r"\\['\"]")
_PLAIN_TEXT = re.compile(r"[A-Za-z0-9_ .,%+@/-]*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_ .-]+")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_DOUBTS = {
    "other": "it holds a text in a notation that hides its letters",
    "put": "a part of it is put in only when it runs",
}


def tokens_of(text: str, dialect: Dialect = "postgres") -> Tokens:
    """Give the words of a text, as far as they can be read with certainty."""
    if len(text) > LONGEST:
        return Tokens((), "it is too long to be judged")
    if any(not (c.isprintable() or c in "\n\r\t") for c in text):
        return Tokens((), "it holds characters that cannot be seen")
    return _Reader(text, dialect).read()


class _Reader:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.pattern = _READERS[dialect]
        self.found: list[Token] = []
        self.doubt = ""
        self.depth = 0

    def read(self) -> Tokens:
        at = 0
        while at < len(self.text):
            match = self.pattern.match(self.text, at)
            if not match or not match.lastgroup:
                return self.gives(self.unread(at))
            at = self.take(match.lastgroup, match[0], at)
            if self.depth > DEEPEST:
                return self.gives("it is nested too deeply to be judged")
        return self.gives("" if not self.depth else "a parenthesis in it is not closed")

    def gives(self, doubt: str) -> Tokens:
        return Tokens(tuple(self.found), self.doubt or doubt)

    def unread(self, at: int) -> str:
        here = self.text[at]
        if here in "'\"`":
            return "a quote in it is not closed"
        return f"it holds the character {here!r} outside quotes"

    def take(self, kind: str, text: str, at: int) -> int:
        """Take one word; give where the next one starts."""
        if kind == "block":
            return self.comment(at)
        if kind == "dollar":
            return self.dollar(text, at)
        end = at + len(text)
        if kind == "line" and "\r" in text.removesuffix("\r"):
            self.doubt = "its comment may end sooner than it seems"
        elif kind in {"escaped", "string"}:
            if self.dialect == "mysql" and _ESCAPED_QUOTE.search(text):
                self.doubt = "a text in it ends elsewhere for a server that takes backslashes as they are"
            self.string(kind, text, at, end)
        elif kind == "quoted":
            bare = text[1:-1]
            named = text if _PLAIN_NAME.fullmatch(bare) else text[0] + "q" + text[0]
            self.found.append(Token("quoted", bare, at, end, named, self.depth))
        elif kind == "end":
            self.found.append(Token("sign", ";", at, end, ";", self.depth))
        elif kind == "value":
            self.found.append(Token("quoted" if '"' in text else "string", text, at, end, "'s'", self.depth))
        elif kind not in {"blank", "line"}:
            self.other(kind, text, at, end)
        return end

    def other(self, kind: str, text: str, at: int, end: int) -> None:
        self.doubt = self.doubt or _DOUBTS.get(kind, "")
        self.depth -= text == ")"
        if self.depth < 0:
            self.depth, self.doubt = 0, self.doubt or "a parenthesis in it was never opened"
        plain = {"put": "1", "parameter": "1", "meta": "", "system": "1"}.get(kind, text)
        self.found.append(Token(kind, text, at, end, plain, self.depth))
        self.depth += text == "("

    def string(self, kind: str, text: str, at: int, end: int) -> None:
        content = text[text.index(text[-1]) + 1 : -1]
        if kind == "string" and (content.endswith("\\") or "\\'" in content):
            self.doubt = self.doubt or "servers differ in where a text of it ends"
        plain = content if _PLAIN_TEXT.fullmatch(content) else "s"
        self.found.append(Token("string", content, at, end, f"'{plain}'", self.depth))

    def dollar(self, tag: str, at: int) -> int:
        end = self.text.find(tag, at + len(tag))
        if end < 0:
            self.doubt = self.doubt or "a quote in it is not closed"
            return len(self.text)
        content = self.text[at + len(tag) : end]
        self.found.append(Token("string", content, at, end + len(tag), "'s'", self.depth))
        return end + len(tag)

    def comment(self, at: int) -> int:
        """Step over a comment. Comments within comments, and those that MySQL runs, are read in two ways."""
        edge = _COMMENT_EDGE.search(self.text, at + 2)
        if self.text.startswith(("/*!", "/*M!"), at):
            self.doubt = self.doubt or "it holds a comment that a server runs"
        if edge and edge[0] == "*/":
            return edge.end()
        self.doubt = self.doubt or "where its comment ends is read in two ways"
        return len(self.text)


def plain(text: str, tokens: tuple[Token, ...]) -> str:
    """Give the words for the parser: a blank wherever the text has one or a comment."""
    parts: list[str] = []
    for before, token in zip((None, *tokens), tokens, strict=False):
        if before is not None and token.start > before.end:
            parts.append("\n" if "\n" in text[before.end : token.start] else " ")
        parts.append(token.plain)
    return "".join(parts)


def statements(tokens: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    """Give the words of each statement, without the semicolons and without the commands of the client."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == ";" and token.kind == "sign":
            found.append([])
        elif token.kind != "meta":
            found[-1].append(token)
    return [tuple(part) for part in found if part]
