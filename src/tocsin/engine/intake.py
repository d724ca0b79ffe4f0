"""Alerts that come while others are being stored are stored together: one commit answers many senders."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from tocsin.clock import Clock
from tocsin.detection.alert import Alert
from tocsin.engine.ports import Store
from tocsin.engine.together import Together
from tocsin.errors import Overtaken
from tocsin.store import transactions as t

MOST_TOGETHER = 256
"""So many deliveries share a commit; more would make the first of them wait for the last."""


class Intake:
    """Stores what senders deliver."""

    def __init__(
        self, store: Store, clock: Clock, woken: Callable[[], None], counted: Callable[[Sequence[Alert]], None]
    ) -> None:
        """Take whom to tell that something has to be looked at, and who counts what is stored."""
        self._store, self._clock, self._woken, self._counted = store, clock, woken, counted
        self._together = Together[Sequence[Alert]]("intake", MOST_TOGETHER, self._store_all)

    async def take(self, alerts: Sequence[Alert]) -> None:
        """Return once the alerts are on disk, with what they ask for.

        Raises what their transaction raises, StoreUnavailable among it: then none of them is stored.
        """
        await self._together.put(alerts)

    async def _store_all(self, deliveries: list[Sequence[Alert]]) -> None:
        alerts = [alert for delivery in deliveries for alert in delivery]
        for _ in alerts:  # whenever another node was first, one more of them is known, and locked like everything else
            with suppress(Overtaken):
                await self._store_now(alerts)
                return
        await self._store_now(alerts)

    async def _store_now(self, alerts: list[Alert]) -> None:
        if await self._store.write(t.ingest(alerts, self._clock.now())):
            self._woken()
        self._counted(alerts)
