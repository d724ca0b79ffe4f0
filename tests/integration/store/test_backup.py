"""A backup of either store fills either store, and says when it is not what was written."""

import gzip
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.postgres_server import Server
from integration.store.stores import BEGAN, LEASED_UNTIL, Told, alert, at, claimed, job, opened
from integration.store.test_contract import receipt
from tocsin.engine.ports import Store
from tocsin.errors import UsageError
from tocsin.store import credentials as c
from tocsin.store import documents
from tocsin.store import transactions as t
from tocsin.store.artifacts import artifact, keep
from tocsin.store.moving import SqliteSnapshot, fill_sqlite
from tocsin.store.moving_postgres import fill_postgres, postgres_snapshot
from tocsin.store.portable import TABLES, Backup, new_file, write_backup
from tocsin.store.postgres import PostgresStore, open_postgres
from tocsin.store.sqlite import SqliteStore

NOW = "2026-03-02T10:00:00+00:00"
KINDS = ("sqlite", "postgresql")


class Place:
    """An empty store of a kind, that can be opened, backed up and restored into."""

    def __init__(self, kind: str, folder: Path, server: Callable[[], Server]) -> None:
        self.kind, self.data = kind, folder
        self.url = server().empty() if kind == "postgresql" else ""

    async def open(self) -> Store:
        return await open_postgres(self.url) if self.url else SqliteStore(self.data / "tocsin.db")

    async def back_up(self, path: Path) -> Backup:
        with new_file(path) as out:
            if self.url:
                async with postgres_snapshot(self.url) as snapshot:
                    await write_backup(snapshot, out, NOW)
            else:
                file = SqliteSnapshot(self.data / "tocsin.db")
                await write_backup(file, out, NOW)
                file.close()
        return Backup(path)

    async def restore(self, backup: Backup) -> None:
        if self.url:
            await fill_postgres(backup, self.url, NOW)
        else:
            self.data.mkdir(exist_ok=True)
            fill_sqlite(backup, self.data, NOW)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, str], Place]:
    return lambda kind, name: Place(kind, tmp_path / name, lambda: request.getfixturevalue("postgres"))


async def filled(store: Store) -> None:
    """A store in which every table has something."""
    spot = await opened(
        store, Told(jobs=(job("a"), job("b")), receipts=(receipt(1), receipt(2)), restricted=True, viewers=("eva",))
    )
    await store.write(t.commit(Told(after=spot, now=at(1), jobs=(job("a"),), restricted=True).change))
    await opened(store, Told(number="INC-2026-0002", ordinal=2, group="monitor/other", open=False))
    await store.write(t.ingest([alert(), alert("ß \N{FIRE}")], BEGAN))
    for sha in ("one", "two"):
        await store.write(documents.publish("runbook", sha, "RUNBOOK.md", b"\x00\xff" + sha.encode(), BEGAN))
    await store.write(c.put_credential(c.Credential("hash", "token", "mira", ""), BEGAN))
    await store.write(keep(b"\x00output", "s" * 64, BEGAN))
    await store.write(c.remember_once("signing_key", "k"))


async def said(store: Store) -> list[object]:
    """What the store answers, but for who holds what."""
    group = await store.read(t.load_group("monitor/k"))
    return [
        group,
        await store.read(t.heads()),
        await store.read(t.jobs_of("INC-2026-0001")),
        await store.read(t.receipts("INC-2026-0001")),
        await store.read(documents.document("runbook")),
        await store.read(documents.document_by_sha("one")),
        await store.read(c.get_credential("hash", "token", BEGAN)),
        await store.read(artifact("s" * 64)),
        await store.read(t.load_incident("INC-2026-0001", t.Viewer(everything=False, person="eva"))),
        await store.read(t.load_group("monitor/ß \N{FIRE}")),
    ]


