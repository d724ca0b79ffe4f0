"""Ending turns that were decided together."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from tocsin.incident.jobs import Claimed
from tocsin.store.transactions import Change, Transaction, commit_together, complete_turn


class Ended(NamedTuple):
    """A turn that was decided, and when it has to be taken again."""

    held: Claimed
    again: datetime | None


def commit_turns(changes: Sequence[Change], ended: Sequence[Ended], now: datetime) -> Transaction[None]:
    """Commit what several turns decided, all or none of them; those asked for again meanwhile are given back."""
    yield from commit_together(changes)
    for one in sorted(ended, key=lambda one: one.held.job.key):
        yield from complete_turn(one.held, now, one.again)
