"""Requests over kept connections, from a process of its own, so that its work is not counted as the server's.

`bench_load.py PLAN` sends what the plan says and prints one JSON line. As much as possible is made beforehand: a
request differs from the next in its number alone. A connection sends its next request when the last one is answered.
With a rate the requests have instants, and how late an answer comes counts from its instant, also where no connection
was free then.
"""

import asyncio
import contextlib
import json
import re
import resource
import sys
from collections import Counter, deque
from typing import Any, NamedTuple

import uvloop

from tocsin.clock import SystemClock

CLOCK = SystemClock()
NUMBER = "{number}"
DIGITS = 10
PATIENCE = 60.0
PAGES_WITHIN = 300.0
"""Seconds after the last alert in which a page that is late still counts as late, not as lost."""

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_SENT = re.compile(rb"nr-(\d{10})")


class Plan(NamedTuple):
    """What is sent: `body` has the places of a number, `keys` are how many numbers there are (0: each a new one).

    It goes on for `seconds`, or until `requests` are answered where that is not 0. `rate` 0 is as fast as it goes.
    `sink`: listen there for what comes of it, and tell how long after the instant of its request each came. `fresh`:
    each request has a connection of its own, for servers that keep none.
    """

    port: int
    path: str
    headers: tuple[str, ...]
    body: str
    keys: int
    connections: int
    seconds: float
    requests: int = 0
    rate: int = 0
    first: int = 0
    sink: int = 0
    fresh: bool = False


class Load:
    """Sends and counts."""

    def __init__(self, plan: Plan) -> None:
        """Make what can be made before anything is sent."""
        self.plan = plan
        head = f"POST {plan.path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\n"
        head += "".join(f"{line}\r\n" for line in (*plan.headers, "Content-Type: application/json"))
        length = len(plan.body.replace(NUMBER, "0" * DIGITS).encode())
        self._parts = f"{head}Content-Length: {length}\r\n\r\n{plan.body}".encode().split(NUMBER.encode())
        self._ready = [self._made(number) for number in range(plan.keys)]
        self.statuses: Counter[int] = Counter()
        self.took: list[float] = []
        self.sent = 0
        self.began = self.ends = 0.0
        self.idle: deque[Connection] = deque()
        self.waiting: deque[tuple[int, float]] = deque()
        self.broken = 0
        self.done = asyncio.Event()
        self._under_way = 0
        self._connecting = set[asyncio.Task[Any]]()

    def _made(self, number: int) -> bytes:
        return (b"%010d" % number).join(self._parts)

    def request(self, number: int) -> bytes:
        """Give the bytes of a request."""
        return self._ready[number % self.plan.keys] if self._ready else self._made(number + self.plan.first)

    async def run(self) -> dict[str, Any]:
        """Send everything and give the figures."""
        for _ in range(self.plan.connections):
            await self._connect()
        self.began = CLOCK.monotonic()
        self.ends = self.began + self.plan.seconds
        free = tuple(self.idle)
        if self.plan.rate:
            await self._paced()
        else:
            self.idle.clear()
            for connection in free:
                self.next(connection)
        await asyncio.wait_for(self.done.wait(), self.plan.seconds + PATIENCE)
        lasted = CLOCK.monotonic() - self.began
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "answered": sum(self.statuses.values()),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "broken": self.broken,
            "seconds": round(lasted, 3),
            **percentiles(self.took),
            "load_cpu_us": round((used.ru_utime + used.ru_stime) * 1e6 / max(self.sent, 1), 1),
        }

    async def _connect(self) -> "Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.plan.port)
        return connection

    async def _connect_and_go_on(self) -> None:
        connection = await self._connect()
        self.idle.remove(connection)
        self.next(connection)

    def renew(self) -> None:
        """Go on with a new connection in the place of one that did its only request."""
        connecting = asyncio.create_task(self._connect_and_go_on())
        self._connecting.add(connecting)
        connecting.add_done_callback(self._connected)

    def _connected(self, connecting: "asyncio.Task[Any]") -> None:
        self._connecting.discard(connecting)
        connecting.result()
        self._finish()

    async def _paced(self) -> None:
        total = int(self.plan.seconds * self.plan.rate)
        for number in range(total):
            at = self.began + number / self.plan.rate
            ahead = at - CLOCK.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
            self._send(number, at)
        self.ends = 0.0
        self._finish()

    def _send(self, number: int, at: float) -> None:
        if self.idle:
            self._under_way += 1
            self.sent += 1
            self.idle.popleft().send(self.request(number), at)
        else:
            self.waiting.append((number, at))

    def next(self, connection: "Connection") -> None:
        """Let a connection that is free send what is next."""
        now = CLOCK.monotonic()
        if self.plan.rate:
            self.idle.append(connection)
            if self.waiting:
                self._send(*self.waiting.popleft())
        elif self.sent < self.plan.requests or (not self.plan.requests and now < self.ends):
            self._under_way += 1
            self.sent += 1
            connection.send(self.request(self.sent - 1), now)
        self._finish()

    def answered(self, status: int, at: float) -> None:
        """Count an answer."""
        self._under_way -= 1
        self.statuses[status] += 1
        self.took.append(CLOCK.monotonic() - at)

    def lost(self, *, waited: bool) -> None:
        """Count a connection that broke."""
        self.broken += waited
        self._under_way -= waited
        self._finish()

    def _finish(self) -> None:
        quiet = self._under_way == 0 and not self.waiting and not self._connecting
        if quiet and (not self.plan.rate or self.ends == 0.0):
            self.done.set()


