"""The columns that rewrites speak of are those of a real PostgreSQL."""

import subprocess

import pytest

from integration.postgres_server import Server
from tocsin.guard.catalogue import COLUMNS, RENAMED, WRONG


@pytest.fixture(scope="module")
def told(postgres: Server) -> dict[str, frozenset[str]]:
    """The columns of each view as this server has them."""
    postgres.say("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    query = """SELECT c.relname, string_agg(a.attname, ' ') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE a.attnum > 0 AND NOT a.attisdropped GROUP BY 1"""
    found = _ask(postgres, query)
    return {name: frozenset(columns.split()) for name, columns in (line.split("|") for line in found.splitlines())}


def _ask(postgres: Server, query: str) -> str:
    words = [str(postgres.tools / "psql"), "-qXAt", "-d", postgres.url("postgres"), "-c", query]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("view", sorted(COLUMNS))
def test_the_columns_are_those_of_postgresql_15(view: str, told: dict[str, frozenset[str]], postgres: Server) -> None:
    if _ask(postgres, "SHOW server_version_num")[:2] == "15":
        assert COLUMNS[view] == told[view]
    else:
        assert view in told


def test_a_wrong_name_is_never_right_where_it_is_replaced(told: dict[str, frozenset[str]]) -> None:
    for wrong, right in WRONG.items():
        views = [view for view, columns in COLUMNS.items() if right in columns and wrong not in columns]
        assert views, f"{right} is nowhere"
        assert not [view for view in views if wrong in told[view]]


def test_the_new_names_of_functions_are_there(postgres: Server) -> None:
    for old, new in RENAMED.items():
        assert _ask(postgres, f"SELECT count(*) FROM pg_proc WHERE proname = '{new}'") != "0"
        assert _ask(postgres, f"SELECT count(*) FROM pg_proc WHERE proname = '{old}'") == "0"
