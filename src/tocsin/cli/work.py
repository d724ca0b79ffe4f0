"""`run`, `check-step` and `update`: the work on an incident."""

import argparse
import sys
import time
from datetime import timedelta
from typing import Any

from tocsin.cli.client import Client
from tocsin.cli.output import add_format, cite, duration, print_json
from tocsin.errors import NotFound, UsageError

_BETWEEN = 0.2
"""Seconds between two looks at a step that runs."""

_STATUSES = ("investigating", "identified", "monitoring", "resolved")


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    run = subparsers.add_parser("run", help="run a step that only reads, and print what it found")
    run.add_argument("incident", metavar="INC")
    run.add_argument("step", metavar="STEP", help="the id of a step, such as sequencer-down.does-pm2-keep-it-running")
    run.add_argument("--wait", type=duration, default=timedelta(seconds=30), help="how long for its end (PT30S)")
    add_format(run)
    run.set_defaults(run=run_step)
    check = subparsers.add_parser("check-step", help="say that you did a manual step")
    check.add_argument("incident", metavar="INC")
    check.add_argument("step", metavar="STEP")
    check.add_argument("--undo", action="store_true", help="take it back")
    check.add_argument("--note", default="", help="what you saw, for the timeline")
    add_format(check)
    check.set_defaults(run=run_check)
    update = subparsers.add_parser("update", help="tell people how it goes")
    update.add_argument("incident", metavar="INC")
    update.add_argument("text", metavar="TEXT", help="what they are told; - reads standard input")
    update.add_argument("--status", required=True, choices=_STATUSES)
    update.add_argument("--public", action="store_true", help="on the status page too")
    update.add_argument("--title", default="", help="default: that of the incident")
    update.add_argument("--channel", action="append", default=[], metavar="C", help="send it there too (repeatable)")
    update.add_argument(
        "--component", action="append", default=[], metavar="ID[=STATUS]", help="a part it concerns (repeatable)"
    )
    add_format(update)
    update.set_defaults(run=run_update)


def run_step(args: argparse.Namespace) -> int:
    """Run a step, wait for its end and print what it found."""
    client, path = Client(), f"/api/v1/incidents/{args.incident}"
    asked = client.post(f"{path}/steps/{args.step}/run", {})
    ends = time.monotonic() + args.wait.total_seconds()
    while (found := _step(asked, args.step)) and found["status"] == "running" and time.monotonic() < ends:
        time.sleep(_BETWEEN)
        asked = client.get(path)
    if found is None:
        raise NotFound(f"{args.incident} does not say how {args.step} went; look at its timeline")
    if args.format == "json":
        print_json(found)
        return 0
    print(_told(found))
    outcome = found["outcome"]
    if outcome and found["status"] != "running" and outcome["excerpt"]:
        print(outcome["excerpt"])
    return 0


def _step(incident: dict[str, Any], step: str) -> dict[str, Any] | None:
    return next((one for one in incident["steps"] if one["id"] == step), None)


def _told(step: dict[str, Any]) -> str:
    outcome = step["outcome"]
    if step["status"] == "running" or outcome is None:
        return f"{step['title']}: {step['status']}{cite(step['line'])}"
    failed = "failed, " if step["status"] == "failed" else ""
    title = step["title"] if step["title"].endswith("?") else f"{step['title']}:"
    return f"{title} {failed}{outcome['found']} ({outcome['seconds']:.1f} s){cite(step['line'])}"


def run_check(args: argparse.Namespace) -> int:
    """Tick a manual step off, or take that back."""
    body = {"done": not args.undo, "note": args.note}
    done = Client().post(f"/api/v1/incidents/{args.incident}/steps/{args.step}/check", body)
    return _print_latest(done, args.format)


def run_update(args: argparse.Namespace) -> int:
    """Post an update."""
    body = {
        "status": args.status,
        "public": args.public,
        "title": args.title,
        "text": sys.stdin.read() if args.text == "-" else args.text,
        "channels": args.channel,
        "components": _components(args.component),
    }
    return _print_latest(Client().post(f"/api/v1/incidents/{args.incident}/updates", body), args.format)


def _components(said: list[str]) -> dict[str, str] | list[str] | None:
    """Give the components as the API takes them. Raises UsageError when only some have a status."""
    pairs = [one.partition("=") for one in said]
    if len({mark for _, mark, _ in pairs}) > 1:
        raise UsageError("give every --component a status, or none")
    if pairs and pairs[0][1]:
        return {name: status for name, _, status in pairs}
    return said or None


def _print_latest(incident: dict[str, Any], form: str) -> int:
    if form == "json":
        print_json(incident)
        return 0
    latest = [fact for fact in incident["timeline"] if fact["fact"] in {"StepChecked", "UpdatePosted"}][-1:]
    for fact in latest:
        print(f"{incident['id']} #{fact['seq']} {fact['text']}{cite(fact['line'])}")
    return 0
