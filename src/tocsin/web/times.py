"""Times and durations as a reader sees them: in one zone, named once per page."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEK = timedelta(days=6)
_HOUR, _DAY = 3600, 86400


class Times(NamedTuple):
    """One reader's zone, and the instant the page speaks of."""

    zone: tzinfo
    now: datetime

    @property
    def place(self) -> str:
        """Give what people call the zone: Europe/Berlin is "Berlin time"."""
        name = self.zone_name.rpartition("/")[2].replace("_", " ")
        return name if name == "UTC" else f"{name} time"

    @property
    def zone_name(self) -> str:
        """Give the zone's own name, as browsers know it."""
        return str(self.zone)

    def hm(self, at: datetime) -> str:
        """Give 03:27, with the day in front when it is another one than today."""
        return f"{self._day(at)}{at.astimezone(self.zone):%H:%M}"

    def hms(self, at: datetime) -> str:
        """Give 03:27:08, with the day in front when it is another one than today."""
        return f"{self._day(at)}{at.astimezone(self.zone):%H:%M:%S}"

    def day(self, at: datetime) -> str:
        """Give Mon 14:20 within a week, 2 Mar 14:20 before and after."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        return f"{_named(local, today) or f'{_DAYS[local.weekday()]} '}{local:%H:%M}"

    def _day(self, at: datetime) -> str:
        return _named(at.astimezone(self.zone), self.now.astimezone(self.zone))


def times(zone: str, now: datetime) -> Times:
    """Give the times of a zone; a name that is none must not stop a page, so it reads UTC."""
    try:
        return Times(ZoneInfo(zone), now)
    except (OSError, LookupError, ValueError):
        return Times(ZoneInfo("UTC"), now)


def millis(at: datetime) -> int:
    """Give whole milliseconds since 1970, for the clock in the browser."""
    return int(at.astimezone(UTC).timestamp() * 1000)


def figure(left: timedelta) -> str:
    """Give 11:37 under an hour and "14 h 56 min" over it, so that it cannot be read as a time of day."""
    seconds = max(int(left.total_seconds()), 0)
    if seconds < _HOUR:
        return f"{seconds // 60:02d}:{seconds % 60:02d}"
    return lasting(left)


def lasting(span: timedelta) -> str:
    """Give how long something took: 0.4 s, 40 s, 7 min, 1 h 5 min, 2 days."""
    seconds = max(span.total_seconds(), 0)
    if seconds < 10:  # noqa: PLR2004  under ten seconds the tenth is what one wants to know
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 60:  # noqa: PLR2004
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // 60} min"
    if whole < _DAY:
        minutes = whole % _HOUR // 60
        return f"{whole // _HOUR} h{f' {minutes} min' if minutes else ''}"
    days = whole // _DAY
    return f"{days} day{'s' if days > 1 else ''}"


def _named(local: datetime, today: datetime) -> str:
    if local.date() == today.date():
        return ""
    if abs(local - today) < _WEEK:
        return f"{_DAYS[local.weekday()]} "
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local.day} {_MONTHS[local.month - 1]}{year} "
