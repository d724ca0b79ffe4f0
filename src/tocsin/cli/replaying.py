"""Replays that somebody waits for: how far they are, and two of them at once where there are processors for both."""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from tocsin.cli.documents import load
from tocsin.clock import SystemClock
from tocsin.drill.replay import Replayed, Wishes, replay
from tocsin.drill.replay_difference import Side
from tocsin.drill.replay_lines import Recording
from tocsin.drill.replay_report import Report, report
from tocsin.errors import UsageError
from tocsin.explanation.differences import Edition
from tocsin.settings import Settings

WORTH_ANOTHER = 500
"""So many lines are worth a process of their own for the second document."""

_SHOWN_AFTER, _SHOWN_EVERY = 1.0, 0.1
_LOOKS_EVERY = 0.1


class Asked(NamedTuple):
    """What is replayed, with which configuration, and after how long whoever is paged first answers."""

    recording: Recording
    settings: Settings
    answer: timedelta | None


def sides(paths: list[str], asked: Asked) -> list[Side]:
    """Give what each document makes of a recording. Raises UsageError that names the document, and OSError."""
    editions = [_edition(path) for path in paths]
    with _progress(len(asked.recording.lines) * len(paths)) as show:
        if len(paths) > 1 and len(asked.recording.lines) >= WORTH_ANOTHER and _can_share():
            reports = _both(paths, asked, show)
        else:
            played = len(asked.recording.lines)
            reports = [
                _report(path, asked, lambda done, place=place: show(place * played + done))  # type: ignore[misc]
                for place, path in enumerate(paths)
            ]
    return [Side(edition, found) for edition, found in zip(editions, reports, strict=True)]


def _edition(path: str) -> Edition:
    try:
        document = load(path)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    return Edition(document.runbook, document.lines)


def _report(path: str, asked: Asked, told: Callable[[int], None]) -> Report:
    kept: list[Replayed] = []
    body, wishes = Path(path).read_bytes(), Wishes(asked.answer, told)

    async def play() -> None:
        # Kept, not given: asyncio writes down what its last task gave, whole, each time it sets a signal.
        kept.append(await replay(body, asked.settings, asked.recording, wishes))

    try:
        asyncio.run(play())
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    return report(kept[0], asked.settings)


# -- two at once


def _can_share() -> bool:
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def _both(paths: list[str], asked: Asked, show: Callable[[int], None]) -> list[Report]:
    """Replay the second document in a process of its own meanwhile."""
    context = multiprocessing.get_context("fork")
    other, ours = context.Value("Q", 0), 0
    results, gives = context.Pipe(duplex=False)

    def elsewhere() -> None:
        def told(done: int) -> None:
            other.value = done

        try:
            gives.send(_report(paths[1], asked, told))
        except Exception as error:  # noqa: BLE001  it is raised where somebody reads it
            gives.send(error)

    def told(done: int) -> None:
        nonlocal ours
        ours = done
        show(ours + other.value)

    process = context.Process(target=elsewhere, daemon=True)
    process.start()
    gives.close()
    try:
        first = _report(paths[0], asked, told)
        while not results.poll(_LOOKS_EVERY):
            show(ours + other.value)
        second = results.recv()
    except EOFError:
        raise UsageError(f"{paths[1]}: the process that replayed it ended; is there memory for both?") from None
    finally:
        process.terminate()
        process.join()
    if isinstance(second, BaseException):
        raise second
    found: Report = second
    return [first, found]


# -- how far it is


@contextmanager
def _progress(lines: int) -> Iterator[Callable[[int], None]]:
    """Give what shows on a terminal how many of these lines are played; in a pipe or a file it shows nothing."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _: None
        return
    clock = SystemClock()
    began = shown = clock.monotonic()

    def show(done: int) -> None:
        nonlocal shown
        now = clock.monotonic()
        if now - began < _SHOWN_AFTER or now - shown < _SHOWN_EVERY or not done:
            return
        shown = now
        left = (now - began) / done * (lines - done)
        sys.stderr.write(f"\r\033[Kreplaying: {done * 100 // lines} %, about {_about(left)} left")
        sys.stderr.flush()

    try:
        yield show
    finally:
        if shown > began:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def _about(seconds: float) -> str:
    """Give how long that is, no more exactly than anybody knows."""
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"  # noqa: PLR2004
