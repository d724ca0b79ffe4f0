"""A real PostgreSQL in real trouble: locks that pile up, long statements, no connection left, new superusers."""

import asyncio
import os
import re
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from free_ports import free_port
from postgres_binaries import NOBODY

from integration.postgres_server import Server
from integration.probes.looking import NOW, SECRET, configured, look, parts, probe
from tocsin.detection.reading import Reading
from tocsin.errors import SettingsInvalid
from tocsin.probes.postgresql import _query
from tocsin.probes.probe import LookFailed, Probe
from tocsin.probes.table import build

SETUP = """
CREATE TABLE "Intent" (id int PRIMARY KEY, note text);
INSERT INTO "Intent" SELECT n, 'x' FROM generate_series(1, 1000) n;
GRANT ALL ON "Intent" TO pos;
"""


@pytest.fixture(scope="module")
def shop(postgres: Server) -> Iterator[str]:
    """A database with a table; an application, and a role for the probe that sees what others do."""
    postgres.say("CREATE ROLE pos LOGIN; CREATE ROLE watcher LOGIN IN ROLE pg_monitor; CREATE ROLE outsider LOGIN")
    url = postgres.empty()
    postgres.say(SETUP, url.rpartition("/")[2])
    yield url
    postgres.drop(url)
    postgres.say("DROP ROLE pos; DROP ROLE watcher; DROP ROLE outsider")


def as_role(url: str, role: str) -> str:
    return url.replace("tocsin@", f"{role}@")


def asking(url: str, role: str = "watcher", more: str = "") -> str:
    return f'kind = "postgresql"\nurl = "{as_role(url, role)}"\n{more}'


@asynccontextmanager
async def clients(url: str, count: int, role: str = "pos") -> AsyncIterator[list["asyncpg.Connection[asyncpg.Record]"]]:
    opened = await asyncio.gather(*(asyncpg.connect(as_role(url, role)) for _ in range(count)))
    try:
        yield opened
    finally:
        await asyncio.gather(*(one.close(timeout=60) for one in opened))


async def alone(looking: Probe) -> None:
    """Wait until those that were here before are gone: a server counts a client for a while after it hung up."""
    async with asyncio.timeout(60):
        while (await looking.look(NOW)).values["connections"] > 1:  # noqa: ASYNC110  asked as it is looked
            await asyncio.sleep(0.02)


async def until_blocked(looking: Probe, many: int) -> Reading:
    async with asyncio.timeout(60):
        while (reading := await looking.look(NOW)).values["blocked"] < many:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.02)
    return reading


async def test_a_database_that_is_well(shop: str) -> None:
    async with probe(asking(shop)) as looking:
        await alone(looking)
        async with clients(shop, 2):
            reading = await looking.look(NOW)
    assert reading.details == {}
    values = reading.values
    assert {name: values[name] for name in values if name.startswith(("long_q", "block", "new_", "repl", "idle"))} == {
        "long_queries": 0, "blocked": 0, "new_roles": 0, "new_superusers": 0, "new_grants": 0, "replicas": 0,
        "idle_in_transaction": 0,
    }  # fmt: skip
    assert values["connections_limit"] == 197
    assert values["connections"] == 3
    assert values["connections_share"] == pytest.approx(3 / 197)
    assert values["rows_read"] > 0
    assert 0 < values["latency"] < 60


async def test_locks_that_pile_up_are_counted_and_who_holds_them_is_named(shop: str) -> None:
    update = "UPDATE \"Intent\" SET note = 'of a customer' WHERE id = 7"
    async with probe(asking(shop)) as looking, clients(shop, 4) as (holder, *waiting):
        await looking.look(NOW)
        await holder.execute(f"BEGIN; {update}")
        tasks = [asyncio.ensure_future(one.execute(update)) for one in waiting]
        reading = await until_blocked(looking, 3)
        assert reading.values["up"] == 1
        assert reading.values["idle_in_transaction"] == 1
        assert 0 < reading.values["longest_wait"] < 60
        assert 0 < reading.values["longest_transaction"] < 60
        pid = holder.get_server_pid()
        assert re.match(rf"pid {pid} \(pos, idle in transaction, \d+ s\) blocks ", reading.details["blocking"])
        assert reading.details["blocking"].endswith('BEGIN; UPDATE "Intent" SET note = ? WHERE id = 7')
        await holder.execute("COMMIT")
        await asyncio.gather(*tasks)
        after = await looking.look(NOW)
    assert (after.values["blocked"], after.values["longest_wait"], "blocking" in after.details) == (0, 0, False)


