"""One machine with pm2, one PostgreSQL and one web for all tests of the guard."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.guard.programs import Machine, Web, machine
from integration.postgres_server import Server


@pytest.fixture(scope="session")
def here() -> Iterator[Machine]:
    """A machine with pm2 and a running service."""
    with machine() as found:
        yield found


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Web:
    """A web that answers for every host."""
    return Web(tmp_path_factory.mktemp("web"))


TABLES = """
CREATE TABLE "Intent" (id serial PRIMARY KEY, "senderAddress" text, status text, "createdAt" timestamptz DEFAULT now());
INSERT INTO "Intent" ("senderAddress", status) SELECT 'a' || n, 'open' FROM generate_series(1, 500) n;
CREATE INDEX idx_intent_status ON "Intent" (status);
CREATE TABLE accounts (id serial PRIMARY KEY, name text);
INSERT INTO accounts (name) VALUES ('one'), ('two');
CREATE ROLE app LOGIN PASSWORD 'p@ss word' IN ROLE pg_monitor;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO app;
"""


@pytest.fixture(scope="session")
def address(postgres: Server) -> str:
    """The address of a database with tables, some with capital letters, and with a password that is asked for."""
    url = postgres.empty()
    name = Path(url).name
    postgres.say(TABLES, name)
    postgres.ask_for_passwords("app")
    return url.replace("tocsin@", "app:p%40ss%20word@")
