"""When a person is not to be disturbed by what can wait: pages of P2 and P3 are held until the quiet ends."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.settings import Person, Quiet, Settings

_MOST_RULES = 8
"""So many quiet times may follow one another; rules without a break do not hold a page for ever."""


def awake(someone: Person, severity: str, at: datetime, settings: Settings) -> datetime:
    """Give when a page of that severity may reach the person: `at`, or the end of the quiet it falls into."""
    rules = [rule for rule in someone.quiet if severity in rule.severities]
    zone = someone.timezone or settings.timezone
    found = at
    for _ in range(_MOST_RULES):
        ends = [end for rule in rules if (end := _end(rule, found, zone)) > found]
        if not ends:
            return found
        found = max(ends)
    return at


def _end(rule: Quiet, at: datetime, zone: str) -> datetime:
    """Give when the quiet ends that `at` is in, or `at` when it is in none.

    Hours are those of the wall: a night in which the clocks change is an hour longer or shorter.
    """
    place = ZoneInfo(zone)
    here = at.astimezone(place)
    hour, wraps = here.time(), rule.begins >= rule.ends
    inside = hour >= rule.begins or hour < rule.ends if wraps else rule.begins <= hour < rule.ends
    if not inside:
        return at
    day = here.date() + timedelta(days=1) if wraps and hour >= rule.begins else here.date()
    ends = [datetime.combine(day, rule.ends.replace(fold=fold), place).astimezone(at.tzinfo) for fold in (0, 1)]
    return next((end for end in ends if end > at), at)
