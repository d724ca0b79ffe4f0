"""Everything the runbook page shows, as values: lines, what they became, findings under them, sections beside them."""

from typing import NamedTuple

from tocsin.explanation.became import Kind, Piece, pieces
from tocsin.explanation.carets import marked, told
from tocsin.explanation.differences import Difference
from tocsin.explanation.differences import Row as Differs
from tocsin.explanation.explain import Explained, Line
from tocsin.explanation.parts import Part
from tocsin.explanation.rewriting import Change
from tocsin.explanation.written import prose
from tocsin.runbook.policy import Finding
from tocsin.runbook.rules import RULES
from tocsin.web.names import short_sha

_TAB = 4
_AS_IS = frozenset({"code", "mark", "table", "comment"})
_PARTING = frozenset({"blank", "mark", "rule"})
_LITERAL = frozenset({"RB001", "RB202"})
"""Codes whose suggestion is the text to write, not a sentence about it."""

_ICONS: dict[Kind, str] = {
    "severity": "flag", "criterion": "flag", "level": "people", "incident-type": "bell", "symptom": "eye",
    "unwatched": "will", "people": "people", "alone": "play", "click": "play", "person": "lock", "refused": "ban",
    "manual": "hand", "snippet": "file", "prohibition": "ban", "branch": "why", "phase": "flag", "rule": "clock",
    "over": "tick", "template": "send", "review": "note", "cadence": "clock", "deadline": "clock",
    "contact": "people", "annotation": "note",
}  # fmt: skip


class Changed(NamedTuple):
    """What a version changes, as shown: sentences in pieces, and the lines of the text."""

    paged: tuple[tuple[Piece, ...], ...]
    runs: tuple[tuple[Piece, ...], ...]
    policy: tuple[tuple[Piece, ...], ...]
    text: tuple[Differs, ...]


def changed_of(found: Difference) -> Changed:
    """Give a difference as it is shown."""
    return Changed(_said(found.paged), _said(found.runs), _said(found.policy), found.text)


def _said(sentences: tuple[str, ...]) -> tuple[tuple[Piece, ...], ...]:
    return tuple(pieces(f"{text[:1].upper()}{text[1:]}.") for text in sentences)


class Shown(NamedTuple):
    """What the reader asked for, and what is known of the version; `until` is "" while it is in force.

    `changed` is what it changes since `against`; `rewrites` are the lines that read differently in the copy to be
    downloaded.
    """

    only: str
    since: str
    until: str
    published: str
    before: str
    against: str
    changed: Changed | None
    rewrites: tuple[Change, ...]


class Became(NamedTuple):
    """What a line became, as shown."""

    icon: str
    words: tuple[Piece, ...]
    runs: str


class Found(NamedTuple):
    """A finding as shown. `id` is that of an error, `next_error` the id of the one after it; each may be ""."""

    id: str
    level: str
    code: str
    sentence: tuple[Piece, ...]
    number: int
    source: str
    carets: str
    label: str
    why: tuple[Piece, ...]
    next: tuple[Piece, ...]
    literal: str
    next_error: str


class Row(NamedTuple):
    """A line as shown. `part` = the sections beside the page lead here."""

    number: int
    look: str
    words: tuple[Piece, ...]
    deep: int
    part: bool
    became: tuple[Became, ...]
    findings: tuple[Found, ...]


class RunbookPage(NamedTuple):
    """The page of one version of the runbook."""

    title: str
    name: str
    sha: str
    shown: Shown
    understood: str
    errors: int
    warnings: int
    notes: int
    commands: str
    parts: tuple[Part, ...]
    rows: tuple[Row, ...]
    lines: int


