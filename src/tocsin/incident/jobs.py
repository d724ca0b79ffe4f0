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


class Expect(Do, frozen=True, kw_only=True):
    """See whether what was to come for an alert group came: the renewal of a lease, or a beat."""

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
    """Wake `person` through `method` (`step.channel`). `endless` pages never exhaust.

    `quiet`: it is held until the person's quiet hours end.
    """

    level: str
    round: int
    person: str
    method: str
    endless: bool = False
    quiet: bool = False


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
    """Edit a message of a channel, so that it tells the present state; `message` is the seq of the fact that sent it.

    One job for each message: whoever holds it is the only one who edits, and the latest state wins.
    """

    message: int
    channel: str = ""


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
    | Expect
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


WAKES, WAKES_LAST, DECIDES, RUNS = 0, 3, 4, 5
"""The ranks: 0 to 3 wake people, the most urgent severity first, 4 decides and tells, 5 runs commands."""

_WAKING = (Call, Page, GiveUp, Alarm)
_MESSAGES = (Page, Notify)
_POSTS = (SendUpdate, Announce, Amend)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done at `due` or later. `key` names it for ever; `owner` is whose wish it is.

    `urgency` is the rank of the owner's severity, 0 the most urgent.
    """

    key: str
    owner: str
    due: datetime
    do: Doing
    urgency: int = 0

    @property
    def rank(self) -> int:
        """Give before which other jobs it is taken: a lower rank goes first."""
        if isinstance(self.do, _WAKING):
            return min(WAKES + self.urgency, WAKES_LAST)
        return RUNS if isinstance(self.do, RunStep) else DECIDES


def is_recorded(do: Doing) -> bool:
    """Give whether a deed is a fact and nothing else: decided at its commit, so two that do it record it once."""
    return isinstance(do, Turn | Expect | Call | Inform | Remind | GiveUp)


def sends_by(do: Doing) -> str:
    """Give the channel a deed sends by, or "" for one that sends nothing or chooses when it is done."""
    if isinstance(do, _MESSAGES):
        return do.method.partition(".")[2]
    return do.channel.partition(":")[0] if isinstance(do, _POSTS) else ""


def lane_of(do: Doing) -> str:
    """Give the lane of a message: the same kind to the same person by the same channel. "" for other deeds."""
    if isinstance(do, _MESSAGES):
        return f"{sends_by(do)}/{'page' if isinstance(do, Page) else 'tell'}/{do.person}"
    return ""


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A job a worker holds: `attempts` counts this claim, `generation` is the one a Turn may complete."""

    job: Job
    token: str
    attempts: int
    generation: int
