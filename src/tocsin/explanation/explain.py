"""The whole document, line by line: as written, what each line became, and what is wrong with it.

Start here. Everything is derived from the typed policy; nothing is decided and nothing is read again.
Source: `tocsin explain RUNBOOK:LINE` of the interface, and the runbook page.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from tocsin.escalation.schedule import is_operator
from tocsin.explanation.became import DECIDES_NOTHING, Became, Kind
from tocsin.explanation.binding import bound, noticed_lines
from tocsin.explanation.calling import Placed, became_of_entry, became_of_levels, became_of_severities
from tocsin.explanation.parts import Part, part_words, parts_of, titles_of, tree_of
from tocsin.explanation.steps import became_of_branch, became_of_step
from tocsin.explanation.telling import became_of_contacts, became_of_deadlines, became_of_messages
from tocsin.explanation.written import Written, written
from tocsin.guard.ruling import Allowance
from tocsin.response.guard import allowance
from tocsin.runbook.checks import findings_with
from tocsin.runbook.document import front_matter
from tocsin.runbook.policy import PEOPLE, Finding, IncidentType, Runbook, Step, Symptom
from tocsin.settings import Settings
from tocsin.triage.measured import configured_metric

_SHOWN = "It is kept and shown, and decides nothing."
_EMPTY: dict[str, str] = {
    "blank": "a blank line", "mark": "it begins or ends a block", "rule": "a line drawn across",
}  # fmt: skip
_UNSEEN = "a comment that nobody sees when the document is shown"
_COMMENT = Became("nothing", "", _UNSEEN, "It decides nothing.")
_FRONT = Became("nothing", "", "front matter, which other programs read", "It decides nothing.")
_HTML = Became("background", "", "HTML of the document's own", _SHOWN)
_UNDERLINE = Became("nothing", "", "it underlines the heading above", "It decides nothing.")
_TABLE_HEAD = Became(
    "background", "", "the head of a table says what its columns are", "It says how its rows are read."
)
_TABLE_RULE = Became("nothing", "", "it parts the head of a table from its rows", "It decides nothing.")
_ANNOTATION = Became("annotation", "annotation", _UNSEEN, "It speaks of what stands directly below it.")


class Line(NamedTuple):
    """One line of the document with all that is known of it."""

    written: Written
    became: tuple[Became, ...]
    findings: tuple[Finding, ...]


class Explained(NamedTuple):
    """A document explained. `lines[n - 1]` is line n."""

    runbook: Runbook
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]

    def count(self, *kinds: str) -> int:
        """Give how many things of these kinds the document holds."""
        return sum(one.kind in kinds and bool(one.words) for line in self.lines for one in line.became)


def findings_beside(runbook: Runbook, settings: Settings) -> tuple[Finding, ...]:
    """Give the findings that are left once the configuration fills blanks: roles, severities, what notices symptoms."""
    stated = [name for name, entry in settings.incident_types.items() if entry.severity]
    held = [role for role, who in settings.roles.items() if not all(is_operator(one, settings) for one in who)]
    noticed = noticed_lines(runbook, settings)
    left = findings_with(runbook, held, stated)
    return tuple(finding for finding in left if finding.code != "RB204" or finding.line not in noticed)


def explain(runbook: Runbook, lines: tuple[str, ...], findings: Collection[Finding], settings: Settings) -> Explained:
    """Explain a document: its policy, its decoded lines, what was found in it, and the configuration it meets."""
    rows = written(lines)
    known: dict[int, list[Became]] = defaultdict(list)
    for line, became in _policy(runbook, settings):
        if became not in known[line]:
            known[line].append(became)
    tree = tree_of(lines)
    parts = parts_of(tree, runbook)
    for line, became in part_words(tree, known):
        known[line].append(became)
    _name_commands(rows, runbook, known)
    _carry_on(rows, runbook, known, titles_of(tree))
    found: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[min(finding.line, len(rows))].append(finding)
    return Explained(
        runbook, tuple(Line(row, tuple(known[row.number]), tuple(found[row.number])) for row in rows),
        tuple(part.counting([one for line in part.lines for one in found.get(line, ())]) for part in parts),
    )  # fmt: skip


def _policy(runbook: Runbook, settings: Settings) -> Iterator[Placed]:
    runbook = bound(runbook, settings)
    yield from became_of_severities(runbook)
    yield from became_of_levels(runbook)
    for entry in runbook.incident_types:
        yield from became_of_entry(entry, runbook, settings)
        yield from ((symptom.line, _symptom(symptom, entry, settings)) for symptom in entry.symptoms)
        for branch in entry.resolution:
            yield from ((branch.line, became) for became in became_of_branch(branch))
    for step, title, allowed in judged_steps(runbook, settings):
        yield step.line, became_of_step(step, allowed, title, runs=settings.targets.run)
    yield from became_of_messages(runbook)
    yield from became_of_deadlines(runbook)
    yield from became_of_contacts(runbook)


def steps_in(runbook: Runbook) -> Iterator[tuple[Step, str | None]]:
    """Give every step with the title of its entry, None for those of the document."""
    for entry in runbook.incident_types:
        yield from ((step, entry.title) for step in entry.diagnostics)
        yield from ((step, entry.title) for branch in entry.resolution for step in branch.steps)
    yield from ((step, None) for step in (*runbook.commands, *runbook.procedures))


def judged_steps(runbook: Runbook, settings: Settings) -> Iterator[tuple[Step, str | None, Allowance]]:
    """Give every step with the title of its entry and what it may use there."""
    usual = allowance(settings, runbook)
    placed = {entry.title: entry.id for entry in runbook.incident_types if entry.id in settings.incident_types}
    own = {title: allowance(settings, runbook, entry) for title, entry in placed.items()}
    yield from ((step, title, own.get(title or "", usual)) for step, title in steps_in(runbook))


def _symptom(symptom: Symptom, entry: IncidentType, settings: Settings) -> Became:
    rule = "an item below “Symptoms” is a symptom of its entry"
    effect = f"Its words lead an alert or a report to {entry.title}."
    if symptom.threshold is not None:
        effect += " `tocsin rules` makes an alerting rule of it."
    measured = configured_metric(symptom, settings.metrics)
    if measured is not None and symptom.bound_to == f"the metric {measured}":
        expr = settings.metrics[measured].expr.replace("`", "'")
        return Became("symptom", f"measured by `{' '.join(expr.split())}`", rule, effect)
    if symptom.bound_to is None:
        return Became("unwatched", f"**nothing watches this**; it {symptom.gap or 'needs an alert'}", rule, effect)
    kind: Kind = "people" if symptom.bound_to == PEOPLE else "symptom"
    return Became(kind, f"noticed by {symptom.bound_to}", rule, effect)


def _name_commands(rows: tuple[Written, ...], runbook: Runbook, known: dict[int, list[Became]]) -> None:
    """Say of comments directly above a command that they name it."""
    for step in (step for step, _ in steps_in(runbook) if step.kind == "command"):
        number = step.line - 1
        while number > 0 and rows[number - 1].look == "code" and rows[number - 1].text.strip() and not known[number]:
            if rows[number - 1].text.lstrip()[:1] not in ("#", "-"):
                break
            name = "comments directly above a command name it"
            known[number].append(Became("belongs", "", name, f"It is the name of the step at :{step.line}."))
            number -= 1


def _carry_on(
    rows: tuple[Written, ...], runbook: Runbook, known: dict[int, list[Became]], titles: Mapping[int, str]
) -> None:
    """Say of every other line what it belongs to, or that nothing came of it."""
    inside: dict[int, str] = {}
    for first, last, what in _spans(runbook):
        inside |= dict.fromkeys(set(range(first + 1, last + 1)) - inside.keys(), what)
    rest = _Rest(rows, runbook, titles)
    above: Became | None = None
    for row in rows:
        if not known[row.number]:
            begun = known[row.block][0] if row.block != row.number and known[row.block] else None
            known[row.number].append(
                _within(row, inside.get(row.number, ""), begun, above if row.look == "code" else None) or rest.of(row)
            )
        above = known[row.number][0] if row.look == "code" else None


def _spans(runbook: Runbook) -> Iterator[tuple[int, int, str]]:
    """Give the lines that several lines became together."""
    yield from ((step.line, step.end_line, f"the step at :{step.line}") for step, _ in steps_in(runbook))
    yield from ((one.line, one.end_line, f"the template at :{one.line}") for one in runbook.templates)
    if runbook.review is not None:
        yield runbook.review.line, runbook.review.end_line, f"the review at :{runbook.review.line}"


def _within(row: Written, inside: str, begun: Became | None, above: Became | None) -> Became | None:
    """Give what a line goes on with: a step or text of several lines, its block, or the comment above it."""
    if inside and (row.look == "code" or (row.text.strip() and row.look in ("text", "item", "table"))):
        return Became("belongs", "", f"it goes on with {inside}")
    if not row.text.strip() or row.look in _EMPTY:
        return None
    if begun is not None and begun.kind not in DECIDES_NOTHING:
        return Became("belongs", "", f"it goes on with what begins at :{row.block}")
    if above is not None and above.kind not in DECIDES_NOTHING:
        return Became("belongs", "", "it goes on with the line above")
    return None


class _Rest:
    """Says why nothing came of a line."""

    def __init__(self, rows: tuple[Written, ...], runbook: Runbook, titles: Mapping[int, str]) -> None:
        lines = tuple(row.text for row in rows)
        self._notes = {n for note in runbook.notes for n in range(note.line, (note.end_line or note.line) + 1)}
        self._titles = titles
        self._front = front_matter(lines)
        self._texts = lines
        entries = (range(entry.line, entry.end_line + 1) for entry in runbook.incident_types)
        self._entries = {number for entry in entries for number in entry}

    def of(self, row: Written) -> Became:
        """Give what a line is from which nothing came."""
        if not row.text.strip() or row.look in _EMPTY:
            underlines = row.look == "rule" and row.block != row.number
            what = _EMPTY.get(row.look, "a blank line")
            return _UNDERLINE if underlines else Became("nothing", "", what, "It parts what stands around it.")
        if row.look == "comment":
            return self._unseen(row)
        if row.look == "table" and row.number - row.block < 2:  # noqa: PLR2004  its head, and the line below that
            return _TABLE_RULE if row.number > row.block else _TABLE_HEAD
        if row.block in self._notes or row.number in self._notes:
            first = row.number == row.block + (row.look == "code")
            words = "note" if first or (row.look != "code" and row.number in self._notes) else ""
            return Became("note", words, self._why(row), self._effect(row))
        return Became("background", "", "text around the parts that decide", _SHOWN)

    def _unseen(self, row: Written) -> Became:
        if row.number <= self._front:
            return _FRONT
        if "tocsin:" in row.text:
            return _ANNOTATION
        return _COMMENT if self._texts[row.block - 1].lstrip().startswith("<!--") else _HTML

    def _why(self, row: Written) -> str:
        title = self._titles.get(row.number, "")
        return f"below “{title}”, it is no part of a known kind" if title else "it is no part of a known kind"

    def _effect(self, row: Written) -> str:
        if row.number in self._entries:
            return f"{_SHOWN} Below a label such as “Symptoms”, “Diagnosis” or “Resolution” it would be read."
        return _SHOWN
