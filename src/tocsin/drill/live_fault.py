"""What breaks for a live drill: the command that injects it, until it is ended, and the one that puts it right."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from tocsin.drill.live_record import Record
from tocsin.drill.live_server import ended, last_line
from tocsin.errors import Refused, UsageError
from tocsin.settings import DrillSettings

_RESTORES_WITHIN = 180.0


class Fault:
    """One way to break something, under way from `begin` until `end`."""

    def __init__(self, drill: DrillSettings, base: Path, environment: Mapping[str, str], folder: Path,
                 record: Record) -> None:  # fmt: skip
        """Take the commands; they run in `base`, what they print is kept in `folder`, that they run in `record`."""
        self._drill, self._base, self._environment, self._record = drill, base, dict(environment), record
        self._log = folder / f"{drill.id}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def begin(self) -> None:
        """Break it. Raises Refused when the command cannot be run."""
        name, restore = f"{self._drill.incident_type}/{self._drill.id}", self._drill.restore
        self._record.note(fault=name, restore=restore, base=str(self._base))
        self._process = await self._run(self._drill.inject, "inject")

    @property
    def failed(self) -> str | None:
        """Say what went wrong with the injection; None while nothing did."""
        code = self._process.returncode if self._process else None
        if not code:
            return None
        return f"inject ended with {code}: {last_line(self._log) or 'it said nothing'}"

    async def end(self) -> str | None:
        """End the injection and put it right, whatever happened; say what went wrong, or None.

        What could not be put right stays written down: the next drill tries that again first.
        """
        if self._process is not None:
            await ended(self._process, "inject")
        trouble = await self._restored()
        self._record.over("inject", "restore")
        if trouble is None:
            self._record.note(fault="", restore=())
        return trouble

    async def _restored(self) -> str | None:
        try:
            restoring = await self._run(self._drill.restore, "restore")
        except Refused as error:
            return str(error)
        try:
            code = await asyncio.wait_for(restoring.wait(), _RESTORES_WITHIN)
        except TimeoutError:
            return f"restore was not done within {_RESTORES_WITHIN:.0f} s"
        finally:
            await ended(restoring, "restore")
        return f"restore ended with {code}: {last_line(self._log) or 'it said nothing'}" if code else None

    async def _run(self, words: tuple[str, ...], what: Literal["inject", "restore"]) -> asyncio.subprocess.Process:
        with self._log.open("ab") as log:
            try:
                return await self._record.begin(what, words, self._environment, cwd=self._base, stdout=log, stderr=log)
            except OSError as error:
                why = f"{what} of [drills.{self._drill.id}] cannot be run: {error}"
                raise Refused(why) from error


_READERS = ("sh", "bash", "dash", "zsh", "python", "python3", "node")
"""Programs that run the file they are given first."""


def check_programs(drill: DrillSettings, base: Path, path: str) -> None:
    """Find out before anything breaks whether what breaks and what restores is there. Raises UsageError."""
    for what, words in (("inject", drill.inject), ("restore", drill.restore)):
        trouble = _missing(words, base, path)
        if trouble:
            raise UsageError(f"{what} of [drills.{drill.id}] cannot be run: {trouble}; nothing was broken")


def _missing(words: tuple[str, ...], base: Path, path: str) -> str | None:
    program = words[0]
    if "/" in program:
        file = base / program
        if not file.is_file():
            return f"there is no file {file}"
        if not os.access(file, os.X_OK):
            return f"{file} cannot be executed; give it the right with chmod +x"
    elif shutil.which(program, path=path) is None:
        return f"there is no program {program}"
    given = words[1] if len(words) > 1 and Path(program).name in _READERS else "-"
    return None if given.startswith("-") or (base / given).is_file() else f"there is no file {base / given}"
