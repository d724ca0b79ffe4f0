"""Waiting jobs and due pages: how late, how fast, at what cost, beside DBOS and Procrastinate on the same work.

Every engine gets the same work in the same run, one after the other, round by round: so many jobs that wait for later,
then pages that become due at a steady rate, then many that become due at one instant. A page is a POST to one sink
that keeps count. Tocsin's jobs are real: incidents with hash-chained timelines, whose next way of reaching somebody
is due; the peers' are a timer and the POST. Engines that are not installed are skipped with the reason
(`uv sync --group bench` brings them; PostgreSQL is started from the binaries of this machine).
"""

import argparse
import asyncio
import contextlib
import importlib.util
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench_start import memory
from postgres_here import postgres_here

from tocsin.clock import SystemClock

HERE = Path(__file__).resolve().parent
CLOCK = SystemClock()
DUE = re.compile(rb"due-(\d+)-(rate|burst)-(\d+)")
PATIENCE = 120.0
LIMITS = {"p99_ms": 250, "idle_cpu": 2.0, "growth_mib": 60.0, "burst_s": 5.0}
"""What must hold for Tocsin with 100,000 jobs waiting; the peers only have to be no better."""


class Plan(NamedTuple):
    """How much of everything."""

    waiting: int
    due: int
    rate: int
    burst: int
    idle: float
    rounds: int
    settle: float = 4.0


class Entrant(NamedTuple):
    """An engine on a store: the module that seeds and works, and what it needs installed."""

    name: str
    module: str
    store: str
    needs: str | None = None


ENTRANTS = (
    Entrant("tocsin-sqlite", "bench_engine_tocsin", "sqlite"),
    Entrant("dbos-sqlite", "bench_engine_dbos", "sqlite", "dbos"),
    Entrant("tocsin-postgresql", "bench_engine_tocsin", "postgresql"),
    Entrant("dbos-postgresql", "bench_engine_dbos", "postgresql", "dbos"),
    Entrant("procrastinate", "bench_engine_procrastinate", "postgresql", "procrastinate"),
)


class Sink:
    """Takes pages over HTTP and remembers when each came."""

    def __init__(self) -> None:
        """Begin with nothing received."""
        self.arrived: dict[tuple[str, int], list[tuple[float, float]]] = {}
        self.changed = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def listen(self) -> str:
        """Give the address pages are posted to."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/page"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                self._take(await reader.readexactly(int(length[1]) if length else 0))
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok")
                await writer.drain()
        writer.close()

    def _take(self, body: bytes) -> None:
        named = DUE.search(body)
        if named is not None:
            due, now = int(named[1]) / 1000, CLOCK.now().timestamp()
            self.arrived.setdefault((named[2].decode(), int(named[3])), []).append((due, now))
            self.changed.set()

    def count(self, phase: str) -> int:
        """Give how many different pages of a phase came."""
        return sum(1 for name, _ in self.arrived if name == phase)

    def lateness(self, phase: str) -> list[float]:
        """Give how many seconds after its instant each page of a phase first came."""
        return sorted(times[0][1] - times[0][0] for (name, _), times in self.arrived.items() if name == phase)

    @property
    def duplicates(self) -> int:
        """Give how many pages came again."""
        return sum(len(times) - 1 for times in self.arrived.values())


async def measure(entrant: Entrant, plan: Plan, database: str) -> dict[str, Any]:
    """Seed, rest, let everything become due; give the figures of one engine."""
    sink = Sink()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        told = {**plan._asdict(), "sink": await sink.listen(), "folder": folder, "database": database}
        empty = await rest(
            entrant, plan.settle, {**told, "folder": f"{folder}/empty", "waiting": 0, "due": 0, "burst": 0}
        )
        begins = float(await say(entrant, "seed", told))
        async with working(entrant, told) as pid:
            await asyncio.sleep(plan.settle)
            busy = processor_time(pid)
            await asyncio.sleep(plan.idle)
            idle = (processor_time(pid) - busy) / plan.idle * 100
            resident = memory(pid)
            lead = begins - CLOCK.now().timestamp()
            if lead < 0:
                raise SystemExit(f"{entrant.name}: the pages were due {-lead:.1f} s before the engine was ready")
            await until(sink, plan, lead + plan.due / plan.rate)
    late, burst = sink.lateness("rate"), sink.lateness("burst")
    return {
        "lost": plan.due + plan.burst - sink.count("rate") - sink.count("burst"),
        "duplicates": sink.duplicates,
        "p50_ms": round(percentile(late, 0.5) * 1000, 1),
        "p99_ms": round(percentile(late, 0.99) * 1000, 1),
        "early": sum(1 for seconds in (*late, *burst) if seconds < 0),
        "burst_s": round(burst[-1], 2) if burst else None,
        "per_second": round(len(burst) / burst[-1]) if burst else None,
        "idle_cpu": round(idle, 2),
        "growth_mib": round(resident - empty, 1),
    }


async def rest(entrant: Entrant, seconds: float, told: dict[str, Any]) -> float:
    """Give the MiB the engine rests in with nothing to do."""
    made(told["folder"])
    await say(entrant, "seed", told)
    async with working(entrant, told) as pid:
        await asyncio.sleep(seconds)
        return memory(pid)


async def until(sink: Sink, plan: Plan, seconds: float) -> None:
    """Wait until every page came, or nothing more is to be hoped for."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds + PATIENCE):
            while sink.count("rate") < plan.due or sink.count("burst") < plan.burst:
                sink.changed.clear()
                await sink.changed.wait()
    await asyncio.sleep(1)


