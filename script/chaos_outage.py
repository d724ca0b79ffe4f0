"""Take channels away: what was due arrives when they are back, and the next method does not wait.

Three drills on the real engine and moved time. A channel is down from a second to two hours: every called person is
paged by it in the end, and what is late says so. A person's first method is down in every way a provider can be: how
long until the next one gets something out. And somebody acknowledges at a random instant around a due page: no send
begins after the acknowledgement was committed, and what was under way is marked.
"""

import argparse
import asyncio
import json
import logging
import random
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from simulation.by_hand import FIRST, ByHand, simple
from simulation.cluster import Cluster
from simulation.company import event
from simulation.properties import timelines
from tocsin.channels.message import SendFailed
from tocsin.escalation.reach import PATIENCE
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.store import transactions as t

DOWN = (1, 2, 5, 12, 25, 29, 31, 45, 60, 120, 300, 900, 1800, 3600, 7200)
DOWN_QUICK = (1, 29, 31, 900, 7200)
WAYS = ("refuse", "hang", "broken", "unanswered")
SLOW = 5.0
"""Seconds a simulated node, its store and its channel take in all for one page."""

MINUTES_AFTER = 6


# -- a channel is down, then back


async def down_for(seconds: int, how: Exception, severity: str) -> dict[str, int]:
    """Let the only channel of everybody fail for so long; count who was paged and what says that it is late."""
    hands = ByHand(simple())
    for name in ("push", "mail"):
        hands.channels[name].failing = how  # type: ignore[assignment]
    await hands.opens(severity)
    await hands.let_pass(seconds / 60)
    for name in ("push", "mail"):
        hands.channels[name].failing = None
    await hands.let_pass(MINUTES_AFTER)
    facts = hands.facts()
    paged = [(fact.at, fact.body) for fact in facts if isinstance(fact.body, f.Paged)]
    calls = [(fact.at, fact.body) for fact in facts if isinstance(fact.body, f.Escalated)]
    found = {"called": 0, "delivered": 0, "late": 0, "wrongly_marked": 0}
    for called_at, call in calls:
        for who in call.people:
            place = (call.level, call.round, who.person)
            mine = [(at, body) for at, body in paged if (body.level, body.round, body.person) == place]
            found["called"] += 1
            found["delivered"] += bool(mine)
            found["late"] += any(at - called_at > PATIENCE for at, _ in mine)
            for at, body in mine:
                again = at - called_at > PATIENCE or body.method.startswith("late.")
                found["wrongly_marked"] += (body.due == called_at) != again or _says_late(hands, body) != again
    hands.inner.close()
    return found


def _says_late(hands: ByHand, body: f.Paged) -> bool:
    key = f"{FIRST}/{body.round}/{body.level}/{body.person}/{body.method}"
    parts = [part for one in hands.sent for part in _parts(one.message.data)]
    return any(part["late_since"] for part in parts if part.get("key") == key)


def _parts(data: dict[str, Any]) -> list[dict[str, Any]]:
    return list(data.get("incidents", [data]))


def outages(durations: tuple[int, ...]) -> dict[str, int]:
    """Give the counts over all durations and ways of failing."""
    total: dict[str, int] = {}
    for seconds in durations:
        for how in (SendFailed("busy", permanent=False), RuntimeError("a defect")):
            for severity in ("P1", "P2"):
                for name, count in asyncio.run(down_for(seconds, how, severity)).items():
                    total[name] = total.get(name, 0) + count
    return total


# -- the next method


def next_method(way: str, seed: int) -> float:
    """Give how many seconds after she was called Mira got something by another way than the one that is down."""
    cluster = Cluster(seed, 1, lease_expires=False)
    try:
        cluster.modes["push"] = way
        cluster.ask(cluster.nodes[0], lambda engine: engine.ingest([event("till", severity="P1")]))
        cluster.run(100)
        (facts,) = timelines(cluster).items()
        number, told = facts
        called = next(fact for fact in told if isinstance(fact.body, f.Escalated))
        began = cluster.ledger.committed_at[number, called.seq]
        other = [one.at for one in cluster.ledger.accepted if one.person == "mira" and one.channel != "push"]
        return min(other, default=1e9) - began
    finally:
        cluster.close()


# -- races


def race(seed: int) -> tuple[int, int, int]:
    """Let somebody acknowledge around a due page; give wrong sends, those under way, and those of them not marked."""
    chance = random.Random(seed)  # noqa: S311  repeatable on purpose
    cluster = Cluster(seed, 1, lease_expires=chance.random() < 0.5)  # noqa: PLR2004  one half each
    try:
        node = cluster.nodes[0]
        cluster.ask(node, lambda engine: engine.ingest([event("till", severity="P1")]))
        cluster.run(chance.uniform(0, 3.5))
        numbers = [head.number for head in t_heads(cluster)]
        if not numbers:
            return 0, 0, 0
        cluster.ask(node, lambda engine: engine.act(numbers[0], w.Acknowledge(by="person:bo"), t.SYSTEM))
        cluster.run(60)
        facts = timelines(cluster)[numbers[0]]
        taken = [fact for fact in facts if isinstance(fact.body, f.Acknowledged)]
        if not taken:
            return 0, 0, 0
        at = cluster.ledger.committed_at[numbers[0], taken[0].seq]
        sent = [one for one in cluster.ledger.accepted if one.kind == "page"]
        wrong = sum(one.checked_at > at for one in sent)
        crossing = [one for one in sent if one.checked_at <= at < one.at]
        marked = sum(isinstance(fact.body, f.Paged) and fact.body.crossed for fact in facts)
        return wrong, len(crossing), max(len(crossing) - marked, 0)
    finally:
        cluster.close()


def t_heads(cluster: Cluster) -> Any:  # noqa: ANN401  rows of the store
    """Give the incidents there are."""
    from tocsin.store.sqlite import perform, statements  # noqa: PLC0415  only here

    return perform(cluster.store.db, statements(), t.heads())


def main(argv: list[str]) -> int:
    """Play all three, tell, and give 1 when something that must hold does not."""
    parser = argparse.ArgumentParser(prog="script/chaos outage", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer durations, 100 races instead of 10,000")
    parser.add_argument("--races", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    arguments = parser.parse_args(argv)
    logging.getLogger("tocsin").setLevel(logging.CRITICAL + 1)
    began = time.monotonic()
    found: dict[str, Any] = {"name": "outage", **outages(DOWN_QUICK if arguments.quick else DOWN)}
    found["lost"] = found["called"] - found["delivered"]
    seeds = range(arguments.seed, arguments.seed + (2 if arguments.quick else 25))
    waits = {way: max(next_method(way, seed) for seed in seeds) for way in WAYS}
    found["next_method_worst_seconds"] = {way: round(worst, 1) for way, worst in waits.items()}
    races = min(arguments.races, 100) if arguments.quick else arguments.races
    ended = [race(arguments.seed + place) for place in range(races)]
    wrong, crossing, unmarked = (sum(one[place] for one in ended) for place in range(3))
    found |= {"races": races, "sent_after_acknowledge": wrong, "under_way": crossing, "under_way_unmarked": unmarked}
    late = [way for way, worst in waits.items() if worst > PATIENCE.total_seconds() + SLOW]
    found["seconds"] = round(time.monotonic() - began, 1)
    print(json.dumps(found))
    return 1 if found["lost"] or found["wrongly_marked"] or late or wrong or unmarked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
