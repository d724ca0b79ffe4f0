"""A silence: what it speaks of, when it holds, and who wants it for what reason.

Alerts it speaks of open no incident while it holds; docs/decisions/0044-silences-hold-back-what-would-begin.md.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

Operator = Literal["=", "!=", "=~", "!~"]
Status = Literal["active", "pending", "expired"]

DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Matcher(msgspec.Struct, frozen=True):
    """What one property of an alert has to be; a pattern has to fit all of it, and what is missing is empty."""

    name: str
    operator: Operator
    value: str

    @property
    def text(self) -> str:
        """Give it as people write it: entry="sequencer-down"."""
        return f'{self.name}{self.operator}"{self.value}"'


class Recurrence(msgspec.Struct, frozen=True, kw_only=True):
    """On which days it comes back: by the wall clock of a place, so that clocks that change move nothing.

    `days` are weekdays, Monday is 0. `last` is the last day on which it begins (YYYY-MM-DD), None = no last.
    """

    days: tuple[int, ...]
    timezone: str
    last: str | None = None


class Maintenance(msgspec.Struct, frozen=True, kw_only=True):
    """What the public is told of it. `components` are ids of the status page."""

    title: str
    text: str = ""
    components: tuple[str, ...] = ()


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Matchers that all have to fit, and when. `starts_at` and `ends_at` are the first time of one that recurs.

    `id` is given by the store. `ended_at` is when a person ended it before its time.
    """

    id: str = ""
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    repeats: Recurrence | None = None
    by: str
    why: str
    created_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    maintenance: Maintenance | None = None


class Window(NamedTuple):
    """One time in which a silence holds; its end does not belong to it."""

    begins: datetime
    ends: datetime


def windows(silence: Silence, since: datetime) -> Iterator[Window]:
    """Give the times in which it holds that are not over at `since`, in their order."""
    for window in _planned(silence, since):
        ends = min(window.ends, silence.ended_at) if silence.ended_at else window.ends
        if ends > max(since, window.begins):
            yield Window(window.begins, ends)
        elif silence.ended_at and window.begins >= silence.ended_at:
            return


def window_at(silence: Silence, at: datetime) -> Window | None:
    """Give the time it holds in at that instant, or None."""
    return next((window for window in islice(windows(silence, at), 1) if window.begins <= at), None)


def next_window(silence: Silence, at: datetime) -> Window | None:
    """Give the next time it holds in that has not begun, or None."""
    return next((window for window in islice(windows(silence, at), 9) if window.begins > at), None)


def status_of(silence: Silence, now: datetime) -> Status:
    """Give whether it holds, will, or never will again."""
    window = next(windows(silence, now), None)
    if window is None:
        return "expired"
    return "active" if window.begins <= now else "pending"


def over_at(silence: Silence) -> datetime | None:
    """Give the instant from which it never holds again, or None for one without an end."""
    if silence.ended_at is not None:
        return silence.ended_at
    if silence.repeats is None:
        return silence.ends_at
    if silence.repeats.last is None:
        return None
    # A day more than the last one can last: clocks that change can only move it by an hour.
    end = datetime.combine(date.fromisoformat(silence.repeats.last), silence.starts_at.time(), UTC)
    return end + (silence.ends_at - silence.starts_at) + 2 * DAY


def _planned(silence: Silence, since: datetime) -> Iterator[Window]:
    """Give the times it was planned for, from some that may be over on."""
    again = silence.repeats
    if again is None:
        yield Window(silence.starts_at, silence.ends_at)
        return
    zone = ZoneInfo(again.timezone)
    first = silence.starts_at.astimezone(zone).replace(tzinfo=None)
    span = silence.ends_at.astimezone(zone).replace(tzinfo=None) - first
    last = date.fromisoformat(again.last) if again.last else date.max - 2 * WEEK
    # One that lasts several days began that long ago; a day more for zones.
    day = max(first.date(), since.astimezone(zone).date() - span - DAY)
    while day <= last:
        if day.weekday() in again.days:
            yield _on(datetime.combine(day, first.time()), span, zone)
        day += DAY


def _on(begins: datetime, span: timedelta, zone: ZoneInfo) -> Window:
    """Give the window of a day by its wall clock.

    An hour that the clocks skip is counted as if they had not, and one that comes twice the first time. Where only one
    end of the window falls into such an hour and nothing would be left, it lasts as long as on other days.
    """
    start, end = begins.replace(tzinfo=zone).astimezone(UTC), (begins + span).replace(tzinfo=zone).astimezone(UTC)
    return Window(start, end if end > start else start + span)
