"""When a value is trouble, and when that is over: limits, windows, so many readings in a row, and no fluttering.

One reading at a time. A reading without the value, or with none that is a number, says nothing; after a gap nothing is
"in a row" any more.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

import msgspec

from tocsin.detection.baseline import Baseline, normal
from tocsin.detection.flaps import quiet_after
from tocsin.detection.reading import Reading
from tocsin.settings import MOST_ENDS

Operator = Literal[">", ">=", "<", "<=", "=="]
Take = Literal["last", "mean", "p95", "max", "rate"]
State = Literal["unknown", "learning", "ok", "firing"]

MOST_KEPT = 240
"""About so many readings of a window are kept; those that lie closer together become one."""

_GREATEST = 1e30
"""Nothing that is measured is greater; sums and rates of such numbers would be none any more."""

_GAP = 3
"""After so many missing readings nothing is in a row any more."""

_SIGMAS, _MOST_MARGIN = 3.0, 0.3
"""A multiple of normal is as exact as normal: it is met within so many times the scatter, at most that part of it."""

_ROUNDS = 4
"""It also fires when half of so many times the readings that have to be in a row are bad: it comes and goes."""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """When a value is trouble. `measure` is its name in a reading, `unit` what it is in.

    It is compared with `value`, or with `times` what is normal (learned, else `normal`). `recovers` is where it is
    over (None: the limit), in the same way. `every` is how often it is read. What ended `flapping_after` times within
    `flapping_within` has to be good for as long. `line` is where the document says it.
    """

    measure: str
    unit: str = ""
    op: Operator = ">"
    value: float | None = None
    times: float | None = None
    normal: float | None = None
    for_: timedelta = timedelta(0)
    in_a_row: int = 2
    recovers: float | None = None
    recovers_for: timedelta = timedelta(0)
    window: timedelta | None = None
    take: Take = "last"
    every: timedelta = timedelta(seconds=15)
    flapping_after: int = 3
    flapping_within: timedelta = timedelta(minutes=10)
    line: int | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a check stands, `since` when. `alerting` stays while nothing is known: its alert goes on.

    `kept` are the readings of the window, `last` is what was compared last, with `bound`, at `at`; `normal` is what was
    normal then. `streak` readings in a row since `turning` say the opposite of how it stands; `marks` are the latest
    ones, bad as 1. `ends` are its latest recoveries, those not believed among them. `flips` counts its turns.
    """

    state: State = "unknown"
    alerting: bool = False
    since: datetime | None = None
    at: datetime | None = None
    last: float | None = None
    normal: float | None = None
    bound: float | None = None
    kept: tuple[tuple[datetime, float], ...] = ()
    streak: int = 0
    turning: datetime | None = None
    marks: int = 0
    ends: tuple[datetime, ...] = ()
    flips: int = 0


def judged(limit: Limit, standing: Standing, reading: Reading, baseline: Baseline | None = None) -> Standing:
    """Give how a check stands after a reading."""
    value, at = reading.values.get(limit.measure), reading.at
    if value is None or not abs(value) <= _GREATEST:  # nor for what is no number: no comparison holds for it
        return standing
    before = _after_gap(limit, standing, at)
    kept = _kept(limit, before, value, at)
    taken = _TAKEN[limit.take](kept) if limit.window else value
    if taken is None:
        return msgspec.structs.replace(before, kept=kept, at=at)
    usual = _normal(limit, baseline, at)
    bound = _bound(limit, limit.value, limit.times, usual, baseline)
    known = msgspec.structs.replace(before, kept=kept, at=at, last=taken, normal=usual, bound=bound)
    if bound is None:
        return _named(known, "firing" if known.alerting else "learning", at)
    bad = _beyond(limit.op, taken, bound)
    if known.alerting:
        over = not bad and (limit.recovers is None or _is_over(limit, taken, usual))
        return _firing(limit, known, at, over=over)
    return _quiet(limit, known, at, bad=bad)


def unknown(standing: Standing, at: datetime) -> Standing:
    """Give the standing while the probe cannot look: nothing is known, and an alert goes on."""
    return _named(msgspec.structs.replace(standing, streak=0, turning=None, marks=0), "unknown", at)


# -- how it turns


def _quiet(limit: Limit, known: Standing, at: datetime, *, bad: bool) -> Standing:
    """Give a check that does not fire after a good or bad reading."""
    marks = ((known.marks << 1) | bad) & ((1 << _ROUNDS * limit.in_a_row) - 1)
    streak, turning = (known.streak + 1, known.turning or at) if bad else (0, None)
    after = msgspec.structs.replace(known, streak=streak, turning=turning, marks=marks)
    held = turning is not None and streak >= limit.in_a_row and at - turning >= limit.for_
    flutters = bad and not limit.for_ and 2 * marks.bit_count() >= _ROUNDS * limit.in_a_row
    if held or flutters:
        return _flipped(after, at, alerting=True)
    return after if bad and known.state != "ok" else _named(after, "ok", at)


