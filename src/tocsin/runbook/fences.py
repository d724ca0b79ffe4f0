"""A fence becomes branches: who does what, on which condition, and what may be a command at all."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

import msgspec

from tocsin.runbook.commandlike import UNKNOWN
from tocsin.runbook.comments import CONDITION, Remark, are_alternatives, judge
from tocsin.runbook.document import Block
from tocsin.runbook.fence_checks import check_fence
from tocsin.runbook.imperatives import asks
from tocsin.runbook.instructions import begins_with_order, is_to_write, told_in
from tocsin.runbook.languages import language_of
from tocsin.runbook.making import EXAMPLE, SQL_BROKEN, StepMaker
from tocsin.runbook.names import plain
from tocsin.runbook.pieces import Piece, pieces, sql_pieces
from tocsin.runbook.policy import Branch, Step
from tocsin.runbook.shapes import LONG

_LISTED = re.compile(r"^(?:[-*•·+]|[0-9]{1,3}[.)]|[A-Za-z][.)]|\[[ xX]?\]|☐)\s+(?:\[[ xX]?\]\s+)?(?P<text>\S[^\n]*)")
_ASKS = re.compile(r"^[0-9]{1,2}[.)]|→|->|\?$|\b(?:should|must|need to|have to)\b")
_COUNTED = re.compile(r"^[0-9]{1,2}[.)]\s+(?=\w)")
NO_SHELL = "this is SQL, which a shell cannot run"
ILLUSTRATION = "the runbook shows it with what it answers, as an example"


@dataclass(slots=True)
class _Open:
    """A branch being filled."""

    condition: str | None
    kind: str
    line: int
    steps: list[Step] = field(default_factory=list)


def read_fence(maker: StepMaker, block: Block, section: str, *, shown: bool = False) -> tuple[Branch, ...]:
    """Give the branches of a fence. `shown` says that the text above calls it an example of what one sees."""
    maker.ledger.claim_block(block)
    kind, name = language_of(block.info)
    if kind == "other":
        step = maker.snippet(
            f"{name} text", block.text.rstrip("\n"), section, (block.body_line, block.end_line - 1), name
        )
        return (Branch(condition=None, steps=(step,), line=block.body_line),)
    certain = kind in ("shell", "console")
    found = sql_pieces(block.text) if kind == "sql" else pieces(block.text, certain=certain, console=kind == "console")
    if shown and kind not in ("shell", "sql"):
        found = [p if p.other or p.kind != "statement" else p._replace(other=ILLUSTRATION) for p in found]
    if certain:
        check_fence(found, block.body_line, maker.ledger)
    return _Fence(maker, block, section, certain=certain).branches(found)


class _Fence:
    """One fence: groups parted by blank lines; comments directly above a statement speak of it."""

    def __init__(self, maker: StepMaker, block: Block, section: str, *, certain: bool) -> None:
        self.maker, self.block, self.section, self.certain = maker, block, section, certain
        self.found: list[_Open] = []
        self.title: list[Remark] = []
        self.example = False
        self.by_platform = False

    def branches(self, found: list[Piece]) -> tuple[Branch, ...]:
        self.by_platform = are_alternatives([piece.text for piece in found if piece.kind == "comment"])
        for group in _groups([piece for piece in found if not piece.text.startswith(("!/", "tocsin:"))]):
            if self.found and self.found[-1].kind != "phase" and self.found[-1].condition is not None:
                self._open(None, "branch", self._at(group[0]))
            for kind, run in groupby(group, key=lambda piece: piece.kind):
                items = list(run)
                if kind == "comment":
                    self._comments(items, attached=items[-1] is not group[-1])
                elif kind == "text":
                    self._text(items)
                else:
                    for piece in items:
                        self._statement(piece)
        return tuple(self._finished())

    def _finished(self) -> Iterator[Branch]:
        for open_ in self.found:
            steps = open_.steps
            if not steps and open_.condition is not None and open_.kind == "branch":
                steps = [self.maker.manual(open_.condition, self.section, open_.line, "manual")]
            if steps or open_.condition is not None:
                yield msgspec.convert(
                    {"condition": open_.condition, "steps": tuple(steps), "kind": open_.kind, "line": open_.line},
                    Branch,
                )

    # -- comments

    def _comments(self, found: list[Piece], *, attached: bool) -> None:
        self.title = []
        lines = [(piece.text, self._at(piece)) for piece in found]
        remarks = list(_joined(judge(lines, by_platform=self.by_platform)))
        for index, remark in enumerate(remarks):
            last = attached and not any(r.sort == "plain" for r in remarks[index + 1 :])
            self._remark(remark, titles=attached and (last or not remark.bulleted))

    def _remark(self, remark: Remark, *, titles: bool) -> None:
        if remark.sort in ("condition", "phase"):
            self._open(remark.text.rstrip(":"), "phase" if remark.sort == "phase" else "branch", remark.line)
        elif remark.sort == "example":
            self.example = True
        elif remark.sort in ("file", "code"):
            self._snippet(remark)
        elif self._steps() and (remark.sort in ("remark", "expected") or (not titles and self._only_tells(remark))):
            self._append_to_last(remark)
        elif remark.sort == "plain" and titles:
            self.title.append(remark)
        elif remark.sort not in ("ruler", "expected"):
            kind = "prohibition" if remark.sort == "prohibition" else "manual"
            words = _COUNTED.sub("", remark.text)
            if remark.sort == "plain" and not (remark.bulleted or words != remark.text or _asked(remark)):
                line = (remark.line, remark.line)
                self._steps().append(self.maker.snippet(remark.text, f"# {remark.raw}", self.section, line))
            elif not is_to_write(words):
                self._steps().append(self.maker.manual(words, self.section, remark.line, kind))

    def _only_tells(self, remark: Remark) -> bool:
        """Tell a comment that says something of the command above it from one that asks for something."""
        last = self._steps()[-1]
        near = remark.line <= last.end_line + 1 and last.kind == "command" and not remark.bulleted
        return remark.sort == "plain" and near and not _asked(remark)

    def _snippet(self, remark: Remark) -> None:
        steps = self._steps()
        if remark.sort == "code" and steps and steps[-1].kind == "snippet":
            self._extend(remark.raw, remark.line)
            return
        title = remark.text.rstrip(":") if remark.sort == "file" else "Text for another file"
        source = "" if remark.sort == "file" else remark.raw
        steps.append(self.maker.snippet(title, source, self.section, (remark.line, remark.line)))

    def _append_to_last(self, remark: Remark) -> None:
        last = self._steps()[-1]
        words = remark.text if remark.sort == "remark" else f"({remark.text[:1].lower()}{remark.text[1:]})"
        self._steps()[-1] = msgspec.structs.replace(last, title=f"{last.title} {words}")

    # -- text

    def _text(self, found: list[Piece]) -> None:
        """Take what a person is told as steps, and everything else as text that is kept."""
        for is_sql, run in groupby(found, key=lambda piece: self.certain and piece.other == "SQL"):
            (self._queries if is_sql else self._words)(list(run))

    def _queries(self, found: list[Piece]) -> None:
        """Take the SQL that stands bare in a shell fence: somebody can run it, a shell cannot."""
        title = _title_of(self.title)
        self.title = []
        held: list[Piece] = []
        for piece in found:
            held.append(piece)
            if piece.text.endswith(";") or piece is found[-1]:
                text = "\n".join(one.text for one in held)
                self._steps().append(
                    self.maker.command(text, title, self.section, self._at(held[0]), self._end(piece), language="sql",
                                       why_not=NO_SHELL)
                )  # fmt: skip
                held, title = [], ""

    def _words(self, found: list[Piece]) -> None:
        self.title = []
        told = self.certain or all(_LISTED.match(piece.text) for piece in found)
        for is_told, run in groupby(found, key=lambda piece: told and _told_by(piece) is not None):
            items = list(run)
            if is_told:
                for piece in items:
                    self._told(_told_by(piece) or "", self._at(piece))
            else:
                self._keep(items)

    def _told(self, words: str, line: int) -> None:
        if CONDITION.match(words) and words.endswith(":"):
            self._open(words.rstrip(":"), "branch", line)
        else:
            self._steps().append(self.maker.manual(words, self.section, line))

    def _keep(self, found: list[Piece]) -> None:
        steps, line, end = self._steps(), self._at(found[0]), self._end(found[-1])
        text = "\n".join(piece.text for piece in found)
        goes_on = steps and steps[-1].kind == "snippet" and line <= steps[-1].end_line + 2
        if goes_on and len(steps[-1].source) < LONG:
            self._extend("\n" * (line - steps[-1].end_line - 1) + text, end)
        else:
            steps.append(self.maker.snippet("", text, self.section, (line, end)))

    def _extend(self, text: str, end: int) -> None:
        steps = self._steps()
        source = f"{steps[-1].source}\n{text}" if steps[-1].source else text
        steps[-1] = msgspec.structs.replace(steps[-1], source=source, end_line=end)

    # -- statements

    def _statement(self, piece: Piece) -> None:
        title = _title_of(self.title) or plain(piece.aside)
        self.title = []
        line, end = self._at(piece), self._end(piece)
        if piece.broken and self.certain:
            self.maker.ledger.error(
                "RB105", line, "The shell cannot read this command as written; look for a quote or bracket left open."
            )
        self._steps().append(
            self.maker.command(piece.text, title, self.section, line, end, language=piece.language,
                               why_not=self._why_not(piece))
        )  # fmt: skip
        self.example = False

    def _why_not(self, piece: Piece) -> str | None:
        if piece.other == ILLUSTRATION:
            return piece.other
        if piece.other == UNKNOWN and not self.certain:
            return "the fence does not say that it holds shell commands"
        if piece.other:
            return f"this is {piece.other}"
        if piece.broken:
            return SQL_BROKEN if piece.language == "sql" else "the shell cannot read it as written"
        return EXAMPLE if self.example else None

    def _open(self, condition: str | None, kind: str, line: int) -> None:
        if self.found and not self.found[-1].steps and self.found[-1].condition is None:
            self.found.pop()
        self.found.append(_Open(condition, kind, line))

    def _steps(self) -> list[Step]:
        if not self.found:
            self._open(None, "branch", self.block.body_line)
        return self.found[-1].steps

    def _end(self, piece: Piece) -> int:
        """Give the last line of a piece; a here-document that is left open ends with its fence."""
        return min(self.block.body_line + piece.end_line, self.block.end_line)

    def _at(self, piece: Piece) -> int:
        return self.block.body_line + piece.line


def _asked(remark: Remark) -> bool:
    """Tell a comment that asks for something."""
    words = remark.text
    return bool(_ASKS.search(words)) or begins_with_order(words) or asks(words) or any(told_in(words, 1))


def _told_by(piece: Piece) -> str | None:
    """Give what a line of text asks a person to do, or None."""
    listed = _LISTED.match(piece.text)
    words = plain(listed["text"] if listed else piece.text)
    asked = listed or (piece.other == "a sentence" and asks(words) and not words.split()[0].isupper())
    return words if words and asked and "\n" not in piece.text else None


def _joined(remarks: Iterable[Remark]) -> Iterator[Remark]:
    """Join the lines of one sentence: a line that begins in lower case goes on with the one above it."""
    held: Remark | None = None
    for remark in remarks:
        goes_on = held is not None and held.sort == remark.sort == "plain" and not (remark.bulleted or held.bulleted)
        if goes_on and held and remark.text[:1].islower() and not held.text.endswith((":", ".")):
            held = held._replace(text=f"{held.text} {remark.text}")
            continue
        if held is not None:
            yield held
        held = remark
    if held is not None:
        yield held


def _groups(found: list[Piece]) -> Iterator[list[Piece]]:
    group: list[Piece] = []
    for piece in found:
        if group and piece.line > group[-1].end_line + 1:
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _title_of(remarks: list[Remark]) -> str:
    """Join the lines of a title: a line that begins in lower case goes on, another one is a sentence more."""
    title = ""
    for remark in remarks:
        goes_on = remark.text[:1].islower() or not title
        title += (" " if title and goes_on else "" if not title else ". ") + remark.text
    return title.strip().rstrip(":").strip()
