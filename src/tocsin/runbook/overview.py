"""The policy as a person reads it: what was understood, each part with its `:line`."""

from collections.abc import Iterable, Iterator

from tocsin.runbook.durations import spoken
from tocsin.runbook.policy import Branch, EntryRule, IncidentType, Level, Response, Runbook, Step, Symptom


def overview(runbook: Runbook) -> Iterator[str]:
    """Give the lines of the overview; `:64` behind a part is the line of the document it stands on."""
    yield f"{runbook.title}  ({runbook.path}, {runbook.lines} lines, {runbook.understood:.1%} understood)"
    yield from _part("Severities", (line for s in runbook.severities for line in (
        f"{s.id}{f' {s.name}' if s.name else ''}: answered {response_words(s.response)}  :{s.line}",
        *(f"    {c.text}  :{c.line}" for c in s.criteria),
    )))  # fmt: skip
    yield from _part("Escalation", (_level(level) for level in runbook.escalation))
    for entry in runbook.incident_types:
        yield from _entry(entry)
    yield from _part("Templates", (
        f"{t.title}{f' ({t.channel})' if t.channel else ''}  :{t.line}" for t in runbook.templates
    ))  # fmt: skip
    if runbook.review is not None:
        due = f", due within {spoken(runbook.review.due_within)}" if runbook.review.due_within else ""
        yield from _part("Review", [f"{runbook.review.title}{due}  :{runbook.review.line}"])
    yield from _part("Promises", (
        *(f"updates every {spoken(c.every)}  :{c.line}" for c in runbook.cadences),
        *(f"{d.what}: within {spoken(d.within)}  :{d.line}" for d in runbook.deadlines),
    ))  # fmt: skip
    yield from _part("Commands", (_step(step) for step in runbook.commands))
    yield from _part("Contacts", (f"{c.name}: {c.value}  :{c.line}" for c in runbook.contacts))
    yield from _part("Kept as notes", (f"{note.text[:100]}  :{note.line}" for note in runbook.notes))


def response_words(response: Response | None) -> str:
    """Give a response time for people."""
    if response is None:
        return "at no stated time"
    if response.after is not None:
        return f"within {spoken(response.after)}"
    return "at once" if response.kind == "immediate" else "on the next business day"


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)


def _level(level: Level) -> str:
    terms = [
        f"after {spoken(level.after)} {level.condition or ''}".strip() if level.after is not None else "",
        f"answers within {spoken(level.responds_within)}" if level.responds_within is not None else "",
        f"{level.only_severity} only" if level.only_severity else "",
    ]
    told = ", ".join(term for term in terms if term)
    return f"{level.id}: {level.role}{f' ({told})' if told else ''}  :{level.line}"


def _entry(entry: IncidentType) -> Iterator[str]:
    yield ""
    yield f"{entry.title}  [{entry.id}]{'  restricted' if entry.restricted else ''}  :{entry.line}"
    yield f"  {_severity(entry)}"
    if entry.restricted_because:
        yield f"  restricted because {entry.restricted_because}"
    if entry.alerts:
        yield f"  opened by {', '.join(entry.alerts)}"
    yield from _below("Symptoms", (_symptom(s) for s in entry.symptoms))
    yield from _below("Diagnosis", (_step(step) for step in entry.diagnostics))
    yield from _below("Resolution", (line for branch in entry.resolution for line in _branch(branch)))
    yield from _below("Resolved when", (f"{note.text}  :{note.line}" for note in entry.resolved_when))
    if entry.escalation is not None:
        yield f"  Escalation: {_rule(entry.escalation)}  :{entry.escalation.line}"


def _severity(entry: IncidentType) -> str:
    cited = f"  :{entry.severity_line}" if entry.severity_line is not None else ""
    if entry.severity is not None:
        return f"{entry.severity}, as the document states{cited}"
    return f"{entry.inferred_severity or 'no severity'}, inferred: {entry.severity_because}{cited}"


def _below(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"  {title}"
        yield from (f"    {line}" for line in found)


def _symptom(symptom: Symptom) -> str:
    noticed = f"noticed by {symptom.bound_to}" if symptom.bound_to else symptom.gap
    return f"{symptom.text}  ({noticed})  :{symptom.line}"


def _branch(branch: Branch) -> Iterator[str]:
    if branch.condition is None:
        yield from (_step(step) for step in branch.steps)
        return
    yield f"{branch.condition}  :{branch.line}"
    yield from (f"  {_step(step)}" for step in branch.steps)


def _step(step: Step) -> str:
    if step.kind != "command":
        mark = {"manual": "[ ]", "snippet": "[text]", "prohibition": "[!]"}[step.kind]
        return f"{mark} {step.title}  :{step.line}"
    why = f"  (not as written: {step.why_not})" if step.why_not else ""
    first = step.source.split("\n")[0]
    told = "" if step.title == first or first.startswith(step.title) else f"{step.title}: "
    return f"{told}$ {first}{' ...' if chr(10) in step.source else ''}{why}  :{step.line}"


def _rule(rule: EntryRule) -> str:
    when = "at once" if rule.trigger == "immediate" else "when unresolved"
    if rule.after is not None:
        when = f"after {spoken(rule.after)}, {rule.trigger}"
    return f"{' + '.join(rule.to)} {when}"
