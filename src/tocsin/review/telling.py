"""The story told for a review: a timeline of what mattered, what was tried, how long it took."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby
from zoneinfo import ZoneInfo

from tocsin.review.story import Event, Line, Story


def timeline(story: Story) -> tuple[Line, ...]:
    """Give one line per notable event, oldest first; pages that follow one another are one line.

    A line begins with the time in the story's zone, and with the day too where it is not the day of the line before.

    Source: "Post-Incident Review" (the timeline of its template).
    """
    zone = zone_of(story)
    day, lines = story.started_at.astimezone(zone).date(), []
    for event, cites in _notable(story):
        at = event.at.astimezone(zone)
        lines.append(
            Line(f"{at:%Y-%m-%d %H:%M} - {event.text}" if at.date() != day else f"{at:%H:%M} - {event.text}", cites)
        )
        day = at.date()
    return tuple(lines)


def tried(story: Story) -> tuple[Line, ...]:
    """Give the branches chosen and the steps that ran to end it, oldest first."""
    return tuple(Line(event.text, (event.seq,)) for event in _in_order(story) if event.kind in {"step", "branch"})


def duration(story: Story) -> Line | None:
    """Give how long it lasted, citing its end; None while it lasts."""
    if story.resolved_at is None:
        return None
    ends = [event.seq for event in _in_order(story) if event.kind == "resolved"][-1:]
    return Line(lasting(story.resolved_at - story.started_at), (*_first(story), *ends))


def date(story: Story) -> Line:
    """Give the day it began, in the story's zone."""
    return Line(f"{story.started_at.astimezone(zone_of(story)):%Y-%m-%d}", _first(story))


def severity(story: Story) -> Line:
    """Give the severity it ended with, citing what set it."""
    set_by = [event.seq for event in _in_order(story) if event.kind == "severity"][-1:]
    return Line(story.severity, tuple(set_by) or _first(story))


def moment(story: Story, at: datetime | None, kind: str) -> Line | None:
    """Give an instant with its day in the story's zone, citing the events of that kind; None without an instant."""
    if at is None:
        return None
    cites = [event.seq for event in _in_order(story) if event.kind == kind][-1:]
    return Line(f"{at.astimezone(zone_of(story)):%Y-%m-%d %H:%M}", tuple(cites))


def zone_of(story: Story) -> tzinfo:
    """Give the zone times are told in; a name that is none must not lose a review, so it is UTC then."""
    try:
        return ZoneInfo(story.zone)
    except (OSError, LookupError, ValueError):
        return UTC


def lasting(span: timedelta) -> str:
    """Give how long it lasted in whole minutes: `45 minutes`, `1 hour 10 minutes`, `2 days 3 hours`."""
    minutes = round(span.total_seconds() / 60)
    days, hours = divmod(minutes // 60, 24)
    parts = [(days, "day"), (hours, "hour"), (minutes % 60 if not days else 0, "minute")]
    words = [f"{count} {name}{'' if count == 1 else 's'}" for count, name in parts if count]
    return " ".join(words) or "less than a minute"


def _notable(story: Story) -> Iterator[tuple[Event, tuple[int, ...]]]:
    told = (event for event in _in_order(story) if event.kind != "other")
    for kind, run in groupby(told, key=lambda event: event.kind):
        events = list(run)
        if kind != "paged":
            yield from ((event, (event.seq,)) for event in events)
            continue
        first, more = events[0], len(events) - 1
        again = f" (and {more} more page{'s' if more > 1 else ''})" if more else ""
        text = first.text.rstrip(".") + again if more else first.text
        yield Event(seq=first.seq, at=first.at, text=text, kind="paged"), tuple(event.seq for event in events)


def _in_order(story: Story) -> list[Event]:
    return sorted(story.events, key=lambda event: (event.at, event.seq))


def _first(story: Story) -> tuple[int, ...]:
    return tuple(event.seq for event in _in_order(story) if event.kind == "opened")[:1]