def runbook_page(explained: Explained, shown: Shown) -> RunbookPage:
    """Give the page of an explained document."""
    runbook, rows = explained.runbook, _Rows(explained)
    levels = [finding.level for line in explained.lines for finding in line.findings]
    return RunbookPage(
        title=runbook.title,
        name=runbook.path.rpartition("/")[2],
        sha=short_sha(runbook.sha256),
        shown=shown,
        understood=_understood(explained),
        errors=levels.count("error"),
        warnings=levels.count("warning"),
        notes=levels.count("info"),
        commands=_commands(explained),
        parts=explained.parts,
        rows=tuple(rows.row(line) for line in explained.lines if rows.is_wanted(line, shown.only)),
        lines=len(explained.lines),
    )


def _understood(explained: Explained) -> str:
    filled = sum(bool(line.written.text.strip()) for line in explained.lines)
    left = round(filled * (1 - explained.runbook.understood))
    return f"all but {left} understood" if left else "all understood"


def _commands(explained: Explained) -> str:
    """Say of the commands how many run by themselves, at a click, by a person, and never."""
    alone, click = explained.count("alone"), explained.count("click")
    person, refused = explained.count("person"), explained.count("refused")
    said = (
        (alone, f"{alone} {'runs by itself' if alone == 1 else 'run by themselves'}"),
        (click, f"{click} only {'reads and runs' if click == 1 else 'read and run'} at a click"),
        (person, f"{person} {'needs' if person == 1 else 'need'} a person"),
        (refused, f"{refused} {'is' if refused == 1 else 'are'} refused as written"),
    )
    words = ", ".join(text for count, text in said if count)
    total = alone + click + person + refused
    return f"Of {total} command{'s' if total > 1 else ''}, {words}." if total else "It holds no commands."


class _Rows:
    """Makes the rows; errors are numbered, so that each can lead to the next."""

    def __init__(self, explained: Explained) -> None:
        self.parts = {part.line: part for part in explained.parts}
        errors = [f for line in explained.lines for f in line.findings if f.level == "error"]
        self.errors = {id(finding): number for number, finding in enumerate(errors, 1)}
        self.paging = {line.written.number for line in explained.lines if any(one.pages for one in line.became)}
        self.found = {line.written.number for line in explained.lines if line.findings}

    def is_wanted(self, line: Line, only: str) -> bool:
        """Give whether a line is shown; what parts the others is not, unless something is wrong with it."""
        if not only:
            return bool(line.findings) or (line.written.look not in _PARTING and bool(line.written.text.strip()))
        wanted = self.found if only == "findings" else self.paging
        part = self.parts.get(line.written.number)
        inside = part is not None and any(part.line <= number <= part.end_line for number in wanted)
        return line.written.number in wanted or inside

    def row(self, line: Line) -> Row:
        """Give a line as shown."""
        row = line.written
        as_is = row.look in _AS_IS
        return Row(
            number=row.number,
            look=row.look,
            words=(Piece(row.text.expandtabs(_TAB)),) if as_is else pieces(prose(row)),
            deep=0 if row.look == "heading" else max(row.depth - 1, 0),
            part=row.number in self.parts,
            became=tuple(
                Became(_ICONS.get(one.kind, ""), pieces(one.words), one.runs) for one in line.became if one.words
            ),
            findings=tuple(self._found(finding, row.text.expandtabs(_TAB)) for finding in line.findings),
        )

    def _found(self, finding: Finding, source: str) -> Found:
        part, words = marked(finding, source), told(finding)
        number = self.errors.get(id(finding), 0)
        rule = RULES.get(finding.code)
        literal = finding.suggestion if finding.code in _LITERAL else None
        return Found(
            id=f"e{number}" if number else "",
            level={"info": "remark"}.get(finding.level, finding.level),
            code=finding.code,
            sentence=pieces(words.sentence),
            number=finding.line,
            source=source,
            carets=f"{' ' * part.start}{'^' * max(part.end - part.start, 1)}",
            label=words.label,
            why=pieces(rule.why if rule else ""),
            next=pieces("" if literal else finding.suggestion or (rule.do if rule else "")),
            literal=literal or "",
            next_error=f"e{number + 1}" if 0 < number < len(self.errors) else "",
        )
