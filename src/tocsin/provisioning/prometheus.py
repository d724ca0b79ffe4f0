"""Rules as Prometheus reads them. Every text is quoted, so that no document can say more than words.

Source: Prometheus, "Alerting rules" and "Template reference".
"""

import re
from collections.abc import Iterator

from tocsin.provisioning.quoting import comment, yaml_text
from tocsin.provisioning.rules import Rule, Rules, prometheus_duration
from tocsin.runbook.policy import Runbook

ENTRY_LABEL = "incident_type"
"""The label by which triage knows the entry, whatever else the alert says."""

_TEMPLATE = re.compile(r"\{\{")


def alerting_rules(made: Rules, runbook: Runbook, page: str | None) -> Iterator[str]:
    """Give the lines of a file of rules; `page` is the address of the runbook page, None where it is not known."""
    name = document_name(runbook)
    yield f"# Alerting rules for the thresholds of {comment(name)}, sha256 {runbook.sha256[:12]}."
    yield "# Made by `tocsin rules`: change the document or tocsin.toml rather than this file."
    if any(rule.metric.check for rule in made.rules):
        yield "# What is marked CHECK measures by a guess. Look at it in Prometheus, then set it under [metrics]."
    yield from (f"# {comment(name)}:{one.line} has no rule: {comment(one.because)}." for one in made.without)
    yield "groups:" if made.rules else "groups: []"
    for entry in dict.fromkeys(rule.entry.id for rule in made.rules):
        yield f"  - name: {yaml_text(entry)}"
        yield "    rules:"
        for rule in made.rules:
            if rule.entry.id == entry:
                yield from (f"      {line}" for line in _rule(rule, name, page))


def document_name(runbook: Runbook) -> str:
    """Give the name of the document's file."""
    return runbook.path.replace("\\", "/").rpartition("/")[2]


def labels(rule: Rule) -> dict[str, str]:
    """Give the labels of a rule: Alertmanager's word for how bad it is, the entry, and the document's severity."""
    found = {"severity": rule.severity, ENTRY_LABEL: rule.entry.id, "priority": rule.priority}
    return {name: text for name, text in found.items() if text}


def annotations(rule: Rule, name: str, page: str | None) -> dict[str, str]:
    """Give the annotations of a rule: the document's words, and where they stand."""
    found = {"summary": f"{rule.entry.title}: {rule.symptom.text}", "runbook_line": f"{name}:{rule.symptom.line}"}
    return {**found, "runbook_url": f"{page}#l{rule.symptom.line}"} if page else found


def _rule(rule: Rule, name: str, page: str | None) -> Iterator[str]:
    yield f"# {comment(name)}:{rule.symptom.line} {comment(rule.symptom.text)}"
    yield from (f"# {comment(note)}" for note in rule.notes)
    yield f"- alert: {yaml_text(rule.alert)}"
    yield f"  expr: {yaml_text(rule.expr)}"
    yield f"  for: {prometheus_duration(rule.hold)}"
    yield "  labels:"
    yield from (f"    {key}: {yaml_text(_literal(text))}" for key, text in labels(rule).items())
    yield "  annotations:"
    yield from (f"    {key}: {yaml_text(_literal(text))}" for key, text in annotations(rule, name, page).items())


def _literal(text: str) -> str:
    """Give a text that Prometheus, which fills in templates, leaves as it is."""
    return _TEMPLATE.sub('{{"{{"}}', text)
