"""Alerts that come while others are being stored are stored together: one commit answers many senders."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tocsin.clock import Clock
from tocsin.detection.alert import Alert
from tocsin.engine.ports import Store
from tocsin.errors import StoreUnavailable
from tocsin.store import transactions as t

MOST_TOGETHER = 256
"""So many deliveries share a commit; more would make the first of them wait for the last."""


class _Delivery(NamedTuple):
    alerts: Sequence[Alert]
    stored: "asyncio.Future[None]"


class Intake:
    """Stores what waits, again and again, for as long as something does."""

    def __init__(self, store: Store, clock: Clock, woken: Callable[[], None]) -> None:
        """Take whom to tell that something has to be looked at."""
        self._store, self._clock, self._woken = store, clock, woken
        self._waiting: list[_Delivery] = []
        self._storing: asyncio.Task[None] | None = None

    async def take(self, alerts: Sequence[Alert]) -> None:
        """Return once the alerts are on disk, with what they ask for.

        Raises what their transaction raises, StoreUnavailable among it: then none of them is stored.
        """
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append(_Delivery(alerts, stored))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store_all(), name="intake")
        await stored

    async def _store_all(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                await self._store_some(together)
        finally:
            self._storing = None
            for one in self._waiting:  # only where this was cancelled
                _settle(one, StoreUnavailable("the server is ending"))
            self._waiting = []

    async def _store_some(self, together: list[_Delivery]) -> None:
        try:
            woken = await self._store.write(
                t.ingest([alert for one in together for alert in one.alerts], self._clock.now())
            )
        except Exception as error:  # noqa: BLE001  it is told to those who sent them
            if len(together) == 1 or isinstance(error, StoreUnavailable):
                for one in together:
                    _settle(one, error)
            else:  # one of them cannot be stored, and the others must not suffer from it
                for one in together:
                    await self._store_some([one])
            return
        for one in together:
            _settle(one)
        if woken:
            self._woken()


def _settle(one: _Delivery, error: Exception | None = None) -> None:
    if one.stored.done():
        return  # its sender went away
    if error is None:
        one.stored.set_result(None)
    else:
        one.stored.set_exception(error)
