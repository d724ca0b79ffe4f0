"""Processes by their id and the instant they started: a number that was given to somebody else is never signalled."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

PAUSE = 0.05


class Unusable(Exception):
    """What the range needs is not to be had: says what is wrong and what to do."""


class Process(NamedTuple):
    """A process that was started here."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        """Whether it still runs, and is not another one that got its number."""
        return bool(self.started) and _started(self.pid) == self.started

    def end(self, first: signal.Signals, patience: float = 10.0) -> None:
        """Ask it to end, and make it end when it does not."""
        for sign, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
            if not self.alive:
                return
            os.kill(self.pid, sign)
            until(lambda: not self.alive, seconds)


def process(pid: int) -> Process:
    """Give the process that has this number now."""
    return Process(pid, _started(pid))


def _started(pid: int) -> str:
    """Say when the process with this number started, in the words of this system; "" when there is none."""
    status = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return "" if fields[0] == "Z" else fields[19]
    told = subprocess.run(["ps", "-o", "state=,lstart=", "-p", str(pid)], check=False, capture_output=True, text=True)
    state, _, when = told.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else when.strip()


def commands() -> list[tuple[int, str]]:
    """Give every process of this user by number, with its command line."""
    told = subprocess.run(["ps", "-U", str(os.geteuid()), "-o", "pid=,args=", "-ww"], check=False, capture_output=True)
    lines = (line.split(maxsplit=1) for line in told.stdout.decode(errors="replace").splitlines())
    return [(int(line[0]), line[1]) for line in lines if len(line) > 1]


def environment_of(pid: int) -> list[str]:
    """Give the `NAME=value` a process was started with; nothing when it is gone or somebody else's."""
    if Path("/proc/self/environ").exists():
        try:
            return Path(f"/proc/{pid}/environ").read_text(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return []
    told = subprocess.run(["ps", "-E", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True)
    return told.stdout.split()


def until(happened: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is so; False when it did not become so in time."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(PAUSE)
    return True
