"""A server with an intake process of its own: the same answers, and nobody is lost when one of the two is killed."""

import asyncio
import concurrent.futures
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from bench_start import processes
from uvicorn import Config

from conftest import PLAIN_HTTP
from integration.servers import EXAMPLE, PATIENCE, Program
from tocsin.assembly import Options, assemble
from tocsin.runner.kernel import PROC, stat_of
from tocsin.web.app import application
from tocsin.web.fronts import Fronts, Place
from tocsin.web.protocol import Protocol
from tocsin.web.server import Server, bind

T = TypeVar("T")
TEAM = """
[server]
intake_processes = 1

[people.mira]
name = "Mira Okafor"

[roles]
L1 = ["mira"]

[escalation]
group_within = "PT0S"

[targets.local]
run = false

[sources.monitoring]
"""
READY = "an intake process takes alerts"


def front_of(server: int) -> int:
    """Give the process that takes alerts for a server."""
    children = [pid for pid in processes(server) if (stat := stat_of(pid)) and stat.parent == server]
    return next(pid for pid in children if b"tocsin.cli.front" in (PROC / f"{pid}/cmdline").read_bytes())


class Served(Program):
    """A server whose intake process takes alerts."""

    key = ""

    def begin(self, *arguments: str | Path, config: str = TEAM) -> "Served":
        (self.home / "tocsin.toml").write_text(config)
        before = self.said(READY)
        self.serve(EXAMPLE, "--config", self.home / "tocsin.toml", *arguments)
        self.until(lambda: self.said(READY) > before)
        self.key = json.loads(self.out.read_text().split("-d '")[1].split("'\n")[0])["routing_key"]
        return self

    def said(self, words: str) -> int:
        return self.log.read_text().count(words) if self.log.exists() else 0

    @property
    def front(self) -> int:
        assert self.process is not None
        return front_of(self.process.pid)

    def event(self, dedup_key: str, **changes: Any) -> dict[str, Any]:
        payload = {"summary": "The health check gets no answer", "source": "probe-1", "severity": "critical"}
        trigger = {"routing_key": self.key, "event_action": "trigger", "dedup_key": dedup_key, "payload": payload}
        return {**trigger, **changes}

    def send(self, dedup_key: str, **changes: Any) -> httpx.Response:
        return httpx.post(
            f"{self.url}/v2/enqueue", json=self.event(dedup_key, **changes), timeout=PATIENCE, verify=self.trusted
        )

    @property
    def owner(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {(self.data / 'token').read_text()}"}

    def groups(self) -> set[str]:
        answer = httpx.get(
            f"{self.url}/api/v1/incidents?limit=500", headers=self.owner, timeout=PATIENCE, verify=self.trusted
        )
        return {one["group_key"].removeprefix("monitoring/") for one in answer.json()["incidents"]}

    def line(self) -> socket.socket:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return socket.create_connection((host, int(port)), timeout=PATIENCE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("fronts"))
    try:
        yield server.begin()
    finally:
        server.stop()


def raw(served: Served, dedup_key: str) -> bytes:
    body = json.dumps(served.event(dedup_key)).encode()
    return b"POST /v2/enqueue HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def statuses(line: socket.socket, count: int) -> list[int]:
    """Give the statuses of answers that may come in one piece."""
    came = b""
    while came.count(b"HTTP/1.1 ") < count or not came.endswith(b"}"):
        came += line.recv(65536) or pytest.fail(f"the line was cut after {came!r}")
    return [int(one[:3]) for one in came.split(b"HTTP/1.1 ")[1:]]


def answer(line: socket.socket) -> tuple[int, bytes]:
    came = b""
    while b"\r\n\r\n" not in came:
        came += line.recv(65536) or pytest.fail(f"the line was cut after {came!r}")
    head, _, body = came.partition(b"\r\n\r\n")
    length = next(int(one.split(b":")[1]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length"))
    while len(body) < length:
        body += line.recv(65536)
    return int(head.split()[1]), body


def test_an_alert_is_answered_once_it_is_stored_and_opens_its_incident(served: Served) -> None:
    sent = served.send("first")
    assert (sent.status_code, sent.json()["dedup_key"]) == (202, "first")
    served.until(lambda: "first" in served.groups())


def test_what_is_no_event_is_refused_without_the_main_process_and_counted_by_it(served: Served) -> None:
    assert served.process is not None
    served.process.send_signal(signal.SIGSTOP)
    try:
        refused = httpx.post(f"{served.url}/v2/enqueue", content=b"{", timeout=PATIENCE, verify=PLAIN_HTTP)
        unknown = served.send("nobody", routing_key="0" * 32)
    finally:
        served.process.send_signal(signal.SIGCONT)
    assert (refused.status_code, unknown.status_code) == (400, 400)
    assert "routing_key" in unknown.text

    def counted() -> bool:
        text = httpx.get(f"{served.url}/metrics", headers=served.owner, timeout=PATIENCE, verify=PLAIN_HTTP).text
        return 'tocsin_deliveries_refused_total{door="/v2/enqueue",outcome="unknown"} 1.0' in text

    served.until(counted)
    assert "/v2/enqueue refused a delivery" in served.log.read_text()


def test_everything_else_goes_on_to_the_main_process(served: Served) -> None:
    assert httpx.get(f"{served.url}/app/", timeout=PATIENCE, verify=PLAIN_HTTP).status_code == 401
    assert httpx.get(f"{served.url}/v2/enqueue", timeout=PATIENCE, verify=PLAIN_HTTP).status_code == 405
    assert httpx.get(f"{served.url}/nothing", timeout=PATIENCE, verify=PLAIN_HTTP).status_code == 404
    everything = httpx.get(f"{served.url}/api/v2/alerts", headers=served.owner, timeout=PATIENCE, verify=PLAIN_HTTP)
    assert everything.status_code == 200, "the door for Prometheus is amtool's too"
    large = json.dumps({"summary": "x" * 400_000}).encode()
    declared = httpx.post(
        f"{served.url}/api/v1/incidents", content=large, headers=served.owner, timeout=PATIENCE, verify=PLAIN_HTTP
    )
    assert declared.status_code == 200, declared.text


def test_a_live_page_hears_of_an_alert_and_is_ended_with_its_reader(served: Served) -> None:
    with httpx.stream(
        "GET", f"{served.url}/app/events", headers=served.owner, timeout=PATIENCE, verify=PLAIN_HTTP
    ) as live:
        lines = live.iter_lines()
        first = next(lines)
        served.send("seen-live")
        until = time.monotonic() + PATIENCE
        heard = [first]
        while heard.count("event: changed") < 2 and time.monotonic() < until:
            heard.append(next(lines))
    assert heard.count("event: changed") >= 2


def test_one_line_may_ask_for_both(served: Served) -> None:
    health = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with served.line() as line:
        for request, status in ((raw(served, "both-1"), 202), (health, 200), (raw(served, "both-2"), 202)):
            line.sendall(request)
            assert answer(line)[0] == status
    served.until(lambda: {"both-1", "both-2"} <= served.groups())


def test_a_request_may_come_in_pieces(served: Served) -> None:
    whole = raw(served, "pieces")
    with served.line() as line:
        for begin, end in ((0, 3), (3, 12), (12, 16), (16, 90), (90, len(whole))):
            line.sendall(whole[begin:end])
            time.sleep(0.02)
        assert answer(line)[0] == 202


def test_what_comes_before_an_answer_is_answered_where_it_can_be_and_never_wrongly(served: Served) -> None:
    with served.line() as line:
        line.sendall(raw(served, "at-once-1") + raw(served, "at-once-2"))
        assert statuses(line, 2) == [202, 202]
    with served.line() as line:
        line.sendall(raw(served, "at-once-3") + b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert answer(line)[0] == 202
        assert line.recv(100) == b"", "who asks before the answer has to ask again"


def test_many_connections_at_once_go_on_although_the_main_process_is_slow(served: Served) -> None:
    assert served.process is not None
    lines = [served.line() for _ in range(300)]
    served.process.send_signal(signal.SIGSTOP)
    try:
        for line in lines:
            line.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(0.5)
    finally:
        served.process.send_signal(signal.SIGCONT)
    assert [answer(line)[0] for line in lines] == [200] * 300
    for line in lines:
        line.close()


def test_who_says_no_more_hears_the_answer(served: Served) -> None:
    assert served.process is not None
    health = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for request, status in ((health, 200), (raw(served, "no-more"), 202), (wishing(raw(served, "no-more")), 202)):
        with served.line() as line:
            served.process.send_signal(signal.SIGSTOP)
            try:
                line.sendall(request)
                line.shutdown(socket.SHUT_WR)
                time.sleep(0.2)
            finally:
                served.process.send_signal(signal.SIGCONT)
            assert answer(line)[0] == status
            assert line.recv(100) == b""


def wishing(request: bytes) -> bytes:
    """Give a request that would rather be one of HTTP/2, as the HttpClient of Java has it."""
    return request.replace(
        b"Host", b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAA\r\nUpgrade: h2c\r\nHost", 1
    )


def test_who_would_rather_speak_another_protocol_is_answered_in_this_one(served: Served) -> None:
    declared = json.dumps({"summary": "GET /health HTTP/1.1\r\n\r\n"}).encode()
    head = "POST /api/v1/incidents HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {Authorization}\r\nContent-Length: "
    onward = head.format(**served.owner).encode() + b"%d\r\n\r\n" % len(declared) + declared
    health = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with served.line() as line:
        for request, status in (
            (raw(served, "wish-1"), 202),
            (raw(served, "wish-2"), 202),
            (onward, 200),
            (health, 200),
        ):
            line.sendall(wishing(request))
            assert answer(line)[0] == status
    with served.line() as line:
        whole = wishing(raw(served, "wish-3"))
        cut = whole.index(b"{") + 5
        for piece in (whole[:cut], whole[cut:] + raw(served, "wish-4")):
            line.sendall(piece)
            time.sleep(0.02)
        assert statuses(line, 2) == [202, 202]
    served.until(lambda: {"wish-1", "wish-2", "wish-3", "wish-4"} <= served.groups())


def test_an_upgrade_behind_a_delivery_is_no_mistake_of_ours(served: Served) -> None:
    upgrade = b"GET /v2/enqueue HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    with served.line() as line:
        line.sendall(raw(served, "upgrade") + upgrade)
        assert answer(line)[0] == 202
        assert line.recv(100) == b""
    assert served.said("Traceback") == 0


def test_a_source_is_known_as_soon_as_it_is_published(served: Served) -> None:
    config = TEAM + '\n[sources.late]\nkind = "alertmanager"\n'
    (served.home / "new.toml").write_text(config)
    applied = served.run("apply", "--config", str(served.home / "new.toml"))
    assert applied.returncode == 0, applied.stderr
    key = served.run("token", "late").stdout.strip()
    body = {"version": "4", "status": "firing", "alerts": [{"status": "firing", "labels": {"alertname": "Late"}}]}
    hook, bearer = f"{served.url}/webhooks/alertmanager", {"Authorization": f"Bearer {key}"}
    assert httpx.post(hook, json=body, headers=bearer, timeout=PATIENCE, verify=PLAIN_HTTP).status_code == 200
    (served.home / "old.toml").write_text(TEAM)
    assert served.run("apply", "--config", str(served.home / "old.toml")).returncode == 0
    assert httpx.post(hook, json=body, headers=bearer, timeout=PATIENCE, verify=PLAIN_HTTP).status_code == 401


def test_while_an_intake_process_is_gone_the_main_one_takes_alerts(served: Served) -> None:
    before, ready = served.front, served.said(READY)
    (served.home / "uvicorn.py").write_text("raise SystemExit('what lies in the folder is not run')")
    os.kill(before, signal.SIGKILL)
    sent = [again(partial(served.send, f"alone-{one}")) for one in range(8)]
    assert {one.status_code for one in sent} == {202}
    served.until(lambda: served.said(READY) > ready)
    (served.home / "uvicorn.py").unlink()
    assert served.front != before
    assert "has to send again: its exit code is -9" in served.log.read_text()
    assert served.send("with-the-next").status_code == 202
    served.until(lambda: {*(f"alone-{one}" for one in range(8)), "with-the-next"} <= served.groups())


def again(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Send as a monitor does: once more where the connection broke."""
    try:
        return send()
    except httpx.TransportError:
        return send()


def storm(server: Served, end: Callable[[], object]) -> set[str]:
    """Give whose alerts were answered while the server was ended amid them."""
    taken: set[str] = set()

    def one(number: int) -> None:
        try:
            if server.send(f"storm-{number}").status_code == 202:
                taken.add(f"storm-{number}")
        except httpx.TransportError:
            return  # it was ended: nobody promised anything

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        sending = [pool.submit(one, number) for number in range(60)]
        while len(taken) < 10:
            time.sleep(0.005)
        end()
        concurrent.futures.wait(sending)
    assert len(taken) >= 10
    return taken


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda one: one.name)
def test_a_server_that_is_ended_amid_alerts_keeps_every_one_it_answered_for(
    tmp_path: Path, number: signal.Signals
) -> None:
    server = Served(tmp_path / "home").begin()
    front, codes = server.front, list[int]()
    taken = storm(server, lambda: codes.append(server.stop(number)))
    assert codes == [0 if number == signal.SIGTERM else -number]
    assert gone(front), "an intake process ends with its server"
    assert server.said("Traceback") == 0, "connections are cut, nothing breaks"
    server.begin("--port", server.url.rpartition(":")[2])
    try:
        server.until(lambda: taken <= server.groups())
    finally:
        server.stop()


def gone(pid: int) -> bool:
    """Give whether a process is gone, or soon."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        stat = stat_of(pid)
        if stat is None or stat.over:
            return True
        time.sleep(0.02)
    return False


def test_an_intake_process_speaks_tls_too(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    server = Served(tmp_path / "home")
    try:
        server.begin("--tls-cert", certificate[0], "--tls-key", certificate[1])
        assert server.url.startswith("https://")
        assert server.send("secret").status_code == 202
        wish = {"Connection": "Upgrade", "Upgrade": "h2c"}
        for url, status in (("/v2/enqueue", 202), ("/api/v1/incidents", 200)):
            body = server.event("wish") if status == 202 else {"summary": "It is slow"}
            sent = httpx.post(
                server.url + url, json=body, headers={**server.owner, **wish}, timeout=PATIENCE, verify=server.trusted
            )
            assert sent.status_code == status, sent.text
        server.until(lambda: "secret" in server.groups())
    finally:
        server.stop()


@asynccontextmanager
async def running(
    tmp_path: Path, bound: socket.socket, *before: str
) -> AsyncIterator[tuple[Fronts, httpx.AsyncClient]]:
    """A server in this process, with an intake process that may be silent for six seconds."""
    address = f"http://127.0.0.1:{bound.getsockname()[1]}"
    (tmp_path / "tocsin.toml").write_text(TEAM)
    tocsin = await assemble(Options(EXAMPLE, tmp_path / "tocsin.toml", tmp_path / "data", address))
    app = application(tocsin)
    place = Place((*before, sys.executable, "-P", "-m", "tocsin.cli.front", "text"), bound, 1)
    fronts = Fronts(place, tocsin, app.state.refusals, silent=6.0)
    server = Server(Config(app, http=Protocol, log_config=None), bound, fronts)
    serving = asyncio.create_task(server.serve([]))
    try:
        await until(lambda: server.started)
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, verify=PLAIN_HTTP) as client:
            yield fronts, client
    finally:
        server.should_exit = True
        await serving


async def test_an_intake_process_that_says_nothing_is_replaced_and_the_main_one_takes_alerts(tmp_path: Path) -> None:
    async with running(tmp_path, bind("127.0.0.1", 0)) as (fronts, client):
        assert (await client.get("/health")).status_code == 200
        await until(lambda: fronts.any)
        hung = front_of(os.getpid())
        os.kill(hung, signal.SIGSTOP)
        await until(lambda: not fronts.any)
        assert (await client.get("/health")).status_code == 200, "also on a line it kept from before"
        await until(lambda: fronts.any)
        assert front_of(os.getpid()) != hung


async def until(look: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not look():  # noqa: ASYNC110  only asking tells
            await asyncio.sleep(0.02)


async def test_a_line_from_before_there_was_an_intake_process_is_answered_and_told_to_come_anew(tmp_path: Path) -> None:
    later = ("sh", "-c", 'sleep 1; exec "$0" "$@"')
    async with running(tmp_path, bind("127.0.0.1", 0), *later) as (fronts, client):
        assert not fronts.any
        before = await client.get("/health")
        await until(lambda: fronts.any)
        last, anew = await client.get("/health"), await client.get("/health")
    said = [one.headers.get("connection") for one in (before, last, anew)]
    assert said == [None, "close", None]
    assert [one.status_code for one in (before, last, anew)] == [200] * 3


async def test_where_no_socket_can_be_made_for_it_the_main_one_takes_alerts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    bound = bind("127.0.0.1", 0)
    async with running(tmp_path, bound) as (_, client):
        assert (await client.get("/health")).status_code == 200


async def test_a_server_that_ends_takes_no_more_connections(tmp_path: Path) -> None:
    bound = bind("127.0.0.1", 0)
    async with running(tmp_path, bound) as (fronts, client):
        await until(lambda: fronts.any)
        assert (await client.get("/health")).status_code == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(client.base_url.netloc.decode().split(":")).close()  # type: ignore[arg-type]
