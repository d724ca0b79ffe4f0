"""LISTEN and NOTIFY: nodes wake each other, and compare their clocks with the database's.

A notification says only "somebody committed something". It is sent after the commit and not inside it, because
PostgreSQL lets transactions that notify commit one at a time; several commits share one. What is lost with a broken
line or a dead node costs seconds, not pages: workers look for due jobs by themselves.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import timedelta

import asyncpg

from tocsin.clock import SharedClock
from tocsin.errors import StoreUnavailable
from tocsin.store.connections import LINE, Connections, trouble

log = logging.getLogger("tocsin.store")

_CHANNEL = "tocsin"
_TOGETHER = 0.02
"""Seconds between two notifications of one node at least."""

_LOOK = 5.0
"""Seconds between two comparisons of the clocks, which also find out that a silent line is dead."""


class PostgresBell:
    """Rings at other nodes, and hears them, on one connection of its own."""

    def __init__(self, connections: Connections) -> None:
        """Take where connections come from; nothing is connected before `attend`."""
        self._connections = connections
        self._me = secrets.token_hex(8)
        self._wanted = asyncio.Event()

    def ring(self) -> None:
        """Let other nodes know soon that something was committed."""
        self._wanted.set()

    async def attend(self, heard: Callable[[], None], clock: SharedClock) -> None:
        """Ring and listen until cancelled, whatever happens; a line that broke is made anew."""
        while True:
            try:
                await self._attend(heard, clock)
            except StoreUnavailable as error:
                log.warning("other nodes are not heard for now, what they do is noticed within 5 s: %s", error)
                await asyncio.sleep(1)
            except Exception:
                log.exception("other nodes are not heard for now, what they do is noticed within 5 s")
                await asyncio.sleep(1)

    async def compare(self, clock: SharedClock) -> None:
        """Correct the clock once. Raises StoreUnavailable."""
        connection = await self._connections.connect()
        try:
            clock.correct(await _ahead(connection, clock))
        finally:
            connection.terminate()

    async def _attend(self, heard: Callable[[], None], clock: SharedClock) -> None:
        connection = await self._connections.connect()
        try:
            await connection.add_listener(_CHANNEL, lambda *told: None if told[3] == self._me else heard())
            heard()  # whatever was missed while there was no line
            while True:
                clock.correct(await _ahead(connection, clock))
                await self._ring_for_a_while(connection)
        except (*LINE, asyncpg.PostgresError) as error:
            raise trouble(error) from error
        finally:
            connection.terminate()

    async def _ring_for_a_while(self, connection: asyncpg.Connection) -> None:
        try:
            async with asyncio.timeout(_LOOK):
                while True:
                    await self._wanted.wait()
                    self._wanted.clear()
                    await connection.execute("SELECT pg_notify($1, $2)", _CHANNEL, self._me)
                    await asyncio.sleep(_TOGETHER)
        except TimeoutError:
            return


async def _ahead(connection: asyncpg.Connection, clock: SharedClock) -> timedelta:
    """Give how far the database's clock is ahead of ours, as seen in the fastest of three answers."""
    looks: list[tuple[timedelta, timedelta]] = []
    for _ in range(3):
        began, before = clock.monotonic(), clock.own()
        there = await connection.fetchval("SELECT clock_timestamp()")
        took = timedelta(seconds=clock.monotonic() - began)
        looks.append((took, there - before - took / 2))
    return min(looks)[1]
