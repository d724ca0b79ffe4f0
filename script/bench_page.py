"""From an alert to its page at a local webhook, a new incident each, beside Alertmanager that tells at once.

Alerts come at a steady rate; how late a page is counts from the instant its alert was to be sent, so nothing is won by
answering slowly. Both send to the same sink, which is in the process of the load. Tocsin stores the alert, opens an
incident, calls the level, pages its person and records each; Alertmanager (`group_wait: 0s`, each alert its own group)
keeps all of it in memory. Alerts differ in the number of a unit, as those of a fleet do; in the turn of `tocsin-unlike`
each has a value of its own, so that all of it is read.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NamedTuple

import bench_servers as servers
from bench_load import Plan
from bench_servers import Door, Running
from bench_start import memory, processor_time
from free_ports import free_port

FIRST = 1_000_000
LIMITS = {100: 25.0}
"""Milliseconds that 99 of 100 pages may take at a rate."""


class Entrant(NamedTuple):
    """A server that pages at a port, and the door its alerts go to."""

    name: str
    start: Callable[[int], AbstractContextManager[Running]]
    door: Callable[[Running], Door]
    peer: str = ""


ENTRANTS = (
    Entrant("tocsin", servers.tocsin, servers.events),
    Entrant("tocsin-unlike", servers.tocsin, servers.unlike),
    Entrant("tocsin-two", partial(servers.tocsin, processes=1), servers.events),
    Entrant("alertmanager", servers.alertmanager, servers.posted, "alertmanager"),
)


def measure(entrant: Entrant, rate: int, args: argparse.Namespace) -> dict[str, Any]:
    """Give the figures of one turn on fresh data, after a second of the same at a tenth of the rate."""
    sink = free_port()
    with entrant.start(sink) as running:
        door = entrant.door(running)
        plan = Plan(running.port, door.path, door.headers, door.body, 0, args.connections, 1.0)
        servers.loaded(plan._replace(sink=sink, rate=max(rate // 10, 10)))
        before, begun = processor_time(running.pid), memory(running.pid)
        figures = servers.loaded(plan._replace(sink=sink, rate=rate, first=FIRST, seconds=args.seconds))
        cpu = (processor_time(running.pid) - before) / max(figures["answered"], 1)
        return {
            "lost": figures["answered"] - figures["arrived"],
            "p50_ms": figures["page_p50_ms"],
            "p99_ms": figures["page_p99_ms"],
            "max_ms": figures["page_max_ms"],
            "answer_p99_ms": figures["p99_ms"],
            "cpu_us": round(cpu * 1e6),
            "growth_mib": round(memory(running.pid) - begun, 1),
        }


def compare(args: argparse.Namespace) -> dict[str, Any]:
    """Give the median figures of everybody at each rate, measured in turns."""
    entrants = []
    for entrant in ENTRANTS:
        if entrant.peer and (reason := servers.absent(entrant.peer)):
            print(f"{entrant.name}: skipped, {reason}", file=sys.stderr)
        else:
            entrants.append(entrant)
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for _ in range(args.rounds):
        for rate in args.rates:
            for entrant in entrants:
                figures = measure(entrant, rate, args)
                found.setdefault(str(rate), {}).setdefault(entrant.name, []).append(figures)
                print(f"{rate}/s {entrant.name}: {json.dumps(figures)}", file=sys.stderr)
    return {rate: {name: medians(rounds) for name, rounds in many.items()} for rate, many in found.items()}


def medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Give what varies by its median, and the sum of what was lost."""
    figures = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    return {**figures, "lost": sum(one["lost"] for one in rounds)}


def passed(found: dict[str, Any]) -> bool:
    """Give whether no page was lost, and each was in time."""
    ours = [(rate, many[name]) for rate, many in found.items() for name in ("tocsin", "tocsin-unlike")]
    in_time = all(
        figures["p99_ms"] <= LIMITS.get(int(rate), found[rate].get("alertmanager", figures)["p99_ms"])
        for rate, figures in ours
    )
    return in_time and not any(figures["lost"] for _, figures in ours)


def main(argv: list[str]) -> int:
    """Measure; the last line is one JSON object. Exit code 1 when a page was lost, or late."""
    parser = argparse.ArgumentParser(prog="script/bench page", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rates", type=lambda text: [int(one) for one in text.split(",")], default=[100, 1000])
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one second at 20 a second, no limits")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="the last line is JSON either way")
    args = parser.parse_args(argv)
    if args.quick:
        args.rates, args.seconds, args.rounds = [20], 1.0, 1
    found = compare(args)
    ratio = {
        rate: round(many["tocsin"]["p99_ms"] / many["alertmanager"]["p99_ms"], 2)
        for rate, many in found.items()
        if "alertmanager" in many
    }
    shown = {"name": "page", "rounds": args.rounds, "seconds": args.seconds, "rates": found}
    print(json.dumps({**shown, "ratio": {"alertmanager": ratio}}))
    lost = any(many["tocsin"]["lost"] for many in found.values())
    return 1 if lost or not (args.quick or passed(found)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
