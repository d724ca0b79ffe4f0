"""Four weeks of traffic through a check of "10x normal": what it finds, what it cries wolf at, when it begins to know.

Nothing here is tuned to a seed: each draws a system of its own. The long form: TOCSIN_REPLAYS=100, a reading a minute.
"""

import os
from datetime import timedelta

import pytest

from tocsin.detection.thresholds import Limit
from unit.detection.traffic import BEGAN, Told, Traffic, replay

LONG = int(os.environ.get("TOCSIN_REPLAYS", "0"))
EVERY = timedelta(minutes=1 if LONG else 5)
TEN_TIMES = Limit(measure="requests", unit="per-s", times=10, every=EVERY)
INTERVALS, WEEKS = 2, 4
pytestmark = pytest.mark.timeout(1800 if LONG else 300)


@pytest.fixture(scope="module")
def told() -> list[Told]:
    return [replay(Traffic(seed), TEN_TIMES, ("UTC", "Europe/Berlin")[seed % 2]) for seed in range(LONG or 6)]


def test_ten_times_normal_is_found_every_time_within_two_intervals(told: list[Told]) -> None:
    found = [one for each in told for one in each.found]
    print(f"{len(found)} attacks in {len(told)} systems, {sum(one is not None for one in found)} found")  # noqa: T201 - the figures
    assert len(found) == 6 * len(told)
    assert [one for one in found if one is None or one > INTERVALS] == []


def test_no_system_has_more_than_one_false_alarm_a_week(told: list[Told]) -> None:
    print(f"{sum(len(each.false) for each in told)} false alarms in {WEEKS * len(told)} weeks")  # noqa: T201 - the figures
    assert [each.false for each in told if len(each.false) > WEEKS] == []


def test_in_the_first_two_days_it_learns_and_says_so_and_cries_at_nothing(told: list[Told]) -> None:
    for each in told:
        assert each.known_at is not None
        assert timedelta(days=1) <= each.known_at - BEGAN <= timedelta(days=4)
        assert all(at > each.known_at for at in each.false)


def test_what_was_learned_stays_small(told: list[Told]) -> None:
    assert max(each.encoded for each in told) < 16 * 1024
