"""What happened, as plain values: all that a review is drafted from."""

from datetime import datetime
from typing import Literal

import msgspec

Kind = Literal[
    "opened", "called", "paged", "acknowledged", "severity", "note", "diagnostic", "step", "branch", "update",
    "resolved", "reopened", "other",
]  # fmt: skip


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, as one sentence; `seq` is the fact it comes from.

    `diagnostic` looked for the cause, `step` and `branch` tried to mend it. `other` is not told in a review.
    """

    seq: int
    at: datetime
    text: str
    kind: Kind


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One incident from its beginning to its end. `zone` is the IANA time zone its times are told in."""

    number: str
    title: str
    severity: str
    started_at: datetime
    resolved_at: datetime | None = None
    events: tuple[Event, ...] = ()
    zone: str = "UTC"


class Line(msgspec.Struct, frozen=True):
    """A line of the review that rests on the facts it cites."""

    text: str
    cites: tuple[int, ...] = ()
