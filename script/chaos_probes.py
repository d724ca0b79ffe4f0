"""Kill and stop servers again and again while what their probes look at goes down and comes back.

Half of the targets stay up all the time. They answer slowly, so that looks are under way whenever a server is killed
(`kill -9`) or stopped (SIGSTOP, as a starved process or a machine that sleeps). At the end every target is well. Then
the record of each probe has to agree with its alerts: as many turns as alerts that fired and ended, never one without
the other; and there are no more alerts than times the target really was down.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from chaos_stage import CLOCK, PATIENCE, RUNBOOK, Server, Sink, configuration, folder_kept
from postgres_here import postgres_here

from tocsin.engine.ports import Store
from tocsin.engine.watched import understood
from tocsin.store import probes as p
from tocsin.store.postgres import PostgresStore
from tocsin.store.readings import alert_state
from tocsin.store.sqlite import ReadOnlyStore

PROBE = """
[probes.{name}]
kind = "http"
url = "{url}/{name}"
every = "PT1S"
timeout = "PT0.6S"

[probes.{name}.checks.down]
value = "up"
below = 1
times = 1
"""
SLOW = 0.25
"""Seconds a target takes to answer."""

STOPPED = 2.5

BEAT, STILL = 0.02, 0.06
"""Seconds between two beats of this process, and so much later it was starved: then every target was slow to answer."""


class Plan(NamedTuple):
    """How much of everything: seconds in all, seconds between disturbances, probes, nodes."""

    seconds: float
    every: float
    probes: int
    nodes: int
    seed: int


class Targets:
    """What is looked at: each is up or down, and says so slowly."""

    def __init__(self, names: list[str], chance: random.Random) -> None:
        """Begin with everything up."""
        self.names, self.down, self.downs = names, set[str](), Counter[str]()
        self.asked = Counter[str]()
        self._chance = chance

    async def listen(self) -> str:
        """Give the address where they answer."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            name = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()[1:]
            self.asked[name] += 1
            await asyncio.sleep(SLOW)
            status = 503 if name in self.down else 200
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()

    async def beat(self) -> None:
        """Count for every target that it was away whenever this process, which answers for all, stood still."""
        while True:
            before = CLOCK.monotonic()
            await asyncio.sleep(BEAT)
            if CLOCK.monotonic() - before > BEAT + STILL:
                self.downs.update(self.names)

    async def live(self, name: str) -> None:
        """Go down and come back until cancelled."""
        while True:
            await asyncio.sleep(self._chance.uniform(1.5, 4))
            self.down.add(name)
            self.downs[name] += 1
            await asyncio.sleep(self._chance.uniform(1.5, 4))
            self.down.discard(name)


async def drill(plan: Plan, folder: Path, database: str) -> dict[str, Any]:
    """Play it and give the figures."""
    chance = random.Random(plan.seed)  # noqa: S311  it has to be repeatable
    names = [f"target-{number}" for number in range(plan.probes)]
    targets = Targets(names, chance)
    url, sink = await targets.listen(), await Sink(chance).listen()
    (folder / "RUNBOOK.md").write_text(RUNBOOK)
    told = configuration(sink, database).replace("[escalation]\n", "[escalation]\nflapping_after = 0\n")
    (folder / "tocsin.toml").write_text(told + "".join(PROBE.format(name=name, url=url) for name in names))
    servers = [Server(folder, f"data-{number}") for number in range(plan.nodes)]
    disturbed = Counter[str]()
    try:
        for server in servers:
            await server.start()
            await server.until_healthy()
        beating = asyncio.create_task(targets.beat())
        lives = [asyncio.create_task(targets.live(name)) for name in names[::2]]  # the others are always up
        await disturb(servers, plan, chance, disturbed)
        await all_of(servers[0], plan, lambda states: set(states) != {"ok"})
        for life in lives:
            life.cancel()
        targets.down.clear()
        for server in servers:
            await server.until_healthy()
        await all_of(servers[0], plan, lambda states: set(states) == {"ok"})
        beating.cancel()
    finally:
        for server in servers:
            await server.stop()
    store = PostgresStore(database) if database else ReadOnlyStore(servers[0].data / "tocsin.db")
    found = await judged(store, targets)
    store.close()
    return {
        "name": "probes",
        "nodes": plan.nodes,
        "seconds": plan.seconds,
        "kills": disturbed["kill"],
        "stops": disturbed["stop"],
        "looks": targets.asked.total(),
        "downs": targets.downs.total(),
        **found,
    }


