"""Several nodes on one PostgreSQL, in this process: any of them answers for all."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import IO
from urllib.parse import urlsplit

import pytest

from integration.postgres_server import Server
from integration.servers import EXAMPLE, PATIENCE, TEAM, Here, ShiftedClock, serving
from integration.store.proxies import line_to
from tocsin.assembly import Options, assemble, enter_folder, token_file
from tocsin.clock import SharedClock, SystemClock
from tocsin.detection.alert import Alert
from tocsin.errors import SettingsInvalid, UsageError
from tocsin.incident import wishes as w
from tocsin.incident.facts import Noted
from tocsin.store import transactions as t
from tocsin.store.postgres import PostgresStore

LONG = 3600.0
"""Seconds between the looks of a node that has to hear of the others: what it knows before, it was told."""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nodes look at nothing by themselves, so that only what they are told can move them."""
    monkeypatch.setattr("tocsin.engine.nodes._AT_LEAST", LONG)


@pytest.fixture
async def nodes(tmp_path: Path, database: str) -> AsyncIterator[tuple[Here, Here]]:
    """Two nodes; the second is given other files, which nobody reads."""
    other = tmp_path / "OTHER.md"
    other.write_text("# Another runbook\n")
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(serving(tmp_path / "a", store=database))
        two = await stack.enter_async_context(serving(tmp_path / "b", other, "", store=database))
        yield one, two


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not look():  # noqa: ASYNC110  what is looked at tells nobody
            await asyncio.sleep(0.01)


async def test_the_first_start_publishes_its_files_and_later_nodes_take_what_is_published(
    nodes: tuple[Here, Here],
) -> None:
    one, two = nodes
    assert two.tocsin.worlds.current.runbook.sha256 == one.tocsin.worlds.current.runbook.sha256
    assert list(two.tocsin.settings.people) == list(one.tocsin.settings.people)
    assert two.routing_key == one.routing_key


async def test_an_alert_to_one_node_is_acknowledged_on_the_other(nodes: tuple[Here, Here]) -> None:
    one, two = nodes
    assert (await one.client.post("/v2/enqueue", json=one.event())).status_code == 202
    number = (await two.alone())["id"]
    session = await one.session("mira")  # signed in at one, known to both
    assert (await two.get("/api/v1/incidents", session)).status_code == 200
    answer = await two.post(f"/api/v1/incidents/{number}/acknowledge", who=await one.token("mira"))
    assert answer.status_code == 200, answer.text
    assert (await one.get(f"/api/v1/incidents/{number}")).json()["status"] == "acknowledged"


@pytest.mark.usefixtures("told")
async def test_a_published_version_is_in_force_everywhere_at_once(nodes: tuple[Here, Here]) -> None:
    one, two = nodes
    body = EXAMPLE.read_bytes() + b"\nOne more line.\n"
    team = TEAM.replace('name = "Mira Okafor"', 'name = "Mira O."')
    published = await one.tocsin.publish(body, "RUNBOOK.md", team)
    await until(lambda: two.tocsin.worlds.current.runbook.sha256 == published.runbook.sha256)
    await until(lambda: two.tocsin.settings.people["mira"].name == "Mira O.")


