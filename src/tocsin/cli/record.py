"""`tocsin record`: what happened on a server, as the lines that `tocsin simulate` replays."""

import argparse
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from tocsin.cli.client import Client
from tocsin.cli.output import duration, instant
from tocsin.clock import SystemClock
from tocsin.errors import UsageError

_MOST_NAMED = 5


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "record",
        help="write which alerts came and who answered, as `simulate` replays it",
        description="Writes one JSON line for each alert that opened, joined or ended an incident or was held back, "
        "for what people did (answers, severities, entries, merges, splits) and each silence, oldest first: what "
        "`tocsin simulate` reads. It holds what your monitors said.",
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
    recorded = _recorded(since, until)
    lines = sorted(recorded.lines, key=lambda line: datetime.fromisoformat(line["at"]))
    notes = list(recorded.left_out(since)) if lines else []
    for line in ([{"note": note} for note in notes]) + lines:
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    for note in notes:
        sys.stderr.write(f"tocsin: {note}\n")
    if not lines:
        sys.stderr.write(f"tocsin: nothing happened since {since:%Y-%m-%d %H:%M} UTC; look further back with --since\n")
    return 0 if lines else 1


class _Recorded(NamedTuple):
    """Lines in no order, the incidents that were open when the time began, and those named by an earlier word."""

    lines: list[dict[str, Any]]
    open_then: list[str]
    recalled: list[str]

    def left_out(self, since: datetime) -> Iterator[str]:
        """Give what a replay cannot know of, in sentences: it may differ there from what the server did."""
        if self.open_then:
            yield (
                f"{_some(self.open_then)} began before {since:%Y-%m-%d %H:%M} UTC and went on: "
                "what came of that is not recorded"
            )
        if self.recalled:
            yield (
                f"{_some(self.recalled)} got the entry that somebody had chosen before {since:%Y-%m-%d %H:%M} UTC "
                "for an alert like it, which is not recorded"
            )


def _some(numbers: list[str]) -> str:
    more = len(numbers) - _MOST_NAMED
    return ", ".join(numbers[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _recorded(since: datetime, until: datetime) -> _Recorded:
    """Give what is told of incidents that began between, of silences that held, and of what those held back."""
    client, before, found = Client(), None, _Recorded([], [], [])
    lines = found.lines
    while True:
        part = client.get("/api/v1/recording", limit=100, before=before)
        lines += [line for line in part["silences"] if _moved(line, since)]
        lines += [line for line in part["held"] if datetime.fromisoformat(line["at"]) >= since]
        began = [datetime.fromisoformat(one["opened_at"]) for one in part["incidents"]]
        for one, opened_at in zip(part["incidents"], began, strict=True):
            if since <= opened_at <= until:
                lines += one["lines"]
                found.recalled.extend([one["id"]] if one["recalled"] else [])
            elif any(since <= datetime.fromisoformat(line["at"]) <= until for line in one["lines"]):
                found.open_then.append(one["id"])
        before = part["before"]
        if before is None or began[-1] < since:
            break
    once = {msgspec.json.encode(line): line for line in lines}  # two incidents may tell of the same end
    kept = [line for line in once.values() if datetime.fromisoformat(line["at"]) <= until]
    return found._replace(lines=kept, recalled=[] if any("type" in line for line in kept) else found.recalled)


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
