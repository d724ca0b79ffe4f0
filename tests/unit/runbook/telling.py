"""Facts as lines a person can write and compare: "12 symptom: p95 above 3s [p95 > 3 s]"."""

from collections.abc import Iterator

from tocsin.runbook.durations import iso
from tocsin.runbook.policy import IncidentType, Response, Runbook, Step, Threshold


def told(runbook: Runbook) -> list[str]:
    """Give a runbook's facts in the order of their lines."""
    found = [(line, number, text) for number, (line, text) in enumerate(_all(runbook))]
    return [f"{line:>3} {text}" for line, _, text in sorted(found)]


def _all(book: Runbook) -> Iterator[tuple[int, str]]:
    for s in book.severities:
        yield s.line, f"severity {s.id} {s.name or '-'} {_response(s.response)}"
        yield from ((c.line, f"criterion {s.id}: {c.text}") for c in s.criteria)
    for v in book.escalation:
        terms = [
            f"after {iso(v.after)}" if v.after else "",
            v.condition or "",
            f"only {v.only_severity}" if v.only_severity else "",
        ]
        yield v.line, "; ".join([f"level {v.id} {v.role}", *(term for term in terms if term)])
    for entry in book.incident_types:
        yield from _entry(entry)
    for step in (*book.commands, *book.procedures):
        yield from _step(step)
    for t in book.templates:
        yield t.line, f"template {t.channel or '-'}: {t.title}"
    if book.review and book.review.body:
        yield book.review.line, f"review: {book.review.title}"
    yield from ((c.line, f"cadence {iso(c.every)}") for c in book.cadences)
    yield from ((d.line, f"deadline {iso(d.within)}: {d.what}") for d in book.deadlines)
    yield from ((c.line, f"contact {c.name} = {c.value}") for c in book.contacts)


def _response(response: Response | None) -> str:
    if response is None:
        return "-"
    return iso(response.after) if response.after is not None else response.kind


def _entry(entry: IncidentType) -> Iterator[tuple[int, str]]:
    yield entry.line, f"incident {entry.title}{f' ({entry.severity})' if entry.severity else ''}"
    for s in entry.symptoms:
        yield s.line, f"symptom: {s.text}{_threshold(s.threshold)}"
    for step in (*entry.diagnostics, *(step for branch in entry.resolution for step in branch.steps)):
        yield from _step(step)
    rule = entry.escalation
    if rule is not None:
        yield rule.line, f"rule {iso(rule.after) if rule.after else '-'}: {', '.join(rule.to)}"


def _threshold(threshold: Threshold | None) -> str:
    if threshold is None:
        return ""
    return f" [{threshold.subject} {threshold.op} {threshold.value:g} {threshold.unit}]"


def _step(step: Step) -> Iterator[tuple[int, str]]:
    if step.kind == "command":
        why = "" if step.executable else " (not as written)"
        yield step.line, f"command {step.section}: {step.source}{why}"
    elif step.kind != "snippet":
        yield step.line, f"manual {step.section}: {step.title}"
