"""Alerting rules for the thresholds of a document: each fires when the document says so, and opens that very entry.

Source: `tocsin rules RUNBOOK` of the interface.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from tocsin.provisioning.metrics import Metric, metric_of
from tocsin.runbook.durations import spoken
from tocsin.runbook.policy import IncidentType, Runbook, Symptom, Threshold
from tocsin.runbook.thresholds import threshold_in
from tocsin.runbook.units import FULL, NEARLY_FULL, TIMES, limit_in, means_full
from tocsin.settings import MetricSettings, Settings
from tocsin.triage.measured import configured_metric
from tocsin.triage.severity import SENDERS, severity_of, severity_rank

HOLD = timedelta(minutes=1)
"""How long it has to hold where neither document nor configuration says so: one bad sample wakes nobody."""
_ALERT = re.compile(r"(?:the )?alert (?P<name>\S.*)")
_SUBJECT_WORDS, _NAME_LENGTH = 5, 80
_SMALL = frozenset({"a", "an", "the", "of", "in", "on", "at", "to", "is", "are", "and", "or", "by", "for", "with"})


class Rule(NamedTuple):
    """One alerting rule. `notes` are what a person has to know or to check, each a sentence."""

    alert: str
    expr: str
    hold: timedelta
    entry: IncidentType
    severity: str
    priority: str
    symptom: Symptom
    metric: Metric
    notes: tuple[str, ...]


class Unruled(NamedTuple):
    """A threshold of the document without a rule, and why; `entry` is None outside the entries."""

    entry: IncidentType | None
    text: str
    line: int
    because: str


class Rules(NamedTuple):
    """The rules in the order of the document, what has none, and the configured metrics that fit nothing."""

    rules: tuple[Rule, ...]
    without: tuple[Unruled, ...]
    unused: tuple[str, ...]


def rules_for(runbook: Runbook, settings: Settings) -> Rules:
    """Give the rules for the thresholds of a document, measured as the configuration says."""
    making = _Making(runbook, settings)
    for entry in runbook.incident_types:
        for symptom in entry.symptoms:
            if symptom.threshold is not None:
                making.take(symptom, entry)
    without = sorted([*making.without, *_grading(runbook)], key=lambda one: one.line)
    unused = tuple(name for name in settings.metrics if name not in making.used)
    return Rules(tuple(making.rules), tuple(without), unused)


class _Making:
    """Makes the rules one after the other: no name comes twice, and no entry is opened twice by the same."""

    def __init__(self, runbook: Runbook, settings: Settings) -> None:
        self.runbook, self.settings = runbook, settings
        self.rules: list[Rule] = []
        self.without: list[Unruled] = []
        self.used: set[str | None] = set()
        self._names: set[str] = set()
        self._next: dict[str, int] = {}
        self._said: dict[tuple[str, str, timedelta], str] = {}

    def take(self, symptom: Symptom, entry: IncidentType) -> None:
        """Make the rule of a symptom, or say why there is none."""
        name = self._free(_name(entry, symptom))
        self.used.add(configured_metric(symptom, self.settings.metrics, name))
        made = _rule(symptom, entry, self, name)
        if isinstance(made, Unruled):
            self.without.append(made)
            return
        other = self._said.setdefault((entry.id, made.expr, made.hold), made.alert)
        if other == made.alert:
            self._names.add(made.alert)
            self.rules.append(made)
        else:  # two alerts of the same would be two incidents
            self.without.append(Unruled(entry, symptom.text, symptom.line, f"{other} fires at the same time"))

    def _free(self, wanted: str) -> str:
        name = wanted
        while name in self._names:
            self._next[wanted] = self._next.get(wanted, 1) + 1
            name = f"{wanted}{self._next[wanted]}"
        return name


def _rule(symptom: Symptom, entry: IncidentType, world: _Making, name: str) -> Rule | Unruled:
    threshold, settings = symptom.threshold, world.settings
    metric = metric_of(symptom, (name,), settings.metrics)
    if threshold is None or metric is None:
        subject = threshold.subject if threshold and threshold.subject else name
        because = f'nothing says which metric it is; set expr under [metrics."{subject}"] in tocsin.toml'
        return Unruled(entry, symptom.text, symptom.line, because)
    limit = threshold.value if threshold.unit == TIMES else limit_in(threshold, metric.unit)
    if limit is None:
        because = f"it is in {threshold.unit or 'no unit'}, and the configured metric is in {metric.unit}"
        return Unruled(entry, symptom.text, symptom.line, because)
    expr, notes = (metric.expr, ()) if metric.compared else _compared(metric, threshold, limit)
    hold, why = _hold(threshold, metric.settings)
    severity = severity_of(entry, settings.incident_types)
    rank = severity_rank(world.runbook, severity) if severity else SENDERS.index("error")
    return Rule(
        alert=name,
        expr=expr,
        hold=hold,
        entry=entry,
        severity=SENDERS[min(rank, len(SENDERS) - 1)],
        priority=severity or "",
        symptom=symptom,
        metric=metric,
        notes=(*_origin(metric), *notes, *why, *_named_already(symptom)),
    )


def _compared(metric: Metric, threshold: Threshold, limit: float) -> tuple[str, tuple[str, ...]]:
    """Give the whole expression, and what to know of it."""
    if threshold.unit == TIMES:
        ago = prometheus_duration(metric.settings.baseline if metric.settings else timedelta(days=7))
        usual = f"avg_over_time(({metric.expr})[1h:1m] offset {ago})"
        note = f"Normal is the mean of one hour, {ago} ago: before Prometheus has kept that long, this never fires."
        return f"{metric.expr} {threshold.op} {_number(limit)} * {usual}", (note,)
    if means_full(threshold):
        full = f"{limit * NEARLY_FULL / FULL:g}"
        return f"{metric.expr} >= {full}", (f"Full means {NEARLY_FULL}% or more: a gauge seldom reads exactly 100.",)
    return f"{metric.expr} {threshold.op} {_number(limit)}", ()


def _number(value: float) -> str:
    return f"{value:.12g}"


def _hold(threshold: Threshold, chosen: MetricSettings | None) -> tuple[timedelta, tuple[str, ...]]:
    """Give for how long it has to hold: what is configured, else what the document says, else a minute."""
    if chosen is not None and chosen.for_ is not None:
        return chosen.for_, ()
    if threshold.window is not None:
        return threshold.window, ()
    return HOLD, (f"The document does not say for how long; {spoken(HOLD)} is assumed.",)


def _origin(metric: Metric) -> tuple[str, ...]:
    if metric.origin == "guess":
        return (f"CHECK: the document names no metric, so this is a guess: {metric.check}.",)
    if metric.origin == "document":
        return ("It measures by what the document itself says.",)
    return ()


def _named_already(symptom: Symptom) -> tuple[str, ...]:
    if _ALERT.fullmatch(symptom.bound_to or "") is None:
        return ()
    return ("The document gives this to an alert of that name: leave this rule out where that alert is there already.",)


def _grading(runbook: Runbook) -> Iterator[Unruled]:
    """Give the thresholds among the criteria of severities: they grade an incident and open none."""
    for severity in runbook.severities:
        for criterion in severity.criteria:
            if threshold_in(criterion.text) is not None:
                because = f"it decides what is {severity.id}, and says of no entry that it happens"
                yield Unruled(None, criterion.text, criterion.line, because)


# -- names


def _name(entry: IncidentType, symptom: Symptom) -> str:
    """Give the name of a rule from its entry and symptom."""
    bound = _ALERT.fullmatch(symptom.bound_to or "")
    if bound is not None:
        wanted = bound["name"]
    else:
        subject = symptom.threshold.subject if symptom.threshold and symptom.threshold.subject else symptom.text
        title, what = _joined(entry.title), _joined(subject)
        wanted = title if what.casefold() in title.casefold() else f"{title}{what}"
    return wanted[:_NAME_LENGTH] or f"Line{symptom.line}"


def _joined(text: str) -> str:
    """Give the telling words of a text as one: "Database CPU" is DatabaseCPU."""
    words = [word for word in re.findall(r"[^\W_]+", text.replace("'", "").replace("’", "")) if not word.isdigit()]  # noqa: RUF001
    telling = [word for word in words if word.casefold() not in _SMALL] or words
    return "".join(word[:1].upper() + word[1:] for word in telling[:_SUBJECT_WORDS])


def prometheus_duration(value: timedelta) -> str:
    """Give a duration as Prometheus writes it: 1w, 90s."""
    seconds = int(value.total_seconds())
    for size, letter in ((604800, "w"), (86400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{letter}"
    return f"{seconds}s"
