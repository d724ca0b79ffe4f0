"""What only the file store promises: durability, one process, one flush for many."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from integration.store.stores import BEGAN, LEASED_UNTIL, Told, alert, claimed, job
from tocsin.drill.clock import MovedClock
from tocsin.engine.changes import Changes
from tocsin.engine.intake import Intake
from tocsin.engine.measures import Measures
from tocsin.errors import StoreUnavailable, UsageError
from tocsin.incident.jobs import Claimed, Job, Page, Turn
from tocsin.store import credentials as c
from tocsin.store import documents
from tocsin.store import transactions as t
from tocsin.store.schema import read_migrations
from tocsin.store.sqlite import InlineStore, SqliteStore, connect, migrate, statements


def pragma(db: sqlite3.Connection, name: str) -> object:
    """Give a setting as the connection really has it."""
    return db.execute(f"PRAGMA {name}").fetchone()[0]


def test_every_commit_is_flushed_to_disk(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tocsin.db")
    for db in (store._writer, store._reader):
        assert pragma(db, "journal_mode") == "wal"
        assert pragma(db, "synchronous") == 2  # FULL
        assert pragma(db, "foreign_keys") == 1
    store.close()


def test_only_the_owner_may_serve_a_file_and_a_second_process_is_told_what_to_do(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tocsin.db")
    second = "import sys; from pathlib import Path; from tocsin.store.sqlite import SqliteStore\n"
    second += "try: SqliteStore(Path(sys.argv[1]))\nexcept Exception as error: print(type(error).__name__, error)"
    asked = [sys.executable, "-c", second, str(tmp_path / "tocsin.db")]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=200).stdout
    assert told.strip() == (
        f"UsageError another Tocsin already serves {tmp_path}; stop it, or give this one its own --data folder"
    )
    store.close()
    assert not subprocess.run(asked, capture_output=True, text=True, check=True, timeout=200).stdout


def test_a_closed_store_lets_the_next_one_in(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "tocsin.db")
    with pytest.raises(UsageError, match="another Tocsin already serves"):
        SqliteStore(tmp_path / "tocsin.db")
    first.close()
    SqliteStore(tmp_path / "tocsin.db").close()


def test_the_folder_is_made_when_it_is_not_there(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "new" / "folder" / "tocsin.db").close()
    assert (tmp_path / "new" / "folder" / "tocsin.db").is_file()


def test_migrating_twice_changes_nothing() -> None:
    db = connect(":memory:")
    migrate(db)
    tables, version = db.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall(), pragma(db, "user_version")
    migrate(db)
    assert db.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == tables
    assert pragma(db, "user_version") == version
    assert isinstance(version, int)
    assert version >= 1
    db.close()


async def test_versions_from_before_their_publisher_was_kept_stay_readable(tmp_path: Path) -> None:
    db = connect(tmp_path / "tocsin.db")
    before = tuple(one for one in read_migrations("sqlite") if one.name < "0006")
    assert migrate(db, before) == tuple(one.name for one in before)
    put = "INSERT INTO document (kind, sha, path, body, at) VALUES ('runbook', 'old', 'R.md', ?, 0)"
    db.execute(put, (b"# Old\n",))
    db.commit()
    db.close()
    store = SqliteStore(tmp_path / "tocsin.db")
    await store.write(documents.publish("runbook", "new", "R.md", b"# New\n", BEGAN, by="person:mira"))
    listed = await store.read(documents.document_versions("runbook", 2**62, 9))
    assert [(one.sha, one.by) for one in listed] == [("new", "person:mira"), ("old", "")]
    old = await store.read(documents.document_by_sha("old"))
    assert old is not None
    assert (old.body, old.by) == (b"# Old\n", "")
    store.close()


def test_a_migrated_file_is_opened_as_it_is(tmp_path: Path) -> None:
    for _ in range(3):
        SqliteStore(tmp_path / "tocsin.db").close()


async def test_many_callers_share_few_flushes(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tocsin.db")
    said: list[str] = []
    all_asked = threading.Event()

    def holds() -> t.Transaction[str]:
        value = yield from c.remember_once("held", "until all the others wait")
        assert all_asked.wait(60)
        return value

    held = asyncio.ensure_future(store.write(holds()))
    await asyncio.sleep(0)
    asked = [asyncio.ensure_future(store.write(t.ingest([alert(str(number))], BEGAN))) for number in range(200)]
    await asyncio.sleep(0)
    store._writer.set_trace_callback(said.append)
    all_asked.set()
    await asyncio.gather(held, *asked)
    assert sum(text.startswith("INSERT INTO alert ") for text in said) == 200
    assert said.count("COMMIT") <= 20  # a flush each would be 200
    store.close()


async def test_only_what_may_be_forgotten_is_committed_without_a_flush_of_its_own(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tocsin.db")
    said: list[str] = []
    store._writer.set_trace_callback(said.append)
    await store.write(t.ingest([alert()], BEGAN))
    assert await store.write(t.claim(BEGAN, "one", LEASED_UNTIL)) is not None
    await store.write(t.ingest([alert("other")], BEGAN))
    told = [text for text in said if text.startswith(("PRAGMA", "COMMIT"))]
    full, normal = "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"
    assert told == [full, "COMMIT", normal, "COMMIT", full, "COMMIT"]
    assert pragma(store._writer, "synchronous") == 2
    store.close()


async def test_whoever_takes_jobs_shares_the_commit_of_an_alert_that_is_new(tmp_path: Path) -> None:
    store, changes, said = SqliteStore(tmp_path / "tocsin.db"), Changes(), list[str]()

    async def takes() -> Claimed | None:
        await changes.asks(0, 60)
        return await store.write(t.claim(BEGAN, "one", LEASED_UNTIL))

    taking = asyncio.create_task(takes())
    await asyncio.sleep(0)
    store._writer.set_trace_callback(said.append)
    await Intake(store, MovedClock(BEGAN), changes, Measures()).take([alert()])
    assert await taking is not None
    assert said.count("COMMIT") == 1
    store.close()


async def test_a_batch_that_cannot_even_begin_is_told_and_the_next_one_is_written(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tocsin.db")
    store._writer.execute("BEGIN")  # as a rollback that failed leaves it: nothing may be set now
    with pytest.raises(StoreUnavailable):
        await store.write(t.ingest([alert()], BEGAN))
    await store.write(t.ingest([alert()], BEGAN))
    store.close()


async def test_what_began_without_a_flush_cannot_go_on_to_what_must_be_on_disk(tmp_path: Path) -> None:
    def both() -> t.Transaction[None]:
        held = yield from t.claim(BEGAN, "one", LEASED_UNTIL)
        assert held is not None
        yield from t.complete(held)

    store = SqliteStore(tmp_path / "tocsin.db")
    await store.write(t.ingest([alert()], BEGAN))
    with pytest.raises(ValueError, match="complete must be on disk"):
        await store.write(both())
    assert await store.write(t.claim(BEGAN, "two", LEASED_UNTIL)) is not None, "nothing of it was kept"
    store.close()


async def test_reading_never_writes(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tocsin.db")
    with pytest.raises(StoreUnavailable, match="readonly"):
        await store.read(t.claim(BEGAN, "one", LEASED_UNTIL))
    with pytest.raises(StoreUnavailable, match="readonly"):
        await store.read(c.remember_once("name", "value"))
    assert await store.write(c.remember_once("name", "other")) == "other"
    store.close()


async def test_what_may_not_be_written_can_still_be_read(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tocsin.db")
    await store.write(t.ingest([alert()], BEGAN))
    store._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailable, match="readonly"):
        await store.write(t.ingest([alert("new")], BEGAN))
    assert [held.job.do for held in await store.read(t.jobs_due(BEGAN))] == [Turn(group_key="monitor/k")]
    store.close()


async def test_a_reader_is_not_kept_waiting_by_a_long_write(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tocsin.db")
    busy = [store.write(documents.publish("runbook", str(number), "x", b"x" * 100_000, BEGAN)) for number in range(50)]
    writing = asyncio.gather(*busy)
    assert await store.read(t.next_due()) is None
    await writing
    store.close()


WRITES_AND_DIES = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from tocsin.detection.alert import Alert
from tocsin.store import transactions as t
from tocsin.store.sqlite import SqliteStore

async def main():
    store = SqliteStore(Path(sys.argv[1]))
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    for number in range(20):
        await store.write(t.ingest([Alert(source="monitor", dedup_key=str(number), action="trigger")], now))
    await store.write(t.claim(now, "gone", datetime(9999, 1, 1, tzinfo=UTC)))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_what_was_answered_survives_a_kill_and_the_dead_hold_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    died = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITES_AND_DIES, str(path))
    assert await asyncio.wait_for(died.wait(), 200) == -signal.SIGKILL
    store = SqliteStore(path)
    turns = [await claimed(store, name=f"token-{number}") for number in range(20)]
    assert len({held.job.key for held in turns}) == 20
    assert sorted(held.attempts for held in turns) == [1] * 19 + [2]  # one was held when the process died
    store.close()


async def test_closing_answers_what_was_asked_before(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tocsin.db")
    asked = [asyncio.ensure_future(store.write(c.remember_once(str(number), "kept"))) for number in range(300)]
    await asyncio.sleep(0)
    await asyncio.to_thread(store.close)
    assert await asyncio.gather(*asked) == ["kept"] * 300


async def test_a_store_in_memory_forgets() -> None:
    one, two = InlineStore(), InlineStore()
    await one.write(c.remember_once("name", "value"))
    assert await two.write(c.remember_once("name", "other")) == "other"
    one.close()
    two.close()


@pytest.mark.parametrize("name", ["claim", "next_due"])
def test_decisions_that_have_no_place_are_not_looked_through_for_a_message_one_by_one(name: str) -> None:
    store = InlineStore()
    text = statements()[f"{name}{t.Closed(('',)).question}"]
    values = [0] * (12 if name == "claim" else 4)
    values[1 if name == "next_due" else 3] = "[]"  # type: ignore[call-overload]
    values[2 if name == "next_due" else 4] = "[]"  # type: ignore[call-overload]
    plan = " ".join(row[3] for row in store.db.execute(f"EXPLAIN QUERY PLAN {text}", values))
    assert "USING INDEX job_sends" in plan
    assert "job_due" not in plan
    assert "job_ready" not in plan


async def test_a_message_is_taken_past_decisions_that_have_no_place() -> None:
    store, full = InlineStore(), t.Closed(("",))
    await store.write(t.ingest([alert(f"a{number}") for number in range(3)], BEGAN))
    assert await store.write(t.claim(BEGAN, "one", LEASED_UNTIL, closed=full)) is None
    assert await store.read(t.next_due(closed=full)) is None
    do = Page(level="L1", round=1, person="ada", method="0.console")
    await store.write(t.want(Job(key="page", owner="system", due=BEGAN, do=do)))
    assert await store.read(t.next_due(closed=full)) == BEGAN
    taken = await store.write(t.claim(BEGAN, "one", LEASED_UNTIL, closed=full))
    assert taken is not None
    assert taken.job.key == "page"


async def test_a_claim_behind_a_commit_finds_what_it_wants_done(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tocsin.db")
    try:
        for number in range(1, 20):
            told = Told(f"INC-2026-{number:04d}", number, f"monitor/{number}", jobs=(job("call", owner=f"o{number}"),))
            claiming = t.claim(BEGAN, f"token {number}", LEASED_UNTIL)
            _, held = await asyncio.gather(store.write(t.commit(told.change)), store.write(claiming))
            assert held is not None, number
    finally:
        store.close()
