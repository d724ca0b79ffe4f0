"""Tocsin on the work of `script/bench engine`: incidents whose next way of reaching somebody is due.

Each incident opened and its first page was taken half an hour before the second way is due, so the same facts stand
in its timeline that a real one has by then. `seed PLAN` writes them through the engine's own functions and the
store's own transactions; `work PLAN` runs the real server without its web pages.
"""

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from tocsin.assembly import Options, Tocsin, assemble
from tocsin.clock import SystemClock
from tocsin.detection.alert import Seen
from tocsin.engine.appending import append
from tocsin.incident import facts as f
from tocsin.incident.chain import micros
from tocsin.incident.view import view
from tocsin.lifecycle import World, jobs_for
from tocsin.store import transactions as t

WAIT = timedelta(minutes=30)
LATER = timedelta(hours=1)
TOGETHER = 200
RUNBOOK = """# Bench

## Severity levels

### P2 - Medium (Response time: 2 hours)

- Something is slow

## Escalation path

1. **L1**: First
2. **L2**: Second (if L1 can't resolve in 3 hours)

## Incidents

### 1. Slow

**Severity**: P2

**Symptoms**:

- It is slow
"""


def configuration(plan: dict[str, Any]) -> str:
    """Give a tocsin.toml with one person who is reached by the console, and by the sink half an hour later."""
    store = f'[store]\nurl = "{plan["database"]}"\n' if plan["database"] else ""
    return (
        f"{store}"
        '[people.ada]\nreach = [{ via = ["console"], wait = "PT30M" }, { via = ["sink"] }]\n'
        '[people.ben]\n[roles]\nL1 = ["ada"]\nL2 = ["ben"]\n'
        f'[channels.sink]\nkind = "webhook"\nurl = "{plan["sink"]}"\nrate = "10000/s"\nburst = 10000\nbundle = false\n'
    )


async def started(plan: dict[str, Any]) -> Tocsin:
    """Give the engine on the plan's store."""
    folder = Path(plan["folder"])
    (folder / "RUNBOOK.md").write_text(RUNBOOK)
    (folder / "tocsin.toml").write_text(configuration(plan))
    return await assemble(Options(folder / "RUNBOOK.md", folder / "tocsin.toml", folder / "data"))


def opening(name: str, due: datetime, ordinal: int, world: World) -> t.Change:
    """Give the commit of an incident whose second way of reaching Ada is due at that instant."""
    at = due - WAIT
    opened = f.Opened(
        by="source:bench",
        number=f"INC-2026-{ordinal:06d}",
        group_key=f"bench/{name}",
        title="Slow",
        summary=name,
        incident_type="slow",
        severity="P2",
        restricted=False,
        runbook=world.runbook.sha256,
        because=(f.Because("it is slow"),),
        severity_because=f.Because("so it says"),
        score=1.0,
        seen=Seen(1),
    )
    called = f.Escalated(
        level="L1", round=1, people=(f.Called("ada"),), cause="opened", because=f.Because("L1 is called first")
    )
    paged = f.Paged(level="L1", round=1, person="ada", method="0.console", receipt="")
    incident, rows = append(None, (opened, called, paged), at, lambda: b"0123456789abcdef")
    jobs = jobs_for(incident, world)
    head = t.Head(
        number=incident.number,
        ordinal=ordinal,
        group_key=incident.group_key,
        open=True,
        restricted=False,
        opened_at=micros(at),
        view=msgspec.json.encode(view(incident, jobs)),
        viewers=(),
    )
    return t.Change(head, 0, rows, incident.seq, incident.hash, jobs, None, now=at)


def wanted(plan: dict[str, Any], begins: datetime) -> Iterator[tuple[str, datetime]]:
    """Give the name and the instant of every page that becomes due while it is measured."""
    for place in range(plan["due"]):
        due = begins + timedelta(seconds=place / plan["rate"])
        yield f"due-{int(due.timestamp() * 1000)}-rate-{place}", due
    due = begins + timedelta(seconds=plan["due"] / plan["rate"] + 5)
    for place in range(plan["burst"]):
        yield f"due-{int(due.timestamp() * 1000)}-burst-{place}", due


async def seed(plan: dict[str, Any]) -> float:
    """Put everything in and give the instant at which the first page is due."""
    tocsin = await started(plan)
    world, clock = tocsin.worlds.current, SystemClock()
    later, ordinal, jobs = clock.now() + LATER, 1, 0
    while jobs < plan["waiting"]:
        changes = [opening(f"later-{place}", later, place, world) for place in range(ordinal, ordinal + TOGETHER)]
        await asyncio.gather(*(tocsin.store.write(t.commit(change)) for change in changes))
        ordinal, jobs = ordinal + TOGETHER, jobs + sum(len(change.jobs) for change in changes)
    pages = plan["due"] + plan["burst"]
    begins = clock.now() + timedelta(seconds=pages / 100 + plan["idle"] + 12)
    changes = [opening(name, due, ordinal + place, world) for place, (name, due) in enumerate(wanted(plan, begins))]
    for start in range(0, len(changes), TOGETHER):
        await asyncio.gather(*(tocsin.store.write(t.commit(change)) for change in changes[start : start + TOGETHER]))
    await tocsin.stop()
    return begins.astimezone(UTC).timestamp()


async def work(plan: dict[str, Any]) -> None:
    """Work until ended."""
    tocsin = await started(plan)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    tocsin.start()
    await ended.wait()
    await tocsin.stop()


def main() -> None:
    """Seed, or work until ended."""
    logging.basicConfig(level=logging.WARNING)
    mode, plan = sys.argv[1], json.loads(sys.argv[2])
    if mode == "seed":
        print(asyncio.run(seed(plan)), flush=True)
    else:
        asyncio.run(work(plan))


if __name__ == "__main__":
    main()
