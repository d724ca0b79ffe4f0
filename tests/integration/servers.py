"""Tocsin as tests meet it: in this process behind a real HTTP server, and as the program a person starts."""

import asyncio
import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from conftest import PLAIN_HTTP, ROOT
from tocsin.assembly import Options, Tocsin, assemble
from tocsin.clock import SystemClock
from tocsin.store.sqlite import SqliteStore
from tocsin.web.app import application
from tocsin.web.auth import SESSION_COOKIE
from tocsin.web.server import bind

T = TypeVar("T")
EXAMPLE = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
PATIENCE = 90.0

on_both_stores = pytest.mark.parametrize("here", ["sqlite", "postgresql"], indirect=True)

NOTHING_RUNS = """
[targets.local]
run = false
"""
"""An incident of the example runs ten programs by itself: more work than most of what is asked here."""

TEAM = f"""
timezone = "Europe/Berlin"

[people.mira]
name = "Mira Okafor"

[people.jonas]
name = "Jonas Weber"

[people.ada]
name = "Ada Moreau"
admin = true

[people.lea]
name = "Lea Stern"

[people.sam]
name = "Sam Ito"

[people.tom]
name = "Tom Lind"

[schedules.primary]
people = ["mira", "tom"]
start = 2026-01-05T09:00:00
rotation = "P7D"

[roles]
L1 = ["mira"]
L2 = ["tom"]
Executive = ["sam"]
Legal = ["lea"]
"Security team" = ["jonas"]
Night = ["primary"]

[escalation]
group_within = "PT0S"
{NOTHING_RUNS}
[sources.monitoring]
[sources.probes]
"""
"""Each key is an incident of its own; nobody is L3. A data breach calls sam, lea and jonas; ada sees all."""

TEAM_THAT_RUNS = TEAM.replace(NOTHING_RUNS, "")
"""The same, and what the runbook lets run by itself is run."""


