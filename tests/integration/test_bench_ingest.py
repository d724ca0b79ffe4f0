import json
import subprocess
import sys
from typing import Any

import pytest

from conftest import ROOT


def told(name: str, *options: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, str(ROOT / "script" / f"bench_{name}.py"), *options],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("door", ["tocsin-events", "tocsin-two-webhook"])
def test_every_alert_that_was_answered_for_is_stored_when_the_server_is_killed(door: str) -> None:
    for figures in told("ingest", "--quick", "--only", door)["ingest"].values():
        assert figures[door]["rps"] > 0
        assert (figures[door]["lost"], figures[door]["refused"], figures[door]["broken"]) == (0, 0, 0)


def test_many_events_over_few_keys_are_all_stored_in_little_memory_while_the_pages_answer() -> None:
    found = told("ingest", "--events", "10000")
    assert (found["events"], found["lost"]) == (10_000, 0)
    assert found["growth_mib"] < 50
    assert all(statuses == [200] for statuses in found["pages"].values())


def test_every_alert_becomes_one_page_at_the_sink() -> None:
    assert told("page", "--quick")["rates"]["20"]["tocsin"]["lost"] == 0