async def say(entrant: Entrant, mode: str, told: dict[str, Any]) -> str:
    """Run the engine's module to its end and give its last line."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(HERE / f"{entrant.module}.py"), mode, json.dumps(told)), stdout=subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{entrant.name} could not {mode}")
    return out.decode().split("\n")[-2]


@contextlib.asynccontextmanager
async def working(entrant: Entrant, told: dict[str, Any]) -> AsyncIterator[int]:
    """Give the process id of a working engine, which ends with this."""
    with (made(told["folder"]) / "work.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(HERE / f"{entrant.module}.py"), "work", json.dumps(told)),
            stdout=log,
            stderr=log,
        )
        try:
            yield process.pid
        finally:
            if process.returncode is None:
                process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 15)
            if process.returncode is None:
                process.kill()
                await process.wait()


def made(folder: str) -> Path:
    """Give a folder that is there."""
    path = Path(folder)
    path.mkdir(exist_ok=True)
    return path


def percentile(ordered: list[float], share: float) -> float:
    """Give the value below which that share lies; 0.0 of nothing."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def processor_time(pid: int) -> float:
    """Give the seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def entrants(wanted: str | None, stores: set[str]) -> Iterator[Entrant]:
    """Give the engines that can take part, saying of the others why they cannot."""
    for entrant in ENTRANTS:
        if entrant.store not in stores or (wanted and entrant.name not in wanted.split(",")):
            continue
        if entrant.needs and importlib.util.find_spec(entrant.needs) is None:
            print(f"{entrant.name}: skipped, {entrant.needs} is not installed", file=sys.stderr)
            continue
        yield entrant


async def compare(plan: Plan, chosen: list[Entrant], databases: Iterator[str]) -> dict[str, Any]:
    """Give the median figures of every engine, measured in turns."""
    figures: dict[str, list[dict[str, Any]]] = {entrant.name: [] for entrant in chosen}
    for _ in range(plan.rounds):
        for entrant in chosen:
            database = next(databases) if entrant.store == "postgresql" else ""
            figures[entrant.name].append(await measure(entrant, plan, database))
            print(f"{entrant.name}: {json.dumps(figures[entrant.name][-1])}", file=sys.stderr)
    return {name: _medians(rounds) for name, rounds in figures.items()}


def _medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for name in rounds[0]:
        values = [one[name] for one in rounds if one[name] is not None]
        # What must never happen is added up; what varies is told by its median.
        worst = name in {"lost", "duplicates", "early"}
        found[name] = sum(values) if worst else statistics.median(values) if values else None
    return found


def ratios(found: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Give Tocsin's figure over each peer's on the same store: below 1 is better, but for `per_second`."""
    compared = {}
    for entrant in ENTRANTS:
        ours = found.get(f"tocsin-{entrant.store}")
        theirs = found.get(entrant.name)
        if entrant.needs and ours and theirs:
            compared[entrant.name] = {
                name: round(ours[name] / theirs[name], 2)
                for name in ("p50_ms", "p99_ms", "burst_s", "per_second")
                if ours[name] and theirs[name]
            }
    return compared


def passed(found: dict[str, Any], limits: dict[str, float]) -> bool:
    """Give whether Tocsin lost nothing, sent nothing twice or early, and kept the limits."""
    ours = [figures for name, figures in found.items() if name.startswith("tocsin")]
    never = ("lost", "duplicates", "early")
    return all(
        not any(figures[name] for name in never)
        and all(figures[name] is None or figures[name] <= limit for name, limit in limits.items())
        for figures in ours
    )


def main(argv: list[str]) -> int:
    """Measure; the last line is one JSON object. Exit code 1 when Tocsin lost something or left its limits."""
    parser = argparse.ArgumentParser(prog="script/bench engine", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=400)
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument("--burst", type=int, default=1000)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds of rest in which the processor is watched")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="names, separated by commas: " + ", ".join(one.name for one in ENTRANTS))
    parser.add_argument("--store", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--quick", action="store_true", help="500 waiting, 40 + 100 due, one round, no limits")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="the last line is JSON either way")
    args = parser.parse_args(argv)
    plan = Plan(args.waiting, args.due, args.rate, args.burst, args.idle, args.rounds)
    plan = Plan(500, 40, 20, 100, 1.0, 1, 2.0) if args.quick else plan
    stores = {"sqlite", "postgresql"} if args.store == "both" else {args.store}
    chosen = list(entrants(args.only, stores))
    with contextlib.ExitStack() as stack:
        shared = any(one.store == "postgresql" for one in chosen)
        databases: Iterator[str] = stack.enter_context(postgres_here()) if shared else iter(())
        found = asyncio.run(compare(plan, chosen, databases))
    print(json.dumps({"name": "engine", **plan._asdict(), "engines": found, "ratio": ratios(found)}))
    # A short run proves that nothing is lost; its times say something about the machine's other work only.
    return 0 if passed(found, {} if args.quick else LIMITS) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
