"""One number of an alert, with what it measures."""

import operator
from collections.abc import Callable
from typing import NamedTuple

from tocsin.runbook.comparisons import SECONDS_OF

WHOLE = 100
"""All of it, in percent."""


A_FLOOD = 20_000
"""A gauge of so many calls or packets each second shows no usual day."""

PER_SECOND: dict[str, float] = {unit: 1 / seconds for unit, seconds in SECONDS_OF.items()}
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


def compared(value: float, op: str, limit: float) -> bool:
    """Give whether a value is past a limit: one of the operators of a `Threshold`."""
    return _COMPARE[op](value, limit)


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq,
}  # fmt: skip
