"""PostgreSQL: what only several nodes, or a database on another machine, can do to a store."""

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from integration.postgres_server import Server
from integration.servers import PATIENCE
from integration.store.proxies import line_to
from integration.store.stores import BEGAN, LEASED_UNTIL, Told, alert, claimed, job, opened
from tocsin.clock import SharedClock, SystemClock
from tocsin.drill.clock import MovedClock
from tocsin.engine.changes import Changes
from tocsin.engine.intake import Intake
from tocsin.engine.measures import Measures
from tocsin.errors import CommitUnknown, Conflict, Refused, StoreUnavailable, UsageError
from tocsin.store import connections, documents, postgres, schema
from tocsin.store import credentials as c
from tocsin.store import transactions as t
from tocsin.store.bell import PostgresBell
from tocsin.store.postgres import PostgresStore, migrate, open_postgres, statements
from tocsin.store.queries import read_queries

MANY = """
INSERT INTO incident (number, ordinal, group_key, open, rev, seq, hash, restricted, view, opened_at)
SELECT 'INC-' || n, n, 'monitor/' || n, n % 10 = 0, 1, 1, '', false, '', 0 FROM generate_series(1, 5000) AS n;
INSERT INTO member (group_key, incident) SELECT group_key, number FROM incident;
INSERT INTO job (key, owner, due, args) SELECT 'job/' || n, 'system', n, '' FROM generate_series(1, 5000) AS n;
ANALYZE;
"""
"""Many incidents, a tenth of them open, and many jobs."""


@pytest.fixture
async def nodes(database: str) -> AsyncIterator[tuple[PostgresStore, ...]]:
    """Three nodes on one database."""
    stores = tuple([await open_postgres(database) for _ in range(3)])
    yield stores
    for store in stores:
        store.close()


def door(node: PostgresStore) -> Intake:
    """What takes alerts in on a node."""
    return Intake(node, MovedClock(BEGAN), Changes(), Measures())


# -- several at once


async def test_two_nodes_that_hear_of_a_group_for_the_first_time_together_count_every_event(
    nodes: tuple[PostgresStore, ...],
) -> None:
    for group in range(20):
        await asyncio.gather(*(door(node).take([alert(str(group))]) for node in nodes for _ in range(3)))
        known = (await nodes[0].read(t.load_group(f"monitor/{group}"))).alert
        assert known is not None
        assert known.triggers == 9


async def test_what_is_remembered_once_is_one_value_for_all_nodes(nodes: tuple[PostgresStore, ...]) -> None:
    for name in range(20):
        values = await asyncio.gather(*(node.write(c.remember_once(str(name), f"{n}")) for n, node in enumerate(nodes)))
        assert len(set(values)) == 1


async def test_a_job_is_taken_by_one_node_while_another_looks_and_the_other_takes_the_next(
    nodes: tuple[PostgresStore, ...],
) -> None:
    await opened(nodes[0], Told(jobs=tuple(job(f"{number:02}") for number in range(60))))
    claims = [
        node.write(t.claim(BEGAN, f"{n}-{turn}", LEASED_UNTIL)) for turn in range(20) for n, node in enumerate(nodes)
    ]
    taken = [held.job.key for held in await asyncio.gather(*claims) if held is not None]
    assert len(taken) == 60
    assert len(set(taken)) == 60


