"""Let thousands of alerts come at once: each person gets a few messages and then bundles, the most urgent first.

The real engine on moved time. Nobody is forgotten: every incident records that its person was paged, with the receipt
of the message it was in.
"""

import argparse
import asyncio
import json
import logging
import random
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from simulation.by_hand import ByHand, simple
from simulation.company import event
from tocsin.engine.pacing import LANE
from tocsin.incident import facts as f
from tocsin.store import transactions as t

SEVERITIES = ("P0", "P1", "P2")
AFTER = timedelta(minutes=3)


async def storm(groups: int, alerts: int, seconds: int, seed: int) -> dict[str, Any]:
    """Let so many alerts of so many groups come in so many seconds; give what became of them."""
    chance = random.Random(seed)  # noqa: S311  repeatable on purpose
    hands = ByHand(simple())
    bad = {f"group-{number:04}": chance.choice(SEVERITIES) for number in range(groups)}
    names = [name for name in bad for _ in range(alerts // groups)]
    chance.shuffle(names)
    for second in range(max(seconds, 1)):
        coming = names[second :: max(seconds, 1)]
        await hands.a.engine.ingest([event(name, severity=bad[name]) for name in dict.fromkeys(coming)])
        for name in coming[len(dict.fromkeys(coming)) :]:
            await hands.a.engine.ingest([event(name, severity=bad[name])])
        await hands.settle()
        hands.clock.advance(timedelta(seconds=1))
    await hands.let_pass(AFTER.total_seconds() / 60)
    found = _judged(hands)
    hands.inner.close()
    return found


def _judged(hands: ByHand) -> dict[str, Any]:
    lost, worst = 0, 0.0
    heads = hands.now(t.heads())
    for head in heads:
        facts = hands.facts(head.number)
        opened = facts[0].body
        paged = [(fact.at, fact.body) for fact in facts if isinstance(fact.body, f.Paged)]
        for call in facts:
            if not isinstance(call.body, f.Escalated):
                continue
            for who in call.body.people:
                place = (call.body.level, call.body.round, who.person)
                mine = [at for at, body in paged if (body.level, body.round, body.person) == place]
                lost += not mine
                if mine and isinstance(opened, f.Opened) and opened.severity == "P0":
                    worst = max(worst, (mine[0] - call.at).total_seconds())
    messages: dict[str, int] = {}
    inversions = 0
    for sent in hands.sent:
        if sent.message.kind != "page":
            continue
        messages[sent.person] = messages.get(sent.person, 0) + 1
        parts: Any = sent.message.data.get("incidents", ())
        order = [one["priority"]["summary"] for one in parts]
        inversions += order != sorted(order)
    lasted = (hands.clock.now() - hands.began).total_seconds()
    bound = LANE.burst + int(lasted // LANE.per.total_seconds()) + 1
    return {
        "incidents": len(heads),
        "pages": sum(len(one.message.keys) or 1 for one in hands.sent if one.message.kind == "page"),
        "messages": messages,
        "bound": bound,
        "lost": lost,
        "p0_worst_seconds": round(worst, 1),
        "inversions": inversions,
    }


def main(argv: list[str]) -> int:
    """Play, tell, and give 1 when somebody is forgotten, flooded, or told in the wrong order."""
    parser = argparse.ArgumentParser(prog="script/chaos storm", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="150 different alerts at once")
    parser.add_argument("--alerts", type=int, default=5000)
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    arguments = parser.parse_args(argv)
    logging.getLogger("tocsin").setLevel(logging.CRITICAL + 1)
    began = time.monotonic()
    groups, alerts, seconds = (150, 150, 0) if arguments.quick else (arguments.groups, arguments.alerts, 60)
    found = asyncio.run(storm(groups, alerts, seconds, arguments.seed))
    said = {"name": "storm", "alerts": alerts, **found, "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps(said))
    late = found["p0_worst_seconds"] > LANE.per.total_seconds() + 1
    return 1 if found["lost"] or found["inversions"] or late or max(found["messages"].values()) > found["bound"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
