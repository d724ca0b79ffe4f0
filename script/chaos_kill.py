"""Kill the real server at random moments while alerts come in, and prove that nothing was lost.

The server runs a runbook whose ladder takes seconds and pages a sink of ours over HTTP. Alerts are raised the way a
monitor does it, some pages are acknowledged, the sink fails now and then, and `kill -9` hits the server while it
starts, while it rests, and just when a page arrived whose fact is not recorded yet. At the end every accepted alert
must have gone its way, and one flipped bit in any column of any fact must be found.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from kill_record import (
    FALLBACK,
    IN_FLIGHT,
    NEXT,
    PEOPLE,
    RESPONSE,
    Arrival,
    Facts,
    Found,
    Seen,
    Span,
    flip,
    is_over,
    judge,
)

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


def configuration(sink: str) -> str:
    """Give a tocsin.toml with everybody reached by webhook only."""
    people = [*itertools.chain(*PEOPLE.values()), FALLBACK]
    persons = "".join(f'[people.{name}]\nadmin = true\nreach = [{{ via = ["webhook"] }}]\n\n' for name in people)
    roles = "".join(f"{level} = {json.dumps(names)}\n" for level, names in PEOPLE.items())
    return (
        f'fallback = ["{FALLBACK}"]\n\n[escalation]\nmax_rounds = 1\n\n'
        f'[channels.webhook]\nkind = "webhook"\nurl = "{sink}"\n\n{persons}[roles]\n{roles}\n'
        '[sources.monitor]\nkey = { env = "CHAOS_KEY" }\n'
    )


# -- the other sides


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
        self.arrivals.append(Arrival(key, CLOCK.now(), data["kind"], data.get("id") or "", link, not self.failing))
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

    def __init__(self, folder: Path) -> None:
        """Serve out of that folder on a port that stays the same."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder, self.data = folder, folder / "data"
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
        with (self.folder / "server.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tocsin", "serve", runbook, "--port", str(self.port), "--data", str(self.data)),
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    async def until_healthy(self) -> None:
        """Wait until it answers."""
        async with httpx.AsyncClient(base_url=self.url, timeout=2) as client:
            async with asyncio.timeout(PATIENCE):
                while True:
                    if self._process and self._process.returncode is not None:
                        raise SystemExit(f"the server ended by itself; see {self.folder / 'server.log'}")
                    with contextlib.suppress(httpx.HTTPError):
                        if (await client.get("/health")).status_code == httpx.codes.OK:
                            break
                    await asyncio.sleep(0.02)
        self._up_since = CLOCK.now()

    async def kill(self) -> None:
        """End it as a power cut does."""
        self.kills.append(CLOCK.now())
        await self._end(signal.SIGKILL)

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

    async def verify(self, data: Path) -> int:
        """Give the exit code of `tocsin verify`."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tocsin", "verify", "--data", str(data)),
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
    """Raises alerts and answers pages, and does not give up because a server is away."""

    def __init__(self, server: Server, sink: Sink) -> None:
        """Take where to send to, and where the links of pages are found."""
        self.server, self.sink = server, sink
        self.accepted: list[str] = []
        self.answered: list[tuple[str, str]] = []
        self._client = httpx.AsyncClient(base_url=server.url, timeout=3)

    async def live(self, fate: Fate) -> None:
        """Raise an alert and do with it what is its fate."""
        await asyncio.sleep(fate.raised_after)
        await self._event(fate.key, "trigger")
        self.accepted.append(fate.key)
        if fate.deed == "nothing":
            return
        await asyncio.sleep(fate.deed_after)
        if fate.deed == "alert resolves":
            await self._event(fate.key, "resolve")
        elif fate.deed == "person resolves":
            await self._insist(lambda: self._act(fate.key, "resolve"))
        elif fate.deed == "link":
            await self._insist(lambda: self._link(fate.key))
        else:
            await self._insist(lambda: self._act(fate.key, "acknowledge"))
        self.answered.append((fate.key, "Resolved" if "resolves" in fate.deed else "Acknowledged"))

    async def incidents(self) -> list[dict[str, Any]]:
        """Give what the list shows."""
        answer = await self._ask("GET", "/api/v1/incidents?limit=500")
        return list(answer.json()["incidents"])

    async def timelines(self) -> dict[str, Facts]:
        """Give the facts of every incident by its number."""
        found = {}
        for one in await self.incidents():
            answer = await self._ask("GET", f"/api/v1/incidents/{one['id']}/timeline")
            found[one["id"]] = [
                {**fact, "at": datetime.fromisoformat(fact["at"])} for fact in answer.json()["timeline"]
            ]
        return found

    def seen(self) -> Seen:
        """Give what is to be judged."""
        groups, answers = [group(key) for key in self.accepted], [(group(key), kind) for key, kind in self.answered]
        return Seen(groups, answers, self.sink.arrivals, self.server.ups, self.server.kills, self.sink.troubles)

    async def close(self) -> None:
        """Close the kept connections."""
        await self._client.aclose()

    async def _event(self, key: str, action: str) -> None:
        payload = {"summary": "The sequencer is down", "source": "chaos", "severity": "error"}
        body = {"routing_key": KEY, "event_action": action, "dedup_key": key, "payload": payload}

        async def send() -> bool:
            return (await self._client.post("/v2/enqueue", json=body)).status_code == httpx.codes.ACCEPTED

        await self._insist(send)

    async def _act(self, key: str, deed: str) -> bool:
        number = await self._number(key)
        return number is not None and (await self._ask("POST", f"/api/v1/incidents/{number}/{deed}", {})).is_success

    async def _link(self, key: str) -> bool:
        number = await self._number(key)
        links = [page.link for page in self.sink.arrivals if page.kind == "page" and page.incident == number]
        return bool(links) and (await self._client.post(links[0])).status_code == httpx.codes.SEE_OTHER

    async def _number(self, key: str) -> str | None:
        groups = {one["group_key"]: str(one["id"]) for one in await self.incidents()}
        return groups.get(group(key))

    async def _ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.server.token}"}
        return await self._client.request(method, path, json=body, headers=headers)

    async def _insist(self, attempt: Callable[[], Awaitable[bool]]) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError, OSError, KeyError):
                if await attempt():
                    return
            await asyncio.sleep(0.2)


def group(key: str) -> str:
    """Give the group of an alert with that dedup key."""
    return f"monitor/{key}"


# -- the drill


class Plan(NamedTuple):
    """How much of everything."""

    kills: int
    incidents: int
    sample: int
    seed: int


def fates(plan: Plan, chance: random.Random, seconds: float) -> list[Fate]:
    """Give what becomes of each alert, spread over the time of the kills."""
    deeds = ["nothing", "nothing", "link", "api", "link", "alert resolves", "person resolves"]
    return [
        Fate(f"alert-{place}", chance.uniform(0, seconds), deeds[place % len(deeds)], chance.uniform(0.2, 8))
        for place in range(plan.incidents)
    ]


async def kill_again_and_again(server: Server, sink: Sink, plan: Plan, chance: random.Random) -> int:
    """Kill and restart; give how many of the verifications between found a fault."""
    faults = 0
    for count in range(plan.kills):
        moment = chance.choice(["starting", "page", "page", "any", "any"])
        if moment == "starting":
            await asyncio.sleep(chance.uniform(0.05, 0.6))
        else:
            await server.until_healthy()
            await asyncio.sleep(chance.uniform(0.1, 2))
        if moment == "page":
            sink.arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(sink.arrived.wait(), 3)
            await asyncio.sleep(chance.choice([0, 0, 0.002, 0.01]))
        await server.kill()
        if count % 6 == 1:
            faults += await server.verify(server.data) != 0
        await server.start()
    await server.until_healthy()
    return faults


async def settle(monitor: Monitor) -> dict[str, Facts]:
    """Wait until every ladder has run out and every page has arrived, or a minute has passed; give the timelines."""
    facts = await monitor.timelines()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not all(map(is_over, facts.values())) or judge(monitor.seen(), facts, CLOCK.now()).lost:
                await asyncio.sleep(0.5)
                facts = await monitor.timelines()
    await asyncio.sleep(IN_FLIGHT.total_seconds())
    return facts


@contextlib.asynccontextmanager
async def stage(folder: Path, chance: random.Random) -> AsyncIterator[Monitor]:
    """Give a monitor with a running server and sink; both end with it."""
    sink = Sink(chance)
    (folder / "RUNBOOK.md").write_text(RUNBOOK)
    (folder / "tocsin.toml").write_text(configuration(await sink.listen()))
    server = Server(folder)
    monitor = Monitor(server, sink)
    await server.start()
    try:
        yield monitor
    finally:
        await monitor.close()
        await server.stop()


async def drill(plan: Plan, folder: Path) -> dict[str, Any]:
    """Play it and give the figures."""
    chance, began = random.Random(plan.seed), CLOCK.monotonic()  # noqa: S311  it has to be repeatable
    async with stage(folder, chance) as monitor:
        server, sink = monitor.server, monitor.sink
        await server.until_healthy()
        lives = [asyncio.create_task(monitor.live(fate)) for fate in fates(plan, chance, plan.kills * 1.8)]
        trouble = asyncio.create_task(sink.fail_now_and_then())
        faults = await kill_again_and_again(server, sink, plan, chance)
        trouble.cancel()
        await asyncio.wait_for(asyncio.gather(*lives), PATIENCE)
        facts = await settle(monitor)
        await server.stop()
    found = judge(monitor.seen(), facts, CLOCK.now())
    faults += await server.verify(server.data) != 0
    flipped, recognised, missed = await flip(copied(server), chance, plan.sample)
    for sentence in (*found.lost, *found.early, *found.after_acknowledge, *found.unexplained, *missed):
        print(f"WRONG: {sentence}")
    return {
        **counted(monitor, found),
        "seed": plan.seed,
        "incidents": len(facts),
        "verify": "clean" if not faults else f"{faults} times not clean",
        "flips": flipped,
        "flips_found": recognised,
        "flip_exit_code": await server.verify(server.folder / "copy"),
        "seconds": round(CLOCK.monotonic() - began, 1),
    }


def counted(monitor: Monitor, found: Found) -> dict[str, Any]:
    """Give the figures of what was sent and what was found."""
    kinds = [arrival.kind for arrival in monitor.sink.arrivals if arrival.taken]
    return {
        "name": "kill",
        "kills": len(monitor.server.kills),
        "accepted": len(monitor.accepted),
        "pages": kinds.count("page"),
        "refused_pages": len(monitor.sink.arrivals) - len(kinds),
        "alarms": kinds.count("alarm"),
        "lost": len(found.lost),
        "duplicates": found.duplicates,
        "unexplained_duplicates": len(found.unexplained),
        "early": len(found.early),
        "after_acknowledge": len(found.after_acknowledge),
    }


def copied(server: Server) -> Path:
    """Give the database in a copy of the data folder."""
    path = server.folder / "copy" / "tocsin.db"
    path.parent.mkdir()
    source, target = sqlite3.connect(server.data / "tocsin.db"), sqlite3.connect(path)
    with contextlib.closing(source), contextlib.closing(target):
        source.backup(target)
    return path


def passed(figures: dict[str, Any]) -> bool:
    """Give whether nothing went wrong."""
    bad = ("lost", "early", "after_acknowledge", "unexplained_duplicates", "alarms")
    return (
        not any(figures[name] for name in bad)
        and figures["verify"] == "clean"
        and figures["flips_found"] == figures["flips"]
        and figures["flip_exit_code"] == 1
    )


def main(argv: list[str]) -> int:
    """Play the drill; the last line is one JSON object. Exit code 1 when something was lost, early, late or unseen."""
    parser = argparse.ArgumentParser(prog="script/chaos kill", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--incidents", type=int, default=50)
    parser.add_argument("--quick", action="store_true", help="3 kills, 8 incidents")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=["sqlite"], default="sqlite")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="json: print nothing but the figures"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave data and log of the server there")
    args = parser.parse_args(argv)
    plan = Plan(3, 8, 4, args.seed) if args.quick else Plan(args.kills, args.incidents, 30, args.seed)
    folder = Path(tempfile.mkdtemp(prefix="tocsin-kill-"))
    try:
        figures = asyncio.run(drill(plan, folder))
    finally:
        if args.keep:
            shutil.copytree(folder, args.keep)
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))
    return 0 if passed(figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
