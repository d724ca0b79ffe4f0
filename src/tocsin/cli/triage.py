"""`tocsin triage`: which entry each alert would open, how bad it is and why. Nothing is stored."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from tocsin.configuration import read_settings
from tocsin.detection.alert import Alert
from tocsin.detection.pagerduty import Unrecognized, read_event, to_alert
from tocsin.errors import UsageError
from tocsin.incident.facts import Because
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Settings
from tocsin.triage.assessing import assess

DONE, WRONG_USAGE = 0, 2
CONFIGURATION = "tocsin.toml"


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    command = subparsers.add_parser(
        "triage",
        help="show which entry of the runbook each alert would open, and why",
        description="Dry run of matching: one JSON line for each alert, nothing is stored.",
    )
    command.add_argument("runbook", metavar="RUNBOOK", help="the Markdown runbook")
    command.add_argument(
        "events",
        metavar="EVENTS.jsonl",
        nargs="?",
        default="-",
        help="PagerDuty Events v2 bodies, one on each line, or lines with an `event` key; - reads standard input",
    )
    command.add_argument("--config", metavar="F", help=f"the configuration; else {CONFIGURATION} beside the runbook")
    command.add_argument("--format", choices=["json"], default="json", help="JSON lines, the only form")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one JSON line for each alert; give 2 when the documents or some line could not be used, else 0."""
    try:
        runbook = read_runbook(Path(args.runbook).read_bytes(), args.runbook)
        settings = _settings(args.config, Path(args.runbook))
        if args.events == "-":
            return _triage_all(sys.stdin.buffer, runbook, settings)
        with Path(args.events).open("rb") as lines:
            return _triage_all(lines, runbook, settings)
    except (UsageError, OSError) as error:
        print(f"tocsin triage: {error}", file=sys.stderr)
        return WRONG_USAGE


def _settings(config: str | None, runbook: Path) -> Settings:
    file = Path(config) if config else runbook.parent / CONFIGURATION
    return read_settings(file.read_text(encoding="utf-8")) if config or file.exists() else Settings()


def _triage_all(lines: BinaryIO, runbook: Runbook, settings: Settings) -> int:
    outcome = DONE
    for number, line in _numbered(lines):
        try:
            answer = _triaged(line, number, runbook, settings)
        except UsageError as error:
            print(f"line {number}: {error}", file=sys.stderr)
            outcome = WRONG_USAGE
        else:
            print(msgspec.json.encode(answer).decode(), flush=True)
    return outcome


def _numbered(lines: BinaryIO) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _triaged(line: bytes, number: int, runbook: Runbook, settings: Settings) -> dict[str, Any]:
    name, alert = _alert(line, number)
    if alert.action != "trigger":
        return _opens_nothing(name, alert)
    found, severity, severity_because = assess(alert, runbook, settings)
    return {
        "id": name,
        "incident_type": found.incident_type,
        "severity": severity,
        "score": found.score,
        "because": [_sentence(why, runbook) for why in (*found.because, _so_bad(severity, severity_because))],
        "considered": [{"incident_type": other.incident_type, "score": other.score} for other in found.considered],
        "otherwise": [_sentence(why, runbook) for why in found.otherwise],
    }


def _opens_nothing(name: str, alert: Alert) -> dict[str, Any]:
    """Give the answer for an event that tells of an alert that is known already: it has no words of its own."""
    said = "is over" if alert.action == "resolve" else "was seen by somebody"
    why = f"it opens nothing: it says that {alert.dedup_key[:80]} {said}"
    empty: list[object] = []
    return {
        "id": name,
        "incident_type": None,
        "severity": None,
        "score": 0.0,
        "because": [why],
        "considered": empty,
        "otherwise": empty,
    }


def _alert(line: bytes, number: int) -> tuple[str, Alert]:
    """Give the alert of a line and its name: the line's `id`, else the event's key, else the line's number."""
    try:
        body = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unrecognized from error
    wrapped = body if isinstance(body, dict) and "event" in body else {}
    event = read_event(msgspec.json.encode(wrapped["event"]) if wrapped else line, recorded=True)
    name = wrapped.get("id") or event.dedup_key or f"line {number}"
    return str(name), to_alert(event, "triage", new_key=f"line {number}")


def _so_bad(severity: str, why: Because) -> Because:
    """Give why it is so bad, with how bad where the reason only quotes the document."""
    return why if severity in why.text else Because(f"{severity}: {why.text}", why.line)


def _sentence(why: Because, runbook: Runbook) -> str:
    return why.text if why.line is None else f"{why.text} ({Path(runbook.path).name}:{why.line})"
