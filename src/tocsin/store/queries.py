"""The queries of queries.sql, by name."""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

Row = Sequence[Any]
"""One row, as the driver gives it."""


SENDING = "_sending"
"""The end of the names of questions that pass over what sends nothing."""


class Query(NamedTuple):
    """A named query with its parameters. With `many`, it is asked once for each of these, in their order."""

    name: str
    parameters: tuple[Any, ...] = ()
    many: tuple[tuple[Any, ...], ...] | None = None


def read_queries() -> Mapping[str, str]:
    """Give the SQL of every query by its name, with $n parameters."""
    text = files("tocsin.store").joinpath("queries.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    found = {name: _without_comments(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}
    return found | {f"{name}{SENDING}": _sending(found[name]) for name in ("claim", "next_due")}


def _sending(text: str) -> str:
    """Give a question for jobs as one for those alone that send something, which have an index of their own."""
    return text.replace("AND channel NOT IN", "AND channel <> '' AND channel NOT IN")


def _without_comments(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not line.startswith("--")).strip()


class Light(NamedTuple):
    """The queries whose transactions need not be on disk: those `marked` so, and what may be `asked` beside them."""

    marked: frozenset[str]
    asked: frozenset[str]


def light_queries() -> Light:
    """Give what may be forgotten when the power fails. A transaction that begins with such a query asks no other."""
    texts = read_queries()
    marked = frozenset(name for name, text in texts.items() if text.startswith("/*lightly*/"))
    return Light(marked, marked | {name for name, text in texts.items() if text.startswith("SELECT ")})
