import json
import subprocess
import sys

from conftest import ROOT


def test_a_server_that_is_killed_while_it_watches_tells_each_turn_once_and_makes_none_up() -> None:
    drill = subprocess.run(
        [sys.executable, str(ROOT / "script" / "chaos_probes.py"), "--quick", "--format", "json"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert drill.returncode == 0, drill.stdout + drill.stderr
    found = json.loads(drill.stdout.splitlines()[-1])
    assert found["kills"] > 0 < found["stops"]
    assert found["alerts"] == found["recoveries"] > 0
    assert (found["out_of_step"], found["false"]) == (0, 0)
