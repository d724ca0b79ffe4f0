"""What was changed in the systems watched: a deploy, a migration. It never pages; it stands beside what breaks next.

Source: PagerDuty Change Events API; "check recent code changes" of runbooks.
"""

import hashlib
from datetime import datetime, timedelta

import msgspec

from tocsin.detection.pagerduty import Change

KEPT = timedelta(days=90)
"""So long a change is remembered, as PagerDuty does."""

LOOKED_BACK = timedelta(hours=24)
"""So long before an incident a change may have been to be shown with it."""

SAME = timedelta(minutes=10)
"""A change that names no time and comes again within so long is the same one, sent twice."""


class ChangeEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A change as it is kept. `source` is the id of who sent it, `origin` where it happened."""

    at: datetime
    source: str
    summary: str
    origin: str = ""
    details: dict[str, str] = {}
    links: tuple[str, ...] = ()
    link_texts: dict[str, str] = {}


def change_event(change: Change, source: str, now: datetime) -> ChangeEvent:
    """Give what is kept of a change; one that names no time, or one to come, happened now."""
    at = min(change.timestamp, now) if change.timestamp else now
    return ChangeEvent(
        at=at,
        source=source,
        summary=change.summary,
        origin=change.source or "",
        details=change.details,
        links=change.links,
        link_texts=change.link_texts,
    )


def id_of(change: Change, source: str, now: datetime) -> str:
    """Give the name of a change: the same for the same delivery twice."""
    when = change.timestamp.isoformat() if change.timestamp else f"about {int(now.timestamp() / SAME.total_seconds())}"
    said = msgspec.json.encode([source, when, change.summary, change.source, change.details, change.links])
    return hashlib.sha256(said).hexdigest()


def in_words(at: datetime, opened: datetime) -> str:
    """Give when that was, seen from when an incident opened: "4 min before"."""
    seconds = (opened - at).total_seconds()
    side, minutes = ("before", round(seconds / 60)) if seconds >= 0 else ("after", round(-seconds / 60))
    if minutes < 1:
        return "when it opened"
    hours, rest = divmod(minutes, 60)
    long = " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)
    return f"{long} {side} it opened"
