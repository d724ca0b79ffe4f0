"""What an incident's page says about telling people: when the next update is due, what was posted, who got it."""

from datetime import datetime
from typing import NamedTuple

from tocsin.communication.cadence import cadence_for, next_update_at
from tocsin.incident.incident import Incident
from tocsin.incident.progress import Update
from tocsin.lifecycle import World
from tocsin.runbook.policy import Cadence
from tocsin.settings import Settings
from tocsin.web.asking import Asked
from tocsin.web.drafting import why_not_public
from tocsin.web.names import Names
from tocsin.web.times import Times, figure, lasting, millis


class Due(NamedTuple):
    """When the next update is due. `figure` counts down, or says for how long it is late."""

    at: str
    figure: str
    due: int
    late: bool


class Sending(NamedTuple):
    """How far an update got on one channel."""

    channel: str
    words: str
    state: str


class Posted(NamedTuple):
    """An update that was posted."""

    seq: int
    what: str
    at: str
    by: str
    title: str
    text: str
    line: int | None
    sendings: tuple[Sending, ...]


class Telling(NamedTuple):
    """The region. `promise` is the rhythm in the runbook's words, `not_public` why nothing may be published, or ""."""

    due: Due | None
    promise: str
    line: int | None
    posted: tuple[Posted, ...]
    not_public: str
    over: bool


def telling(incident: Incident, world: World, asked: Asked) -> Telling:
    """Give what the region shows."""
    cadence = cadence_for(world.runbook, incident.severity)
    over = incident.status == "resolved"
    due = next_due(incident, cadence) if cadence and not over else None
    return Telling(
        due=_due(due, asked.times) if due else None,
        promise=cadence.text if cadence and not over else "",
        line=cadence.line if cadence else None,
        posted=tuple(_posted(one, asked.names, asked.times) for one in reversed(incident.progress.updates)),
        not_public=why_not_public(incident, world),
        over=over,
    )


def next_due(incident: Incident, cadence: Cadence) -> datetime | None:
    """Give when the next update is due; None while nobody has it and nothing was said: then it is paged."""
    posted = [update for update in incident.progress.updates if update.seq > incident.began_seq]
    if posted:
        return posted[-1].body.next_at or next_update_at(posted[-1].at, cadence)
    mark = incident.acknowledged
    return next_update_at(mark.at, cadence) if mark else None


def _due(at: datetime, times: Times) -> Due:
    late = at <= times.now
    shown = lasting(times.now - at) if late else figure(at - times.now)
    return Due(times.hm(at), shown, millis(at), late)


def _posted(update: Update, names: Names, times: Times) -> Posted:
    body = update.body
    where = "Status page" if body.public else "Team"
    return Posted(
        seq=update.seq,
        what=f"{where}: {body.status.capitalize()}",
        at=times.hm(update.at),
        by=names.of(body.by),
        title=body.title,
        text=body.text,
        line=body.line,
        sendings=tuple(_sending(update, channel, names.settings) for channel in body.channels),
    )


def _sending(update: Update, channel: str, settings: Settings) -> Sending:
    name, _, reader = channel.partition(":")
    label = f"{name} to {Names(settings).person(reader)}" if reader else name
    if channel not in update.sent:
        return Sending(label, "under way", "running")
    receipt = update.sent[channel]
    return Sending(label, "could not be sent" if receipt is None else "sent", "bad" if receipt is None else "ok")
