"""The stage of the chaos drills: real servers, a sink that receives their pages, and a monitor that raises alerts.

The servers run a runbook whose ladder takes seconds. They share one database where the drill says so.
"""

import asyncio
import contextlib
import itertools
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from bench_start import processes
from free_ports import free_port
from kill_record import FALLBACK, IN_FLIGHT, NEXT, PEOPLE, RESPONSE, Arrival, Facts, Seen, Span, is_over, judge

from tocsin.clock import SystemClock

CLOCK = SystemClock()
KEY = "chaoskill0123456789abcdef0123456"
PATIENCE = 60.0

RUNBOOK = f"""# Kill drill

## Severity levels

### P1 - High (Response time: {RESPONSE.seconds} seconds)

- Something is broken

## Escalation path

1. **L1**: First (responds within {RESPONSE.seconds} seconds)
2. **L2**: Second (if L1 can't resolve in {NEXT["L2"].seconds} seconds)
3. **L3**: Third (if L2 can't resolve in {NEXT["L3"].seconds} seconds)

## Incidents

### 1. Sequencer down

**Severity**: P1

**Symptoms**:

- The sequencer is down
"""


def configuration(sink: str, database: str = "", processes: int = 0) -> str:
    """Give a tocsin.toml with everybody reached by webhook only; `database` is the address of a shared one.

    `processes` take alerts for each server.
    """
    people = [*itertools.chain(*PEOPLE.values()), FALLBACK]
    persons = "".join(f'[people.{name}]\nadmin = true\nreach = [{{ via = ["webhook"] }}]\n\n' for name in people)
    roles = "".join(f"{level} = {json.dumps(names)}\n" for level, names in PEOPLE.items())
    server = f"[server]\nintake_processes = {processes}\n\n" if processes else ""
    store = f'[store]\nurl = "{database}"\n\n' if database else ""
    return (
        f'fallback = ["{FALLBACK}"]\n\n{server}{store}[escalation]\nmax_rounds = 1\ngroup_within = "PT0S"\n\n'
        f'[channels.webhook]\nkind = "webhook"\nurl = "{sink}"\nrate = "1000/s"\nburst = 1000\nbundle = false\n\n'
        f"{persons}[roles]\n{roles}\n"
        '[sources.monitor]\nkey = { env = "CHAOS_KEY" }\n'
    )


class Sink:
    """Receives pages over HTTP, remembers them, and fails when told to."""

    def __init__(self, chance: random.Random) -> None:
        """Begin with nothing received."""
        self.arrivals: list[Arrival] = []
        self.failing = False
        self.troubles: list[Span] = []
        self.arrived = asyncio.Event()
        self._chance = chance
        self._server: asyncio.Server | None = None

    async def listen(self) -> str:
        """Give the address pages are to be posted to."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/page"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = (line.partition(":") for line in head.splitlines()[1:] if line)
                headers = {name.lower(): value.strip() for name, _, value in lines}
                status = self._take(headers, await reader.readexactly(int(headers.get("content-length", "0"))))
                if self._chance.random() < 0.2:  # noqa: PLR2004  one receiver in five is slow
                    await asyncio.sleep(self._chance.uniform(0.05, 0.6))
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nok".encode())
                await writer.drain()
        writer.close()

    def _take(self, headers: dict[str, str], body: bytes) -> int:
        data = json.loads(body)["event"]["data"]
        status = 503 if self.failing else 202
        link = str(data.get("html_url") or "")
        key = headers["idempotency-key"]
        number, marked = data.get("id") or "", bool(data.get("may_be_repeated"))
        self.arrivals.append(Arrival(key, CLOCK.now(), data["kind"], number, link, not self.failing, marked))
        self.arrived.set()
        return status

    async def fail_now_and_then(self) -> None:
        """Answer 503 for a while, again and again."""
        while True:
            await asyncio.sleep(self._chance.uniform(4, 10))
            began, self.failing = CLOCK.now(), True
            try:
                await asyncio.sleep(self._chance.uniform(0.5, 2))
            finally:
                self.failing = False
                self.troubles.append((began, CLOCK.now()))


class Server:
    """The real program, started, killed and stopped."""

    def __init__(self, folder: Path, name: str = "data") -> None:
        """Serve out of that folder, with data of its own, on a port that stays the same."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder, self.data = folder, folder / name
        self.ups: list[Span] = []
        self.kills: list[datetime] = []
        self._process: asyncio.subprocess.Process | None = None
        self._up_since: datetime | None = None
        self._environment = {
            **os.environ,
            "CHAOS_KEY": KEY,
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
        }

    async def start(self) -> None:
        """Start it, without waiting until it answers."""
        runbook = str(self.folder / "RUNBOOK.md")
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tocsin", "serve", runbook, "--port", str(self.port), "--data", str(self.data)),
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """Give its process, 0 while there is none."""
        return self._process.pid if self._process and self._process.returncode is None else 0

    @property
    def log(self) -> Path:
        """Give where the server's words go."""
        return self.folder / f"{self.data.name}.log"

    async def until_healthy(self) -> None:
        """Wait until it answers."""
        async with httpx.AsyncClient(base_url=self.url, timeout=2) as client:
            async with asyncio.timeout(PATIENCE):
                while True:
                    if self._process and self._process.returncode is not None:
                        raise SystemExit(f"the server ended by itself:\n{self.log.read_text()[-2000:]}")
                    with contextlib.suppress(httpx.HTTPError):
                        if (await client.get("/health")).status_code == httpx.codes.OK:
                            break
                    await asyncio.sleep(0.02)
        self._up_since = CLOCK.now()

    async def kill(self) -> None:
        """End it as a power cut does."""
        self.kills.append(CLOCK.now())
        await self._end(signal.SIGKILL)

    def kill_intake(self) -> int:
        """End what takes alerts for it as a power cut does; give how many processes that was."""
        children = processes(self.pid)[1:] if self.pid else []
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return len(children)

    async def stop(self) -> None:
        """End it politely."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        if self._up_since:
            self.ups.append((self._up_since, CLOCK.now()))
        self._up_since = None
        if self._process.returncode is None:
            self._process.send_signal(number)
        await self._process.wait()

    async def verify(self, data: Path | None = None) -> int:
        """Give the exit code of `tocsin verify`, for its own data or a copy of it."""
        shared = re.search(r"postgresql://[^\"]+", (self.folder / "tocsin.toml").read_text())
        where = ("--store", shared.group()) if shared else ("--data", str(data or self.data))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tocsin", "verify", *where),
            env=self._environment,
            stdout=asyncio.subprocess.DEVNULL,
        )
        return await process.wait()

    @property
    def token(self) -> str:
        """Give the token of this machine's owner, which every start makes anew."""
        return (self.data / "token").read_text()


