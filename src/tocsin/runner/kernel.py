"""What the kernel tells of a process. Source: proc(5), `/proc/PID/stat`."""

from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
_STATE, _PARENT, _GROUP, _USER, _CHILDREN, _STARTED = 0, 1, 2, 11, 15, 19
"""Places behind the name, which may itself hold blanks and brackets."""


class Stat(NamedTuple):
    """A process: its name, and the words behind it."""

    name: str
    words: list[str]

    @property
    def over(self) -> bool:
        """Give whether it ended and only waits for its parent to hear of that."""
        return self.words[_STATE] == "Z"

    @property
    def parent(self) -> int:
        """Give who started it."""
        return int(self.words[_PARENT])

    @property
    def group(self) -> int:
        """Give who leads its process group."""
        return int(self.words[_GROUP])

    @property
    def started(self) -> str:
        """Give when it started, as this boot of the machine counts."""
        return self.words[_STARTED]

    def ticks(self, *, with_ended: bool = False) -> int:
        """Give its time on the processor; with that of its children that ended, which it keeps."""
        return sum(map(int, self.words[_USER : _CHILDREN if with_ended else _CHILDREN - 2]))


def tells() -> bool:
    """Give whether this kernel tells anything of processes."""
    return (PROC / "self/stat").exists()


def stat_of(pid: int) -> Stat | None:
    """Give what is told of a process; None when there is none."""
    try:
        text = (PROC / f"{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    return Stat(name, rest.split())
