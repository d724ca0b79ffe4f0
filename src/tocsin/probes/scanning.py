"""What was added to files since the last look, counted by a process of its own (`scanner.py`) and remembered."""

import asyncio
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.errors import SettingsInvalid
from tocsin.probes.probe import LookFailed

SCANNER = Path(__file__).with_name("scanner.py")
LONGEST = 4096
MOST_KNOWN = 3000
_LONGEST_EXPRESSION = 1000


class Place(msgspec.Struct, frozen=True):
    """Where a file was left: its name and number, the next line, its beginning, and whether that is within a line."""

    path: str
    number: str
    offset: int
    head: str
    inside: bool


class Counted(msgspec.Struct, frozen=True):
    """What was counted. `top`: the clients that came most; `new`: accesses that were never seen, by their mark."""

    files: int
    trouble: str
    seen: list[Place]
    lines: int
    errors: int
    read: int
    unread: int
    last_error: str
    clients: int
    of_clients: int
    top: list[tuple[str, int]]
    new: dict[str, str]


class Kept(msgspec.Struct, kw_only=True):
    """What is remembered of files: since when, until when, where each was left, the marks of known accesses."""

    began: datetime | None = None
    at: datetime | None = None
    seen: list[Place] = []
    known: list[str] = []


class Scanning:
    """Counts in files. `memory` is that of the probe."""

    def __init__(self, expressions: Mapping[str, str | None], *, most: int, within: float) -> None:
        """Take what to count, by `line`, `error`, `client` and `access`. Raises SettingsInvalid."""
        for name, text in expressions.items():
            compiled(name, text)
        self._expressions, self._most, self._within = expressions, most, within
        self.kept = Kept()

    @property
    def memory(self) -> str:
        """Give what to remember."""
        return msgspec.json.encode(self.kept).decode() if self.kept.began else ""

    @memory.setter
    def memory(self, text: str) -> None:
        with suppress(msgspec.DecodeError):
            self.kept = msgspec.json.decode(text, type=Kept)

    async def scan(self, paths: tuple[str, ...], now: datetime) -> Counted:
        """Count what was added. Raises LookFailed when that cannot be done in the time of a look."""
        asked = {
            **self._expressions,
            "paths": paths,
            "seen": self.kept.seen,
            "began": self.kept.began is not None,
            "known": self.kept.known if self._expressions.get("access") else [],
            "most_known": MOST_KNOWN,
            "most": self._most,
            "longest": LONGEST,
            "cpu": max(1, round(self._within)),
        }
        try:
            found = msgspec.json.decode(await self._asked(msgspec.json.encode(asked)), type=Counted)
        except msgspec.DecodeError as wrong:
            raise LookFailed("what reads the files broke; look at the log of the server") from wrong
        self.kept.began, self.kept.at, self.kept.seen = self.kept.began or now, now, found.seen
        self.kept.known = (self.kept.known + list(found.new))[:MOST_KNOWN]
        return found

    async def _asked(self, request: bytes) -> bytes:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(SCANNER)), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}
        )
        try:
            async with asyncio.timeout(self._within):
                answer, _ = await process.communicate(request)
        except TimeoutError as late:
            raise LookFailed(f"the files could not be read in {self._within:g} s: {_SLOW}") from late
        finally:
            await _ended(process)
        if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            raise LookFailed(f"reading the files took more than {self._within:g} s of the processor: {_SLOW}")
        return answer


_SLOW = "make the expressions simpler, or `largest` smaller"


async def _ended(process: Process) -> None:
    """End a process and bury it, whatever happens meanwhile."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(asyncio.ensure_future(process.wait()))


def compiled(name: str, text: str | None) -> re.Pattern[str] | None:
    """Give an expression. Raises SettingsInvalid for one that is none, or too long to be meant."""
    if text is None:
        return None
    if len(text) > _LONGEST_EXPRESSION:
        raise SettingsInvalid(f"{name} is over {_LONGEST_EXPRESSION} characters long")
    try:
        return re.compile(text)
    except re.error as error:
        raise SettingsInvalid(f"{name} is no regular expression: {error}") from error
