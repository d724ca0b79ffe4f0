"""What is normal at this hour of the week, learned from readings, so that "10x normal" can be asked.

Each hour gives its median. A slot keeps those of its last weeks, so neither a bad hour nor a bad week decides; what is
far from normal, or was read while its check fires, counts only as far as is believable: an incident must not become
normal, and what stays for weeks does. In the first week the same hour of other days stands in, at the level of the last
hours. Before that nothing is known, and that is said.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

HOURS = 168
"""Hours of a week: as many slots there are."""

WEEKS = 5
"""So many weeks of a slot are kept."""

_DAY = 24
_SAMPLE = 40
"""So many readings of the present hour are kept; with more, every second one."""

_BELIEVABLE = 3.0
"""An hour counts for so many times normal at most, and for that part of it at least."""

_OWN_WEIGHT, _OTHER_DAYS = 5, 2
"""A week of the very hour weighs more than the same hour of another day; so many other days are needed at least."""

_LEVEL_HOURS, _MOST_LEVEL = 6, 4.0
_SCATTERS, _ENOUGH = 24, 5
_NORMAL_SCATTER = 1.4826
"""The median deviation of normal noise, times this, is its standard deviation."""


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned of one value. `zone` is whose days and weeks these are.

    `weeks` holds the medians of each hour of the week, oldest first. `hour` is the one under way, counted from the year
    1; `sample` are readings of it, each `stride`-th, `skipped` since the last. `recent` are the last hours with their
    medians, `scatter` how far readings of an hour lay from its median, as a share.
    """

    zone: str = "UTC"
    weeks: tuple[tuple[float, ...], ...] = ((),) * HOURS
    hour: int = 0
    sample: tuple[float, ...] = ()
    stride: int = 1
    skipped: int = 0
    recent: tuple[tuple[int, float], ...] = ()
    scatter: tuple[float, ...] = ()

    @property
    def spread(self) -> float:
        """Give how far a usual reading lies from normal, as a share of it."""
        return _median(self.scatter) if self.scatter else 0.0


class _Hour(NamedTuple):
    """An hour of somebody's clock, counted from the year 1, and how far it has gone (0..1)."""

    number: int
    gone: float


def learned(baseline: Baseline, value: float, at: datetime, *, firing: bool = False) -> Baseline:
    """Give the baseline after one more value; `firing`: its check says that this is not normal."""
    hour = _hour(baseline.zone, at).number
    if hour > baseline.hour or baseline.hour - hour > 2:  # noqa: PLR2004 - a clock that goes back a little stays in its hour
        baseline = msgspec.structs.replace(_closed(baseline), hour=hour, sample=(), stride=1, skipped=0)
    if firing:
        usual = _usual(baseline, hour)
        if usual is None:
            return baseline
        value = _believable(value, usual)
    if baseline.skipped + 1 < baseline.stride:
        return msgspec.structs.replace(baseline, skipped=baseline.skipped + 1)
    sample, stride = (*baseline.sample, _rounded(value)), baseline.stride
    if len(sample) > _SAMPLE:
        sample, stride = sample[::2], stride * 2
    return msgspec.structs.replace(baseline, sample=sample, stride=stride, skipped=0)


def normal(baseline: Baseline, at: datetime) -> float | None:
    """Give what is normal at an instant; None while that is not known, or is nothing, of which there are no multiples.

    Between the middles of two hours it goes from one to the other.
    """
    hour, gone = _hour(baseline.zone, at)
    here = _usual(baseline, hour)
    beside = _usual(baseline, hour + (1 if gone >= 0.5 else -1))  # noqa: PLR2004 - the middle of the hour
    if here is None or here <= 0:
        return None  # nor is a multiple of next to nothing known, where only the hour beside has something
    return here if beside is None else here + abs(gone - 0.5) * (beside - here)


def _closed(baseline: Baseline) -> Baseline:
    """Give the baseline with the hour under way put into its slot."""
    if not baseline.sample:
        return baseline
    middle, hour = _median(baseline.sample), baseline.hour
    usual = _usual(baseline, hour)
    kept = middle if usual is None or not baseline.weeks[hour % HOURS] else _believable(middle, usual)
    slot = (*baseline.weeks[hour % HOURS], _rounded(kept))[-WEEKS:]
    weeks = (*baseline.weeks[: hour % HOURS], slot, *baseline.weeks[hour % HOURS + 1 :])
    scatter = baseline.scatter
    if len(baseline.sample) >= _ENOUGH and middle > 0:
        off = _NORMAL_SCATTER * _median(abs(value - middle) for value in baseline.sample) / middle
        scatter = (*scatter, _rounded(off))[-_SCATTERS:]
    recent = (*baseline.recent, (hour, _rounded(middle)))[-_LEVEL_HOURS:]
    return msgspec.structs.replace(baseline, weeks=weeks, recent=recent, scatter=scatter)


def _usual(baseline: Baseline, hour: int) -> float | None:
    """Give what an hour usually has, or None while too little is known of it."""
    own, others = baseline.weeks[hour % HOURS], _other_days(baseline, hour)
    if own and len(own) + len(others) >= _OTHER_DAYS:
        return _weighted((*((value, _OWN_WEIGHT) for value in own), *((value, 1) for value in others)))
    if len(others) < _OTHER_DAYS:
        return None
    return _median(others) * _level(baseline, hour)


def _other_days(baseline: Baseline, hour: int) -> list[float]:
    """Give what the same hour had on each other day of the week that is known."""
    slots = (baseline.weeks[(hour + day * _DAY) % HOURS] for day in range(1, HOURS // _DAY))
    return [slot[0] if len(slot) == 1 else _median(slot) for slot in slots if slot]


def _level(baseline: Baseline, hour: int) -> float:
    """Give how the last hours were against the same hours of other days: a weekend has less of everything."""
    found = []
    for number, had in baseline.recent:
        others = _other_days(baseline, number) if 0 <= hour - number <= 2 * _LEVEL_HOURS else []
        usual = _median(others) if len(others) >= _OTHER_DAYS else 0.0
        if usual > 0:
            found.append(had / usual)
    return min(max(_median(found), 1 / _MOST_LEVEL), _MOST_LEVEL) if found else 1.0


def _weighted(values: Sequence[tuple[float, int]]) -> float:
    """Give the value in the middle, each counted as often as it weighs."""
    ordered, half, passed = sorted(values), sum(weight for _, weight in values) / 2, 0
    for place, (value, weight) in enumerate(ordered):
        passed += weight
        if passed == half:
            return (value + ordered[place + 1][0]) / 2
        if passed > half:
            return value
    raise ValueError("the middle of nothing")


def _median(values: Iterable[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _believable(value: float, usual: float) -> float:
    return min(max(value, usual / _BELIEVABLE), usual * _BELIEVABLE) if usual > 0 else value


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _hour(zone: str, at: datetime) -> _Hour:
    local = at.astimezone(_zone(zone))
    return _Hour(local.toordinal() * _DAY + local.hour, (local.minute * 60 + local.second) / 3600)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
