"""What breaks for a live drill: the command that injects it, until it is ended, and the one that puts it right."""

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path

from tocsin.drill.live_server import ended, last_line
from tocsin.errors import Refused
from tocsin.settings import DrillSettings

_MENDS_WITHIN = 60.0
"""Seconds an injection has to end itself once it is interrupted: it may mend what it broke."""

_RESTORES_WITHIN = 180.0


class Fault:
    """One way to break something, under way from `begin` until `end`."""

    def __init__(self, drill: DrillSettings, base: Path, environment: Mapping[str, str], folder: Path) -> None:
        """Take the commands; they run in `base`, and what they print is kept in `folder`."""
        self._drill, self._base, self._environment = drill, base, dict(environment)
        self._log = folder / f"{drill.id}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def begin(self) -> None:
        """Break it. Raises Refused when the command cannot be run."""
        self._process = await self._run(self._drill.inject, "inject")

    @property
    def failed(self) -> str | None:
        """Say what went wrong with the injection; None while nothing did."""
        code = self._process.returncode if self._process else None
        if not code:
            return None
        return f"inject ended with {code}: {last_line(self._log) or 'it said nothing'}"

    async def end(self) -> str | None:
        """End the injection and put it right, whatever happened; say what went wrong, or None."""
        if self._process is not None:
            await ended(self._process, signal.SIGINT, _MENDS_WITHIN)
        try:
            restoring = await self._run(self._drill.restore, "restore")
        except Refused as error:
            return str(error)
        try:
            code = await asyncio.wait_for(restoring.wait(), _RESTORES_WITHIN)
        except TimeoutError:
            return f"restore was not done within {_RESTORES_WITHIN:.0f} s"
        finally:
            await ended(restoring, signal.SIGTERM, _MENDS_WITHIN)
        return f"restore ended with {code}: {last_line(self._log) or 'it said nothing'}" if code else None

    async def _run(self, words: tuple[str, ...], what: str) -> asyncio.subprocess.Process:
        # In a session of its own: Ctrl-C in a terminal must not reach it before it is its turn.
        with self._log.open("ab") as log:
            try:
                return await asyncio.create_subprocess_exec(
                    *words, cwd=self._base, env=self._environment, stdin=asyncio.subprocess.DEVNULL,
                    stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                why = f"{what} of [drills.{self._drill.id}] cannot be run: {words[0]}: {error.strerror}"
                raise Refused(why) from error
