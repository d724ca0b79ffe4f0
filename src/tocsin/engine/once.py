"""What was done already: services repeat a request whose answer they did not get."""

from collections import OrderedDict

MOST = 1000


class Once:
    """Remembers the latest names in memory. What must not happen twice after a restart is settled by the record."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self._done: OrderedDict[str, None] = OrderedDict()

    def is_done(self, name: str) -> bool:
        """Give whether that was done already."""
        return name in self._done

    def did(self, name: str) -> None:
        """Remember it, now that it succeeded."""
        self._done[name] = None
        while len(self._done) > MOST:
            self._done.popitem(last=False)
