"""A backup: one file that either store can be filled from.

Gzip of JSON lines: a head, then for each table its name and columns and its rows, then the count of rows and the
SHA-256 of everything before. Bytes are base64 in a list of one. The head repeats the recorded head of every timeline,
so that what is restored can be held against it.
"""

import base64
import contextlib
import gzip
import hashlib
import os
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Protocol, TextIO

import msgspec

from tocsin.errors import UsageError
from tocsin.incident.chain import Row as FactRow
from tocsin.incident.chain import faults
from tocsin.store.transactions import fact_row

FORMAT = 1

TABLES = {
    "meta": "name",
    "document": "version",
    "alert": "group_key",
    "incident": "ordinal",
    "member": "group_key",
    "fact": "incident, seq",
    "viewer": "incident, person",
    "job": "key",
    "receipt": "id",
    "credential": "hash",
    "artifact": "sha",
    "silence": "ordinal",
    "change_event": "id",
    "probe": "id",
    "looker": "node",
    "shard": "number",
}
"""Every table, in the order in which it can be filled, and the order of its rows."""

_FACT = ("seq", "at", "kind", "payload", "salt", "digest", "prev", "hash")
_DAMAGED = "it is damaged or cut short; take another backup"


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself. `schema` is the number of the last migration; `heads`: number, seq, hash."""

    tocsin: str = "backup"
    format: int = FORMAT
    schema: int
    at: str
    store: str
    heads: tuple[tuple[str, int, str], ...]


class Table(msgspec.Struct, frozen=True):
    """Which table the rows that follow belong to."""

    table: str
    columns: tuple[str, ...]


class Tail(msgspec.Struct, frozen=True):
    """How a backup ends."""

    rows: int
    sha256: str


class Snapshot(Protocol):
    """A store as it is at one instant."""

    kind: str

    async def schema(self) -> int:
        """Give the number of its last migration."""
        ...

    async def columns(self, table: str) -> tuple[tuple[str, bool], ...]:
        """Give the columns of a table, and whether each holds true or false."""
        ...

    def rows(self, sql: str) -> AsyncIterator[Sequence[Any]]:
        """Give rows, without holding all of them."""
        ...


class _Writer:
    def __init__(self, out: gzip.GzipFile) -> None:
        self._out, self._sum = out, hashlib.sha256()

    def line(self, value: object) -> None:
        raw = msgspec.json.encode(value) + b"\n"
        self._sum.update(raw)
        self._out.write(raw)

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Give where to write a file that is there whole or not at all, readable by its owner alone. Raises UsageError."""
    partial = path.with_name(f"{path.name}.partial")
    if path.exists():
        raise UsageError(f"{path} exists; choose another name, a backup is never overwritten")
    try:
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        partial.rename(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


async def write_backup(snapshot: Snapshot, out: IO[bytes], at: str) -> Head:
    """Write a snapshot, and give what the backup says of itself."""
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=6, mtime=0) as packed:
        return await _write(snapshot, _Writer(packed), at)


async def _write(snapshot: Snapshot, writer: _Writer, at: str) -> Head:
    heads = [tuple(row) async for row in snapshot.rows("SELECT number, seq, hash FROM incident ORDER BY ordinal")]
    head = Head(schema=await snapshot.schema(), at=at, store=snapshot.kind, heads=tuple(heads))
    writer.line(head)
    count = 0
    for table, order in TABLES.items():
        columns = await snapshot.columns(table)
        names, truths = [name for name, _ in columns], [is_truth for _, is_truth in columns]
        writer.line(Table(table, tuple(names)))
        async for row in snapshot.rows(f"SELECT {', '.join(names)} FROM {table} ORDER BY {order}"):
            writer.line([_plain(value, is_truth) for value, is_truth in zip(row, truths, strict=True)])
            count += 1
    writer.line(Tail(count, writer.sha256))
    return head


def _plain(value: object, is_truth: bool) -> object:
    if isinstance(value, bytes):
        return [base64.b64encode(value).decode()]
    return bool(value) if is_truth and value is not None else value


# -- reading


class Backup:
    """A backup that was found to be whole, with every timeline as its head says. Raises UsageError otherwise."""

    def __init__(self, path: Path) -> None:
        """Read all of it once."""
        self._path = path
        with _opened(path) as lines:
            self.head = self._checked(lines)

    def tables(self) -> Iterator[tuple[Table, Iterator[list[Any]]]]:
        """Give each table with its rows, which have to be taken before the next table is asked for."""
        with _opened(self._path) as lines:
            next(lines)
            upcoming: list[Table] = [msgspec.json.decode(next(lines), type=Table)]

            def rows() -> Iterator[list[Any]]:
                for raw in lines:
                    if raw.startswith("["):
                        yield [_lively(value) for value in msgspec.json.decode(raw)]
                    else:
                        upcoming[:] = [] if '"sha256"' in raw else [msgspec.json.decode(raw, type=Table)]
                        return

            while upcoming:
                yield upcoming[0], rows()

    def _checked(self, lines: Iterator[str]) -> Head:
        try:
            first = next(lines)
            head = msgspec.json.decode(first, type=Head)
        except (msgspec.DecodeError, StopIteration) as error:
            raise UsageError(f"{self._path} is no backup of Tocsin") from error
        if head.tocsin != "backup" or head.format != FORMAT:
            raise UsageError(f"{self._path} was written by another version (format {head.format}); use that one")
        total, count, last = hashlib.sha256(), 0, first
        for line in lines:
            total.update(last.encode())
            count += line.startswith("[")
            last = line
        if not last.startswith('{"rows"') or msgspec.json.decode(last, type=Tail) != Tail(count, total.hexdigest()):
            raise UsageError(f"{self._path}: {_DAMAGED}")
        return head

    def faults(self) -> tuple[str, ...]:
        """Give what is wrong with the timelines, each held against the head that the backup vouches for."""
        vouched, found, seen = {number: (seq, last) for number, seq, last in self.head.heads}, [], set[str]()
        for number, rows in self._timelines():
            seen.add(number)
            seq, last = vouched.get(number, (0, ""))
            found += [f"{number}: {fault}" for fault in faults(rows, last, seq)]
        return (*found, *(f"{number}: has no facts" for number in vouched if number not in seen))

    def _timelines(self) -> Iterator[tuple[str, tuple[FactRow, ...]]]:
        for table, rows in self.tables():
            current, facts = "", list[FactRow]()
            for row in rows:
                if table.table != "fact":
                    continue
                values = dict(zip(table.columns, row, strict=True))
                number = values.pop("incident")
                if number != current and facts:
                    yield current, tuple(facts)
                    facts = []
                current = number
                facts.append(fact_row([values[name] for name in _FACT]))
            if facts:
                yield current, tuple(facts)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            yield lines
    except (EOFError, gzip.BadGzipFile, zlib.error, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise UsageError(f"{path}: {_DAMAGED}") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error


def _lively(value: object) -> object:
    return base64.b64decode(value[0]) if isinstance(value, list) else value
