"""Changes of the systems watched, kept for a while and looked at by time."""

from datetime import datetime

import msgspec

from tocsin.detection.changes import KEPT, ChangeEvent
from tocsin.incident.chain import micros
from tocsin.store.queries import Query
from tocsin.store.transactions import Receipt, Transaction, receipts

_changes = msgspec.json.Decoder(ChangeEvent)


def put_change(name: str, change: ChangeEvent, now: datetime) -> Transaction[None]:
    """Keep a change once under its name, and forget some that are too old."""
    yield Query("change_put", (name, micros(change.at), msgspec.json.encode(change)))
    yield Query("changes_forget", (micros(now - KEPT),))


def changes_between(since: datetime, until: datetime, limit: int) -> Transaction[tuple[ChangeEvent, ...]]:
    """Give the latest changes of that time, newest first."""
    rows = yield Query("changes_between", (micros(since), micros(until), limit))
    return tuple(_changes.decode(bytes(row[0])) for row in rows)


def beside(
    number: str, since: datetime, until: datetime, limit: int
) -> Transaction[tuple[tuple[Receipt, ...], tuple[ChangeEvent, ...]]]:
    """Give the attempts made for an incident and the latest changes of that time, which every look at it asks for."""
    attempts = yield from receipts(number)
    return attempts, (yield from changes_between(since, until, limit))
