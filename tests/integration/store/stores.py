"""The stores the contract holds for, and what a test needs to fill one."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

from tocsin.detection.alert import Action, Alert
from tocsin.engine.ports import Store
from tocsin.incident.chain import GENESIS, Row, link, micros
from tocsin.incident.facts import Fact, Noted
from tocsin.incident.jobs import Claimed, GiveUp, Job
from tocsin.store import transactions as t
from tocsin.store.sqlite import InlineStore, SqliteStore

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LEASED_UNTIL = BEGAN + timedelta(seconds=30)


def at(seconds: float) -> datetime:
    """Give the instant so many seconds after the beginning."""
    return BEGAN + timedelta(seconds=seconds)


class Kind(Protocol):
    """How one kind of store is opened, and how it is made to refuse."""

    def open(self) -> Store:
        """Open it: a second time on what the first left."""
        ...

    def fill(self, store: Store, *, full: bool) -> None:
        """Leave no room for anything more, or give room again."""
        ...

    def forbid(self, store: Store, *, writing: bool) -> None:
        """Let nothing be written, or let it be again."""
        ...


class Files:
    """SQLite in a file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "tocsin.db"

    def open(self) -> Store:
        return SqliteStore(self.path)

    def fill(self, store: Store, *, full: bool) -> None:
        _limit(_writer(store), full=full)

    def forbid(self, store: Store, *, writing: bool) -> None:
        _writer(store).execute(f"PRAGMA query_only = {'ON' if writing else 'OFF'}")


class Memory:
    """SQLite in memory, for rehearsals."""

    def __init__(self, _: Path) -> None:
        pass

    def open(self) -> Store:
        return InlineStore()

    def fill(self, store: Store, *, full: bool) -> None:
        _limit(_writer(store), full=full)

    def forbid(self, store: Store, *, writing: bool) -> None:
        _writer(store).execute(f"PRAGMA query_only = {'ON' if writing else 'OFF'}")


KINDS: dict[str, Callable[[Path], Kind]] = {"file": Files, "memory": Memory}
LASTING = ("file",)
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
        return t.Change(head, self.after.rev, (row,), row.seq, row.hash, self.jobs, self.held, self.receipts, self.now)

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
