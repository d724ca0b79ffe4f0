"""One number of an alert, with what it measures."""

from typing import NamedTuple

WHOLE = 100
"""All of it, in percent."""


class Reading(NamedTuple):
    """One measured number: `unit` is %, s or x (times usual).

    `kind` is what was measured: errors, latency, load, requests, rows, memory; or alive, of which there is none.
    """

    kind: str
    value: float
    unit: str
    quote: str
