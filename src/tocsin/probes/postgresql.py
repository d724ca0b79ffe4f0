"""A PostgreSQL from within: its connections, what runs long, who waits for whom, who may do what since when.

One connection is kept, which only reads and gives up on any statement that takes as long as a look. It is there already
when nobody gets one any more; without it, that none is left is what the reading says.
"""

import asyncio
import re
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg

from tocsin.detection.reading import Reading
from tocsin.probes import postgresql_sql as sql
from tocsin.probes.options import PostgresqlOptions
from tocsin.probes.permissions import MOST, Permissions, counted, told
from tocsin.probes.postgresql_target import database_of
from tocsin.probes.probe import LookFailed
from tocsin.probes.processor import Processor
from tocsin.probes.table import Parts
from tocsin.probes.trouble import unconnected
from tocsin.response.redaction import redact

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

_SHOWN = 200
_LITERAL = re.compile(r"""(?s)\b[eE]'(?:[^'\\]|\\.|'')*'?|'(?:[^']|'')*'?|\$(\w*)\$.*?(?:\$\1\$|$)|(?<![\w$])\d{6,}""")
_NO_RIGHT = (
    asyncpg.InvalidPasswordError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)
_OF_SESSIONS = (*("active", "long_queries", "longest_query", "longest_transaction", "idle_in_transaction", "blocked"),)


