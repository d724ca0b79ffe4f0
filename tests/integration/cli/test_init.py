"""`tocsin init` on files: what it writes, and what it never touches."""

import asyncio
from pathlib import Path

import pytest

from conftest import ROOT
from tocsin.assembly import Options, assemble
from tocsin.cli.main import main

EXAMPLE = ROOT / "examples" / "sequencer" / "RUNBOOK.md"


@pytest.fixture
def runbook(tmp_path: Path) -> Path:
    path = tmp_path / "docs" / "RUNBOOK.md"
    path.parent.mkdir()
    path.write_bytes(EXAMPLE.read_bytes())
    return path


def test_it_writes_a_configuration_beside_the_document_that_a_server_takes(
    runbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(runbook)]) == 0
    told = capsys.readouterr().out
    written = runbook.parent / "tocsin.toml"
    assert str(written) in told
    assert f"{written.read_text('utf-8').count('FILL IN') - 1} blanks" in told
    assert runbook.read_bytes() == EXAMPLE.read_bytes()
    assert main(["check", str(runbook)]) == 0
    tocsin = asyncio.run(assemble(Options(runbook, written, tmp_path / "data")))
    assert tocsin.settings.roles["L2"] == ("team-lead",)
    tocsin.store.close()


def test_a_file_that_is_there_is_left_as_it_is(runbook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = runbook.parent / "tocsin.toml"
    there.write_text("timezone = 'UTC'\n", "utf-8")
    assert main(["init", str(runbook)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "is there already" in told.err
    assert "--output" in told.err
    assert there.read_text("utf-8") == "timezone = 'UTC'\n"


def test_neither_the_document_nor_what_a_link_leads_to_is_overwritten(
    runbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(runbook), "--output", str(runbook)]) == 2
    assert runbook.read_bytes() == EXAMPLE.read_bytes()
    (runbook.parent / "tocsin.toml").symlink_to(tmp_path / "elsewhere")
    assert main(["init", str(runbook)]) == 2
    assert not (tmp_path / "elsewhere").exists()
    assert capsys.readouterr().err.count("\n") == 2


def test_another_place_may_be_named_and_the_document_is_found_from_there(runbook: Path, tmp_path: Path) -> None:
    other = tmp_path / "etc" / "our.toml"
    other.parent.mkdir()
    assert main(["init", str(runbook), "--output", str(other)]) == 0
    assert 'runbook = "../docs/RUNBOOK.md"' in other.read_text("utf-8")
    assert not (runbook.parent / "tocsin.toml").exists()


def test_it_may_be_printed_instead(runbook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(runbook), "--output", "-"]) == 0
    assert "[roles]" in capsys.readouterr().out
    assert [path.name for path in runbook.parent.iterdir()] == ["RUNBOOK.md"]


@pytest.mark.parametrize("place", ["gone/tocsin.toml", "docs/RUNBOOK.md/tocsin.toml", "docs"])
def test_a_place_that_cannot_be_written_is_one_line_that_says_what_to_do(
    place: str, runbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(runbook), "--output", str(tmp_path / place)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert place in told.err
    assert "--output" in told.err


@pytest.mark.parametrize("command", ["init", "rules"])
@pytest.mark.parametrize("data", [None, b"", b"\x00\x01", b"no heading"])
def test_what_is_no_runbook_is_one_line_and_answers_2(
    command: str, data: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.md"
    if data is not None:
        path.write_bytes(data)
    assert main([command, str(path)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert told.err.startswith(f"tocsin: {path}: ")
    assert not (tmp_path / "tocsin.toml").exists()


def test_a_document_without_thresholds_has_no_rules_and_answers_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "R.md").write_text("# S\n\n## Incidents\n\n### Till Down\n\n**Symptoms**:\n\n- it is down\n", "utf-8")
    assert main(["rules", str(tmp_path / "R.md")]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == "groups: []"
    assert "no symptom of an entry has a threshold" in told.err
    assert told.err.count("\n") == 1


def test_a_wrong_configuration_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "R.md").write_text("# S\n", "utf-8")
    (tmp_path / "tocsin.toml").write_text('[metrics."error rate"]\nunit = "%"\n', "utf-8")
    assert main(["rules", str(tmp_path / "R.md")]) == 2
    assert "needs expr" in capsys.readouterr().err
