"""Where every line of a document went: to a fact, to what is said around the facts, or to a note. None is lost."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from tocsin.runbook.names import plain
from tocsin.runbook.policy import IncidentType, Note, Runbook, Step


def fact_lines(runbook: Runbook) -> set[int]:
    """Give the lines on which facts stand, all lines of a step, a template or a review included."""
    return {line for first, last in _spans(runbook) for line in range(first, (last or first) + 1)}


def notes_of(lines: Sequence[str], numbers: Iterable[int], starts: Collection[int]) -> tuple[Note, ...]:
    """Give the lines of these `numbers` as notes, neighbours together unless a block begins at one (`starts`)."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1 and number not in starts:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple(Note(_shown(lines[first - 1 : last]), first, last) for first, last in runs)


def _shown(lines: Sequence[str]) -> str:
    return plain(" ".join(line.strip().lstrip("#>").strip() for line in lines)) or " ".join(lines).strip()


def _spans(book: Runbook) -> Iterator[tuple[int, int | None]]:
    for severity in book.severities:
        yield severity.line, None
        yield from ((criterion.line, None) for criterion in severity.criteria)
    yield from ((level.line, None) for level in book.escalation)
    for entry in book.incident_types:
        yield from _entry(entry)
    yield from ((step.line, step.end_line) for step in (*book.commands, *book.procedures))
    yield from ((template.line, template.end_line) for template in book.templates)
    if book.review is not None:
        yield book.review.line, book.review.end_line if book.review.body else None
    for promises in (book.cadences, book.deadlines, book.contacts):
        yield from ((promise.line, None) for promise in promises)


def _entry(entry: IncidentType) -> Iterator[tuple[int, int | None]]:
    yield entry.line, None
    yield from ((symptom.line, None) for symptom in entry.symptoms)
    yield from ((note.line, note.end_line) for note in entry.resolved_when)
    yield from ((branch.line, None) for branch in entry.resolution)
    steps: tuple[Step, ...] = (*entry.diagnostics, *(step for branch in entry.resolution for step in branch.steps))
    yield from ((step.line, step.end_line) for step in steps)
    if entry.escalation is not None:
        yield entry.escalation.line, None
    if entry.severity_line is not None:
        yield entry.severity_line, None
