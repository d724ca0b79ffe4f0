"""2,000 probes every 15 s in one process: in time, for how much, and beside pages.

What is looked at is a server in a process of its own, which notes when each probe asked it. How late a look is counts
from its instant, which follows from its name (`engine/plan.py`), by the clock that both share: so it is told from
outside, connection included. Processor time and memory are those of the server as people start it. Pages are measured
without probes first, then beside them: alerts at a steady rate, a new incident each, to a webhook.
"""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import bench_servers as servers
from bench_load import Plan
from bench_servers import Running
from bench_start import memory, processor_time
from free_ports import free_port

from tocsin.clock import SystemClock
from tocsin.engine.plan import phase_of

CLOCK = SystemClock()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
LIMITS = {"late_p99_s": 1.0, "cpu_share": 0.25, "growth_mib": 80.0}
"""What the figures must stay below."""

PAGE_P99_MS = 50.0
"""So late pages may be, or twice as late as without probes where the machine is busy with other things."""

PATIENCE = 60.0
_FIRST = 10_000
"""The number of the first alert of the second turn: each is a new incident."""


# -- what is looked at


class Answering(asyncio.Protocol):
    """Answers a request and notes when it came."""

    def __init__(self, seen: dict[str, list[float]]) -> None:
        """Take where to note it, by the path that is asked."""
        self._seen = seen
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer. The request is short, so it comes whole."""
        path = data.split(b" ", 2)[1].decode()
        if path == "/seen":
            body = json.dumps(self._seen).encode()
            self._seen.clear()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        else:
            self._seen.setdefault(path[1:], []).append(CLOCK.now().timestamp())
            self._transport.write(ANSWER)
        self._transport.close()


async def answer(port: int) -> None:
    """Answer until killed."""
    seen: dict[str, list[float]] = {}
    server = await asyncio.get_running_loop().create_server(lambda: Answering(seen), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


@contextlib.contextmanager
def answering() -> Iterator[int]:
    """Give the port of something that answers, in a process of its own."""
    port = free_port()
    process = subprocess.Popen([sys.executable, __file__, "--answer", str(port)])
    try:
        until(lambda: asked(port) is not None)
        yield port
    finally:
        process.kill()
        process.wait()


def asked(port: int) -> dict[str, list[float]] | None:
    """Give when each probe asked since the last time this was called; None while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/seen", timeout=5) as found:
            told: dict[str, list[float]] = json.load(found)
            return told
    except OSError:
        return None


# -- measuring


def configure(running: Running, port: int, args: argparse.Namespace) -> None:
    """Let the running server watch: it takes up what its file says."""
    probe = (
        '[probes.{name}]\nkind = "{kind}"\n{where}\nevery = "PT{every:g}S"\n'
        '[probes.{name}.checks.down]\nvalue = "up"\nbelow = 1\n'
        '[probes.{name}.checks.slow]\nvalue = "latency"\nwindow = "PT1M"\ntake = "p95"\nabove = 60\n'
    )
    path = running.folder / "tocsin.toml"
    text = "".join(
        probe.format(name=name, kind="http", where=f'url = "http://127.0.0.1:{port}/{name}"', every=args.every)
        for name in names(args)
    )
    path.write_text(f"{path.read_text()}\n{text}")


def names(args: argparse.Namespace) -> list[str]:
    """Give what the probes are called."""
    return [f"probe-{number:04}" for number in range(args.probes)]


def lateness(seen: dict[str, list[float]], every: float) -> list[float]:
    """Give how many seconds after its instant each look came, sorted."""
    found = []
    for name, instants in seen.items():
        for at in instants:
            late = (at - phase_of(name) * every) % every
            found.append(late if late < every * 0.9 else 0.0)  # a clock's last digit before its instant
    return sorted(found)


