"""When a check fires and when it is over, one reading after the other."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tocsin.detection.baseline import Baseline, learned
from tocsin.detection.reading import Reading
from tocsin.detection.thresholds import MOST_KEPT, Limit, Standing, judged, unknown

BEGAN = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
EVERY = 15 * SECOND
SLOW = Limit(measure="latency", unit="s", op=">", value=1.0, every=EVERY)


def read(value: float, at: datetime, measure: str = "latency") -> Reading:
    return Reading(at=at, values={measure: value})


def after(limit: Limit, values: Iterable[float], baseline: Baseline | None = None, began: datetime = BEGAN) -> Standing:
    standing = Standing()
    for place, value in enumerate(values):
        standing = judged(limit, standing, read(value, began + place * limit.every, limit.measure), baseline)
    return standing


def flips(limit: Limit, values: Iterable[float]) -> list[tuple[int, bool]]:
    """Give the places at which it fired or was over."""
    standing, found = Standing(), []
    for place, value in enumerate(values):
        new = judged(limit, standing, read(value, BEGAN + place * limit.every), None)
        if new.alerting != standing.alerting:
            found.append((place, new.alerting))
        standing = new
    return found


def with_(**changes: object) -> Limit:
    return msgspec.structs.replace(SLOW, **changes)


# -- firing


def test_it_fires_with_the_second_bad_reading_in_a_row_and_is_over_with_the_second_good_one() -> None:
    assert flips(SLOW, [0.2, 2, 2, 2, 0.2, 0.2, 0.2]) == [(2, True), (5, False)]


def test_one_bad_reading_fires_nothing_where_two_are_wanted_and_does_where_one_is() -> None:
    assert flips(SLOW, [0.2, 2, 0.2, 0.2, 0.2, 0.2, 2, 0.2]) == []
    assert flips(with_(in_a_row=1), [0.2, 2]) == [(1, True)]


def test_it_has_to_hold_for_as_long_as_is_wanted() -> None:
    assert flips(with_(for_=MINUTE), [2] * 6) == [(4, True)]
    assert flips(with_(for_=MINUTE), [2, 2, 2, 2, 0.1, 2, 2, 2]) == []


def test_what_is_good_and_bad_by_turns_fires_though_nothing_is_in_a_row() -> None:
    assert flips(SLOW, [2, 0.1] * 5)[0] == (6, True)


@pytest.mark.parametrize(
    ("op", "bad", "good"),
    [(">", 1.1, 1.0), (">=", 1.0, 0.9), ("<", 0.9, 1.0), ("<=", 1.0, 1.1), ("==", 1.0, 0.0)],
)
def test_each_comparison(op: str, bad: float, good: float) -> None:
    assert flips(with_(op=op), [good, bad, bad, good, good]) == [(2, True), (4, False)]


# -- over


def test_with_a_value_of_its_own_for_recovery_it_does_not_flutter_around_the_limit() -> None:
    values = [2, 2, 0.9, 0.9, 1.1, 0.9, 0.5, 0.5]
    assert flips(SLOW, values)[1] == (3, False)
    assert flips(with_(recovers=0.5), values) == [(1, True), (7, False)]


def test_it_stays_until_it_has_been_good_for_as_long_as_is_wanted() -> None:
    assert flips(with_(recovers_for=MINUTE), [2, 2, 0.1, 0.1, 0.1, 0.1, 0.1]) == [(1, True), (6, False)]


def test_what_was_over_three_times_in_ten_minutes_is_held_until_it_is_good_for_ten() -> None:
    found = flips(SLOW, [2, 2, 0.1, 0.1] * 30 + [0.1] * 60)
    fired = [place for place, alerting in found if alerting]
    assert len(fired) == 4
    assert found[-1] == (30 * 4 - 2 + 40, False)


@settings(max_examples=30)
@given(st.lists(st.booleans(), min_size=200, max_size=200))
def test_whatever_comes_and_goes_it_fires_at_most_four_times_in_ten_minutes(bad: list[bool]) -> None:
    fired = [place for place, alerting in flips(SLOW, [2.0 if one else 0.1 for one in bad]) if alerting]
    assert all(last - first > 40 for first, last in zip(fired, fired[4:], strict=False))


# -- what it knows


def test_a_reading_without_the_value_or_with_none_that_is_a_number_says_nothing() -> None:
    before = after(SLOW, [0.2, 2])
    for values in ({}, {"latency": float("nan")}, {"latency": float("inf")}, {"up": 0.0}):
        assert judged(SLOW, before, Reading(at=BEGAN + MINUTE, values=values)) == before


def test_after_a_gap_nothing_is_in_a_row() -> None:
    before = after(SLOW, [0.2, 2])
    assert judged(SLOW, before, read(2, BEGAN + 30 * SECOND)).alerting
    assert not judged(SLOW, before, read(2, BEGAN + 3 * HOUR)).alerting


def test_a_clock_that_goes_back_leaves_it_as_it_stands_and_it_goes_on_from_there() -> None:
    standing, earlier = after(with_(window=MINUTE, take="mean"), [2] * 9), BEGAN - HOUR
    for place in range(3):
        standing = judged(with_(window=MINUTE, take="mean"), standing, read(0.1, earlier + place * EVERY))
    assert standing.kept[0][0] == earlier
    assert not standing.alerting


def test_while_the_probe_cannot_look_nothing_is_known_and_the_alert_goes_on() -> None:
    blind = unknown(after(SLOW, [2, 2]), BEGAN + HOUR)
    assert (blind.state, blind.alerting) == ("unknown", True)
    seen = judged(SLOW, blind, read(0.1, BEGAN + HOUR + EVERY))
    assert seen.state == "firing"
    over = judged(SLOW, seen, read(0.1, BEGAN + HOUR + 2 * EVERY))
    assert (over.state, over.alerting) == ("ok", False)


def test_it_is_unknown_until_the_first_good_or_enough_bad_readings() -> None:
    assert after(SLOW, []).state == "unknown"
    assert after(SLOW, [2]).state == "unknown"
    assert after(SLOW, [0.1, 2]).state == "ok"


# -- windows


@pytest.mark.parametrize(
    ("take", "values", "taken"),
    [
        ("mean", [9, 1, 2, 3, 4], 2.5),
        ("max", [9, 1, 2, 3, 4], 4),
        ("p95", [1, 2, 3, 4], 4),
        ("last", [9, 1], 1),
        ("rate", [100, 130, 160, 190], 2.0),
        ("rate", [100, 130, 10, 40], (30 + 10 + 30) / 45),
        ("rate", [100, float("nan"), 160], 2.0),
    ],
)
def test_what_a_window_takes(take: str, values: list[float], taken: float) -> None:
    assert after(with_(window=MINUTE, take=take), values).last == pytest.approx(taken)


def test_one_reading_has_no_rate_yet() -> None:
    standing = after(with_(window=MINUTE, take="rate"), [100])
    assert (standing.last, standing.state) == (None, "unknown")


@settings(max_examples=30)
@given(st.lists(st.floats(0, 10), min_size=1, max_size=60), st.sampled_from(["mean", "p95", "max", "rate"]))
def test_however_long_its_window_a_check_keeps_a_bounded_number_of_readings(values: list[float], take: str) -> None:
    limit = with_(window=HOUR, take=take, every=SECOND)
    standing = after(limit, values * 20)
    assert len(standing.kept) <= MOST_KEPT + 2
    if take == "mean":
        assert min(values) - 1e-9 <= (standing.last or 0.0) <= max(values) + 1e-9
    if take == "max":
        assert standing.last == max(values)


def test_a_long_mean_weighs_what_is_old_like_what_is_new() -> None:
    standing = after(with_(window=HOUR, take="mean", every=SECOND), [10.0] * 1800 + [0.0] * 1800)
    assert standing.last == pytest.approx(5.0, rel=0.05)


# -- times normal


TEN = Limit(measure="requests", unit="per-s", times=10, every=MINUTE)


def knowing(value: float) -> Baseline:
    """Give a baseline of two weeks in which every reading was that."""
    known = Baseline()
    for hour in range(15 * 24):
        known = learned(known, value, BEGAN - timedelta(days=15) + hour * HOUR)
    return known


def test_ten_times_normal() -> None:
    assert not after(TEN, [100, 900, 900, 900], knowing(100)).alerting
    assert after(TEN, [100, 1100, 1100], knowing(100)).alerting


def test_less_than_half_of_normal() -> None:
    half = msgspec.structs.replace(TEN, times=0.5, op="<")
    assert not after(half, [70, 70, 70], knowing(100)).alerting
    assert after(half, [40, 40], knowing(100)).alerting


def test_while_it_learns_it_says_so_and_fires_at_nothing() -> None:
    standing = after(TEN, [100, 5000, 5000], Baseline())
    assert (standing.state, standing.alerting, standing.last) == ("learning", False, 5000)


def test_while_it_learns_a_configured_normal_holds() -> None:
    given_one = msgspec.structs.replace(TEN, normal=100.0)
    assert after(given_one, [100, 1100, 1100], Baseline()).alerting
    assert after(given_one, [100, 1100, 1100], None).alerting
    assert not after(given_one, [100, 1100, 1100], knowing(1000)).alerting


def test_recovery_of_a_multiple_is_a_multiple() -> None:
    limit = msgspec.structs.replace(TEN, recovers=2.0)
    fired = [1100, 1100]
    assert after(limit, [*fired, 300, 300], knowing(100)).alerting
    assert not after(limit, [*fired, 190, 190], knowing(100)).alerting


def test_what_is_still_beyond_its_limit_is_not_over_wherever_it_is_said_to_be() -> None:
    limit = msgspec.structs.replace(TEN, recovers=12.0)
    assert after(limit, [1100] * 6, knowing(100)).alerting
    assert not after(limit, [1100] * 6 + [900] * 2, knowing(100)).alerting


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60))
@example([-1.7976931348623157e308, 9.9792015476736e291])
def test_whatever_comes_it_says_one_of_its_four_states_and_can_be_kept(values: list[float]) -> None:
    for limit in (SLOW, with_(window=MINUTE, take="rate"), msgspec.structs.replace(TEN, measure="latency")):
        standing = after(limit, values, Baseline())
        assert standing.state in ("unknown", "learning", "ok", "firing")
        assert msgspec.json.decode(msgspec.json.encode(standing), type=Standing) == standing
