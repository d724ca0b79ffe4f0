"""When cron runs a job next: what its manual says, checked by hand and against a slow and plain reading of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cron import cron_of, next_run

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def runs(text: str, count: int = 3, after: datetime = MONDAY, zone: str = "UTC") -> list[str]:
    found = []
    for _ in range(count):
        run = next_run(text, zone, after)
        assert run is not None
        found.append(f"{run.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}")
        after = run
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 2 * * *", ["Tue 24 Nov 02:30", "Wed 25 Nov 02:30", "Thu 26 Nov 02:30"]),
        ("*/20 12 * * *", ["Mon 23 Nov 12:20", "Mon 23 Nov 12:40", "Tue 24 Nov 12:00"]),
        ("0 9-17/4 * * 1-5", ["Mon 23 Nov 13:00", "Mon 23 Nov 17:00", "Tue 24 Nov 09:00"]),
        ("0 6 * * fri,sun", ["Fri 27 Nov 06:00", "Sun 29 Nov 06:00", "Fri 04 Dec 06:00"]),
        ("0 6 * * 7", ["Sun 29 Nov 06:00", "Sun 06 Dec 06:00", "Sun 13 Dec 06:00"]),
        ("0 0 1 jan,JUL *", ["Fri 01 Jan 00:00", "Thu 01 Jul 00:00", "Sat 01 Jan 00:00"]),
        ("0 0 13 * fri", ["Fri 27 Nov 00:00", "Fri 04 Dec 00:00", "Fri 11 Dec 00:00"]),
        ("0 0 30 * 1", ["Mon 30 Nov 00:00", "Mon 07 Dec 00:00", "Mon 14 Dec 00:00"]),
        ("5/25 0 * * *", ["Tue 24 Nov 00:05", "Tue 24 Nov 00:30", "Tue 24 Nov 00:55"]),
        ("@weekly", ["Sun 29 Nov 00:00", "Sun 06 Dec 00:00", "Sun 13 Dec 00:00"]),
        ("@hourly", ["Mon 23 Nov 13:00", "Mon 23 Nov 14:00", "Mon 23 Nov 15:00"]),
        ("  0   0 * * *  ", ["Tue 24 Nov 00:00", "Wed 25 Nov 00:00", "Thu 26 Nov 00:00"]),
    ],
)
def test_it_runs_when_its_fields_say(text: str, expected: list[str]) -> None:
    assert runs(text) == expected


def test_a_leap_day_is_waited_for_and_a_day_that_never_is_never_comes() -> None:
    assert next_run("0 0 29 2 *", "UTC", MONDAY) == datetime(2028, 2, 29, tzinfo=UTC)
    assert next_run("0 0 30 2 *", "UTC", MONDAY) is None


def test_the_clock_of_the_zone_counts_in_winter_and_in_summer() -> None:
    march = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert [next_run("30 4 * * *", "Europe/Berlin", march + timedelta(days=day)) for day in range(2)] == [
        datetime(2026, 3, 29, 2, 30, tzinfo=UTC),
        datetime(2026, 3, 30, 2, 30, tzinfo=UTC),
    ]
    assert next_run("30 4 * * *", "Europe/Berlin", MONDAY) == datetime(2026, 11, 24, 3, 30, tzinfo=UTC)


def test_an_hour_that_is_skipped_runs_late_and_one_that_comes_twice_runs_once() -> None:
    skipped = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert next_run("30 2 * * *", "Europe/Berlin", skipped) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    twice = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    first = next_run("30 2 * * *", "Europe/Berlin", twice)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_run("30 2 * * *", "Europe/Berlin", first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it has 0 fields"),
        ("* * * *", "it has 4 fields; cron has 5"),
        ("* * * * * *", "it has 6 fields"),
        ("@reboot", "it has 1 fields"),
        ("60 * * * *", "its minute '60' must be a number from 0 to 59"),
        ("* 24 * * *", "its hour '24'"),
        ("* * 0 * *", "its day of the month '0'"),
        ("* * * 13 *", "its month '13'"),
        ("* * * * 8", "its day of the week '8'"),
        ("* * * * mo", "its day of the week 'mo'"),
        ("5-1 * * * *", "its minute '5-1' is none"),
        ("*/0 * * * *", "its minute '*/0' is none"),
        ("*/x * * * *", "is none"),
        ("1,,2 * * * *", "its minute ''"),
        ("-1 * * * *", "its minute ''"),
        ("٣ * * * *", "must be a number"),
        ("H 2 * * *", "its minute 'H'"),
    ],
)
def test_what_is_no_cron_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"fields|must be|is none") as caught:
        cron_of(text)
    assert says in str(caught.value)


STEPS = st.sampled_from(["*", "*/7", "3", "1-5", "2,4", "2-6/2"])


@given(st.tuples(STEPS, STEPS, STEPS, STEPS, STEPS), st.integers(0, 366 * 24 * 60))
def test_no_run_is_left_out_and_none_is_made_up(fields: tuple[str, ...], minutes: int) -> None:
    """Minute by minute, as cron itself looks, for three days."""
    after, text = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes), " ".join(fields)
    looked = (after + timedelta(minutes=number) for number in range(1, 3 * 24 * 60))
    expected = next((minute for minute in looked if is_due(fields, minute)), None)
    found = next_run(text, "UTC", after)
    assert found is not None
    assert found == expected if expected else found >= after + timedelta(days=3) - timedelta(minutes=1)


def is_due(fields: tuple[str, ...], at: datetime) -> bool:
    minute, hour, day, month, weekday = fields
    of_month, of_week = holds(day, at.day, 1), holds(weekday, at.isoweekday() % 7, 0)
    limited = not day.startswith("*") and not weekday.startswith("*")
    days = of_month or of_week if limited else of_month and of_week
    return days and holds(minute, at.minute, 0) and holds(hour, at.hour, 0) and holds(month, at.month, 1)


def holds(field: str, number: int, least: int) -> bool:
    known = {"*": True, "*/7": (number - least) % 7 == 0, "3": number == 3, "1-5": 1 <= number <= 5}
    return (known | {"2,4": number in {2, 4}, "2-6/2": number in {2, 4, 6}})[field]
