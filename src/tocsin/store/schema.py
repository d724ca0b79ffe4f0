"""The numbered migrations of each store, and which of them a database still needs.

A number is one change, told in the SQL of each store: `migrations/sqlite/` and `migrations/postgresql/` hold files of
the same names. Migrations only add, so that nodes of the version before go on meanwhile. The first line of one may say
`-- compatible: N`: whoever knows number N may work on what it leaves behind; without it, only who knows this one.
"""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from tocsin.errors import UsageError


class Migration(NamedTuple):
    """One numbered change. `minimum` is the least number a program has to know to work on its result."""

    number: int
    name: str
    sql: str
    minimum: int


class Level(NamedTuple):
    """How far a database is: the number of its last migration, and the least a program has to know."""

    version: int = 0
    minimum: int = 0


@cache
def read_migrations(store: str) -> tuple[Migration, ...]:
    """Give the migrations of a store (sqlite or postgresql) in their order."""
    folder = files("tocsin.store").joinpath("migrations", store)
    found = [_read(entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return tuple(sorted(found))


def newest(store: str) -> int:
    """Give the number of the last migration this program knows."""
    return read_migrations(store)[-1].number


def _read(name: str, sql: str) -> Migration:
    number = int(name.partition("_")[0])
    stated = re.match(r"-- compatible: (\d+)\n", sql)
    return Migration(number, name, sql, int(stated.group(1)) if stated else number)


def missing(known: tuple[Migration, ...], level: Level) -> tuple[Migration, ...]:
    """Give what a database lacks. Raises UsageError when it is of a newer program that this one must not work with."""
    newest = known[-1].number
    if level.minimum > newest:
        raise UsageError(
            f"a newer Tocsin wrote this data (version {level.version}, known are {newest}); upgrade this one"
        )
    return tuple(migration for migration in known if migration.number > level.version)
