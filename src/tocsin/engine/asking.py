"""What is asked of who does what is due, outside the commits of incidents: it is stored, and the worker hears of it.

A worker that rests knows when the next job is due. What comes earlier and is not told to it waits until it looks again.
"""

from datetime import datetime

from tocsin.engine.changes import Changes
from tocsin.engine.ports import Store
from tocsin.incident.jobs import Claimed, Job
from tocsin.store import transactions as t


async def want(store: Store, changes: Changes, job: Job) -> None:
    """Let a job that belongs to no incident be done, at once."""
    await store.write(t.want(job))
    changes.ask()


async def give_back(
    store: Store, changes: Changes, held: Claimed, again: datetime, receipts: tuple[t.Receipt, ...] = ()
) -> None:
    """Let a job that was taken be taken again, from that instant on."""
    await store.write(t.release(held, again, receipts))
    changes.tell(again)
