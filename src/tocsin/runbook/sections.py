"""One tree of sections: headings, bold labels ("**Symptoms**:") and plain label lines are all sections."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from tocsin.runbook.annotations import Annotation, annotations_in
from tocsin.runbook.document import Block
from tocsin.runbook.instructions import begins_with_order
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import normal, plain, unnumbered
from tocsin.runbook.roles import EDGE, EXACT, Role, role_of

LABEL_LEVEL, LINE_LEVEL = 7, 6
SHORT_LABEL, SHORT_TITLE = 3, 8
LONG_LINE = 10_000
"""A line of more characters is kept and not read: no instruction is that long, and reading it could take long."""
_BOLD_LABEL = re.compile(r"^(?:\*\*|__)(?P<label>[^*]{2,80}?)(?:\*\*|__)(?P<rest>.*)$")
_PLAIN_LABEL = re.compile(r"^(?P<label>[A-Za-z][^:*`|\[\]]{1,40}):(?P<rest>$|\s.*$)")
_ITALIC_LABEL = re.compile(r"^(?P<mark>[*_])(?P<label>[^*_]{2,40})(?P=mark)(?P<rest>:.*|)$")
_ASIDE = re.compile(r"\([^()]*\)")
# A list item opens a section only for the parts of an entry, never for a contact or a severity.
_ITEM_ROLES: frozenset[Role] = frozenset({"symptoms", "diagnostics", "resolution", "escalation", "resolved"})
_LISTS: frozenset[Role | None] = frozenset(
    {"contacts", "severities", "procedure", "escalation", "review", "background"}
)


@dataclass(slots=True)
class Section:
    """A heading or label with what stands under it. `rest` is what follows a label on its line."""

    title: str
    level: int
    line: int
    rest: str = ""
    blocks: list[Block] = field(default_factory=list)
    children: list["Section"] = field(default_factory=list)
    annotations: tuple[Annotation, ...] = ()
    notes: dict[int, tuple[Annotation, ...]] = field(default_factory=dict)

    @property
    def is_label(self) -> bool:
        """Tell a label from a heading."""
        return self.level == LABEL_LEVEL

    @property
    def role(self) -> Role | None:
        """Give what the title says the section is for."""
        return role_of(self.title)[0]

    @property
    def sureness(self) -> int:
        """Give how sure `role` is."""
        return role_of(self.title)[1]

    @property
    def end_line(self) -> int:
        """Give the last line of the section, its children included."""
        ends = [self.line, *(block.end_line for block in self.blocks), *(c.end_line for c in self.children)]
        return max(ends)

    def walk(self) -> Iterator["Section"]:
        """Give this section and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all_blocks(self) -> Iterator[Block]:
        """Give the blocks of this section and of all below it."""
        for section in self.walk():
            yield from section.blocks


def section_tree(blocks: Iterable[Block], ledger: Ledger) -> Section:
    """Give the root of the section tree; level 0, without a title."""
    builder = _Builder(ledger)
    held: Block | None = None
    for block in blocks:
        if held is not None:
            builder.add(held, block)
        held = block
    if held is not None:
        builder.add(held, None)
    return builder.root


