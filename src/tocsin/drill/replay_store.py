"""A store in memory that is asked by one, so that a month of alerts is replayed while somebody waits."""

from typing import TypeVar

from tocsin.store.sqlite import InlineStore, perform, statements
from tocsin.store.transactions import Transaction

T = TypeVar("T")


class ReplayStore(InlineStore):
    """Runs every transaction by itself; a reading one is not kept from writing, which costs more than the reading."""

    def __init__(self) -> None:
        """Make empty tables."""
        super().__init__()
        self._queries = statements()

    async def write(self, transaction: Transaction[T]) -> T:
        """Run a transaction and give its result. Raises what it raises, and then nothing was written."""
        self.db.execute("BEGIN")
        try:
            result = perform(self.db, self._queries, transaction)
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")
        return result

    async def read(self, transaction: Transaction[T]) -> T:
        """Run a reading transaction."""
        return perform(self.db, self._queries, transaction)
