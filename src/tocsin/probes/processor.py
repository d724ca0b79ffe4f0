"""How busy a server of this machine is: the time on the processor of a process and all its children, from /proc."""

import os
from contextlib import suppress

from tocsin.runner.kernel import PROC, stat_of


class Processor:
    """Measures what share of the machine's processors a server takes between two looks."""

    def __init__(self, program: str) -> None:
        """Take the name the server's processes bear."""
        self._program = program
        self._before: tuple[int, float, float] | None = None

    def share(self, child: int, seconds: float) -> float | None:
        """Give the share since the last look, 0 to 1; None at the first, and where the server is on another machine.

        `child` is one of its processes; `seconds` never jump.
        """
        server = self._server(child)
        if server is None:
            self._before = None
            return None
        used = sum((_used(pid) for pid in _children(server)), _used(server, with_ended=True))
        before, self._before = self._before, (server, used, seconds)
        if before is None or before[0] != server or seconds <= before[2]:
            return None
        cores = os.cpu_count() or 1
        return min(1.0, max(0.0, (used - before[1]) / (seconds - before[2]) / cores))

    def _server(self, child: int) -> int | None:
        """Give the parent of that process, if both are what they should be: a number may mean another process here."""
        stat = stat_of(child)
        if stat is None or stat.name != self._program:
            return None
        above = stat_of(stat.parent)
        return stat.parent if above and above.name == self._program else None


def _children(server: int) -> list[int]:
    with suppress(OSError):
        return [int(pid) for pid in (PROC / f"{server}/task/{server}/children").read_text().split()]
    return []


def _used(pid: int, *, with_ended: bool = False) -> float:
    """Give the seconds a process took; with those of its children that ended, which it keeps."""
    stat = stat_of(pid)
    return stat.ticks(with_ended=with_ended) / os.sysconf("SC_CLK_TCK") if stat else 0.0
