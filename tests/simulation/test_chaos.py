"""The drills of channels, clocks and storms, in their short form."""

import json
import subprocess
import sys

import pytest

from conftest import ROOT


def played(name: str) -> dict[str, object]:
    """Play one and give its figures; it ends with 0 only when all held."""
    script = ROOT / "script" / f"chaos_{name}.py"
    command = [sys.executable, str(script), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.timeout(300)
def test_a_channel_that_was_down_delivers_all_and_no_page_begins_after_an_acknowledgement() -> None:
    found = played("outage")
    assert (found["lost"], found["sent_after_acknowledge"]) == (0, 0)
    assert found["late"]
    assert found["under_way"], "some pages were under way when somebody took it"


@pytest.mark.timeout(300)
def test_jumps_of_the_clock_and_sleep_repeat_and_hurry_nothing() -> None:
    assert played("clock")["wrong"] == 0


@pytest.mark.timeout(300)
def test_a_storm_reaches_each_person_as_a_few_messages_and_forgets_nobody() -> None:
    found = played("storm")
    assert (found["incidents"], found["lost"], found["inversions"]) == (150, 0, 0)
