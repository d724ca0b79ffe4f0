"""`tocsin guard` as people and scripts call it: lines in, lines out, exit codes."""

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tocsin.cli.guard import add_command, bash_reads


def tocsin(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    add_command(parser.add_subparsers(required=True))
    args = parser.parse_args([str(word) for word in words])
    code: int = args.run(args)
    return code


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_text_that_reads_answers_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("guard", "-c", "df -h") == 0
    assert lines(capsys) == [{
        "id": None, "risk": "read", "flags": [], "unattended": True, "effective": "df -h", "source_flags": [],
        "because": ["it only reads"], "rewritten": None,
    }]  # fmt: skip


def test_one_text_that_changes_something_answers_1_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("guard", "-c", "systemctl restart nginx") == 1
    [line] = lines(capsys)
    assert (line["risk"], line["unattended"]) == ("change", False)
    assert line["because"] == ["`systemctl restart` changes something"]


def test_a_text_that_is_rewritten_shows_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("guard", "-c", "pm2 logs api") == 0
    [line] = lines(capsys)
    assert line["effective"] == "pm2 logs api --nostream --lines 200"
    assert (line["source_flags"], line["flags"]) == (["endless"], [])
    assert tocsin("guard", "--no-rewrite", "-c", "pm2 logs api") == 1
    [line] = lines(capsys)
    assert (line["effective"], line["flags"]) == ("pm2 logs api", ["endless"])


def test_a_file_of_commands_gives_a_line_for_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_text('{"id": "a", "text": "rm x"}\n\n{"id": 2, "lang": "sql", "text": "SELECT 1"}\n{"text": "top"}\n')
    assert tocsin("guard", path) == 0
    found = [(line["id"], line["risk"], line["unattended"]) for line in lines(capsys)]
    assert found == [("a", "destructive", False), (2, "read", True), (None, "read", True)]


def test_standard_input_is_read_like_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "DROP TABLE a", "expect": {}}\n')))
    assert tocsin("guard", "--lang", "sql", "-") == 0
    assert [line["risk"] for line in lines(capsys)] == ["destructive"]


@pytest.mark.parametrize("line", ['{"id": 1}', "df -h", '{"text": 3}', '{"text": "x", "lang": "perl"}'])
def test_a_line_that_is_none_is_named(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_text('{"text": "df"}\n' + line + "\n")
    assert tocsin("guard", path) == 2
    assert "line 2" in capsys.readouterr().err


def test_a_file_that_is_not_there_and_no_file_at_all_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("guard", "nowhere.jsonl") == 2
    assert tocsin("guard") == 2
    assert tocsin("guard", "-c", "df", "-") == 2
    assert capsys.readouterr().out == ""


def test_a_configuration_grants_variables_and_adds_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text('[guard.programs.shopctl]\nread = "status"\n')
    assert tocsin("guard", "--config", path, "-c", "shopctl status") == 0
    assert tocsin("guard", "--config", path, "-c", 'psql "$SHOP_DB" -c "SELECT 1"') == 1
    assert lines(capsys)[1]["because"] == ["it needs `SHOP_DB`, which diagnostics have not been granted"]


def test_a_program_that_is_described_wrongly_is_refused_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text('[guard.programs.shopctl]\nreads = "status"\n')
    assert tocsin("guard", "--config", path, "-c", "shopctl status") == 2
    told = capsys.readouterr().err
    assert "reads" in told
    assert "line 1" in told


@pytest.mark.parametrize(
    ("text", "reads"), [("df -h", True), ("if df", False), ("echo ${", False), ("a <b>\nc", False)]
)
def test_bash_is_asked_whether_it_reads_a_text(text: str, *, reads: bool) -> None:
    assert bash_reads(text) is reads


def test_what_bash_does_not_read_never_runs_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("guard", "-c", "df -h;;") == 1
    assert not lines(capsys)[0]["unattended"]
