"""Printing: a table for people, JSON for programs."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def add_format(parser: argparse.ArgumentParser) -> None:
    """Let a command that prints data print JSON."""
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def print_json(value: object) -> None:
    """Print a value as one JSON document."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns as wide as they need to be."""
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def moment(text: str | None) -> str:
    """Give an instant of the API as a person reads it, in UTC."""
    if not text:
        return "-"
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def cite(line: int | None) -> str:
    """Give a runbook line as `:42`, or nothing."""
    return f" :{line}" if line else ""


def duration(text: str) -> timedelta:
    """Give the duration of ISO 8601 text ("PT30M", "P7D"), for argparse."""
    try:
        return msgspec.convert(text, timedelta)
    except msgspec.ValidationError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 duration; write PT30M or P7D") from error


def lasts(seconds: float) -> str:
    """Give a duration the way people say it."""
    whole = int(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE:02d}:{whole % _MINUTE:02d}"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"