def at_share(ordered: list[float], share: float) -> float:
    """Give the value below which that share of them lies."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Give the figures."""
    sink = free_port()
    with answering() as port, servers.tocsin(sink) as running:
        quiet = paged(running, sink, args, 0)
        begun = memory(running.pid)
        asked(port)
        configure(running, port, args)
        warm_up(port, args)
        before, at = processor_time(running.pid), CLOCK.monotonic()
        time.sleep(args.seconds)
        seen = looked(port, args)
        used, lasted = processor_time(running.pid) - before, CLOCK.monotonic() - at
        late = lateness(seen, args.every)
        beside = paged(running, sink, args, _FIRST)
        return {
            "probes": args.probes,
            "every_s": args.every,
            "seconds": round(lasted, 1),
            "looks": len(late),
            "missed": max(round(args.probes * lasted / args.every) - len(late), 0),
            "late_p50_s": round(at_share(late, 0.5), 4),
            "late_p99_s": round(at_share(late, 0.99), 4),
            "late_max_s": round(late[-1] if late else 0.0, 4),
            "cpu_share": round(used / lasted, 3),
            "look_cpu_us": round(used * 1e6 / max(len(late), 1)),
            "growth_mib": round(memory(running.pid) - begun, 1),
            "page_p50_ms": beside["page_p50_ms"],
            "page_p50_without_ms": quiet["page_p50_ms"],
            "page_p99_ms": beside["page_p99_ms"],
            "page_p99_without_ms": quiet["page_p99_ms"],
            "pages_lost": beside["answered"] - beside["arrived"],
        }


def warm_up(port: int, args: argparse.Namespace) -> None:
    """Wait until every probe was looked at, and for an interval more: then each comes at its instant."""
    missing = set(names(args))

    def all_seen() -> bool:
        missing.difference_update(asked(port) or {})
        return not missing

    until(all_seen)
    time.sleep(args.every)
    asked(port)


def looked(port: int, args: argparse.Namespace) -> dict[str, list[float]]:
    """Give when each probe asked, once every one of them has: on a starved machine that takes longer."""
    seen: dict[str, list[float]] = {}

    def all_seen() -> bool:
        for name, instants in (asked(port) or {}).items():
            seen.setdefault(name, []).extend(instants)
        return bool(len(seen) == args.probes)

    until(all_seen)
    return seen


def until(look: Any) -> None:  # noqa: ANN401  anything that says whether it is so
    """Wait until something is so."""
    deadline = CLOCK.monotonic() + PATIENCE
    while not look():
        if CLOCK.monotonic() > deadline:
            raise SystemExit("what is measured did not begin within a minute")
        time.sleep(0.2)


def paged(running: Running, sink: int, args: argparse.Namespace, first: int) -> dict[str, Any]:
    """Give how long pages take at a steady rate."""
    door = servers.events(running)
    plan = Plan(running.port, door.path, door.headers, door.body, 0, 8, args.paging, sink=sink, rate=10, first=first)
    return servers.loaded(plan)


def passed(found: dict[str, Any]) -> bool:
    """Give whether everything stays below its limit, and nothing was missed or lost."""
    nothing_lost = found["missed"] <= found["looks"] * 0.01 and not found["pages_lost"]
    undisturbed = found["page_p99_ms"] <= max(PAGE_P99_MS, 2 * found["page_p99_without_ms"])
    return nothing_lost and undisturbed and all(found[name] < limit for name, limit in LIMITS.items())


def main(argv: list[str]) -> int:
    """Measure; the last line is one JSON object. Exit code 1 when a limit is passed."""
    parser = argparse.ArgumentParser(prog="script/bench probes", description="Thousands of probes in one process.")
    parser.add_argument("--probes", type=int, default=2000)
    parser.add_argument("--every", type=float, default=15.0, help="seconds between two looks of a probe")
    parser.add_argument("--seconds", type=float, default=60.0, help="so long looks are measured")
    parser.add_argument("--paging", type=float, default=15.0, help="so long pages are measured, twice")
    parser.add_argument("--quick", action="store_true", help="100 probes a second for 2 seconds, no limits")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="the last line is JSON either way")
    parser.add_argument("--answer", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.answer:
        asyncio.run(answer(args.answer))
    if args.quick:
        args.probes, args.every, args.seconds, args.paging = 100, 1.0, 2.0, 0.5
    found = measure(args)
    print(json.dumps({"name": "probes", **found, "limits": LIMITS}))
    return 0 if args.quick or passed(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
