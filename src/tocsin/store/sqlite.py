"""SQLite: one file, one writer thread, group commit.

All writes wait in one queue; the thread takes what is there, runs each transaction so that it can be undone alone and
commits them together, so that one disk flush (WAL, synchronous=FULL) answers many callers. What may be forgotten when
the power fails and stands first in line is committed without a flush of its own (synchronous=NORMAL): the next one
carries it; behind other writes it shares theirs. Reads have a connection of their own and see the last commit.

What is asked within one turn of the loop is handed over at its end, all at once: to wake a thread costs as much as ten
questions, and who was woken by a commit that is asked for gets into the same batch.
"""

import asyncio
import contextlib
import fcntl
import queue
import re
import sqlite3
import threading
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar
from urllib.parse import quote

from tocsin.errors import StoreUnavailable, UsageError
from tocsin.store.queries import Query, Row, light_queries, read_queries
from tocsin.store.schema import Level, Migration, missing, read_migrations
from tocsin.store.transactions import Transaction
from tocsin.store.wide import widened

T = TypeVar("T")
_BATCH = 256
_BEGIN = "BEGIN IMMEDIATE"
_STATEMENTS = 256
"""All that are asked, also those for many rows, stay prepared."""
_FLUSHED, _UNFLUSHED = "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"
_Outcome = tuple[Any, Exception | None]
_DONE: Row = ()
"""Stands for a row that was changed, where nobody asks what is in it."""


class _Waiting(NamedTuple):
    transaction: Transaction[Any]
    first: Query
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"


class _Begun(NamedTuple):
    """A transaction, and what it asks first where that is known already."""

    transaction: Transaction[Any]
    first: Query | None = None


