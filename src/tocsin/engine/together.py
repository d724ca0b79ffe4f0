"""What comes while something is being stored is stored together next: one commit answers many who wait."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from tocsin.errors import Overtaken, StoreUnavailable

log = logging.getLogger("tocsin.engine")

T = TypeVar("T")

MOST_TOGETHER = 256
"""So many deliveries share a commit; more would make the first of them wait for the last."""


Told = Callable[[Exception | None], object]
"""Is told once something is stored, or why it is not."""


_MOST_UNDER_WAY = 2
"""So many commits are asked for at once, where that is wanted at all."""


class _Waiting(NamedTuple, Generic[T]):
    what: T
    told: Told

    def tell(self, error: Exception | None) -> None:
        """Say what became of it. Who breaks when told is on its own: those beside it have to be told too."""
        try:
            self.told(error)
        except Exception:
            log.exception("who gave something to store broke when told what became of it")


class Together(Generic[T]):
    """Stores what waits, in the order it came, again and again for as long as something does."""

    def __init__(
        self, name: str, most: int, store: Callable[[list[T]], Awaitable[None]], ahead: int | None = None
    ) -> None:
        """Take how many share a commit at most, and what commits them, all or none.

        `ahead`: once so many wait, they are given away while others are still being stored, behind those.
        """
        self._name, self._most, self._store, self._ahead = name, most, store, ahead
        self._waiting: list[_Waiting[T]] = []
        self._storing: list[asyncio.Task[None]] = []

    def put(self, what: T) -> "asyncio.Future[None]":
        """Give what is done once it is stored. Raises what its commit raises: then it is not, or nobody knows."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.hand(what, partial(_settle, stored))
        return stored

    def hand(self, what: T, told: Told) -> None:
        """Store what is given; `told` is called once it is, or with what its commit raised."""
        self._waiting.append(_Waiting(what, told))
        if not self._storing or (len(self._storing) < _MOST_UNDER_WAY and self._are_enough):
            self._storing.append(asyncio.create_task(self._store_all(), name=self._name))

    @property
    def storing(self) -> Sequence["asyncio.Task[None]"]:
        """Give what is done once everything is stored that waits now."""
        return self._storing

    @property
    def _are_enough(self) -> bool:
        return self._ahead is not None and len(self._waiting) >= self._ahead

    async def _store_all(self) -> None:
        try:
            while self._waiting and (len(self._storing) == 1 or self._are_enough):
                together, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._store_some(together)
        finally:
            task = asyncio.current_task()
            self._storing = [one for one in self._storing if one is not task]
            if not self._storing:
                for one in self._waiting:  # only where this was cancelled
                    one.tell(StoreUnavailable("the server is ending"))
                self._waiting = []

    async def _store_some(self, together: list[_Waiting[T]]) -> None:
        try:
            await self._store([one.what for one in together])
        except Exception as error:  # noqa: BLE001  it is told to those who wait
            alike = isinstance(error, StoreUnavailable) and not isinstance(error, Overtaken)
            if len(together) == 1 or alike:
                for one in together:
                    one.tell(error)
            else:  # one of them cannot be stored, and the others must not suffer from it
                for one in together:
                    await self._store_some([one])
            return
        for one in together:
            one.tell(None)


def _settle(stored: "asyncio.Future[None]", error: Exception | None) -> None:
    if stored.done():
        return  # who waited went away
    if error is None:
        stored.set_result(None)
    else:
        stored.set_exception(error)
