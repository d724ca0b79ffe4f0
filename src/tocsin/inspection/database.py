"""Whether the configured database can prepare the queries of a document: it is asked to read them, not to run them."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg

from tocsin.configuration_file import resolve_secret
from tocsin.errors import SettingsInvalid
from tocsin.guard.placeholders import placeholder_in
from tocsin.response.guard import places
from tocsin.runbook.commands import commands
from tocsin.runbook.policy import Finding, Runbook
from tocsin.runbook.sql_checks import joined_name, statements_of, trouble_of
from tocsin.runbook.sql_text import Sql, sql_in
from tocsin.settings import Secret, Settings

LIMIT = 5.0
"""Seconds for connecting, and for one statement."""
_ADDRESS = re.compile(r"^postgres(?:ql)?://", re.IGNORECASE)
_VARIABLE = re.compile(r"^\$\{?(\w+)\}?$")
_OPEN = re.compile(r"(?<!:):'?[A-Za-z_]\w*'?|\$\{?[A-Za-z_]\w*\}?")
# What PostgreSQL can prepare: it looks at the names in these. Everything else it only reads.
_PREPARED = re.compile(r"\s*(?:select|with|insert|update|delete|merge|values|table)\b", re.IGNORECASE)
_READ_ONLY = {
    "default_transaction_read_only": "on",
    "statement_timeout": "4000",
    "lock_timeout": "1000",
    "application_name": "tocsin-check",
}


class Query(NamedTuple):
    """One SQL text with the line it begins on and the database that its command names (a variable or an address)."""

    sql: Sql
    line: int
    database: str | None


async def refused_queries(runbook: Runbook, settings: Settings, base: Path) -> list[Finding]:
    """Give RB150 for each query that its database refuses to prepare, RB004 where none could be asked."""
    found: list[Finding] = []
    wanted: dict[str | None, list[Query]] = {}
    for query in _queries(runbook):
        wanted.setdefault(query.database, []).append(query)
    for database, queries in wanted.items():
        address = _address(database, settings, base)
        if address is None:
            named = f"{database} is no variable that the configuration fills" if database else "no database is named"
            found.append(_unseen(queries[0].line, f"the database was not asked: {named}"))
            continue
        try:
            async with _connected(address) as connection:
                for query in queries:
                    found += await _asked(connection, query)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, TimeoutError) as error:
            found.append(_unseen(queries[0].line, f"the database could not be asked: {_short(error)}"))
    return found


def _unseen(line: int, why: str) -> Finding:
    return Finding(code="RB004", level="info", line=line, message=why)


def _queries(runbook: Runbook) -> Iterator[Query]:
    for command in commands(runbook):
        named = next((_named(call.words) for call in command.calls if call.name == "psql"), None)
        for sql in sql_in(command.step):
            if sql.dialect == "postgres":
                yield Query(sql, command.step.line + sql.line, named)


def _named(words: tuple[str, ...]) -> str | None:
    return next((word for word in words if _VARIABLE.match(word) or _ADDRESS.match(word)), None)


def _address(named: str | None, settings: Settings, base: Path) -> str | None:
    """Give the address of the database that a command names, from what the configuration lets it see."""
    if named is not None and _ADDRESS.match(named):
        return named
    variable = _VARIABLE.match(named or "")
    values = settings.targets.environment
    if variable is not None:
        return _value(values.get(variable[1]), base)
    if named is None:
        asked = places(settings, None)[1]
        if asked:
            return _value(settings.databases[asked].url, base)
        known = [text for one in values.values() if (text := _value(one, base)) and _ADDRESS.match(text)]
        return known[0] if len(set(known)) == 1 else None
    return None


def _value(value: str | Secret | None, base: Path) -> str | None:
    if isinstance(value, Secret):
        try:
            return resolve_secret(value, base)
        except SettingsInvalid:
            return None
    return value


@asynccontextmanager
async def _connected(address: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(
        address, timeout=LIMIT, command_timeout=LIMIT, server_settings=_READ_ONLY, statement_cache_size=0
    )
    try:
        yield connection
    finally:
        try:
            await connection.close(timeout=1)
        except (TimeoutError, asyncpg.PostgresError, OSError):
            connection.terminate()


async def _asked(connection: "asyncpg.Connection[asyncpg.Record]", query: Query) -> list[Finding]:
    found: list[Finding] = []
    if trouble_of(query.sql) is not None:
        return []  # said already, without the database
    for statement in statements_of(query.sql.text):
        if not _PREPARED.match(statement) or placeholder_in(statement) or _OPEN.search(statement):
            continue
        async with asyncio.timeout(LIMIT), connection.transaction(readonly=True):
            try:
                await connection.prepare(statement)
            except asyncpg.InsufficientPrivilegeError as error:
                found.append(_unseen(query.line, f"the database does not let us look at this: {_short(error)}"))
            except asyncpg.PostgresError as error:
                found.append(_refusal(query, error))
        if joined_name(statement):
            found += await _capitals(connection, query)
    return found


def _refusal(query: Query, error: asyncpg.PostgresError) -> Finding:
    hint = getattr(error, "hint", None)
    return Finding(
        code="RB150", level="error", line=query.line,
        message=f"The database refuses this query: {_short(error)}", suggestion=str(hint) if hint else None,
    )  # fmt: skip


async def _capitals(connection: "asyncpg.Connection[asyncpg.Record]", query: Query) -> list[Finding]:
    """Give RB150 when a name that is put together without quotes would miss a table that is there."""
    table = await connection.fetchval(
        "SELECT schemaname || '.' || tablename FROM pg_catalog.pg_tables"
        " WHERE quote_ident(tablename) <> tablename OR quote_ident(schemaname) <> schemaname ORDER BY 1 LIMIT 1"
    )
    if table is None:
        return []
    name = str(table)
    return [Finding(
        code="RB150", level="error", line=query.line,
        message=f'This query fails in the database: it looks for "{name.lower()}", and the table is called "{name}"',
        suggestion="format('%I.%I', schemaname, tablename)::regclass",
    )]  # fmt: skip


def _short(error: Exception) -> str:
    """Give an error in one line, without what an address may hold."""
    text = " ".join(str(error).split()) or type(error).__name__
    return re.sub(r"//[^@/\s]+@", "//***@", text)[:200]
