"""Print the Python to install with: the newest on the PATH, or another that is a good deal faster.

One that was built without profile-guided optimisation (as pyenv does unless told otherwise) takes a third more
processor for the same work, and where two are installed it is often that one that comes first. How it was built is not
to be read anywhere (Debian's says nothing of it), so each is tried for a moment.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

NAMES = ("python3.13", "python3.12", "python3.11", "python3")
OLDEST = (3, 11)
# What takes so much more is slower; less is what a busy machine makes of two that are alike.
SLOWER = 1.15

# Calls, attributes, dictionaries, small texts: what a server of this kind does. The best of many short takes counts.
# A Python that was built without what is needed does not run it.
_TRIAL = """
import sqlite3, ssl, sys, time
class Counted:
    def __init__(self): self.seen = {}
    def see(self, text): self.seen[text] = self.seen.get(text, 0) + len(text.upper())
def timed():
    began = time.process_time()
    counted = Counted()
    for number in range(4000): counted.see(f"unit-{number % 97}")
    return time.process_time() - began
print(*sys.version_info[:2], min(timed() for _ in range(12)), sys.executable)
"""
# One process may have a core that a neighbour uses too, and be slow as long as it lives.
_ROUNDS = 16


class Python(NamedTuple):
    """An interpreter, its version, and the seconds of processor that the trial takes."""

    path: str
    version: tuple[int, int]
    seconds: float


def chosen(pythons: list[Python]) -> Python:
    """Give the first of those that are about as fast as the fastest."""
    fastest = min(python.seconds for python in pythons)
    return next(python for python in pythons if python.seconds <= fastest * SLOWER)


def installed(path: str) -> list[Python]:
    """Give every Python of a PATH that is new enough, each once, the newest first."""
    named = [Path(folder, name) for name in NAMES for folder in path.split(os.pathsep) if folder]
    found: dict[str, Python] = {}
    for there in dict.fromkeys(place.resolve() for place in named if os.access(place, os.X_OK)):
        tried = _tried(str(there))
        if tried and tried.version >= OLDEST:
            found.setdefault(os.path.realpath(tried.path), tried)
    return list(found.values())


def compared(pythons: list[Python]) -> list[Python]:
    """Try them again in turns, so that what else the machine does meets all of them, and keep the best of each."""
    for _ in range(_ROUNDS if len(pythons) > 1 else 0):
        again = [_tried(python.path) or python for python in pythons]
        pythons = [min(pair, key=lambda one: one.seconds) for pair in zip(pythons, again, strict=True)]
    return pythons


def _tried(path: str) -> Python | None:
    """Try one; None when it does not run, as what pyenv puts in the place of a version that is not chosen."""
    command = [path, "-I", "-c", _TRIAL]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
        major, minor, seconds, executable = told.strip().split(" ", 3)
        return Python(executable, (int(major), int(minor)), float(seconds))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


if __name__ == "__main__":
    found = installed(os.environ.get("PATH", ""))
    print(chosen(compared(found)).path if found else sys.executable)
