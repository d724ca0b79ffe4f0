"""The SQL within a step, and which dialect it is in."""

import re
from typing import NamedTuple

from tocsin.runbook.policy import Step

# Of clients that are not here it is not known what they take.
_DIALECTS = {
    "psql": "postgres", "pgcli": "postgres", "vsql": "postgres", "cockroach": "postgres", "mysql": "mysql",
    "mariadb": "mysql", "clickhouse-client": "clickhouse", "sqlite3": "sqlite", "sqlcmd": "tsql",
    "snowsql": "snowflake",
}  # fmt: skip
_FENCES = {"mysql": "mysql", "tsql": "tsql", "plsql": "oracle", "sqlite": "sqlite"}
_META = re.compile(r"^\s*\\.*$", re.MULTILINE)


class Sql(NamedTuple):
    """A text for a database. `line` is 0-based within the step's source."""

    text: str
    dialect: str
    line: int


def sql_in(step: Step) -> tuple[Sql, ...]:
    """Give the SQL of a step: its whole text in an SQL fence, else what its commands hand to a database."""
    if step.language != "bash":
        return (Sql(step.source, _FENCES.get(step.language, "postgres"), 0),)
    return tuple(
        Sql(query.text, _DIALECTS[query.client], _line(step.source, query.text))
        for query in step.queries
        if query.client in _DIALECTS and _META.sub("", query.text).strip()
    )


def _line(source: str, text: str) -> int:
    """Give the line within the source on which the SQL begins."""
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return next((n for n, line in enumerate(source.split("\n")) if first and first in line), 0)
