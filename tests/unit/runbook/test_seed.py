"""The runbook the project began with, where it is at hand: it must be read perfectly."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tocsin.runbook.facts_view import facts
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[4] / "shared"))
SEED = SHARED / "seed/incident-response-runbook.md"
pytestmark = pytest.mark.skipif(not SEED.is_file(), reason=f"{SEED} is not there; set TOCSIN_SHARED to its folder")


@pytest.fixture(scope="module")
def seed() -> Runbook:
    return read_runbook(SEED.read_bytes(), str(SEED))


def test_severities_are_inferred_from_the_criteria(seed: Runbook) -> None:
    told = {e.id: (e.severity, e.inferred_severity, e.severity_line) for e in seed.incident_types}
    assert told == {
        "sequencer-down": (None, "P0", 7),
        "high-error-rate": (None, "P1", 16),
        "database-slow-queries": (None, "P1", 15),
        "out-of-memory": (None, "P1", None),
        "ddos-attack": (None, "P0", 8),
        "data-breach": (None, "P0", 8),
    }


def test_escalation_rules_are_read(seed: Runbook) -> None:
    rules = [entry.escalation for entry in seed.incident_types]
    assert [rule and rule.trigger for rule in rules] == [
        "not-resolved", "persists", "persists", "persists", "immediate", "immediate",
    ]  # fmt: skip
    minutes = [rule.after.total_seconds() / 60 if rule and rule.after else None for rule in rules]
    assert minutes == [30, 15, 30, None, None, None]


def test_only_the_breach_is_restricted(seed: Runbook) -> None:
    assert [entry.id for entry in seed.incident_types if entry.restricted] == ["data-breach"]


def test_everything_is_understood_and_no_line_is_left_as_a_note(seed: Runbook) -> None:
    assert seed.understood == 1.0
    assert seed.notes == ()


def test_findings_stand_on_their_lines(seed: Runbook) -> None:
    lines: dict[str, list[int]] = {}
    for finding in seed.findings:
        lines.setdefault(finding.code, []).append(finding.line)
    assert lines["RB001"] == [88, 127, 182, 218, 240, 260, 297, 304]
    assert lines["RB101"] == [170, 425]
    assert lines["RB103"] == [64, 70, 104, 197, 200, 215, 234, 237, 396]
    assert lines["RB104"] == [197]
    assert lines["RB109"] == [123]
    assert lines["RB201"] == [9, 10]
    assert lines["RB206"] == [218]
    assert lines["RB211"] == [293]
    assert lines["RB212"] == [293]


def test_the_facts_agree_with_the_labels(seed: Runbook, tmp_path: Path) -> None:
    label, scorer = SHARED / "corpora/facts/incident-response-runbook.json", SHARED / "corpora/score_facts.py"
    if not label.is_file():
        pytest.skip(f"{label} is not there")
    predicted = tmp_path / "facts.json"
    predicted.write_bytes(msgspec.json.encode(facts(seed)))
    done = subprocess.run([sys.executable, scorer, predicted, label, "--json"], capture_output=True, check=True)
    score = msgspec.json.decode(done.stdout)
    assert (score["missed"], score["wrong"], score["invented"], score["unsafe"], score["never"]) == ([], [], [], 0, 0)