async def test_a_node_that_lacks_a_secret_says_so_and_keeps_the_settings_before(
    nodes: tuple[Here, Here], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = nodes
    monkeypatch.setenv("MONITORING_KEY", "k" * 32)
    before = two.tocsin.settings
    monkeypatch.setattr(two.tocsin, "_secret", lacking)
    team = TEAM.replace("[sources.monitoring]", '[sources.monitoring]\nkey = { env = "MONITORING_KEY" }')
    with caplog.at_level(logging.ERROR):
        await one.tocsin.publish(None, "", team)
        await until(lambda: "cannot use the settings that were published" in caplog.text)
    assert two.tocsin.settings is before
    assert "MONITORING_KEY" in caplog.text
    assert one.tocsin.access.source("k" * 32, "events") is not None


def lacking(_: object) -> str:
    raise SettingsInvalid("the environment variable MONITORING_KEY, which should hold a secret, is not set")


@pytest.mark.usefixtures("told")
async def test_what_happens_on_one_node_is_seen_live_on_the_other(
    nodes: tuple[Here, Here], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = nodes
    heard = asyncio.Event()

    async def follow() -> None:
        heard.set()

    monkeypatch.setattr(two.tocsin.nodes, "_follow", follow)
    number = (await one.declare())["id"]
    seen = two.tocsin.engine.changes.version
    await one.tocsin.engine.act(number, w.Note(by="person:mira", text="I look"), t.SYSTEM)
    async with asyncio.timeout(PATIENCE):
        await heard.wait()
    assert await two.tocsin.engine.changes.after(seen, PATIENCE)


async def test_a_test_page_that_one_node_sends_is_answered_on_the_other(nodes: tuple[Here, Here]) -> None:
    one, two = nodes
    pages = one.tocsin.engine.test_pages
    await pages.expect("TEST-1", "mira", PATIENCE)
    waiting = asyncio.ensure_future(pages.answered("TEST-1", "mira", PATIENCE))
    link = urlsplit(two.tocsin.links.acknowledge("TEST-1", "mira")).path
    assert "Pages reach you" in (await two.client.post(link)).text
    assert "Pages reach you" in (await two.client.post(link)).text  # pressed twice
    assert await waiting


async def test_what_a_provider_repeats_to_another_node_is_known_there(nodes: tuple[Here, Here]) -> None:
    one, two = nodes
    assert not await two.tocsin.engine.once.is_done("CA1/6")
    await one.tocsin.engine.once.did("CA1/6")
    assert await two.tocsin.engine.once.is_done("CA1/6")


async def test_a_node_whose_tables_a_newer_one_changed_takes_no_more_jobs(
    nodes: tuple[Here, Here], postgres: Server, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    one, _ = nodes
    changed = "UPDATE meta SET value = '9999' WHERE name = 'schema_minimum'"
    await asyncio.to_thread(postgres.say, changed, database.rpartition("/")[2])
    await until(lambda: one.tocsin.worker.stopping)
    assert "upgrade this node" in caplog.text


async def test_a_node_that_cannot_hear_the_others_still_follows_and_hears_again(
    nodes: tuple[Here, Here], postgres: Server, database: str
) -> None:
    one, two = nodes
    name = database.rpartition("/")[2]
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    await asyncio.to_thread(postgres.say, cut)
    published = await one.tocsin.publish(EXAMPLE.read_bytes() + b"\nA line.\n", "RUNBOOK.md", None)
    await until(lambda: two.tocsin.worlds.current.runbook.sha256 == published.runbook.sha256)
    again = await one.tocsin.publish(EXAMPLE.read_bytes() + b"\nAnother line.\n", "RUNBOOK.md", None)
    await until(lambda: two.tocsin.worlds.current.runbook.sha256 == again.runbook.sha256)


async def test_a_node_that_stops_leaves_nothing_leased(tmp_path: Path, database: str) -> None:
    async with serving(tmp_path / "a", store=database) as one:
        for key in range(20):
            await one.client.post("/v2/enqueue", json=one.event(dedup_key=str(key)))
    store = PostgresStore(database)
    now = SystemClock().now() + timedelta(seconds=1)
    while held := await store.write(t.claim(now, "me", now + timedelta(hours=1))):
        assert held.attempts <= 2
    due = await store.read(t.next_due())
    assert due is None or due > now
    store.close()


# -- clocks

NEAR = timedelta(minutes=1)
"""How far two clocks may seem apart that are asked one after the other on a machine that stands still between."""


async def test_nodes_tell_the_time_of_the_database_whatever_their_own_clocks_say(database: str) -> None:
    late = ShiftedClock()
    before = SystemClock().now()
    late.ahead = timedelta(hours=-2)
    store, shared = PostgresStore(database), SharedClock(late)
    await store.bell.compare(shared)
    assert before - NEAR < shared.now() < SystemClock().now() + NEAR
    store.close()


async def test_a_clock_that_jumps_is_corrected_and_told(database: str, caplog: pytest.LogCaptureFixture) -> None:
    own = ShiftedClock()
    before = SystemClock().now()
    store, shared = PostgresStore(database), SharedClock(own)
    await store.bell.compare(shared)
    own.ahead = timedelta(minutes=10)
    await store.bell.compare(shared)
    assert before - NEAR < shared.now() < SystemClock().now() + NEAR
    [jumped] = re.findall(r"jumped by (-\d+\.\d) s", caplog.text)
    assert abs(float(jumped) + 600) < NEAR.total_seconds()
    store.close()


# -- a line that is cut while a fact is committed


async def test_what_was_kept_although_its_answer_was_lost_is_neither_missed_nor_kept_twice(
    tmp_path: Path, database: str
) -> None:
    with line_to(database) as line:
        tocsin = await assemble(Options(EXAMPLE, None, tmp_path / "data", None, line.url), ShiftedClock())
        await tocsin.engine.ingest([Alert(source="default", dedup_key="k", action="trigger", summary="It is down")])
        while await tocsin.worker.step():
            pass
        [listed] = await tocsin.store.read(t.incidents(t.SYSTEM, only_open=True, before=99, limit=9))
        number = f"INC-{tocsin.clock.now().year}-{listed.ordinal:04d}"
        for turn in range(5):
            line.fault = "cut at commit"
            await tocsin.engine.act(number, w.Note(by="person:mira", text=f"note {turn}"), t.SYSTEM)
        loaded = await tocsin.engine.load(number)
        notes = [fact.body.text for fact in loaded.facts if isinstance(fact.body, Noted)]
        assert notes == [f"note {turn}" for turn in range(5)]
        await tocsin.stop()


async def test_nodes_in_one_folder_have_one_token_which_is_new_when_nobody_was_in_it(
    tmp_path: Path, database: str
) -> None:
    data = tmp_path / "data"
    async with serving(data, store=database) as one:
        first = token_file(data).read_text()
        async with serving(data, store=database) as two:
            headers = {"Authorization": f"Bearer {token_file(data).read_text()}"}
            for node in (one, two):
                assert (await node.client.get("/api/v1/incidents", headers=headers)).status_code == 200
        async with serving(data, store=database) as three:  # one of them is gone, and the other still there
            assert three.tocsin.local_token == one.tocsin.local_token == first
    async with serving(data, store=database) as later:
        assert later.tocsin.local_token == token_file(data).read_text() != first


def test_nodes_that_come_into_a_folder_at_once_have_one_token(tmp_path: Path) -> None:
    many = 8
    together = Barrier(many)

    def enters(data: Path) -> tuple[IO[str], str]:
        together.wait()
        return asyncio.run(enter_folder(data))

    with ThreadPoolExecutor(many) as pool:
        for turn in range(30):
            data = tmp_path / str(turn)
            data.mkdir()
            entered = list(pool.map(enters, [data] * many))
            assert {token for _, token in entered} == {token_file(data).read_text()}
            for folder, _ in entered:
                folder.close()


async def test_a_token_that_somebody_removed_is_there_again_with_the_next_node(tmp_path: Path) -> None:
    one, _ = await enter_folder(tmp_path)
    token_file(tmp_path).unlink()
    two, token = await enter_folder(tmp_path)
    assert token_file(tmp_path).read_text() == token
    assert token_file(tmp_path).stat().st_mode & 0o777 == 0o600
    one.close()
    two.close()


async def test_a_rehearsal_is_refused_the_folder_of_a_node_that_runs_and_another_node_is_not(
    tmp_path: Path, database: str
) -> None:
    options = Options(EXAMPLE, None, tmp_path / "data", None, database)
    tocsin = await assemble(options, ShiftedClock())
    token = token_file(options.data).read_text()
    with pytest.raises(
        UsageError, match=rf"^another Tocsin already serves {options.data}; stop it, or give this one its own --data"
    ):
        await assemble(options._replace(store=None, stand_ins={}))
    assert token_file(options.data).read_text() == token, "commands still prove themselves"
    other = await assemble(options, ShiftedClock())
    await other.stop()
    await tocsin.stop()
    rehearsing = await assemble(options._replace(store=None, stand_ins={}))
    await rehearsing.stop()