class ShiftedClock(SystemClock):
    """The clock of this machine, moved on by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self._stands: datetime | None = None
        self._counts_from: datetime | None = None

    def now(self) -> datetime:
        return (self._stands or super().now()) + self.ahead

    def monotonic(self) -> float:
        return (self.now() - self._counts_from).total_seconds() if self._counts_from else super().monotonic()

    def stand(self) -> None:
        """From now on only the hand moves it, so that no minute or day begins in the middle of a test."""
        self._stands = super().now()

    def stand_from(self, begins: datetime) -> None:
        """The same from another instant on, and what only counts seconds moves with the hand as well."""
        self._stands = self._counts_from = begins


class Here:
    """A Tocsin in this process, and an HTTP client that talks to it over a socket."""

    def __init__(
        self, tocsin: Tocsin, clock: ShiftedClock, data: Path, client: httpx.AsyncClient, app: Starlette
    ) -> None:
        self.tocsin, self.clock, self.data, self.client, self.app = tocsin, clock, data, client, app
        self.routing_key = tocsin.access.source_key("monitoring")
        self.owner = {"Authorization": f"Bearer {tocsin.local_token}"}

    async def token(self, person: str) -> dict[str, str]:
        """The headers of somebody with a personal token."""
        return {"Authorization": f"Bearer {await self.tocsin.access.token(person, '', None)}"}

    async def session(self, person: str) -> dict[str, str]:
        """The headers of somebody who followed a sign-in link."""
        session = await self.tocsin.access.sign_in(await self.tocsin.access.link(person))
        return {"Cookie": f"{SESSION_COOKIE}={session}"}

    def event(self, action: str = "trigger", **changes: Any) -> dict[str, Any]:
        payload = {"summary": "The health check gets no answer", "source": "probe-1", "severity": "critical"}
        return {"routing_key": self.routing_key, "event_action": action, "payload": payload, **changes}

    async def declare(self, summary: str = "Nothing works", **words: str) -> dict[str, Any]:
        """The incident the machine's owner declares."""
        answer = await self.client.post("/api/v1/incidents", json={"summary": summary, **words}, headers=self.owner)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, path: str, who: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.client.get(path, headers=self.owner if who is None else who)

    async def post(self, path: str, body: object = None, who: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.client.post(path, json=body or {}, headers=self.owner if who is None else who)

    async def incidents(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.get("/api/v1/incidents?limit=500")).json()["incidents"]
        return found

    async def until(self, look: Callable[[list[dict[str, Any]]], T | None]) -> T:
        """What `look` finds in the list of incidents, as soon as it finds something."""
        async with asyncio.timeout(PATIENCE):
            while not (found := look(await self.incidents())):  # noqa: ASYNC110  asks over HTTP, as everybody must
                await asyncio.sleep(0.02)
            return found

    async def alone(self) -> dict[str, Any]:
        """The only incident there is, once it is opened."""
        found = await self.until(lambda all_of_them: all_of_them)
        assert len(found) == 1
        return found[0]


@asynccontextmanager
async def serving(
    data: Path,
    runbook: Path = EXAMPLE,
    config: str = TEAM,
    tls: tuple[Path, Path] | None = None,
    store: str | None = None,
) -> AsyncIterator[Here]:
    """A Tocsin with fresh data on a free port; `tls`: certificate and key; `store`: the address of a PostgreSQL."""
    written = _written(data, config)
    bound = bind("127.0.0.1", 0)
    url = f"{'https' if tls else 'http'}://127.0.0.1:{bound.getsockname()[1]}"
    clock = ShiftedClock()
    if store is None and not (data / "tocsin.db").exists():
        (data / "tocsin.db").write_bytes(_empty_store())
    tocsin = await assemble(Options(runbook, written, data, url, store), clock)
    cert, key = tls or (None, None)
    app = application(tocsin)
    settings = uvicorn.Config(app, log_config=None, access_log=False, ssl_certfile=cert, ssl_keyfile=key, lifespan="on")
    server = uvicorn.Server(settings)
    running = asyncio.create_task(server.serve([bound]))
    try:
        async with asyncio.timeout(PATIENCE):
            while not server.started:  # noqa: ASYNC110  all that uvicorn offers
                await asyncio.sleep(0.005)
        async with httpx.AsyncClient(base_url=url, timeout=60, verify=True if tls else PLAIN_HTTP) as client:
            yield Here(tocsin, clock, data, client, app)
    finally:
        server.should_exit = True
        await running
        bound.close()


@cache
def _empty_store() -> bytes:
    """A file as a first start leaves it, with all tables: to make them takes a commit for each migration."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tocsin.db"
        SqliteStore(path).close()
        return path.read_bytes()


def _written(data: Path, config: str) -> Path:
    data.mkdir(parents=True, exist_ok=True)
    path = data / "tocsin.toml"
    path.write_text(config)
    return path


class Program:
    """`tocsin` as a person runs it: with a home, a state folder and data of its own."""

    python = sys.executable

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home, self.data = home, home / "data"
        self.out, self.log = home / "out", home / "log"
        self.url = ""
        self.process: subprocess.Popen[bytes] | None = None
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "XDG_"))}
        self.environment = kept | {"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}

    def serve(self, *arguments: str | Path) -> "Program":
        """Start the server and wait until it answers."""
        self.start(*arguments)
        self.url = self.until(lambda: next(iter(re.findall(r"https?://[\d.]+:\d+", self.out.read_text())), None))
        self.environment["TOCSIN_URL"] = self.url
        self.until(self.answers)
        return self

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Start the server on a free port, whatever comes of it."""
        port = [] if "--port" in arguments else ["--port", "0"]
        command = [sys.executable, "-m", "tocsin", "serve", *arguments, *port, "--data", self.data]
        with self.out.open("wb") as out, self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=out, stderr=log, cwd=self.home)
        return self.process

    @property
    def trusted(self) -> ssl.SSLContext | bool:
        """What a client of it verifies with."""
        return True if self.url.startswith("https:") else PLAIN_HTTP

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=30, verify=self.trusted).status_code == 200
        except httpx.HTTPError:
            return False

    def until(self, look: Callable[[], T | None]) -> T:
        """What `look` finds, as soon as it finds something."""
        deadline = time.monotonic() + PATIENCE
        while not (found := look()):
            assert self.process is None or self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.03)
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM, within: float = 60) -> int:
        """End the server and give its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(within)
        finally:
            self.process.kill()
            self.process.wait()

    def run(self, *arguments: str | Path, say: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command against this server."""
        done = subprocess.run(
            [sys.executable, "-m", "tocsin", *arguments],
            env=self.environment | environment,
            cwd=self.home,
            input=say,
            capture_output=True,
            timeout=180,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
