"""A probe with its checks, as tests follow what becomes of its readings.

A look every fifteen seconds of the clock of the reading; programs are given the time they need between two looks.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from msgspec.structs import replace

from integration.probes.looking import NOW, parts
from tocsin.configuration_file import settings_of
from tocsin.detection.alert import Alert
from tocsin.detection.reading import Reading
from tocsin.detection.thresholds import Standing
from tocsin.detection.watched import Check, alert_of, weigh
from tocsin.engine.plan import planned
from tocsin.probes.table import build
from tocsin.runbook.reading import read_runbook

EVERY = timedelta(seconds=15)
RUNBOOK = b"""# Runbook

## Incidents

### 1. Shop Slow (P1)

**Symptoms**:

- Response time > 1 s
- Error rate > 1%
"""


class Watch:
    """A probe with its checks: what it sees becomes alerts."""

    def __init__(self, text: str, within: float) -> None:
        settings = settings_of(f"[probes.p]\n{text}")
        self.shared = parts()
        probe = settings.probes["p"]
        self.plan = planned(probe, None, read_runbook(RUNBOOK, "RUNBOOK.md"), settings)
        assert not self.plan.unwatched, self.plan.unwatched
        self.checks: dict[str, Check] = dict(self.plan.checks)
        self.standings = dict.fromkeys(self.checks, Standing())
        self.probe = build(replace(probe, timeout=timedelta(seconds=within)), self.shared)
        self.now, self.alerts = NOW, list[Alert]()

    async def look(self, times: int = 1) -> Reading:
        """Look so often, and weigh what is seen."""
        for _ in range(times):
            self.now += EVERY
            reading = await self.probe.look(self.now)
            for name, check in self.checks.items():
                before = self.standings[name]
                after = weigh(check.limit, before, reading, None).standing
                self.standings[name] = after
                alert = alert_of(check, before, after, reading)
                self.alerts += [alert] if alert else []
        return reading

    def told(self) -> list[tuple[str, str]]:
        """What was told so far: the check and whether it began or ended."""
        return [(alert.dedup_key.partition("/")[2], alert.action) for alert in self.alerts]


@asynccontextmanager
async def watching(text: str, within: float = 60.0) -> AsyncIterator[Watch]:
    found = Watch(text, within)
    try:
        yield found
    finally:
        await found.probe.close()
        await found.shared.close()


async def until(good: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await good():
            pass


async def sees(watch: Watch, value: str, count: float, *, most: bool = False) -> bool:
    """Whether the target says so much, asked beside the looks that count."""
    seen = (await watch.probe.look(watch.now)).values[value]
    return seen <= count if most else seen >= count
