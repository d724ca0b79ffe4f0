"""Units of thresholds and metrics, so that 1 % of the document and 0.01 of a metric mean the same."""

from tocsin.runbook.policy import Threshold

TIMES = "x"
"""The unit of what is compared with itself at a usual time: "10x normal"."""

_SIZES: dict[str, tuple[str, float]] = {
    "%": ("share", 1), "percent": ("share", 1), "ratio": ("share", 100),
    "ms": ("time", 0.001), "s": ("time", 1), "min": ("time", 60), "h": ("time", 3600),
    "b": ("bytes", 1), "bytes": ("bytes", 1), "kb": ("bytes", 1e3), "mb": ("bytes", 1e6), "gb": ("bytes", 1e9),
    "tb": ("bytes", 1e12), "kib": ("bytes", 2**10), "mib": ("bytes", 2**20), "gib": ("bytes", 2**30),
    "tib": ("bytes", 2**40), "/s": ("rate", 1), "/min": ("rate", 1 / 60), "": ("count", 1),
}  # fmt: skip
_SAME = {
    "seconds": "s", "second": "s", "sec": "s", "milliseconds": "ms", "minutes": "min", "minute": "min", "m": "min",
    "hours": "h", "hour": "h", "req/s": "/s", "requests/s": "/s", "rps": "/s", "qps": "/s", "req/min": "/min",
    "requests/min": "/min", "rpm": "/min", "reqs/s": "/s",
}  # fmt: skip


def dimension(unit: str) -> str | None:
    """Give what a unit measures (share, time, bytes, rate, count), or None for one that is not known."""
    return _SIZES[_name(unit)][0] if _name(unit) in _SIZES else None


def limit_in(threshold: Threshold, unit: str) -> float | None:
    """Give the value of a threshold in another unit, or None where they do not compare."""
    if _name(threshold.unit) == _name(unit):
        return threshold.value
    mine, theirs = _SIZES.get(_name(threshold.unit)), _SIZES.get(_name(unit))
    if mine is None or theirs is None or mine[0] != theirs[0]:
        return None
    return threshold.value * mine[1] / theirs[1]


def _name(unit: str) -> str:
    folded = unit.casefold()
    return _SAME.get(folded, folded)
