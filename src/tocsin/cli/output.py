"""Printing: a table for people, JSON for programs."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from tocsin.errors import UsageError

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


def instant(text: str, option: str, zone: str | None = None) -> datetime:
    """Give an instant as somebody writes it; by the clock of `zone` where it names none, "" where none was given.

    Raises UsageError, which names the option.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{option} {text[:40]!r} is no instant; write it like 2026-11-23T05:00Z") from error
    if at.tzinfo is not None:
        return at
    if not zone:
        other = "an offset such as +01:00" if zone is None else "--timezone Europe/Berlin"
        raise UsageError(f"{option} {text[:40]!r} names no time zone; add Z for UTC, or {other}")
    try:
        return at.replace(tzinfo=ZoneInfo(zone))
    except (OSError, LookupError, ValueError) as error:
        raise UsageError(f"there is no time zone {zone[:60]!r}; write it like Europe/Berlin") from error


def lasts(seconds: float) -> str:
    """Give a duration the way people say it."""
    whole = int(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE:02d}:{whole % _MINUTE:02d}"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"
