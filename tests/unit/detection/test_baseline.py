"""What is normal: learned by the hour of the week, and not from what is out of the ordinary."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tocsin.detection.baseline import Baseline, learned, normal

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def week_of(at: datetime) -> float:
    """Give a shape: busy by day, quiet by night, half of it at weekends."""
    by_day = 100.0 if 8 <= at.hour < 20 else 20.0
    return by_day / (2 if at.weekday() >= 5 else 1)


def fed(
    baseline: Baseline,
    begins: datetime,
    ends: datetime,
    shape: Callable[[datetime], float] = week_of,
    *,
    firing: bool = False,
) -> Baseline:
    at = begins
    while at < ends:
        baseline = learned(baseline, shape(at), at, firing=firing)
        at += HOUR / 6
    return baseline


def test_nothing_is_known_on_the_first_day() -> None:
    known = fed(Baseline(), MONDAY, MONDAY + DAY)
    assert normal(known, MONDAY + DAY + 12 * HOUR) is None


def test_after_two_days_the_same_hour_of_other_days_stands_in() -> None:
    known = fed(Baseline(), MONDAY, MONDAY + 2 * DAY + HOUR)
    assert normal(known, MONDAY + 2 * DAY + 12.5 * HOUR) == 100
    assert normal(known, MONDAY + 2 * DAY + 3.5 * HOUR) == 20


def test_of_nothing_there_is_no_multiple_nor_of_next_to_nothing_beside_it() -> None:
    known = fed(Baseline(), MONDAY, MONDAY + WEEK, lambda at: 60.0 if at.hour >= 4 else 0.0)
    assert normal(known, MONDAY + WEEK + 2.5 * HOUR) is None
    assert normal(known, MONDAY + WEEK + 3.9 * HOUR) is None
    assert normal(known, MONDAY + WEEK + 4.5 * HOUR) == 60


def test_on_the_first_weekend_the_level_of_the_last_hours_counts() -> None:
    saturday = MONDAY + 5 * DAY
    known = fed(Baseline(), MONDAY, saturday + 10 * HOUR)
    assert normal(known, saturday + 12.5 * HOUR) == 50


def test_after_a_week_each_hour_of_the_week_has_its_own() -> None:
    known = fed(Baseline(), MONDAY, MONDAY + WEEK)
    for hours in (3.5, 12.5, 5 * 24 + 12.5, 6 * 24 + 3.5):
        at = MONDAY + WEEK + hours * HOUR
        assert normal(known, at) == week_of(at)


def test_between_two_hours_it_goes_from_one_to_the_other() -> None:
    known = fed(Baseline(), MONDAY, MONDAY + WEEK)
    assert normal(known, MONDAY + WEEK + 8 * HOUR) == 60


def test_an_incident_of_a_whole_day_is_not_normal_a_week_later() -> None:
    day = (MONDAY + 2 * DAY, MONDAY + 3 * DAY)
    known = fed(Baseline(), MONDAY, MONDAY + WEEK, lambda at: week_of(at) * (50 if day[0] <= at < day[1] else 1))
    assert normal(known, day[0] + WEEK + 12.5 * HOUR) == 100


def test_what_is_read_while_it_fires_teaches_little() -> None:
    known = fed(Baseline(), MONDAY, MONDAY + WEEK)
    attacked = fed(known, MONDAY + WEEK, MONDAY + WEEK + DAY, lambda at: week_of(at) * 50, firing=True)
    assert (normal(attacked, MONDAY + 2 * WEEK + 12.5 * HOUR) or 0) <= 200


def test_what_stays_for_weeks_becomes_normal() -> None:
    known = fed(Baseline(), MONDAY, MONDAY + WEEK)
    known = fed(known, MONDAY + WEEK, MONDAY + 5 * WEEK, lambda at: week_of(at) * 2.5)
    assert normal(known, MONDAY + 5 * WEEK + 12.5 * HOUR) == 250


def test_weeks_without_readings_leave_it_as_it_was() -> None:
    known = fed(Baseline(), MONDAY, MONDAY + WEEK)
    known = fed(known, MONDAY + 9 * WEEK, MONDAY + 9 * WEEK + HOUR)
    assert normal(known, MONDAY + 9 * WEEK + 12.5 * HOUR) == 100


def test_hours_are_those_of_its_zone_on_both_sides_of_the_change_of_clocks() -> None:
    begins, change = datetime(2026, 3, 16, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)
    berlin = timedelta(hours=1)
    known = fed(Baseline(zone="Europe/Berlin"), begins, change, lambda at: week_of(at + berlin))
    monday = datetime(2026, 3, 30, tzinfo=UTC)
    assert normal(known, monday + 6.5 * HOUR) == 100  # half past eight in Berlin now
    assert normal(known, monday + 5.5 * HOUR) == 20


def test_a_clock_that_was_far_ahead_does_not_stop_the_learning() -> None:
    known = learned(Baseline(), 7.0, MONDAY + 3000 * DAY)
    known = fed(known, MONDAY, MONDAY + WEEK)
    assert normal(known, MONDAY + WEEK + 12.5 * HOUR) == 100


def test_of_nothing_there_are_no_multiples() -> None:
    known = fed(Baseline(), MONDAY, MONDAY + WEEK, lambda _: 0.0)
    assert normal(known, MONDAY + WEEK) is None


def test_it_knows_how_far_usual_readings_lie_from_normal() -> None:
    known = fed(Baseline(), MONDAY, MONDAY + WEEK, lambda at: 100 + (at.minute - 25) * 0.8)
    assert 0.1 < known.spread < 0.3


@given(st.lists(st.tuples(st.floats(-1e12, 1e12), st.integers(-400, 4000)), max_size=80))
def test_whatever_comes_whenever_it_stays_small_and_gives_a_number_or_says_that_it_does_not_know(
    told: list[tuple[float, int]],
) -> None:
    known = Baseline()
    for value, hours in told:
        known = learned(known, value, MONDAY + hours * HOUR, firing=hours % 3 == 0)
    found = normal(known, MONDAY)
    assert found is None or found > 0
    assert len(msgspec.json.encode(known)) < 16 * 1024
    assert msgspec.json.decode(msgspec.json.encode(known), type=Baseline) == known


def test_after_many_weeks_at_six_readings_a_minute_it_is_still_small() -> None:
    known = Baseline()
    for week in range(8):
        for hour in range(168):
            for second in range(0, 3600, 450):
                known = learned(
                    known, 123456.789 + second, MONDAY + week * WEEK + hour * HOUR + timedelta(seconds=second)
                )
    assert len(msgspec.json.encode(known)) < 16 * 1024
