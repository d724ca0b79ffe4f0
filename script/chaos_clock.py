"""Let clocks jump and machines sleep: what became due meanwhile happens once, in order, and nothing happens early.

The wall clock jumps an hour ahead or back, or eight hours ahead as after a sleep, at random moments of incidents that
nobody or somebody answers. The oracle of the simulation judges every timeline.
"""

import argparse
import asyncio
import itertools
import json
import logging
import random
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from simulation.by_hand import FIRST, ByHand, simple
from simulation.properties import _told as faults_of
from tocsin.drill.clock import MovedClock
from tocsin.incident import facts as f
from tocsin.incident import wishes as w

JUMPS = {"ahead": 3600, "back": -3600, "sleep": 8 * 3600}


class JumpingClock(MovedClock):
    """A wall clock that can jump; the monotonic one counts only what passed."""

    def __init__(self, at: datetime) -> None:
        """Begin at an instant."""
        super().__init__(at)
        self._passed = 0.0

    def monotonic(self) -> float:
        """Give the seconds that passed."""
        return self._passed

    def move_to(self, at: datetime) -> None:
        """Let time pass until then."""
        self._passed += max((at - self.now()).total_seconds(), 0.0)
        super().move_to(at)

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._passed += by.total_seconds()
        super().advance(by)

    def jump(self, by: timedelta) -> None:
        """Show another time although none passed."""
        super().move_to(self.now() + by)


async def play(seed: int, what: str) -> tuple[list[str], int]:
    """Play one incident with a jump; give what is wrong, and how many calls it had."""
    chance = random.Random(seed)  # noqa: S311  repeatable on purpose
    hands = ByHand(simple(max_rounds=2), clock=JumpingClock)
    clock = hands.clock
    if not isinstance(clock, JumpingClock):
        raise TypeError("the clock of this drill jumps")
    await hands.opens(chance.choice(("P0", "P1", "P2")))
    await hands.let_pass(chance.uniform(0, 70))
    answered = chance.random() < 0.3  # noqa: PLR2004  some are
    if answered:
        await hands.act(w.Acknowledge(by="person:mira"))
        await hands.settle()
    before = len(hands.facts())
    clock.jump(timedelta(seconds=JUMPS[what]))
    await hands.settle()
    at_once = [fact.body for fact in hands.facts()[before:] if isinstance(fact.body, f.Escalated)]
    await hands.let_pass(12 * 60)
    facts = hands.facts()
    found = list(faults_of(facts))
    twice = [key for key, count in Counter(sent.message.key for sent in hands.sent).items() if count > 1]
    found += [f"{key} was sent twice" for key in twice]
    found += [f"time runs backwards at fact {b.seq}" for a, b in itertools.pairwise(facts) if b.at < a.at]
    levels = [fact.body.level for fact in facts if isinstance(fact.body, f.Escalated) and fact.body.round == 1]
    ladder = [level for level in levels if level.startswith("L")]
    if ladder != sorted(ladder):
        found.append(f"levels were called as {ladder}")
    if not answered and {body.level for body in at_once} >= {"L2", "L3"}:
        found.append("L2 and L3 rang together")
    hands.inner.close()
    calls = sum(isinstance(fact.body, f.Escalated) for fact in facts)
    return [f"seed {seed} {what} {FIRST}: {text}" for text in found], calls


def main(argv: list[str]) -> int:
    """Play, tell, and give 1 when something happened twice, early or out of order."""
    parser = argparse.ArgumentParser(prog="script/chaos clock", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 incidents for each kind of jump instead of 200")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    arguments = parser.parse_args(argv)
    logging.getLogger("tocsin").setLevel(logging.CRITICAL + 1)
    began, faults, calls = time.monotonic(), list[str](), 0
    count = 10 if arguments.quick else 200
    for what in JUMPS:
        for place in range(count):
            found, called = asyncio.run(play(arguments.seed + place, what))
            faults += found
            calls += called
    said: dict[str, Any] = {"name": "clock", "incidents": count * len(JUMPS), "jumps": list(JUMPS), "calls": calls}
    said |= {"wrong": len(faults), "faults": faults[:5], "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps(said))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
