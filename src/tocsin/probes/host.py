"""This machine: its disks, its memory, its processors and its network. Only Linux says all that.

Source: statvfs(3); proc(5), `/proc/meminfo`, `/proc/loadavg`, `/proc/stat`, `/proc/net/dev`.
"""

import asyncio
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from tocsin.detection.reading import Reading
from tocsin.probes.options import HostOptions
from tocsin.probes.probe import LookFailed
from tocsin.probes.table import Parts

PROC = Path("/proc")
_LOOPBACK = "lo"
_RECEIVED, _SENT = 0, 8
_IDLE, _WAITING, _GUEST = 3, 4, 8
"""Places among the times of all processors; those of guests are in others already."""


class Counters(NamedTuple):
    """What only grows: bytes over the network, and ticks of the processors."""

    at: float
    received: int
    sent: int
    busy: int
    ticks: int


class Host:
    """Looks at this machine."""

    memory = ""

    def __init__(self, options: HostOptions, parts: Parts) -> None:
        """Take the paths whose disks are looked at, and the interfaces of the network."""
        self._paths = {"": Path("/"), **{name: parts.base / path for name, path in options.values.items()}}
        self._interfaces = frozenset(options.interfaces)
        self._within, self._clock = parts.timeout.total_seconds(), parts.clock
        self._before: Counters | None = None
        self._disks: asyncio.Future[dict[str, os.statvfs_result | OSError]] | None = None

    async def look(self, now: datetime) -> Reading:
        """Look once."""
        try:
            values = _memory() | _load()
            counters = _counters(self._clock.monotonic(), self._interfaces)
        except (OSError, ValueError, IndexError, KeyError) as error:
            raise LookFailed("the kind host reads /proc, which only Linux has") from error
        values |= _grown(self._before, counters)
        self._before = counters
        not_read = []
        for name, found in (await self._free()).items():
            if isinstance(found, OSError):
                not_read.append(f"{name or '/'}: {(found.strerror or 'it cannot be read').lower()}")
            elif name:
                values[name] = _share(found.f_bavail, found.f_blocks)
            else:
                values |= {
                    "disk_free": _share(found.f_bavail, found.f_blocks),
                    "disk_free_bytes": float(found.f_bavail * found.f_frsize),
                    "inodes_free": _share(found.f_favail, found.f_files),
                }
        return Reading(at=now, values=values, details={"not_read": "; ".join(not_read)[:400]} if not_read else {})

    async def _free(self) -> dict[str, os.statvfs_result | OSError]:
        """Ask the disks, on a thread that nobody waits for at the end: a disk that is gone may never answer."""
        if self._disks is None or self._disks.done():
            self._disks = _beside(self._paths)
        try:
            async with asyncio.timeout(self._within):
                return await asyncio.shield(self._disks)
        except TimeoutError as late:
            raise LookFailed(f"a disk did not say in {self._within:g} s how full it is: is it mounted?") from late

    async def close(self) -> None:
        """Nothing is held."""


def _beside(paths: dict[str, Path]) -> "asyncio.Future[dict[str, os.statvfs_result | OSError]]":
    loop = asyncio.get_running_loop()
    found: asyncio.Future[dict[str, os.statvfs_result | OSError]] = loop.create_future()

    def done(answers: dict[str, os.statvfs_result | OSError]) -> None:
        if not found.done():
            found.set_result(answers)

    def ask() -> None:
        answers = {name: _asked(path) for name, path in paths.items()}
        with suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(done, answers)

    Thread(target=ask, name="disks", daemon=True).start()
    return found


def _asked(path: Path) -> os.statvfs_result | OSError:
    try:
        return os.statvfs(path)
    except OSError as error:
        return error


def _share(free: int, whole: int) -> float:
    """Give the share that is free; a system without a limit, such as for inodes, has all of it."""
    return free / whole if whole else 1.0


def _memory() -> dict[str, float]:
    lines = (line.split() for line in (PROC / "meminfo").read_text().splitlines())
    found = {line[0].rstrip(":"): int(line[1]) for line in lines}
    values = {"memory_available": found["MemAvailable"] / found["MemTotal"]}
    if found.get("SwapTotal"):
        values["swap_used"] = 1 - found["SwapFree"] / found["SwapTotal"]
    return values


def _load() -> dict[str, float]:
    load = float((PROC / "loadavg").read_text().split()[0])
    return {"load": load, "load_per_core": load / (os.cpu_count() or 1)}


def _counters(at: float, interfaces: frozenset[str]) -> Counters:
    received = sent = 0
    for line in (PROC / "net/dev").read_text().splitlines()[2:]:
        name, _, numbers = line.partition(":")
        name = name.strip()
        if name in interfaces or (not interfaces and name != _LOOPBACK):
            words = numbers.split()
            received, sent = received + int(words[_RECEIVED]), sent + int(words[_SENT])
    with (PROC / "stat").open() as file:
        times = [int(word) for word in file.readline().split()[1:]][:_GUEST]
    idle = times[_IDLE] + times[_WAITING]
    return Counters(at, received, sent, sum(times) - idle, sum(times))


def _grown(before: Counters | None, now: Counters) -> dict[str, float]:
    """Give what came since the last look; nothing at the first, and nothing of a counter that began again."""
    if before is None or now.at <= before.at:
        return {}
    seconds = now.at - before.at
    values = {}
    if now.ticks > before.ticks:
        values["cpu"] = min(1.0, max(0.0, (now.busy - before.busy) / (now.ticks - before.ticks)))
    for name in ("received", "sent"):
        grown = getattr(now, name) - getattr(before, name)
        if grown >= 0:
            values[name] = grown / seconds
    return values
