"""Run a command on this machine: one fresh bash with nothing inherited, with limits, and with nothing left behind.

The command's text goes to bash as one argument, byte for byte. A small program in between (`supervisor.py`) ends all
that the command started, also when this process is killed or the coroutine is cancelled.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

import msgspec

from tocsin.response.redaction import Redactor
from tocsin.runner.command import Command, Outcome
from tocsin.runner.finishing import uninterrupted
from tocsin.runner.process import Child, Output

GRACE = 2.0
PATIENCE = 10.0
FLOOD = 8 * 1024 * 1024
CHUNK = 64 * 1024
SUPERVISOR = Path(__file__).with_name("supervisor.py")
BASH = ("bash", "--noprofile", "--norc", "-u", "-o", "pipefail", "-c")
READING = ("bash", "--noprofile", "--norc", "-n", "-c")
"""Bash reads the text and runs nothing of it."""


async def run(command: Command) -> Outcome:
    """Run it and give what came of it. Cancelling this ends the command before the cancellation goes on."""
    if not command.files:
        return await _run(command)
    with tempfile.TemporaryDirectory(prefix="tocsin-step-", ignore_cleanup_errors=True) as folder:
        try:
            _lay_out(command.files, Path(folder))
        except (OSError, ValueError) as error:
            return Outcome(how="not-started", err=f"its files cannot be laid out: {error}")
        return await _run(msgspec.structs.replace(command, directory=folder))


def _lay_out(files: dict[str, str], folder: Path) -> None:
    """Write the files of a command. Raises ValueError for a name that leads out of the folder."""
    for name, text in files.items():
        path = folder / name
        if ".." in path.parts or not path.is_relative_to(folder):
            raise ValueError(f"{name} is outside the folder of the step")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


async def _run(command: Command) -> Outcome:
    began = time.monotonic()
    unread = await _unread(command)
    if unread is not None:
        return Outcome(how="not-started", err=unread)
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    try:
        try:
            process = _spawn(command, writer)
        finally:
            os.close(writer)
        outcome = await _supervised(process, command, reader)
    except (OSError, ValueError) as error:
        outcome = Outcome(how="not-started", err=f"it cannot be started: {error}")
    finally:
        os.close(reader)
    return msgspec.structs.replace(outcome, seconds=round(time.monotonic() - began, 3))


async def _unread(command: Command) -> str | None:
    """Give why bash cannot read a text, None when it can: it would run the lines before the fault."""
    try:
        process = Child((*READING, command.text), environment=command.environment)
    except (OSError, ValueError):
        return None  # whoever runs it meets the same and says it better
    try:
        process.close_stdin()
        async with asyncio.timeout(PATIENCE):
            told = await _all_of(process.stderr)
            await process.wait()
    except TimeoutError:
        return "bash took too long to read it"
    finally:
        process.kill()
        process.close()
        await process.wait()
    said = told.decode(errors="replace").strip().splitlines()
    return f"bash cannot read it, so nothing of it was run: {said[0]}" if process.returncode and said else None


async def _all_of(stream: Output) -> bytes:
    """Give all that is written to an output of few words."""
    told = b""
    while data := await stream.read(CHUNK):
        told += data
    return told


def _spawn(command: Command, report: int) -> Child:
    """Start the supervisor. It starts nothing before its first byte of input: cancelled in here, nothing has run."""
    arguments = [
        sys.executable,
        *("-I", "-S", str(SUPERVISOR)),
        *(str(report), str(command.timeout.total_seconds()), str(GRACE), command.directory or ""),
        *(*BASH, command.text),
    ]
    return Child(arguments, environment=command.environment, pass_fds=(report,))


async def _supervised(process: Child, command: Command, reader: int) -> Outcome:
    streams = _Streams(process, command)
    try:
        await _watched(process, command)
    finally:
        await uninterrupted(_ended(process, streams))
    return _outcome(_words(reader), streams)


async def _watched(process: Child, command: Command) -> None:
    """Let it begin and wait for its end. The supervisor keeps the time; this only outwaits a supervisor that hangs."""
    process.write(b".")
    with suppress(TimeoutError):
        async with asyncio.timeout(command.timeout.total_seconds() + GRACE + PATIENCE):
            await process.wait()


def _words(reader: int) -> list[str]:
    """Give what the supervisor reported, line by line."""
    with suppress(OSError):
        return os.read(reader, CHUNK).decode(errors="replace").splitlines()
    return []


def _outcome(words: list[str], streams: "_Streams") -> Outcome:
    out, err = streams.out, streams.err
    found = Outcome(
        how="cut-short",
        out=out.text(),
        err=err.text(),
        truncated=out.left_out > 0 or err.left_out > 0,
        redactions=out.redactor.count + err.redactor.count,
    )
    last, _, rest = (words[-1] if words else "").partition(" ")
    if last == "missing":
        return msgspec.structs.replace(found, how="not-started", err=rest)
    if last == "ended" and not streams.flooded:
        return msgspec.structs.replace(found, how="ended", exit=int(rest))
    if last == "timeout" and not streams.flooded:
        return msgspec.structs.replace(found, how="timed-out")
    if last == "started":
        # The supervisor itself was killed: end at least the command's own group.
        with suppress(OSError):
            os.killpg(int(rest), signal.SIGKILL)
    return found


async def _ended(process: Child, streams: "_Streams") -> None:
    """Wait until nothing of the command is left."""
    process.close_stdin()
    try:
        async with asyncio.timeout(GRACE + PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    await streams.end()


class _Streams:
    """Both outputs of a process, read as they come."""

    def __init__(self, process: Child, command: Command) -> None:
        self.flooded = False
        self.out, self.err = _Kept(command), _Kept(command)
        self._process = process
        self._tasks = [
            asyncio.ensure_future(self._drain(process.stdout, self.out)),
            asyncio.ensure_future(self._drain(process.stderr, self.err)),
        ]

    async def _drain(self, stream: Output, kept: "_Kept") -> None:
        while data := await stream.read(CHUNK):
            if self.flooded:
                continue
            kept.take(data)
            if kept.seen > FLOOD:
                self.flooded = True
                self._process.close_stdin()

    async def end(self) -> None:
        """Wait for the end of both; not for long, as a process that got away may hold them open."""
        _, late = await asyncio.wait(self._tasks, timeout=1)
        for task in late:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._process.close()
        self.out.finish()
        self.err.finish()


class _Kept:
    """The beginning and the end of a stream, without secrets, of bounded size."""

    def __init__(self, command: Command) -> None:
        self.redactor = Redactor(command.secrets)
        self.seen = 0
        self.left_out = 0
        self._half = max(1, command.cap // 2)
        self._head = ""
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._finished = False

    def take(self, data: bytes) -> None:
        self.seen += len(data)
        self._keep(self.redactor.feed(data))

    def finish(self) -> None:
        if not self._finished:
            self._finished = True
            self._keep(self.redactor.finish())

    def _keep(self, text: str) -> None:
        room = self._half - len(self._head)
        self._head += text[:room]
        rest = text[room:]
        if rest:
            self._tail.append(rest)
            self._tail_size += len(rest)
        while self._tail and self._tail_size - len(self._tail[0]) >= self._half:
            gone = self._tail.popleft()
            self._tail_size -= len(gone)
            self.left_out += len(gone.encode())

    def text(self) -> str:
        """Give what is kept, with a mark where the middle is missing."""
        tail = "".join(self._tail)
        spare = tail[: max(0, len(tail) - self._half)]
        if spare:
            self.left_out += len(spare.encode())
            self._tail, self._tail_size = deque([tail[len(spare) :]]), len(tail) - len(spare)
        mark = f"\n… {self.left_out} bytes left out …\n" if self.left_out else ""
        return self._head + mark + "".join(self._tail)
