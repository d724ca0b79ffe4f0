"""Play thousands of random histories of real engines on virtual time, and count what must never happen.

A batch has a seed of its own and plays the same histories every time, so a failure is repeated with the command that
is printed with it.
"""

import argparse
import json
import secrets
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

BATCH = 50
VARIANTS = ("nodes", "boots", "alone")
KINDS = {
    "lost": ("lost", "never paged", "fallback was not paged", "was not paged", "paged who was not"),
    "duplicates_unexplained": ("and again at",),
    "early": ("early", "without reason", "sent although"),
    "late": ("nobody woke it", "whatever happens"),
    "stuck": ("stuck", "never settles", "should have"),
}


class Batch(NamedTuple):
    """What to play: so many histories of that variant with that seed."""

    variant: str
    seed: int
    histories: int
    shrink: bool


class Outcome(NamedTuple):
    """What came of it: how many histories were played and the first that failed, if any."""

    batch: Batch
    played: int
    failure: str | None


def play(batch: Batch) -> Outcome:
    """Play one batch in this process."""
    import hypothesis  # noqa: PLC0415  only the processes that play pay for these imports
    from hypothesis.stateful import run_state_machine_as_test  # noqa: PLC0415

    from simulation.machine import (  # noqa: PLC0415
        Broken,
        Histories,
        HistoriesOfOneNode,
        HistoriesOutOfOrder,
        profile,
    )

    base = {"nodes": Histories, "boots": HistoriesOfOneNode, "alone": HistoriesOutOfOrder}[batch.variant]
    machine = hypothesis.seed(batch.seed)(type(base.__name__, (base,), {}))
    Histories.played = 0
    try:
        run_state_machine_as_test(machine, settings=profile(batch.histories, shrink=batch.shrink))
    except Broken as broken:
        return Outcome(batch, Histories.played, "\n".join([str(broken), *getattr(broken, "__notes__", [])]))
    except Exception as error:  # noqa: BLE001  a history that raises is a finding too
        return Outcome(batch, Histories.played, "\n".join([repr(error), *getattr(error, "__notes__", [])]))
    return Outcome(batch, Histories.played, None)


def batches(arguments: argparse.Namespace) -> list[Batch]:
    """Give the batches to play, one variant after the other."""
    sizes = [BATCH] * (arguments.histories // BATCH)
    if arguments.histories % BATCH:
        sizes.append(arguments.histories % BATCH)
    variants = VARIANTS if arguments.variant is None else (arguments.variant,)
    return [
        Batch(variants[place % len(variants)], arguments.seed + place, size, arguments.shrink)
        for place, size in enumerate(sizes)
    ]


def summary(outcomes: list[Outcome], seconds: float) -> dict[str, Any]:
    """Give the counts; a sentence of a failing history counts under the first kind that knows its words."""
    counts = dict.fromkeys([*KINDS, "other"], 0)
    failures = [outcome for outcome in outcomes if outcome.failure is not None]
    for outcome in failures:
        sentences = (outcome.failure or "").partition("Failing test case")[0].splitlines()
        for kind in {_kind(sentence) for sentence in sentences if sentence.strip()}:
            counts[kind] += 1
    return {
        "name": "simulate",
        "histories": sum(outcome.played for outcome in outcomes),
        **counts,
        "seconds": round(seconds, 1),
        "failures": [{"again": _again(outcome.batch), "text": outcome.failure} for outcome in failures],
    }


def _again(batch: Batch) -> str:
    return f"script/chaos simulate --seed {batch.seed} --variant {batch.variant} --histories {batch.histories}"


def _kind(sentence: str) -> str:
    return next((kind for kind, words in KINDS.items() if any(word in sentence for word in words)), "other")


def main(argv: list[str]) -> int:
    """Play, tell, and give 1 when a property failed."""
    arguments = _parser().parse_args(argv)
    if arguments.store == "postgresql":
        print("simulate: there is no PostgreSQL store yet; use --store sqlite", file=sys.stderr)
        return 2
    if arguments.quick:
        arguments.histories = min(arguments.histories, 300)
    began, outcomes = time.monotonic(), list[Outcome]()
    print(f"seed {arguments.seed}", file=sys.stderr)
    with ProcessPoolExecutor(max_workers=arguments.processes) as pool:
        for outcome in pool.map(play, batches(arguments)):
            outcomes.append(outcome)
            played = sum(done.played for done in outcomes)
            failed = sum(done.failure is not None for done in outcomes)
            rate = played / (time.monotonic() - began)
            print(f"{played} histories, {failed} failed, {rate:.0f}/s", file=sys.stderr)
            if outcome.failure is not None:  # at once, so that a run which is cut short has told of it
                print(f"{_again(outcome.batch)}\n{outcome.failure}\n", file=sys.stderr)
    found = summary(outcomes, time.monotonic() - began)
    print(json.dumps(found))
    return 1 if found["failures"] else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/chaos simulate", description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9), help="of the first batch")
    parser.add_argument("--quick", action="store_true", help="300 histories at most")
    parser.add_argument("--shrink", action="store_true", help="look for the shortest failing history, which takes long")
    parser.add_argument(
        "--variant",
        choices=VARIANTS,
        help="nodes: several on one store; boots: one, on SQLite; alone: one, on PostgreSQL",
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="the last line is JSON either way")
    return parser
