"""Many commands of many programs, each with what it does by the program's own manual."""

from pathlib import Path

import pytest

from tocsin.guard.judge import judge

FOLDER = Path(__file__).parent / "commands"


def lines(name: str) -> list[str]:
    """Give the lines of a list; `⏎` stands for the end of a line within a command."""
    found = (FOLDER / name).read_text("utf-8").splitlines()
    return [line.replace("⏎", "\n") for line in found if line and not line.startswith("# ")]


def test_what_reads_is_a_read() -> None:
    assert [line for line in lines("reads.txt") if judge(line).risk != "read"] == []


def test_what_changes_something_is_no_read_and_waits_for_a_person() -> None:
    found = {line: judge(line) for line in lines("changes.txt")}
    assert [line for line, one in found.items() if one.risk == "read" or one.unattended] == []


@pytest.mark.parametrize("flag", sorted({line.partition("|")[0] for line in lines("flags.txt")}))
def test_every_command_has_its_flag(flag: str) -> None:
    mine = [line.partition("|")[2] for line in lines("flags.txt") if line.startswith(f"{flag}|")]
    assert [line for line in mine if flag not in judge(line).flags] == []


@pytest.mark.parametrize("line", lines("without.txt"))
def test_a_command_has_no_flag_that_is_not_its_own(line: str) -> None:
    flag, _, text = line.partition("|")
    assert flag not in judge(text).flags


def test_every_verdict_says_why_in_one_line() -> None:
    for line in (*lines("reads.txt"), *lines("changes.txt")):
        why = judge(line).why
        assert why
        assert "\n" not in why
        assert len(why) < 160


@pytest.mark.parametrize("text", ["mysql -e '()'", "psql -c '(1)'", "psql -c ''", "sqlite3 x ';'", "psql -c '((('"])
def test_a_query_without_a_name_is_judged_too(text: str) -> None:
    assert judge(text).why
