"""The text that programs expose for Prometheus: only the lines that are asked for are read.

Source: the exposition formats of Prometheus (text 0.0.4) and OpenMetrics.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tocsin.probes.series import unescaped

_TEXT = r'"(?:[^"\\\n]|\\.)*"'
_LABEL = re.compile(rf"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*({_TEXT})\s*,?")


class Sample(NamedTuple):
    """One line."""

    labels: dict[str, str]
    value: float


class Lines:
    """Finds the samples of some metrics in an exposition, whatever else is in it."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names, as they stand at the beginning of a line."""
        wanted = "|".join(sorted(map(re.escape, set(names)), key=len, reverse=True))
        self._line = re.compile(
            rf"^({wanted})[ \t]*(?:\{{((?:[^\"{{}}\n]++|{_TEXT})*+)\}})?[ \t]+([^\s#]+)(?=[ \t\r\n]|\Z)", re.MULTILINE
        )

    def samples(self, text: str) -> dict[str, list[Sample]]:
        """Give the samples by name. A line that cannot be read is none."""
        found: dict[str, list[Sample]] = {}
        for line in self._line.finditer(text):
            try:
                sample = Sample(dict(_labels(line[2] or "")), float(line[3].replace("_", "?")))
            except ValueError:
                continue
            found.setdefault(line[1], []).append(sample)
        return found


def _labels(inside: str) -> Iterator[tuple[str, str]]:
    for found in _LABEL.finditer(inside):
        yield found[1], unescaped(found[2][1:-1])


def quantile(share: float, grown: Mapping[float, float]) -> float | None:
    """Give the quantile of a histogram by what its buckets (by upper bound) counted; None when that was nothing.

    In between two bounds it is taken as even; above the highest bound there is, that bound is given.
    Source: `histogram_quantile` of Prometheus.
    """
    bounds = sorted(grown)
    if len(bounds) < 2 or bounds[-1] != float("inf") or grown[bounds[-1]] <= 0:  # noqa: PLR2004  one bucket says nothing
        return None
    rank, below, under = share * grown[bounds[-1]], 0.0, 0.0
    for bound in bounds:
        count = max(grown[bound], under)
        if count >= rank:
            if bound == bounds[-1]:
                return bounds[-2]
            low = below if bound > 0 or below else min(0.0, bound)
            return low + (bound - low) * ((rank - under) / (count - under) if count > under else 1.0)
        below, under = bound, count
    return None