class Fate(NamedTuple):
    """What becomes of one alert: after how long somebody does what about it."""

    key: str
    raised_after: float
    deed: str
    deed_after: float


class Monitor:
    """Raises alerts and answers pages at any of the servers, and does not give up because one is away."""

    def __init__(self, servers: list[Server], sink: Sink, chance: random.Random) -> None:
        """Take where to send to, and where the links of pages are found."""
        self.servers, self.sink = servers, sink
        self.accepted: list[str] = []
        self.answered: list[tuple[str, str]] = []
        self.at_rest: frozenset[str] = frozenset()
        self._numbers: dict[str, str] = {}
        self._chance = chance
        self._clients = [httpx.AsyncClient(base_url=server.url, timeout=20) for server in servers]

    async def live(self, fate: Fate) -> None:
        """Raise an alert and do with it what is its fate."""
        await asyncio.sleep(fate.raised_after)
        await self.event(fate.key, "trigger")
        self.accepted.append(fate.key)
        if fate.deed == "nothing":
            return
        await asyncio.sleep(fate.deed_after)
        if fate.deed == "alert resolves":
            await self.event(fate.key, "resolve")
        elif fate.deed == "person resolves":
            await self._insist(lambda: self._act(fate.key, "resolve"))
        elif fate.deed == "link":
            await self._insist(lambda: self._link(fate.key))
        else:
            await self._insist(lambda: self._act(fate.key, "acknowledge"))
        self.answered.append((fate.key, "Resolved" if "resolves" in fate.deed else "Acknowledged"))

    async def incidents(self) -> list[dict[str, Any]]:
        """Give what the lists show, all pages of it."""
        found: list[dict[str, Any]] = []
        older = ""
        while True:
            answer = (await self.ask("GET", f"/api/v1/incidents?limit=500{older}")).json()
            found += answer["incidents"]
            if not answer["more"]:
                return found
            older = f"&before={answer['before']}"

    async def timelines(self) -> dict[str, Facts]:
        """Give the facts of every incident by its number."""
        found, listed = {}, await self.incidents()
        self.at_rest = frozenset(
            one["id"] for one in listed if one["status"] == "acknowledged" and one["next_escalation_at"] is None
        )
        for one in listed:
            answer = await self.ask("GET", f"/api/v1/incidents/{one['id']}/timeline")
            found[one["id"]] = [
                {**fact, "at": datetime.fromisoformat(fact["at"])} for fact in answer.json()["timeline"]
            ]
        return found

    def all_over(self, facts: dict[str, Facts]) -> bool:
        """Give whether nobody will be called any more."""
        return all(is_over(timeline) or number in self.at_rest for number, timeline in facts.items())

    def seen(self) -> Seen:
        """Give what is to be judged."""
        groups, answers = [group(key) for key in self.accepted], [(group(key), kind) for key, kind in self.answered]
        ups = merged([span for server in self.servers for span in server.ups])
        kills = sorted(kill for server in self.servers for kill in server.kills)
        return Seen(groups, answers, self.sink.arrivals, ups, kills, self.sink.troubles, self.at_rest)

    async def close(self) -> None:
        """Close the kept connections."""
        for client in self._clients:
            await client.aclose()

    async def event(self, key: str, action: str) -> None:
        """Send an event until it is accepted."""
        await self._insist(lambda: self._send(key, action))

    async def _send(self, key: str, action: str) -> bool:
        return (await self.try_event(key, action)).status_code == httpx.codes.ACCEPTED

    async def try_event(self, key: str, action: str) -> httpx.Response:
        """Send an event once and give the answer."""
        payload = {"summary": "The sequencer is down", "source": "chaos", "severity": "error"}
        body = {"routing_key": KEY, "event_action": action, "dedup_key": key, "payload": payload}
        return await self._chance.choice(self._clients).post("/v2/enqueue", json=body)

    async def _act(self, key: str, deed: str) -> bool:
        number = await self._number(key)
        return number is not None and (await self.ask("POST", f"/api/v1/incidents/{number}/{deed}", {})).is_success

    async def _link(self, key: str) -> bool:
        number = await self._number(key)
        links = [page.link for page in self.sink.arrivals if page.kind == "page" and page.incident == number]
        if not links:
            return False
        here = httpx.URL(links[0]).raw_path.decode()  # the node that paged may be gone: any of them answers
        return (await self._chance.choice(self._clients).post(here)).status_code == httpx.codes.SEE_OTHER

    async def _number(self, key: str) -> str | None:
        if group(key) not in self._numbers:
            self._numbers |= {one["group_key"]: str(one["id"]) for one in await self.incidents()}
        return self._numbers.get(group(key))

    async def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask one of the servers as its machine's owner."""
        place = self._chance.randrange(len(self.servers))
        headers = {"Authorization": f"Bearer {self.servers[place].token}"}
        return await self._clients[place].request(method, path, json=body, headers=headers)

    async def _insist(self, attempt: Callable[[], Awaitable[bool]]) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError, OSError, KeyError):
                if await attempt():
                    return
            await asyncio.sleep(0.2)


