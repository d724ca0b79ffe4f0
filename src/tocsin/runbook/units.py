"""Units of thresholds and metrics, so that 1 % of the document and 0.01 of a metric mean the same."""

from collections.abc import Mapping

from tocsin.runbook.comparisons import SECONDS_OF, UNITS
from tocsin.runbook.policy import Threshold

TIMES = "x"
"""The unit of what is compared with itself at a usual time: "10x normal"."""

_PREFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}
_BYTES = {"bytes": 1.0} | {f"{name}b": size for name, size in _PREFIXES.items()} | {
    f"{name}ib": 1024.0**power for power, name in enumerate("kmgt", 1)
}  # fmt: skip
_BITS = {f"{name}bit": size / 8 for name, size in _PREFIXES.items()}
FLOWS: dict[str, float] = {f"{name}bps": size / 8 for name, size in _PREFIXES.items()} | {
    f"{name}{by}": size / seconds for name, size in (_BYTES | _BITS).items() for by, seconds in SECONDS_OF.items()
}  # fmt: skip
"""Units of bytes and bits by time, in small letters, in bytes each second."""

_SIZES: dict[str, tuple[str, float]] = {
    "%": ("share", 1), "ratio": ("share", 100), "share": ("share", 100), "": ("count", 1), "count": ("count", 1),
    "ms": ("time", 0.001), "s": ("time", 1), "min": ("time", 60), "h": ("time", 3600), "d": ("time", 86_400),
    "w": ("time", 604_800),
    **{name: ("bytes", size) for name, size in _BYTES.items()},
    **{by: ("rate", 1 / seconds) for by, seconds in SECONDS_OF.items()},
    **{name: ("rate", size) for name, size in FLOWS.items()},
}  # fmt: skip
_SAME = UNITS | {
    "m": "min", "req/s": "/s", "reqs/s": "/s", "requests/s": "/s", "rps": "/s", "qps": "/s", "per-s": "/s",
    "req/min": "/min", "requests/min": "/min", "rpm": "/min",
}  # fmt: skip
FULL, NEARLY_FULL = 100, 95
"""A gauge that is full seldom reads exactly that; triage reads alerts in the same way."""


def dimension(unit: str) -> str | None:
    """Give what a unit measures (share, time, bytes, rate, count), or None for one that is not known."""
    return _SIZES[_name(unit)][0] if _name(unit) in _SIZES else None


def sizes(kind: str) -> Mapping[str, float]:
    """Give the units that measure one thing, in small letters, with their sizes in the smallest of them or alike."""
    return {name: size for name, (measured, size) in _SIZES.items() if measured == kind}


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
        return f"{_short(base / step[1])} {step[2]}"
    return _short(value) if kind == "count" else f"{_short(value)} {unit}".rstrip()


# From where on a unit is told, and its size: two minutes and more are minutes, less are seconds.
_STEPS = {
    "time": (
        (2 * 86_400, 86_400, "days"), (2 * 3600, 3600, "h"), (2 * 60, 60, "min"), (1, 1, "s"), (0.001, 0.001, "ms")
    ),
    "bytes": ((1e12, 1e12, "TB"), (1e9, 1e9, "GB"), (1e6, 1e6, "MB"), (1e3, 1e3, "kB"), (1, 1, "B")),
}  # fmt: skip
_WHOLE = 1000


def _short(value: float) -> str:
    """Give a number with three telling digits, and all of it where it is larger."""
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.3g}"


def _name(unit: str) -> str:
    """Give the one name of a unit."""
    folded = unit.casefold()
    return _SAME.get(folded, folded)