class Postgresql:
    """Looks into a PostgreSQL. Raises SettingsInvalid for options that do not fit together."""

    def __init__(self, options: PostgresqlOptions, parts: Parts) -> None:
        """Take its address, and what else to read."""
        database = database_of(options, parts)
        self._address, self._host, self._rows = database.address, database.host, database.rows
        self._local, self._long = database.is_local, options.long.total_seconds()
        self._within, self._clock, self._names = parts.timeout.total_seconds(), parts.clock, parts.shared.names
        self._permissions, self._processor = Permissions(), Processor("postgres")
        self._kept: Connection | None = None

    @property
    def memory(self) -> str:
        """Give the marks of who may do what."""
        return self._permissions.memory

    @memory.setter
    def memory(self, text: str) -> None:
        self._permissions.memory = text

    async def look(self, now: datetime) -> Reading:
        """Ask once, on the connection that is kept, or on a new one."""
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._within):
                values, details = await self._looked()
        except TimeoutError:
            return _down(now, f"it did not answer within {self._within:g} s", latency=self._within)
        except asyncpg.TooManyConnectionsError as full:
            return _down(now, f"no connection is left: {_one_line(str(full))}", connections_share=1.0)
        except _NO_RIGHT as refused:
            raise LookFailed(f"the database does not let the probe in: {_one_line(str(refused))}") from refused
        except asyncpg.ClientConfigurationError as wrong:
            raise LookFailed("its address is not valid; look at `url`") from wrong
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            return _down(now, _told(error))
        except ValueError as wrong:
            raise LookFailed("its address is not valid; look at `url`") from wrong
        return Reading(at=now, values={"up": 1.0, "latency": self._clock.monotonic() - began} | values, details=details)

    async def _looked(self) -> tuple[dict[str, float], dict[str, str]]:
        connection, self._kept = self._kept, None
        if connection is not None and not connection.is_closed():
            with suppress(asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError, OSError):
                return await self._on(connection)
        return await self._on(await self._connected())

    async def _on(self, connection: "Connection") -> tuple[dict[str, float], dict[str, str]]:
        """Ask on a connection; one that was not asked to the end is not kept."""
        try:
            found = await self._asked(connection)
        except BaseException:
            connection.terminate()
            raise
        self._kept = connection
        return found

    async def _connected(self) -> "Connection":
        # A name server that hangs is not the target: it is asked on the probes' own threads, and before.
        if self._host and not await self._names.within(self._host, self._within * 0.9):
            raise ConnectionError(f"there is no host {self._host}")
        connection = await asyncpg.connect(
            self._address, timeout=self._within, statement_cache_size=0, server_settings={"application_name": "tocsin"}
        )
        try:
            await connection.execute(sql.SESSION.format(milliseconds=max(1, round(self._within * 1000))))
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _asked(self, connection: "Connection") -> tuple[dict[str, float], dict[str, str]]:
        activity = await connection.fetchrow(sql.ACTIVITY, self._long)
        assert activity is not None  # noqa: S101  an aggregate is always one row
        used, limit = float(activity["connections"]), float(activity["connections_limit"])
        values = {"connections": used, "connections_limit": limit, "connections_share": used / max(1.0, limit)}
        details: dict[str, str] = {}
        not_read: list[str] = []
        if activity["sees_all"]:
            values |= {name: float(activity[name]) for name in _OF_SESSIONS}
            await self._waits(connection, values, details)
            await self._replication(connection, values, replica=activity["is_replica"])
        else:
            not_read.append("what others do cannot be seen: GRANT pg_monitor to the role of the probe")
        busy = self._processor.share(activity["backend"], self._clock.monotonic()) if self._local else None
        values |= {} if busy is None else {"cpu": busy}
        if not self._local:
            not_read.append("cpu is only known of a server on the same machine")
        not_read += await self._read_rows(connection, values)
        not_read += await self._permitted(connection, values, details)  # last: what is news once must be told
        return values, details | ({"not_read": _one_line("; ".join(not_read))} if not_read else {})

    async def _waits(self, connection: "Connection", values: dict[str, float], details: dict[str, str]) -> None:
        """Add who waits for whom and what runs long, with words for people."""
        values["longest_wait"] = 0.0
        if values["blocked"]:
            values["longest_wait"] = float(await connection.fetchval(sql.WAITING))
            holder = await connection.fetchrow(sql.BLOCKING)
            if holder is not None:
                details["blocking"] = (
                    f"pid {holder['pid']} ({holder['role']}, {holder['state']}, {holder['runs']:.0f} s)"
                )
                details["blocking"] += f" blocks {holder['others']}: {_query(holder['query'])}"
        if values["long_queries"]:
            longest = await connection.fetchrow(sql.LONGEST)
            if longest is not None:
                about = f"pid {longest['pid']} ({longest['role']}, {longest['runs']:.0f} s)"
                details["longest_query"] = f"{about}: {_query(longest['query'])}"

    async def _replication(self, connection: "Connection", values: dict[str, float], *, replica: bool) -> None:
        found = await connection.fetchrow(sql.BEHIND if replica else sql.REPLICAS)
        assert found is not None  # noqa: S101  one row of what the server knows of itself
        if not replica:
            values["replicas"] = float(found["replicas"])
            if not found["replicas"]:
                return
        for name in ("lag", "bytes"):
            if found[name] is not None:
                values[f"replication_{name}"] = max(0.0, float(found[name]))

    async def _permitted(
        self, connection: "Connection", values: dict[str, float], details: dict[str, str]
    ) -> list[str]:
        """Add who there is and what is new among roles and grants; give why it cannot be told."""
        found = [str(row["mark"]) for row in await connection.fetch(sql.PERMISSIONS.format(most=MOST + 1))]
        if len(found) > MOST:
            return [f"roles, superusers and what is new: there are over {MOST} roles and grants"]
        news = self._permissions.news(found)
        values |= counted(found, news)
        if news:
            details["permissions"] = _one_line(told(news))
        return []

    async def _read_rows(self, connection: "Connection", values: dict[str, float]) -> list[str]:
        """Add how many rows were read since ever; give why some cannot be told."""
        values["rows_read"] = float(await connection.fetchval(sql.ROWS) or 0)
        not_read = []
        for name, (what, whose) in self._rows.items():
            try:
                found = await connection.fetchval(sql.ROWS_OF[what], whose)
            except (asyncpg.UndefinedTableError, asyncpg.ObjectNotInPrerequisiteStateError):
                not_read.append(f"{name} needs the extension pg_stat_statements")
                continue
            except asyncpg.InsufficientPrivilegeError as refused:
                not_read.append(f"{name}: {refused}")
                continue
            if found is None:
                not_read.append(f"{name}: nothing is known of the {what} {whose!r}")
            else:
                values[name] = float(found)
        return not_read

    async def close(self) -> None:
        """Hang up."""
        kept, self._kept = self._kept, None
        if kept is not None:
            with suppress(TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await kept.close(timeout=1)


def _told(error: Exception) -> str:
    """Give what an error says of the server. Raises LookFailed where it is this machine's."""
    if isinstance(error, asyncpg.CannotConnectNowError):
        return f"it takes no connections now: {_one_line(str(error))}"
    if isinstance(error, asyncpg.QueryCanceledError):
        return "it was too busy to say how it is"
    if isinstance(error, OSError):
        return str(unconnected(error))
    return _one_line(str(error)) or type(error).__name__


def _query(text: str | None) -> str:
    """Give a statement for people: without the values in it, which may be those of customers."""
    return _one_line(_LITERAL.sub("?", text or ""))


def _one_line(text: str) -> str:
    return " ".join(redact(text).text.split())[:_SHOWN]


def _down(now: datetime, trouble: str, **values: float) -> Reading:
    return Reading(at=now, values={"up": 0.0, **values}, details={"trouble": trouble})
