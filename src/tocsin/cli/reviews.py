"""`review` and `actions`: what was learned, and what somebody promised to change."""

import argparse
from pathlib import Path
from typing import Any

from tocsin.cli.client import Client
from tocsin.cli.output import add_format, print_json, print_table
from tocsin.errors import UsageError


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands about reviews."""
    review = subparsers.add_parser("review", help="print the review of a resolved incident as Markdown")
    review.add_argument("incident", metavar="INC")
    review.add_argument("--export", metavar="F", type=Path, help="write it to this file instead")
    add_format(review)
    review.set_defaults(run=run_review)
    actions = subparsers.add_parser("actions", help="list action items of reviews")
    actions.add_argument("--open", action="store_true", help="only those that are not done")
    add_format(actions)
    actions.set_defaults(run=run_actions)


def run_review(args: argparse.Namespace) -> int:
    """Print the review, or write its Markdown to a file."""
    found = Client().get(f"/api/v1/reviews/{args.incident}")
    if args.export is not None:
        try:
            args.export.write_text(found["markdown"], encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {args.export}: {error.strerror}") from error
    if args.format == "json":
        print_json(found)
    elif args.export is not None:
        left = found["parts_to_write"] - found["parts_written"]
        print(f"{args.export}: {found['parts_written']} parts written, {left} still asked for")
    else:
        print(found["markdown"], end="")
    return 0


def run_actions(args: argparse.Namespace) -> int:
    """Print action items."""
    found = Client().get("/api/v1/actions", open=1 if args.open else None)
    if args.format == "json":
        print_json(found)
        return 0
    print_table([_row(one) for one in found["actions"]])
    if not found["actions"]:
        print("Nothing is left to do." if args.open else "No action item yet.")
    return 0


def _row(one: dict[str, Any]) -> list[str]:
    state = "done" if one["done"] else "late" if one["late"] else "open"
    return [one["id"], state, one["due"] or "-", one["owner"] or "nobody", one["text"]]
