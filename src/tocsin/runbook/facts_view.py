"""The runbook as a flat list of facts, for scoring and for scripts."""

from collections.abc import Iterator

from tocsin.runbook.durations import iso
from tocsin.runbook.policy import Branch, EntryRule, IncidentType, Response, Runbook, Step, Threshold

Fact = dict[str, object]


def facts(runbook: Runbook) -> dict[str, object]:
    """Give `{"document", "facts": [...]}`; every fact has `kind` and `line`, durations are ISO 8601.

    Source: `tocsin show --format facts` of the interface.
    """
    found = [
        *_severities(runbook),
        *_levels(runbook),
        *(fact for entry in runbook.incident_types for fact in _entry(entry)),
        *_messages(runbook),
        *_promises(runbook),
        *(fact for step in (*runbook.commands, *runbook.procedures) for fact in _step(step, None)),
        *({"kind": "contact", "name": c.name, "value": c.value, "line": c.line} for c in runbook.contacts),
    ]
    ordered = sorted(found, key=lambda fact: int(str(fact["line"])))
    return {"document": runbook.path.replace("\\", "/").rsplit("/", 1)[-1], "facts": ordered}


def _severities(runbook: Runbook) -> Iterator[Fact]:
    for severity in runbook.severities:
        response = _response(severity.response)
        yield {"kind": "severity", "id": severity.id, "name": severity.name, "response": response,
               "line": severity.line}  # fmt: skip
        for criterion in severity.criteria:
            yield {"kind": "severity_criterion", "severity": severity.id, "text": criterion.text,
                   "line": criterion.line}  # fmt: skip


def _response(response: Response | None) -> str | None:
    if response is None:
        return None
    return iso(response.after) if response.after is not None else response.kind


def _levels(runbook: Runbook) -> Iterator[Fact]:
    for level in runbook.escalation:
        after = iso(level.after) if level.after is not None else None
        yield {"kind": "escalation_level", "id": level.id, "role": level.role, "after": after,
               "condition": level.condition, "only_severity": level.only_severity, "line": level.line}  # fmt: skip


def _entry(entry: IncidentType) -> Iterator[Fact]:
    yield {"kind": "incident_type", "title": entry.title, "severity": entry.severity, "line": entry.line}
    for symptom in entry.symptoms:
        yield {"kind": "symptom", "incident_type": entry.title, "text": symptom.text,
               "threshold": _threshold(symptom.threshold), "line": symptom.line}  # fmt: skip
    for step in entry.diagnostics:
        yield from _step(step, entry.title)
    for branch in entry.resolution:
        yield from _branch(branch, entry.title)
    if entry.escalation is not None:
        yield _rule(entry.escalation, entry.title)


def _threshold(threshold: Threshold | None) -> Fact | None:
    if threshold is None:
        return None
    return {"subject": threshold.subject, "op": threshold.op, "value": threshold.value, "unit": threshold.unit}


def _branch(branch: Branch, title: str) -> Iterator[Fact]:
    if branch.condition is not None and all(step.line != branch.line for step in branch.steps):
        yield {"kind": "manual_step", "incident_type": title, "section": "resolution", "text": branch.condition,
               "line": branch.line}  # fmt: skip
    for step in branch.steps:
        yield from _step(step, title)


def _step(step: Step, title: str | None) -> Iterator[Fact]:
    where = {"incident_type": title, "section": step.section}
    if step.kind == "command":
        first = step.source.split()[0] if step.source.split() else ""
        yield {"kind": "command", **where, "first_word": first, "text": step.source, "executable": step.executable,
               "line": step.line}  # fmt: skip
    elif step.kind != "snippet":
        yield {"kind": "manual_step", **where, "text": step.title, "line": step.line}


def _rule(rule: EntryRule, title: str) -> Fact:
    after = "PT0S" if rule.trigger == "immediate" else iso(rule.after) if rule.after is not None else None
    return {"kind": "entry_escalation", "incident_type": title, "after": after, "to": list(rule.to),
            "line": rule.line}  # fmt: skip


def _messages(runbook: Runbook) -> Iterator[Fact]:
    for template in runbook.templates:
        yield {"kind": "template", "title": template.title, "channel": template.channel, "line": template.line}
    if runbook.review is not None and runbook.review.body:
        yield {"kind": "template", "title": runbook.review.title, "channel": None, "line": runbook.review.line}


def _promises(runbook: Runbook) -> Iterator[Fact]:
    for cadence in runbook.cadences:
        yield {"kind": "cadence", "text": cadence.text, "every": iso(cadence.every), "line": cadence.line}
    for deadline in runbook.deadlines:
        yield {"kind": "deadline", "what": deadline.what, "within": iso(deadline.within), "line": deadline.line}
