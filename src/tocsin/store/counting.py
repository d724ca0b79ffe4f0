"""What is read to be measured: never anything that tells of a restricted incident."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tocsin.incident.chain import micros
from tocsin.store.queries import Query
from tocsin.store.transactions import Transaction, turn_key


def jobs_waiting(now: datetime) -> Transaction[tuple[int, ...]]:
    """Give the ranks of what is due and not done, without what restricted incidents want."""
    rows = yield Query("jobs_waiting", (micros(now),))
    return tuple(row[0] for row in rows)


def groups_decided(group_keys: Sequence[str]) -> Transaction[dict[str, bool]]:
    """Give those of these groups for which no decision waits, each with whether an incident of it is restricted."""
    rows = yield Query("groups_decided", (msgspec.json.encode(group_keys).decode(), turn_key("")))
    return {group_key: bool(restricted) for group_key, restricted in rows}