@pytest.mark.parametrize("there", KINDS)
@pytest.mark.parametrize("here", KINDS)
async def test_a_backup_of_either_store_restores_into_either(
    here: str, there: str, place: Callable[[str, str], Place], tmp_path: Path
) -> None:
    source, target = place(here, "a"), place(there, "b")
    store = await source.open()
    await filled(store)
    await claimed(store)
    backup = await source.back_up(tmp_path / "backup")  # while it is open
    assert backup.faults() == ()
    await target.restore(backup)
    restored = await target.open()
    assert await said(restored) == await said(store)
    assert '"taken_at"' in await restored.read(c.restored())
    assert (await claimed(restored)).attempts == 2  # whoever held it is gone, and the attempt counts
    # New rows are numbered after the old ones.
    assert (await restored.write(documents.publish("runbook", "three", "x", b"x", BEGAN))).version > 2
    await restored.write(t.release(await claimed(restored, LEASED_UNTIL, "x", at(99)), at(99), (receipt(3),)))
    assert len(await restored.read(t.receipts("INC-2026-0001"))) == 3
    again = await target.back_up(tmp_path / "again")
    assert again.head.heads == backup.head.heads
    assert await restored.write(c.confirm_restore())
    assert await restored.read(c.restored()) == ""
    restored.close()
    store.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_store_that_holds_something_is_not_restored_into(
    kind: str, place: Callable[[str, str], Place], tmp_path: Path
) -> None:
    source, target = place(kind, "a"), place(kind, "b")
    for where in (source, target):
        store = await where.open()
        await filled(store)
        store.close()
    backup = await source.back_up(tmp_path / "backup")
    before = (await target.back_up(tmp_path / "before")).head.heads
    with pytest.raises(UsageError, match="already holds something"):
        await target.restore(backup)
    assert (await target.back_up(tmp_path / "after")).head.heads == before


async def a_backup(place: Callable[[str, str], Place], path: Path) -> Path:
    store = await (source := place("sqlite", "a")).open()
    await filled(store)
    store.close()
    await source.back_up(path)
    return path


async def test_a_file_that_is_cut_short_or_changed_is_refused(
    place: Callable[[str, str], Place], tmp_path: Path
) -> None:
    path = await a_backup(place, tmp_path / "backup")
    whole = path.read_bytes()
    plain = gzip.decompress(whole)
    lines = plain.splitlines(keepends=True)
    flipped = bytearray(plain)
    flipped[len(plain) // 2] ^= 1
    for bad in (
        whole[: len(whole) // 2],
        gzip.compress(b"".join(lines[:-1])),
        gzip.compress(b"".join(lines[:20] + lines[21:])),
        gzip.compress(bytes(flipped)),
    ):
        path.write_bytes(bad)
        with pytest.raises(UsageError, match="damaged"):
            Backup(path)
    for other in (b"", b"hello", gzip.compress(b'{"a": 1}\n')):
        path.write_bytes(other)
        with pytest.raises(UsageError, match=r"damaged|no backup"):
            Backup(path)


async def test_a_fact_that_was_changed_before_the_backup_is_found(
    place: Callable[[str, str], Place], tmp_path: Path
) -> None:
    source = place("sqlite", "a")
    store = await source.open()
    await filled(store)
    store.close()
    db = sqlite3.connect(source.data / "tocsin.db")
    db.execute("UPDATE fact SET payload = '{}' WHERE seq = 2")
    db.commit()
    db.close()
    assert "INC-2026-0001" in (await source.back_up(tmp_path / "backup")).faults()[0]


async def test_a_backup_is_for_its_owner_alone_and_never_overwrites(
    place: Callable[[str, str], Place], tmp_path: Path
) -> None:
    path = await a_backup(place, tmp_path / "backup")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="exists"), new_file(path):
        pass
    assert not list(tmp_path.glob("*.partial"))  # noqa: ASYNC240  nothing else happens


async def test_a_backup_of_a_newer_version_is_refused(place: Callable[[str, str], Place], tmp_path: Path) -> None:
    path = await a_backup(place, tmp_path / "backup")
    backup = Backup(path)
    newer = type(backup.head)(schema=999, at=NOW, store="sqlite", heads=backup.head.heads)
    backup.head = newer
    with pytest.raises(UsageError, match="newer Tocsin"):
        await place("sqlite", "b").restore(backup)


async def test_every_table_is_in_a_backup(place: Callable[[str, str], Place], database: str) -> None:
    store = await (source := place("sqlite", "a")).open()
    store.close()
    db = sqlite3.connect(source.data / "tocsin.db")
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    db.close()
    assert tables - {"sqlite_sequence"} == set(TABLES)
    found = PostgresStore(database)
    async with postgres_snapshot(database) as snapshot:
        asked = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        assert {row[0] async for row in snapshot.rows(asked)} == set(TABLES)
    found.close()
