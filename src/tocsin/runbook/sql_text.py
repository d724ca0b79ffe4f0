"""The SQL within a command: what is handed to a database client, and which dialect it is in."""

import re
from typing import NamedTuple

from tocsin.runbook.invocations import Invocation
from tocsin.runbook.policy import Step

_CLIENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "psql": ("postgres", ("-c", "--command")), "pgcli": ("postgres", ("-c",)), "vsql": ("postgres", ("-c",)),
    "cockroach": ("postgres", ("-e", "--execute")), "mysql": ("mysql", ("-e", "--execute")),
    "mariadb": ("mysql", ("-e", "--execute")), "clickhouse-client": ("clickhouse", ("-q", "--query")),
    "sqlite3": ("sqlite", ("-cmd",)), "sqlcmd": ("tsql", ("-Q", "-q")), "snowsql": ("snowflake", ("-q",)),
}  # fmt: skip
_FENCES = {"mysql": "mysql", "tsql": "tsql", "plsql": "oracle", "sqlite": "sqlite"}
_META = re.compile(r"^\s*\\.*$", re.MULTILINE)


class Sql(NamedTuple):
    """A text for a database. `line` is 0-based within the step's source; `arguments` counts the texts of one call."""

    text: str
    dialect: str
    line: int


def sql_of(call: Invocation) -> tuple[str, ...]:
    """Give the SQL texts that a call hands to a database."""
    client = _CLIENTS.get(call.name)
    if client is None:
        return ()
    found = []
    for index, word in enumerate(call.words):
        for option in client[1]:
            if word == option and index + 1 < len(call.words):
                found.append(call.words[index + 1])
            elif word.startswith(option + "="):
                found.append(word[len(option) + 1 :])
    if call.name == "sqlite3" and len(call.operands) > 1:
        found.append(call.operands[1])
    if call.given:
        found.append(call.given)
    return tuple(text for text in found if _META.sub("", text).strip())


def sql_in(step: Step, calls: tuple[Invocation, ...]) -> tuple[Sql, ...]:
    """Give the SQL of a step: its whole text in an SQL fence, else what its calls hand over."""
    if step.language != "bash":
        return (Sql(step.source, _FENCES.get(step.language, "postgres"), 0),)
    found = []
    for call in calls:
        texts = list(sql_of(call))
        if call.name in _CLIENTS and call.stage > 0 and not texts:
            texts += [_echoed(c) for c in calls if c.pipeline == call.pipeline and c.stage == call.stage - 1]
        found += [Sql(text, _CLIENTS[call.name][0], _line(step.source, text, call.line)) for text in texts if text]
    return tuple(found)


def _echoed(call: Invocation) -> str:
    return " ".join(call.operands) if call.name in ("echo", "printf") else ""


def _line(source: str, text: str, otherwise: int) -> int:
    """Give the line within the source on which the SQL begins."""
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return next(
        (n for n, line in enumerate(source.split("\n")) if first and first in line and n >= otherwise), otherwise
    )
