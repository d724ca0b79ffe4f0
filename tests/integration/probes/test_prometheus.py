"""A program that exposes metrics by Prometheus' own library, and a real Prometheus that scrapes it."""

import asyncio
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from wsgiref.simple_server import WSGIServer

import httpx
import pytest
from free_ports import free_port
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from conftest import PLAIN_HTTP
from integration.probes.looking import NOW, Service, answer, configured, look, nobody, parts, probe, service
from integration.probes.weighed import sees, until, watching
from integration.web.test_alerting_rules import needs
from tocsin.clock import SystemClock
from tocsin.errors import SettingsInvalid
from tocsin.probes.probe import LookFailed
from tocsin.probes.table import build


class Shop:
    """A program with metrics."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.requests = Counter("http_requests", "Requests.", ["code", "path"], registry=registry)
        self.queue = Gauge("queue_depth", "Waiting.", registry=registry)
        self.took = Histogram("took_seconds", "Time.", ["path"], buckets=(0.1, 0.5, 1, 2), registry=registry)
        self.server: WSGIServer
        self.thread: threading.Thread
        self.server, self.thread = start_http_server(0, "127.0.0.1", registry)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/metrics"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    found = Shop()
    yield found
    found.server.shutdown()
    found.server.server_close()
    found.thread.join()


VALUES = """
[probes.p.values]
depth = "queue_depth"
failed = { select = 'http_requests_total{code=~"5.."}', take = "sum" }
worst = { select = "http_requests_total", take = "max" }
unclear = "http_requests_total"
gone = "no_such_metric"
p95 = { select = 'took_seconds{path!="/slow"}', quantile = 0.95 }
"""


async def test_an_exposition_is_read_without_a_prometheus(shop: Shop) -> None:
    shop.queue.set(7)
    for code, count in (("200", 90), ("503", 4), ("500", 2)):
        shop.requests.labels(code, "/").inc(count)
    shop.took.labels("/").observe(3)
    async with probe(f'kind = "prometheus_text"\nurl = "{shop.url}"{VALUES}') as looking:
        first = await looking.look(NOW)
        assert {name: first.values[name] for name in ("up", "depth", "failed", "worst")} == {
            "up": 1, "depth": 7, "failed": 6, "worst": 90,
        }  # fmt: skip
        assert "gone gives no series" in first.details["not_read"]
        assert "unclear gives 3 series: say with `take`" in first.details["not_read"]
        assert "p95" not in first.values
        for _ in range(20):
            shop.took.labels("/a").observe(0.05)
            shop.took.labels("/slow").observe(10)
        assert (await looking.look(NOW)).values["p95"] == pytest.approx(0.095)
        nothing = await looking.look(NOW)
    assert "p95 had nothing to count since the last look" in nothing.details["not_read"]


async def test_series_are_compared_in_the_time_of_one_look(shop: Shop) -> None:
    class Hurrying(SystemClock):
        """A clock by which to compare takes long."""

        at = 0.0

        def monotonic(self) -> float:
            self.at += 0.4
            return self.at

    shop.requests.labels("200", "/").inc()
    shop.requests.labels("404", "/").inc()
    text = f'kind = "prometheus_text"\nurl = "{shop.url}"\n[probes.p.values]\nn = "http_requests_total"'
    shared = replace(parts(), clock=Hurrying())
    with pytest.raises(LookFailed, match=r"^its series could not be compared in 1 s: make the expressions simpler"):
        await build(configured(text, 1.0), shared).look(NOW)
    await shared.close()


async def test_what_asks_for_too_much_from_outside_is_no_probe() -> None:
    asked = 'kind = "prometheus_text"\nurl = "http://a.example/m"\n[probes.p.values]\n'
    for value in ("""n = 'm{a=~"(a+)+b"}'""", """n = { select = 'm', of = 'm{a=~"(a+)+b"}' }"""):
        assert build(configured(asked + value), parts())
        with pytest.raises(SettingsInvalid, match=r"only tocsin\.toml may use"):
            build(configured(asked + value), parts(outside=True))


async def test_a_histogram_that_began_again_is_counted_from_its_beginning() -> None:
    buckets = 'took_bucket{{le="1"}} {}\ntook_bucket{{le="2"}} {}\ntook_bucket{{le="+Inf"}} {}\n'
    async with service() as web:
        text = (
            f'kind = "prometheus_text"\nurl = "{web.url}"\nvalues = {{ p50 = {{ select = "took", quantile = 0.5 }} }}'
        )
        async with probe(text) as looking:
            web.say[""] = answer(buckets.format(90, 90, 100).encode())
            await looking.look(NOW)
            web.say[""] = answer(buckets.format(0, 10, 10).encode())
            assert (await looking.look(NOW)).values["p50"] == 1.5


async def test_a_share_is_that_of_what_was_counted_since_the_last_look_also_where_counters_began_again() -> None:
    async with service() as web:
        of = """{ select = 'asked{code=~"5.."}', of = "asked" }"""
        text = f'kind = "prometheus_text"\nurl = "{web.url}"\nvalues = {{ failed = {of} }}'

        def counts(good: int, bad: int | None) -> None:
            failed = "" if bad is None else f'asked{{code="503"}} {bad}\n'
            web.say[""] = answer(f'asked{{code="200"}} {good}\n{failed}'.encode())

        async with probe(text) as looking:
            counts(900, None)
            first = await looking.look(NOW)
            assert first.details["not_read"] == "failed is known from the second look on"
            counts(930, 10)
            assert (await looking.look(NOW)).values["failed"] == 0.25
            counts(940, 10)
            assert (await looking.look(NOW)).values["failed"] == 0
            idle = await looking.look(NOW)
            assert idle.details["not_read"] == "failed had nothing to count since the last look"
            counts(1, 1)
            assert (await looking.look(NOW)).values["failed"] == 0.5
            counts(0, 4)
            assert (await looking.look(NOW)).values["failed"] == 1
            web.say[""] = answer(b"other 1\n")
            assert (await looking.look(NOW)).details["not_read"] == "failed gives no series in `of`"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ('{ select = "took", quantile = 0.5, take = "sum" }', "leave `take` and `of` out"),
        ('{ select = "took", quantile = 0.5, of = "asked" }', "leave `take` and `of` out"),
        ('{ select = "failed", of = "asked", take = "sum" }', "a share is one number over all its series"),
        ('{ select = "failed", of = "asked{" }', "selects no series"),
    ],
)
async def test_values_that_do_not_fit_are_refused(value: str, why: str) -> None:
    shared = parts()
    with pytest.raises(SettingsInvalid, match=why):
        build(configured(f'kind = "prometheus_text"\nurl = "http://a/"\nvalues = {{ p = {value} }}'), shared)
    await shared.close()


# -- PromQL


class Prometheus(NamedTuple):
    """A real one that says how many wait in two queues."""

    url: str
    folder: Path

    def queue(self, mail: int) -> None:
        """Let so many wait from now on."""
        write(self.folder, mail)
        httpx.post(f"{self.url}/-/reload", timeout=60, verify=PLAIN_HTTP).raise_for_status()


def write(folder: Path, mail: int) -> None:
    record = '{record: queue_depth, expr: "vector(%d)", labels: {queue: %s}}'
    rules = ", ".join(record % one for one in ((mail, "mail"), (2, "push")))
    (folder / "rules.yml").write_text(f"groups: [{{name: shop, rules: [{rules}]}}]\n", "utf-8")


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    program, folder, port = needs("prometheus"), tmp_path_factory.mktemp("prometheus"), free_port()
    # Series by rules: what is scraped comes only five seconds after the start.
    write(folder, 7)
    (folder / "prometheus.yml").write_text("global: {evaluation_interval: 100ms}\nrule_files: [rules.yml]\n", "utf-8")
    words = (
        "--web.enable-lifecycle",
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, *words], stdout=log, stderr=log, cwd=folder)
    yield Prometheus(f"http://127.0.0.1:{port}", folder)
    process.terminate()
    process.wait()


def asking(url: str, values: str) -> str:
    return f'kind = "promql"\nurl = "{url}"\nvalues = {{ {values} }}'


async def test_a_prometheus_is_asked(prometheus: Prometheus) -> None:
    there = asking(prometheus.url, 'depth = "max(queue_depth)"')
    async with asyncio.timeout(60):
        while True:
            try:
                if (await look(there)).values:
                    break
            except LookFailed:
                pass
            await asyncio.sleep(0.02)
    values = """
    depth = 'queue_depth{queue="mail"}', two = "1 + 1", none = "no_such_metric", odd = "0 / vector(0)",
    many = { query = "queue_depth", take = "sum" }, all = "queue_depth", far = "1 / vector(0)"
    """.replace("\n", " ")
    reading = await look(asking(prometheus.url, values))
    assert reading.values == {"depth": 7, "two": 2, "many": 9}
    for said in ("none gives no series", "odd is not a number", "far is not a number", "all gives 2 series"):
        assert said in reading.details["not_read"]


async def test_a_query_that_is_none_breaks_the_probe_and_says_why(prometheus: Prometheus) -> None:
    with pytest.raises(LookFailed, match=r"127\.0\.0\.1 refuses a: .*parse error: unclosed left parenthesis"):
        await look(asking(prometheus.url, 'a = "sum("'))
    with pytest.raises(LookFailed, match="a gives a matrix: a number for one instant is needed"):
        await look(asking(prometheus.url, 'a = "up[5m]"'))


async def test_what_a_prometheus_says_is_found_in_two_looks_and_over_once(prometheus: Prometheus) -> None:
    check = '\n[probes.p.checks.full]\nvalue = "waiting"\nabove = 50'
    async with watching(asking(prometheus.url, 'waiting = { query = "queue_depth", take = "sum" }') + check) as watch:
        await watch.look(2)
        prometheus.queue(70)
        await until(lambda: sees(watch, "waiting", 72))
        await watch.look(2)
        assert watch.told() == [("full", "trigger")]
        prometheus.queue(7)
        await until(lambda: sees(watch, "waiting", 9, most=True))
        await watch.look(4)
        assert watch.told()[1:] == [("full", "resolve")]


async def test_a_prometheus_that_is_gone_breaks_the_probe_and_calls_nothing_down() -> None:
    gone = Service()
    with nobody() as gone.port, pytest.raises(LookFailed, match="localhost cannot be asked for a: connection refused"):
        await look(asking(gone.url, 'a = "up"'))


@pytest.mark.parametrize(
    "body",
    [b"[]", b'{"status":"success"}', b'{"status":"success","data":{"resultType":"vector","result":[{"value":1}]}}'],
)
async def test_something_else_is_no_prometheus(body: bytes) -> None:
    async with service() as web:
        web.say[""] = answer(body)
        with pytest.raises(LookFailed, match=r"localhost (refuses a|does not answer a as a Prometheus does)"):
            await look(asking(web.url, 'a = "up"'))


async def test_what_stands_in_the_address_goes_along() -> None:
    async with service() as web:
        with pytest.raises(LookFailed):
            await look(asking(f"{web.url}/prom/?tenant=a", 'a = "up"'))
    assert web.asked[0].startswith("GET /prom/api/v1/query?tenant=a&query=up&timeout=60s")
