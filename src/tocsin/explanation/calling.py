"""What became of the lines that say who is called, and by when: severities, levels, entries and their rules."""

from collections.abc import Iterator

from tocsin.detection.conditions import Measured, measured_of
from tocsin.escalation.ladder import ANSWER_WITHIN
from tocsin.explanation.became import Became
from tocsin.runbook.durations import spoken
from tocsin.runbook.overview import response_words
from tocsin.runbook.policy import Criterion, EntryRule, IncidentType, Level, Runbook, Severity
from tocsin.settings import Settings

Placed = tuple[int, Became]
"""A line and what it became."""


def became_of_severities(runbook: Runbook) -> Iterator[Placed]:
    """Give what each severity and each of its criteria became."""
    for severity in runbook.severities:
        yield severity.line, _severity(severity, runbook)
        for criterion in severity.criteria:
            yield criterion.line, _criterion(criterion, severity, runbook)


def _severity(severity: Severity, runbook: Runbook) -> Became:
    name = f" {severity.name}" if severity.name else ""
    base = next((level.responds_within for level in runbook.escalation), None) or ANSWER_WITHIN
    response = severity.response
    if response is not None and response.kind == "next-business-day":
        effect = "The first level is called when business opens, and has one business day to answer."
    else:
        within = response.after if response is not None and response.after is not None else base
        effect = f"Whoever is called has {spoken(within)} to answer before the next level is called."
    return Became(
        "severity", f"severity **{severity.id}**{name}, answered {response_words(response)}",
        "a heading, item or row that names a severity level", effect, pages=True,
    )  # fmt: skip


def _criterion(criterion: Criterion, severity: Severity, runbook: Runbook) -> Became:
    using = [entry.title for entry in runbook.incident_types if entry.severity_line == criterion.line]
    return Became(
        "criterion", f"makes **{severity.id}** of {_and(using)}" if using else f"**{severity.id}** when this holds",
        f"an item below {severity.id} is one of its criteria",
        f"{_and(using)} {'takes its' if len(using) == 1 else 'take their'} severity from it." if using
        else "No entry takes its severity from it; people decide by it.",
    )  # fmt: skip


def became_of_levels(runbook: Runbook) -> Iterator[Placed]:
    """Give what each rung of the escalation path became."""
    for rung, level in enumerate(runbook.escalation):
        yield level.line, _level(rung, level, runbook)


def _level(rung: int, level: Level, runbook: Runbook) -> Became:
    name, first = f"**{level.id}**", runbook.escalation[0]
    rule = "an item or row of the escalation path is a level"
    if level.only_severity and all(one.only_severity for one in runbook.escalation):
        words = f"{name}, on the path of {level.only_severity}"
        when = f"{spoken(level.after)} after the level before it, when it is not over" if level.after else "first"
        effect = f"Called {when}, in an incident of {level.only_severity}."
    elif level.only_severity:
        words = f"{name}, told of every {level.only_severity}"
        effect = f"Told when a {level.only_severity} opens, and called together with the last level before it."
    elif rung == 0:
        words = f"{name} is called first"
        effect = f"Called when an incident opens; has {_answer(level)} to answer unless its severity says otherwise."
    elif level.condition == "not-acknowledged" and level.after:
        words = f"{name} after {spoken(level.after)} without an answer"
        effect = f"Called {spoken(level.after)} after the level before it, if nobody has answered by then."
    else:
        words = f"{name}{f' after {spoken(level.after)} unresolved' if level.after else ', the next rung'}"
        late = f", and {spoken(level.after)} after its first call when it is not resolved" if level.after else ""
        effect = f"Called when nobody has answered the level before it in time{late}; {first.id} is called first."
    return Became("level", words, rule, effect, pages=True)


def _answer(level: Level) -> str:
    return spoken(level.responds_within or ANSWER_WITHIN)


