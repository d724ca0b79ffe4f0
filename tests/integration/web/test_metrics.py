"""What Prometheus reads: who may, what it says, and that it never tells of a breach."""

import asyncio
import base64
import contextlib
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from free_ports import free_port
from prometheus_client.parser import text_string_to_metric_families

from conftest import PLAIN_HTTP, ROOT
from integration.servers import PATIENCE, Here
from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.drill.channel import RehearsalChannel, Sent
from tocsin.incident.jobs import Page
from tocsin.store import transactions as t

Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scope(here: Here, **more: str) -> dict[str, str]:
    made = (await here.post("/api/v1/tokens", {"name": "mira", "scope": "metrics", **more})).json()
    return {"Authorization": f"Bearer {made['token']}"}


async def values(here: Here) -> Values:
    answer = await here.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def one(found: Values, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


async def until(here: Here, name: str, expected: float, **labels: str) -> Values:
    async with asyncio.timeout(PATIENCE):
        while one(found := await values(here), name, **labels) != expected:  # noqa: ASYNC110  waits for a worker
            await asyncio.sleep(0.02)
    return found


class Broken:
    """A channel of a provider that knows none of our people."""

    async def send(self, _: Message) -> Receipt:
        raise SendFailed("no such number", permanent=True)

    async def close(self) -> None:
        return None


class Hangs(Broken):
    """A channel of a provider that takes everything and does not answer before it is let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()

    async def send(self, _: Message) -> Receipt:
        await self.let_go.wait()
        return Receipt()


# -- who may read


async def test_a_token_for_it_and_the_owner_of_the_machine_may_read(here: Here) -> None:
    who = await scope(here)
    secret = who["Authorization"].removeprefix("Bearer ")
    basic = {"Authorization": "Basic " + base64.b64encode(f"prometheus:{secret}".encode()).decode()}
    for headers in (who, basic, here.owner):
        answer = await here.client.get("/metrics", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=")


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic x", "Basic eDp4", "Basic :", "Basic w7w6w7w=", "Bearer é"])
async def test_nobody_else_may(here: Here, header: str) -> None:
    answer = await here.client.get("/metrics", headers={b"Authorization": header.encode()} if header else {})
    assert answer.status_code == 401
    assert "--scope metrics" in answer.json()["error"]


async def test_a_full_token_does_not_belong_into_a_scraper(here: Here) -> None:
    for who in (await here.token("ada"), await here.session("ada"), {"Authorization": f"Bearer {here.routing_key}"}):
        assert (await here.client.get("/metrics", headers=who)).status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/incidents", "/oncalls", "/app/", "/api/v1/oncall"])
async def test_a_token_for_it_opens_nothing_else(here: Here, path: str) -> None:
    who = await scope(here)
    assert (await here.client.get(path, headers=who)).status_code == 401
    as_cookie = {"Cookie": f"tocsin_session={who['Authorization'].removeprefix('Bearer ')}"}
    assert (await here.client.get(path, headers=as_cookie)).status_code == 401


async def test_it_ends_when_it_said_it_would(here: Here) -> None:
    who = await scope(here, expires="PT1H")
    assert (await here.client.get("/metrics", headers=who)).status_code == 200
    here.clock.ahead = timedelta(minutes=61)
    assert (await here.client.get("/metrics", headers=who)).status_code == 401


async def test_a_scraper_may_call_the_server_by_any_name(here: Here) -> None:
    answer = await here.client.get("/metrics", headers={**await scope(here), "Host": "tocsin.internal:8080"})
    assert answer.status_code == 200


# -- what it says


async def test_everything_there_could_be_is_told_from_the_start(here: Here) -> None:
    found = await values(here)
    for severity in ("P0", "P1", "P2", "P3"):
        for status in ("triggered", "acknowledged"):
            assert one(found, "tocsin_open_incidents", severity=severity, status=status) == 0
    for urgency in ("wake", "tell", "run"):
        assert one(found, "tocsin_jobs_due", urgency=urgency) == 0
    assert one(found, "tocsin_alerts_total", source="monitoring") == 0
    assert one(found, "tocsin_pages_total", channel="console", outcome="sent") == 0
    assert one(found, "tocsin_page_lateness_seconds_count", channel="console") == 0
    assert [value for (name, _), value in found.items() if name == "tocsin_build_info"] == [1]
    assert 0 <= one(found, "tocsin_worker_idle_seconds") < PATIENCE


async def test_an_alert_its_incident_and_its_page_are_counted(here: Here) -> None:
    here.clock.stand()  # on a busy machine the page would be late
    sent: list[Sent] = []
    here.tocsin.deeds.channels = {"console": RehearsalChannel("console", here.clock, sent)}
    for _ in range(3):
        answer = await here.client.post("/v2/enqueue", json=here.event(dedup_key="k"))
        assert answer.status_code == 202
    opened = await here.alone()
    await until(here, "tocsin_pages_total", 1, channel="console", outcome="sent")
    found = await until(here, "tocsin_alerts_total", 3, source="monitoring")
    assert one(found, "tocsin_open_incidents", severity=opened["severity"], status="triggered") == 1
    assert one(found, "tocsin_pages_late_total", channel="console") == 0
    assert one(found, "tocsin_page_lateness_seconds_count", channel="console") == 1
    assert one(found, "tocsin_page_lateness_seconds_bucket", channel="console", le="3600.0") == 1
    await here.post(f"/api/v1/incidents/{opened['id']}/acknowledge")
    found = await values(here)
    assert one(found, "tocsin_open_incidents", severity=opened["severity"], status="triggered") == 0
    assert one(found, "tocsin_open_incidents", severity=opened["severity"], status="acknowledged") == 1
    await here.post(f"/api/v1/incidents/{opened['id']}/resolve", {"why": "over"})
    found = await values(here)
    assert one(found, "tocsin_open_incidents", severity=opened["severity"], status="acknowledged") == 0


async def test_a_page_that_failed_for_good_is_counted(here: Here) -> None:
    here.tocsin.deeds.channels = {"console": Broken()}
    await here.declare()
    await until(here, "tocsin_pages_total", 1, channel="console", outcome="failed")


async def test_a_page_that_waits_is_work_that_is_due(here: Here) -> None:
    channel = Hangs()
    here.tocsin.deeds.channels = {"console": channel}
    await here.declare()
    await until(here, "tocsin_jobs_due", 1, urgency="wake")
    channel.let_go.set()


async def test_that_a_restore_holds_pages_back_is_told(here: Here) -> None:
    assert one(await values(here), "tocsin_paging_held") == 0
    here.tocsin.engine.unconfirmed = "{}"
    assert one(await values(here), "tocsin_paging_held") == 1


# -- restricted incidents


async def test_a_breach_changes_no_measure(here: Here) -> None:
    sent: list[Sent] = []
    here.tocsin.deeds.channels = {"console": RehearsalChannel("console", here.clock, sent)}
    before = await still(here)
    details = {"summary": "Ledger Quagga", "source": "siem", "severity": "critical"}
    details["custom_details"] = {"incident_type": "data-breach"}  # type: ignore[assignment]
    for action in ("trigger", "trigger", "acknowledge"):
        event = here.event(action, dedup_key="quagga", payload=details)
        assert (await here.client.post("/v2/enqueue", json=event)).status_code == 202
    async with asyncio.timeout(PATIENCE):
        while {"sam", "lea", "jonas"} - {page.person for page in sent}:
            assert await still(here) == before
    number = (await here.incidents())[0]["id"]
    here.clock.ahead = timedelta(hours=3)  # levels are called, reminders and legal clocks come due
    here.tocsin.engine.changes.announce()
    await asyncio.sleep(0.5)
    assert await still(here) == before
    await here.post(f"/api/v1/incidents/{number}/resolve", {"why": "over"})
    assert await still(here) == before
    await here.declare("A plain one")
    assert await still(here) != before


async def test_nor_do_the_pages_of_a_breach_that_wait(here: Here) -> None:
    channel = Hangs()
    here.tocsin.deeds.channels = {"console": channel}
    before = await still(here)
    await here.declare("Ledger Quagga", type="data-breach")
    async with asyncio.timeout(PATIENCE):
        while not any(
            isinstance(due.job.do, Page) for due in await here.tocsin.store.read(t.jobs_due(here.clock.now()))
        ):
            assert await still(here) == before
    assert await still(here) == before
    channel.let_go.set()


async def still(here: Here) -> str:
    """The whole exposition, but for what the worker's clock says."""
    answer = await here.get("/metrics")
    assert "Quagga" not in answer.text
    assert "data-breach" not in answer.text
    return re.sub(r"(?m)^tocsin_worker_idle_seconds .*$", "", answer.text)


# -- Prometheus itself


def needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs {program}, which Debian's package prometheus brings")
    return found


def examples() -> tuple[str, str]:
    """The scrape configuration and the rules of the how-to."""
    text = (ROOT / "docs" / "how-to" / "measure-with-prometheus.md").read_text()
    config, rules = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    return config, rules


async def test_promtool_finds_nothing_to_complain_about(here: Here) -> None:
    promtool = needs("promtool")
    await here.declare()
    text = (await here.get("/metrics")).text
    done = await asyncio.to_thread(
        subprocess.run, [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


async def test_the_newer_format_is_given_to_who_asks_for_it(here: Here) -> None:
    headers = {**here.owner, "Accept": "application/openmetrics-text;version=1.0.0"}
    answer = await here.client.get("/metrics", headers=headers)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


async def test_prometheus_reads_us_as_the_how_to_says(here: Here, tmp_path: Path) -> None:
    program = needs("prometheus")
    config, rules = examples()
    (tmp_path / "rules.yml").write_text(rules)
    token = tmp_path / "tocsin.token"
    token.write_text((await scope(here))["Authorization"].removeprefix("Bearer "))
    for written, instead in (
        ("scheme: https", "scheme: http"),
        ("/etc/prometheus/tocsin.token", str(token)),
        ('"tocsin.example"', f'"{here.client.base_url.host}:{here.client.base_url.port}"'),
    ):
        assert written in config
        config = config.replace(written, instead)
    beginning = "global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\nrule_files: [rules.yml]\n"
    (tmp_path / "prometheus.yml").write_text(beginning + config)
    await here.declare()
    place = f"127.0.0.1:{free_port()}"
    arguments = (f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/tsdb")
    with (tmp_path / "log").open("wb") as log:
        peer = await asyncio.create_subprocess_exec(
            program, *arguments, f"--web.listen-address={place}", stdout=log, stderr=log, cwd=tmp_path
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://{place}/api/v1", timeout=60, verify=PLAIN_HTTP) as client:
            found = await answered(client, 'sum(tocsin_open_incidents) == 1 and on() up{job="tocsin"} == 1')
            assert found[0]["value"][1] == "1"
            groups = (await client.get("/rules")).json()["data"]["groups"]
            assert {rule["health"] for rule in groups[0]["rules"]} <= {"ok", "unknown"}
            assert len(groups[0]["rules"]) == 5
    finally:
        peer.terminate()
        await peer.wait()


async def answered(client: httpx.AsyncClient, query: str) -> list[dict[str, Any]]:
    """What Prometheus answers, once it has something to say."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await client.get("/query", params={"query": query})
                found: list[dict[str, Any]] = answer.json()["data"]["result"] if answer.status_code == 200 else []
                if found:
                    return found
            await asyncio.sleep(0.2)
