"""`oncall`, `link` and `token`: who is on call, and how somebody proves to be somebody."""

import argparse
from typing import Any

from tocsin.cli.client import Client
from tocsin.cli.output import add_format, cite, duration, moment, print_json, print_table


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands about people."""
    oncall = subparsers.add_parser("oncall", help="say who is on call; exit code 1 when a level has nobody")
    oncall.add_argument("--at", metavar="T", help="at that instant (RFC 3339) instead of now")
    add_format(oncall)
    oncall.set_defaults(run=run_oncall)
    link = subparsers.add_parser("link", help="print a one-time sign-in link for a person")
    link.add_argument("person", metavar="PERSON", help="a key under [people], or operator")
    link.add_argument("--expires", metavar="D", type=duration, help="ISO 8601 duration (default PT30M)")
    add_format(link)
    link.set_defaults(run=run_link)
    token = subparsers.add_parser("token", help="print a new token of a person, or the key of a source")
    token.add_argument("name", metavar="PERSON|SOURCE")
    token.add_argument(
        "--scope", metavar="S", default="", help="limit the token: metrics reads /metrics and nothing else"
    )
    token.add_argument("--expires", metavar="D", type=duration, help="ISO 8601 duration (default: never)")
    add_format(token)
    token.set_defaults(run=run_token)


def run_oncall(args: argparse.Namespace) -> int:
    """Print who is in each level and role."""
    found = Client().get("/api/v1/oncall", at=args.at)
    if args.format == "json":
        print_json(found)
    else:
        print(f"On call at {moment(found['at'])}")
        print_table(
            [[f"  {duty['level']}", duty["role"], _people(duty) + cite(duty["line"])] for duty in found["oncall"]]
        )
    return 0 if all(duty["people"] for duty in found["oncall"]) else 1


def _people(duty: dict[str, Any]) -> str:
    if duty["people"]:
        return ", ".join(someone["name"] for someone in duty["people"])
    return f"nobody; {', '.join(someone['name'] for someone in duty['fallback'])} is paged instead"


def run_link(args: argparse.Namespace) -> int:
    """Print the link alone, so that it can be piped."""
    made = Client().post("/api/v1/links", {"name": args.person, "expires": args.expires})
    if args.format == "json":
        print_json(made)
    else:
        print(made["link"])
    return 0


def run_token(args: argparse.Namespace) -> int:
    """Print the token alone, so that it can be piped."""
    wanted = {"name": args.name, "scope": args.scope, "expires": args.expires}
    made = Client().post("/api/v1/tokens", wanted)
    if args.format == "json":
        print_json(made)
    else:
        print(made["token"])
    return 0
