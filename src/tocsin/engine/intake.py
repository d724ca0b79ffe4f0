"""Alerts that come while others are being stored are stored together: one commit answers many senders."""

from collections.abc import Sequence
from contextlib import suppress

from tocsin.clock import Clock
from tocsin.detection.alert import Alert
from tocsin.engine.changes import Changes
from tocsin.engine.measures import Measures
from tocsin.engine.ports import Store
from tocsin.engine.together import MOST_TOGETHER, Together, Told
from tocsin.errors import Overtaken
from tocsin.store import transactions as t

_MOST_MET = 10_000
"""So many groups are remembered; then all of them are new again."""


class Intake:
    """Stores what senders deliver."""

    def __init__(self, store: Store, clock: Clock, changes: Changes, measures: Measures) -> None:
        """Take whom to tell that something has to be looked at, and who counts what is stored."""
        self._store, self._clock, self._changes, self._measures = store, clock, changes, measures
        self._met: set[str] = set()
        self.taken = 0
        """How many alerts were stored here."""
        self._together = Together[Sequence[Alert]]("intake", MOST_TOGETHER, self._store_all)

    async def take(self, alerts: Sequence[Alert]) -> None:
        """Return once the alerts are on disk, with what they ask for.

        Raises what their transaction raises, StoreUnavailable among it: then none of them is stored.
        """
        await self._together.put(alerts)

    def hand(self, alerts: Sequence[Alert], told: Told) -> None:
        """Store alerts for somebody who does not wait; `told` is called once they are on disk, or with why not."""
        self._together.hand(alerts, told)

    async def take_together(self, alerts: Sequence[Alert]) -> None:
        """The same for alerts of many deliveries, which need not wait for others to be stored with them.

        Where the store does what it is asked in order, they get into line behind what it is doing already.
        """
        if self._store.in_order:
            await self._store_all([alerts])
        else:
            await self.take(alerts)

    async def _store_all(self, deliveries: list[Sequence[Alert]]) -> None:
        alerts = [alert for delivery in deliveries for alert in delivery]
        for _ in alerts:  # whenever another node was first, one more of them is known, and locked like everything else
            with suppress(Overtaken):
                await self._store_now(alerts)
                return
        await self._store_now(alerts)

    async def _store_now(self, alerts: list[Alert]) -> None:
        # An alert that is new here asks for a turn: who takes jobs gets into line behind this commit.
        ahead = self._is_new(alerts) and self._store.in_order
        if ahead:
            self._changes.ask()
        if await self._store.write(t.ingest(alerts, self._clock.now())):
            if not ahead:
                self._changes.ask()
            self._changes.tell()
        self.taken += len(alerts)
        self._measures.took(alerts)

    def _is_new(self, alerts: list[Alert]) -> bool:
        """Give whether any group was not heard of lately, and remember them all."""
        groups, met = {alert.group_key for alert in alerts}, self._met
        if groups <= met:
            return False
        if len(met) > _MOST_MET:
            met.clear()
        met |= groups
        return True
