"""Kill one of several nodes again and again, and restart their database, while ladders run on it.

Three servers share one PostgreSQL. Every few seconds one of them is killed and started again; twice in between the
database crashes. Nothing may be lost, and every level must be called when it is due, whoever is left to do it.
"""

import argparse
import asyncio
import contextlib
import json
import random
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from chaos_kill import counted
from chaos_stage import CLOCK, PATIENCE, Fate, Monitor, folder_kept, settle, stage
from kill_record import judge, lateness
from postgres_here import PostgresHere, postgres_here

WITHIN = timedelta(seconds=5)


class Plan(NamedTuple):
    """How much of everything: seconds in all, seconds between kills, alerts, nodes, database crashes."""

    seconds: float
    every: float
    incidents: int
    nodes: int
    restarts: int
    seed: int


async def drill(plan: Plan, folder: Path, server: PostgresHere) -> dict[str, Any]:
    """Play it and give the figures."""
    chance = random.Random(plan.seed)  # noqa: S311  it has to be repeatable
    async with stage(folder, plan.nodes, next(server), chance) as monitor:
        deeds = ["nothing", "nothing", "link", "api", "alert resolves", "person resolves"]
        fates = [
            Fate(f"alert-{place}", chance.uniform(0, plan.seconds), deeds[place % len(deeds)], chance.uniform(0.2, 8))
            for place in range(plan.incidents)
        ]
        lives = [asyncio.create_task(monitor.live(fate)) for fate in fates]
        crashes = asyncio.create_task(crash(server, plan))
        await kill_in_turns(monitor, plan)
        await crashes
        await asyncio.wait_for(asyncio.gather(*lives), PATIENCE)
        facts = await settle(monitor)
    found = judge(monitor.seen(), facts, CLOCK.now(), leases=True)
    late = sorted(seconds for number in facts for seconds in lateness(facts[number]))
    verify = await monitor.servers[0].verify()
    for sentence in (*found.lost, *found.early, *found.after_acknowledge):
        print(f"WRONG: {sentence}")
    return {
        **counted(monitor, found),
        "name": "node",
        "nodes": plan.nodes,
        "database_restarts": plan.restarts,
        "seconds": plan.seconds,
        "incidents": len(facts),
        "calls": len(late),
        "late_p50_s": round(late[len(late) // 2], 2),
        "late_p99_s": round(late[int(len(late) * 0.99)], 2),
        "late_max_s": round(late[-1], 2),
        "verify": "clean" if verify == 0 else "not clean",
    }


async def kill_in_turns(monitor: Monitor, plan: Plan) -> None:
    """Kill and restart one node after the other until the time is over."""
    ends = CLOCK.monotonic() + plan.seconds
    turn = 0
    while CLOCK.monotonic() < ends:
        await asyncio.sleep(plan.every)
        node = monitor.servers[turn % plan.nodes]
        await node.kill()
        await node.start()
        turn += 1
    for node in monitor.servers:
        await node.until_healthy()


async def crash(server: PostgresHere, plan: Plan) -> None:
    """Crash the database at even distances, each time starting it again."""
    for _ in range(plan.restarts):
        await asyncio.sleep(plan.seconds / (plan.restarts + 1))
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)


def passed(figures: dict[str, Any]) -> bool:
    """Give whether nothing went wrong."""
    bad = ("lost", "early", "after_acknowledge")
    return (
        not any(figures[name] for name in bad)
        and figures["late_max_s"] <= WITHIN.total_seconds()
        and figures["verify"] == "clean"
    )


def main(argv: list[str]) -> int:
    """Play the drill; the last line is one JSON object. Exit code 1 when something was lost, early or late."""
    parser = argparse.ArgumentParser(prog="script/chaos node", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--every", type=float, default=10)
    parser.add_argument("--incidents", type=int, default=300)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--store", choices=["postgresql"], default="postgresql")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="2 nodes, 20 s, a kill every 6 s, one crash, 12 alerts")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="the last line is JSON either way")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave data and log of the servers there")
    args = parser.parse_args(argv)
    plan = Plan(args.seconds, args.every, args.incidents, args.nodes, args.restarts, args.seed)
    plan = Plan(20, 6, 12, 2, 1, args.seed) if args.quick else plan
    with folder_kept(args.keep) as folder, contextlib.ExitStack() as stack:
        figures = asyncio.run(drill(plan, folder, stack.enter_context(postgres_here())))
    print(json.dumps(figures))
    return 0 if passed(figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
