"""Taking several due jobs in one transaction, and hearing when the next one is due where no more are."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from tocsin.incident.jobs import Call, Claimed, Doing, GiveUp, Inform, Remind, RunStep, Turn, lane_of, sends_by
from tocsin.store.readings import ForTurn, load_for_turn
from tocsin.store.transactions import SYSTEM, Closed, Timeline, Transaction, claim, load_incident, next_due


class Room(NamedTuple):
    """What a worker has places for, up to the rank `most`.

    `left`: how many more messages a channel may send now, for those that are known ("" is what sends nothing).
    `together`: the channels whose lanes have one message under way at a time.
    """

    most: int
    closed: Closed
    left: Mapping[str, int]
    together: frozenset[str]

    def after(self, do: Doing) -> "Room | None":
        """Give the places once that is under way too; None where it is not known how many there are."""
        channel, lane = sends_by(do), lane_of(do)
        if isinstance(do, RunStep) or channel not in self.left:
            return None
        left = {**self.left, channel: self.left[channel] - 1}
        channels = (*self.closed.channels, channel) if left[channel] <= 0 else self.closed.channels
        lanes = (*self.closed.lanes, lane) if lane and channel in self.together else self.closed.lanes
        return self._replace(closed=Closed(channels, lanes), left=left)


class Ask(NamedTuple):
    """One claim: its token, and whether it begins with the least urgent severity."""

    token: str
    last_first: bool


Looked = ForTurn | Timeline
"""What a job is decided on: of a turn its group, of everything else its incident."""


class Taken(NamedTuple):
    """What was taken. `dry`: nothing more is due; then `due` is when the next job is, if that is before the horizon.

    `looked`: by token what was read together with the claim.
    """

    jobs: tuple[Claimed, ...]
    dry: bool
    due: datetime | None = None
    looked: Mapping[str, Looked] = {}


def claim_some(
    now: datetime,
    asks: Iterable[Ask],
    until: datetime,
    recorded: datetime,
    room: Room,
    *,
    horizon: datetime,
    checks: bool,
    turning: bool = False,
) -> Transaction[Taken]:
    """Take due jobs, one for each ask, for as long as there is room, and what they are decided on; see `claim`.

    Each has a token of its own: a job of the same incident that is no longer wanted is left to its holder. `checks`:
    a claim cannot be lost before its message is sent, so that this look is as good as one right before the deed.
    `turning`: a turn is under way. The next one, and each after the first of these, is decided on a look of its own.
    """
    taken: list[Claimed] = []
    looked: dict[str, Looked] = {}
    for token, last_first in asks:
        # To ask when the next one is due costs less than to look for one in vain.
        due = (yield from next_due(room.most, room.closed, horizon)) if taken else now
        if due is None or due > now:
            return Taken(tuple(taken), dry=True, due=due, looked=looked)
        held = yield from claim(now, token, until, room.most, room.closed, recorded=recorded, last_first=last_first)
        if held is None:
            due = yield from next_due(room.most, room.closed, horizon)
            return Taken(tuple(taken), dry=True, due=due, looked=looked)
        taken.append(held)
        turns = isinstance(held.job.do, Turn)
        what = None if turns and turning else (yield from _look(held, now, checks=checks))
        turning = turning or turns
        if what is not None:
            looked[token] = what
        after = room.after(held.job.do)
        if after is None:
            break
        room = after
    return Taken(tuple(taken), dry=False, looked=looked)


def _look(held: Claimed, now: datetime, *, checks: bool) -> Transaction[Looked | None]:
    do = held.job.do
    if isinstance(do, Turn):
        return (yield from load_for_turn(do.group_key, now))
    if isinstance(do, Call | Inform | Remind | GiveUp) or (checks and sends_by(do)):
        return (yield from load_incident(held.job.owner, SYSTEM))
    return None
