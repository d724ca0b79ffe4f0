"""Leave out one sentence of the engine after the other, and see that the test that names it fails.

Works on a copy of src/: the working tree is not touched.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from simulation.mutants import HISTORIES, HISTORY_MUTANTS, MUTANTS, WAKING_MUTANTS, Mutant  # noqa: E402  it lives among the tests

FAILED = 1
"""What pytest ends with when it ran and a test failed; anything higher means that it could not run."""


def judge(mutant: Mutant, copy: Path) -> str:
    """Give what became of a mutant: killed, survived, stale (its text is gone) or broken (the test did not run)."""
    file = copy / "tocsin" / mutant.file
    text = file.read_text("utf-8")
    if text.count(mutant.old) != 1:
        return "stale"
    file.write_text(text.replace(mutant.old, mutant.new), "utf-8")
    try:
        seconds = "600" if mutant.tests == HISTORIES else "60"  # one that never ends is noticed too
        code = run(["--timeout", seconds, f"tests/simulation/{mutant.tests}", "-k", f"test_{mutant.test}"], copy)
    finally:
        file.write_text(text, "utf-8")
    return {0: "survived", FAILED: "killed"}.get(code, "broken")


def run(what: list[str], copy: Path) -> int:
    """Run tests on a copy of the source and give pytest's exit code."""
    # Without bytecode: two versions of one file within a second would be taken for the same.
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *what]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode


@contextmanager
def copies(number: int) -> Iterator["SimpleQueue[Path]"]:
    """Give so many copies of src/ to work on."""
    free: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="tocsin-mutants-") as folder:
        for place in range(number):
            copy = Path(folder) / str(place) / "src"
            shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__"))
            free.put(copy)
        yield free


def main(argv: list[str]) -> int:
    """Judge them all, tell, and give 1 unless each was killed."""
    arguments = _parser().parse_args(argv)
    chosen = [
        one for one in (*MUTANTS, *WAKING_MUTANTS, *HISTORY_MUTANTS) if not arguments.quick or one.tests != HISTORIES
    ]
    chosen = [mutant for mutant in chosen if arguments.only in f"{mutant.file} {mutant.tests} {mutant.test}"]
    began, counts = time.monotonic(), dict.fromkeys(("killed", "survived", "stale", "broken"), 0)
    failures: list[dict[str, str]] = []
    with copies(arguments.processes) as free, ThreadPoolExecutor(arguments.processes) as pool:

        def take(mutant: Mutant) -> tuple[Mutant, str]:
            copy = free.get()
            try:
                return mutant, judge(mutant, copy)
            finally:
                free.put(copy)

        for mutant, verdict in pool.map(take, chosen):
            counts[verdict] += 1
            print(f"{verdict:8} {mutant.file}: {mutant.new.strip()[:60]!r} ({mutant.test})", file=sys.stderr)
            if verdict != "killed":
                failures.append({"verdict": verdict, **mutant._asdict()})
    seconds = round(time.monotonic() - began, 1)
    print(json.dumps({"name": "mutants", "mutants": len(chosen), **counts, "seconds": seconds, "failures": failures}))
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/chaos mutants", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only those with a directed test")
    parser.add_argument("--only", default="", help="those whose file or test has this in its name")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    return parser
