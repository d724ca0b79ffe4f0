"""Heartbeats: a job of the team says that it ran, and silence is the alert.

A beat is awaited from the first one on, so a source that was only configured wakes nobody. Source: Healthchecks' pings
(`/start`, `/fail`, an exit status).
"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.cron import next_run

HEARTBEAT = "heartbeat"
"""The kind of a source that beats."""

EARLY = timedelta(minutes=1)
"""A job whose clock goes a little ahead beats that much before its run, and has run all the same."""

_NEVER = timedelta(days=3650)

BEAT = "beat"
"""What the one alert of such a source is called."""

LOG = "log"
"""The detail of a job that went silent that holds what it said last."""

Said = Literal["success", "start", "log", "fail", "missed"]


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard of a job, or that nothing was. The next success is due a `period` later, give or take `grace`.

    With `cron`, five fields by the clock of `timezone`, it is due at the next run instead. `log` is how far it is.
    """

    said: Said
    period: timedelta = timedelta(0)
    grace: timedelta
    cron: str = ""
    timezone: str = "UTC"
    log: str = ""


class Beats(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a job: when it last succeeded or began, and until when silence is fine.

    `due` None: nothing is awaited, because it is known to be missed or has never been heard of. `log` is what the run
    under way said last.
    """

    last_at: datetime | None = None
    started_at: datetime | None = None
    due: datetime | None = None
    log: str = ""


def heard_of(known: Beats, beat: Beat, now: datetime) -> Beats:
    """Give what is remembered after this."""
    if beat.said == "missed":
        return msgspec.structs.replace(known, due=None)
    if beat.said == "log":
        return msgspec.structs.replace(known, log=beat.log)
    if beat.said == "start":
        ends = now + beat.grace
        return msgspec.structs.replace(known, started_at=now, due=min(known.due, ends) if known.due else ends, log="")
    due = _expected(beat, now) + beat.grace
    return Beats(last_at=now if beat.said == "success" else known.last_at, due=due)


def _expected(beat: Beat, now: datetime) -> datetime:
    """Give when the next success is expected."""
    if not beat.cron:
        return now + beat.period
    return next_run(beat.cron, beat.timezone, now + EARLY) or now + _NEVER


def missing(known: Beats) -> str:
    """Give in words what did not come."""
    if known.started_at is not None and (known.last_at is None or known.started_at > known.last_at):
        return f"it began at {_at(known.started_at)} and has not ended"
    return f"the last beat came at {_at(known.last_at)}" if known.last_at else "no beat came"


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