async def test_an_incident_is_opened_once_however_many_nodes_decide_to(nodes: tuple[PostgresStore, ...]) -> None:
    tries = [node.write(t.commit(Told().change)) for node in nodes for _ in range(5)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 14 + ["NoneType"]


async def test_nodes_that_do_everything_at_once_never_wait_for_each_other_in_a_circle(
    nodes: tuple[PostgresStore, ...], database: str
) -> None:
    chance = random.Random(7)  # noqa: S311  a repeatable disorder
    for ordinal in range(1, 6):
        number = f"INC-2026-000{ordinal}"
        await opened(
            nodes[0], Told(number=number, ordinal=ordinal, group=f"monitor/{ordinal}", jobs=(job("a", 0, number),))
        )

    async def live(node: PostgresStore, seed: int) -> None:
        for turn in range(40):
            mixed = [*(str(number) for number in range(1, 6)), *(f"{number} of {turn}" for number in range(5))]
            chance.shuffle(mixed)
            await door(node).take([alert(key, chance.choice(["trigger", "resolve"])) for key in mixed])
            held = await node.write(t.claim(BEGAN, f"{seed}-{turn}", LEASED_UNTIL))
            if held is not None and held.job.owner.startswith("INC"):
                timeline = await node.write(t.check(held, LEASED_UNTIL))
                assert timeline is not None
            if turn % 5 == 0:
                await node.write(documents.publish("runbook", f"{seed}-{turn}", "x", b"x", BEGAN))
            await commit_something(node, f"INC-2026-000{chance.randint(1, 5)}")
            if held is not None:
                await node.write(t.release(held, BEGAN))

    async def commit_something(node: PostgresStore, number: str) -> None:
        ordinal = int(number[-1])
        timeline = await node.read(t.load_incident(number, t.SYSTEM))
        assert timeline is not None
        last = timeline.rows[-1]
        told = Told(
            number=number, ordinal=ordinal, group=f"monitor/{ordinal}", jobs=(job("a", 0, number), job("b", 9, number))
        )
        change = told.change._replace(
            rev=timeline.rev,
            facts=(),
            last_seq=last.seq,
            last_hash=last.hash,
            triggers=2**40,
            head=told.change.head._replace(open=chance.random() < 0.5),
        )
        with contextlib.suppress(Conflict, Refused):
            await node.write(t.commit(change))

    await asyncio.gather(*(live(node, 10 * n + m) for n, node in enumerate(nodes) for m in range(3)))
    connection = await asyncpg.connect(database)
    deadlocks = await connection.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    await connection.close()
    assert deadlocks == 0


# -- a database that is away


async def test_a_database_that_is_gone_is_said_at_once_and_used_again_when_it_is_back(
    postgres: Server, database: str
) -> None:
    store = await open_postgres(database)
    await store.write(t.ingest([alert()], BEGAN))
    postgres.stop()
    try:
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="the store cannot be used now"):
                await asyncio.wait_for(store.write(t.ingest([alert("new")], BEGAN)), 60)
            with pytest.raises(StoreUnavailable):
                await asyncio.wait_for(store.read(t.next_due()), 60)
    finally:
        await asyncio.to_thread(postgres.start)
    await store.write(t.ingest([alert("new")], BEGAN))
    assert (await store.read(t.load_group("monitor/k"))).alert is not None
    store.close()


