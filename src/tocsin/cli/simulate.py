"""`tocsin simulate`: recorded alerts replayed, and what an edit of the runbook would change. Nothing leaves."""

import argparse
import gzip
import sys
import zlib
from collections.abc import Iterable
from datetime import timedelta
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tocsin.cli.documents import (
    CONFIGURATION,
    DONE,
    FOUND,
    STDIN,
    WRONG_USAGE,
    load,
    print_json,
    print_lines,
    refuse,
    settings_for,
)
from tocsin.cli.output import add_format, duration
from tocsin.errors import UsageError
from tocsin.settings import Settings

if TYPE_CHECKING:
    from tocsin.drill.replay_lines import Recording

# The engine is imported when it runs: no other command, nor `--help`, waits for it.

_MOST_ERRORS = 20
_PACKED = b"\x1f\x8b"
_LONGEST_ANSWER = timedelta(days=7)


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "simulate",
        help="replay recorded alerts: who would have been paged, and what an edit of the runbook changes",
        description="Replays recorded alerts on a moved clock through the real engine, and says who would have been "
        "paged, when and why. Nothing is sent, stored or run. Exit code 1 when an alert matched no entry or a page "
        "found nobody; with --against, when anything changes.",
    )
    parser.add_argument("runbook", metavar="RUNBOOK", help="the Markdown runbook")
    parser.add_argument(
        "alerts",
        metavar="ALERTS.jsonl",
        help="what `tocsin record` writes, or PagerDuty Events v2 bodies, one on each line, also packed with gzip; "
        "- reads standard input",
    )
    parser.add_argument("--config", metavar="F", help=f"the configuration; else {CONFIGURATION} beside the runbook")
    parser.add_argument("--against", metavar="OTHER.md", help="an edited runbook: say only what it would change")
    parser.add_argument(
        "--answer", metavar="D", type=duration, help="let whoever is paged first answer so long after, such as PT5M"
    )
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Replay and print; give 2 when a document or a line cannot be used, 1 when the answer is no, else 0."""
    from tocsin.drill.replay_lines import LinesInvalid  # noqa: PLC0415

    try:
        return _simulate(args)
    except LinesInvalid as error:
        for number, why in error.errors[:_MOST_ERRORS]:
            print(f"tocsin: {_named(args.alerts)}:{number}: {' '.join(why.split())}", file=sys.stderr)
        if len(error.errors) > _MOST_ERRORS:
            print(f"tocsin: {len(error.errors) - _MOST_ERRORS} more lines are wrong", file=sys.stderr)
        return WRONG_USAGE
    except OSError as error:
        return refuse(error, error.filename or args.runbook)
    except UsageError as error:
        return refuse(error, args.runbook)


def _simulate(args: argparse.Namespace) -> int:
    from tocsin.cli import simulation  # noqa: PLC0415
    from tocsin.cli.replaying import Asked, sides  # noqa: PLC0415
    from tocsin.drill.replay_difference import compare  # noqa: PLC0415

    if args.answer is not None and not timedelta(0) <= args.answer <= _LONGEST_ANSWER:
        raise UsageError(f"--answer is between PT0S and P{_LONGEST_ANSWER.days}D")
    settings = settings_for(load(args.runbook).runbook, args.config)
    recording = _recording(args.alerts, settings or Settings())
    told = simulation.Told(args.runbook, _named(args.alerts), args.answer, recording, settings)
    paths = [args.runbook] if args.against is None else [args.runbook, args.against]
    before, *others = sides(paths, Asked(recording, settings or Settings(), args.answer))
    if not others:
        if args.format == "json":
            print_json(simulation.replay_shape(before, told))
        else:
            print_lines(simulation.replay_text(before, told))
        return FOUND if before.report.attention else DONE
    compared = compare(before, others[0], settings or Settings())
    if args.format == "json":
        print_json(simulation.difference_shape(compared, told, args.against))
    else:
        print_lines(simulation.difference_text(compared, told, args.against))
    return FOUND if compared.incidents else DONE


def _recording(path: str, settings: Settings) -> "Recording":
    from tocsin.drill.replay_lines import LinesInvalid, read_recording  # noqa: PLC0415

    try:
        if path == STDIN:
            return read_recording(_unpacked(sys.stdin.buffer), settings)
        with Path(path).open("rb") as lines:
            return read_recording(_unpacked(lines), settings)
    except LinesInvalid:
        raise
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UsageError(f"{_named(path)}: it is packed with gzip and broken: {error}") from error
    except UsageError as error:
        raise UsageError(f"{_named(path)}: {error}") from error


def _unpacked(lines: BinaryIO) -> Iterable[bytes]:
    """Give the lines of a file, also of one that gzip packed."""
    packed = isinstance(lines, BufferedReader) and lines.peek(len(_PACKED)).startswith(_PACKED)
    return gzip.GzipFile(fileobj=lines) if packed else lines


def _named(path: str) -> str:
    return "standard input" if path == STDIN else Path(path).name
