"""How Tocsin itself is: what `/health` says, what a watcher asks, and who watches the watcher."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.clock import Clock
from tocsin.engine.audit import EVERY, Alarm, Audit
from tocsin.engine.worker import Worker

log = logging.getLogger("tocsin.health")

STALLED_AFTER = 30.0
"""Seconds without a turn of the worker's loop after which this process is not healthy."""

STORE_FAILS_AFTER = 5.0
AUDIT_LATE_AFTER = 5 * EVERY
UNWATCHED_AFTER = 300.0
"""Seconds without a question of a watcher after which that is told."""


class Report(NamedTuple):
    """What is so now. `status`: ok, degraded (it works, but something that guards it does not), or why it does not.

    `reasons` are sentences; ages are seconds, `watched` is None before any watcher asked.
    """

    status: str
    reasons: tuple[str, ...]
    turned: float
    audited: float
    mended: int
    watched: float | None
    watcher_expected: bool

    @property
    def works(self) -> bool:
        """Give whether pages go out."""
        return self.status in {"ok", "degraded"}

    @property
    def shape(self) -> dict[str, object]:
        """Give it as JSON."""
        found: dict[str, object] = {"status": self.status}
        if self.reasons:
            found["reasons"] = self.reasons
        watched = None if self.watched is None else round(self.watched, 1)
        return found | {
            "engine": {"turned_seconds_ago": round(self.turned, 1)},
            "audit": {"looked_seconds_ago": round(self.audited, 1), "mended": self.mended},
            "watcher": {"seen_seconds_ago": watched, "expected": self.watcher_expected},
        }


class Health:
    """Looks at the worker, the audit and the watchers of this process."""

    def __init__(self, clock: Clock, worker: Worker, audit: Audit, watcher_expected: Callable[[], bool]) -> None:
        """Take what is looked at, and how to learn whether a watcher should be there."""
        self._clock, self._worker, self._audit, self._expected = clock, worker, audit, watcher_expected
        self._began = clock.monotonic()
        self._watched_at: float | None = None
        self.working: asyncio.Task[None] | None = None
        self._told: tuple[str, ...] = ()

    def saw_watcher(self) -> None:
        """Take note that a watcher asked."""
        self._watched_at = self._clock.monotonic()

    @property
    def since(self) -> datetime:
        """Give when this process began."""
        return self._clock.now() - timedelta(seconds=self._clock.monotonic() - self._began)

    def report(self) -> Report:
        """Give how it is now."""
        now = self._clock.monotonic()
        turned, audited = now - self._worker.last_turned, now - self._audit.last_looked
        watched = None if self._watched_at is None else now - self._watched_at
        status, reasons = self._trouble(now, turned)
        doubts = self._doubts(now, audited, watched)
        status = status or ("degraded" if doubts else "ok")
        return Report(status, (*reasons, *doubts), turned, audited, self._audit.mended, watched, self._expected())

    def _trouble(self, now: float, turned: float) -> tuple[str, tuple[str, ...]]:
        failing = self._worker.store_failing_since
        if self.working is not None and self.working.done():
            return "dead", ("the worker ended; restart the server and read its log",)
        if failing is not None and now - failing >= STORE_FAILS_AFTER:
            return "store unavailable", (f"the store cannot be used for {now - failing:.0f} s; see the log",)
        if turned >= STALLED_AFTER:
            return "stalled", (f"the engine has not turned for {turned:.0f} s; restart the server",)
        return "", ()

    def _doubts(self, now: float, audited: float, watched: float | None) -> tuple[str, ...]:
        found = []
        if audited >= AUDIT_LATE_AFTER:
            found.append("the audit of waiting jobs has not looked for over 5 min; see the log")
        unwatched = now - self._began if watched is None else watched
        if (watched is not None or self._expected()) and unwatched >= UNWATCHED_AFTER:
            found.append("no watcher has asked for over 5 min; start `tocsin watch` again")
        return tuple(found)

    async def run(self, alarm: Alarm) -> None:
        """Tell the fallback what does not guard this process any more, each once for as long as it lasts."""
        while True:
            await asyncio.sleep(EVERY / 2)
            try:
                await self.look(alarm)
            except Exception:
                log.exception("an alarm could not be stored")

    async def look(self, alarm: Alarm) -> None:
        """Tell what is new."""
        report = self.report()
        if not report.works:
            return  # nobody here could send it: that is what a watcher is for
        reasons = report.reasons
        for reason in reasons:
            if reason not in self._told:
                log.error("%s", reason)
                await alarm(f"health/{reason[:20]}", reason)
        self._told = reasons
