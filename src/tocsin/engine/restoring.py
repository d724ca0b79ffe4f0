"""After a restore: what would be paged, so that a person can decide whether it still should be."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from tocsin.engine.engine import Engine
from tocsin.incident import jobs as j
from tocsin.store import transactions as t

NOTE = "this store was restored from a backup; look at what waits and say `tocsin confirm-restore`"


class Restored(msgspec.Struct, frozen=True):
    """When the backup was taken, and when it was restored."""

    taken_at: datetime
    restored_at: datetime


class Waiting(NamedTuple):
    """A restore nobody confirmed. `due`: what happens at once when somebody does, a sentence for each incident."""

    taken_at: datetime
    restored_at: datetime
    due: tuple[str, ...]


async def waiting(engine: Engine) -> Waiting | None:
    """Give what waits for a confirmation; None when nothing does."""
    if not engine.unconfirmed:
        return None
    told = msgspec.json.decode(engine.unconfirmed, type=Restored)
    by_owner: dict[str, list[str]] = {}
    for held in await engine.store.read(t.jobs_due(engine.clock.now())):
        if not isinstance(held.job.do, j.Turn):
            by_owner.setdefault(held.job.owner, []).append(_sentence(held.job.do))
    due = tuple(f"{owner}: {'; '.join(dict.fromkeys(deeds))}" for owner, deeds in sorted(by_owner.items()))
    return Waiting(told.taken_at, told.restored_at, due)


_WORDS: dict[type, tuple[str, str]] = {
    j.Page: ("page", "person"),
    j.Notify: ("tell", "person"),
    j.Call: ("call", "level"),
    j.Inform: ("inform", "level"),
    j.SendUpdate: ("send an update by", "channel"),
    j.RunStep: ("run a step of the runbook", ""),
    j.Alarm: ("tell the fallback of trouble", ""),
    j.Remind: ("remind of", "topic"),
}
"""What a job does, and which of its fields says to whom."""


def _sentence(do: j.Doing) -> str:
    verb, field = _WORDS.get(type(do), (type(do).__name__, ""))
    return f"{verb} {getattr(do, field)}" if field else verb