async def test_a_statement_that_runs_long_is_found_and_shown(shop: str) -> None:
    async with probe(asking(shop, more='long = "PT0.1S"')) as looking, clients(shop, 1) as [slow]:
        task = asyncio.ensure_future(slow.execute("SELECT pg_sleep(30), 'secret of a customer'"))
        async with asyncio.timeout(60):
            while not (reading := await looking.look(NOW)).values["long_queries"]:
                pass
        assert reading.values["longest_query"] > 0.1
        assert "SELECT pg_sleep(30), ?" in reading.details["longest_query"]
        assert "of a customer" not in str(reading)
        task.cancel()
        await asyncio.wait([task])


async def test_when_no_connection_is_left_the_probe_still_says_so(shop: str) -> None:
    async with probe(asking(shop)) as kept:
        await alone(kept)
        async with clients(shop, 196) as _:
            inside = await kept.look(NOW)
            assert (inside.values["up"], inside.values["connections_share"]) == (1, 1)
            outside = await look(asking(shop))
            assert outside.values == {"up": 0, "connections_share": 1}
            assert outside.details["trouble"].startswith("no connection is left: ")


async def test_what_nobody_was_allowed_before_is_news_once_and_after_a_restart_too(shop: str, postgres: Server) -> None:
    database = shop.rpartition("/")[2]
    async with probe(asking(shop)) as looking:
        reading = await looking.look(NOW)
        try:
            postgres.say("CREATE ROLE mallory SUPERUSER; CREATE ROLE quiet; GRANT pos TO quiet")
            postgres.say('GRANT SELECT ON "Intent" TO quiet', database)
            before, reading = reading, await looking.look(NOW)
            assert [reading.values[name] - before.values[name] for name in ("roles", "superusers")] == [2, 1]
            assert [reading.values[name] for name in ("new_roles", "new_superusers", "new_grants")] == [2, 1, 2]
            assert reading.details["permissions"] == (
                "superuser mallory, grant SELECT in public to quiet, member quiet of pos, role mallory, role quiet"
            )
            later = await looking.look(NOW)
            assert (later.values["new_superusers"], later.values["superusers"]) == (0, reading.values["superusers"])
            kept = looking.memory
            postgres.say("ALTER ROLE quiet BYPASSRLS; ALTER ROLE outsider SUPERUSER")
            async with probe(asking(shop)) as restarted:
                restarted.memory = kept
                reading = await restarted.look(NOW)
            assert [reading.values[name] for name in ("new_roles", "new_superusers", "new_grants")] == [0, 1, 1]
            # A further table with the usual rights is no news.
            postgres.say(
                "CREATE TABLE more (id int); GRANT SELECT ON more TO quiet; ALTER ROLE outsider NOSUPERUSER", database
            )
            await looking.look(NOW)
            postgres.say("ALTER ROLE outsider SUPERUSER")
            assert (await looking.look(NOW)).values["new_superusers"] == 1
        finally:
            postgres.say("ALTER ROLE outsider NOSUPERUSER")
            postgres.say("DROP OWNED BY quiet", database)
            postgres.say("DROP ROLE quiet; DROP ROLE mallory")


async def test_a_role_that_may_not_see_others_says_what_it_lacks(shop: str) -> None:
    async with probe(asking(shop, "outsider")) as looking:
        await alone(looking)
        async with clients(shop, 2):
            reading = await looking.look(NOW)
    assert reading.values["connections"] == 3
    assert "active" not in reading.values
    assert "GRANT pg_monitor to the role of the probe" in reading.details["not_read"]


