"""`tocsin check`: what would go wrong when a runbook is followed, line by line. No server is needed."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.cli.documents import (
    CONFIGURATION,
    DONE,
    FOUND,
    STDIN,
    WRONG_USAGE,
    Loaded,
    found_with,
    load,
    print_json,
    print_lines,
    refuse,
    settings_for,
)
from tocsin.cli.report import Checked, report
from tocsin.clock import SystemClock
from tocsin.errors import UsageError
from tocsin.inspection.looking import look_around, look_here
from tocsin.runbook.entry_checks import stale
from tocsin.runbook.ignores import kept
from tocsin.runbook.policy import Finding, Runbook
from tocsin.runbook.rules import RULES, explanation
from tocsin.settings import Settings

MARKDOWN = (".md", ".markdown")
_LEFT_OUT = frozenset({"node_modules", "vendor", "site-packages", "dist", "build"})


class Collected(NamedTuple):
    """The documents to check. `searched` says that folders were looked through, where not every text is a runbook."""

    paths: tuple[str, ...]
    searched: frozenset[str]


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `check`."""
    check = subparsers.add_parser(
        "check",
        help="say what is wrong with a runbook, line by line",
        description="Reads runbooks and reports what would go wrong when they are followed. "
        "Exit codes: 0 no error, 1 errors, 2 something could not be read.",
    )
    check.add_argument(
        "runbooks", metavar="RUNBOOK", nargs="*",
        help="Markdown runbooks, folders of them, or - for standard input",
    )  # fmt: skip
    check.add_argument(
        "--config", metavar="F",
        help=f"the configuration; else {CONFIGURATION} beside the runbook. When it is named here, programs, files, "
        "addresses and the database are looked at too",
    )  # fmt: skip
    check.add_argument(
        "--format", choices=["text", "json", "sarif", "gitlab"], default="text",
        help="default: text; sarif is for GitHub, gitlab is a code quality report",
    )  # fmt: skip
    check.add_argument("--explain", metavar="CODE", help="print what a code means, such as RB103")
    check.set_defaults(run=run_check)


def run_check(args: argparse.Namespace) -> int:
    """Print the findings; give 1 when one is an error, 2 when something cannot be read, else 0."""
    if args.explain:
        return _explain(args.explain)
    try:
        collected = _collected(args.runbooks)
    except (UsageError, OSError) as error:
        return refuse(error, getattr(error, "filename", None))
    checked: list[Checked] = []
    refused = False
    for path in collected.paths:
        try:
            document = load(path)
            if path in collected.searched and not _is_runbook(document):
                continue
            checked.append(_checked(document, args.config))
        except (UsageError, OSError) as error:
            # In a folder a text that is no runbook is nothing to complain about.
            if path not in collected.searched or isinstance(error, OSError):
                refused = refuse(error, path) == WRONG_USAGE
    if not checked:
        return WRONG_USAGE if refused else _nothing(args.runbooks)
    _print(checked, args.format, alone=len(args.runbooks) == 1 and not collected.searched)
    wrong = any(finding.level == "error" for one in checked for finding in one.findings)
    return WRONG_USAGE if refused else FOUND if wrong else DONE


def _collected(named: Sequence[str]) -> Collected:
    if not named:
        raise UsageError("name the runbook to check, or a code with --explain")
    paths: list[str] = []
    searched: set[str] = set()
    for name in named:
        if name != STDIN and Path(name).is_dir():
            inside = list(_markdown_in(Path(name)))
            if not inside:
                raise UsageError(f"{name} holds no Markdown file; name a runbook")
            paths += inside
            searched.update(inside)
        else:
            paths.append(name)
    return Collected(tuple(dict.fromkeys(paths)), frozenset(searched))


def _markdown_in(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in _LEFT_OUT for part in parts)
        if path.suffix.lower() in MARKDOWN and not hidden and path.is_file():
            yield str(path)


def _is_runbook(document: Loaded) -> bool:
    runbook = document.runbook
    return bool(runbook.incident_types or runbook.severities or runbook.escalation)


def _nothing(named: Sequence[str]) -> int:
    print(f"tocsin: there is no runbook in {', '.join(named)}; name the document itself", file=sys.stderr)
    return WRONG_USAGE


def _checked(document: Loaded, config: str | None) -> Checked:
    """Give a document with all that was found: in its text, beside it, and, with a configuration, around it."""
    runbook, path = document.runbook, document.runbook.path
    settings = settings_for(runbook, config)
    folder = None if path == STDIN else Path(path).parent
    elsewhere = [*look_here(runbook, folder), *stale(runbook, document.lines, SystemClock().now().date())]
    if config and settings is not None:
        _refuse_unjudged(runbook, settings, config)
        elsewhere += look_around(runbook, settings, Path(config).parent)
    findings = [*found_with(runbook, settings), *kept(elsewhere, runbook.ignores)]
    return Checked(document, tuple(sorted(_once(findings), key=lambda f: (f.line, f.code, f.column, f.message))))


def _refuse_unjudged(runbook: Runbook, settings: Settings, config: str) -> None:
    """Raise UsageError for a check of a probe that this document gives nothing to judge by."""
    if not settings.probes:
        return
    # Imported late: most configurations have no probes.
    from tocsin.engine.plan import planned  # noqa: PLC0415

    for probe in settings.probes.values():
        for check, why in planned(probe, None, runbook, settings).unwatched.items():
            raise UsageError(f"{config}: [probes.{probe.id}.checks.{check}]: {why}")


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out a code that stands on its line already: the text and the look around may agree."""
    seen: set[tuple[str, int]] = set()
    found = []
    for finding in findings:
        if finding.code in ("RB208", "RB105") and (finding.code, finding.line) in seen:
            continue
        seen.add((finding.code, finding.line))
        found.append(finding)
    return found


def _print(checked: Sequence[Checked], form: str, *, alone: bool) -> None:
    value: Any = report(checked, form, alone=alone, base=Path.cwd())
    if form == "text":
        print_lines(value)
    else:
        print_json(value)


def _explain(code: str) -> int:
    text = explanation(code)
    if text is None:
        print(f"tocsin: there is no code {code}; the codes are {', '.join(RULES)}", file=sys.stderr)
        return WRONG_USAGE
    print(text, end="")
    return DONE
