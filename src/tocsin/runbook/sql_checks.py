"""What is wrong with the SQL of a runbook: text that is no SQL, several statements at once, statements that change."""

import re
from functools import lru_cache

from tocsin.guard.placeholders import ANGLE, placeholder_in
from tocsin.guard.sql import judge_sql
from tocsin.guard.sql_tokens import Dialect
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.policy import Step
from tocsin.runbook.sql_text import Sql, sql_in

# Commands of the client itself: on a line of their own, or behind a query (`\gx`, `\G`).
_META = re.compile(r"^\s*\\.*$|\\(?:g\w*|G|watch.*)\s*$", re.MULTILINE)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_VARIABLE = re.compile(r"(?<![:\w]):'?[A-Za-z_]\w*'?|\$\{?\w+\}?|\{\{[^}]*\}\}|%s|%\(\w+\)s")


def check_sql(step: Step, ledger: Ledger) -> bool:
    """Record the trouble of the SQL within a step; tell whether a database can read all of it."""
    readable = True
    for sql in sql_in(step):
        broken = trouble_of(sql)
        if broken is not None:
            ledger.error("RB150", step.line + sql.line, f"A database cannot read this: {broken}.", at=_first(sql.text))
            readable = False
            continue
        _check_statements(step, sql, ledger)
        _check_names(step, sql, ledger)
    return readable


def _check_statements(step: Step, sql: Sql, ledger: Ledger) -> None:
    statements = statements_of(sql.text)
    line = step.line + sql.line
    if len(statements) > 1:
        ledger.warn(
            "RB151", line,
            f"{len(statements)} statements are sent as one: when the second fails, the first is undone or half of "
            "the work is done, depending on the client.", at=_first(sql.text),
        )  # fmt: skip
        return
    verdict = judge_sql(sql.text, as_judged(sql.dialect))
    if verdict.risk != "read":
        ledger.warn("RB151", line, f"This is more than a look: {verdict.why}.", at=_first(sql.text))


def as_judged(dialect: str) -> Dialect:
    """Give the dialect that the guard reads a text in; what it does not know it reads as PostgreSQL's."""
    known: dict[str, Dialect] = {"mysql": "mysql", "sqlite": "sqlite"}
    return known.get(dialect, "postgres")


_NAME_JOINED = re.compile(
    r"\b(?:pg_\w*size|pg_\w*relation\w*|to_reg\w+|has_table_privilege|pg_stat_get\w*)\s*\(\s*"
    r"(?P<name>[\w.\"]+\s*\|\|\s*'[^']*'\s*\|\|\s*[\w.\"]+)|"
    r"(?P<cast>[\w.\"]+\s*\|\|\s*'[^']*'\s*\|\|\s*[\w.\"]+\s*\))\s*::\s*reg\w+",
    re.IGNORECASE,
)


def joined_name(text: str) -> re.Match[str] | None:
    """Give where a query puts a name together without quotes and has it read as a name again."""
    return _NAME_JOINED.search(text)


def _check_names(step: Step, sql: Sql, ledger: Ledger) -> None:
    found = joined_name(sql.text)
    if found is not None:
        name = (found["name"] or found["cast"]).rstrip(") ")
        ledger.warn(
            "RB152", step.line + sql.line + sql.text[: found.start()].strip("\n").count("\n"),
            f"{name} is read as a name again, in lower case: one table with a capital letter makes the query fail.",
            "format('%I.%I', schemaname, tablename)::regclass", at=name,
        )  # fmt: skip


def statements_of(text: str) -> list[str]:
    """Give the statements of an SQL text without comments and without the client's own commands."""
    bare = _COMMENT.sub(" ", _META.sub("", text))
    parts = re.split(r";(?=(?:[^']*'[^']*')*[^']*$)", bare) if "$$" not in bare else [bare]
    return [part.strip() for part in parts if part.strip()]


