"""Probes on a stage: what they saw is told, and what follows from it happens."""

from collections.abc import Sequence

from integration.web.staged import Staged
from tocsin.detection.reading import Broken, Reading
from tocsin.engine.plan import planned
from tocsin.engine.watched import Watched, judge

PROBES = """
[probes.api]
kind = "http"
url = "https://api.orderbook.example/health"
[probes.api.checks.slow]
value = "latency"
incident_type = "database-slow-queries"
symptom = "Response time"
[probes.api.checks.down]
value = "up"
below = 1
incident_type = "sequencer-down"
symptom = "health check gets no answer"
[probes.gateway]
kind = "http"
url = "https://gateway.orderbook.example/"
every = "PT1M"
[probes.gateway.checks.requests]
value = "size"
times_normal = 10
normal = 100
[probes.ledger]
kind = "tcp"
host = "ledger.orderbook.example"
port = 5432
[probes.mail]
kind = "tcp"
host = "mail.orderbook.example"
port = 25
[probes.mail.checks.down]
value = "up"
below = 1
"""


async def watches(stage: Staged, name: str, seen: Sequence[dict[str, float] | str]) -> None:
    """Let a probe see values one after the other, the last of them now; a text is why it could not look."""
    tocsin = stage.tocsin
    runbook, settings = tocsin.worlds.current
    plan = planned(settings.probes[name], None, runbook, settings)
    watched = tocsin.watching.watched.setdefault(name, Watched(name, plan, None))
    tocsin.watching.plan[name] = plan
    every = plan.settings.every
    for place, one in enumerate(seen):
        at = stage.clock.now() - (len(seen) - 1 - place) * every
        reading = Broken(at=at, why=one) if isinstance(one, str) else Reading(at=at, values=one)
        outcome = judge(plan, watched.found, reading)
        watched.known = outcome.known
        if outcome.alerts:
            await tocsin.engine.ingest(outcome.alerts)
    await stage.settle()


def swings(count: int, usual: float) -> list[float]:
    """Give made-up values around a usual one."""
    return [usual * (1 + ((place * 7) % 11 - 5) / 25) for place in range(count)]


async def a_bad_night(stage: Staged) -> None:
    """Let one probe fire, one learn, one only show, and one be unable to look."""
    fast = [{"latency": value, "up": 1.0} for value in swings(70, 0.3)]
    slow = [{"latency": value, "up": 0.0} for value in swings(30, 1.8)]
    await watches(stage, "api", [*fast, *slow])
    await watches(
        stage, "gateway", [{"size": value} for value in [*swings(80, 120), *swings(4, 700), *swings(20, 130)]]
    )
    await watches(stage, "ledger", [{"up": 1.0, "latency": 0.002}])
    await watches(stage, "mail", ["no name server answers; look at /etc/resolv.conf"] * 30)
