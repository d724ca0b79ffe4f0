"""The latest numbers of a probe, for charts: as few bytes as they need, because there are thousands of probes."""

from array import array
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isnan, nan
from typing import NamedTuple

import msgspec

MOST = 120
"""Points that are kept: half an hour at one every 15 s."""

MOST_COLUMNS = 64


class Point(NamedTuple):
    """What a check compared at an instant, and what was normal then."""

    at: datetime
    value: float
    normal: float | None


class _Packed(msgspec.Struct, frozen=True):
    """Instants as seconds, and each column at each of them, as the machine has them."""

    times: bytes = b""
    columns: dict[str, bytes] = {}


class Series:
    """The latest points of the checks of a probe."""

    def __init__(self, packed: bytes = b"") -> None:
        """Begin with what was kept. Raises ValueError or msgspec.DecodeError for what never was."""
        self._times = array("d")
        self._columns: dict[str, array[float]] = {}
        if packed:
            self._unpack(msgspec.json.decode(packed, type=_Packed))

    def _unpack(self, packed: _Packed) -> None:
        self._times.frombytes(packed.times)
        for name, raw in packed.columns.items():
            numbers = array("f")
            numbers.frombytes(raw)
            if len(numbers) == len(self._times):
                self._columns[name] = numbers

    def add(self, at: datetime, compared: Mapping[str, tuple[float | None, float | None]]) -> None:
        """Remember what each check compared at an instant, and what was normal."""
        self._times.append(at.timestamp())
        seen = {name: value for name, (value, _) in compared.items() if value is not None}
        seen |= {f"{name}\n": usual for name, (_, usual) in compared.items() if usual is not None}
        for name in seen:
            if name not in self._columns and len(self._columns) < MOST_COLUMNS:
                self._columns[name] = array("f", [nan] * (len(self._times) - 1))
        for name, numbers in self._columns.items():
            numbers.append(seen.get(name, nan))
        if len(self._times) > MOST:
            self._forget_first()

    def _forget_first(self) -> None:
        del self._times[0]
        for numbers in self._columns.values():
            del numbers[0]
        self._columns = {name: one for name, one in self._columns.items() if not all(map(isnan, one))}

    def packed(self) -> bytes:
        """Give it as it is kept."""
        columns = {name: numbers.tobytes() for name, numbers in self._columns.items()}
        return msgspec.json.encode(_Packed(self._times.tobytes(), columns))

    def points(self, check: str) -> tuple[Point, ...]:
        """Give the points of a check, oldest first."""
        values, usual = self._columns.get(check), self._columns.get(f"{check}\n")
        if values is None:
            return ()
        return tuple(
            Point(
                datetime.fromtimestamp(second, UTC),
                values[place],
                None if usual is None or isnan(usual[place]) else usual[place],
            )
            for place, second in enumerate(self._times)
            if not isnan(values[place])
        )
