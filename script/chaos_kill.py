"""Kill the real servers at random moments while alerts come in, and prove that nothing was lost.

The servers run a runbook whose ladder takes seconds and page a sink of ours over HTTP. Alerts are raised the way a
monitor does it, some pages are acknowledged, the sink fails now and then, and `kill -9` hits a server while it
starts, while it rests, and just when a page arrived whose fact is not recorded yet. At the end every accepted alert
must have gone its way. On SQLite one flipped bit in any column of any fact must be found; on PostgreSQL several
servers share the database, and the others go on with what the killed one had in hand.
"""

import argparse
import asyncio
import contextlib
import json
import random
import sqlite3
import sys
from pathlib import Path
from typing import Any, NamedTuple

from chaos_stage import CLOCK, PATIENCE, Fate, Monitor, Server, folder_kept, settle, stage
from kill_record import Arrival, Facts, Found, flip, judge
from postgres_here import postgres_here

INTAKE_KILLED = 0.5
"""How often what takes alerts for a server is killed shortly before it."""


class Plan(NamedTuple):
    """How much of everything. `nodes` servers share `store`; `taking` processes take the alerts of each."""

    kills: int
    incidents: int
    sample: int
    seed: int
    nodes: int
    store: str
    taking: int = 0

    @property
    def spread(self) -> float:
        """Give over how many seconds alerts come: about as long as all kills take."""
        return self.kills * (1.8 if self.nodes == 1 else 1.1)


def fates(plan: Plan, chance: random.Random, seconds: float) -> list[Fate]:
    """Give what becomes of each alert, spread over the time of the kills."""
    deeds = ["nothing", "nothing", "link", "api", "link", "alert resolves", "person resolves"]
    return [
        Fate(f"alert-{place}", chance.uniform(0, seconds), deeds[place % len(deeds)], chance.uniform(0.2, 8))
        for place in range(plan.incidents)
    ]


async def kill_again_and_again(monitor: Monitor, plan: Plan, chance: random.Random) -> tuple[int, int]:
    """Kill and restart; give how many verifications found a fault, and how many intake processes were killed."""
    faults = cut = 0
    for count in range(plan.kills):
        server = chance.choice(monitor.servers)
        moment = chance.choice(["starting", "page", "page", "any", "any"])
        if moment == "starting":
            await asyncio.sleep(chance.uniform(0.05, 0.6))
        else:
            await server.until_healthy()
            await asyncio.sleep(chance.uniform(0.1, 2 / len(monitor.servers)))
        if moment == "page":
            monitor.sink.arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(monitor.sink.arrived.wait(), 3)
            await asyncio.sleep(chance.choice([0, 0, 0.002, 0.01]))
        if chance.random() < INTAKE_KILLED:
            cut += server.kill_intake()
            await asyncio.sleep(chance.uniform(0, 1))
        await server.kill()
        if count % 6 == 1:
            faults += await server.verify() != 0
        await server.start()
    for server in monitor.servers:
        await server.until_healthy()
    return faults, cut


async def drill(plan: Plan, folder: Path, database: str) -> dict[str, Any]:
    """Play it and give the figures."""
    chance, began = random.Random(plan.seed), CLOCK.monotonic()  # noqa: S311  it has to be repeatable
    async with stage(folder, plan.nodes, database, chance, plan.taking) as monitor:
        lives = [asyncio.create_task(monitor.live(fate)) for fate in fates(plan, chance, plan.spread)]
        trouble = asyncio.create_task(monitor.sink.fail_now_and_then())
        faults, cut = await kill_again_and_again(monitor, plan, chance)
        trouble.cancel()
        await asyncio.wait_for(asyncio.gather(*lives), plan.spread + PATIENCE)
        facts = await settle(monitor)
    server = monitor.servers[0]
    found = judge(monitor.seen(), facts, CLOCK.now(), leases=bool(database))
    told(folder, facts, monitor.sink.arrivals)
    faults += await server.verify() != 0
    missed, flips = (list[str](), dict[str, Any]()) if database else await flipped(server, plan, chance)
    for sentence in (*found.lost, *found.early, *found.after_acknowledge, *found.unexplained, *found.unmarked, *missed):
        print(f"WRONG: {sentence}")
    return {
        **counted(monitor, found),
        "store": plan.store,
        "nodes": plan.nodes,
        "intake_kills": cut,
        "seed": plan.seed,
        "incidents": len(facts),
        "verify": "clean" if not faults else f"{faults} times not clean",
        **flips,
        "seconds": round(CLOCK.monotonic() - began, 1),
    }


