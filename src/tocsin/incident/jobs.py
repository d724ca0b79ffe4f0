"""Jobs: what should be done, imperatives with a due instant and a key.

The set of jobs an incident wants is a pure function of its facts (`lifecycle.jobs_for`). Due instants derive from
facts, never from "now", or every turn would postpone them.
"""

from datetime import datetime

import msgspec


class Do(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag=True):
    """The imperative itself."""


class Turn(Do, frozen=True, kw_only=True):
    """Decide again for an alert group. Belongs to the group, never to the incident."""

    group_key: str


class Call(Do, frozen=True, kw_only=True):
    """Find out who is in `level` now and record that they are being called."""

    level: str
    round: int
    cause: str
    because: str
    line: int | None = None


class Inform(Do, frozen=True, kw_only=True):
    """Find out who is in `level` now and record that they are being told, without waking them."""

    level: str
    because: str
    line: int | None = None


class GiveUp(Do, frozen=True, kw_only=True):
    """Record that the ladder ended unanswered."""

    rounds: int


class Page(Do, frozen=True, kw_only=True):
    """Wake `person` through `method` (`step.channel`). `endless` pages never exhaust."""

    level: str
    round: int
    person: str
    method: str
    endless: bool = False


class Notify(Do, frozen=True, kw_only=True):
    """Tell `person` of `level` without waking anybody."""

    level: str
    person: str
    method: str


class RunStep(Do, frozen=True, kw_only=True):
    """Run a step of the entry; `run` counts its runs. A changing one was approved by a person."""

    step: str
    run: int
    changes: bool


class SendUpdate(Do, frozen=True, kw_only=True):
    """Send a posted update through a channel; `update` is the seq of its fact."""

    update: int
    channel: str


class Announce(Do, frozen=True, kw_only=True):
    """Post the incident's card into the room of a channel, where its updates will answer it."""

    channel: str


class Amend(Do, frozen=True, kw_only=True):
    """Edit a message that was sent, so that it tells the present state; `message` is the seq of the fact that sent it.

    One job for each message: whoever holds it is the only one who edits, and the latest state wins.
    """

    message: int


class Remind(Do, frozen=True, kw_only=True):
    """Find out who has to be reminded of something due, and record that they are.

    `whom`: holder (who has the incident, else who was called), concerned (everybody called), or reviewer.
    """

    topic: str
    stage: str
    wake: bool
    whom: str
    because: str
    line: int | None = None


class Alarm(Do, frozen=True, kw_only=True):
    """Tell the fallback contact about trouble of Tocsin itself. Belongs to the system."""

    text: str


class Unreadable(Do, frozen=True, kw_only=True):
    """Something a newer version wanted, or a damaged row: it is not done, the fallback is told, and it waits."""

    why: str


Doing = (
    Turn
    | Call
    | Inform
    | GiveUp
    | Page
    | Notify
    | RunStep
    | SendUpdate
    | Announce
    | Amend
    | Remind
    | Alarm
    | Unreadable
)


_RANKS: dict[type[Do], int] = {Call: 0, Page: 0, GiveUp: 0, Alarm: 0, RunStep: 2}

WAKES, RUNS = 0, 2
"""The first and the last rank."""


def rank_of(do: Doing) -> int:
    """Give how urgent a deed is: 0 wakes people, 1 decides and tells, 2 runs commands."""
    return _RANKS.get(type(do), 1)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done at `due` or later. `key` names it for ever; `owner` is whose wish it is."""

    key: str
    owner: str
    due: datetime
    do: Doing


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A job a worker holds: `attempts` counts this claim, `generation` is the one a Turn may complete."""

    job: Job
    token: str
    attempts: int
    generation: int
