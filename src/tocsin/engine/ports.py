"""What the engine needs from outside. Adapters fit by shape; `assembly.py` is where the type checker proves it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from tocsin.clock import SharedClock
from tocsin.runner.command import Command, Outcome
from tocsin.store.transactions import Transaction

T = TypeVar("T")


class Store(Protocol):
    """Runs transactions. See `store/transactions.py` for what they are."""

    @property
    def lease_expires(self) -> bool:
        """Give whether other nodes may take over a job whose lease ran out."""
        ...

    @property
    def in_order(self) -> bool:
        """Give whether what is asked to be written first is seen by what is asked to be written after it."""
        ...

    async def write(self, transaction: Transaction[T]) -> T:
        """Run a transaction; its result is given only once it is durable. Raises StoreUnavailable."""
        ...

    async def read(self, transaction: Transaction[T]) -> T:
        """Run a reading transaction on a committed state."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Bell(Protocol):
    """Rings when another node committed something, and compares clocks."""

    async def attend(self, heard: Callable[[], None], clock: SharedClock) -> None:
        """Call `heard` for each ring and keep the clock right, until cancelled; trouble is told and outlived."""
        ...


class Runner(Protocol):
    """Runs commands within limits."""

    async def run(self, command: Command) -> Outcome:
        """Run one command to its end, its time limit or its output limit; a failing command is an outcome."""
        ...
