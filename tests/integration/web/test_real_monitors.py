"""The monitors themselves, unmodified: what they really send opens an incident here and ends it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from free_ports import free_port

from integration.servers import TEAM, Here, serving
from integration.web.test_alerting_rules import needs, running
from integration.web.test_inbound import counts
from tocsin.store.readings import alert_state

CONFIG = (
    TEAM
    + """
[sources.am]
kind = "alertmanager"

[sources.prom]
kind = "prometheus"

[sources.watchdog]
kind = "heartbeat"
period = "PT1M"
"""
)
RULES = """
groups:
  - name: shop
    interval: 1s
    rules:
      - alert: TillDown
        expr: vector({value}) > 0
        labels: {{severity: critical, service: till}}
        annotations: {{summary: "The till gives no answer", runbook_url: "https://wiki.example/till"}}
"""
PROMETHEUS = """
global: {{evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - authorization: {{credentials: {key}}}
      static_configs: [{{targets: ["{host}:{port}"]}}]
"""
ALERTMANAGER = """
route: {{receiver: tocsin, group_by: [alertname], group_wait: 100ms, group_interval: 1s}}
receivers:
  - name: tocsin
    webhook_configs:
      - url: {url}/webhooks/alertmanager
        max_alerts: {most}
        http_config: {{authorization: {{credentials: {key}}}}}
"""


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Here]:
    async with serving(tmp_path / "data", config=CONFIG) as here:
        yield here


def url_of(here: Here) -> str:
    return str(here.client.base_url).rstrip("/")


async def amtool(url: str, *words: str, good: bool = True) -> str:
    """Run amtool against what speaks like an Alertmanager, and give what it said."""
    command = (needs("amtool"), *words, f"--alertmanager.url={url}")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    said, _ = await asyncio.wait_for(process.communicate(), 120)
    assert (process.returncode == 0) is good, said.decode()
    return said.decode()


@contextlib.asynccontextmanager
async def prometheus(here: Here, folder: Path) -> AsyncIterator[str]:
    """A Prometheus that sends its alerts straight to us; gives its address."""
    key, base, port = here.tocsin.access.source_key("prom"), here.client.base_url, free_port()
    (folder / "rules.yml").write_text(RULES.format(value=1))
    (folder / "prometheus.yml").write_text(PROMETHEUS.format(key=key, host=base.host, port=base.port))
    words = ["--config.file=prometheus.yml", "--storage.tsdb.path=tsdb", f"--web.listen-address=127.0.0.1:{port}"]
    words += ["--web.enable-lifecycle", "--rules.alert.resend-delay=1s"]
    async with running(folder, needs("prometheus"), *words):
        yield f"http://127.0.0.1:{port}"


async def test_prometheus_sends_straight_to_us_and_ends_what_is_over(shop: Here, tmp_path: Path) -> None:
    async with prometheus(shop, tmp_path) as address:
        opened = await shop.alone()
        assert (opened["summary"], opened["group_key"].split("/")[0]) == ("The till gives no answer", "prom")
        page = await shop.client.get(f"/app/incidents/{opened['id']}", headers=await shop.session("ada"))
        assert "https://wiki.example/till" in page.text
        assert "/graph?g0.expr=vector" in page.text
        (tmp_path / "rules.yml").write_text(RULES.format(value=0))
        assert (await shop.client.post(f"{address}/-/reload")).status_code == 200
        await shop.until(lambda found: found[0]["status"] == "resolved")


async def test_an_alert_of_a_prometheus_that_died_ends_when_its_lease_does(shop: Here, tmp_path: Path) -> None:
    async with prometheus(shop, tmp_path):
        await shop.alone()
    state = await shop.tocsin.store.read(alert_state((await shop.alone())["group_key"]))
    assert state is not None
    assert state.alert.lease_until is not None
    shop.clock.ahead += state.alert.lease_until - shop.clock.now()
    shop.tocsin.engine.changes.announce()
    await shop.until(lambda found: found[0]["status"] == "resolved")


async def test_amtool_adds_an_alert_that_lasts_as_long_as_it_says(shop: Here) -> None:
    base = shop.client.base_url
    url = f"http://amtool:{shop.tocsin.access.source_key('prom')}@{base.host}:{base.port}"
    await amtool(url, "alert", "add", "alertname=TillDown", "service=till", "--annotation=summary=By hand")
    assert (await shop.alone())["summary"] == "By hand"
    wrong = url.replace(shop.tocsin.access.source_key("prom"), "wrong")
    await amtool(wrong, "alert", "add", "alertname=Other", good=False)
    assert counts(shop)["alert"] == 1


@contextlib.asynccontextmanager
async def alertmanager(here: Here, folder: Path, most: int = 0) -> AsyncIterator[str]:
    """An Alertmanager whose webhook is ours; gives its address."""
    at, key = free_port(), here.tocsin.access.source_key("am")
    (folder / "am.yml").write_text(ALERTMANAGER.format(url=url_of(here), key=key, most=most))
    words = ["--config.file=am.yml", "--storage.path=am", f"--web.listen-address=127.0.0.1:{at}"]
    program = needs("prometheus-alertmanager", "alertmanager")
    async with running(folder, program, *words, "--cluster.listen-address="):
        address = f"http://127.0.0.1:{at}"
        await until_ready(here, address)
        yield address


async def until_ready(here: Here, address: str) -> None:
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await here.client.get(f"{address}/-/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.05)


async def test_alertmanagers_webhook_ends_one_alert_while_its_group_fires(shop: Here, tmp_path: Path) -> None:
    async with alertmanager(shop, tmp_path) as address:
        for host in ("a", "b"):
            await amtool(
                address, "alert", "add", "alertname=TillDown", f"instance={host}", "--end=2099-01-01T00:00:00Z"
            )
        await shop.until(lambda found: len(found) == 2)
        await amtool(address, "alert", "add", "alertname=TillDown", "instance=a", "--end=2020-01-01T00:00:00Z",
                     "--start=2019-01-01T00:00:00Z")  # fmt: skip
        found = await shop.until(lambda all_: all_ if any(one["status"] == "resolved" for one in all_) else None)
        assert sorted(one["status"] for one in found) == ["resolved", "triggered"]
        assert {one["group_key"].split("/")[0] for one in found} == {"am"}


async def test_what_alertmanager_cut_off_is_told(shop: Here, tmp_path: Path) -> None:
    async with alertmanager(shop, tmp_path, most=1) as address:
        alerts = [{"labels": {"alertname": "TillDown", "instance": str(host)}} for host in range(3)]
        assert (await shop.client.post(f"{address}/api/v2/alerts", json=alerts)).status_code == 200
        opened = await shop.alone()
        page = await shop.client.get(f"/app/incidents/{opened['id']}", headers=await shop.session("ada"))
        assert "alerts_cut_off" in page.text


async def test_alertmanager_tries_again_what_could_not_be_stored(shop: Here, tmp_path: Path) -> None:
    async with alertmanager(shop, tmp_path) as address:
        gate = shop.app.state.gate
        before, gate._most_requests = gate._most_requests, 0
        await amtool(address, "alert", "add", "alertname=TillDown", "--end=2099-01-01T00:00:00Z")
        async with asyncio.timeout(60):
            while not gate.refused:  # noqa: ASYNC110  Alertmanager tells nobody that it tried
                await asyncio.sleep(0.02)
        assert counts(shop)["alert"] == 0
        gate._most_requests = before
        assert (await shop.alone())["group_key"].startswith("am/")


async def test_alertmanager_beats_with_an_alert_that_fires_for_ever(shop: Here, tmp_path: Path) -> None:
    key = shop.tocsin.access.source_key("watchdog")
    config = ALERTMANAGER.format(url="", key="", most=0).replace("/webhooks/alertmanager", "HERE")
    lines = [line for line in config.splitlines() if "http_config" not in line]
    (tmp_path / "beats.yml").write_text("\n".join(lines).replace("HERE", f"{url_of(shop)}/heartbeat/{key}"))
    at, program = free_port(), needs("prometheus-alertmanager", "alertmanager")
    words = ["--config.file=beats.yml", "--storage.path=beats", f"--web.listen-address=127.0.0.1:{at}"]
    async with running(tmp_path, program, *words, "--cluster.listen-address="):
        address = f"http://127.0.0.1:{at}"
        await until_ready(shop, address)
        await amtool(address, "alert", "add", "alertname=Watchdog", "--end=2099-01-01T00:00:00Z")
        async with asyncio.timeout(60):
            while not counts(shop)["alert"]:  # noqa: ASYNC110  a beat opens nothing that could be waited for
                await asyncio.sleep(0.02)
    shop.clock.ahead += timedelta(minutes=7)
    shop.tocsin.engine.changes.announce()
    assert (await shop.alone())["summary"].startswith("watchdog is silent")


async def asked(url: str, *words: str) -> list[Any]:
    """What amtool finds, as JSON."""
    found: list[Any] = json.loads(await amtool(url, *words, "--no-version-check", "--output=json"))
    return found


async def until_held(here: Here) -> None:
    """Wait until something is held back by a silence."""

    async def held() -> bool:
        return any(one["held"] for one in (await here.get("/api/v1/silences")).json()["silences"])

    async with asyncio.timeout(60):
        while not await held():  # noqa: ASYNC110  asks over HTTP, as everybody must
            await asyncio.sleep(0.02)


async def test_amtool_looks_at_alerts_and_makes_silences_that_hold_here(shop: Here) -> None:
    base, token = shop.client.base_url, await shop.tocsin.access.token("ada", "", None)
    sender = f"http://amtool:{shop.tocsin.access.source_key('prom')}@{base.host}:{base.port}"
    ada = f"http://ada:{token}@{base.host}:{base.port}"
    await amtool(sender, "alert", "add", "alertname=TillDown", "service=till", "--annotation=summary=By hand")
    await shop.alone()
    [fires] = await asked(ada, "alert", "query", "alertname=TillDown")
    assert (fires["labels"]["service"], fires["labels"]["tocsin_source"]) == ("till", "prom")
    assert (fires["annotations"]["summary"], fires["status"]["state"]) == ("By hand", "active")
    assert await asked(ada, "alert", "query", "alertname=Other") == []
    assert len(await asked(ada, "alert", "query", "service=~ti.*", "tocsin_source=prom")) == 1
    new_shelf = ("alertname=ShelfDown", "service=shelf")
    made = (
        await amtool(ada, "silence", "add", *new_shelf, "--comment=new shelf", "-d2h", "--no-version-check")
    ).strip()
    [listed] = await asked(ada, "silence", "query")
    assert (listed["id"], listed["comment"], listed["createdBy"]) == (made, "new shelf", "ada")
    await amtool(sender, "alert", "add", *new_shelf)
    await until_held(shop)
    [held] = await asked(ada, "alert", "query", "--silenced")
    assert (held["labels"]["alertname"], held["status"]["silencedBy"]) == ("ShelfDown", [made])
    assert counts(shop)["incident"] == 1
    await amtool(ada, "silence", "update", "-d3h", made)
    [longer] = await asked(ada, "silence", "query", "alertname=ShelfDown")
    assert longer["endsAt"] > listed["endsAt"]
    await amtool(ada, "silence", "expire", longer["id"])
    await shop.until(lambda known: len(known) == 2)
    assert await asked(ada, "silence", "query") == []


async def test_amtool_is_told_what_cannot_be_done_and_whom_we_do_not_know(shop: Here) -> None:
    base, token = shop.client.base_url, await shop.tocsin.access.token("ada", "", None)
    ada = f"http://ada:{token}@{base.host}:{base.port}"
    said = await amtool(ada, "silence", "add", "alertname=~(a+)+", "--comment=slow", good=False)
    assert "could take too long" in said
    assert "404" in await amtool(ada, "silence", "expire", "SIL-9", good=False)
    for url in (ada.replace(token, shop.tocsin.access.source_key("prom")), ada.replace(token, "wrong")):
        assert "401" in await amtool(url, "silence", "query", good=False)
        assert "401" in await amtool(url, "alert", "query", good=False)
    assert "disabled" in await amtool(ada, "cluster", "show")
