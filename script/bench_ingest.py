"""How many alerts a second are on disk when their sender is answered, beside Alertmanager's acceptance into memory.

Tocsin takes part as one process, and as two (`two`): one of them takes alerts for the other.
Everybody gets bodies of one size over the same connections, from a process of its own, in turns: 1,000 keys that
repeat, then each alert a new key. What differs stays: Tocsin answers after COMMIT (synchronous=FULL) and opens an
incident for every new key; Alertmanager keeps alerts in memory. After each turn Tocsin is killed (`kill -9`), and every
alert it answered for has to be in its store. `cpu_us` is processor time of the server for each answer, which says more
than `rps` on a machine that others use. The floor is the HTTP server Tocsin is built on with nothing behind it; a peer
that is not here is skipped with the reason.

`--events N` sends so many over 500 keys instead, and looks at memory and at the pages meanwhile.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NamedTuple

import bench_servers as servers
from bench_load import Plan
from bench_servers import Door, Running
from bench_start import memory

KEYS = 1000
STORM_KEYS = 500
FIRST = 10**6
LIMITS = {"growth_mib": 50.0}
PAGES = ("/health", "/status", "/app/", "/api/v1/incidents")


class Entrant(NamedTuple):
    """A server, and the door its alerts go to."""

    name: str
    start: Callable[[], AbstractContextManager[Running]]
    door: Callable[[Running], Door]
    peer: str = ""


ENTRANTS = (
    Entrant("tocsin-events", servers.tocsin, servers.events),
    Entrant("tocsin-webhook", servers.tocsin, servers.webhook),
    Entrant("tocsin-two-events", partial(servers.tocsin, processes=1), servers.events),
    Entrant("tocsin-two-webhook", partial(servers.tocsin, processes=1), servers.webhook),
    Entrant("alertmanager", servers.alertmanager, servers.posted, "alertmanager"),
    Entrant("floor", servers.floor, servers.events, "floor"),
    Entrant("healthchecks", servers.healthchecks, servers.ping, "healthchecks"),
)
PEERS = {"alertmanager": 0.5, "healthchecks": 10.0}
"""How many times as many as each the slower door of Tocsin has to take."""


def plan_of(running: Running, door: Door, args: argparse.Namespace, keys: int, seconds: float) -> Plan:
    """Give a load as fast as it goes."""
    return Plan(running.port, door.path, door.headers, door.body, keys, args.connections, seconds, fresh=door.fresh)


def measure(entrant: Entrant, keys: int, args: argparse.Namespace) -> dict[str, Any]:
    """Give the figures of one turn on fresh data: keys that repeat are known and decided before the clock starts."""
    with entrant.start() as running:
        door = entrant.door(running)
        warm = plan_of(running, door, args, args.keys, 60.0)._replace(requests=2 * args.keys)
        known = servers.loaded(warm)
        if running.pid:
            servers.settle(running)
        figures = servers.measured(running, plan_of(running, door, args, keys, args.seconds)._replace(first=FIRST))
        figures["rss_mib"] = round(memory(running.pid), 1) if running.pid else 0.0
        taken = sum(good(one) for one in (known, figures))
        figures["refused"] = figures["answered"] - good(figures)
        if not entrant.peer:
            servers.kill(running)
            figures["lost"] = max(taken - servers.stored(running), 0)
    return figures


def good(figures: dict[str, Any]) -> int:
    """Give how many were taken."""
    return sum(count for status, count in figures["statuses"].items() if status in {"200", "202"})


def chosen(only: str | None) -> Iterator[Entrant]:
    """Give who can take part, saying of the others why they cannot."""
    for entrant in ENTRANTS:
        if only and entrant.name not in only.split(","):
            continue
        reason = servers.absent(entrant.peer) if entrant.peer else ""
        if reason:
            print(f"{entrant.name}: skipped, {reason}", file=sys.stderr)
            continue
        yield entrant


def compare(args: argparse.Namespace) -> dict[str, Any]:
    """Give the median figures of everybody for both kinds of keys, measured in turns."""
    kinds, entrants = {"repeating": args.keys, "unique": 0}, list(chosen(args.only))
    rounds: dict[str, dict[str, list[dict[str, Any]]]] = {
        kind: {entrant.name: [] for entrant in entrants} for kind in kinds
    }
    for _ in range(args.rounds):
        for kind, keys in kinds.items():
            for entrant in entrants:
                figures = measure(entrant, keys, args)
                rounds[kind][entrant.name].append(figures)
                print(f"{kind} {entrant.name}: {json.dumps(figures)}", file=sys.stderr)
    return {kind: {name: medians(many) for name, many in found.items()} for kind, found in rounds.items()}


def medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Give what varies by its median, and the sum of what must not be."""
    names = ("rps", "p50_ms", "p99_ms", "cpu_us", "load_cpu_us", "rss_mib")
    figures = {name: statistics.median(one[name] for one in rounds) for name in names}
    bad = {name: sum(one.get(name, 0) for one in rounds) for name in ("broken", "refused", "lost")}
    return {**figures, **bad, "rps_all": sorted(one["rps"] for one in rounds)}