class Connection(asyncio.Protocol):
    """One kept connection, with one request under way at most."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._transport: Any = None
        self._came = b""
        self._at = 0.0
        self._waits = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be free."""
        self._transport = transport
        self._load.idle.append(self)

    def send(self, request: bytes, at: float) -> None:
        """Send one request."""
        self._at, self._waits = at, True
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Take an answer, which may come in pieces."""
        self._came += data
        end = self._came.find(b"\r\n\r\n")
        length = _LENGTH.search(self._came, 0, end + 2) if end > 0 else None
        if end > 0 and len(self._came) >= end + 4 + (int(length[1]) if length else 0):
            status, self._came, self._waits = int(self._came[9:12]), b"", False
            self._load.answered(status, self._at)
            if self._load.plan.fresh:
                self._transport.close()
                self._load.renew()
            else:
                self._load.next(self)

    def connection_lost(self, _: Exception | None) -> None:
        """Note what broke."""
        waited, self._waits = self._waits, False
        self._load.lost(waited=waited)


class Sink(asyncio.Protocol):
    """Takes webhooks and remembers when each number first came."""

    def __init__(self, arrived: dict[int, float], changed: asyncio.Event) -> None:
        self._arrived, self._changed = arrived, changed
        self._transport: Any = None
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to answer."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take bodies."""
        self._came += data
        while (end := self._came.find(b"\r\n\r\n")) > 0:
            length = _LENGTH.search(self._came, 0, end + 2)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._came) < whole:
                return
            now = CLOCK.monotonic()
            for found in set(_SENT.findall(self._came[end:whole])):
                self._arrived.setdefault(int(found), now)
            self._changed.set()
            self._came = self._came[whole:]
            self._transport.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok")


def percentiles(seconds: list[float], name: str = "") -> dict[str, float]:
    """Give how long it took, in milliseconds."""
    ordered = sorted(seconds) or [0.0]
    places = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {
        f"{name}{place}_ms": round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 2)
        for place, share in places.items()
    }


async def main(plan: Plan) -> dict[str, Any]:
    """Send, wait for what comes of it, and give the figures."""
    arrived, changed = dict[int, float](), asyncio.Event()
    loop = asyncio.get_running_loop()
    if plan.sink:
        await loop.create_server(lambda: Sink(arrived, changed), "127.0.0.1", plan.sink)
    load = Load(plan)
    figures = await load.run()
    if not plan.sink:
        return figures
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PAGES_WITHIN):
            while len(arrived) < figures["answered"]:
                changed.clear()
                await changed.wait()
    ours = {number - plan.first: at for number, at in arrived.items()}
    late = [at - load.began - number / plan.rate for number, at in ours.items() if 0 <= number < load.sent]
    return {**figures, "arrived": len(late), **percentiles(late, "page_")}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(uvloop.run(main(Plan(**{**given, "headers": tuple(given["headers"])})))), flush=True)
