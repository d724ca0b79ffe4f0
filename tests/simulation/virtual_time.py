"""An event loop in which waiting costs nothing and chance is a seed.

Nothing outside the process is ever waited for: when no task can go on, the clock jumps to the next timer. Tasks that
could go on at the same instant do so in an order drawn from the seed, so that one seed is one interleaving.
"""

import asyncio
from asyncio import base_events
from collections import deque
from collections.abc import Coroutine
from contextvars import ContextVar
from random import Random
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Owner(Protocol):
    """Whoever a task belongs to: a node's process, which takes its tasks with it when it dies."""

    tasks: list[asyncio.Task[Any]]


OWNER: ContextVar[Owner | None] = ContextVar("OWNER", default=None)


class Standstill(Exception):
    """Everybody waits for something that can never come."""


class VirtualLoop(base_events.BaseEventLoop):
    """The standard loop with a selector that moves the clock instead of sleeping."""

    def __init__(self, chance: Random) -> None:
        self.instant = 0.0
        self._chance = chance
        super().__init__()
        self._selector = self
        self.set_task_factory(_owned)  # type: ignore[arg-type]

    def time(self) -> float:
        """Give virtual seconds since the history began."""
        return self.instant

    def select(self, timeout: float | None) -> list[Any]:
        """Let time pass until the next timer; called by the standard loop instead of a selector's."""
        if timeout is None:
            raise Standstill("no task can go on and no timer is set")
        self.instant += max(timeout, 0.0)
        return []

    def finish(self, owner: Owner) -> None:
        """End every task of an owner and forget them."""
        for task in owner.tasks:
            task.cancel()
        owner.tasks.clear()

    def _run_once(self) -> None:
        ready: deque[Any] = self._ready  # type: ignore[attr-defined]
        if len(ready) > 1:
            shuffled = list(ready)
            self._chance.shuffle(shuffled)
            ready.clear()
            ready.extend(shuffled)
        super()._run_once()  # type: ignore[misc]

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none: nothing outside the process exists."""

    def _write_to_self(self) -> None:
        """There is nothing to wake."""


def _owned(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T], **more: Any) -> "asyncio.Task[T]":
    task = asyncio.Task(work, loop=loop, **more)
    owner = OWNER.get()
    if owner is not None:
        owner.tasks.append(task)
    return task