def _firing(limit: Limit, known: Standing, at: datetime, *, over: bool) -> Standing:
    """Give a check that fires after a good or bad reading; one that flaps has to be good for longer."""
    streak, turning = (known.streak + 1, known.turning or at) if over else (0, None)
    after = _named(msgspec.structs.replace(known, streak=streak, turning=turning), "firing", at)
    if turning is None or streak < limit.in_a_row:
        return after
    quiet = quiet_after(known.ends, limit.flapping_after, limit.flapping_within)
    flaps = quiet is not None and quiet > turning
    wait = max(limit.recovers_for, limit.flapping_within) if flaps else limit.recovers_for
    ended = msgspec.structs.replace(after, ends=(*known.ends, at)[-MOST_ENDS:])
    if at - turning >= wait:
        return _flipped(ended, at, alerting=False)
    return ended if flaps and streak == limit.in_a_row else after  # an end that is not believed counts as one


def _flipped(standing: Standing, at: datetime, *, alerting: bool) -> Standing:
    turned = msgspec.structs.replace(
        standing, alerting=alerting, streak=0, turning=None, marks=0, flips=standing.flips + 1
    )
    return _named(turned, "firing" if alerting else "ok", at)


def _named(standing: Standing, state: State, at: datetime) -> Standing:
    if standing.state == state:
        return standing
    return msgspec.structs.replace(standing, state=state, since=at)


def _after_gap(limit: Limit, standing: Standing, at: datetime) -> Standing:
    """Give the standing without what was in a row, where readings are missing or the clock went back."""
    if standing.at is None or timedelta(0) <= at - standing.at <= _GAP * limit.every + limit.every:
        return standing
    since = min(standing.since, at) if standing.since else None
    ends = tuple(end for end in standing.ends if end <= at)
    return msgspec.structs.replace(standing, streak=0, turning=None, marks=0, since=since, ends=ends)


# -- what is compared, and with what


def _kept(limit: Limit, standing: Standing, value: float, at: datetime) -> tuple[tuple[datetime, float], ...]:
    """Give the readings of the window, bounded; those of a clock that went back since are left out."""
    if limit.window is None:
        return ()
    begins = at - limit.window
    inside = [one for one in standing.kept if begins < one[0] < at]
    if len(inside) > 1 and at - inside[-2][0] < limit.window / MOST_KEPT:
        value = _together(limit.take, inside.pop()[1], value)
    return (*inside, (at, value))


def _together(take: Take, old: float, new: float) -> float:
    """Give one value for two readings that lie too close together to keep both."""
    if take in ("max", "p95"):
        return max(old, new)
    return (old + new) / 2 if take == "mean" else new


def _mean(kept: tuple[tuple[datetime, float], ...]) -> float | None:
    return sum(value for _, value in kept) / len(kept)


def _p95(kept: tuple[tuple[datetime, float], ...]) -> float | None:
    ordered = sorted(value for _, value in kept)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def _rate(kept: tuple[tuple[datetime, float], ...]) -> float | None:
    """Give how much a counter rises in a second; where it begins again, from nothing."""
    seconds = (kept[-1][0] - kept[0][0]).total_seconds()
    if seconds <= 0:
        return None
    values = [value for _, value in kept]
    rises = (new - old if new >= old else max(new, 0.0) for old, new in pairwise(values))
    return sum(rises) / seconds


_TAKEN: dict[Take, Callable[[tuple[tuple[datetime, float], ...]], float | None]] = {
    "last": lambda kept: kept[-1][1],
    "mean": _mean,
    "p95": _p95,
    "max": lambda kept: max(value for _, value in kept),
    "rate": _rate,
}


def _normal(limit: Limit, baseline: Baseline | None, at: datetime) -> float | None:
    """Give what is normal: what was learned, else what is configured, else None."""
    if limit.times is None:
        return None
    found = normal(baseline, at) if baseline is not None else None
    return limit.normal if found is None else found


def _bound(
    limit: Limit, value: float | None, times: float | None, usual: float | None, baseline: Baseline | None
) -> float | None:
    """Give what to compare with, or None while nobody knows. Normal has an error, which a multiple allows for."""
    if times is None:
        return value
    if usual is None:
        return None
    spread = baseline.spread if baseline is not None else 0.0
    margin = min(_SIGMAS * spread * times, _MOST_MARGIN * abs(times - 1)) * usual
    return times * usual + (margin if limit.op in ("<", "<=") else -margin)


def _is_over(limit: Limit, taken: float, usual: float | None) -> bool:
    """Give whether it is past where it is over, on the good side."""
    where = limit.recovers or 0.0
    if limit.times is not None:
        where *= usual or 0.0
    return taken >= where if limit.op in ("<", "<=") else taken <= where


def _beyond(op: Operator, value: float, bound: float) -> bool:
    return {
        ">": value > bound,
        ">=": value >= bound,
        "<": value < bound,
        "<=": value <= bound,
        "==": value == bound,
    }[op]