async def test_rows_read_from_a_table_or_by_a_role(shop: str, postgres: Server) -> None:
    more = """values = { intents = 'table "Intent"', gone = "table nothing", app = "role pos" }"""
    async with probe(asking(shop, more=more)) as looking:
        before = await looking.look(NOW)
        assert "gone: nothing is known of the table 'nothing'" in before.details["not_read"]
        assert "app needs the extension pg_stat_statements" in before.details["not_read"]
        postgres.say('SELECT sum(id) FROM "Intent"', shop.rpartition("/")[2])
        async with asyncio.timeout(60):
            while (await looking.look(NOW)).values["intents"] < before.values["intents"] + 1000:
                pass


async def test_rows_read_by_a_role_where_statements_are_counted(postgres: Server) -> None:
    if not postgres.counts_statements:
        pytest.skip("needs pg_stat_statements, which PostgreSQL's contrib brings")
    url = postgres.empty()
    database = url.rpartition("/")[2]
    try:
        postgres.say("CREATE EXTENSION pg_stat_statements; CREATE ROLE reader LOGIN", database)
        more = 'values = { reader = "role reader", nobody = "role nobody" }'
        async with probe(asking(url, "tocsin", more)) as looking, clients(url, 1, "reader") as [reader]:
            before = await looking.look(NOW)
            assert (
                before.details["not_read"]
                == "reader: nothing is known of the role 'reader'; nobody: nothing is known of the role 'nobody'"
            )
            await reader.fetch("SELECT generate_series(1, 500)")
            first = (await looking.look(NOW)).values["reader"]
            await reader.fetch("SELECT generate_series(1, 500)")
            assert (await looking.look(NOW)).values["reader"] == first + 500
    finally:
        postgres.drop(url)
        postgres.say("DROP ROLE reader")


async def test_how_busy_a_server_of_this_machine_is(shop: str) -> None:
    async with probe(asking(shop)) as looking, clients(shop, 1) as [busy]:
        assert "cpu" not in (await looking.look(NOW)).values
        async with asyncio.timeout(60):
            share = 0.0
            while not share:  # hundredths of a second are what is counted
                await busy.execute("SELECT count(*) FROM generate_series(1, 1000000)")
                share = (await looking.look(NOW)).values["cpu"]
        assert 0 < share <= 1


async def test_a_connection_that_was_ended_is_opened_again(shop: str, postgres: Server) -> None:
    async with probe(asking(shop)) as looking:
        await looking.look(NOW)
        postgres.say("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'watcher'")
        assert (await looking.look(NOW)).values["up"] == 1


