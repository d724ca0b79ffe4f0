import json
import subprocess
import sys
from typing import Any

import pytest

from conftest import ROOT


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    drill = subprocess.run(
        [sys.executable, str(ROOT / "script" / "chaos_disk.py"), "--quick"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert drill.returncode == 0, drill.stdout + drill.stderr
    found: dict[str, Any] = json.loads(drill.stdout.splitlines()[-1])
    return found


def test_a_full_disk_is_answered_with_503_and_the_reason(figures: dict[str, Any]) -> None:
    assert figures["refused"] > 0
    assert (figures["accepted_meanwhile"], figures["other_answers"]) == (0, 0)
    assert "full" in figures["reason"]


def test_with_a_full_disk_each_waiting_page_is_tried_once(figures: dict[str, Any]) -> None:
    assert figures["tried_without_store"] > 0
    assert figures["tried_more_than_once"] == 0


def test_with_room_again_everything_goes_on_by_itself_and_nothing_was_lost(figures: dict[str, Any]) -> None:
    assert (figures["lost"], figures["early"], figures["after_acknowledge"]) == (0, 0, 0)
    assert figures["verify"] == "clean"