async def settle(monitor: Monitor) -> dict[str, Facts]:
    """Wait until every ladder has run out and every page has arrived, or a minute has passed; give the timelines."""
    facts = await monitor.timelines()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not monitor.all_over(facts) or judge(monitor.seen(), facts, CLOCK.now()).lost:
                await asyncio.sleep(0.5)
                facts = await monitor.timelines()
    await asyncio.sleep(IN_FLIGHT.total_seconds())
    return facts


@contextlib.asynccontextmanager
async def stage(
    folder: Path, nodes: int, database: str, chance: random.Random, taking: int = 0
) -> AsyncIterator[Monitor]:
    """Give a monitor with running servers and a sink; all end with it."""
    sink = Sink(chance)
    (folder / "RUNBOOK.md").write_text(RUNBOOK)
    (folder / "tocsin.toml").write_text(configuration(await sink.listen(), database, taking))
    servers = [Server(folder, f"data{number}") for number in range(nodes)]
    monitor = Monitor(servers, sink, chance)
    try:
        for server in servers:
            await server.start()
            await server.until_healthy()
        yield monitor
    finally:
        await monitor.close()
        for server in servers:
            await server.stop()


@contextlib.contextmanager
def folder_kept(keep: Path | None) -> Iterator[Path]:
    """Give a folder that goes with this, unless somebody wants to keep what is in it."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))
    try:
        yield folder
    finally:
        if keep:
            shutil.copytree(folder, keep)
        shutil.rmtree(folder, ignore_errors=True)


def group(key: str) -> str:
    """Give the group of an alert with that dedup key."""
    return f"monitor/{key}"


def merged(spans: list[Span]) -> list[Span]:
    """Give the spans during which any of them was."""
    found: list[Span] = []
    for began, ended in sorted(spans):
        if found and began <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], ended)
        else:
            found.append((began, ended))
    return found
