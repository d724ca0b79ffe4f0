"""Business days: when the next one opens, and the same hour some business days on."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tocsin.settings import BusinessHours

_SEARCH_DAYS = 400


def is_business_day(day: datetime, hours: BusinessHours) -> bool:
    """Give whether that local date is a working day that is no holiday."""
    return day.weekday() in hours.days and day.date().isoformat() not in hours.holidays


def next_opening(at: datetime, hours: BusinessHours, zone: str) -> datetime:
    """Give the first opening of a business day at or after `at` (UTC)."""
    local = at.astimezone(ZoneInfo(zone))
    for days in range(_SEARCH_DAYS):
        opening = _at_wall_time(local, days, hours.opens)
        # Compared as instants: within one zone Python compares wall clocks, which tell one hour a year twice.
        if is_business_day(opening, hours) and opening.astimezone(UTC) >= at.astimezone(UTC):
            return opening.astimezone(at.tzinfo)
    return at


def after_business_days(at: datetime, days: int, hours: BusinessHours, zone: str) -> datetime:
    """Give the same wall-clock time `days` business days after `at` (UTC)."""
    local = at.astimezone(ZoneInfo(zone))
    left = days
    for passed in range(1, _SEARCH_DAYS):
        day = _at_wall_time(local, passed, local.time())
        left -= is_business_day(day, hours)
        if left == 0:
            return day.astimezone(at.tzinfo)
    return at + timedelta(days=days)


def _at_wall_time(local: datetime, days: int, clock: time) -> datetime:
    # Built from the naive date, so that a day with 23 or 25 hours still opens at nine.
    date = local.date() + timedelta(days=days)
    return datetime.combine(date, clock.replace(tzinfo=None), tzinfo=local.tzinfo)
