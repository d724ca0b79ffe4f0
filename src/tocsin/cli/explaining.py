"""`tocsin explain RUNBOOK:LINE`: what one line became, or each of several. No server is needed."""

import argparse
import re
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
from tocsin.explanation.explain import Line, explain
from tocsin.runbook.rules import RULES
from tocsin.settings import Settings

_PLACE = re.compile(r"(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?", re.ASCII)


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `explain`."""
    parser = subparsers.add_parser(
        "explain",
        help="say what one line of a runbook became",
        description="Says what a line became, by which rule, and what it changes when an incident is open. "
        "Exit code 1 when nothing came of the line, or of any line of a range.",
    )
    parser.add_argument("place", metavar="RUNBOOK:LINE", help="the Markdown runbook and a line, 42, or a range, 42-48")
    parser.add_argument("--config", metavar="F", help=f"the configuration; else {CONFIGURATION} beside the runbook")
    add_format(parser)
    parser.set_defaults(run=run_explain)


def run_explain(args: argparse.Namespace) -> int:
    """Print what the lines became; give 1 when nothing came of any, 2 for a wrong place, else 0."""
    path, _, place = args.place.rpartition(":")
    try:
        lines = _explained(path, place, args.config)
    except (UsageError, OSError) as error:
        return refuse(error, path)
    if args.format == "json":
        print_json({"lines": [_shape(line) for line in lines]} if "-" in place else _shape(lines[0]))
    else:
        print_lines(text for line in lines for text in _text(line))
    became = (one.kind for line in lines for one in line.became)
    return FOUND if all(kind in DECIDES_NOTHING for kind in became) else DONE


def _explained(path: str, place: str, config: str | None) -> tuple[Line, ...]:
    found = _PLACE.fullmatch(place)
    if not path or found is None:
        raise UsageError("name a runbook and a line, such as RUNBOOK.md:42, or several: RUNBOOK.md:42-48")
    document = load(path)
    first, last = int(found["first"]), int(found["last"] or found["first"])
    for number in (first, last):
        if not 1 <= number <= len(document.lines):
            raise UsageError(f"{path} has lines 1 to {len(document.lines)}, and no line {number}")
    if last < first:
        raise UsageError(f"a range begins with its first line: {path}:{last}-{first}")
    settings = settings_for(document.runbook, config)
    findings = found_with(document.runbook, settings)
    explained = explain(document.runbook, document.lines, findings, settings or Settings())
    return explained.lines[first - 1 : last]


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