class _Builder:
    def __init__(self, ledger: Ledger) -> None:
        self.root = Section("", 0, 1)
        self.stack = [self.root]
        self.ledger = ledger
        self.pending: tuple[Annotation, ...] = ()
        self.skipping = 0

    def add(self, block: Block, after: Block | None) -> None:
        """Take a block; `after` is the one that follows it."""
        if self._skipped(block):
            self.ledger.claim_block(block)
        elif block.kind == "comment":
            self._comment(block, after)
        elif _too_long(block):
            self._leave(block)
        elif block.kind == "heading":
            self._open(unnumbered(block.text), block.level, block.line)
        elif block.kind == "rule":
            self.ledger.claim_block(block)
            self._close(LABEL_LEVEL)
        elif block.kind == "paragraph" and block.level == 0 and not block.quote:
            level = _line_level(block, after)
            if level:
                self._open(unnumbered(block.text), level, block.line)
            else:
                self._paragraph(block)
        elif block.kind == "item" and block.level == 1:
            self._item(block)
        else:
            self._keep(block)

    def _comment(self, block: Block, after: Block | None) -> None:
        found = annotations_in(block.text, block.line, self.ledger)
        if after is None or after.line > block.end_line + 1:
            # With nothing directly below it, an end speaks of the section it stands in.
            ends = tuple(note for note in found if note.what == "resolved-when")
            self.stack[-1].notes[block.line] = ends
            found = tuple(note for note in found if note not in ends)
        self.pending += found
        text = plain(block.text)
        if text and not text.startswith("<!--"):  # other HTML than a comment: its words are kept
            self._keep(msgspec.structs.replace(block, kind="paragraph"))
        else:
            self.ledger.claim_block(block)

    def _leave(self, block: Block) -> None:
        self.ledger.info(
            "RB002", block.line,
            f"A line of more than {LONG_LINE} characters stands here, so this is kept as notes and not read; break it.",
        )  # fmt: skip

    def _skipped(self, block: Block) -> bool:
        """Leave out what stands below `tocsin:skip`: one block, or a heading with its whole section."""
        if self.skipping and block.kind == "heading" and block.level <= self.skipping:
            self.skipping = 0
        if self.skipping:
            return True
        if block.kind == "comment" or not any(note.what == "skip" for note in self.pending):
            return False
        self.pending = ()
        self.skipping = block.level if block.kind == "heading" else 0
        return True

    def _paragraph(self, block: Block) -> None:
        """Cut a paragraph at the lines that are labels."""
        rest: list[str] = []
        at = block.line
        for number, line in enumerate(block.text.split("\n"), block.line):
            label = _label(line)
            if label is None:
                rest.append(line)
                continue
            self._keep_lines(rest, at)
            told = bool(label[1]) and not _ASIDE.fullmatch(label[1])
            rest, at = [label[1]] if told else [], number if told else number + 1
            self._open(label[0], LABEL_LEVEL, number, label[1])
        self._keep_lines(rest, at)

    def _item(self, block: Block) -> None:
        label = _label(block.text.split("\n")[0])
        top = self.stack[-1]
        if label is None or top.role in _LISTS or not _opens(label[0], ordered=block.info[:1].isdigit()):
            self._keep(block)
            return
        self._open(label[0], LABEL_LEVEL, block.line, label[1])
        if label[1]:
            self._keep(msgspec.structs.replace(block, kind="paragraph", text=label[1], level=0))

    def _keep_lines(self, lines: list[str], line: int) -> None:
        if any(text.strip() for text in lines):
            block = Block(kind="paragraph", line=line, end_line=line + len(lines) - 1, text="\n".join(lines))
            self._keep(block)

    def _open(self, title: str, level: int, line: int, rest: str = "") -> None:
        self._close(level)
        section = Section(title, level, line, rest, annotations=self.pending)
        self.pending = ()
        self.stack[-1].children.append(section)
        self.stack.append(section)

    def _close(self, level: int) -> None:
        while self.stack[-1].level >= level:
            self.stack.pop()

    def _keep(self, block: Block) -> None:
        top = self.stack[-1]
        inline = annotations_in(block.text, block.line, self.ledger) if block.kind in ("item", "paragraph") else ()
        if self.pending or inline:
            top.notes[block.line] = self.pending + inline
            self.pending = ()
        top.blocks.append(block)


def _opens(title: str, *, ordered: bool) -> bool:
    """Tell whether an item begins a part of an entry; in a numbered list only symptoms do: the others are steps."""
    role, sure = role_of(title)
    return sure == EXACT and (normal(title) in ("symptom", "symptoms") if ordered else role in _ITEM_ROLES)


def _too_long(block: Block) -> bool:
    if len(block.text) <= LONG_LINE:
        return any(len(cell) > LONG_LINE for row in block.rows for cell in row.cells)
    return any(len(line) > LONG_LINE for line in block.text.split("\n"))


def _line_level(block: Block, after: Block | None) -> int:
    """Give the level of a line that is a heading in all but form: 0 for what is none.

    "Severity" alone over a list is a label; "Printer stuck" alone over "Symptoms:" is the title of an entry.
    """
    text = block.text
    if after is None or not reads_as_title(text):
        return 0
    role, sure = role_of(text)
    if role is not None and sure == EXACT and after.kind in ("item", "table", "fence", "paragraph"):
        return LABEL_LEVEL
    label = _label(after.text.split("\n")[0]) if after.kind == "paragraph" and not after.quote else None
    return LINE_LEVEL if label and role_of(label[0])[0] == "symptoms" else 0


def reads_as_title(text: str) -> bool:
    """Tell a line that may be a title in all but form: a few words, no label, no markup and no end of a sentence."""
    if "\n" in text or text.rstrip()[-1:] in ".,;:!?" or len(text.split()) > SHORT_TITLE:
        return False
    return not (re.match(r"[*_`<\[|]", text) or re.search(r"[`|{}]|https?:", text) or _label(text))


def _label(line: str) -> tuple[str, str] | None:
    """Give (label, what follows it) of a line that is a label, or None."""
    bold = _BOLD_LABEL.match(line)
    if bold:
        label, rest = bold["label"].strip(), bold["rest"].strip()
        colon = label.endswith(":") or rest.startswith(":")
        aside = re.fullmatch(r"\([^()]*\)\s*:?", rest)
        if colon or not rest or aside:
            return plain(label).rstrip(":").strip(), rest.removeprefix(":").strip().removesuffix(":").strip()
        return None
    found = _ITALIC_LABEL.match(line) or _PLAIN_LABEL.match(line)
    if not found:
        return None
    label, rest = plain(found["label"]), found["rest"].removeprefix(":").strip()
    role, sure = role_of(label)
    # A plain line is a label when its words are ones we know; anything else that ends in a colon is a sentence.
    short = not rest and len(label.split()) <= SHORT_LABEL and not begins_with_order(label)
    return (label, rest) if role and sure >= (EDGE if short else EXACT) else None
