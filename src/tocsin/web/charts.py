"""Readings as a small chart: a line, its limit dashed, what is normal as a soft band, and what is beyond in red.

Everything is an attribute of the drawing, so no style stands in a page. What it shows is said in words too.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from tocsin.detection.thresholds import Limit, Standing
from tocsin.detection.watched import compared, unit_of
from tocsin.engine.series import Point
from tocsin.runbook.units import told
from tocsin.web.times import Times, lasting

WIDTH, HEIGHT = 240, 40
_EDGE = 3
_HEADROOM = 1.15


class Chart(NamedTuple):
    """A chart: paths of a drawing of `WIDTH` by `HEIGHT`, and the same in words.

    `line` is what was compared, `beyond` the parts of it past the limit, `usual` what was normal; "" for none. `limit`
    is the height of the limit, None while it is not known, and of a yes or no. `end` is the latest point.
    """

    line: str
    beyond: str
    usual: str
    limit: float | None
    end: tuple[float, float]
    bad: bool
    words: str


def chart(limit: Limit, standing: Standing, points: Sequence[Point], times: Times) -> Chart | None:
    """Give the chart of a check, or None where fewer than two readings are known."""
    if len(points) < 2:  # noqa: PLR2004 - one point is no line
        return None
    plane = _Plane(points, standing.bound)
    bad = [_is_beyond(limit, standing, point) for point in points]
    return Chart(
        line=_path(plane.place(point.at, point.value) for point in points),
        beyond="".join(_path(plane.place(points[n].at, points[n].value) for n in run) for run in _runs(bad)),
        usual=_path(plane.place(point.at, point.normal) for point in points if point.normal is not None),
        limit=plane.height(standing.bound) if standing.bound is not None and limit.unit != "yes" else None,
        end=plane.place(points[-1].at, points[-1].value),
        bad=bad[-1],
        words=_words(limit, standing, points, times),
    )


class _Plane:
    """Where instants and values lie in the drawing. The ground is nought, unless something is below it."""

    def __init__(self, points: Sequence[Point], bound: float | None) -> None:
        values = [point.value for point in points] + [point.normal for point in points if point.normal is not None]
        values += [bound] if bound is not None else []
        self._low = min(0.0, *values)
        self._span = (max(0.0, *values) - self._low) * _HEADROOM or 1.0
        self._began = points[0].at
        self._seconds = (points[-1].at - points[0].at).total_seconds() or 1.0

    def place(self, at: datetime, value: float) -> tuple[float, float]:
        """Give the place of a value at an instant."""
        gone = (at - self._began).total_seconds() / self._seconds
        return round(_EDGE + gone * (WIDTH - 2 * _EDGE), 1), self.height(value)

    def height(self, value: float) -> float:
        """Give how far below the top a value lies."""
        return round(HEIGHT - _EDGE - (value - self._low) / self._span * (HEIGHT - 2 * _EDGE), 1)


def _path(places: Iterable[tuple[float, float]]) -> str:
    return "".join(f"{'L' if n else 'M'}{x:g} {y:g}" for n, (x, y) in enumerate(places))


def _runs(bad: Sequence[bool]) -> Iterator[range]:
    """Give the parts of the line past the limit, each from the point before it."""
    begin: int | None = None
    for place, beyond in enumerate([*bad, False]):
        if beyond and begin is None:
            begin = max(place - 1, 0)
        elif not beyond and begin is not None:
            yield range(begin, place)
            begin = None


def _is_beyond(limit: Limit, standing: Standing, point: Point) -> bool:
    """Give whether a value was past the limit; a multiple is one of what was normal then."""
    bound = standing.bound
    if limit.times is not None and point.normal and standing.normal and bound is not None:
        bound = bound / standing.normal * point.normal
    if bound is None:
        return False
    if limit.op in ("<", "<="):
        return point.value < bound or (limit.op == "<=" and point.value == bound)
    return point.value > bound or (limit.op in (">=", "==") and point.value == bound)


def _words(limit: Limit, standing: Standing, points: Sequence[Point], times: Times) -> str:
    unit = unit_of(limit)
    values = [point.value for point in points]
    since = lasting(times.now - points[0].at)
    low, high, now = (told(value, unit) for value in (min(values), max(values), values[-1]))
    against = "" if unit == "yes" else f"; {compared(limit, standing)}"
    return f"The last {since}: between {low} and {high}, now {now}{against}"
