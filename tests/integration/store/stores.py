"""The stores the contract holds for, and what a test needs to fill one."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import uuid4

from integration.postgres_server import Server
from tocsin.detection.alert import Action, Alert
from tocsin.engine.ports import Store
from tocsin.incident.chain import GENESIS, Row, link, micros
from tocsin.incident.facts import Fact, Noted
from tocsin.incident.jobs import Claimed, GiveUp, Job
from tocsin.store import transactions as t
from tocsin.store.postgres import open_postgres
from tocsin.store.sqlite import InlineStore, SqliteStore

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LEASED_UNTIL = BEGAN + timedelta(seconds=30)


def at(seconds: float) -> datetime:
    """Give the instant so many seconds after the beginning."""
    return BEGAN + timedelta(seconds=seconds)


class Kind(Protocol):
    """How one kind of store is opened, and how it is made to refuse."""

    async def open(self) -> Store:
        """Open it: a second time on what the first left."""
        ...

    def another(self) -> "Kind":
        """Give an empty one of the same kind."""
        ...

    def end(self) -> None:
        """Leave nothing behind."""
        ...

    def fill(self, store: Store, /, *, full: bool) -> None:
        """Leave no room for anything more, or give room again."""
        ...

    def forbid(self, store: Store, /, *, writing: bool) -> None:
        """Let nothing be written, or let it be again."""
        ...


FindServer = Callable[[], Server]


def _no_server() -> Server:
    raise AssertionError("a file needs no server")


class Files:
    """SQLite in a file."""

    def __init__(self, folder: Path, _: FindServer) -> None:
        self.path = folder / "tocsin.db"

    def another(self) -> "Files":
        return Files(self.path.parent / uuid4().hex, _no_server)

    def end(self) -> None:
        pass

    async def open(self) -> Store:
        return SqliteStore(self.path)

    def fill(self, store: Store, /, *, full: bool) -> None:
        _limit(_writer(store), full=full)

    def forbid(self, store: Store, /, *, writing: bool) -> None:
        _writer(store).execute(f"PRAGMA query_only = {'ON' if writing else 'OFF'}")


class Memory:
    """SQLite in memory, for rehearsals."""

    def __init__(self, _: Path, __: FindServer) -> None:
        pass

    def another(self) -> "Memory":
        return self

    def end(self) -> None:
        pass

    async def open(self) -> Store:
        return InlineStore()

    def fill(self, store: Store, /, *, full: bool) -> None:
        _limit(_writer(store), full=full)

    def forbid(self, store: Store, /, *, writing: bool) -> None:
        _writer(store).execute(f"PRAGMA query_only = {'ON' if writing else 'OFF'}")


class Databases:
    """A database of its own on the PostgreSQL of the tests."""

    def __init__(self, _: Path, find_server: FindServer) -> None:
        self.server = find_server()
        self.url = self.server.create()

    def another(self) -> "Databases":
        return Databases(Path(), lambda: self.server)

    async def open(self) -> Store:
        return await open_postgres(self.url)

    def end(self) -> None:
        self.server.drop(self.url)

    def fill(self, _: Store, /, *, full: bool) -> None:
        """Raise what PostgreSQL raises when a table cannot grow: to fill a disk takes rights on the machine."""
        raising = "RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file: No space left on device'"
        body = f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {raising}; END $$;"
        made = f"{body} CREATE TRIGGER full_disk BEFORE INSERT ON document FOR EACH ROW EXECUTE FUNCTION full_disk()"
        self.server.say(made if full else "DROP FUNCTION full_disk CASCADE", self._name)

    def forbid(self, _: Store, /, *, writing: bool) -> None:
        self.server.say(f"ALTER DATABASE {self._name} SET default_transaction_read_only = {'on' if writing else 'off'}")
        self.server.say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'")

    @property
    def _name(self) -> str:
        return self.url.rpartition("/")[2]


KINDS: dict[str, Callable[[Path, FindServer], Kind]] = {"file": Files, "memory": Memory, "postgres": Databases}
LASTING = ("file", "postgres")
"""The kinds that keep what was written when they are closed and opened again."""


def _writer(store: Store) -> sqlite3.Connection:
    if isinstance(store, InlineStore):
        return store.db
    assert isinstance(store, SqliteStore)
    return store._writer


def _limit(db: sqlite3.Connection, *, full: bool) -> None:
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages if full else pages + 10_000}")


# -- what is put into one


def alert(key: str = "k", action: Action = "trigger", severity: str = "error") -> Alert:
    """Give an event of the group "monitor/k"."""
    return Alert(source="monitor", dedup_key=key, action=action, severity=severity)


def job(name: str, due: float = 0, owner: str = "INC-2026-0001") -> Job:
    """Give a job of an incident."""
    return Job(key=f"{owner}/{name}", owner=owner, due=at(due), do=GiveUp(rounds=3))


class Spot(NamedTuple):
    """Where an incident stands: what the next commit has to say it follows."""

    rev: int = 0
    seq: int = 0
    hash: str = GENESIS


class Told(NamedTuple):
    """A commit to make: one note after what was there."""

    number: str = "INC-2026-0001"
    ordinal: int = 1
    group: str = "monitor/k"
    after: Spot = Spot()
    open: bool = True
    restricted: bool = False
    viewers: tuple[str, ...] = ()
    jobs: tuple[Job, ...] = ()
    held: Claimed | None = None
    receipts: tuple[t.Receipt, ...] = ()
    now: datetime = BEGAN
    triggers: int = 0

    @property
    def rows(self) -> tuple[Row, ...]:
        """Give the fact it appends."""
        fact = Fact(seq=self.after.seq + 1, at=self.now, body=Noted(by="person:mira", text=f"note {self.after.seq}"))
        return (link(fact, self.after.hash, b"s" * 16),)

    @property
    def change(self) -> t.Change:
        """Give it as the store takes it."""
        [row] = self.rows
        head = t.Head(
            number=self.number,
            ordinal=self.ordinal,
            group_key=self.group,
            open=self.open,
            restricted=self.restricted,
            opened_at=micros(BEGAN),
            view=f'{{"id":"{self.number}"}}'.encode(),
            viewers=self.viewers,
        )
        return t.Change(
            head,
            self.after.rev,
            (row,),
            row.seq,
            row.hash,
            self.jobs,
            self.held,
            self.receipts,
            self.now,
            self.triggers,
            returns=(self.group,) if self.open and self.after.rev else (),
        )

    @property
    def spot(self) -> Spot:
        """Give where it leads."""
        return Spot(self.after.rev + 1, self.rows[0].seq, self.rows[0].hash)


async def opened(store: Store, told: Told | None = None) -> Spot:
    """Commit the opening of an incident."""
    told = told or Told()
    await store.write(t.commit(told.change))
    return told.spot


async def claimed(store: Store, now: datetime = BEGAN, name: str = "one", until: datetime = LEASED_UNTIL) -> Claimed:
    """Take the next due job, which must be there; `name` is who holds it."""
    held = await store.write(t.claim(now, name, until))
    assert held is not None
    return held
