"""Units of thresholds and metrics, so that 1 % of the document and 0.01 of a metric mean the same."""

from tocsin.runbook.policy import Threshold

TIMES = "x"
"""The unit of what is compared with itself at a usual time: "10x normal"."""

_SIZES: dict[str, tuple[str, float]] = {
    "%": ("share", 1), "percent": ("share", 1), "ratio": ("share", 100), "share": ("share", 100),
    "ms": ("time", 0.001), "s": ("time", 1), "min": ("time", 60), "h": ("time", 3600),
    "b": ("bytes", 1), "bytes": ("bytes", 1), "kb": ("bytes", 1e3), "mb": ("bytes", 1e6), "gb": ("bytes", 1e9),
    "tb": ("bytes", 1e12), "kib": ("bytes", 2**10), "mib": ("bytes", 2**20), "gib": ("bytes", 2**30),
    "tib": ("bytes", 2**40), "/s": ("rate", 1), "/min": ("rate", 1 / 60), "/h": ("rate", 1 / 3600),
    "/d": ("rate", 1 / 86400), "": ("count", 1),
    **{f"{name}bps": ("rate", size / 8) for name, size in (("k", 1e3), ("m", 1e6), ("g", 1e9), ("t", 1e12))},
    **{f"{name}b/s": ("rate", size) for name, size in (("k", 1e3), ("m", 1e6), ("g", 1e9), ("t", 1e12))},
}  # fmt: skip
_SAME = {
    "seconds": "s", "second": "s", "sec": "s", "milliseconds": "ms", "minutes": "min", "minute": "min", "m": "min",
    "hours": "h", "hour": "h", "req/s": "/s", "requests/s": "/s", "rps": "/s", "qps": "/s", "req/min": "/min",
    "requests/min": "/min", "rpm": "/min", "reqs/s": "/s", "per-s": "/s", "count": "",
}  # fmt: skip
FULL, NEARLY_FULL = 100, 95
"""A gauge that is full seldom reads exactly that; triage reads alerts in the same way."""


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


def means_full(threshold: Threshold) -> bool:
    """Give whether a threshold is "at 100%", which is met from `NEARLY_FULL` on."""
    return threshold.unit == "%" and threshold.op in {">", ">=", "=="} and threshold.value == FULL


def told(value: float, unit: str) -> str:
    """Give a measured value for people: "2.4 s", "350 ms", "3.2%", "1.5 GB", "120/s", "yes"."""
    if _name(unit) == "yes":
        return "yes" if value else "no"
    kind, size = _SIZES.get(_name(unit), ("", 1.0))
    if kind == "share":
        return f"{_short(value * size)}%"
    if kind == "rate":
        return f"{_short(value * size)}/s"
    if kind in _STEPS:
        base = value * size
        step = next((one for one in _STEPS[kind] if abs(base) >= one[0]), _STEPS[kind][-1])
        return f"{_short(base / step[0])} {step[1]}"
    return _short(value) if kind == "count" else f"{_short(value)} {unit}".rstrip()


_STEPS = {
    "time": ((172_800, "days"), (7200, "h"), (120, "min"), (1, "s"), (0.001, "ms")),
    "bytes": ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")),
}  # fmt: skip
_WHOLE = 1000


def _short(value: float) -> str:
    """Give a number with three telling digits, and all of it where it is larger."""
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.3g}"


def _name(unit: str) -> str:
    folded = unit.casefold()
    return _SAME.get(folded, folded)
