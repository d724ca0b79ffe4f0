from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tocsin.escalation.business import after_business_days, is_business_day, next_opening
from tocsin.settings import BusinessHours

QUARTER = timedelta(minutes=15)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham")
# Every offset of these zones is a whole number of quarters, so stepping by quarters misses no instant.
INSTANTS = st.integers(0, 2 * 365 * 96).map(lambda quarters: datetime(2026, 1, 1, tzinfo=UTC) + quarters * QUARTER)
CLOCKS = st.builds(time, st.integers(5, 23), st.sampled_from((0, 15, 30, 45)))
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))


def working(local: datetime, hours: BusinessHours) -> bool:
    return local.weekday() in hours.days and f"{local:%Y-%m-%d}" not in hours.holidays


def opening_by_steps(at: datetime, hours: BusinessHours, zone: str) -> datetime:
    """Give the opening found by walking: the slow and obvious way."""
    now = at
    while True:
        local = now.astimezone(ZoneInfo(zone))
        if working(local, hours) and local.time() == hours.opens:
            return now
        now += QUARTER


def days_on_by_steps(at: datetime, days: int, hours: BusinessHours, zone: str) -> datetime:
    """Give the same wall-clock time some business days on, found by walking."""
    clock = at.astimezone(ZoneInfo(zone)).time()
    first = at.astimezone(ZoneInfo(zone)).date()
    now, seen = at, set()
    while True:
        now += QUARTER
        local = now.astimezone(ZoneInfo(zone))
        if local.date() > first and working(local, hours):
            seen.add(local.date())
            if len(seen) == days and local.time() == clock:
                return now


@given(INSTANTS, CLOCKS, DAYS, st.sampled_from(ZONES), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_the_next_opening_is_the_one_a_walk_through_time_meets_first(
    at: datetime, opens: time, days: tuple[int, ...], zone: str, holidays: int
) -> None:
    local = at.astimezone(ZoneInfo(zone))
    off = tuple((local + timedelta(days=day)).date().isoformat() for day in range(holidays))
    hours = BusinessHours(opens=opens, days=days, holidays=off)
    assert next_opening(at, hours, zone) == opening_by_steps(at, hours, zone)


@given(INSTANTS, st.integers(1, 3), DAYS, st.sampled_from(ZONES))
@settings(max_examples=40, deadline=None)
def test_business_days_on_is_where_a_walk_through_time_ends(
    at: datetime, count: int, days: tuple[int, ...], zone: str
) -> None:
    # Between midnight and five a clock change may take the wall-clock time away; what then happens is told below.
    assume(at.astimezone(ZoneInfo(zone)).hour >= 5)
    hours = BusinessHours(days=days)
    assert after_business_days(at, count, hours, zone) == days_on_by_steps(at, count, hours, zone)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-27 08:59", "2026-03-27 09:00"),  # a Friday, a minute before
        ("2026-03-27 09:00", "2026-03-27 09:00"),  # at the opening
        ("2026-03-27 09:01", "2026-03-30 09:00"),  # a minute late: Monday, over the clock change of the 29th
        ("2026-04-02 12:00", "2026-04-07 09:00"),  # Thursday, over Good Friday, the weekend and Easter Monday
        ("2026-10-23 10:00", "2026-10-26 09:00"),  # over the clock change of 25 October
    ],
)
def test_openings_in_berlin(at: str, expected: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = BusinessHours(holidays=("2026-04-03", "2026-04-06"))
    opening = next_opening(datetime.fromisoformat(at).replace(tzinfo=berlin).astimezone(UTC), hours, "Europe/Berlin")
    assert opening == datetime.fromisoformat(expected).replace(tzinfo=berlin)
    assert opening.tzinfo is UTC


def test_an_opening_the_clock_change_takes_away_comes_when_the_clock_has_moved() -> None:
    # Berlin, 2026-03-29: 02:30 does not exist; half an hour after the change at 02:00 it is 03:30.
    hours = BusinessHours(opens=time(2, 30), days=(6,))
    assert next_opening(datetime(2026, 3, 28, 12, tzinfo=UTC), hours, "Europe/Berlin") == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_an_opening_that_comes_twice_is_not_found_in_the_past() -> None:
    # Berlin, 2026-10-25: 02:30 comes at 00:30 and at 01:30 UTC. At 01:15 UTC it is 02:15 for the second time.
    hours = BusinessHours(opens=time(2, 30), days=(6,))
    now = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)
    assert next_opening(now, hours, "Europe/Berlin") >= now


def test_without_any_business_day_nobody_waits_for_ever() -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    never = BusinessHours(days=())
    assert next_opening(at, never, "UTC") == at
    assert after_business_days(at, 1, never, "UTC") == at + timedelta(days=1)


def test_a_holiday_is_a_local_date() -> None:
    kiritimati = ZoneInfo("Pacific/Kiritimati")  # UTC+14
    hours = BusinessHours(holidays=("2026-03-03",))
    assert not is_business_day(datetime(2026, 3, 2, 12, tzinfo=UTC).astimezone(kiritimati), hours)
    assert is_business_day(datetime(2026, 3, 2, 9, tzinfo=UTC).astimezone(kiritimati), hours)
