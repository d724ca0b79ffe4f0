"""Readings of incidents and of what happened in them, over any time.

Part by part: there may be any number of them, and whoever has to page somebody reads by the same thread in between.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from tocsin.incident.chain import micros
from tocsin.store.queries import Query, Row
from tocsin.store.transactions import Listed, Transaction, Viewer

PART = 500
"""So many places of incidents are looked at by one reading."""

_EVER, _NEVER = -(2**62), 2**62


class Span(NamedTuple):
    """From when (included) to when (not included); None is without an end."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def bounds(self) -> tuple[int, int]:
        """Give both in microseconds."""
        return (
            _EVER if self.since is None else micros(self.since),
            _NEVER if self.until is None else micros(self.until),
        )


class Happened(NamedTuple):
    """Where a fact is: when it was, in microseconds, and in which incident. Later ones compare greater.

    `head` is the hash of the latest fact of that incident.
    """

    at: int
    ordinal: int
    seq: int
    number: str
    head: str


def incidents_opened(viewer: Viewer, first: int, span: Span) -> Transaction[tuple[Listed, ...]]:
    """Give what this viewer may see of `PART` places from `first` on that opened in that time, in their order."""
    known = (viewer.everything, viewer.person, first, first + PART, *span.bounds)
    return _listed((yield Query("incidents_opened", known)))


def incidents_still_open(viewer: Viewer, span: Span) -> Transaction[tuple[Listed, ...]]:
    """Give what this viewer may see that is open and opened in that time, in their order."""
    return _listed((yield Query("incidents_still_open", (viewer.everything, viewer.person, *span.bounds))))


def _listed(rows: Sequence[Row]) -> tuple[Listed, ...]:
    return tuple(Listed(bytes(view), ordinal, head) for view, ordinal, head in rows)


def facts_happened(
    viewer: Viewer, first: int, span: tuple[int, int], kinds: Iterable[str]
) -> Transaction[tuple[Happened, ...]]:
    """Give where something of these kinds happened in `PART` incidents from place `first` on that this viewer may see.

    `span` as `Span.bounds` gives it.
    """
    named = msgspec.json.encode(sorted(kinds)).decode()
    known = (viewer.everything, viewer.person, first, first + PART, *span, named)
    rows = yield Query("facts_happened", known)
    return tuple(Happened(*row) for row in rows)