class SqliteStore:
    """A store in one file, for one process: an exclusive lock file keeps a second one out."""

    lease_expires = False
    """A lease belongs to this boot: it does not expire, but every start clears them all."""

    in_order = True

    def __init__(self, path: Path) -> None:
        """Open or create the file, bring its tables up to date and clear leases of the last boot."""
        self._lock = lock(path.with_suffix(".lock"))
        self._sql, self._light = statements(), light_queries()
        self._closed = False
        try:
            self._writer = connect(path)
            migrate(self._writer)
            self._writer.execute(self._sql["leases_clear"])
            self._reader = connect(path)
            self._reader.execute("PRAGMA query_only = ON")
        except UsageError:
            self._lock.close()
            raise
        except sqlite3.DatabaseError as error:
            self._lock.close()
            raise UsageError(f"{path} cannot be opened ({error}); restore it from a backup, or move it away") from error
        self._writer.text_factory = self._reader.text_factory = readable
        self._writes, self._reads = _Line(), _Line()
        self._how = ""
        """What the writer was told last of how to commit; "" when it may have missed it."""
        self._threads = [
            threading.Thread(target=self._serve, args=(self._writes, self._writer), name="store-writer", daemon=True),
            threading.Thread(target=self._serve, args=(self._reads, self._reader), name="store-reader", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    async def write(self, transaction: Transaction[T]) -> T:
        """Run a transaction and give its result once it is on disk. Raises what it raises, or StoreUnavailable."""
        return await self._ask(self._writes, transaction)

    async def read(self, transaction: Transaction[T]) -> T:
        """Run a reading transaction on the last commit."""
        return await self._ask(self._reads, transaction)

    def close(self) -> None:
        """Finish what is queued, close the file and let the next process in."""
        self._closed = True
        for waiting in (self._writes, self._reads):
            waiting.end()
        for thread in self._threads:
            thread.join()
        self._reader.close()
        self._writer.close()
        self._lock.close()

    async def _ask(self, waiting: "_Line", transaction: Transaction[T]) -> T:
        if self._closed:
            transaction.close()
            raise StoreUnavailable("the store is closed")
        try:
            first = next(transaction)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        waiting.put(_Waiting(transaction, first, loop, future))
        return await future

    def _serve(self, waiting: "_Line", db: sqlite3.Connection) -> None:
        while batch := waiting.take():
            if db is self._reader:
                _answer(batch, run_batch(db, self._sql, ("BEGIN",), _begun(batch)))
                continue
            light = list(takewhile(self._may_be_forgotten, batch))
            if light:
                self._commit(_UNFLUSHED, light, self._light.asked)
            if len(light) < len(batch):
                self._commit(_FLUSHED, batch[len(light) :])

    def _may_be_forgotten(self, item: _Waiting) -> bool:
        return item.first.name in self._light.marked

    def _commit(self, how: str, batch: list[_Waiting], only: frozenset[str] | None = None) -> None:
        begin = (_BEGIN,) if how == self._how else (how, _BEGIN)
        outcomes = run_batch(self._writer, self._sql, begin, _begun(batch), only)
        # A batch that could not begin may not have been told either.
        self._how = "" if all(isinstance(error, StoreUnavailable) for _, error in outcomes) else how
        _answer(batch, outcomes)


class InlineStore:
    """The same store without threads, in memory: for rehearsals and simulations that move the clock by hand."""

    lease_expires = True
    in_order = True

    def __init__(self) -> None:
        """Make empty tables."""
        self.db = connect(":memory:")
        migrate(self.db)
        self._sql = statements()

    async def write(self, transaction: Transaction[T]) -> T:
        """Run a transaction and give its result. Raises what it raises, or StoreUnavailable."""
        return self._run(_BEGIN, transaction)

    async def read(self, transaction: Transaction[T]) -> T:
        """Run a reading transaction; one that writes is refused, as by the file."""
        self.db.execute("PRAGMA query_only = ON")
        try:
            return self._run("BEGIN", transaction)
        finally:
            self.db.execute("PRAGMA query_only = OFF")

    def _run(self, begin: str, transaction: Transaction[T]) -> T:
        [(value, error)] = run_batch(self.db, self._sql, (begin,), [_Begun(transaction)])
        if error is not None:
            raise error
        return value  # type: ignore[no-any-return]

    def close(self) -> None:
        """Forget everything."""
        self.db.close()


class ReadOnlyStore:
    """Reads a file that a server may be working on; changes nothing."""

    lease_expires = True
    in_order = True

    def __init__(self, path: Path) -> None:
        """Open the file for reading."""
        self._db = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, isolation_level=None)
        self._db.text_factory = readable
        self._sql = statements()

    async def write(self, transaction: Transaction[T]) -> T:
        """Refuse."""
        transaction.close()
        raise StoreUnavailable("this store was opened for reading only")

    async def read(self, transaction: Transaction[T]) -> T:
        """Run a reading transaction."""
        [(value, error)] = run_batch(self._db, self._sql, ("BEGIN",), [_Begun(transaction)])
        if isinstance(error, sqlite3.DatabaseError):
            raise StoreUnavailable(f"the store cannot be read: {error}") from error
        if error is not None:
            raise error
        return value  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class _Line:
    """What waits for one thread, in the order it was asked."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._asked: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
        self._handed: queue.SimpleQueue[list[_Waiting] | None] = queue.SimpleQueue()

    def put(self, one: _Waiting) -> None:
        """Let it wait, from the loop that asks."""
        asked = self._asked.get(one.loop)
        if asked is None:
            asked = self._asked[one.loop] = []
            one.loop.call_soon(self._hand_over, one.loop)
        asked.append(one)

    def end(self) -> None:
        """Let the thread end once it did what waits."""
        for loop in tuple(self._asked):
            self._hand_over(loop)
        self._handed.put(None)

    def take(self) -> list[_Waiting]:
        """Give what is waiting, at least one; [] at the end."""
        batch = self._handed.get() or []
        with contextlib.suppress(queue.Empty):
            while 0 < len(batch) < _BATCH:
                more = self._handed.get_nowait()
                if more is None:
                    self._handed.put(None)
                    break
                batch += more
        return batch

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        if asked := self._asked.pop(loop, None):
            self._handed.put(asked)


def _begun(batch: list[_Waiting]) -> list[_Begun]:
    return [_Begun(item.transaction, item.first) for item in batch]


def run_batch(
    db: sqlite3.Connection,
    sql: dict[str, str],
    begin: Sequence[str],
    batch: list[_Begun],
    only: frozenset[str] | None = None,
) -> list[_Outcome]:
    """Run transactions, each undone alone, and commit them together. A batch that cannot commit fails whole.

    `begin` are the statements that begin it. With `only`, a transaction that asks anything else fails.
    """
    try:
        for statement in begin:
            db.execute(statement)
        outcomes = [_outcome(db, sql, batch[0], only)]
        if outcomes[0][1] is not None:  # before the first there was nothing, so it needs no savepoint
            db.execute("ROLLBACK")
            db.execute(begin[-1])
        outcomes += [_attempt(db, sql, one, only) for one in batch[1:]]
        db.execute("COMMIT")
    except sqlite3.Error as error:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        return [(None, StoreUnavailable(f"the store cannot be used now: {error}"))] * len(batch)
    return outcomes


def _attempt(db: sqlite3.Connection, sql: dict[str, str], begun: _Begun, only: frozenset[str] | None) -> _Outcome:
    db.execute("SAVEPOINT one")
    outcome = _outcome(db, sql, begun, only)
    if outcome[1] is not None:
        db.execute("ROLLBACK TO one")
    db.execute("RELEASE one")
    return outcome


def _outcome(db: sqlite3.Connection, sql: dict[str, str], begun: _Begun, only: frozenset[str] | None) -> _Outcome:
    try:
        return perform(db, sql, begun.transaction, begun.first, only), None
    except sqlite3.OperationalError:
        raise  # the disk, not the question: nothing of this batch may be believed
    except Exception as error:  # noqa: BLE001  handed to the one who asked
        return None, error


def perform(
    db: sqlite3.Connection,
    sql: dict[str, str],
    transaction: Transaction[T],
    first: Query | None = None,
    only: frozenset[str] | None = None,
) -> T:
    """Run one transaction's queries on an open connection and give its result.

    `first` is what it asked already. With `only`, nothing else may be asked.
    """
    try:
        query = first or next(transaction)
        while True:
            if only is not None and query.name not in only:
                raise ValueError(f"{query.name} must be on disk, and its transaction began with what need not be")
            query = transaction.send(_asked(db, sql[query.name], query))
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]


def _asked(db: sqlite3.Connection, sql: str, query: Query) -> list[Row]:
    if query.many is None:
        return _rows(db.execute(sql, query.parameters))
    return [row for text, parameters in widened(sql, query.many) for row in _rows(db.execute(text, parameters))]


def _rows(asked: sqlite3.Cursor) -> list[Row]:
    """Give the rows of an answer; where there are none, as many as were changed."""
    return asked.fetchall() or [_DONE] * asked.rowcount


def _answer(batch: list[_Waiting], outcomes: list[_Outcome]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], _Outcome]]] = {}
    for item, outcome in zip(batch, outcomes, strict=True):
        by_loop.setdefault(item.loop, []).append((item.future, outcome))
    for loop, settled in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is gone, and with it everybody who asked
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: "list[tuple[asyncio.Future[Any], _Outcome]]") -> None:
    for future, (value, error) in settled:
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)


def statements() -> dict[str, str]:
    """Give the queries as SQLite wants them.

    Where only the number of rows counts that are given back, it tells it without making them.
    """
    spelled = {}
    for name, text in read_queries().items():
        plain = re.sub(r"/\*[^*]*\*/", "", re.sub(r"/\*how many\*/ RETURNING \w+$", "", text))
        spelled[name] = re.sub(r"\$(\d+)", r"?\1", plain)
    return spelled


def connect(path: Path | str) -> sqlite3.Connection:
    """Open a connection that flushes every commit to disk and leaves transactions to us."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA busy_timeout = 5000")
    db.execute("PRAGMA foreign_keys = ON")
    # Else what a savepoint would put back is a file, made and deleted each time.
    db.execute("PRAGMA temp_store = MEMORY")
    return db


