"""PostgreSQL: any number of nodes on one database, none of them the leader.

The same transactions as everywhere (`transactions.py`), each on a connection of its own. Writes read what is committed
at each query and lock the rows they change; reads see one snapshot. PostgreSQL shares one flush between commits that
wait together, so nothing is gathered here.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import asyncpg

from tocsin.errors import UsageError
from tocsin.store.bell import PostgresBell
from tocsin.store.connections import Connections, connect
from tocsin.store.queries import Query, light_queries, read_queries
from tocsin.store.schema import Level, Migration, missing, read_migrations
from tocsin.store.transactions import Transaction

T = TypeVar("T")
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_COMMIT = "COMMIT"
_COMMIT_LIGHTLY = "SET LOCAL synchronous_commit = off; COMMIT"
"""Without waiting for the disk: for what may be forgotten when the database itself crashes."""

_MEANT = {"/*lock*/": "FOR UPDATE", "/*lock skip locked*/": "FOR UPDATE SKIP LOCKED", "/*each*/": "OFFSET 0"}
"""`each`: looked up by its index for each row; else PostgreSQL reads whole tables for all of them, however few."""

_MARK = re.compile(r"/\*(tell|lightly)\*/ ?")
_LIST = re.compile(r"SELECT value FROM json_each\((\$\d+)\)")
_MIGRATING = 0x746F6373
"""The advisory lock under which tables change: "tocs"."""

_MIGRATION_WITHIN = 600.0
"""Seconds that one migration may take, such as an index on a large table."""


class PostgresStore:
    """A store in a database that other nodes use too."""

    lease_expires = True
    in_order = False
    """Each transaction has a connection of its own."""

    def __init__(self, url: str) -> None:
        """Take where the database is; nothing is connected before the first question. See `open_postgres`."""
        self._connections = Connections(url)
        self.bell = PostgresBell(self._connections)
        self._sql = statements()
        self._telling = frozenset(name for name, text in read_queries().items() if "/*tell*/" in text)
        self._light = light_queries().asked

    async def write(self, transaction: Transaction[T]) -> T:
        """Run a transaction and give its result once it is on disk. Raises what it raises, or StoreUnavailable."""
        asked: set[str] = set()
        value = await self._run(_WRITE, transaction, asked)
        if asked & self._telling:
            self.bell.ring()
        return value

    async def read(self, transaction: Transaction[T]) -> T:
        """Run a reading transaction on one snapshot; one that writes is refused."""
        return await self._run(_READ, transaction, set())

    def close(self) -> None:
        """End every connection."""
        self._connections.close()

    async def _run(self, begin: str, transaction: Transaction[T], asked: set[str]) -> T:
        async def work(connection: asyncpg.Connection) -> T:
            return await perform(connection, self._sql, transaction, asked)

        try:
            return await self._connections.run(
                begin, work, lambda: _COMMIT_LIGHTLY if asked <= self._light else _COMMIT
            )
        finally:
            transaction.close()


async def perform(
    connection: asyncpg.Connection, sql: dict[str, str], transaction: Transaction[T], asked: set[str]
) -> T:
    """Run one transaction's queries on an open connection and give its result; their names are added to `asked`."""
    try:
        query = next(transaction)
        while True:
            asked.add(query.name)
            query = transaction.send(await _asked(connection, sql[query.name], query))
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]


async def _asked(connection: asyncpg.Connection, sql: str, query: Query) -> list[Any]:
    if query.many is None:
        return await connection.fetch(sql, *query.parameters)
    if query.many and " RETURNING " in sql:
        return await connection.fetchmany(sql, query.many)
    if query.many:
        await connection.executemany(sql, query.many)  # all of them in one message to the server
    return []


def statements() -> dict[str, str]:
    """Give the queries as PostgreSQL wants them."""
    return {name: _spelled(text) for name, text in read_queries().items()}


def _spelled(text: str) -> str:
    for mark, meant in _MEANT.items():
        text = text.replace(mark, meant)
    text = _MARK.sub("", text)
    return _LIST.sub(r"SELECT jsonb_array_elements_text(\1::text::jsonb)", text)


async def open_postgres(url: str) -> PostgresStore:
    """Give the store in a database whose tables are up to date. Raises UsageError with what to do."""
    await migrate(url)
    return PostgresStore(url)


async def migrate(url: str) -> tuple[str, ...]:
    """Apply the migrations that are missing, all or none, and give their names. Raises UsageError."""
    async with migrating(url) as (_, apply):
        return await apply(None)


Apply = Callable[[tuple[Migration, ...] | None], Awaitable[tuple[str, ...]]]
"""Apply the migrations among these (None: all) that are missing, and give their names."""


@contextlib.asynccontextmanager
async def migrating(url: str) -> AsyncIterator[tuple[asyncpg.Connection, Apply]]:
    """Give a connection in a transaction that alone may change tables, and how they are changed. Raises UsageError.

    One node at a time does so; nodes that serve meanwhile are waited for at most a few seconds per table.
    """
    try:
        connection = await connect(url)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise UsageError(f"the database cannot be used: {' '.join(str(error).split()) or 'no answer'}") from error
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '10s'")
            await connection.execute(f"SELECT pg_advisory_xact_lock({_MIGRATING})", timeout=_MIGRATION_WITHIN)
            yield connection, lambda known: _migrate(connection, known)
    except asyncpg.PostgresError as error:
        raise UsageError(f"the tables cannot be brought up to date: {' '.join(str(error).split())}") from error
    except TimeoutError as error:
        raise UsageError("the tables cannot be brought up to date: PostgreSQL gave no answer in time") from error
    finally:
        await connection.close()


async def _migrate(connection: asyncpg.Connection, known: tuple[Migration, ...] | None) -> tuple[str, ...]:
    all_of_them = read_migrations("postgresql") if known is None else known
    found = missing(all_of_them, await level_of(connection))
    for migration in found:
        await connection.execute(migration.sql, timeout=_MIGRATION_WITHIN)
        for name, value in (("schema_version", migration.number), ("schema_minimum", migration.minimum)):
            put = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2"
            await connection.execute(put, name, str(value))
    return tuple(migration.name for migration in found)


async def level_of(connection: asyncpg.Connection) -> Level:
    """Give how far a database is."""
    if await connection.fetchval("SELECT to_regclass('meta')") is None:
        return Level()
    rows = await connection.fetch("SELECT name, value FROM meta WHERE name LIKE 'schema_%'")
    kept = {row["name"]: int(row["value"]) for row in rows}
    return Level(kept.get("schema_version", 0), kept.get("schema_minimum", 0))
