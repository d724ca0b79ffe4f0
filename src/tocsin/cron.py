"""When a job of cron runs next: five fields, as crontab(5) has them, by the wall clock of a time zone.

Where both the day of the month and the day of the week are limited, either is enough. A run in an hour that the clock
skips is told as if it had not; one in an hour that comes twice is the first. Source: crontab(5) of Vixie's cron.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_YEARS_AHEAD = 41
"""A 29th of February that is a Monday is that far away at most, also where a century has none."""
_LONGEST = 200


class Field(NamedTuple):
    """What one of the five holds: its name, its least and greatest number, and names that stand for numbers."""

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()


_FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of the month", 1, 31),
    Field("month", 1, 12, _MONTHS),
    Field("day of the week", 0, 7, _DAYS),
)


class Cron(NamedTuple):
    """When a job runs. `either`: a day fits that is in `days` or in `weekdays` (Monday is 0), else one in both does."""

    times: tuple[time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def fits(self, day: date) -> bool:
        """Give whether it runs on a day at all."""
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.weekday() in self.weekdays
        return of_month or of_week if self.either else of_month and of_week


@lru_cache(maxsize=256)
def cron_of(text: str) -> Cron:
    """Give what five fields say, or a nickname such as `@daily`. Raises ValueError, which says what is wrong."""
    words = _NICKNAMES.get(text.strip().lower(), text)[:_LONGEST].split()
    if len(words) != len(_FIELDS):
        raise ValueError(
            f"it has {len(words)} fields; cron has 5: minute, hour, day of the month, month, day of the week"
        )
    minutes, hours, days, months, weekdays = (_numbers(word, field) for word, field in zip(words, _FIELDS, strict=True))
    return Cron(
        times=tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)),
        days=days,
        months=months,
        weekdays=frozenset((number - 1) % 7 for number in weekdays),
        either=not words[2].startswith("*") and not words[4].startswith("*"),
    )


def next_run(text: str, zone: str, after: datetime) -> datetime | None:
    """Give when a job runs next after an instant, in UTC; None where it never does. Raises ValueError."""
    cron, here = cron_of(text), ZoneInfo(zone)
    for day in _days(cron, after.astimezone(here).date()):
        for at in cron.times:
            run = datetime.combine(day, at, here).astimezone(UTC)
            if run > after:
                return run
    return None


def _days(cron: Cron, first: date) -> Iterator[date]:
    ahead = (first + timedelta(days=number) for number in range(_YEARS_AHEAD * 366))
    return (day for day in ahead if cron.fits(day))


def _numbers(word: str, field: Field) -> frozenset[int]:
    return frozenset(number for part in word.split(",") for number in _part(part, field))


def _part(part: str, field: Field) -> range:
    """Give the numbers of `*`, `7`, `1-5`, `*/15` or `8-18/2`."""
    reach, slash, step = part.partition("/")
    first, dash, last = reach.partition("-")
    if reach == "*":
        begins, ends = field.least, field.most
    else:
        begins = _number(first, field)
        ends = _number(last, field) if dash else field.most if slash else begins
    if begins > ends or (slash and not (step.isascii() and step.isdigit() and int(step[:4]) > 0)):
        raise ValueError(f"its {field.name} {part!r} is none; write it as in crontab, such as 7, 1-5, */15 or 1,3")
    return range(begins, ends + 1, int(step[:4]) if slash else 1)


def _number(text: str, field: Field) -> int:
    word = text.lower()
    if word in field.words:
        return field.words.index(word) + field.least
    if not (text.isascii() and text.isdigit()) or not field.least <= int(text[:4]) <= field.most:
        raise ValueError(f"its {field.name} {text!r} must be a number from {field.least} to {field.most}")
    return int(text[:4])
