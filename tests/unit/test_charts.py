"""Readings as a small chart, and the same in words."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tocsin.detection.thresholds import Limit, Standing
from tocsin.engine.series import Point
from tocsin.web.charts import HEIGHT, WIDTH, chart
from tocsin.web.times import times

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SECOND = Limit(measure="latency", unit="s", value=1.0)


def points(*values: float, normal: float | None = None) -> tuple[Point, ...]:
    step = timedelta(minutes=1)
    return tuple(Point(NOW - (len(values) - n) * step, value, normal) for n, value in enumerate(values))


def test_the_parts_past_the_limit_are_drawn_again_each_from_the_point_before() -> None:
    drawn = chart(SECOND, Standing(bound=1.0, last=2.0), points(0.5, 2, 2, 0.5, 0.5, 2), times("UTC", NOW))
    assert drawn is not None
    assert drawn.beyond.count("M") == 2
    assert drawn.line.count("L") == 5
    assert drawn.bad
    assert drawn.words == "The last 6 min: between 500 ms and 2 s, now 2 s; limit 1 s"


def test_what_is_higher_is_drawn_higher_and_the_limit_where_it_is() -> None:
    drawn = chart(SECOND, Standing(bound=1.0, last=0.5), points(0.0, 1.0), times("UTC", NOW))
    assert drawn is not None
    assert drawn.line.startswith("M3 37L")
    assert drawn.end[1] == drawn.limit
    assert not drawn.bad


def test_of_multiples_what_is_normal_is_drawn_and_each_point_held_against_its_own() -> None:
    ten = Limit(measure="requests", unit="per-s", times=10)
    low = tuple(Point(one.at, one.value, 10.0) for one in points(50.0, 150.0))
    high = tuple(Point(one.at + timedelta(minutes=9), one.value, 100.0) for one in points(150.0, 150.0))
    drawn = chart(ten, Standing(bound=1000.0, normal=100.0, last=150.0), (*low, *high), times("UTC", NOW))
    assert drawn is not None
    assert drawn.usual.count("L") == 3
    assert drawn.beyond.count("M") == 1
    assert not drawn.bad
    assert drawn.words.endswith("now 150/s; 1.5x normal, 100/s; limit 10x")


def test_one_reading_is_no_chart() -> None:
    assert chart(SECOND, Standing(), points(1.0), times("UTC", NOW)) is None


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=120),
    st.none() | st.floats(-1e9, 1e9),
    st.none() | st.floats(0, 1e9),
)
def test_whatever_was_measured_it_stays_in_the_frame(
    values: list[float], bound: float | None, normal: float | None
) -> None:
    shown = chart(SECOND, Standing(bound=bound, last=values[-1]), points(*values, normal=normal), times("UTC", NOW))
    assert shown is not None
    x, y = shown.end
    assert 0 <= x <= WIDTH
    assert 0 <= y <= HEIGHT
    assert shown.limit is None or 0 <= shown.limit <= HEIGHT