def ratios(found: dict[str, Any], name: str, peer: str) -> dict[str, dict[str, float]]:
    """Give a figure of each door of Tocsin over a peer's, by the kind of keys; 0.0 where the peer's is not known."""
    return {
        kind: {
            door: round(figures[name] / many[peer][name], 2) if many[peer][name] else 0.0
            for door, figures in many.items()
            if door.startswith("tocsin")
        }
        for kind, many in found.items()
        if peer in many
    }


def worst(found: dict[str, Any]) -> dict[str, float]:
    """Give how many times as many as each peer the slower door takes, of whichever keys, in its better setup."""
    each: dict[str, list[float]] = {}
    for peer in PEERS:
        for many in ratios(found, "rps", peer).values():
            doors = {name.rpartition("-")[2] for name in many}
            each.setdefault(peer, []).extend(max(many[one] for one in many if one.endswith(door)) for door in doors)
    return {peer: min(many) for peer, many in each.items() if many}


# -- many events over few keys


def storm(args: argparse.Namespace) -> dict[str, Any]:
    """Send very many alerts over few keys, look at pages and memory, kill, and count what is stored."""
    share = max(args.events // 20, 1)
    with servers.tocsin() as running:
        door = servers.events(running)
        plan = plan_of(running, door, args, STORM_KEYS, 3600.0)
        answered = good(servers.loaded(plan._replace(requests=share)))
        begun = memory(running.pid)
        token = (running.folder / "data" / "token").read_text()
        pages: dict[str, set[int]] = {page: set() for page in PAGES}
        while answered < args.events:
            answered += good(servers.loaded(plan._replace(requests=min(share, args.events - answered))))
            for page, statuses in pages.items():
                statuses.add(servers.status_of(running.port, page, {"Authorization": f"Bearer {token}"}))
            print(f"{answered} taken, {memory(running.pid):.1f} MiB", file=sys.stderr)
        grown = memory(running.pid) - begun
        servers.kill(running)
        return {
            "events": answered,
            "keys": STORM_KEYS,
            "lost": max(answered - servers.stored(running), 0),
            "rss_mib": round(begun, 1),
            "growth_mib": round(grown, 1),
            "pages": {page: sorted(statuses) for page, statuses in pages.items()},
        }


def storm_passed(found: dict[str, Any]) -> bool:
    """Give whether nothing was lost, memory stayed and every page answered well."""
    answered = all(statuses == [servers.OK] for statuses in found["pages"].values())
    return not found["lost"] and found["growth_mib"] < LIMITS["growth_mib"] and answered


def main(argv: list[str]) -> int:
    """Measure; the last line is one JSON object. Exit code 1 when something was lost, or a limit was left."""
    parser = argparse.ArgumentParser(prog="script/bench ingest", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keys", type=int, default=KEYS, help="how many different alerts repeat")
    parser.add_argument("--only", help="names, separated by commas: " + ", ".join(one.name for one in ENTRANTS))
    parser.add_argument("--events", type=int, default=0, help="send so many over 500 keys instead, and kill")
    parser.add_argument("--quick", action="store_true", help="one round of half a second, no limits")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="the last line is JSON either way")
    args = parser.parse_args(argv)
    if args.quick:
        args.rounds, args.seconds, args.keys = 1, 0.5, 20
    if args.events:
        found = storm(args)
        print(json.dumps({"name": "ingest", **found}))
        return 0 if storm_passed(found) else 1
    compared = compare(args)
    told = worst(compared)
    shown = {"name": "ingest", "rounds": args.rounds, "seconds": args.seconds, "connections": args.connections}
    ratio = {peer: ratios(compared, "rps", peer) for peer in (*PEERS, "floor")}
    cpu = {peer: ratios(compared, "cpu_us", peer) for peer in ("alertmanager", "floor")}
    print(json.dumps({**shown, "ingest": compared, "ratios": ratio, "cpu_ratios": cpu, "ratio": told}))
    lost = any(figures["lost"] or figures["broken"] for many in compared.values() for figures in many.values())
    slow = any(value < PEERS[peer] for peer, value in told.items()) and not args.quick
    return 1 if lost or slow else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
