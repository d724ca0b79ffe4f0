"""`tocsin explain` on files: what it prints, and what it answers with."""

import json
from pathlib import Path

import pytest

from conftest import ROOT
from tocsin.cli.main import main

EXAMPLE = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
SHOP = """# Shop

## Till Down (P1)

**Diagnosis**:

```bash
# What does it say?
pm2 logs till
psql $SHOP_DB -c "SELECT 1;"
```

It often rains.
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "RUNBOOK.md"
    path.write_text(SHOP, "utf-8")
    return path


def test_a_line_says_what_it_became_by_which_rule_and_what_it_changes(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", f"{shop}:9"]) == 0
    printed = capsys.readouterr().out
    assert "became: reads only, runs by itself, rewritten" in printed
    assert "rule: a statement of a shell or SQL block is a command" in printed
    assert "effect: Runs when an incident of Till Down opens, for at most 15 s." in printed
    assert "runs: pm2 logs till --nostream" in printed
    assert "error RB103: This command never comes back" in printed


def test_json_holds_the_same(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", f"{shop}:3", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["line"] == 3
    assert told["text"] == "## Till Down (P1)"
    assert told["became"][0]["kind"] == "incident-type"
    assert told["became"][0]["pages"] is True
    assert [finding["code"] for finding in told["findings"]] == ["RB203", "RB220"]


@pytest.mark.parametrize("line", [2, 7, 13])
def test_a_line_that_became_nothing_answers_1(shop: Path, capsys: pytest.CaptureFixture[str], line: int) -> None:
    assert main(["explain", f"{shop}:{line}"]) == 1
    assert "rule: " in capsys.readouterr().out


def test_a_range_says_it_of_each_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", f"{shop}:7-9"]) == 0
    printed = capsys.readouterr().out
    assert [line[:6].strip() for line in printed.splitlines() if line[6:9] == " | "] == ["7", "8", "9"]
    assert "rule: comments directly above a command name it" in printed
    assert main(["explain", f"{shop}:7-9", "--format", "json"]) == 0
    assert [line["line"] for line in json.loads(capsys.readouterr().out)["lines"]] == [7, 8, 9]
    assert main(["explain", f"{shop}:11-13"]) == 1
    assert main(["explain", f"{shop}:9-9"]) == 0


@pytest.mark.parametrize(
    "place",
    [
        "{}",
        "{}:0",
        "{}:99",
        "{}:x",
        "{}:",
        ":3",
        "{}.gone:3",
        "{}:9-7",
        "{}:1-99",
        "{}:0-3",
        "{}:3-",
        "{}:-3",
        "{}:1-2-3",
    ],
)
def test_a_wrong_place_is_a_usage_error_of_one_line(shop: Path, capsys: pytest.CaptureFixture[str], place: str) -> None:
    assert main(["explain", place.format(shop)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("tocsin: ")
    assert told.err.count("\n") == 1


def test_the_configuration_beside_the_document_counts(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", f"{shop}:10"]) == 0
    assert "a person starts it: it needs SHOP_DB" in capsys.readouterr().out
    (shop.parent / "tocsin.toml").write_text(
        '[targets.local]\nenvironment = { SHOP_DB = { env = "SHOP_DB" } }\n', "utf-8"
    )
    assert main(["explain", f"{shop}:10"]) == 0
    assert "reads only, runs by itself" in capsys.readouterr().out
    (shop.parent / "tocsin.toml").write_text("what = 1\n", "utf-8")
    assert main(["explain", f"{shop}:10"]) == 2
    assert "tocsin.toml" in capsys.readouterr().err


def test_lines_all_over_the_example_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(1, len(EXAMPLE.read_text("utf-8").splitlines()) + 1, 9):
        assert main(["explain", f"{EXAMPLE}:{number}"]) in (0, 1)
    assert "Traceback" not in capsys.readouterr().err
