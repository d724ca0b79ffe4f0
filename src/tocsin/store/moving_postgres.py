"""The same for PostgreSQL: a snapshot of a database, and filling an empty one from a backup."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg

from tocsin.errors import UsageError
from tocsin.store.connections import connect
from tocsin.store.moving import RESTORED, batches, kept, note, up_to
from tocsin.store.portable import TABLES, Backup
from tocsin.store.postgres import level_of, migrating

_NUMBERED = {"document": "version", "receipt": "id"}


class PostgresSnapshot:
    """A database at one instant; servers may go on writing to it."""

    kind = "postgresql"

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Take a connection inside a transaction that sees one snapshot."""
        self._connection = connection

    async def schema(self) -> int:
        """Give the number of its last migration."""
        return (await level_of(self._connection)).version

    async def columns(self, table: str) -> tuple[tuple[str, bool], ...]:
        """Give the columns that are stored of a table, and whether each holds true or false."""
        asked = "SELECT attname, atttypid = 'boolean'::regtype FROM pg_attribute WHERE attrelid = $1::regclass"
        rows = await self._connection.fetch(
            f"{asked} AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum", table
        )
        return tuple((row[0], row[1]) for row in rows)

    async def rows(self, sql: str) -> AsyncIterator[Sequence[Any]]:
        """Give rows, without holding all of them."""
        async for row in self._connection.cursor(sql, prefetch=500):
            yield tuple(row)


@contextlib.asynccontextmanager
async def postgres_snapshot(url: str) -> AsyncIterator[PostgresSnapshot]:
    """Give a snapshot of a database for as long as it is needed. Raises UsageError."""
    try:
        connection = await connect(url)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise UsageError(f"the database cannot be used: {' '.join(str(error).split()) or 'no answer'}") from error
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield PostgresSnapshot(connection)
    except asyncpg.PostgresError as error:
        raise UsageError(f"the database cannot be read: {' '.join(str(error).split())}") from error
    finally:
        await connection.close()


async def fill_postgres(backup: Backup, url: str, now: str) -> None:
    """Fill an empty database from a backup, whole or not at all. Raises UsageError."""
    async with migrating(url) as (connection, migrate):
        if (await level_of(connection)).version:
            await _refuse_filled(connection)
        else:
            await migrate(up_to(backup.head.schema, "postgresql"))
        await _fill(connection, backup, now)
        await migrate(None)


async def _refuse_filled(connection: asyncpg.Connection) -> None:
    for table in TABLES:
        but = " WHERE name NOT LIKE 'schema\\_%'" if table == "meta" else ""
        if await connection.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table}{but})"):
            raise UsageError("this database already holds something; restore into an empty one")


async def _fill(connection: asyncpg.Connection, backup: Backup, now: str) -> None:
    for table, rows in backup.tables():
        for batch in batches(kept(table, rows)):
            await connection.copy_records_to_table(table.table, records=batch, columns=table.columns)
    for table_name, column in _NUMBERED.items():
        highest = f"SELECT setval(pg_get_serial_sequence('{table_name}', '{column}'), max({column}))"
        await connection.execute(f"{highest} FROM {table_name} HAVING max({column}) IS NOT NULL")
    await connection.execute("INSERT INTO meta (name, value) VALUES ($1, $2)", RESTORED, note(backup, now))
