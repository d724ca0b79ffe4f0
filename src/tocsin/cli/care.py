"""`apply`, `verify` and `doctor`: looking after a running Tocsin."""

import argparse
import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from tocsin.cli.client import Client
from tocsin.cli.output import add_format, duration, print_json, print_table
from tocsin.cli.stores import add_store, find_store
from tocsin.errors import UsageError

_LONGEST_WAIT = timedelta(minutes=10)


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands about Tocsin itself."""
    apply = subparsers.add_parser("apply", help="publish a new version of runbook and configuration to the server")
    apply.add_argument("runbook", metavar="RUNBOOK", nargs="?", type=Path)
    apply.add_argument("--config", metavar="F", type=Path, help="publish this configuration too")
    apply.add_argument("--dry-run", action="store_true", help="only say what it would change")
    add_format(apply)
    apply.set_defaults(run=run_apply)
    verify = subparsers.add_parser("verify", help="check the hash chains of all timelines; exit code 1 for a fault")
    verify.add_argument("--data", metavar="DIR", type=Path, help="read this data folder instead of asking the server")
    add_store(verify)
    add_format(verify)
    verify.set_defaults(run=run_verify)
    doctor = subparsers.add_parser("doctor", help="look at configuration, store, channels and people")
    doctor.add_argument("--page", action="store_true", help="send a marked test page and wait for the answers")
    doctor.add_argument("--person", action="append", help="page only this person (may be repeated)")
    doctor.add_argument("--wait", type=duration, default=timedelta(seconds=60), help="for answers (default PT1M)")
    add_format(doctor)
    doctor.set_defaults(run=run_doctor)


def run_apply(args: argparse.Namespace) -> int:
    """Show what a version changes and publish it."""
    if args.runbook is None and args.config is None:
        raise UsageError("say what to publish: `tocsin apply RUNBOOK.md`, `--config tocsin.toml`, or both")
    body = {
        "runbook": _text(args.runbook),
        "path": str(args.runbook) if args.runbook else "",
        "settings": _text(args.config),
        "dry_run": args.dry_run,
    }
    done = Client().post("/api/v1/runbook", body)
    if args.format == "json":
        print_json(done)
        return 0
    for title, said in (("Who is paged", "paged"), ("What runs", "runs"), ("What the policy says", "changes")):
        if done[said]:
            print(title)
        for change in done[said]:
            print(f"  {change}")
    if not any(done[said] for said in ("paged", "runs", "changes")):
        print("  Nothing of the policy changes.")
    errors = sum(1 for finding in done["findings"] if finding["level"] == "error")
    verb = "Would publish" if args.dry_run else "Published"
    print(f"{verb} {done['sha256'][:12]}; `tocsin check` reports {errors} errors. Open incidents keep their version.")
    return 0


def _text(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path} line {line}: this is not UTF-8; save the file in that encoding") from error


def run_verify(args: argparse.Namespace) -> int:
    """Print what is wrong with the record."""
    if args.store:
        found = asyncio.run(_verify_database(find_store(args.store, None) or ""))
    else:
        found = _verify_file(args.data) if args.data else Client().get("/api/v1/verify")
    if args.format == "json":
        print_json(found)
    else:
        for number, fault in found["faults"]:
            print(f"{number}: {fault}")
        print(f"{found['incidents']} incidents, {found['facts']} facts, {len(found['faults'])} faults")
    return 1 if found["faults"] else 0


def _verify_file(data: Path) -> dict[str, Any]:
    """Look at a data folder directly, also while a server works on it."""
    from tocsin.engine.verify import verify  # noqa: PLC0415  asking a server needs none of this
    from tocsin.store.sqlite import ReadOnlyStore  # noqa: PLC0415

    path = data / "tocsin.db"
    if not path.is_file():
        raise UsageError(f"there is no {path}; say with --data where the server keeps its data")
    store = ReadOnlyStore(path)
    try:
        return asyncio.run(verify(store))._asdict()
    finally:
        store.close()


async def _verify_database(url: str) -> dict[str, Any]:
    """Look at a database directly, also while servers work on it."""
    from tocsin.engine.verify import verify  # noqa: PLC0415  as above
    from tocsin.store.postgres import PostgresStore  # noqa: PLC0415

    store = PostgresStore(url)
    try:
        return (await verify(store))._asdict()
    finally:
        store.close()


def run_doctor(args: argparse.Namespace) -> int:
    """Print what a look at everything finds; exit code 1 when something needs care."""
    client = Client()
    checks = client.get("/api/v1/doctor")["checks"]
    answers: list[dict[str, Any]] = []
    if args.page:
        wait = min(args.wait, _LONGEST_WAIT)
        body = {"people": args.person, "wait": wait}
        answers = client.post("/api/v1/doctor/page", body, wait.total_seconds() + 60)["people"]
    if args.format == "json":
        print_json({"checks": checks, "people": answers})
    else:
        print_table([[f"  {check['level']}", check["name"], check["text"]] for check in checks])
        print_table([[f"  {one['person']}", _outcome(one["methods"]), _answer(one)] for one in answers])
    bad = any(check["level"] == "error" for check in checks) or not all(one["answered"] for one in answers)
    return 1 if bad else 0


def _outcome(methods: dict[str, str]) -> str:
    return "; ".join(f"{method}: {outcome}" for method, outcome in methods.items()) or "no way to be reached"


def _answer(one: dict[str, Any]) -> str:
    return f"answered after {one['seconds']} s" if one["answered"] else "no answer"
