"""The watcher as a process of its own, beside a real server that stops working."""

import http.server
import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import PLAIN_HTTP, ROOT
from integration.servers import Here

PATIENCE = 90.0


class Hook(socketserver.ThreadingTCPServer):
    """Takes what is posted."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        hook = self

        class Taking(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.said.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["event"]["data"])
                self.send_response(202)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        super().__init__(("127.0.0.1", 0), Taking)

    def until(self, count: int) -> list[dict[str, Any]]:
        end = time.monotonic() + PATIENCE
        while len(self.said) < count and time.monotonic() < end:
            time.sleep(0.05)
        return self.said


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


async def test_a_server_says_who_watches_it_and_that_nobody_does(here: Here) -> None:
    health = here.tocsin.health
    assert (await here.client.get("/health")).json()["watcher"] == {"seen_seconds_ago": None, "expected": False}
    await here.client.get("/health", headers={"X-Tocsin-Watcher": "elsewhere"})
    assert (await here.client.get("/health")).json()["watcher"]["seen_seconds_ago"] is not None
    health._watched_at = here.tocsin.clock.monotonic() - 301
    said = (await here.client.get("/health")).json()
    assert said["status"] == "degraded"
    assert "tocsin watch" in said["reasons"][0]
    told: list[str] = []

    async def alarm(_: str, text: str) -> None:
        told.append(text)

    await health.look(alarm)
    await health.look(alarm)
    assert told == list(said["reasons"]), "once for as long as it lasts"


async def test_an_audit_that_is_itself_off_is_told(here: Here) -> None:
    here.tocsin.audit.last_looked -= 301
    said = here.tocsin.health.report()  # at once: an audit that is under way would have looked
    assert (said.status, "audit" in said.reasons[0]) == ("degraded", True)


async def test_health_says_that_the_store_cannot_be_used(here: Here) -> None:
    here.tocsin.worker.store_failing_since = here.tocsin.clock.monotonic() - 60
    report = here.tocsin.health.report()
    assert (report.status, report.works) == ("store unavailable", False)


def test_the_watcher_pages_when_a_stopped_server_does_not_answer_and_when_it_does_again(
    tmp_path: Path, hook: Hook
) -> None:
    port = hook.server_address[1]
    config = tmp_path / "watcher.toml"
    config.write_text(
        'fallback = ["fay"]\n[channels.hook]\nkind = "webhook"\n'
        f'url = "http://127.0.0.1:{port}/x"\n[people.fay]\nreach = [{{ via = ["hook"] }}]\n'
    )
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    runbook = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
    given = ["--config", str(runbook.parent / "demo.toml"), "--port", "0", "--data", str(tmp_path / "data")]
    serve = [sys.executable, "-m", "tocsin", "serve", str(runbook), *given]
    server = subprocess.Popen(serve, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    watcher = None
    try:
        assert server.stdout is not None
        url = next(line.rpartition(" ")[2].strip() for line in server.stdout if " at http" in line)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not _works(url):
            time.sleep(0.1)
        watch = [
            sys.executable,
            "-m",
            "tocsin",
            "watch",
            url,
            "--config",
            str(config),
            "--every",
            "0.2",
            "--after",
            "5",
        ]
        watcher = subprocess.Popen(watch, env=environment, stdout=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and _seen(url) is None:
            time.sleep(0.1)
        assert _seen(url) is not None
        assert hook.said == []
        server.send_signal(signal.SIGSTOP)
        [down, *_] = hook.until(1)
        server.send_signal(signal.SIGCONT)
        [*_, back] = hook.until(2)
    finally:
        server.send_signal(signal.SIGCONT)
        for process in (server, watcher):
            if process is not None:
                process.kill()
                process.communicate()
    assert (down["state"], back["state"]) == ("down", "back")
    assert url in down["subject"]
    assert down["to"] == {"id": "fay", "name": "fay"}


def _works(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=30, verify=PLAIN_HTTP).status_code == 200
    except httpx.HTTPError:
        return False


def _seen(url: str) -> float | None:
    watcher = httpx.get(f"{url}/health", timeout=30, verify=PLAIN_HTTP).json()["watcher"]
    seen: float | None = watcher["seen_seconds_ago"]
    return seen
