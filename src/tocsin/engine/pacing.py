"""How fast messages leave this node: a bucket of tokens for every channel, and one for every lane.

A lane is the same kind of message to the same person by the same channel. One message is under way in a lane at a
time. The first three go out alone; after them everything that is due in the lane goes out together, at most every
twenty seconds. That is less than the patience of `escalation/reach.py`, so that waiting for a bundle never makes the
next method start. What waits stays in the store, free for other nodes; nothing here can lose it.

The buckets are this process's own. Several nodes together may send faster than one; then the provider refuses for
now and says how long it wants to be left alone, which every node honours.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import NamedTuple

from tocsin.incident.jobs import Doing, lane_of, sends_by
from tocsin.settings import Rate
from tocsin.store.claiming import Room
from tocsin.store.transactions import Closed

ALONE = 3
"""So many messages in a row go to a person by themselves; the next ones are bundles."""

LANE = Rate(1, timedelta(seconds=20), burst=ALONE + 1)
SENDS_AT_ONCE = 32
"""So many messages are under way by one channel of this node: a provider that hangs holds only its own places."""

LANE_PAUSE_AT_MOST = 5.0
"""Seconds a lane rests after a failure, from one on doubling: what comes meanwhile is tried with the rest."""

PAUSE_AT_MOST = timedelta(minutes=5)
"""However long a provider asks to be left alone."""

_ROUNDING = 1e-6
"""Part of a token: what is there to a hair counts as there."""


class Bucket:
    """Tokens that come back at a steady rate. Instants are monotonic seconds.

    Only one number is kept: when the bucket would be full again (the generic cell rate algorithm).
    """

    def __init__(self, rate: Rate) -> None:
        """Begin full."""
        self.rate = rate
        self._every = rate.per.total_seconds() / rate.messages
        self._full_at = -math.inf

    def free_at(self, now: float) -> float:
        """Give when the next token is there: `now` when one is."""
        return max(now, self._full_at - (self.rate.burst - 1) * self._every)

    def take(self, now: float) -> None:
        """Take a token, also one that is not there yet."""
        self._full_at = max(self._full_at, now) + self._every

    def put_back(self) -> None:
        """Give a token back that was not used."""
        self._full_at -= self._every

    def left(self, now: float) -> int:
        """Give how many tokens are there."""
        return int(self.rate.burst - max(self._full_at - now, 0.0) / self._every + _ROUNDING)

    def is_full(self, now: float) -> bool:
        """Give whether nobody needs to remember this bucket."""
        return self._full_at <= now


class _Trouble(NamedTuple):
    """A lane that failed so often in a row, and until when it rests."""

    failures: int
    until: float


class UnderWay:
    """What a worker does just now, counted: it is asked before every claim."""

    def __init__(self, doing: Iterable[Doing] = ()) -> None:
        """Begin with that."""
        self.channels: Counter[str] = Counter()
        """How many deeds are under way by a channel; those that send nothing as channel ""."""
        self.lanes: Counter[tuple[str, str]] = Counter()
        """How many are under way in a lane, by its channel and itself."""
        for do in doing:
            self.begin(do)

    def begin(self, do: Doing) -> None:
        """Count one more."""
        channel, lane = sends_by(do), lane_of(do)
        self.channels[channel] += 1
        if lane:
            self.lanes[channel, lane] += 1

    def end(self, do: Doing) -> None:
        """Count one less."""
        channel, lane = sends_by(do), lane_of(do)
        self.channels[channel] -= 1
        if not self.channels[channel]:
            del self.channels[channel]
        if lane:
            self.lanes[channel, lane] -= 1
            if not self.lanes[channel, lane]:
                del self.lanes[channel, lane]


class Pacing:
    """Says what may be sent now, and which messages go together."""

    def __init__(self, rate_of: Callable[[str], Rate | None], goes_together: Callable[[str], bool]) -> None:
        """Take how fast a channel may send (None = as fast as it can), and whether it may send bundles."""
        self._rate_of, self._goes_together = rate_of, goes_together
        self._channels: dict[str, Bucket] = {}
        self._lanes: dict[str, Bucket] = {}
        self._paused: dict[str, float] = {}
        self._troubled: dict[str, _Trouble] = {}
        self._met: set[str] = set()

    def room(self, under_way: UnderWay, at_once: int, most: int, now: float) -> Room:
        """Give what may be sent now as one transaction needs it that takes several jobs; see `closed`.

        Channels that sent nothing yet are not in it: after their first message the transaction ends.
        """
        running, closed = under_way.channels, self.closed(under_way, at_once, now)
        left = {channel: SENDS_AT_ONCE - running[channel] for channel in self._met}
        for channel in left.keys() & self._channels.keys():
            left[channel] = min(left[channel], self._channels[channel].left(now))
        left[""] = at_once - running[""]
        return Room(most, closed, left, frozenset(filter(self._goes_together, self._met)))

    def closed(self, under_way: UnderWay, at_once: int, now: float) -> Closed:
        """Give what cannot be sent now.

        `under_way` is what this worker does already. Deeds that send nothing have `at_once` places, as channel "".
        """
        self._forget(now)
        running = under_way.channels
        # Where a channel sends no bundles, nothing waits to be sent with it.
        lanes = {lane for channel, lane in under_way.lanes if self._goes_together(channel)}
        full = {channel for channel, count in running.items() if count >= (SENDS_AT_ONCE if channel else at_once)}
        full |= {channel for channel, at in self._reopening(now).items() if at > now}
        lanes |= {lane for lane, at in self._lanes_opening(now).items() if at > now}
        return Closed(tuple(sorted(full)), tuple(sorted(lanes - {""})))

    def reopens(self, now: float) -> float | None:
        """Give when something closed by its bucket or its provider opens again, or None when nothing is."""
        instants = [*self._reopening(now).values(), *self._lanes_opening(now).values()]
        return min((at for at in instants if at > now), default=None)

    def take(self, do: Doing, now: float) -> bool:
        """Take the tokens of a message; give whether everything that waits in its lane is to go with it."""
        channel, lane = sends_by(do), lane_of(do)
        if channel:
            self._met.add(channel)
        rate = self._rate_of(channel) if channel else None
        if rate is not None:
            bucket = self._channels.get(channel)
            if bucket is None or bucket.rate != rate:
                bucket = self._channels[channel] = Bucket(rate)
            bucket.take(now)
        if not lane or not self._goes_together(channel):
            return False
        bucket = self._lanes.setdefault(lane, Bucket(LANE))
        bucket.take(now)
        return lane in self._troubled or bucket.free_at(now) > now

    def sent(self, do: Doing) -> None:
        """Take note that a message got out: its lane works."""
        self._troubled.pop(lane_of(do), None)

    def failed(self, do: Doing, now: float) -> None:
        """Take note that nobody got a message: it costs the person nothing, and what waits is tried together."""
        lane = lane_of(do)
        if lane in self._lanes:
            self._lanes[lane].put_back()
            failures = self._troubled[lane].failures + 1 if lane in self._troubled else 1
            pause = min(2.0 ** min(failures - 1, 10), LANE_PAUSE_AT_MOST)
            self._troubled[lane] = _Trouble(failures, now + pause)

    def not_sent(self, do: Doing) -> None:
        """Take note that a message was no longer wanted."""
        if (lane := lane_of(do)) in self._lanes:
            self._lanes[lane].put_back()
        if (channel := sends_by(do)) in self._channels:
            self._channels[channel].put_back()

    def pause(self, channel: str, duration: timedelta, now: float) -> None:
        """Leave a provider alone for as long as it asks: every message of the channel waits, not only the refused."""
        until = now + min(duration, PAUSE_AT_MOST).total_seconds()
        self._paused[channel] = max(self._paused.get(channel, now), until)

    def _reopening(self, now: float) -> dict[str, float]:
        at = {channel: bucket.free_at(now) for channel, bucket in self._channels.items()}
        return at | {channel: max(until, at.get(channel, now)) for channel, until in self._paused.items()}

    def _lanes_opening(self, now: float) -> dict[str, float]:
        if not (self._lanes or self._troubled):
            return {}
        at = {lane: bucket.free_at(now) for lane, bucket in self._lanes.items()}
        return at | {lane: max(rest.until, at.get(lane, now)) for lane, rest in self._troubled.items()}

    def _forget(self, now: float) -> None:
        if self._paused:
            self._paused = {channel: until for channel, until in self._paused.items() if until > now}
        full = [lane for lane, bucket in self._lanes.items() if bucket.is_full(now) and lane not in self._troubled]
        for lane in full:
            del self._lanes[lane]
