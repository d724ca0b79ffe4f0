"""`tocsin show` on files, and what both it and `check` do with what cannot be read."""

import argparse
import json
from pathlib import Path

import pytest

from tocsin.cli import checking, documents

EXAMPLE = Path(__file__).parents[3] / "examples/sequencer/RUNBOOK.md"
BROKEN = """# Shop

## Till Down (P1)

**Diagnosis**:

```bash
tail -f /var/log/till.log
```

**Escalation**: If not resolved in 10 min → Shop owner

**Resolved when**: it prints
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "RUNBOOK.md"
    path.write_text(BROKEN, "utf-8")
    return path


def tocsin(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(required=True)
    checking.add_command(subparsers)
    documents.add_command(subparsers)
    args = parser.parse_args([str(word) for word in words])
    code: int = args.run(args)
    return code


def test_the_configuration_beside_the_runbook_fills_blanks(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (broken.parent / "tocsin.toml").write_text('[people.ann]\n[roles]\n"Shop owner" = ["ann"]\n', "utf-8")
    tocsin("check", broken)
    assert "RB208" not in capsys.readouterr().out


def test_a_wrong_configuration_is_one_line_and_answers_2(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = broken.parent / "other.toml"
    config.write_text("peple = 1\n", "utf-8")
    assert tocsin("check", broken, "--config", config) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert str(config) in printed.err


def test_a_code_is_explained_with_or_without_a_runbook(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("check", "--explain", "rb103") == 0
    assert capsys.readouterr().out.startswith("# RB103: a command never comes back\n")
    assert tocsin("check", "--explain", "RB999") == 2
    assert "there is no code RB999" in capsys.readouterr().err


def test_show_cites_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("show", EXAMPLE) == 0
    printed = capsys.readouterr().out
    assert "Sequencer Down  [sequencer-down]  :38" in printed
    assert "Executive: CTO (P0 only)  :34" in printed


def test_show_prints_the_policy_with_iso_durations(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("show", EXAMPLE, "--format", "json") == 0
    printed = json.loads(capsys.readouterr().out)
    parts = {"severities", "escalation", "incident_types", "templates", "review", "commands", "contacts", "findings"}
    assert parts <= set(printed)
    assert printed["severities"][2]["response"] == {"kind": "within", "after": "PT2H"}
    symptom = printed["incident_types"][0]["symptoms"][0]
    assert (symptom["bound_to"], symptom["gap"]) == (None, "needs an HTTP probe of the health check")


def test_show_prints_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("show", EXAMPLE, "--format", "facts") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["document"] == "RUNBOOK.md"
    assert printed["facts"][0] == {
        "kind": "severity",
        "id": "P0",
        "name": "Critical",
        "response": "immediate",
        "line": 8,
    }


@pytest.mark.parametrize("command", ["check", "show"])
@pytest.mark.parametrize("data", [None, b"", b"\x00\x01", b"\xff\xfe", b"no heading"])
def test_what_cannot_be_read_is_one_line_and_answers_2(
    command: str, data: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.md"
    if data is not None:
        path.write_bytes(data)
    assert tocsin(command, path) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"tocsin: {path}: ")
    assert printed.err.count("\n") == 1


def test_a_folder_and_no_runbook_at_all_are_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("show", tmp_path) == 2
    assert tocsin("check") == 2
    assert capsys.readouterr().err.count("\n") == 2
