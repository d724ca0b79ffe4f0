"""Connections to PostgreSQL: few, bounded in time, and replaced when they broke.

What goes wrong is told in four ways: StoreUnavailable when nothing was changed, Overtaken when moreover the same works
at once, CommitUnknown when the answer to COMMIT was lost, Conflict when another node was first. Everything else is
raised as it is.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import asyncpg

from tocsin.errors import CommitUnknown, Conflict, Overtaken, StoreUnavailable, TocsinError

T = TypeVar("T")
MOST = 10
"""So many transactions of one node run together; others wait."""

CONNECT_WITHIN = 5.0
ANSWER_WITHIN = 10.0
"""Seconds for one query, and for a free connection: longer than a slow disk, shorter than a lease."""

# Classes of SQLSTATE that speak of the database and not of the question: connection, transaction state (read only),
# passwords, missing database, rollback, access, resources, state, operator, system and internal errors.
_OF_THE_STORE = ("08", "25", "28", "3D", "40", "42", "53", "55", "57", "58", "XX")
_OVERTAKEN = ("40001", "40P01")
"""It waited for another one in a circle, and was chosen to give way."""

_TAKEN = "23505"

LINE = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver raises when a line broke; the last one where it broke between two of its own steps."""


class Connections:
    """Runs work between BEGIN and COMMIT, each on a connection of its own."""

    def __init__(self, url: str) -> None:
        """Take where the database is; the password comes from PGPASSWORD or the password file."""
        self._url = url
        self._idle: list[asyncpg.Connection] = []
        self._used: set[asyncpg.Connection] = set()
        self._places = asyncio.Semaphore(MOST)
        self._closed = False

    async def run(self, begin: str, work: Callable[[asyncpg.Connection], Awaitable[T]], commit: Callable[[], str]) -> T:
        """Give what `work` gives once it is committed. Raises StoreUnavailable or CommitUnknown, or what it raises.

        `commit` is asked how, after the work.
        """
        async with self._place():
            connection = await self._begun(begin)
            self._used.add(connection)
            try:
                value = await self._worked(connection, work, commit)
            finally:
                self._used.discard(connection)
                if not connection.is_closed() and not self._closed:
                    self._idle.append(connection)
            return value

    async def _worked(
        self,
        connection: asyncpg.Connection,
        work: Callable[[asyncpg.Connection], Awaitable[T]],
        commit: Callable[[], str],
    ) -> T:
        try:
            value = await work(connection)
        except BaseException as error:
            await _roll_back(connection, error)
            raise _told(error) from error
        await _commit(connection, commit())
        return value

    def close(self) -> None:
        """End every connection; what is under way fails."""
        self._closed = True
        for connection in (*self._idle, *self._used):
            connection.terminate()

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self._places.acquire()
        except TimeoutError:
            raise StoreUnavailable(f"the store is busy: no connection was free for {ANSWER_WITHIN:.0f} s") from None
        try:
            yield
        finally:
            self._places.release()

    async def _begun(self, begin: str) -> asyncpg.Connection:
        """Give a connection on which a transaction has begun; those that broke while idle are replaced."""
        while self._idle:
            connection = self._idle.pop()
            try:
                await connection.execute(begin)
            except BaseException as error:
                connection.terminate()
                if not isinstance(error, Exception):
                    raise
            else:
                return connection
        connection = await self.connect()
        try:
            await connection.execute(begin)
        except BaseException as error:
            connection.terminate()
            raise _told(error) from error
        return connection

    async def connect(self) -> asyncpg.Connection:
        """Give a new connection, which is the caller's to end. Raises StoreUnavailable."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        try:
            return await connect(self._url)
        except Exception as error:
            raise _told(error) from error


async def connect(url: str) -> asyncpg.Connection:
    """Give a new connection, or raise what the driver raises."""
    settings = {"application_name": "tocsin", "timezone": "UTC"}
    return await asyncpg.connect(url, timeout=CONNECT_WITHIN, command_timeout=ANSWER_WITHIN, server_settings=settings)


async def _roll_back(connection: asyncpg.Connection, error: BaseException) -> None:
    """Undo, or end the connection where that cannot be trusted to work soon."""
    if isinstance(error, TocsinError | asyncpg.PostgresError) and not connection.is_closed():
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            await connection.execute("ROLLBACK")
            return
    connection.terminate()


async def _commit(connection: asyncpg.Connection, how: str) -> None:
    try:
        done = await connection.execute(how)
    except asyncpg.PostgresError as error:
        if getattr(error, "severity", "") != "ERROR":  # the server went away, before or after it was on disk
            connection.terminate()
            raise _unknown(error) from error
        await _roll_back(connection, error)
        raise _told(error) from error
    except BaseException as error:
        connection.terminate()
        if not isinstance(error, Exception):
            raise
        raise _unknown(error) from error
    if done != "COMMIT":
        raise StoreUnavailable(f"the store cannot be used now: COMMIT answered {done}")


def _unknown(error: Exception) -> CommitUnknown:
    return CommitUnknown(f"the store went away during a commit, which may have been kept: {_reason(error)}")


def trouble(error: Exception) -> StoreUnavailable:
    """Give what callers are told when the line broke."""
    return StoreUnavailable(f"the store cannot be used now: {_reason(error)}")


def _told(error: BaseException) -> BaseException:
    """Give what callers are told of an error."""
    if isinstance(error, asyncpg.PostgresError):
        if error.sqlstate == _TAKEN:
            return Conflict("somebody else was first")
        if error.sqlstate in _OVERTAKEN:
            return Overtaken(f"the store cannot be used now: {_reason(error)}")
        if (error.sqlstate or "08").startswith(_OF_THE_STORE):
            return trouble(error)
    if isinstance(error, LINE):
        return trouble(error)
    return error


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "PostgreSQL gave no answer in time"
    return " ".join(str(error).split()) or type(error).__name__
