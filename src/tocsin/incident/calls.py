"""A level, a role or a reminder that reached out to people."""

from datetime import datetime

import msgspec

from tocsin.incident.body import Because, Called


class LevelCall(msgspec.Struct, frozen=True, kw_only=True):
    """A level that was called: `round` counts this level's calls, `seq` is its place in the timeline."""

    level: str
    round: int
    people: tuple[Called, ...]
    cause: str
    at: datetime
    seq: int
    because: Because = Because("")
