"""What a new version of the runbook changes, in plain sentences, for whoever publishes it."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from tocsin.runbook.durations import spoken
from tocsin.runbook.overview import response_words
from tocsin.runbook.policy import EntryRule, IncidentType, Level, Response, Runbook, Severity, Step, Symptom

T = TypeVar("T")


def changes(old: Runbook, new: Runbook) -> tuple[str, ...]:
    """Give one sentence for each change of policy, in the order of the document; empty when nothing changes.

    Texts that decide nothing (notes, line numbers) do not count as changes.
    """
    return (
        *_severities(old, new),
        *_levels(old, new),
        *_entries(old, new),
        *_named("template", {t.title: t.body for t in old.templates}, {t.title: t.body for t in new.templates}),
        *_review(old, new),
        *_named("contact", {c.name: c.value for c in old.contacts}, {c.name: c.value for c in new.contacts}),
        *_named("command", _sources(old.commands), _sources(new.commands)),
        *_promises(old, new),
    )


def _pairs(old: tuple[T, ...], new: tuple[T, ...], key: Callable[[T], str]) -> Iterator[tuple[T | None, T | None]]:
    """Give (before, after) by key: what stays or is new in its new order, then what is gone."""
    before, after = {key(item): item for item in old}, {key(item): item for item in new}
    for name, item in after.items():
        yield before.get(name), item
    for name, item in before.items():
        if name not in after:
            yield item, None


def _severities(old: Runbook, new: Runbook) -> Iterator[str]:
    for a, b in _pairs(old.severities, new.severities, lambda s: s.id):
        if a is None and b is not None:
            yield f"severity {b.id} is added: {_answers(b.response)}"
        elif a is not None and b is None:
            yield f"severity {a.id} is removed"
        elif a is not None and b is not None:
            yield from _severity(a, b)


def _severity(a: Severity, b: Severity) -> Iterator[str]:
    if a.response != b.response:
        yield f"{b.id} {_answers(b.response)} instead of {response_words(a.response)}"
    was, now = [c.text for c in a.criteria], [c.text for c in b.criteria]
    yield from (f'{b.id} now covers "{text}"' for text in now if text not in was)
    yield from (f'{b.id} no longer covers "{text}"' for text in was if text not in now)


def _answers(response: Response | None) -> str:
    return f"answers {response_words(response)}" if response else "has no response time"


def _levels(old: Runbook, new: Runbook) -> Iterator[str]:
    for a, b in _pairs(old.escalation, new.escalation, lambda level: level.id):
        if a is None and b is not None:
            yield f"level {b.id} ({b.role}) is added"
        elif a is not None and b is None:
            yield f"level {a.id} ({a.role}) is removed"
        elif a is not None and b is not None:
            yield from _level(a, b)


def _level(a: Level, b: Level) -> Iterator[str]:
    if a.role != b.role:
        yield f"{b.id} is the {b.role} instead of the {a.role}"
    if a.after != b.after or a.condition != b.condition:
        yield f"{b.id} is called {_after(b)} instead of {_after(a)}"
    if a.responds_within != b.responds_within:
        now = f"within {spoken(b.responds_within)}" if b.responds_within is not None else "at no stated time"
        yield f"{b.id} acknowledges {now}"
    if a.only_severity != b.only_severity:
        yield f"{b.id} is called for {b.only_severity or 'every severity'} instead of {a.only_severity or 'every one'}"


def _after(level: Level) -> str:
    if level.after is None:
        return "by the general rule"
    return f"after {spoken(level.after)} {'unanswered' if level.condition == 'not-acknowledged' else 'unresolved'}"


def _entries(old: Runbook, new: Runbook) -> Iterator[str]:
    for a, b in _pairs(old.incident_types, new.incident_types, lambda entry: entry.id):
        if a is None and b is not None:
            yield f"entry {b.title} is added"
        elif a is not None and b is None:
            yield f"entry {a.title} is removed"
        elif a is not None and b is not None:
            yield from (f"{b.title}: {change}" for change in _entry(a, b))


def _entry(a: IncidentType, b: IncidentType) -> Iterator[str]:
    was, now = a.severity or a.inferred_severity, b.severity or b.inferred_severity
    if was != now:
        yield f"severity {now} instead of {was}"
    if a.restricted != b.restricted:
        yield "only those concerned may see it" if b.restricted else "everybody may see it"
    if _rule(a.escalation) != _rule(b.escalation):
        yield f"{_rule(b.escalation)} instead of {_rule(a.escalation)}"
    if a.alerts != b.alerts:
        yield f"opened by the alerts {', '.join(b.alerts) or 'none by name'}"
    yield from _symptoms(a, b)
    yield from _named("step", _sources(_steps(a)), _sources(_steps(b)))


def _symptoms(a: IncidentType, b: IncidentType) -> Iterator[str]:
    """Give what is new and gone; what measures the same thing by another limit is one change."""
    was, now = {s.text: s for s in a.symptoms}, {s.text: s for s in b.symptoms}
    gone = [s for text, s in was.items() if text not in now]
    for symptom in (s for text, s in now.items() if text not in was):
        subject = _subject(symptom)
        other = next((s for s in gone if subject and _subject(s) == subject), None)
        if other is None:
            yield f'symptom "{symptom.text}" is added'
        else:
            gone.remove(other)
            yield f'symptom "{symptom.text}" instead of "{other.text}"'
    yield from (f'symptom "{symptom.text}" is removed' for symptom in gone)


def _subject(symptom: Symptom) -> str:
    return symptom.threshold.subject.casefold() if symptom.threshold else ""


def _rule(rule: EntryRule | None) -> str:
    if rule is None:
        return "escalates by the general path"
    when = "at once" if rule.trigger == "immediate" else "when unresolved"
    if rule.after is not None:
        when += f" after {spoken(rule.after)}"
    return f"escalates to {' and '.join(rule.to)} {when}"


def _steps(entry: IncidentType) -> tuple[Step, ...]:
    return (*entry.diagnostics, *(step for branch in entry.resolution for step in branch.steps))


def _sources(steps: tuple[Step, ...]) -> dict[str, str]:
    return {step.title: f"{step.kind} {step.source}" for step in steps}


def _named(kind: str, old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    for name, text in new.items():
        if name not in old:
            yield f'{kind} "{name}" is added'
        elif old[name] != text:
            yield f'{kind} "{name}" is changed'
    yield from (f'{kind} "{name}" is removed' for name in old if name not in new)


def _review(old: Runbook, new: Runbook) -> Iterator[str]:
    a, b = old.review, new.review
    was, now = a.due_within if a else None, b.due_within if b else None
    if was != now:
        yield (
            f"the review is due within {spoken(now) if now else 'no stated time'} "
            f"instead of {spoken(was) if was else 'no stated time'}"
        )
    if (a.body if a else None) != (b.body if b else None):
        yield "the review template is changed"


def _promises(old: Runbook, new: Runbook) -> Iterator[str]:
    was, now = [c.every for c in old.cadences], [c.every for c in new.cadences]
    if was != now:
        rhythm = " and ".join(spoken(every) for every in now)
        yield f"updates are promised every {rhythm}" if now else "no update rhythm is promised any more"
    before = {f"{d.incident_type}: {d.what}": spoken(d.within) for d in old.deadlines}
    after = {f"{d.incident_type}: {d.what}": spoken(d.within) for d in new.deadlines}
    for name, within in after.items():
        if before.get(name) != within:
            yield f'"{name.partition(": ")[2]}" is due within {within} instead of {before.get(name, "no stated time")}'
    yield from (f'"{name.partition(": ")[2]}" has no deadline any more' for name in before if name not in after)
