"""Markdown becomes a flat list of blocks with line numbers: the only file that knows the Markdown parser."""

import re
from collections.abc import Sequence
from typing import Literal

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

Kind = Literal["heading", "paragraph", "item", "fence", "table", "comment", "rule"]


class Row(msgspec.Struct, frozen=True):
    """One row of a table: inline Markdown per cell."""

    cells: tuple[str, ...]
    line: int


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One block as written. `line` and `end_line` are 1-based and inclusive.

    `text` is inline Markdown, or the body of a fence (which begins on `body_line`). `level` is that of a heading,
    or the depth of a list item (1 is outermost; 0 for what stands in no list). `info` is a fence's info string, or
    an item's marker. The first of `rows` is the header. `quote` is set on what stands in a block quote.
    """

    kind: Kind
    line: int
    end_line: int
    text: str = ""
    level: int = 0
    info: str = ""
    rows: tuple[Row, ...] = ()
    body_line: int = 0
    quote: bool = False


_TICKS = re.compile(r"`{2,}")
# Only blocks are wanted: without the inline pass, a line of a megabyte costs what reading it costs.
_PARSER = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])


def parse(lines: Sequence[str]) -> list[Block]:
    """Give the blocks of a document in the order in which they stand. Front matter is left out."""
    skip = front_matter(lines)
    tokens = _PARSER.parse("\n".join([""] * skip + list(lines[skip:])) + "\n")
    return _Walk(tokens).blocks()


def front_matter(lines: Sequence[str]) -> int:
    """Give how many lines at the top are front matter between two `---` lines; 0 when there is none."""
    if not lines or lines[0].strip() != "---":
        return 0
    return next((n for n, line in enumerate(lines[1:], 2) if line.strip() in ("---", "...")), 0)


class _Walk:
    """Walks the tokens once; remembers how deep in lists it is and whether the item has its text yet."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.items: list[Token] = []
        self.untold: Token | None = None
        self.quotes = 0
        self.found: list[Block] = []

    def blocks(self) -> list[Block]:
        for index, token in enumerate(self.tokens):
            step = getattr(self, f"on_{token.type}", None)
            if step is not None:
                step(token, index)
        return self.found

    def on_list_item_open(self, token: Token, _index: int) -> None:
        self.items.append(token)
        self.untold = token

    def on_list_item_close(self, _token: Token, _index: int) -> None:
        self.items.pop()
        self.untold = None

    def on_blockquote_open(self, _token: Token, _index: int) -> None:
        self.quotes += 1

    def on_blockquote_close(self, _token: Token, _index: int) -> None:
        self.quotes -= 1

    def on_heading_open(self, token: Token, index: int) -> None:
        # A heading that is quoted, or that stands in a list item, opens no section of the document.
        inside = self.quotes or self.items
        self.add("paragraph" if inside else "heading", token, self.tokens[index + 1].content,
                 len(self.items) if inside else int(token.tag[1:]))  # fmt: skip

    def on_paragraph_open(self, token: Token, index: int) -> None:
        text = self.tokens[index + 1].content
        if self.untold is None:
            self.add("paragraph", token, text, len(self.items))
            return
        marker = f"{self.untold.info}{self.untold.markup}"
        self.add("item", token, text, len(self.items), info=marker)
        self.untold = None

    def on_fence(self, token: Token, _index: int) -> None:
        self.add("fence", token, token.content, len(self.items), info=token.info.strip(), body=1)

    def on_code_block(self, token: Token, _index: int) -> None:
        self.add("fence", token, token.content, len(self.items))

    def on_html_block(self, token: Token, _index: int) -> None:
        self.add("comment", token, token.content, len(self.items))

    def on_hr(self, token: Token, _index: int) -> None:
        self.add("rule", token, "", len(self.items))

    def on_table_open(self, token: Token, index: int) -> None:
        rows: list[Row] = []
        for at in range(index, len(self.tokens)):
            part = self.tokens[at]
            if part.type == "table_close":
                break
            if part.type == "tr_open":
                rows.append(Row((), _first(part)))
            elif part.type == "inline" and rows:
                rows[-1] = Row((*rows[-1].cells, part.content.strip()), rows[-1].line)
        first, last = _first(token), (token.map or [0, 1])[1]
        self.found.append(Block(kind="table", line=first, end_line=last, rows=tuple(rows), level=len(self.items)))

    def add(self, kind: Kind, token: Token, text: str, level: int = 0, *, info: str = "", body: int = 0) -> None:
        if kind in ("paragraph", "item"):
            text = _TICKS.sub("`", text)  # a code span by any number of ticks is one
        # Paragraphs inside table cells have no map of their own and never come here.
        first, last = _first(token), max((token.map or [0, 1])[1], _first(token))
        self.found.append(
            Block(kind=kind, line=first, end_line=last, text=text, level=level, info=info,
                  body_line=min(first + body, last), quote=self.quotes > 0)
        )  # fmt: skip


def _first(token: Token) -> int:
    return (token.map or [0, 1])[0] + 1
