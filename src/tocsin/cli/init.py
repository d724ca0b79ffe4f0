"""`tocsin init`: a first configuration beside a runbook. No server is needed, and nothing is overwritten."""

import argparse
import os
import sys
from pathlib import Path

from tocsin.cli.documents import CONFIGURATION, DONE, load, refuse
from tocsin.errors import UsageError
from tocsin.provisioning.draft import draft
from tocsin.provisioning.source import Source


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `init`."""
    parser = subparsers.add_parser(
        "init",
        help=f"write a first {CONFIGURATION} for a runbook",
        description=f"Writes a commented {CONFIGURATION} with the roles, people, channels, sources and metrics that a "
        "runbook implies, each with its line. What only people know is marked FILL IN. It never changes the runbook "
        "and never overwrites a file.",
    )
    parser.add_argument("runbook", metavar="RUNBOOK", help="the Markdown runbook")
    parser.add_argument("--output", metavar="F", help=f"write there instead of {CONFIGURATION} beside it; - prints it")
    parser.set_defaults(run=run_init)


def run_init(args: argparse.Namespace) -> int:
    """Write the configuration; give 2 when the runbook cannot be read or the file is there already, else 0."""
    try:
        document = load(args.runbook)
        runbook = Path(args.runbook)
        printed = args.output == "-"
        target = Path(args.output) if args.output and not printed else runbook.parent / CONFIGURATION
        folder = Path() if printed else target.parent
        lines = list(draft(Source(document.runbook, document.lines, _named(runbook, folder))))
        text = "\n".join(lines).rstrip("\n") + "\n"
        if printed:
            sys.stdout.write(text)
        else:
            _write(target, text)
    except (UsageError, OSError) as error:
        return refuse(error, args.runbook)
    if not printed:
        print(f"Wrote {target}; {text.count('FILL IN') - 1} blanks are marked FILL IN.")
        print(f"Next: fill them in, then tocsin check {args.runbook} and tocsin serve {args.runbook}")
    return DONE


def _named(runbook: Path, folder: Path) -> str:
    """Give how a configuration in `folder` names the runbook."""
    try:
        return Path(os.path.relpath(runbook, folder)).as_posix()
    except ValueError:  # another drive
        return runbook.resolve().as_posix()


def _write(target: Path, text: str) -> None:
    """Write a file that is not there yet. Raises UsageError."""
    try:
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{target} is there already and is left as it is; write elsewhere with --output F") from None
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}; write elsewhere with --output F") from error