async def disturb(servers: list[Server], plan: Plan, chance: random.Random, disturbed: Counter[str]) -> None:
    """Kill one server after the other, or stop it for a while, until the time is over."""
    ends, turn = CLOCK.monotonic() + plan.seconds, 0
    while CLOCK.monotonic() < ends or len(disturbed) < 2:  # noqa: PLR2004  one of each at least
        await asyncio.sleep(plan.every * chance.uniform(0.6, 1.4))
        server, turn = servers[turn % len(servers)], turn + 1
        if turn % 2 and server.pid:
            os.kill(server.pid, signal.SIGSTOP)
            await asyncio.sleep(min(STOPPED, plan.every))
            os.kill(server.pid, signal.SIGCONT)
            disturbed["stop"] += 1
        else:
            await server.kill()
            await server.start()
            await server.until_healthy()
            disturbed["kill"] += 1


async def all_of(server: Server, plan: Plan, are: Callable[[list[str]], bool]) -> None:
    """Wait until every probe was looked at, and the states of all are as wanted."""
    import httpx  # noqa: PLC0415  as the stage does

    headers = {"Authorization": f"Bearer {server.token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=20) as client, asyncio.timeout(PATIENCE):
        while True:
            probes = (await client.get("/api/v1/probes")).json()["probes"]
            if len(probes) == plan.probes and are([one["state"] for one in probes]):
                return
            await asyncio.sleep(0.3)


async def judged(store: Store, targets: Targets) -> dict[str, Any]:
    """Hold what is remembered of each probe against its alert, and both against what really happened."""
    counts = Counter[str]()
    for kept in await store.read(p.all_remembered()):
        standing = understood(kept).known.checks["down"]
        alert = await store.read(alert_state(f"probe/{kept.id}/down"))
        fired, over = (alert.triggers, alert.resolutions) if alert else (0, 0)
        counts["alerts"] += fired
        counts["recoveries"] += over
        counts["out_of_step"] += standing.flips != fired + over or fired != over
        counts["false"] += max(fired - targets.downs[kept.id], 0)
        if standing.flips != fired + over or fired > targets.downs[kept.id]:
            down = targets.downs[kept.id]
            print(f"WRONG: {kept.id} turned {standing.flips} times, fired {fired}, over {over}, was down {down}")
    return {name: counts[name] for name in ("alerts", "recoveries", "out_of_step", "false")}


def passed(figures: dict[str, Any]) -> bool:
    """Give whether nothing went wrong, and anything happened at all."""
    return not figures["out_of_step"] and not figures["false"] and figures["alerts"] > 0


def main(argv: list[str]) -> int:
    """Play the drill; the last line is one JSON object. Exit code 1 when an alert was lost, repeated or made up."""
    parser = argparse.ArgumentParser(
        prog="script/chaos probes", description="Servers are killed while targets go down."
    )
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--every", type=float, default=3, help="seconds between two disturbances")
    parser.add_argument("--probes", type=int, default=40)
    parser.add_argument("--nodes", type=int, default=1, help="more than one share a PostgreSQL")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="5 s, a disturbance every 1.2 s, 20 probes")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="the last line is JSON either way")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave data and log of the servers there")
    args = parser.parse_args(argv)
    plan = Plan(args.seconds, args.every, args.probes, args.nodes, args.seed)
    plan = Plan(5, 1.2, 20, args.nodes, args.seed) if args.quick else plan
    with folder_kept(args.keep) as folder, contextlib.ExitStack() as stack:
        database = next(stack.enter_context(postgres_here())) if plan.nodes > 1 else ""
        figures = asyncio.run(drill(plan, folder, database))
    print(json.dumps(figures))
    return 0 if passed(figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