def trouble_of(sql: Sql) -> str | None:
    """Give why a text is no SQL, None when it is or when a blank in it leaves that open."""
    blank = placeholder_in(sql.text)
    for statement in statements_of(sql.text):
        bound = ANGLE.sub("1", statement.replace(blank, "1") if blank else statement)
        readable = _VARIABLE.sub("1", bound)
        words = re.findall(r"[A-Za-z_]+|\S", readable)[:4]
        first = words[0].upper() if words else ""
        if first in _GRAMMAR:
            reason = _misread(readable, sql.dialect) or _dangling(readable)
        elif first in _OBJECTS_BEHIND:
            reason = None if {word.upper() for word in words[1:]} & _OBJECTS else f"{first} names nothing that exists"
        else:
            reason = None if first in _STATEMENTS else f'"{words[0] if words else ""}" begins no statement'
        if reason is not None:
            return reason
    return None


@lru_cache(maxsize=1024)
def _misread(statement: str, dialect: str) -> str | None:
    """Give where a grammar stops reading, None when one of the likely dialects reads it all."""
    # Imported late: it takes as long as all the rest, and most documents hold no SQL.
    import sqlglot  # noqa: PLC0415
    from sqlglot.errors import ParseError, SqlglotError  # noqa: PLC0415

    reason: str | None = None
    for one in dict.fromkeys((dialect, "postgres", "mysql", "tsql", "oracle", "snowflake")):
        try:
            sqlglot.parse_one(statement, dialect=one)
        except ParseError as error:
            at = next((e["highlight"] for e in error.errors if e.get("highlight")), None)
            reason = reason or (f'it stops making sense at "{at}"' if at else "it is not complete")
        except (SqlglotError, RecursionError):
            reason = reason or "a quote or a bracket is left open"
        else:
            return None
    return reason


def _dangling(statement: str) -> str | None:
    """Give a comma or a word behind which something is missing: the grammar forgives these, databases do not."""
    bare = re.sub(r"'(?:[^']|'')*'", "''", statement)
    found = _COMMA.search(bare) or _UNFINISHED.search(bare)
    return f'something is missing behind "{found[1]}"' if found else None


def _first(text: str) -> str:
    return next((line.strip() for line in text.split("\n") if line.strip()), "")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GRAMMAR = _words("SELECT INSERT UPDATE DELETE WITH")
_OBJECTS_BEHIND = _words("CREATE ALTER DROP")
_OBJECTS = _words("""
    TABLE INDEX UNIQUE VIEW MATERIALIZED DATABASE ROLE USER SCHEMA SEQUENCE FUNCTION PROCEDURE TRIGGER TYPE
    DOMAIN EXTENSION POLICY PUBLICATION SUBSCRIPTION SYSTEM EVENT SERVER TABLESPACE GROUP RULE AGGREGATE CAST
    COLLATION LANGUAGE OPERATOR OWNED STATISTICS FOREIGN TEMP TEMPORARY UNLOGGED GLOBAL LOCAL DEFAULT LARGE
    REPLACE SYNONYM RECURSIVE STAGE WAREHOUSE DICTIONARY KEYSPACE LOGIN ACCESS TEXT CONVERSION TRANSFORM
    INSTANCE RESOURCE PROFILE FULLTEXT
""")
_STATEMENTS = _words("""
    ABORT ANALYZE ATTACH BEGIN CALL CHANGE CHECK CHECKPOINT CHECKSUM CLOSE CLUSTER COMMENT COMMIT COPY
    DEALLOCATE DECLARE DESC DESCRIBE DETACH DISCARD DO END EXEC EXECUTE EXPLAIN FETCH FLUSH FROM GO GRANT
    HANDLER IF IMPORT INSTALL KILL LISTEN LOAD LOCK MERGE MOVE NOTIFY OPTIMIZE PRAGMA PREPARE PRINT PURGE
    REASSIGN REFRESH REINDEX RELEASE RENAME REPAIR REPLACE RESET REVOKE ROLLBACK SAVEPOINT SECURITY SET SHOW
    SHUTDOWN START STOP SYSTEM TABLE TRUNCATE UNDROP UNLISTEN UNLOCK UPSERT USE VACUUM VALUES WAITFOR XA
""")
_COMMA = re.compile(r"(,)\s*(?:(?:FROM|WHERE|GROUP\s+BY|ORDER\s+BY|HAVING|LIMIT)\b|\)|$)", re.IGNORECASE)
_UNFINISHED = re.compile(
    r"\b(SELECT|FROM|JOIN|ON|WHERE|AND|OR|BY|SET|VALUES|INTO|HAVING|NOT|LIKE|IN)\s*;?\s*$", re.IGNORECASE
)
