"""What the thresholds of a document measure, for `tocsin rules`: switched off, because it is a guess."""

import re
from collections.abc import Iterator

from tocsin.provisioning.metrics import metric_of
from tocsin.provisioning.quoting import comment, toml_key, toml_text
from tocsin.provisioning.source import Source
from tocsin.runbook.policy import Symptom
from tocsin.runbook.units import TIMES, dimension
from tocsin.triage.words import squeezed


def metrics(source: Source) -> Iterator[str]:
    """Give [metrics]: one for each subject of a threshold among the symptoms."""
    found: dict[str, Symptom] = {}
    for entry in source.entries:
        for symptom in entry.symptoms:
            if symptom.threshold and squeezed(symptom.threshold.subject):
                found.setdefault(squeezed(symptom.threshold.subject), symptom)
    if not found:
        return
    yield f"# What the thresholds measure: `tocsin rules {comment(source.name)}` writes alerting rules for Prometheus."
    for symptom in found.values():
        yield from _metric(symptom, source)


def _metric(symptom: Symptom, source: Source) -> Iterator[str]:
    threshold = symptom.threshold
    if threshold is None:
        return
    metric = metric_of(symptom, (), {})
    if metric is not None and metric.compared:
        yield f"# {source.at(symptom.line)} says itself what it measures: {comment(metric.expr)}"
        return
    yield f"# {source.at(symptom.line)} {comment(symptom.text)}"
    yield f"#[metrics.{toml_key(threshold.subject)}]"
    if metric is None:
        name = re.sub(r"\W+", "_", threshold.subject.casefold(), flags=re.ASCII).strip("_") or "metric"
        yield f"#expr = {toml_text(name)}  # FILL IN: no metric is known for it"
    else:
        yield f"#expr = {toml_text(metric.expr)}  # {'FILL IN: a guess' if metric.check else 'the document names it'}"
        if threshold.unit != TIMES and dimension(metric.unit) not in {None, "count"}:
            yield f"#unit = {toml_text(metric.unit)}"