async def flipped(server: Server, plan: Plan, chance: random.Random) -> tuple[list[str], dict[str, Any]]:
    """Flip bits in a copy of the data; give what was not found, and the figures."""
    flips, recognised, missed = await flip(copied(server), chance, plan.sample)
    code = await server.verify(server.folder / "copy")
    return missed, {"flips": flips, "flips_found": recognised, "flip_exit_code": code}


def counted(monitor: Monitor, found: Found) -> dict[str, Any]:
    """Give the figures of what was sent and what was found."""
    kinds = [arrival.kind for arrival in monitor.sink.arrivals if arrival.taken]
    return {
        "name": "kill",
        "kills": sum(len(server.kills) for server in monitor.servers),
        "accepted": len(monitor.accepted),
        "pages": kinds.count("page"),
        "refused_pages": len(monitor.sink.arrivals) - len(kinds),
        "alarms": kinds.count("alarm"),
        "lost": len(found.lost),
        "duplicates": found.duplicates,
        "unexplained_duplicates": len(found.unexplained),
        "unmarked_duplicates": len(found.unmarked),
        "early": len(found.early),
        "after_acknowledge": len(found.after_acknowledge),
    }


def told(folder: Path, facts: dict[str, Facts], arrivals: list[Arrival]) -> None:
    """Leave beside the data what the timelines say and what arrived, for whoever asks why."""
    (folder / "timelines.json").write_text(json.dumps(facts, default=str, indent=1))
    (folder / "arrivals.json").write_text(
        json.dumps([arrival._asdict() for arrival in arrivals], default=str, indent=1)
    )


def copied(server: Server) -> Path:
    """Give the database in a copy of the data folder."""
    path = server.folder / "copy" / "tocsin.db"
    path.parent.mkdir()
    source, target = sqlite3.connect(server.data / "tocsin.db"), sqlite3.connect(path)
    with contextlib.closing(source), contextlib.closing(target):
        source.backup(target)
    return path


def passed(figures: dict[str, Any]) -> bool:
    """Give whether nothing went wrong."""
    bad = ("lost", "early", "after_acknowledge", "unexplained_duplicates", "unmarked_duplicates", "alarms")
    return (
        not any(figures[name] for name in bad)
        and figures["verify"] == "clean"
        and figures.get("flips_found") == figures.get("flips")
        and figures.get("flip_exit_code", 1) == 1
    )


def main(argv: list[str]) -> int:
    """Play the drill; the last line is one JSON object. Exit code 1 when something was lost, early, late or unseen."""
    parser = argparse.ArgumentParser(prog="script/chaos kill", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--incidents", type=int, default=50)
    parser.add_argument("--quick", action="store_true", help="3 kills, 8 incidents")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--nodes", type=int, default=3, help="servers on PostgreSQL; SQLite has one")
    parser.add_argument("--intake-processes", type=int, default=0, help="that take alerts for each server")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="json: print nothing but the figures"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave data and log of the servers there")
    args = parser.parse_args(argv)
    nodes = args.nodes if args.store == "postgresql" else 1
    kills, incidents, sample = (3, 8, 4) if args.quick else (args.kills, args.incidents, 30)
    plan = Plan(kills, incidents, sample, args.seed, nodes, args.store, args.intake_processes)
    with folder_kept(args.keep) as folder, contextlib.ExitStack() as stack:
        database = next(stack.enter_context(postgres_here())) if args.store == "postgresql" else ""
        figures = asyncio.run(drill(plan, folder, database))
    print(json.dumps(figures))
    return 0 if passed(figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
