"""What a live drill begins, written down before it does: whoever comes after a drill that was killed can end it.

The file stands beside what is drilled and is locked while a drill runs. The kernel lets the lock go with the process
that holds it, however that ends, so a file that is there and not locked is what a killed drill left.
"""

import asyncio
import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

import msgspec

from tocsin.errors import Refused, UsageError
from tocsin.runner.kernel import PROC, stat_of, tells

FOLDER = "tocsin-drill-"
"""How the folder of a drill's server begins, below that of temporary files."""

_PAUSE = 0.05
_ALONE = 10.0
"""Seconds a process has by itself before all of its session is told: a shell hears late of a signal."""
_WAITS = 'read -r _ && exec "$@" </dev/null'
"""A shell that becomes the command once it is told to, and ends when whoever would tell it is gone."""

What = Literal["inject", "restore", "server"]

_ENDS: Mapping[What, tuple[signal.Signals, float]] = {
    "inject": (signal.SIGINT, 60.0),
    "restore": (signal.SIGTERM, 60.0),
    "server": (signal.SIGTERM, 20.0),
}
"""How each is asked to end, and for so many seconds: an injection may mend what it broke."""


_MARK = "TOCSIN_DRILL"
"""The variable by which what a drill began is known, also where only its children are left."""


class Begun(msgspec.Struct, frozen=True):
    """A process by its number and when it started, as this boot of the machine counts.

    A number that was given to somebody else is never signalled.
    """

    pid: int
    started: str
    boot: str = ""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to end: processes, the folder of the server, and the fault with what puts it right."""

    begun: Mapping[What, Begun] = {}
    mark: str = ""
    folder: str = ""
    fault: str = ""
    restore: tuple[str, ...] = ()
    base: str = ""


class Record:
    """What is written down."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        """Take the file, which is locked."""
        self.path, self._file = path, file
        line = file.readline()
        try:
            self.left = msgspec.json.decode(line, type=Left) if line else Left()
        except msgspec.DecodeError as error:
            raise Refused(f"{path} is no record of a drill; look what it is, and remove it") from error

    def note(self, **changes: object) -> None:
        """Write down what there is to end now."""
        self.left = msgspec.structs.replace(self.left, **changes)
        line = msgspec.json.encode(self.left) + b"\n"
        os.pwrite(self._file.fileno(), line, 0)  # at once, so that no moment leaves half a line
        os.ftruncate(self._file.fileno(), len(line))

    async def begin(
        self, what: What, words: Sequence[str], environment: Mapping[str, str], **how: object
    ) -> asyncio.subprocess.Process:
        """Start a process that does nothing before it is written down. Raises OSError.

        It has a session of its own: Ctrl-C in a terminal must not reach it before it is its turn.
        """
        if not self.left.mark:
            self.note(mark=secrets.token_hex(16))
        process = await asyncio.create_subprocess_exec(
            *("sh", "-c", _WAITS, "sh", *words),
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,
            env={**environment, _MARK: self.left.mark},
            **how,  # type: ignore[arg-type]
        )
        self.note(begun={**self.left.begun, what: Begun(process.pid, started(process.pid), _boot())})
        if process.stdin is not None:
            process.stdin.write(b"\n")
            process.stdin.close()
        return process

    def over(self, *what: What) -> None:
        """Write down that processes are over."""
        self.note(begun={name: one for name, one in self.left.begun.items() if name not in what})


def ladder(what: What) -> tuple[tuple[Callable[[int, int], None], signal.Signals, float], ...]:
    """Give what ends it, one after the other: who is told, with which signal, and for how many seconds that is waited.

    Itself first, then all of its session.
    """
    first, patience = _ENDS[what]
    return (
        (os.kill, first, _ALONE),
        (os.killpg, first, patience - _ALONE),
        (os.killpg, signal.SIGTERM, 5.0),
        (os.killpg, signal.SIGKILL, 5.0),
    )


def record_of(config: Path, environment: str | None) -> Path:
    """Give where it is written: beside the variables of what is drilled, else beside the configuration."""
    beside = config.resolve().parent / environment if environment else config.resolve()
    return beside.with_name(f".{beside.name}.drill")


@contextmanager
def held(path: Path) -> Iterator[Record]:
    """Hold the record for one drill; it is gone once nothing is left. Raises Refused while another drill holds it."""
    file = _locked(path)
    try:
        record = Record(path, file)
        try:
            yield record
        finally:
            if not record.left.begun and not record.left.restore:
                path.unlink(missing_ok=True)
    finally:
        file.close()


def _locked(path: Path) -> IO[bytes]:
    while True:
        try:
            file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
        except OSError as error:
            why = f"{path} cannot be written: {error.strerror}"
            raise UsageError(f"{why}; a live drill writes down there what it begins") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise Refused("another live drill is under way here: wait for its end, or interrupt it first") from None
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                return file
        file.close()  # it was taken away between opening and locking: another one is due


# -- processes


def started(pid: int) -> str:
    """Say when the process with this number started, in the words of this system; "" when there is none."""
    if not tells():
        words = ["ps", "-o", "state=,lstart=", "-p", str(pid)]
        told = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603  words of our own
        state, _, when = told.stdout.strip().partition(" ")
        return "" if state.startswith("Z") else when.strip()
    stat = stat_of(pid)
    return "" if stat is None or stat.over else stat.started


def _boot() -> str:
    """Give what stands for the time since the machine started; "" where nothing does."""
    with contextlib.suppress(OSError):
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return ""


def _is_there(one: Begun, mark: str) -> bool:
    """Whether it, or anything of its session that carries the mark, still runs."""
    if one.boot and one.boot != _boot():
        return False
    now = started(one.pid)
    if now:
        return now == one.started
    # Its number may have been somebody else's since, who is gone as well and left others: these are not ours.
    return bool(mark) and any(_carries(number, mark) for number in _group(one.pid))


def _group(leader: int) -> list[int]:
    """Give who runs in a process group; nobody where the kernel does not say."""
    if not tells():
        return []
    numbers = (int(path.name) for path in PROC.iterdir() if path.name.isdigit())
    return [number for number in numbers if (stat := stat_of(number)) and stat.group == leader and not stat.over]


def _carries(number: int, mark: str) -> bool:
    with contextlib.suppress(OSError):  # it is gone, or somebody else's
        return f"{_MARK}={mark}".encode() in (PROC / f"{number}/environ").read_bytes().split(b"\0")
    return False


def end_left(what: What, one: Begun, mark: str) -> None:
    """End a process that a killed drill left, and its session: politely first."""
    for tell, sign, seconds in ladder(what):
        if not _is_there(one, mark):
            return
        if tell is os.kill and not started(one.pid):
            continue
        with contextlib.suppress(ProcessLookupError, PermissionError):
            tell(one.pid, sign)
        end = time.monotonic() + seconds
        while _is_there(one, mark) and time.monotonic() < end:
            if tell is os.kill and not started(one.pid):
                break  # what it started does not end with it
            time.sleep(_PAUSE)


def take_away(record: Record, *what: What) -> None:
    """End what a killed drill left of these, and with the server its folder."""
    for name in what:
        if name in record.left.begun:
            end_left(name, record.left.begun[name], record.left.mark)
    record.over(*what)
    if "server" in what and Path(record.left.folder).name.startswith(FOLDER):
        shutil.rmtree(record.left.folder, ignore_errors=True)
        record.note(folder="")
