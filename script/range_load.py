"""Clients of the range: a load that stops by itself, bounded in count, time and in whom it may ask."""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from range_processes import Unusable

LOOPBACK = IPv4Network("127.0.0.0/8")
MOST_REQUESTS, MOST_SECONDS, MOST_CLIENTS = 200_000, 600.0, 400
PATIENCE = 3.0
"""So long a client waits for an answer."""


class Seen:
    """What clients saw: how often which status (0: no answer), and how long they waited."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.statuses: Counter[int] = Counter()
        self.waited: list[float] = []

    @property
    def asked(self) -> int:
        """Give how many requests there were."""
        return self.statuses.total()

    @property
    def failed(self) -> float:
        """Give the share of requests that did not get what they should have."""
        good = sum(n for status, n in self.statuses.items() if 200 <= status < 300)  # noqa: PLR2004
        return 1 - good / self.asked if self.asked else 0.0

    def quantile(self, share: float) -> float:
        """Give how long that share of the requests waited at most, in seconds."""
        ordered = sorted(self.waited)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0

    def __str__(self) -> str:
        """Give a line for people."""
        found = f"{self.asked} requests, {self.failed:.0%} failed, p95 {self.quantile(0.95):.2f} s"
        return f"{found}, by status {dict(sorted(self.statuses.items()))}"


class Load:
    """So many clients that ask at once, each again when it has its answer."""

    def __init__(
        self, port: int, *, clients: int, addresses: int = 1, pause: float = 0.0, first: str = "127.0.1.1"
    ) -> None:
        """Take the port; `addresses` are those in a row after `first` that requests come from; `pause` in seconds."""
        if clients > MOST_CLIENTS:
            raise Unusable(f"no more than {MOST_CLIENTS} clients at once")
        self._port, self._clients, self._pause = port, clients, pause
        self.addresses = [IPv4Address(first) + n for n in range(addresses)]
        if any(address not in LOOPBACK for address in self.addresses):
            raise Unusable(f"requests come only from addresses in {LOOPBACK}")
        self.seen = Seen()
        self._left = MOST_REQUESTS

    async def run(self, seconds: float) -> Seen:
        """Ask until the time or the number of requests is over."""
        end = time.monotonic() + min(seconds, MOST_SECONDS)
        sources = itertools.cycle(self.addresses)
        await asyncio.gather(*(self._client(number, sources, end) for number in range(self._clients)))
        return self.seen

    async def _client(self, number: int, sources: Iterator[IPv4Address], end: float) -> None:
        body = json.dumps(intent(number)).encode()
        while self._left > 0:  # each asks once at least, also where the time is over before it comes to it
            self._left -= 1
            began = time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE):
                    status, _ = await asked(self._port, next(sources), "POST", "/api/v1/intents", body)
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                status = 0
            self.seen.statuses[status] += 1
            self.seen.waited.append(time.monotonic() - began)
            if time.monotonic() >= end:
                return
            await asyncio.sleep(self._pause if status else max(self._pause, 0.1))


def intent(number: int) -> dict[str, object]:
    """Give an intent of a sender that is in the history."""
    market = ("EUR-USD", "GBP-USD", "USD-JPY")[number % 3]
    return {"senderAddress": f"0x{number * 37 % 20000:040x}", "market": market, "amount": number + 1}


async def asked(
    port: int, source: IPv4Address, method: str, path: str, body: bytes = b"", *, more: str = ""
) -> tuple[int, bytes]:
    """Send one request on a connection of its own; give the status and the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(str(source), 0))
    try:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{more}"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        first = await reader.readline()
        if not first:
            raise ConnectionResetError
        return int(first.split()[1]), (await reader.read()).partition(b"\r\n\r\n")[2]
    finally:
        writer.close()


async def slow_bodies(port: int, connections: int, seconds: float, source: IPv4Address) -> None:
    """Hold so many connections that send their body a byte a second."""

    async def one() -> None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(str(source), 0))
        except OSError:
            return
        try:
            writer.write(b"POST /api/v1/intents HTTP/1.1\r\nHost: range\r\nContent-Length: 60000\r\n\r\n{")
            for _ in range(int(seconds) + 1):
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(1)
        except OSError:
            return
        finally:
            writer.close()

    await asyncio.gather(*(one() for _ in range(min(connections, MOST_CLIENTS))))
