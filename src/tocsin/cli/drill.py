"""`tocsin drill`: each entry of the runbook rehearsed, in memory or against what it is about."""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cli.documents import CONFIGURATION, DONE, FOUND, load, print_json, print_lines, refuse, settings_for
from tocsin.cli.drill_live import rehearsed_live
from tocsin.cli.output import add_format, print_table
from tocsin.errors import UsageError
from tocsin.settings import Settings

if TYPE_CHECKING:
    from tocsin.drill.score import Score

# The engine is imported when it runs: no other command, nor `--help`, waits for it.

_EXAMPLE = Path(__file__).parents[3] / "examples" / "sequencer" / "RUNBOOK.md"
"""What a clone of the project has to try it with."""


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "drill",
        help="rehearse the entries of a runbook and score the answer",
        description="Breaks each entry in each way that its symptoms, the checks of the configuration and [drills] "
        "name, lets somebody answer, and scores what came of it. In memory nothing leaves and nothing is run; --live "
        "breaks the service itself and puts it right. Exit code 1 when a drill failed.",
    )
    parser.add_argument("words", metavar="RUNBOOK|TYPE", nargs="*", help="the Markdown runbook, and ids of its entries")
    parser.add_argument("--all", action="store_true", help="rehearse every entry; so does naming none, in memory")
    parser.add_argument("--live", action="store_true", help="break the real service, as `inject` of [drills] says")
    parser.add_argument("--only", metavar="VARIANT", help="rehearse this variant alone")
    parser.add_argument("--config", metavar="F", help=f"the configuration; else {CONFIGURATION} beside the runbook")
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Rehearse and print; give 2 when a document cannot be used, 1 when a drill failed, else 0."""
    document, entries = _named(args.words)
    if entries and args.all:
        raise UsageError(f"--all rehearses every entry; leave it out to rehearse {', '.join(entries)}")
    if args.live and not (entries or args.all or args.only):
        raise UsageError("a live drill breaks the service: name the entries to rehearse, or say --all")
    path, config = (document, args.config) if document else _usual(args.config)
    try:
        scores = (rehearsed_live if args.live else _rehearsed)(path, entries, config, args.only)
    except OSError as error:
        return refuse(error, error.filename or path)
    except UsageError as error:
        return refuse(error, path)
    if args.format == "json":
        print_json({"drills": scores})
    else:
        _print(scores)
    return DONE if scores and all(score.passed for score in scores) else FOUND


def _named(words: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Give the document and the entries that were named: ids have no dots, and no files are called like them."""
    documents = [word for word in words if "." in word or "/" in word or Path(word).is_file()]
    if len(documents) > 1:
        raise UsageError(f"one runbook is rehearsed at a time, not {' and '.join(documents)}")
    return next(iter(documents), None), tuple(dict.fromkeys(word for word in words if word not in documents))


def _usual(config: str | None) -> tuple[str, str | None]:
    """Give the document and the configuration that the working directory has, else the example of a clone."""
    from tocsin.cli.serve import find_files  # noqa: PLC0415  not needed when a document is named

    runbook, beside = find_files(None, Path(config) if config else None)
    if runbook is not None:
        return str(runbook), str(beside) if beside else None
    if not config and _EXAMPLE.is_file():
        return str(_EXAMPLE), None
    raise UsageError(f"name a runbook, as in `tocsin drill RUNBOOK.md`, or set `runbook` in {CONFIGURATION}")


def _rehearsed(path: str, entries: tuple[str, ...], config: str | None, only: str | None) -> "list[Score]":
    from tocsin.drill.rehearsed import chosen, rehearse  # noqa: PLC0415

    body, runbook = Path(path).read_bytes(), load(path).runbook
    settings = settings_for(runbook, config) or Settings()

    variants = [one for one in chosen(runbook, settings, entries) if only in {None, one.name}]
    if only is not None and not variants:
        raise UsageError(f"there is no variant {only}; `tocsin drill {path}` names them")

    async def all_of_them() -> "list[Score]":
        return [await rehearse(body, runbook, settings, variant) for variant in variants]

    return asyncio.run(all_of_them())


def _print(scores: "Sequence[Score]") -> None:
    from tocsin.drill.score import table  # noqa: PLC0415

    if not scores:
        print("The document has no entries: there is nothing to rehearse.", file=sys.stderr)
        return
    print_table(tuple(table(scores)))
    print_lines(_reasons(scores))


def _reasons(scores: "Sequence[Score]") -> Iterator[str]:
    failed = [score for score in scores if not score.passed]
    for score in failed:
        yield ""
        yield f"{score.incident_type} {score.variant} failed:"
        yield from (f"  {why}" for why in score.because)
    yield ""
    yield f"{len(scores) - len(failed)} of {len(scores)} drills passed."
