import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from tocsin.cli import triage

RUNBOOK = """# Press

## Severity Levels

### P0 - Critical (Response Time: Immediate)

- Total outage

### P1 - High (Response Time: 15 minutes)

- Anything else

## Common Incidents

### 1. Paper Jam

**Symptoms**:

- Rollers stand still

### 2. Ink Leaking

**Symptoms**:

- Puddle under the press
"""


def event(summary: str, **more: Any) -> str:
    payload = {"summary": summary, "source": "hall-2", "severity": "info"}
    return json.dumps({"event_action": "trigger", "payload": payload} | more)


def triaged(folder: Path, lines: list[str], *more: str) -> int:
    (folder / "press.md").write_text(RUNBOOK)
    (folder / "events.jsonl").write_text("\n".join(lines))
    parser = argparse.ArgumentParser()
    triage.add_command(parser.add_subparsers())
    args = parser.parse_args(["triage", str(folder / "press.md"), str(folder / "events.jsonl"), *more])
    code: int = args.run(args)
    return code


def test_each_alert_gets_one_line_with_its_entry_and_the_line_of_each_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrapped = f'{{"id": "e7", "event": {event("rollers stand still")}}}'
    assert triaged(tmp_path, [wrapped, event("lunch is ready", dedup_key="canteen", routing_key="k" * 32)]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["id"], first["incident_type"]) == ("e7", "paper-jam")
    assert any("press.md:" in reason for reason in first["because"])
    assert first["considered"][0] == {"incident_type": "paper-jam", "score": first["score"]}
    assert (second["id"], second["incident_type"]) == ("canteen", None)


def test_a_bad_line_is_named_and_the_others_are_still_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert triaged(tmp_path, ["{oops", "", event("puddle under the press")]) == 2
    printed = capsys.readouterr()
    assert json.loads(printed.out)["incident_type"] == "ink-leaking"
    assert printed.err == "line 1: JSON parse error\n"


def test_the_configuration_beside_the_runbook_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tocsin.toml").write_text('[incident_types.ink-leaking]\nseverity = "P0"\nalerts = ["PuddleSeen"]\n')
    assert triaged(tmp_path, [event("PuddleSeen")]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["incident_type"], answer["severity"]) == ("ink-leaking", "P0")


def test_a_configuration_that_is_not_there_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert triaged(tmp_path, [event("x")], "--config", str(tmp_path / "none.toml")) == 2
    assert "none.toml" in capsys.readouterr().err


@pytest.mark.parametrize(("action", "words"), [("resolve", "is over"), ("acknowledge", "was seen by somebody")])
def test_what_says_that_an_alert_is_over_or_seen_opens_nothing_whatever_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], action: str, words: str
) -> None:
    assert triaged(tmp_path, [event("rollers stand still", event_action=action, dedup_key="k7")]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["id"], answer["incident_type"], answer["severity"]) == ("k7", None, None)
    assert answer["because"] == [f"it opens nothing: it says that k7 {words}"]
