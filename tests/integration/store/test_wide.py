import sqlite3

import pytest

from tocsin.store.sqlite import statements
from tocsin.store.wide import WIDTHS, widened

PUT = "INSERT INTO thing (name, size, kind) VALUES (?1, ?2, 4) ON CONFLICT (name) DO UPDATE SET size = excluded.size"


@pytest.mark.parametrize("count", [0, 1, 3, 4, 15, 16, 37, 250])
def test_rows_are_put_in_their_order_however_many_there_are(count: int) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE thing (name PRIMARY KEY, size, kind)")
    rows = [(f"thing-{number % 20}", number) for number in range(count)]
    told = [row for text, given in widened(f"{PUT} RETURNING size", rows) for row in db.execute(text, given)]
    assert told == [(number,) for number in range(count)]
    kept = dict(db.execute("SELECT name, size FROM thing WHERE kind = 4").fetchall())
    assert kept == dict(rows)


def test_many_rows_take_few_statements() -> None:
    rows = [(f"thing-{number}", number) for number in range(2 * WIDTHS[0] + WIDTHS[1] + 1)]
    assert len(list(widened(PUT, rows))) == 4


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE thing SET size = ?2 WHERE name = ?1",
        "INSERT INTO thing (name, size) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET size = ?2",
        "INSERT INTO thing (name, size) VALUES (?2, ?1)",
        "INSERT INTO thing (name, size) SELECT ?1, ?2",
    ],
)
def test_what_says_more_than_rows_is_asked_one_by_one(sql: str) -> None:
    rows = [(f"thing-{number}", number) for number in range(40)]
    assert list(widened(sql, rows)) == [(sql, row) for row in rows]


@pytest.mark.parametrize("name", ["alert_insert", "alert_update", "nudge", "job_put", "fact_insert"])
def test_what_a_storm_asks_takes_many_rows(name: str) -> None:
    sql = statements()
    width = sql[name].count("?")
    assert len(list(widened(sql[name], [tuple(range(width))] * WIDTHS[0]))) == 1
