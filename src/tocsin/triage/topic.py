"""A topic: one thing to be in trouble with, and the phrases that speak of it."""

from typing import Literal, NamedTuple


class Topic(NamedTuple):
    """One thing to be in trouble with. `kind`: a `cause` outweighs the `outage` or `symptom` it shows itself by."""

    name: str
    said: str
    kind: Literal["cause", "outage", "symptom"]
    strong: str
    weak: str = ""
