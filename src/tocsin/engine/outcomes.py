"""What a deed that was done, or could not be done, makes true."""

from datetime import datetime
from typing import NamedTuple

from tocsin.channels.message import Receipt, SendFailed
from tocsin.engine import cards
from tocsin.engine.engine import Loaded
from tocsin.engine.messages import late_since
from tocsin.incident import facts as f
from tocsin.incident import jobs as j
from tocsin.incident.incident import Incident


class Handed(NamedTuple):
    """A message that a channel took: since when it was under way, and what of the incident it was written from.

    One that is not `alone` went out together with others; its handle is not this incident's.
    """

    receipt: Receipt
    at: datetime
    written: Loaded
    alone: bool

    @property
    def as_of(self) -> int:
        """Give up to which fact the message tells."""
        return self.written.incident.seq if self.written.incident else 0

    @property
    def handle(self) -> str:
        """Give with what the message can be edited, or "" where it cannot."""
        return self.receipt.handle if self.alone else ""


def sent(held: j.Claimed, handed: Handed, loaded: Loaded) -> f.FactBody:
    """Give the fact that a message was taken by its channel."""
    do, words = held.job.do, handed.receipt.detail or handed.receipt.id
    handle, as_of = handed.handle, handed.as_of
    if isinstance(do, j.Announce | j.Amend):
        return cards.done(do, handed.receipt, handed.written)
    if isinstance(do, j.SendUpdate):
        return f.UpdateSent(update=do.update, channel=do.channel, receipt=words, handle=handle)
    if isinstance(do, j.Notify):
        return f.Notified(level=do.level, person=do.person, method=do.method, receipt=words, handle=handle, as_of=as_of)
    if not isinstance(do, j.Page):
        raise TypeError(f"{held.job.key} is no message")
    return f.Paged(
        level=do.level,
        round=do.round,
        person=do.person,
        method=do.method,
        receipt=words,
        due=late_since(loaded.incident, held, handed.at) if loaded.incident else None,
        crossed=_crossed(loaded.incident, as_of),
        handle=handle,
        as_of=as_of,
    )


def _crossed(incident: Incident | None, seq: int) -> bool:
    """Give whether somebody took or ended it while the page was under way."""
    if incident is None:
        return False
    over = incident.resolved is not None and incident.resolved.seq > seq
    return over or incident.acknowledged_after(seq)


def not_sent(held: j.Claimed, failed: SendFailed) -> f.FactBody:
    """Give the fact that a message could not be sent this way."""
    do = held.job.do
    if isinstance(do, j.Announce | j.Amend):
        return cards.not_done(do, failed)
    if isinstance(do, j.SendUpdate):
        return f.UpdateFailed(update=do.update, channel=do.channel, why=failed.why)
    if not isinstance(do, j.Page | j.Notify):
        raise TypeError(f"{held.job.key} is no message")
    counted = do.round if isinstance(do, j.Page) else 0
    return f.PageFailed(
        level=do.level,
        round=counted,
        person=do.person,
        method=do.method,
        why=failed.why,
        permanent=failed.permanent,
    )