def became_of_entry(entry: IncidentType, runbook: Runbook, settings: Settings) -> Iterator[Placed]:
    """Give what the heading of an entry, its escalation and its end became."""
    yield entry.line, _heading(entry, settings)
    if entry.severity is not None and entry.severity_line not in (None, entry.line):
        effect = f"It decides by when somebody must answer for {entry.title}."
        stated = Became("severity", f"states **{entry.severity}**", "an entry may state its severity", effect)
        yield entry.severity_line or entry.line, stated
    if entry.escalation is not None:
        yield entry.escalation.line, _rule(entry.escalation, entry, runbook, measured_of(entry, settings))
    tells = bool(entry.conditions) and measured_of(entry, settings).tells
    judged = "a probe measures it, and it ends with its alerts or by a person" if tells else "a person judges it"
    for note in entry.resolved_when:
        yield note.line, Became(
            "over", "it is over when this holds", "the entry says how its end is known",
            f"It is shown where the incident is resolved; {judged}.",
        )  # fmt: skip


def _heading(entry: IncidentType, settings: Settings) -> Became:
    configured = settings.incident_types.get(entry.id)
    effect = f"An alert that matches it opens the incident “{entry.title}”, and the first level is called."
    if configured and configured.severity:
        severity = f"{configured.severity} as configured"
    elif entry.severity:
        severity = f"{entry.severity}, as stated"
    else:
        cited = f" from :{entry.severity_line}" if entry.severity_line else ", inferred"
        severity = f"{entry.inferred_severity}{cited}" if entry.inferred_severity else "no severity"
        effect += f" {entry.inferred_severity or 'None'} because {entry.severity_because}."
    restricted = entry.restricted
    if configured is not None and configured.restricted is not None:
        restricted = configured.restricted
    if restricted:
        effect += f" Only those concerned see it, because {entry.restricted_because or 'the configuration says so'}."
    words = f"incident type **{entry.id}**, {severity}{', restricted' if restricted else ''}"
    return Became(
        "incident-type", words, "a heading with symptoms, diagnosis or resolution below it", effect, pages=True
    )


def _rule(rule: EntryRule, entry: IncidentType, runbook: Runbook, measured: Measured) -> Became:
    who = f"**{_and(list(rule.to))}**"
    how = "the entry's own escalation wins over the general path"
    if rule.trigger == "immediate":
        instead = ", instead of the first level" if entry.restricted else ""
        effect = f"{_and(list(rule.to))} {_is(rule)} called when it opens{instead or ', besides the first level'}."
        return Became("rule", f"pages {who} when it opens{instead}", how, effect, pages=True)
    general = next((level for name in rule.to if (level := runbook.level(name)) is not None), None)
    if rule.after is not None:
        own = general is not None and general.after not in (None, rule.after)
        instead = f", not as :{general.line}" if own and general else ""
        words = f"{spoken(rule.after)} after the first call, pages {who}{instead}"
        effect = f"{_and(list(rule.to))} {_is(rule)} called {spoken(rule.after)} after the first call unless resolved."
    else:
        time = f"{spoken(general.after)}, from :{general.line}" if general and general.after else "the general path's"
        words = f"no time given: {time}; pages {who}"
        effect = f"{_and(list(rule.to))} {_is(rule)} called at the time of the general path unless it is resolved."
    if rule.trigger == "persists":
        effect += f" {_asked(measured)}"
    return Became("rule", words, how, effect, pages=True)


def _asked(measured: Measured) -> str:
    """Give what is asked whether the trouble a rule names is gone."""
    if measured.missing:
        return f"{_and(list(measured.missing))} is to say whether it persists and is not configured."
    if not measured.checks:
        return "Nothing measures whether it persists, so it counts as not resolved."
    one = len(measured.checks) == 1
    return f"Not while {_and(list(measured.checks))} {'says' if one else 'say'} that it is good again."


def _is(rule: EntryRule) -> str:
    return "is" if len(rule.to) == 1 else "are"


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
