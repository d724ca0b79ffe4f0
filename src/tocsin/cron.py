"""When a job of cron runs next, by the wall clock of a time zone.

What the five fields mean, and what becomes of runs in the nights in which clocks change, is what Debian's cron makes of
it, as cronsim reads it. Source: crontab(5).
"""

from datetime import UTC, datetime
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
_FIELDS = ("minute", "hour", "day-of-month", "month", "day-of-week")
"""By the names that cronsim gives them. It would read a sixth as seconds, which no crontab has."""
_LONGEST = 200


def next_run(text: str, zone: str, after: datetime) -> datetime | None:
    """Give when a job runs next after an instant, in UTC; None where it never does again.

    `text` is five fields or a nickname such as `@daily`. Raises ValueError, which says what is wrong.
    """
    from cronsim import CronSim, CronSimError  # noqa: PLC0415  few servers await a job of cron

    if len(text) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST} letters")
    words = _NICKNAMES.get(text.strip().lower(), text).split()
    if len(words) != len(_FIELDS):
        raise ValueError(f"it has {len(words)} fields; cron has {len(_FIELDS)}: {', '.join(_FIELDS)}")
    try:
        run = next(CronSim(" ".join(words), after.astimezone(ZoneInfo(zone))), None)
    except CronSimError as error:
        name = str(error).removeprefix("Bad ")
        what = f"{name} {words[_FIELDS.index(name)]!r}" if name in _FIELDS else str(error)
        raise ValueError(f"its {what} is none, or never comes; write it as in crontab: 7, 1-5, */15 or 1,3") from error
    return run.astimezone(UTC) if run else None
