"""A child process as the standard library starts it, whatever loop serves.

uvloop gives its children sockets for their outputs, on which `echo > /dev/stderr` fails, and lets them inherit more.
"""

import asyncio
import errno
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, cast


class Output:
    """What a process writes to one of its pipes."""

    def __init__(self, pipe: IO[bytes]) -> None:
        """Read without ever waiting for more."""
        self._pipe = pipe
        os.set_blocking(pipe.fileno(), False)

    async def read(self, most: int) -> bytes:
        """Give what is there, at most so many bytes, once there is something; b"" at the end."""
        while True:
            await self._something()
            with suppress(BlockingIOError):
                return os.read(self._pipe.fileno(), most)

    async def _something(self) -> None:
        loop, fd = asyncio.get_running_loop(), self._pipe.fileno()
        there = asyncio.Event()
        loop.add_reader(fd, there.set)
        try:
            await there.wait()
        finally:
            loop.remove_reader(fd)

    def close(self) -> None:
        """Read no more. Nobody may be reading."""
        self._pipe.close()


class Child:
    """A process in a session of its own, whose input and outputs are pipes. Raises OSError, ValueError."""

    def __init__(
        self, arguments: Sequence[str], *, environment: Mapping[str, str], pass_fds: tuple[int, ...] = ()
    ) -> None:
        """Start it, and wait for its end in a thread."""
        self._over = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._started = subprocess.Popen(  # noqa: S603  what is run is for the caller to judge
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=environment,
            pass_fds=pass_fds,
            start_new_session=True,
        )
        self._stdin = cast("IO[bytes]", self._started.stdin)
        self.stdout = Output(cast("IO[bytes]", self._started.stdout))
        self.stderr = Output(cast("IO[bytes]", self._started.stderr))
        waiting = threading.Thread(target=self._bury, args=(loop,), name=f"child-{self._started.pid}", daemon=True)
        try:
            waiting.start()
        except RuntimeError as error:  # too many threads or too little memory, as where no process can be started
            self._started.kill()
            self._started.wait()
            self.close()
            raise OSError(errno.EAGAIN, "no thread can be started that waits for its end") from error

    @property
    def returncode(self) -> int | None:
        """Give its exit code, None while it runs."""
        return self._started.returncode

    def write(self, data: bytes) -> None:
        """Write a little to its standard input, which may be gone."""
        with suppress(OSError):
            self._stdin.write(data)

    def close_stdin(self) -> None:
        """End its standard input."""
        with suppress(OSError):
            self._stdin.close()

    def kill(self) -> None:
        """End it."""
        self._started.kill()

    async def wait(self) -> None:
        """Return once it is over and buried."""
        await self._over.wait()

    def close(self) -> None:
        """Let go of its pipes, also where a process that got away holds an output open. Nobody may be reading."""
        self.close_stdin()
        self.stdout.close()
        self.stderr.close()

    def _bury(self, loop: asyncio.AbstractEventLoop) -> None:
        self._started.wait()
        with suppress(RuntimeError):  # the loop is gone, and with it everybody who waited
            loop.call_soon_threadsafe(self._over.set)
