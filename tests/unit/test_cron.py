"""When cron runs a job next: what its manual says, checked by hand."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.cron import next_run

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


def test_a_leap_day_is_waited_for() -> None:
    assert next_run("0 0 29 2 *", "UTC", MONDAY) == datetime(2028, 2, 29, tzinfo=UTC)


def test_the_clock_of_the_zone_counts_in_winter_and_in_summer() -> None:
    march = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert [next_run("30 4 * * *", "Europe/Berlin", march + timedelta(days=day)) for day in range(2)] == [
        datetime(2026, 3, 29, 2, 30, tzinfo=UTC),
        datetime(2026, 3, 30, 2, 30, tzinfo=UTC),
    ]
    assert next_run("30 4 * * *", "Europe/Berlin", MONDAY) == datetime(2026, 11, 24, 3, 30, tzinfo=UTC)


def test_an_hour_that_is_skipped_runs_at_its_end_and_one_that_comes_twice_runs_once() -> None:
    skipped = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert next_run("30 2 * * *", "Europe/Berlin", skipped) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    twice = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    first = next_run("30 2 * * *", "Europe/Berlin", twice)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_run("30 2 * * *", "Europe/Berlin", first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it has 0 fields"),
        ("* * * *", "it has 4 fields; cron has 5: minute, hour, day-of-month, month, day-of-week"),
        ("* * * * * *", "it has 6 fields"),
        ("@reboot", "it has 1 fields"),
        ("60 * * * *", "its minute '60' is none"),
        ("* 24 * * *", "its hour '24'"),
        ("* * 0 * *", "its day-of-month '0'"),
        ("* * * 13 *", "its month '13'"),
        ("* * * * 8", "its day-of-week '8'"),
        ("* * * * mo", "its day-of-week 'mo'"),
        ("5-1 * * * *", "its minute '5-1'"),
        ("*/0 * * * *", "its minute '*/0'"),
        ("1,,2 * * * *", "its minute '1,,2'"),
        ("٣ * * * *", "its minute '٣'"),
        ("0 0 * * " + "1," * 100 + "1", "it is longer than 200 letters"),
        ("0 0 30 2 *", "its day-of-month '30' is none, or never comes"),
    ],
)
def test_what_is_no_cron_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        next_run(text, "UTC", MONDAY)
