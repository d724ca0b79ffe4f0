"""`silence add|list|extend|end`: hold back alerts for a while, with a reason."""

import argparse
import sys
from datetime import datetime
from typing import Any

from tocsin.cli.client import Client
from tocsin.cli.output import add_format, duration, instant, moment, print_json, print_table
from tocsin.errors import Refused, UsageError
from tocsin.grouping.drafting import DAYS


def add_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "silence",
        help="hold back alerts for a while: add, list, extend or end silences",
        description="Alerts that fit every MATCHER open no incident while the silence holds. They are kept, and page "
        "when it ends and they still fire. An incident that is open goes on.",
    )
    parser.add_argument("action", choices=["add", "list", "extend", "end"], metavar="add|list|extend|end")
    parser.add_argument(
        "what", nargs="*", metavar="MATCHER|ID", help="such as entry=sequencer-down 'severity!=P0' 'text=~.*disk.*'"
    )
    parser.add_argument("--because", default="", help="why (required): people look for the reason of a missing page")
    parser.add_argument("--for", dest="lasts", type=duration, help="how long, such as PT2H")
    parser.add_argument("--until", dest="ends_at", help="when it ends, such as 2026-11-23T05:00Z")
    parser.add_argument("--from", dest="starts_at", help="when it starts (now without it)")
    parser.add_argument("--repeats", default="", help="daily, weekly, or days such as sat,sun")
    parser.add_argument(
        "--timezone", default="", help="by whose wall clock it comes back (the configuration's), and times are told"
    )
    parser.add_argument("--last", default="", help="the last day on which it begins, such as 2026-12-31")
    parser.add_argument("--public", metavar="TITLE", help="show it on the status page as maintenance of that title")
    parser.add_argument("--text", default="", help="what the status page says about it")
    parser.add_argument("--component", action="append", default=[], help="a component of the status page (repeatable)")
    parser.add_argument("--status", choices=["active", "pending", "expired"], help="list only those")
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do what is asked for."""
    return {"add": _add, "list": _list, "extend": _extend, "end": _end}[args.action](args)


def _add(args: argparse.Namespace) -> int:
    public = {"title": args.public, "text": args.text, "components": args.component} if args.public else None
    if public is None and (args.text or args.component):
        raise UsageError("--text and --component are for the status page: add --public TITLE")
    wanted: dict[str, object] = {name: getattr(args, name) for name in ("because", "lasts", "repeats", "last")}
    wanted |= {
        "starts_at": instant(args.starts_at, "--from", args.timezone) if args.starts_at else None,
        "ends_at": instant(args.ends_at, "--until", args.timezone) if args.ends_at else None,
        "timezone": args.timezone if args.repeats or not (args.starts_at or args.ends_at) else "",
    }
    made = Client().post("/api/v1/silences", {**wanted, "matchers": args.what, "maintenance": public})
    return _made(made, args.format)


def _made(made: dict[str, Any], form: str) -> int:
    """Print a new silence, and what is worth a warning about it."""
    for warning in made["warnings"]:
        sys.stderr.write(f"WARNING: {warning}\n")
    _print(made, form)
    return 0


def _extend(args: argparse.Namespace) -> int:
    """Let another silence take the place of one before that ends: there is no instant without either."""
    name = _one(args)
    if args.lasts is None or args.ends_at:
        raise UsageError(f"say how much longer: `tocsin silence extend {name} --for PT1H`")
    client = Client()
    known = client.get(f"/api/v1/silences/{name}")
    if known["status"] == "expired" or known["repeats"]:
        why = "is over" if known["status"] == "expired" else "comes back by itself"
        raise Refused(f"{name} {why}; make another one with `tocsin silence add`")
    wanted = {name: known[name] for name in ("matchers", "starts_at", "maintenance")}
    ends_at = datetime.fromisoformat(known["ends_at"]) + args.lasts
    made = client.post("/api/v1/silences", {**wanted, "because": args.because or known["because"], "ends_at": ends_at})
    client.post(f"/api/v1/silences/{name}/end", {})
    return _made(made, args.format)


def _one(args: argparse.Namespace) -> str:
    if len(args.what) != 1:
        raise UsageError(f"say which one, and only one: `tocsin silence {args.action} SIL-1`")
    return str(args.what[0])


def _end(args: argparse.Namespace) -> int:
    _print(Client().post(f"/api/v1/silences/{_one(args)}/end", {}), args.format)
    return 0


def _list(args: argparse.Namespace) -> int:
    found = Client().get("/api/v1/silences", status=args.status)
    if args.format == "json":
        print_json(found)
        return 0
    rows = [
        [one["id"], one["status"], _when(one), " ".join(one["matchers"]), _name(one["by"]), one["because"], _held(one)]
        for one in found["silences"]
    ]
    print_table(rows)
    if not rows:
        print("No silence.")
    return 0


def _print(one: dict[str, Any], form: str) -> None:
    if form == "json":
        print_json(one)
    else:
        held = f"; {_held(one)}" if one["held"] else ""
        print(f"{one['id']} {one['status']} {_when(one)}: {' '.join(one['matchers'])}{held}")


def _when(one: dict[str, Any]) -> str:
    if one["active_until"]:
        return f"until {moment(one['active_until'])}{_again(one['repeats'])}"
    if one["next_at"]:
        return f"from {moment(one['next_at'])}{_again(one['repeats'])}"
    return f"ended {moment(one['ended_at'] or one['ends_at'])}"


def _again(repeats: dict[str, Any] | None) -> str:
    """Give on which days it comes back, "" for one that does not."""
    if not repeats:
        return ""
    days = "daily" if len(repeats["days"]) == len(DAYS) else ",".join(DAYS[day][:3] for day in repeats["days"])
    until = f" until {repeats['last']}" if repeats["last"] else ""
    return f", {days} by the clock of {repeats['timezone']}{until}"


def _held(one: dict[str, Any]) -> str:
    count = len(one["held"])
    return f"holds back {count} alert{'s' if count > 1 else ''}" if count else ""


def _name(by: str) -> str:
    return by.partition(":")[2] or by
