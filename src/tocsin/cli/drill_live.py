"""`tocsin drill --live`: what it is about is broken for real; interrupted, it is put right first."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cli.documents import CONFIGURATION, load, settings_for
from tocsin.errors import UsageError
from tocsin.settings import Settings

if TYPE_CHECKING:
    from tocsin.drill.live import Plan
    from tocsin.drill.score import Score

_SIGNS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _signs() -> list[signal.Signals]:
    """Give what interrupts it: not what is ignored from the beginning, as `nohup` has it; always Ctrl-C."""
    return [sign for sign in _SIGNS if sign == signal.SIGINT or signal.getsignal(sign) != signal.SIG_IGN]


def rehearsed_live(path: str, entries: Sequence[str], config: str | None, only: str | None) -> "list[Score]":
    """Give the score of each variant that can be injected. Raises KeyboardInterrupt when it was interrupted."""
    from tocsin.drill.live import drill_live  # noqa: PLC0415  brings web servers

    plan = _plan(path, entries, config, only)

    async def all_of_them() -> "list[Score]":
        playing, signs = asyncio.ensure_future(drill_live(plan, os.environ, _tell)), _signs()
        for sign in signs:
            asyncio.get_running_loop().add_signal_handler(sign, _interrupted, playing, signs)
        return await playing

    try:
        return asyncio.run(all_of_them())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _plan(path: str, entries: Sequence[str], config: str | None, only: str | None) -> "Plan":
    from tocsin.drill.live import Plan, planned  # noqa: PLC0415
    from tocsin.drill.variants import check_entries  # noqa: PLC0415

    file = Path(config) if config else Path(path).parent / CONFIGURATION
    if not config and not file.is_file():
        raise UsageError(f"a live drill needs a configuration that says what to inject: --config F, or {file}")
    runbook = load(path).runbook
    settings = settings_for(runbook, str(file)) or Settings()
    check_entries(entries, runbook, settings)
    return Plan(runbook, Path(path), settings, file, planned(settings, entries, only))


def _interrupted(playing: "asyncio.Future[list[Score]]", signs: Sequence[signal.Signals]) -> None:
    """End the drill, once: to be interrupted again while it puts things right would leave them broken."""
    for sign in signs:
        asyncio.get_running_loop().add_signal_handler(sign, _tell, "it is being put right, wait a moment")
    _tell("interrupted: first the fault is ended and the service put right")
    playing.cancel()


def _tell(text: str) -> None:
    with contextlib.suppress(OSError):  # a terminal that is gone must not keep the service broken
        print(text, file=sys.stderr, flush=True)
