"""`tocsin rules`: alerting rules for the thresholds of a runbook. No server is needed."""

import argparse
import sys
from typing import Any

from tocsin.cli.documents import CONFIGURATION, DONE, FOUND, load, print_json, print_lines, refuse, settings_for
from tocsin.errors import UsageError
from tocsin.provisioning.prometheus import alerting_rules, annotations, document_name, labels
from tocsin.provisioning.rules import Rule, Rules, Unruled, rules_for
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `rules`."""
    parser = subparsers.add_parser(
        "rules",
        help="write alerting rules for Prometheus from the thresholds of a runbook",
        description="Writes alerting rules for Prometheus from the thresholds among the symptoms of a runbook, each "
        "labelled so that its alert opens the entry it stands in. Exit code 1 when there is nothing to write.",
    )
    parser.add_argument("runbook", metavar="RUNBOOK", help="the Markdown runbook")
    parser.add_argument("--config", metavar="F", help=f"the configuration; else {CONFIGURATION} beside the runbook")
    parser.add_argument("--format", choices=["yaml", "json"], default="yaml", help="default: yaml")
    parser.set_defaults(run=run_rules)


def run_rules(args: argparse.Namespace) -> int:
    """Print the rules; give 1 when there are none, 2 when the runbook cannot be read, else 0."""
    try:
        runbook = load(args.runbook).runbook
        settings = settings_for(runbook, args.config) or Settings()
    except (UsageError, OSError) as error:
        return refuse(error, args.runbook)
    made = rules_for(runbook, settings)
    page = _page(settings)
    if args.format == "json":
        print_json(_shape(made, runbook, page))
    else:
        print_lines(alerting_rules(made, runbook, page))
    for text in _remarks(made, runbook):
        print(f"tocsin: {text}", file=sys.stderr)
    return DONE if made.rules else FOUND


def _page(settings: Settings) -> str | None:
    """Give the address of the runbook page where the configuration says how people reach it."""
    return f"{settings.public_url}/app/runbook" if settings.public_url != Settings().public_url else None


def _remarks(made: Rules, runbook: Runbook) -> list[str]:
    """Give what whoever loads the rules has to know, each in one line."""
    guesses = sum(bool(rule.metric.check) for rule in made.rules)
    left = [one for one in made.without if one.entry is not None]
    return [
        *([f"{runbook.path} has no rule to offer: no symptom of an entry has a threshold that a metric is known for"]
          if not made.rules else []),
        *([f"{guesses} of {len(made.rules)} rules measure by a guess; look for CHECK"] if guesses else []),
        *(f"{runbook.path}:{one.line} has no rule: {one.because}" for one in left),
        *(f"[metrics] {name!r} fits no threshold of {runbook.path}" for name in made.unused),
    ]  # fmt: skip


def _shape(made: Rules, runbook: Runbook, page: str | None) -> dict[str, Any]:
    name = document_name(runbook)
    return {
        "runbook": {"path": runbook.path, "sha256": runbook.sha256},
        "rules": [_rule(rule, name, page) for rule in made.rules],
        "without": [_without(one) for one in made.without],
    }


def _rule(rule: Rule, name: str, page: str | None) -> dict[str, Any]:
    return {
        "alert": rule.alert,
        "expr": rule.expr,
        "for": rule.hold,
        "labels": labels(rule),
        "annotations": annotations(rule, name, page),
        "incident_type": rule.entry.id,
        "line": rule.symptom.line,
        "metric": rule.metric.origin,
        "check": rule.metric.check or None,
        "notes": rule.notes,
    }


def _without(one: Unruled) -> dict[str, Any]:
    entry = one.entry.id if one.entry else None
    return {"incident_type": entry, "text": one.text, "line": one.line, "because": one.because}
