"""`tocsin explain RUNBOOK:LINE`: what one line became. No server is needed."""

import argparse
from collections.abc import Iterator
from typing import Any

from tocsin.cli.documents import (
    CONFIGURATION,
    DONE,
    FOUND,
    found_with,
    load,
    print_json,
    print_lines,
    refuse,
    settings_for,
)
from tocsin.cli.output import add_format
from tocsin.errors import UsageError
from tocsin.explanation.became import DECIDES_NOTHING, unmarked
from tocsin.explanation.explain import Explained, Line, explain
from tocsin.runbook.rules import RULES
from tocsin.settings import Settings


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `explain`."""
    parser = subparsers.add_parser(
        "explain",
        help="say what one line of a runbook became",
        description="Says what a line became, by which rule, and what it changes when an incident is open. "
        "Exit code 1 when nothing came of the line.",
    )
    parser.add_argument("place", metavar="RUNBOOK:LINE", help="the Markdown runbook and the number of a line")
    parser.add_argument("--config", metavar="F", help=f"the configuration; else {CONFIGURATION} beside the runbook")
    add_format(parser)
    parser.set_defaults(run=run_explain)


def run_explain(args: argparse.Namespace) -> int:
    """Print what the line became; give 1 when nothing came of it, 2 for a wrong place, else 0."""
    path, _, number = args.place.rpartition(":")
    try:
        explained = _explained(path, number, args.config)
    except (UsageError, OSError) as error:
        return refuse(error, path)
    line = explained.lines[int(number) - 1]
    if args.format == "json":
        print_json(_shape(line))
    else:
        print_lines(_text(line))
    return FOUND if all(one.kind in DECIDES_NOTHING for one in line.became) else DONE


def _explained(path: str, number: str, config: str | None) -> Explained:
    if not path or not (number.isascii() and number.isdigit()):
        raise UsageError("name a runbook and a line, such as RUNBOOK.md:42")
    document = load(path)
    if not 1 <= int(number) <= len(document.lines):
        raise UsageError(f"{path} has lines 1 to {len(document.lines)}, and no line {number}")
    settings = settings_for(document.runbook, config)
    findings = found_with(document.runbook, settings)
    return explain(document.runbook, document.lines, findings, settings or Settings())


def _text(line: Line) -> Iterator[str]:
    yield f"{line.written.number:>6} | {line.written.text}"
    for one in line.became:
        yield f"became: {unmarked(one.words) or _kind(one.kind)}"
        yield f"  rule: {unmarked(one.rule)}"
        if one.effect:
            yield f"effect: {unmarked(one.effect)}"
        if one.runs:
            yield from (f"{'  runs' if n == 0 else '      '}: {text}" for n, text in enumerate(one.runs.splitlines()))
    for finding in line.findings:
        yield f"{finding.level} {finding.code}: {finding.message}"
        yield f"  next: {finding.suggestion or RULES[finding.code].do}"


def _kind(kind: str) -> str:
    return "nothing" if kind in DECIDES_NOTHING else "a part of something"


def _shape(line: Line) -> dict[str, Any]:
    became = [
        {**one._asdict(), "words": unmarked(one.words), "rule": unmarked(one.rule), "effect": unmarked(one.effect)}
        for one in line.became
    ]
    return {"line": line.written.number, "text": line.written.text, "became": became, "findings": line.findings}
