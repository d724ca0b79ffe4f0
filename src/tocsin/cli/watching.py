"""`serve` watches the files it was given: a good edit is published, a bad one is refused and told."""

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.errors import TocsinError, UsageError

if TYPE_CHECKING:
    from tocsin.assembly import Tocsin

log = logging.getLogger("tocsin.watching")

_EVERY = 2.0
"""Seconds between looks; an edit counts once it has stood still for one of them, so that no half-saved file is read."""

Stamp = tuple[int, int] | None


async def watch(tocsin: "Tocsin", runbook: Path | None, config: Path | None) -> None:
    """Publish every edit of these files until cancelled."""
    paths = [path for path in (runbook, config) if path is not None]
    published = pending = [_stamp(path) for path in paths]
    while True:
        await asyncio.sleep(_EVERY)
        seen = [_stamp(path) for path in paths]
        if seen not in (published, pending):
            pending = seen  # still being written, perhaps
        elif seen != published:
            published = pending = seen
            await _publish(tocsin, runbook, config)


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


async def _publish(tocsin: "Tocsin", runbook: Path | None, config: Path | None) -> None:
    from tocsin.assembly import read_file  # noqa: PLC0415  the command line starts without it

    try:
        settings = read_file(config).decode("utf-8-sig") if config else None
        body = read_file(runbook) if runbook else None
        done = await tocsin.publish(body, str(runbook), settings)
    except (UsageError, UnicodeDecodeError) as error:
        log.error("the edit is refused, the version before stays in force: %s", error)  # noqa: TRY400  no bug of ours
        await _alarm(tocsin, f"An edit is refused, the version before stays in force: {error}")
    except Exception as error:
        log.exception("the edit could not be published")
        await _alarm(tocsin, f"An edit could not be published, the version before stays in force: {error}")
    else:
        for change in done.changes or ("nothing of the policy changes",):
            log.info("published %s: %s", done.runbook.sha256[:12], change)


async def _alarm(tocsin: "Tocsin", text: str) -> None:
    try:
        await tocsin.alarm("refused-edit", text)
    except TocsinError:
        log.exception("the alarm could not be stored")
