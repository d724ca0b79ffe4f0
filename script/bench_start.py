"""How long a cold start takes, from exec to the first good answer of /health, and how much memory it rests in.

Each run starts the program with fresh data; in between, the bare interpreter starts too, so that the ratio of the two
says something on any machine. The files of both are in the page cache.
"""

import argparse
import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from free_ports import free_port

from tocsin.clock import SystemClock
from tocsin.runner.kernel import stat_of

ROOT = Path(__file__).resolve().parent.parent
RUNBOOK = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
CLOCK = SystemClock()
PATIENCE = 30.0
REST = 5.0
OK = 200


def main(argv: list[str]) -> int:
    """Measure; the last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="script/bench start", description="From exec to /health; memory at rest.")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="3 runs")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="the last line is JSON either way")
    args = parser.parse_args(argv)
    runs = 3 if args.quick else max(args.runs, 1)
    starts, bare, memory, work = [], [], [], []
    for run in range(runs):
        bare.append(bare_interpreter())
        with started() as (process, seconds):
            starts.append(seconds)
            work.append(processor_time(process.pid))
            if run < (1 if args.quick else 3):
                memory.append(memory_at_rest(process.pid))
        if args.format == "text":
            print(f"run {run + 1}: {starts[-1] * 1000:.0f} ms, bare interpreter {bare[-1] * 1000:.0f} ms")
    print(json.dumps(figures(starts, bare, memory, work)))
    return 0


def figures(starts: list[float], bare: list[float], memory: list[float], work: list[float]) -> dict[str, Any]:
    """Give what is compared between versions and machines. `cpu_ms` says the same on a machine that is busy."""
    return {
        "name": "start",
        "runs": len(starts),
        "ms": {
            "min": round(min(starts) * 1000),
            "median": round(statistics.median(starts) * 1000),
            "max": round(max(starts) * 1000),
        },
        "cpu_ms": {"median": round(statistics.median(work) * 1000)},
        "rss_mib": round(statistics.median(memory), 1),
        "python_ms": {"median": round(statistics.median(bare) * 1000, 1)},
        "ratio": {"python": round(statistics.median(starts) / statistics.median(bare), 1)},
    }


def bare_interpreter() -> float:
    """Give how many seconds the interpreter needs to start and end with nothing to do."""
    began = CLOCK.monotonic()
    subprocess.run([sys.executable, "-I", "-c", "pass"], check=True)
    return CLOCK.monotonic() - began


@contextlib.contextmanager
def started() -> Iterator[tuple["subprocess.Popen[bytes]", float]]:
    """Give a fresh server that answers, and after how many seconds it did."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        port = free_port()
        given = ("--config", str(RUNBOOK.parent / "demo.toml"), "--port", str(port), "--data", f"{folder}/data")
        command = [str(Path(sys.executable).with_name("tocsin")), "serve", str(RUNBOOK), *given]
        environment = {**os.environ, "HOME": folder, "XDG_STATE_HOME": f"{folder}/state"}
        with Path(folder, "log").open("wb") as log:
            began = CLOCK.monotonic()
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
            try:
                yield process, until_healthy(process, port, began)
            finally:
                process.terminate()
                process.wait(timeout=PATIENCE)


def until_healthy(process: "subprocess.Popen[bytes]", port: int, began: float) -> float:
    """Give the seconds since `began` once /health is good."""
    while process.poll() is None and CLOCK.monotonic() - began < PATIENCE:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/health")
            if connection.getresponse().status == OK:
                return CLOCK.monotonic() - began
        time.sleep(0.002)
    raise SystemExit("script/bench start: the server did not answer")


def processes(pid: int) -> list[int]:
    """Give a process and everything it has started that still runs."""
    found, tasks = [pid], Path(f"/proc/{pid}/task").glob("*/children")
    for child in (int(child) for task in tasks for child in task.read_text().split()):
        found += processes(child)
    return found


def processor_time(pid: int) -> float:
    """Give the seconds of processor time a process has used, with what it started, all their threads together."""
    ticks = sum(stat.ticks() for one in processes(pid) if (stat := stat_of(one)))
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_at_rest(pid: int) -> float:
    """Give the resident set in MiB after five idle seconds."""
    time.sleep(REST)
    return memory(pid)


def memory(pid: int) -> float:
    """Give the resident set of a process and of what it started, in MiB."""
    lines = [line for one in processes(pid) for line in Path(f"/proc/{one}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
