"""What was done already: services repeat a request whose answer they did not get, perhaps to another node."""

import hashlib
from datetime import timedelta

from tocsin.clock import Clock
from tocsin.engine.ports import Store
from tocsin.store import credentials as c

_KIND = "done"
_REMEMBERED = timedelta(days=1)


class Once:
    """Remembers names in the store for a day. What must not happen twice at the same instant the record settles."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Take where names are kept."""
        self._store, self._clock = store, clock

    async def is_done(self, name: str) -> bool:
        """Give whether that was done already. Raises StoreUnavailable."""
        return await self._store.read(c.get_credential(_digest(name), _KIND, self._clock.now())) is not None

    async def did(self, name: str) -> bool:
        """Remember it, now that it succeeded; False when somebody did before. Raises StoreUnavailable."""
        now = self._clock.now()
        done = c.Credential(_digest(name), _KIND, "", "", now + _REMEMBERED)
        return await self._store.write(c.put_credential_once(done, now))


def _digest(name: str) -> str:
    return hashlib.sha256(f"done\n{name}".encode("utf-8", "surrogatepass")).hexdigest()
