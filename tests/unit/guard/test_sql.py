"""SQL is judged over its whole tree, and what is not known to only read is a change."""

import json
from pathlib import Path

import pytest

from tocsin.guard.sql import RISKS, judge_sql
from tocsin.guard.sql_tokens import LONGEST

PRACTICE = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "commands-dev.jsonl"


def lines(name: str) -> list[str]:
    """One text on each line; of those that change something, the risk stands before a bar."""
    return (Path(__file__).with_name("sql") / name).read_text("utf-8").splitlines()


READING = lines("reading-postgresql.txt")

READING_MYSQL = lines("reading-mysql.txt")

CHANGING = lines("changing-postgresql.txt")

CHANGING_MYSQL = lines("changing-mysql.txt")


@pytest.mark.parametrize("text", READING)
def test_a_query_of_postgresql_that_only_reads_is_read(text: str) -> None:
    found = judge_sql(text)
    assert (found.risk, found.flags, found.single) == ("read", frozenset(), True), found.why


@pytest.mark.parametrize("text", READING_MYSQL)
def test_a_query_of_mysql_that_only_reads_is_read(text: str) -> None:
    found = judge_sql(text, "mysql")
    assert (found.risk, found.flags, found.single) == ("read", frozenset(), True), found.why


@pytest.mark.parametrize("line", CHANGING)
def test_what_changes_or_removes_something_in_postgresql_is_never_read(line: str) -> None:
    risk, _, text = line.partition("|")
    assert judge_sql(text).risk == risk, judge_sql(text).why


@pytest.mark.parametrize("line", CHANGING_MYSQL)
def test_what_changes_or_removes_something_in_mysql_is_never_read(line: str) -> None:
    risk, _, text = line.partition("|")
    assert judge_sql(text, "mysql").risk == risk, judge_sql(text, "mysql").why


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("SELECT rolname, rolpassword FROM pg_authid", "prints-secret"),
        ("SELECT * FROM pg_catalog.pg_shadow", "prints-secret"),
        ("TABLE pg_user_mapping", "prints-secret"),
        ('SELECT "apiKey" FROM "Client"', "prints-secret"),
        ("COPY users(password_hash) TO STDOUT", "prints-secret"),
        ("COPY a TO '/tmp/x'", "writes-file"),
        ("SELECT lo_export(1, '/tmp/x')", "writes-file"),
        ("COPY a TO PROGRAM 'x'", "opaque"),
        ("SELECT repair()", "opaque"),
        ("CALL repair()", "opaque"),
        ("CREATE EXTENSION x", "opaque"),
        ("SELECT 1 \\watch 5", "endless"),
        ("SELECT pg_cancel_backend(<pid>)", "placeholder"),
        ("SELECT * FROM a WHERE id = '{{id}}'", "placeholder"),
    ],
)
def test_a_hazard_is_told_beside_the_risk(text: str, flag: str) -> None:
    assert flag in judge_sql(text).flags


def test_what_is_to_be_filled_in_is_judged_as_if_it_were() -> None:
    assert judge_sql("DELETE FROM a WHERE id = {{id}}").risk == "destructive"
    assert judge_sql("SELECT * FROM a WHERE id = <id>").risk == "read"


def test_two_statements_are_told_from_one() -> None:
    assert not judge_sql("SELECT 1; SELECT 2").single
    assert not judge_sql("\\x\nSELECT 1").single
    assert judge_sql("SELECT 1;").single
    assert judge_sql("SELECT 1 \\gx") == ("read", frozenset(), "it only reads", False)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "a," * 500_000,
        "SELECT '" + "x" * 1_000_000,
        "(" * LONGEST,
        "/*" * (LONGEST // 2),
        "SELECT 1 WHERE " + "NOT " * 4000 + "true",
        "SELECT " + "CASE WHEN a THEN " * 900,
        "UPDATE a SET b = 1 WHERE " + "c = 1 OR " * 1800 + "d = 2",
    ],
    ids=range(7),
)
def test_a_text_made_to_tire_the_reader_is_refused(text: str) -> None:
    assert judge_sql(text).risk != "read"


def test_characters_that_deceive_the_eye_are_no_read() -> None:
    for text in (
        "SELECT 1\u00a0FROM a",
        "SELECT 1\uff1b",
        "SEL\u200bECT 1",
        "SELECT '\u202e'",
        "SELECT 1\x00",
        "SELECT \u0430(1)",
    ):
        assert judge_sql(text).risk != "read", text


def test_the_parser_says_nothing_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    for line in (*READING, *(line.partition("|")[2] for line in CHANGING)):
        judge_sql(line)
    assert caplog.records == []


@pytest.mark.skipif(not PRACTICE.exists(), reason="needs the practice set beside the repository")
def test_the_practice_set_has_no_miss() -> None:
    cases = [json.loads(line) for line in PRACTICE.read_text("utf-8").splitlines()]
    wrong = []
    for case in (case for case in cases if case["lang"] == "sql"):
        found, expect = judge_sql(case["text"]), case["expect"]
        right = {expect["risk"], *expect.get("also_risk", [])}
        missing = set(expect.get("flags", [])) - found.flags
        if found.risk not in right or missing:
            wrong.append((case["id"], found, expect))
    assert wrong == []


def test_the_worst_of_several_statements_wins() -> None:
    parts = {"read": "SELECT 1", "change": "SELECT nextval('a')", "destructive": "DELETE FROM a"}
    for one in RISKS:
        for other in RISKS:
            worst = max(one, other, key=RISKS.index)
            assert judge_sql(f"{parts[one]}; {parts[other]};").risk == worst
