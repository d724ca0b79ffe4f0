"""Whether a port takes connections, and how long that takes."""

import asyncio
import time
from contextlib import suppress
from datetime import datetime, timedelta

from tocsin.detection.reading import Reading
from tocsin.probes.names import Names
from tocsin.probes.probe import LookFailed
from tocsin.probes.trouble import unconnected


class Tcp:
    """Connects and hangs up."""

    memory = ""

    def __init__(self, host: str, port: int, *, names: Names, timeout: timedelta) -> None:
        """Take where to connect, and how long to wait for it."""
        self._host, self._port, self._names, self._timeout = host, port, names, timeout

    async def look(self, now: datetime) -> Reading:
        """Connect once."""
        began, within = time.perf_counter(), self._timeout.total_seconds()
        values = {"up": 0.0}
        try:
            async with asyncio.timeout(within):
                trouble = await self._connect()
        except TimeoutError:
            trouble, values["latency"] = f"no answer within {within:g} s", within
        if trouble:
            self._names.forget(self._host)  # it may have moved
            return Reading(at=now, values=values, details={"trouble": trouble})
        return Reading(at=now, values={"up": 1.0, "latency": time.perf_counter() - began})

    async def _connect(self) -> str:
        """Give what went wrong; "" when nothing did."""
        addresses = await self._names.within(self._host, self._timeout.total_seconds() * 0.9)
        trouble = "" if addresses else f"there is no host {self._host}"
        own: LookFailed | None = None
        for address in addresses:
            try:
                _, writer = await asyncio.open_connection(address, self._port)
            except OSError as error:
                try:
                    trouble = str(unconnected(error))
                except LookFailed as ours:
                    own = ours
                continue
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            return ""
        if own is not None and not trouble:
            raise own
        return trouble

    async def close(self) -> None:
        """Nothing is held."""
