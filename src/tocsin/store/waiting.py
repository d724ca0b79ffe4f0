"""What waits to be done for incidents, as the audit looks at it."""

from datetime import datetime
from typing import NamedTuple

from tocsin.incident.chain import instant
from tocsin.store.queries import Query
from tocsin.store.transactions import SYSTEM, Timeline, Transaction, load_incident


class Waiting(NamedTuple):
    """A job as it waits."""

    key: str
    due: datetime
    held: bool


def open_numbers() -> Transaction[tuple[str, ...]]:
    """Give the incidents that are open."""
    return tuple(row[0] for row in (yield Query("open_numbers", ())))


def audited(number: str) -> Transaction[tuple[Timeline | None, tuple[Waiting, ...]]]:
    """Give an incident and what waits for it, both of one instant."""
    timeline = yield from load_incident(number, SYSTEM)
    rows = yield Query("jobs_there", (number,))
    return timeline, tuple(Waiting(key, instant(due), bool(held)) for key, due, held in rows)
