"""One statement in a real PostgreSQL, by a role that could do more."""

import os
from datetime import timedelta

import pytest

from integration.postgres_server import Server
from tocsin.runner.command import Command, Database, Outcome
from tocsin.runner.database import run


@pytest.fixture
def address(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    url = postgres.empty()
    postgres.say("CREATE TABLE orders (id int); INSERT INTO orders VALUES (7)", url.rpartition("/")[2])
    monkeypatch.setenv("PATH", f"{postgres.tools}:{os.environ['PATH']}")
    return url


async def asked(address: str, sql: str, seconds: float = 60) -> Outcome:
    command = Command(text=sql, environment={}, timeout=timedelta(seconds=seconds), where=Database(address=address))
    return await run(command, address)


async def test_a_query_is_answered_as_psql_prints_it(address: str) -> None:
    found = await asked(address, 'SELECT id AS "the $HOME" FROM orders')
    assert (found.how, found.exit) == ("ended", 0)
    assert found.out.split() == ["the", "$HOME", "-----------", "7", "(1", "row)"]


@pytest.mark.parametrize("sql", ["DELETE FROM orders", "CREATE TABLE a (id int)", "SELECT id INTO b FROM orders"])
async def test_a_session_only_reads_whatever_the_role_may(address: str, sql: str) -> None:
    found = await asked(address, sql)
    assert (found.how, found.exit) == ("ended", 1)
    assert "in a read-only transaction" in found.err
    assert "(1 row)" in (await asked(address, "SELECT id FROM orders")).out


async def test_a_statement_is_stopped_by_the_server_in_time(address: str) -> None:
    found = await asked(address, "SELECT pg_sleep(60)", seconds=1)
    assert (found.how, found.exit) == ("ended", 1)
    assert "statement timeout" in found.err


async def test_an_address_is_one_word_for_every_shell_and_its_password_is_not_shown(address: str) -> None:
    wrong = address.replace("tocsin@", "nobody$(id):Zq7-hidden@")
    found = await asked(wrong, "SELECT 1")
    assert found.exit == 2
    assert "Zq7-hidden" not in found.err + found.out
    assert 'role "nobody$(id)" does not exist' in found.err


async def test_a_database_that_does_not_answer_says_so(address: str) -> None:
    del address
    found = await asked("postgresql://tocsin@127.0.0.1:1/x", "SELECT 1")
    assert found.exit == 2
    assert "Connection refused" in found.err
