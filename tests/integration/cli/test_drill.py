"""`tocsin drill` on files: what it prints, and what it answers with."""

import json
from pathlib import Path

import pytest

from conftest import ROOT
from tocsin.cli.main import main

PAGE = ROOT / "docs" / "how-to" / "rehearse-a-runbook.md"
KEYS = {
    "incident_type", "variant", "passed", "detected", "matched", "severity", "paged", "acknowledged", "diagnostics",
    "resolved", "told", "reviewed", "restored", "because",
}  # fmt: skip


def block(language: str) -> str:
    """What the page shows in its first fence of that language."""
    return PAGE.read_text().partition(f"```{language}\n")[2].partition("```\n")[0]


@pytest.fixture
def kiln(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runbook of the page, in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "KILN.md").write_text(block("markdown"))
    return tmp_path


@pytest.mark.usefixtures("kiln")
def test_the_page_shows_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    command, _, output = block("console").partition("\n")
    assert main(command.removeprefix("$ tocsin ").split()) == 0
    assert capsys.readouterr().out == output


def test_the_configuration_of_the_page_is_one(kiln: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kiln / "tocsin.toml").write_text(block("toml").partition("[incident_types")[0])
    assert main(["drill", "KILN.md", "kiln-cold"]) == 1
    assert "no incident of kiln-cold was opened\n\n2 of 3 drills passed.\n" in capsys.readouterr().out
    (kiln / "tocsin.toml").write_text(block("toml"))
    assert main(["drill", "KILN.md", "kiln-cold", "--format", "json"]) == 0
    drills = json.loads(capsys.readouterr().out)["drills"]
    assert [drill["variant"] for drill in drills] == ["line-26", "line-27", "gas"]
    assert {key for drill in drills for key in drill} == KEYS


def test_without_a_runbook_the_configuration_names_it(kiln: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kiln / "tocsin.toml").write_text('runbook = "KILN.md"\n')
    assert main(["drill", "--all"]) == 0
    assert "3 of 3 drills passed." in capsys.readouterr().out


def test_without_either_the_example_of_the_clone_is_rehearsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["drill", "sequencer-down", "--format", "json"]) == 0
    drills = json.loads(capsys.readouterr().out)["drills"]
    assert {drill["incident_type"] for drill in drills} == {"sequencer-down"}


@pytest.mark.usefixtures("kiln")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["NOWHERE.md"], "NOWHERE.md: No such file or directory"),
        (["KILN.md", "OTHER.md"], "one runbook is rehearsed at a time, not KILN.md and OTHER.md"),
        (["KILN.md", "kiln"], "the document has no entry kiln; it has kiln-cold, glaze-spoiled"),
        (["KILN.md", "kiln-cold", "--all"], "--all rehearses every entry; leave it out to rehearse kiln-cold"),
        (["KILN.md", "--config", "none.toml"], "none.toml"),
        (["kiln.txt"], "kiln.txt: No such file or directory"),
        (["--live"], "a live drill breaks the service: name the entries to rehearse, or say --all"),
    ],
)
def test_wrong_words_are_refused_in_one_line(capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    assert main(["drill", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err
    assert printed.err.count("\n") == 1


def test_a_runbook_may_be_called_whatever_its_file_is(kiln: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("kiln.txt", "kiln"):
        (kiln / name).write_text((kiln / "KILN.md").read_text())
        assert main(["drill", name, "glaze-spoiled", "--format", "json"]) == 0
        assert [one["incident_type"] for one in json.loads(capsys.readouterr().out)["drills"]] == ["glaze-spoiled"]
