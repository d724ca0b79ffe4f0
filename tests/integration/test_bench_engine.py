import json
import subprocess
import sys

from conftest import ROOT


def test_waiting_pages_go_out_once_each_and_none_before_its_time() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "script" / "bench_engine.py"), "--quick", "--only", "tocsin-sqlite"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    figures = json.loads(run.stdout.splitlines()[-1])["engines"]["tocsin-sqlite"]
    assert (figures["lost"], figures["duplicates"], figures["early"]) == (0, 0, 0)
