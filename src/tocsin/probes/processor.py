"""How busy a server of this machine is: the time on the processor of a process and all its children, from /proc.

Source: proc(5), `/proc/PID/stat`; times in ticks.
"""

import os
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
_PARENT, _USER, _CHILDREN = 1, 11, 15
"""Places behind the name, which may itself hold blanks and brackets."""


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
        stat = _stat(child)
        if stat is None or stat[0] != self._program:
            return None
        parent = int(stat[1][_PARENT])
        above = _stat(parent)
        return parent if above and above[0] == self._program else None


def _children(server: int) -> list[int]:
    with suppress(OSError):
        return [int(pid) for pid in (PROC / f"{server}/task/{server}/children").read_text().split()]
    return []


def _used(pid: int, *, with_ended: bool = False) -> float:
    """Give the seconds a process took; with those of its children that ended, which it keeps."""
    stat = _stat(pid)
    if stat is None:
        return 0.0
    ticks = sum(int(word) for word in stat[1][_USER : _CHILDREN if with_ended else _CHILDREN - 2])
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> tuple[str, list[str]] | None:
    """Give the name of a process and the words behind it; None when there is none."""
    try:
        text = (PROC / f"{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    return name, rest.split()