async def test_connections_that_were_ended_while_idle_are_replaced_without_a_word(
    postgres: Server, database: str
) -> None:
    store = await open_postgres(database)
    await asyncio.gather(*(store.write(t.ingest([alert(str(number))], BEGAN)) for number in range(20)))
    name = database.rpartition("/")[2]
    await asyncio.to_thread(
        postgres.say, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    await asyncio.gather(*(store.write(t.ingest([alert(str(number))], BEGAN)) for number in range(20)))
    store.close()


async def test_a_commit_whose_answer_was_lost_is_told_apart_and_was_kept(database: str) -> None:
    with line_to(database) as line:
        store = await open_postgres(line.url)
        await store.write(c.remember_once("connected", "yes"))
        line.fault = "cut at commit"
        with pytest.raises(CommitUnknown, match="may have been kept"):
            await store.write(t.ingest([alert()], BEGAN))
        assert (await store.read(t.load_group("monitor/k"))).alert is not None
        store.close()


async def test_a_database_that_answers_nothing_is_not_waited_for_long(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with line_to(database) as line:
        with monkeypatch.context() as impatient:
            impatient.setattr(connections, "ANSWER_WITHIN", 2.0)  # it is that of the connections made meanwhile
            store = await open_postgres(line.url)
            await store.write(t.ingest([alert()], BEGAN))
            impatient.setattr(connections, "CONNECT_WITHIN", 0.3)
            line.fault = "silent"
            for _ in range(2):
                with pytest.raises(StoreUnavailable):
                    await asyncio.wait_for(store.read(t.next_due()), 60)
            line.fault = ""
        assert await store.read(t.next_due()) == BEGAN
        store.close()


async def test_a_password_that_is_wrong_or_a_database_that_is_not_there_is_said_without_the_password(
    postgres: Server,
) -> None:
    url = postgres.url("nowhere").replace("tocsin@", "tocsin:very-secret@")
    with pytest.raises(UsageError, match='database "nowhere" does not exist') as raised:
        await open_postgres(url)
    assert "very-secret" not in str(raised.value)


async def test_reading_never_writes(database: str) -> None:
    store = await open_postgres(database)
    with pytest.raises(StoreUnavailable, match="read-only"):
        await store.read(t.claim(BEGAN, "one", LEASED_UNTIL))
    store.close()


async def test_what_is_under_way_when_it_closes_fails_and_nothing_is_asked_afterwards(database: str) -> None:
    store = await open_postgres(database)
    await store.write(t.ingest([alert()], BEGAN))
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.read(t.next_due())


# -- tables


async def test_nodes_that_start_together_make_the_tables_once(postgres: Server) -> None:
    url = postgres.empty()
    done = await asyncio.gather(*(migrate(url) for _ in range(5)))
    names = tuple(migration.name for migration in schema.read_migrations("postgresql"))
    assert sorted(done) == [(), (), (), (), names]
    postgres.drop(url)


def with_one_more(monkeypatch: pytest.MonkeyPatch, minimum: int) -> None:
    """Be a newer program, whose migration adds a column."""
    known = schema.read_migrations("postgresql")
    added = schema.Migration(known[-1].number + 1, "9999_more.sql", "ALTER TABLE job ADD COLUMN more TEXT", minimum)
    monkeypatch.setattr(postgres, "read_migrations", lambda _: (*known, added))


async def test_a_newer_node_adds_to_the_tables_while_this_one_works_and_starts_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_postgres(database)
    await opened(store, Told(jobs=(job("a"),)))
    with monkeypatch.context() as newer:
        with_one_more(newer, minimum=schema.read_migrations("postgresql")[-1].number)
        assert await migrate(database) == ("9999_more.sql",)
    assert (await claimed(store)).job == job("a")
    again = await open_postgres(database)
    assert (await again.read(t.load_group("monitor/k"))).number == "INC-2026-0001"
    again.close()
    store.close()


async def test_tables_that_this_version_cannot_work_with_are_refused(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        known = schema.read_migrations("postgresql")[-1].number
        with_one_more(newer, minimum=known + 1)
        await migrate(database)
    with pytest.raises(UsageError, match="a newer Tocsin wrote this data"):
        await open_postgres(database)


def test_both_stores_have_the_same_migrations() -> None:
    one, two = [[m.name for m in schema.read_migrations(store)] for store in ("sqlite", "postgresql")]
    assert one == two


def test_no_query_reads_the_clock_of_the_database() -> None:
    asked = re.compile(r"\b(now\(|current_|clock_timestamp|statement_timestamp|localtime)", re.IGNORECASE)
    assert [name for name, text in read_queries().items() if asked.search(text)] == []


@pytest.mark.parametrize("name", ["groups_busy", "groups_decided"])
async def test_what_is_asked_of_one_group_reads_no_table_whole(
    nodes: tuple[PostgresStore, ...], database: str, name: str
) -> None:
    await nodes[0].read(t.next_ordinal())
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(MANY)
        found = await connection.fetch(f"EXPLAIN {statements()[name]}", '["monitor/7"]', "turn/")
    finally:
        await connection.close()
    plan = "\n".join(row[0] for row in found)
    assert "Seq Scan" not in plan, plan


# -- hearing of others


class CutOnce(connections.Connections):
    """Gives one line that breaks in some way, then real ones."""

    def __init__(self, url: str, error: Exception) -> None:
        super().__init__(url)
        self.cut: list[Exception] = [error]

    async def connect(self) -> asyncpg.Connection:
        connection = await super().connect()
        if self.cut:
            error = self.cut.pop()

            async def broken(*_: object, **__: object) -> None:
                raise error

            connection._protocol = _Line(connection._protocol, broken)  # type: ignore[attr-defined]
        return connection


class _Line:
    """A connection's own protocol, but that it answers no query."""

    def __init__(self, real: Any, broken: Callable[..., Awaitable[None]]) -> None:
        self._real, self._broken = real, broken

    def __getattr__(self, name: str) -> Any:
        return self._broken if name in {"query", "prepare", "bind_execute"} else getattr(self._real, name)


@pytest.mark.parametrize(
    "error",
    [asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"), KeyError("odd")],
    ids=["between two steps", "as nobody thought of"],
)
async def test_a_node_hears_the_others_again_however_its_line_broke(database: str, error: Exception) -> None:
    lines, heard = CutOnce(database, error), asyncio.Event()
    bell = PostgresBell(lines)
    listening = asyncio.create_task(bell.attend(heard.set, SharedClock(SystemClock())))
    try:
        async with asyncio.timeout(PATIENCE):
            await heard.wait()
        assert not lines.cut
        assert not listening.done()
    finally:
        listening.cancel()
        await asyncio.wait([listening])
        lines.close()
