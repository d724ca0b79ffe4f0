import json
import subprocess
import sys
from typing import Any

import pytest

from conftest import ROOT


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    drill = subprocess.run(
        [sys.executable, str(ROOT / "script" / "chaos_kill.py"), "--quick", "--format", "json"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert drill.returncode == 0, drill.stdout + drill.stderr
    found: dict[str, Any] = json.loads(drill.stdout.splitlines()[-1])
    return found


def test_a_killed_server_loses_no_alert_page_or_answer(figures: dict[str, Any]) -> None:
    assert figures["kills"] == 3
    assert figures["accepted"] == figures["incidents"] == 8
    assert figures["pages"] >= 8
    assert figures["lost"] == 0


def test_a_killed_server_pages_twice_only_around_the_kill(figures: dict[str, Any]) -> None:
    assert figures["unexplained_duplicates"] == 0


def test_a_killed_server_neither_calls_early_nor_after_somebody_has_it(figures: dict[str, Any]) -> None:
    assert (figures["early"], figures["after_acknowledge"]) == (0, 0)


def test_the_record_of_a_killed_server_is_clean_and_no_flipped_bit_goes_unseen(figures: dict[str, Any]) -> None:
    assert figures["verify"] == "clean"
    assert figures["flips"] == figures["flips_found"] > 0
    assert figures["flip_exit_code"] == 1