@pytest.fixture
def replica(postgres: Server) -> Iterator[Server]:
    """A server that follows the other one."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-replica-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    found = Server(postgres.tools, folder, free_port())
    found._command(
        "pg_basebackup", "-d", postgres.url("postgres"), "-D", folder / "data", "-R", "-c", "fast", "--no-sync"
    )
    with (folder / "data" / "postgresql.auto.conf").open("a") as settings:
        settings.write(
            "wal_receiver_status_interval = 1\n"
        )  # s; with 10 the first server learns late what was replayed
    found.start()
    yield found
    found.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def test_how_far_a_replica_is_behind_as_both_see_it(shop: str, postgres: Server, replica: Server) -> None:
    there = f'kind = "postgresql"\nurl = "{replica.url("postgres")}"'
    async with probe(asking(shop)) as first, probe(there) as second:
        async with asyncio.timeout(60):
            while not (reading := await first.look(NOW)).values["replicas"]:
                pass
        assert reading.values["replication_lag"] >= 0
        assert "replicas" not in (await second.look(NOW)).values
        write = 'UPDATE "Intent" SET note = id::text'
        postgres.say(write, shop.rpartition("/")[2])
        async with asyncio.timeout(60):
            while (await first.look(NOW)).values["replication_bytes"]:
                pass
            replica.say("SELECT pg_wal_replay_pause()")
            postgres.say(write, shop.rpartition("/")[2])
            while (await first.look(NOW)).values["replication_bytes"] < 1000:
                pass
            while (await second.look(NOW)).values.get("replication_lag", 0) < 0.01:
                pass
            assert (await second.look(NOW)).values["replication_bytes"] > 1000
            replica.say("SELECT pg_wal_replay_resume()")
            while (await second.look(NOW)).values["replication_lag"]:
                pass
            while (await first.look(NOW)).values["replication_bytes"]:
                pass


async def test_the_probe_only_reads_and_waits_for_nobody(shop: str) -> None:
    async with probe(asking(shop)) as looking, clients(shop, 1, "watcher") as [beside]:
        await looking.look(NOW)
        settings = await beside.fetch(
            "SELECT application_name, query FROM pg_stat_activity WHERE usename = 'watcher' AND pid <> pg_backend_pid()"
        )
        assert [one["application_name"] for one in settings] == ["tocsin"]
        kept = looking._kept  # type: ignore[attr-defined]
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await kept.execute("CREATE TABLE mine (id int)")
        assert await kept.fetchval("SHOW statement_timeout") == "1min"


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("SELECT E'it\\'s Ada', 7", "SELECT ?, 7"),
        ("SELECT $$Ada$$, $1, $tag$Ada$tag$", "SELECT ?, $1, ?"),
        ("SELECT 'Ada, and no e", "SELECT ?"),
        ("SELECT * FROM payment WHERE card = 4111111111111111", "SELECT * FROM payment WHERE card = ?"),
    ],
)
def test_a_statement_is_shown_without_what_may_be_a_customers(statement: str, shown: str) -> None:
    assert _query(statement) == shown


async def test_an_address_that_cannot_be_used_breaks_the_probe() -> None:
    with pytest.raises(LookFailed, match="its address is not valid; look at `url`"):
        await look('kind = "postgresql"\nurl = "postgresql://x@127.0.0.1/x?sslmode=perhaps"')


async def test_a_server_that_is_gone_is_down_and_one_that_does_not_let_us_in_breaks_the_probe(
    shop: str, postgres: Server
) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        reading = await look(f'kind = "postgresql"\nurl = "postgresql://x@127.0.0.1:{held.getsockname()[1]}/x"')
        assert (reading.values, reading.details) == ({"up": 0}, {"trouble": "connection refused"})
        held.listen(5)  # takes connections and never speaks
        reading = await look(
            f'kind = "postgresql"\nurl = "postgresql://x@127.0.0.1:{held.getsockname()[1]}/x"', within=1
        )
        assert reading.details == {"trouble": "it did not answer within 1 s"}
    with pytest.raises(LookFailed, match='does not let the probe in: database "nothing" does not exist'):
        await look(asking(f"{shop.rpartition('/')[0]}/nothing"))
    with pytest.raises(LookFailed, match='role "nobody" does not exist'):
        await look(asking(shop, "nobody"))
    postgres.say("CREATE ROLE guarded LOGIN PASSWORD 'other'")
    postgres.ask_for_passwords("guarded")
    with pytest.raises(LookFailed, match='password authentication failed for user "guarded"') as refused:
        await look('kind = "postgresql"\nurl = { env = "URL" }', secret=as_role(shop, f"guarded:{SECRET}"))
    assert SECRET not in str(refused.value)
    postgres.say("DROP ROLE guarded")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('url = "postgresql://a:hunter2@b/c"', "url holds a password in clear"),
        ('url = "postgresql://a@b/c"\nvalues = { up = "role a" }', "up is always measured"),
        ('url = "postgresql://a@b/c"\nvalues = { x = "view a" }', 'x must be "role NAME" or "table NAME"'),
    ],
)
async def test_options_that_do_not_fit_are_refused(text: str, why: str) -> None:
    shared = parts()
    with pytest.raises(SettingsInvalid, match=why) as refused:
        build(configured(f'kind = "postgresql"\n{text}'), shared)
    assert "hunter2" not in str(refused.value)
    await shared.close()