def readable(raw: bytes) -> str:
    """Give text even where it is damaged, so that a flipped bit is a fault that verification names, not a failure."""
    return raw.decode("utf-8", "replace")


def migrate(db: sqlite3.Connection, known: tuple[Migration, ...] | None = None) -> tuple[str, ...]:
    """Apply the migrations among `known` (all) that are missing, each in its own transaction, and give their names."""
    found = missing(read_migrations("sqlite") if known is None else known, level_of(db))
    for migration in found:
        noted = f"INSERT OR REPLACE INTO meta (name, value) VALUES ('schema_minimum', '{migration.minimum}');"
        number = f"PRAGMA user_version = {migration.number};"
        db.executescript(f"BEGIN;\n{migration.sql}\n{noted}\n{number}\nCOMMIT;")
    return tuple(migration.name for migration in found)


def level_of(db: sqlite3.Connection) -> Level:
    """Give how far a file is."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        return Level()
    rows = db.execute("SELECT value FROM meta WHERE name = 'schema_minimum'").fetchall()
    return Level(version, int(rows[0][0]) if rows else version)


def lock(path: Path, *, shared: bool = False) -> IO[str]:
    """Keep every other process out of a data folder until this is closed. Raises UsageError when one is in it.

    `shared`: others who share it may be in it too, as nodes that keep nothing there but the owner's token of them all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("w")
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise UsageError(
            f"another Tocsin already serves {path.parent}; stop it, or give this one its own --data folder"
        ) from error
    return handle
