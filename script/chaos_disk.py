"""Take the disk away, or the database, while pages wait: nothing is accepted that is not kept, and nothing is lost.

On SQLite the data lies on a small file system of its own, which is filled to the last byte; on PostgreSQL the database
server is stopped as a crash does. Meanwhile an alert is answered with 503 and the reason, and each page that waits is
tried once. Then room is made, or the database started, and everything goes on without a hand.
"""

import argparse
import asyncio
import collections
import contextlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from chaos_stage import CLOCK, PATIENCE, Monitor, folder_kept, settle, stage
from kill_record import Found, judge
from postgres_here import PostgresHere, postgres_here

ROOM = "6m"
MOST_ALERTS = 2000
"""A full disk still has room in pages that are there; after so many alerts it must be gone."""


class Outage:
    """What takes the store away and gives it back."""

    def __init__(self, take: Callable[[], None], give_back: Callable[[], None]) -> None:
        """Take how."""
        self.take, self.give_back = take, give_back


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Outage]:
    """Give an outage of a small file system at the place of the server's data."""
    disk = folder / "data0"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(disk)], check=True)
    filler = disk / "filler"

    def fill() -> None:
        with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            size = 65536
            while size:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    size //= 2  # to the last byte

    try:
        yield Outage(fill, filler.unlink)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def drill(folder: Path, outage: Outage, database: str, without: timedelta) -> dict[str, Any]:
    """Play it and give the figures; the store is away for `without`."""
    chance = random.Random(1)  # noqa: S311  it has to be repeatable
    async with stage(folder, 1, database, chance) as monitor:
        sink = monitor.sink
        for number in range(3):
            await raised(monitor, f"before-{number}")
        await until(lambda: len({page.incident for page in sink.arrivals}) >= 3)  # noqa: PLR2004  the three of above
        sink.failing, failing_since = True, CLOCK.now()
        await raised(monitor, "waiting")
        await until(lambda: any(not page.taken for page in sink.arrivals))
        taken = CLOCK.now()
        outage.take()
        refusal = await until_refused(monitor)
        gone, sink.failing = CLOCK.now(), False
        refused = await refusals(monitor, gone + without)
        await until(lambda: bool(tries(monitor, taken, CLOCK.now())))
        outage.give_back()
        back = CLOCK.now()
        sink.troubles.append((failing_since, back))
        for key in ("during", "after"):
            await asyncio.wait_for(raised(monitor, key), PATIENCE)
        recovered = CLOCK.now() - back
        facts = await settle(monitor)
    found = judge(monitor.seen(), facts, CLOCK.now(), leases=bool(database))
    tried = tries(monitor, taken, back)
    unexplained = [sentence for sentence in found.unexplained if sentence.split(" ", 1)[0] not in tried]
    verify = await monitor.servers[0].verify()
    for sentence in (*found.lost, *found.early, *found.after_acknowledge, *unexplained):
        print(f"WRONG: {sentence}")
    return {
        "name": "disk",
        "store": "postgresql" if database else "sqlite",
        **refused,
        "reason": refusal,
        "tried_without_store": len(tried),
        # One attempt may have been under way when the store went.
        "tried_more_than_once": sum(count > 2 for count in tried.values()),  # noqa: PLR2004
        "recovered_s": round(recovered.total_seconds(), 1),
        **counts(found),
        "unexplained_duplicates": len(unexplained),
        "verify": "clean" if verify == 0 else "not clean",
    }


def counts(found: Found) -> dict[str, int]:
    """Give the figures of what must not be."""
    return {
        "lost": len(found.lost),
        "early": len(found.early),
        "after_acknowledge": len(found.after_acknowledge),
        "duplicates": found.duplicates,
    }


async def raised(monitor: Monitor, key: str) -> None:
    """Raise an alert that is to be judged."""
    await monitor.event(key, "trigger")
    monitor.accepted.append(key)


async def until(true: Callable[[], bool]) -> None:
    """Wait for something for a minute."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  what is waited for is no event of ours
            await asyncio.sleep(0.05)


async def until_refused(monitor: Monitor) -> str:
    """Send alerts until one is refused, keeping those that are accepted; give the reason."""
    for number in range(MOST_ALERTS):
        with contextlib.suppress(httpx.HTTPError):
            answer = await monitor.try_event(f"last-{number}", "trigger")
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                return str(answer.json()["message"])
            if answer.status_code == httpx.codes.ACCEPTED:
                monitor.accepted.append(f"last-{number}")
    raise SystemExit("the store never refused anything")


async def refusals(monitor: Monitor, until_then: datetime) -> dict[str, int]:
    """Go on asking while the store is away; give how often it was refused, accepted, or answered otherwise."""
    found = {"refused": 0, "accepted_meanwhile": 0, "other_answers": 0}
    while until_then > CLOCK.now():
        try:
            answer = await monitor.try_event("during", "trigger")
        except httpx.HTTPError:
            found["other_answers"] += 1
            continue
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            found["refused"] += 1
        elif answer.status_code == httpx.codes.ACCEPTED:
            found["accepted_meanwhile"] += 1
        else:
            found["other_answers"] += 1
        await asyncio.sleep(0.1)
    return found


def tries(monitor: Monitor, taken: datetime, back: datetime) -> "collections.Counter[str]":
    """Give how often each page was sent while the store was away."""
    return collections.Counter(page.key for page in monitor.sink.arrivals if taken < page.at < back)


def passed(figures: dict[str, Any]) -> bool:
    """Give whether nothing went wrong."""
    bad = ("lost", "early", "after_acknowledge", "unexplained_duplicates", "tried_more_than_once", "other_answers")
    return (
        not any(figures[name] for name in bad)
        and figures["refused"] > 0
        and figures["tried_without_store"] > 0
        and figures["verify"] == "clean"
    )


def main(argv: list[str]) -> int:
    """Play the drill; the last line is one JSON object. Exit code 1 when something was lost or nothing recovered."""
    parser = argparse.ArgumentParser(prog="script/chaos disk", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=30, help="for so long the store is away")
    parser.add_argument("--quick", action="store_true", help="6 seconds")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="the last line is JSON either way")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave data and log of the server there")
    args = parser.parse_args(argv)
    if args.store == "sqlite" and os.geteuid() != 0:
        # A file system of one's own takes rights that a user has in a name space of his own.
        os.execvp("unshare", ["unshare", "--map-root-user", "--mount", sys.executable, __file__, *argv])  # noqa: S606
    away = timedelta(seconds=6 if args.quick else args.seconds)
    with folder_kept(args.keep) as folder, contextlib.ExitStack() as stack:
        server: PostgresHere | None = stack.enter_context(postgres_here()) if args.store == "postgresql" else None
        outage = Outage(server.stop, server.start) if server else stack.enter_context(small_disk(folder))
        figures = asyncio.run(drill(folder, outage, next(server) if server else "", away))
    print(json.dumps(figures))
    return 0 if passed(figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
