"""One number of an alert, with what it measures."""

from typing import NamedTuple

WHOLE = 100
"""All of it, in percent."""


class Reading(NamedTuple):
    """One measured number: `unit` is %, s, x (times usual) or /s (each second).

    `kind` is what was measured: errors, latency, load, requests, rows, memory; or alive, of which there is none.
    """

    kind: str
    value: float
    unit: str
    quote: str
