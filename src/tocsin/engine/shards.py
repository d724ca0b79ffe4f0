"""Which share of the probes this node looks at: leases that are renewed, taken over and handed on."""

import secrets
import socket
from datetime import timedelta
from typing import NamedTuple

from tocsin.clock import Clock
from tocsin.engine.ports import Store
from tocsin.store import probes as p

LEASE = timedelta(seconds=15)
"""So long after a node died others take its probes over."""


class Moved(NamedTuple):
    """What a renewal changed, and which of the shards still held others are short of."""

    gained: frozenset[int] = frozenset()
    lost: frozenset[int] = frozenset()
    excess: frozenset[int] = frozenset()


class Shards:
    """The shards of one node. A store that nobody shares gives it all of them."""

    def __init__(self, store: Store, clock: Clock, lease: timedelta = LEASE) -> None:
        """Begin with none."""
        self._store, self._clock, self._lease = store, clock, lease
        self.renewed_every = lease.total_seconds() / 3
        self.alone = not store.lease_expires
        self.node = "" if self.alone else f"{socket.gethostname()}/{secrets.token_hex(4)}"
        self.held: frozenset[int] = frozenset()
        self._until = clock.now()
        self._deadline = clock.monotonic()

    def holds(self, number: int) -> bool:
        """Give whether this node still may look, by both clocks: one of them stands still while the machine sleeps."""
        if number not in self.held:
            return False
        return self.alone or (self._clock.monotonic() < self._deadline and self._clock.now() < self._until)

    async def renew(self) -> Moved:
        """Hold what this node should for a while longer. Raises StoreUnavailable; then leases run out."""
        before = self.held
        if self.alone:
            self.held = frozenset(range(p.SHARDS))
            return Moved(gained=self.held - before)
        now, asked = self._clock.now(), self._clock.monotonic()
        expired = not (asked < self._deadline and now < self._until)
        found = await self._store.write(p.hold(self.node, now + self._lease, now))
        self._until, self._deadline = now + self._lease, asked + self._lease.total_seconds()
        self.held = frozenset(found.shards)
        # What ran out may have been another node's meanwhile: it is taken up anew.
        kept = frozenset() if expired else before & self.held
        return Moved(self.held - kept, before - kept, frozenset(found.excess))

    async def let_go(self, numbers: frozenset[int], *, leaves: bool = False) -> None:
        """Let others have shards; `leaves`: all of them, for good. Raises StoreUnavailable."""
        self.held -= numbers
        if not self.alone and (numbers or leaves):
            await self._store.write(p.let_go(self.node, tuple(numbers), leaves=leaves))
