"""`tocsin record`: what happened on a server, as the lines that `tocsin simulate` replays."""

import argparse
import sys
from datetime import datetime
from typing import Any

import msgspec

from tocsin.cli.client import Client
from tocsin.cli.output import duration, instant
from tocsin.clock import SystemClock
from tocsin.errors import UsageError


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "record",
        help="write which alerts came and who answered, as `simulate` replays it",
        description="Writes one JSON line for each alert that opened, joined or ended an incident, each answer and "
        "each silence, oldest first: what `tocsin simulate` reads. It holds what your monitors said.",
    )
    parser.add_argument(
        "--since", metavar="T", default="P30D", help="an instant, or how long ago such as P7D (default P30D)"
    )
    parser.add_argument("--until", metavar="T", help="an instant, or how long ago (default: now)")
    parser.add_argument("--format", choices=["json"], default="json", help="JSON lines, the only form")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the lines; give 1 when there are none."""
    now = SystemClock().now()
    since, until = _at(args.since, "--since", now), _at(args.until, "--until", now) if args.until else now
    if since >= until:
        raise UsageError("--since is not before --until: nothing lies between them")
    lines = sorted(_lines(since, until), key=lambda line: datetime.fromisoformat(line["at"]))
    for line in lines:
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    if not lines:
        sys.stderr.write(f"tocsin: nothing happened since {since:%Y-%m-%d %H:%M} UTC; look further back with --since\n")
    return 0 if lines else 1


def _lines(since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Give the lines of the incidents that began between, and of the silences that held, in no order."""
    client, before, found = Client(), None, list[dict[str, Any]]()
    while True:
        part = client.get("/api/v1/recording", limit=100, before=before)
        found += [line for line in part["silences"] if _moved(line, since)]
        began = [datetime.fromisoformat(one["opened_at"]) for one in part["incidents"]]
        for one, opened_at in zip(part["incidents"], began, strict=True):
            found += one["lines"] if since <= opened_at else []
        before = part["before"]
        if before is None or began[-1] < since:
            return [line for line in found if datetime.fromisoformat(line["at"]) <= until]


def _moved(line: dict[str, Any], since: datetime) -> bool:
    """Give whether a silence held since then, and let one that was made earlier begin the recording."""
    said = line["silence"]
    if datetime.fromisoformat(line["at"]) < since:
        line["at"] = since.isoformat()
    return "repeats" in said or datetime.fromisoformat(said["ends_at"]) > since


def _at(text: str, option: str, now: datetime) -> datetime:
    if text.startswith("P"):
        try:
            return now - duration(text)
        except (argparse.ArgumentTypeError, OverflowError) as error:
            raise UsageError(f"{option} {text[:40]!r} is no ISO 8601 duration; write P7D or PT12H") from error
    return instant(text, option)
