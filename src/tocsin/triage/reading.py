"""One number of an alert, with what it measures."""

from typing import NamedTuple

WHOLE = 100
"""All of it, in percent."""


A_FLOOD = 20_000
"""A gauge of so many calls or packets each second shows no usual day."""

BY_TIME: dict[str, str] = (
    dict.fromkeys(("s", "sec", "second"), "/s")
    | dict.fromkeys(("min", "minute"), "/min")
    | dict.fromkeys(("h", "hour"), "/h")
)
"""By which time something comes whose name ends so: "requests_per_second"."""

PER_SECOND: dict[str, float] = {
    **dict.fromkeys(("/s", "/sec", "/second"), 1.0),
    **dict.fromkeys(("/min", "/minute"), 1 / 60),
    **dict.fromkeys(("/h", "/hour"), 1 / 3600),
    "/d": 1 / 86400,
    "/w": 1 / 604_800,
}
"""How often each second something comes that is counted so."""


class Reading(NamedTuple):
    """One measured number: `unit` is %, s, x (times usual) or /s (each second).

    `kind` is what was measured: errors, latency, load, requests, rows, memory; or alive, of which there is none; or
    gauge, how many calls there are each second, which says of itself neither that they are many nor that they are few.
    """

    kind: str
    value: float
    unit: str
    quote: str
