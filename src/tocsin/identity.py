"""Values that are themselves and nothing else: the key of what is remembered about them.

A document or an alert is compared field by field, which costs more than what one wants to remember about it.
"""

from typing import Generic, TypeVarTuple

Ts = TypeVarTuple("Ts")


class These(Generic[*Ts]):
    """These very values. It holds them, so that nothing else can be in their place while it is remembered."""

    __slots__ = ("_names", "values")

    def __init__(self, *values: *Ts) -> None:
        """Take what it stands for."""
        self.values = values
        self._names = tuple(map(id, values))

    def __hash__(self) -> int:
        """Give a number of these values alone."""
        return hash(self._names)

    def __eq__(self, other: object) -> bool:
        """Whether the other stands for the very same values, in their order."""
        return self._names == other._names if isinstance(other, These) else NotImplemented
