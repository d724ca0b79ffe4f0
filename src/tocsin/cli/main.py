"""`tocsin COMMAND`: which module answers which command, and how trouble is told.

Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 the server could not be reached.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from tocsin import __version__
from tocsin.errors import Forbidden, NotFound, Refused, TocsinError, Unreachable

COMMANDS: dict[str, str] = {
    "check": "checking",
    "show": "documents",
    "explain": "explaining",
    "rules": "rules",
    "init": "init",
    "triage": "triage",
    "simulate": "simulate",
    "drill": "drill",
    "guard": "guard",
    "serve": "serve",
    "apply": "care",
    "trigger": "incidents",
    "list": "incidents",
    "incident": "incidents",
    "ack": "incidents",
    "resolve": "incidents",
    "reopen": "incidents",
    "escalate": "incidents",
    "severity": "incidents",
    "type": "incidents",
    "note": "incidents",
    "merge": "incidents",
    "split": "incidents",
    "evidence": "evidence",
    "review": "reviews",
    "actions": "reviews",
    "run": "work",
    "check-step": "work",
    "update": "work",
    "silence": "silence",
    "record": "record",
    "oncall": "people",
    "link": "people",
    "token": "people",
    "migrate": "moving",
    "backup": "moving",
    "restore": "moving",
    "confirm-restore": "moving",
    "verify": "care",
    "doctor": "care",
    "watch": "watch",
    "probe": "probe",
    "fakes": "fakes",
}
"""Command -> module of this package. Only the module that is asked for is imported: a page must not wait for it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = build_parser(words)
    args = parser.parse_args(words)
    if not hasattr(args, "run"):
        parser.print_help()
        return 2
    try:
        return int(args.run(args))
    except Unreachable as error:
        return _say(error, 3)
    except TocsinError as error:
        return _say(error, 1 if isinstance(error, NotFound | Refused | Forbidden) else 2)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def build_parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Give the parser, with only the asked module's commands where that is known."""
    parser = argparse.ArgumentParser(
        prog="tocsin",
        description="Runs your incident runbook: reads it, says what is wrong with it, and then is it.",
        epilog="`tocsin COMMAND --help` tells more. Exit codes: 0 done, 1 no, 2 wrong usage, 3 server not reached.",
    )
    parser.add_argument("--version", action="version", version=f"tocsin {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    asked = next((word for word in words if not word.startswith("-")), None)
    modules = [COMMANDS[asked]] if asked in COMMANDS else list(dict.fromkeys(COMMANDS.values()))
    for name in modules:
        module = import_module(f"tocsin.cli.{name}")
        (module.add_commands if hasattr(module, "add_commands") else module.add_command)(subparsers)
    return parser


def _say(error: TocsinError, code: int) -> int:
    sys.stderr.write(f"tocsin: {error}\n")
    return code
