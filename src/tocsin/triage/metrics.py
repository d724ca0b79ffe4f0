"""Metrics as monitors print them: `ntp_offset_seconds{device="bed-22"} 0.012`, `a_total = 1.8e+06`."""

import re
from itertools import islice

from tocsin.runbook.comparisons import RATES, SPANS
from tocsin.runbook.notation import english

MOST = 20
# A name of several words joined by "_" or ":" or by capitals, its labels,
# and a value; behind "<" or ">" stands a limit, no value.
_METRIC = re.compile(
    r"(?<![\w.:/-])(?P<name>(?:[A-Za-z]|[1-5]xx)[A-Za-z0-9]*(?:[_:][A-Za-z0-9]+)+|[A-Z]+[a-z]+(?:[A-Z][a-z]+)+|[A-Z]{2,}[a-z]+)(?![A-Za-z0-9])"
    r"(?:\{[^{}]{0,300}\})?(?:\[\w{1,20}\])?[\s)]{0,8}"
    r"(?:p\d{2,3}\s{0,4})?(?:==?|:|is|was at|is at|at)?\s{0,4}(?P<value>-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?)"
    r"(?P<unit>\s?(?:%|ms|s))?(?![\w.:/%-]|,\d|\s?[KMGT]i?B\b)"
)
_BETWEEN = re.compile(r"[_:. -]")
# The last words of a name say in what it counts, as Prometheus asks for.
_UNITS = {
    "seconds": "s", "milliseconds": "ms", "ms": "ms", "percent": "%", "percentage": "%", "pct": "%", "ratio": "ratio",
    "minutes": "min", "hours": "h", "days": "d",
} | RATES  # fmt: skip


def metrics(text: str) -> dict[str, str]:
    """Give the values of the metrics a text names, as it would say them in a detail: "0.012", "93 %"."""
    found = islice(_METRIC.finditer(english(text)), MOST)
    said: dict[str, str] = {}
    for one in found:
        # What is said of it again may be what it usually is.
        said.setdefault(one["name"].lower(), f"{float(one['value']):.15g}{(one['unit'] or '').strip()}")
    return said


def unit_of(name: str) -> str:
    """Give the unit that a metric's name ends in: "s", "ms", "%", "/min", "ratio" for a share of 0..1, or ""."""
    parts = [part for part in _BETWEEN.split(name.lower()) if part not in ("total", "avg", "max", "min", "value")]
    if not parts:
        return ""
    if parts[-2:-1] == ["per"] and parts[-1] in SPANS:
        return SPANS[parts[-1]]
    return _UNITS.get(parts[-1], "")
