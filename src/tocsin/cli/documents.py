"""`tocsin check` and `tocsin show`: what a runbook says and what is wrong with it. No server is needed."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from tocsin.configuration_file import load_settings
from tocsin.errors import SettingsInvalid, UsageError
from tocsin.explanation.carets import marked
from tocsin.explanation.explain import findings_beside
from tocsin.runbook.decoding import decode
from tocsin.runbook.durations import iso
from tocsin.runbook.facts_view import facts
from tocsin.runbook.overview import overview
from tocsin.runbook.policy import Finding, Runbook
from tocsin.runbook.reading import read_runbook
from tocsin.runbook.rules import RULES, explanation
from tocsin.settings import Settings

DONE, FOUND, WRONG_USAGE = 0, 1, 2
CONFIGURATION = "tocsin.toml"
SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `check` and `show`."""
    check = subparsers.add_parser(
        "check",
        help="say what is wrong with a runbook, line by line",
        description="Reads a runbook and reports what would go wrong when it is followed. Exit code 1 for errors.",
    )
    check.add_argument("runbook", metavar="RUNBOOK", nargs="?", help="the Markdown runbook")
    check.add_argument("--config", metavar="F", help=f"the configuration; else {CONFIGURATION} beside the runbook")
    check.add_argument("--format", choices=["text", "json", "sarif"], default="text", help="default: text")
    check.add_argument("--explain", metavar="CODE", help="print what a code means, such as RB103")
    check.set_defaults(run=run_check)
    show = subparsers.add_parser(
        "show",
        help="show what was understood of a runbook",
        description="Shows the policy that a runbook states, each part with its line.",
    )
    show.add_argument("runbook", metavar="RUNBOOK", help="the Markdown runbook")
    show.add_argument("--format", choices=["text", "json", "facts"], default="text", help="default: text")
    show.set_defaults(run=run_show)


class Loaded(NamedTuple):
    """A document with its lines as decoded."""

    runbook: Runbook
    lines: tuple[str, ...]


def run_check(args: argparse.Namespace) -> int:
    """Print the findings; give 1 when one is an error, 2 when the runbook cannot be read, else 0."""
    if args.explain:
        return _explain(args.explain)
    try:
        document = load(args.runbook)
        findings = found_with(document.runbook, settings_for(document.runbook, args.config))
    except (UsageError, OSError) as error:
        return refuse(error, args.runbook)
    if args.format == "text":
        print_lines(_text(document, findings))
    else:
        print_json(_sarif(document, findings) if args.format == "sarif" else _checked(document, findings))
    return FOUND if any(f.level == "error" for f in findings) else DONE


def run_show(args: argparse.Namespace) -> int:
    """Print the policy; give 2 when the runbook cannot be read, else 0."""
    try:
        document = load(args.runbook)
    except (UsageError, OSError) as error:
        return refuse(error, args.runbook)
    if args.format == "text":
        print_lines(overview(document.runbook))
    else:
        print_json(facts(document.runbook) if args.format == "facts" else document.runbook)
    return DONE


def load(path: str | None) -> Loaded:
    """Read a document. Raises UsageError and OSError."""
    if not path:
        raise UsageError("name the runbook to check, or a code with --explain")
    data = Path(path).read_bytes()
    return Loaded(read_runbook(data, path), decode(data).lines)


def settings_for(runbook: Runbook, config: str | None) -> Settings | None:
    """Give the configuration that was named, else the one beside the runbook, else None. Raises UsageError."""
    beside = Path(runbook.path).parent / CONFIGURATION
    path = Path(config) if config else beside
    if not config and not beside.is_file():
        return None
    try:
        return load_settings(path)
    except SettingsInvalid as error:
        raise UsageError(f"{path}: {error}") from None


def found_with(runbook: Runbook, settings: Settings | None) -> tuple[Finding, ...]:
    """Give the findings that are left beside a configuration."""
    return findings_beside(runbook, settings) if settings else runbook.findings


def refuse(error: Exception, path: str | None) -> int:
    """Say why a document cannot be read, and give the exit code."""
    reason = f"{path}: {error.strerror or error}" if isinstance(error, OSError) else str(error)
    if isinstance(error, UsageError) and path and str(error).startswith("line "):
        reason = f"{path}: {error}"
    print(f"tocsin: {' '.join(reason.split())}", file=sys.stderr)
    return WRONG_USAGE


def _explain(code: str) -> int:
    text = explanation(code)
    if text is None:
        print(f"tocsin: there is no code {code}; the codes are {', '.join(RULES)}", file=sys.stderr)
        return WRONG_USAGE
    print(text, end="")
    return DONE


def _text(document: Loaded, findings: tuple[Finding, ...]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.level} {finding.code} line {finding.line}: {finding.message}"
        source = document.lines[finding.line - 1].expandtabs(4) if finding.line <= len(document.lines) else ""
        part = marked(finding, source)
        yield f"{finding.line:>6} | {source}"
        yield f"       | {' ' * part.start}{'^' * max(part.end - part.start, 1)}"
        if finding.suggestion:
            yield f"   next: {finding.suggestion}"
        yield ""
    yield _summary(document.runbook, findings)


def _summary(runbook: Runbook, findings: tuple[Finding, ...]) -> str:
    count = Counter(str(finding.level) for finding in findings)
    named = {"error": "error", "warning": "warning", "info": "note"}
    words = [f"{count[level]} {word}{'' if count[level] == 1 else 's'}" for level, word in named.items()]
    return f"{runbook.path}: {', '.join(words)}; {runbook.understood:.1%} of its lines are understood"


def _checked(document: Loaded, findings: tuple[Finding, ...]) -> dict[str, Any]:
    runbook = document.runbook
    about = {key: getattr(runbook, key) for key in ("path", "sha256", "lines", "understood")}
    return {"runbook": about, "findings": findings}


def _sarif(document: Loaded, findings: tuple[Finding, ...]) -> dict[str, Any]:
    used = sorted({finding.code for finding in findings})
    rules = [{"id": code, "shortDescription": {"text": RULES[code].name}} for code in used if code in RULES]
    driver = {"name": "tocsin", "rules": rules}
    results = [_sarif_result(document.runbook.path, finding) for finding in findings]
    return {"$schema": SARIF, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _sarif_result(path: str, finding: Finding) -> dict[str, Any]:
    region = {"startLine": finding.line, "startColumn": finding.column}
    place = {"artifactLocation": {"uri": quote(Path(path).as_posix())}, "region": region}
    text = finding.message if finding.suggestion is None else f"{finding.message} Next: {finding.suggestion}"
    return {
        "ruleId": finding.code,
        "level": _SARIF_LEVELS[finding.level],
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }


def print_json(value: object) -> None:
    """Print a value as JSON; durations are ISO 8601."""
    plain = msgspec.to_builtins(value, builtin_types=(timedelta,))
    _print(json.dumps(plain, indent=2, ensure_ascii=False, default=_duration))


def _duration(value: object) -> str:
    if isinstance(value, timedelta):
        return iso(value)
    raise TypeError(type(value).__name__)


def print_lines(lines: Iterator[str]) -> None:
    """Print lines as far as the reader reads."""
    _print("\n".join(lines))


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; what Python would still flush at the end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
