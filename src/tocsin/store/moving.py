"""Taking a snapshot of a store, and filling an empty one from a backup."""

import contextlib
import itertools
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tocsin.errors import UsageError
from tocsin.store import sqlite
from tocsin.store.portable import TABLES, Backup, Table
from tocsin.store.schema import Level, Migration, missing, read_migrations

RESTORED = "restored"
"""The name under which a store remembers that it was filled from a backup and that nobody confirmed it yet."""

_AT_ONCE = 500
_NOT_EMPTY = "already holds something; restore into an empty one"


class SqliteSnapshot:
    """A file, at one instant; a server may go on writing to it."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        """Open the file. Raises UsageError."""
        if not path.is_file():
            raise UsageError(f"there is no {path}; say with --data where the server keeps its data")
        self._db = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, isolation_level=None)
        self._db.text_factory = sqlite.readable
        self._db.execute("BEGIN")

    async def schema(self) -> int:
        """Give the number of its last migration."""
        return sqlite.level_of(self._db).version

    async def columns(self, table: str) -> tuple[tuple[str, bool], ...]:
        """Give the columns of a table, and whether each holds true or false."""
        return tuple((row[1], row[2] == "BOOLEAN") for row in self._db.execute(f"PRAGMA table_info({table})"))

    async def rows(self, sql: str) -> AsyncIterator[Sequence[Any]]:
        """Give rows, without holding all of them."""
        for row in self._db.execute(sql):
            yield row

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def up_to(schema: int, store: str) -> tuple[Migration, ...]:
    """Give the migrations a backup was taken after. Raises UsageError when it is of a newer version."""
    known = read_migrations(store)
    missing(known, Level(schema, schema))
    return tuple(migration for migration in known if migration.number <= schema)


def note(backup: Backup, now: str) -> str:
    """Give what the store remembers of having been restored."""
    return json.dumps({"taken_at": backup.head.at, "restored_at": now, "from": backup.head.store})


def batches(rows: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    """Give rows in handfuls."""
    while batch := list(itertools.islice(rows, _AT_ONCE)):
        yield batch


def kept(table: Table, rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """Give the rows that are restored: leases belong to nobody, and the tables know their own version."""
    leases = [place for place, name in enumerate(table.columns) if name in {"lease", "lease_until"}]
    for row in rows:
        if table.table == "meta" and str(row[0]).startswith(("schema_", RESTORED)):
            continue
        yield [None if place in leases else value for place, value in enumerate(row)]


def fill_sqlite(backup: Backup, data: Path, now: str) -> None:
    """Make the file of an empty data folder from a backup, whole or not at all. Raises UsageError."""
    path = data / "tocsin.db"
    lock = sqlite.lock(path.with_suffix(".lock"))
    building = data / "tocsin.db.restoring"
    try:
        if path.exists() and not _is_empty(path):
            raise UsageError(f"{path} {_NOT_EMPTY}")
        _forget(building)
        with contextlib.closing(sqlite.connect(building)) as db:
            sqlite.migrate(db, up_to(backup.head.schema, "sqlite"))
            _fill(db, backup, now)
            sqlite.migrate(db)
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _forget(path)
        building.rename(path)
    finally:
        _forget(building)
        lock.close()


def _fill(db: sqlite3.Connection, backup: Backup, now: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    for table, rows in backup.tables():
        marks = ", ".join("?" * len(table.columns))
        for batch in batches(kept(table, rows)):
            db.executemany(f"INSERT INTO {table.table} ({', '.join(table.columns)}) VALUES ({marks})", batch)
    db.execute("INSERT INTO meta (name, value) VALUES (?, ?)", (RESTORED, note(backup, now)))
    db.execute("COMMIT")


def _is_empty(path: Path) -> bool:
    with contextlib.closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as db:
        there = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return not any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in TABLES if table in there)


def _forget(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
