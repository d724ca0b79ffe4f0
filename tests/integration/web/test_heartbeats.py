"""Jobs that say over HTTP that they ran, and what happens when they do not."""

import json
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from integration.servers import EXAMPLE, TEAM, Here, Program, serving
from integration.web.test_inbound import counts

CONFIG = (
    TEAM
    + """
[sources.backup]
kind = "heartbeat"
period = "PT1H"
grace = "PT10M"

[sources.payroll]
kind = "heartbeat"
cron = "30 2 * * mon-fri"
grace = "PT1H"
"""
)


on_both_stores = pytest.mark.parametrize("jobs", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
async def jobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Here]:
    kept_in = getattr(request, "param", "sqlite")
    store = request.getfixturevalue("database") if kept_in == "postgresql" else None
    async with serving(tmp_path / "data", config=CONFIG, store=store) as here:
        yield here


def ping(here: Here, said: str = "") -> str:
    return f"/heartbeat/{here.tocsin.access.source_key('backup')}{said}"


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_a_beat_is_answered_ok_and_pages_nobody(jobs: Here, method: str) -> None:
    answer = await jobs.client.request(method, ping(jobs))
    assert (answer.status_code, answer.text) == (200, "" if method == "HEAD" else "OK")
    assert counts(jobs)["incident"] == 0


async def test_a_mistake_of_ours_tells_no_key_in_the_log(
    jobs: Here, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("as nobody thought of")

    monkeypatch.setattr(jobs.tocsin.engine, "ingest", broken)
    answer = await jobs.client.get(ping(jobs, "/fail"))
    assert (answer.status_code, "its log says more" in answer.text) == (500, True)
    assert "GET /heartbeat/… broke" in caplog.text
    assert jobs.tocsin.access.source_key("backup") not in caplog.text


@on_both_stores
async def test_silence_opens_an_incident_and_the_next_beat_ends_it(jobs: Here) -> None:
    await jobs.client.get(ping(jobs))
    jobs.clock.ahead += timedelta(hours=1, minutes=10)
    jobs.tocsin.engine.changes.announce()
    opened = await jobs.alone()
    assert opened["summary"].startswith("backup is silent: the last beat came at")
    await jobs.client.get(ping(jobs, "/0"))
    await jobs.until(lambda found: found[0]["status"] == "resolved")


async def test_an_exit_status_tells_that_it_failed_and_what_it_printed(jobs: Here) -> None:
    answer = await jobs.client.post(ping(jobs, "/3"), content=b"tar: disk full")
    assert answer.status_code == 200
    opened = await jobs.alone()
    assert opened["summary"] == "job backup failed with exit status 3"
    page = await jobs.client.get(f"/app/incidents/{opened['id']}", headers=await jobs.session("ada"))
    assert "tar: disk full" in page.text


@on_both_stores
async def test_what_a_job_says_on_its_way_is_on_the_page_when_it_does_not_end(jobs: Here) -> None:
    for said, text in (("/start", b""), ("/log", b"step 1 of 2"), ("/log", b"step 2 of 2")):
        assert (await jobs.client.post(ping(jobs, said), content=text)).text == "OK"
    assert await jobs.incidents() == []
    jobs.clock.ahead += timedelta(minutes=10)
    jobs.tocsin.engine.changes.announce()
    page = await jobs.client.get(f"/app/incidents/{(await jobs.alone())['id']}", headers=await jobs.session("ada"))
    assert "step 2 of 2" in page.text


@pytest.mark.parametrize("said", ["/256", "/9999999999", "/-1", "/stop", "/٣", "/fail/more"])
async def test_a_word_nobody_says_is_not_found_and_changes_nothing(jobs: Here, said: str) -> None:
    assert (await jobs.client.get(ping(jobs, said))).status_code == 404
    assert counts(jobs)["alert"] == 0


async def test_a_key_that_is_no_jobs_is_not_found(jobs: Here) -> None:
    for key in ("x", "0" * 32, jobs.routing_key, "%00"):
        assert (await jobs.client.get(f"/heartbeat/{key}")).status_code == 404
    assert counts(jobs)["alert"] == 0


def test_what_is_awaited_outlives_a_kill(tmp_path: Path) -> None:
    """The real program and curl, as cron calls it: a kill -9 in between loses neither the beat nor its deadline."""
    config = tmp_path / "tocsin.toml"
    config.write_text(CONFIG.replace("PT1H", "PT10S").replace("PT10M", "PT1S"))
    program = Program(tmp_path / "home").serve(EXAMPLE, "--config", config)
    try:
        key = program.run("token", "backup").stdout.strip()
        done = subprocess.run(["curl", "-fsS", f"{program.url}/heartbeat/{key}"], capture_output=True, check=True)
        assert done.stdout == b"OK"
        program.stop(signal.SIGKILL)
        with sqlite3.connect(program.data / "tocsin.db") as db:
            assert db.execute("SELECT count(*) FROM job WHERE key = 'expect/backup/beat'").fetchone() == (1,)
        program.serve(EXAMPLE, "--config", config)

        def opened() -> str:
            found = json.loads(program.run("list", "--format", "json").stdout)["incidents"]
            return str(found[0]["summary"]) if found else ""

        assert program.until(opened).startswith("backup is silent")
    finally:
        program.stop(signal.SIGKILL)


@on_both_stores
async def test_a_job_of_cron_is_awaited_when_it_runs_next(jobs: Here) -> None:
    jobs.clock.ahead += datetime.fromisoformat("2026-12-04T02:40:00+01:00") - jobs.clock.now()
    path = f"/heartbeat/{jobs.tocsin.access.source_key('payroll')}"
    assert (await jobs.client.get(path)).text == "OK"
    [_, told] = (await jobs.get("/api/v1/heartbeats")).json()["heartbeats"]
    assert (told["cron"], told["timezone"], told["period"]) == ("30 2 * * mon-fri", "Europe/Berlin", None)
    assert told["due"] == "2026-12-07T02:30:00Z", "it runs in Berlin, not at the weekend, and may be an hour late"
    jobs.clock.ahead += timedelta(days=3, hours=1)
    jobs.tocsin.engine.changes.announce()
    assert (await jobs.alone())["summary"].startswith("payroll is silent")


@on_both_stores
async def test_the_list_of_jobs_says_what_was_last_heard_of_each(jobs: Here) -> None:
    async def listed() -> dict[str, object]:
        [found, _] = (await jobs.get("/api/v1/heartbeats")).json()["heartbeats"]
        return {name: found[name] for name in ("source", "status", "period", "grace")} | {
            "due": found["due"] is not None
        }

    job = {"source": "backup", "period": "PT3600S", "grace": "PT600S"}
    assert await listed() == {**job, "status": "new", "due": False}
    await jobs.client.post(ping(jobs, "/log"), content=b"warming up")
    assert await listed() == {**job, "status": "new", "due": False}, "it never ran, so nothing is awaited"
    await jobs.client.get(ping(jobs))
    assert await listed() == {**job, "status": "up", "due": True}
    await jobs.client.get(ping(jobs, "/start"))
    assert await listed() == {**job, "status": "started", "due": True}
    await jobs.client.get(ping(jobs, "/fail"))
    assert await listed() == {**job, "status": "down", "due": True}
    assert (await jobs.get("/api/v1/heartbeats", {})).status_code == 401
