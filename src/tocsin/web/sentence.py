"""What the timeline says of a fact, before it is drawn."""

from typing import NamedTuple


class Sentence(NamedTuple):
    """What the timeline says of a fact.

    `strong` comes first and is bold; it is set where owner, severity or state changed. `quote` is in somebody else's
    words, `line` the runbook line it rests on. `bad` is for what failed.
    """

    icon: str
    rest: str = ""
    strong: str = ""
    quote: str = ""
    line: int | None = None
    bad: bool = False
