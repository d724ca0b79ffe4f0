"""`tocsin show`, and how documents are loaded and printed. No server is needed."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from tocsin.errors import SettingsInvalid, UsageError
from tocsin.runbook.decoding import decode
from tocsin.runbook.durations import iso
from tocsin.runbook.facts_view import facts
from tocsin.runbook.overview import overview
from tocsin.runbook.policy import Finding, Runbook
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Settings

DONE, FOUND, WRONG_USAGE = 0, 1, 2
CONFIGURATION = "tocsin.toml"
STDIN = "-"


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `show`."""
    show = subparsers.add_parser(
        "show",
        help="show what was understood of a runbook",
        description="Shows the policy that a runbook states, each part with its line, and what notices each symptom.",
    )
    show.add_argument("runbook", metavar="RUNBOOK", help="the Markdown runbook")
    show.add_argument("--config", metavar="F", help=f"the configuration; else {CONFIGURATION} beside the runbook")
    show.add_argument("--format", choices=["text", "json", "facts"], default="text", help="default: text")
    show.set_defaults(run=run_show)


class Loaded(NamedTuple):
    """A document with its lines as decoded."""

    runbook: Runbook
    lines: tuple[str, ...]


def run_show(args: argparse.Namespace) -> int:
    """Print the policy; give 2 when the runbook cannot be read, else 0."""
    try:
        runbook = _beside(load(args.runbook).runbook, args.config)
    except (UsageError, OSError) as error:
        return refuse(error, args.runbook)
    if args.format == "text":
        print_lines(overview(runbook))
    else:
        print_json(facts(runbook) if args.format == "facts" else runbook)
    return DONE


def _beside(runbook: Runbook, config: str | None) -> Runbook:
    """Give the document with what the configuration notices, where there is one. Raises UsageError."""
    settings = settings_for(runbook, config)
    if settings is None:
        return runbook
    from tocsin.explanation.binding import bound  # noqa: PLC0415  as below

    return bound(runbook, settings)


def load(path: str) -> Loaded:
    """Read a document, `-` from standard input. Raises UsageError and OSError."""
    data = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    return Loaded(read_runbook(data, path), decode(data).lines)


def settings_for(runbook: Runbook, config: str | None) -> Settings | None:
    """Give the configuration that was named, else the one beside the runbook, else None. Raises UsageError."""
    beside = Path(runbook.path).parent / CONFIGURATION
    path = Path(config) if config else beside
    if not config and not beside.is_file():
        return None
    # Imported late: most documents are checked without a configuration.
    from tocsin.configuration_file import load_settings  # noqa: PLC0415

    try:
        return load_settings(path)
    except SettingsInvalid as error:
        raise UsageError(f"{path}: {error}") from None


def found_with(runbook: Runbook, settings: Settings | None) -> tuple[Finding, ...]:
    """Give the findings that are left beside a configuration."""
    if settings is None:
        return runbook.findings
    # Imported late, as above.
    from tocsin.explanation.explain import findings_beside  # noqa: PLC0415

    return findings_beside(runbook, settings)


def refuse(error: Exception, path: str | None) -> int:
    """Say why a document cannot be read, and give the exit code."""
    reason = f"{path}: {error.strerror or error}" if isinstance(error, OSError) else str(error)
    if isinstance(error, UsageError) and path and str(error).startswith("line "):
        reason = f"{path}: {error}"
    print(f"tocsin: {' '.join(reason.split())}", file=sys.stderr)
    return WRONG_USAGE


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
