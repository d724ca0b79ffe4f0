"""Processes by their id and the instant they started: a number that was given to somebody else is never signalled."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.drill.live_record import started as started_at

PAUSE = 0.05
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a command of the range: whatever it began is undone first."""

_HEARD: dict[str, Any] = {
    "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True,
    "errors": "replace",
}  # fmt: skip


class Unusable(Exception):
    """What the range needs is not to be had: says what is wrong and what to do."""


class Process(NamedTuple):
    """A process that was started here."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        """Whether it still runs, and is not another one that got its number."""
        return bool(self.started) and started_at(self.pid) == self.started

    def end(self, first: signal.Signals, patience: float = 10.0) -> None:
        """Ask it to end, and make it end when it does not."""
        for sign, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
            if not self.alive:
                return
            os.kill(self.pid, sign)
            until(lambda: not self.alive, seconds)


def process(pid: int) -> Process:
    """Give the process that has this number now."""
    return Process(pid, started_at(pid))


def commands() -> list[tuple[int, str]]:
    """Give every process of this user by number, with its command line."""
    if Path("/proc/self/cmdline").exists():
        return list(_commands())
    told = ran(["ps", "-U", str(os.geteuid()), "-o", "pid=,args=", "-ww"])
    lines = (line.split(maxsplit=1) for line in told.stdout.splitlines())
    return [(int(line[0]), line[1]) for line in lines if len(line) > 1]


def _commands() -> Iterator[tuple[int, str]]:
    for path in Path("/proc").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            if path.name.isdigit() and path.stat().st_uid == os.geteuid():
                yield int(path.name), (path / "cmdline").read_text(errors="replace").replace("\0", " ")


def ran(words: Sequence[str | Path], **how: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401  as `Popen` takes it
    """Run a command to its end, and give what it said; interrupted, it is ended with all it started.

    Raises Unusable when there is no such program.
    """
    patience = how.pop("timeout", None)
    try:
        running = subprocess.Popen(words, **_HEARD, start_new_session=True, **how)
    except OSError as error:
        raise Unusable(f"{words[0]} cannot be run ({error.strerror}): the range needs it, install it") from None
    with running:
        try:
            out, err = running.communicate(timeout=patience)
        except BaseException:
            _end_session(running)
            raise
    return subprocess.CompletedProcess(words, running.returncode, out, err)


def _end_session(running: "subprocess.Popen[str]") -> None:
    """End a process and what it started: what goes on would write into what is taken away."""

    def gone() -> bool:
        running.poll()
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
            return False
        return True

    until(gone, 5)


@contextmanager
def heard_later() -> Iterator[None]:
    """Hear of an interruption only afterwards, so that what is begun is also written down."""
    came: list[int] = []
    before = {sign: signal.signal(sign, lambda number, _: came.append(number)) for sign in ENDINGS}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
        if came:
            signal.raise_signal(came[0])


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
