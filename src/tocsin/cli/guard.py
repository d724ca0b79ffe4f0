"""`tocsin guard`: what a command does and whether it may run by itself. Nothing is run."""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.configuration_file import load_settings
from tocsin.errors import SettingsInvalid, UsageError
from tocsin.guard.judge import LONGEST
from tocsin.guard.judgement import Flag, Risk
from tocsin.guard.ruling import NOBODY_ASKED, Allowance, Ruling, rule
from tocsin.response.guard import places

DONE, ALONE_NOT, WRONG_USAGE = 0, 1, 2
CONFIGURATION = "tocsin.toml"
PATIENCE = 5.0
"""Seconds that bash may take to read a text."""


class Case(msgspec.Struct, frozen=True):
    """One line of the input."""

    text: str
    id: str | int | None = None
    lang: Literal["bash", "sql"] | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the output. `risk`, `flags` and `unattended` are about `effective`, `source_flags` about the input.

    `rewritten` says how `effective` differs from the text as given, None where it is the same.
    """

    id: str | int | None
    risk: Risk
    flags: tuple[Flag, ...]
    unattended: bool
    effective: str
    source_flags: tuple[Flag, ...]
    because: tuple[str, ...]
    rewritten: str | None


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    command = subparsers.add_parser(
        "guard",
        help="say what a command does, and whether it may run by itself",
        description=(
            "Judges commands without running them: one JSON line for each. "
            "With -c, exit code 1 means that it may not run by itself."
        ),
    )
    command.add_argument(
        "commands",
        metavar="COMMANDS.jsonl",
        nargs="?",
        help='lines such as {"id": 1, "lang": "bash", "text": "df -h"}; - reads standard input',
    )
    command.add_argument("-c", dest="text", metavar="TEXT", help="one text to judge")
    command.add_argument(
        "--lang", choices=["bash", "sql"], default="bash", help="of texts that do not say; default bash"
    )
    command.add_argument("--config", metavar="F", help="the configuration: what it grants, and the programs it adds")
    command.add_argument("--no-rewrite", action="store_true", help="judge each text as it is given")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one JSON line for each text; give 1 for a single text that may not run by itself, 2 for wrong usage."""
    if (args.text is None) == (args.commands is None):
        print("tocsin guard: give a file with commands, or one text with -c", file=sys.stderr)
        return WRONG_USAGE
    cases = iter([Case(args.text)]) if args.text is not None else _cases(args.commands)
    alone = True
    try:
        allowance = _allowance(args.config)
        for case in cases:
            line = judged(case, args.lang, allowance, rewrite=not args.no_rewrite)
            sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
            alone = line.unattended
    except (UsageError, OSError) as error:
        print(f"tocsin guard: {error}", file=sys.stderr)
        return WRONG_USAGE
    return DONE if alone or args.text is None else ALONE_NOT


def judged(case: Case, lang: str, allowance: Allowance, *, rewrite: bool) -> Line:
    """Give the line for one text."""
    spoken = case.lang or lang
    readable = bash_reads(case.text) if spoken == "bash" else None
    ruling = rule(case.text, spoken, allowance, rewrite=rewrite, readable=readable)
    return _line(case, ruling, alone=ruling.unattended and (readable is not None or spoken == "sql"))


def _line(case: Case, ruling: Ruling, *, alone: bool) -> Line:
    because = ruling.because or ("it only reads",)
    return Line(
        id=case.id,
        risk=ruling.risk,
        flags=ruling.flags,
        unattended=alone,
        effective=ruling.effective,
        source_flags=ruling.source.flags,
        because=because if alone or not ruling.unattended else ("bash is not there to say whether it reads it",),
        rewritten=", ".join(ruling.says) or None,
    )


def bash_reads(text: str) -> bool | None:
    """Give whether bash reads a text (`bash -n`, which runs nothing); None without a bash that answers."""
    bash = shutil.which("bash")
    if bash is None or len(text) > LONGEST or "\0" in text:
        return None
    try:
        done = subprocess.run(  # noqa: S603  it reads the text and runs nothing of it
            [bash, "--noprofile", "--norc", "-n", "-c", text],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, env={"LC_ALL": "C.UTF-8"}, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.returncode == 0 and not done.stderr


def _allowance(config: str | None) -> Allowance:
    """Give what the named configuration allows; nobody was asked where none is named."""
    if config is None:
        return NOBODY_ASKED
    try:
        settings = load_settings(Path(config))
    except SettingsInvalid as error:
        raise UsageError(f"{config}: {error}") from None
    machine, database = places(settings, None)
    host = settings.hosts.get(machine)
    given = host.granted if host else settings.targets.granted
    return Allowance(given, settings.programs, machine=machine, database=database)


def _cases(path: str) -> Iterator[Case]:
    if path == "-":
        yield from _read(sys.stdin.buffer, "standard input")
    else:
        with Path(path).open("rb") as lines:
            yield from _read(lines, path)


def _read(lines: Iterable[bytes], name: str) -> Iterator[Case]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield msgspec.json.decode(line, type=Case)
        except msgspec.MsgspecError as error:
            raise UsageError(f'{name}, line {number}: {error}; a line is like {{"text": "df -h"}}') from None
