"""A P3 is answered on the next business day: at its opening, and then the same hour one business day on."""

import pytest

from drills.story import Begin
from tocsin.settings import BusinessHours


async def test_a_p3_waits_over_the_weekend_and_climbs_by_business_days(begin: Begin) -> None:
    story = await begin(at="2026-03-05 18:30")  # a Thursday evening
    story.by_calendar()
    await story.alert(None, "P3")
    assert story.pages() == []
    assert await story.next_call() == "Fri 6 Mar 09:00 L1"

    await story.until_day("2026-03-11 12:00")

    assert story.pages() == [
        "Fri 6 Mar 09:00 mira",  # the next opening
        "Mon 9 Mar 09:00 jonas",  # + 1 business day: over the weekend
        "Tue 10 Mar 09:00 lena",  # + 1 business day
        "Wed 11 Mar 09:00 mira",  # round 2: + 1 business day
    ]


async def test_a_p3_in_the_middle_of_a_business_day_waits_for_the_next_one(begin: Begin) -> None:
    story = await begin(at="2026-03-02 10:00")
    story.by_calendar()
    await story.alert(None, "P3")
    await story.until_day("2026-03-03 12:00")
    assert story.pages() == ["Tue 3 Mar 09:00 mira"]


async def test_a_p3_just_before_the_opening_is_called_at_it(begin: Begin) -> None:
    story = await begin(at="2026-03-02 08:59")
    await story.alert(None, "P3")
    await story.until("0:01")
    assert story.pages() == ["0:01 mira"]


async def test_holidays_are_no_business_days(begin: Begin) -> None:
    # Good Friday and Easter Monday of 2026.
    story = await begin(
        at="2026-04-02 15:00", business_hours=BusinessHours(holidays=("2026-04-03", "2026-04-06"))
    )  # a Thursday
    story.by_calendar()
    await story.alert(None, "P3")
    await story.until_day("2026-04-08 12:00")
    assert story.pages() == [
        "Tue 7 Apr 09:00 mira",  # Thu + Fri (holiday) + weekend + Mon (holiday)
        "Wed 8 Apr 09:00 jonas",  # + 1 business day
    ]


@pytest.mark.parametrize(
    ("zone", "at", "days", "hours_between"),
    [
        # 2026-03-29: Berlin's clock goes from 2 to 3, so Friday 9:00 to Monday 9:00 is 72 - 1 hours
        ("Europe/Berlin", "2026-03-26 18:00", ("Fri 27 Mar 09:00", "Mon 30 Mar 09:00"), 71),
        # 2026-10-25: from 3 back to 2, 72 + 1 hours
        ("Europe/Berlin", "2026-10-22 18:00", ("Fri 23 Oct 09:00", "Mon 26 Oct 09:00"), 73),
        # 2026-11-01: New York's from 2 back to 1
        ("America/New_York", "2026-10-29 18:00", ("Fri 30 Oct 09:00", "Mon 2 Nov 09:00"), 73),
        # 2026-10-04: Lord Howe's goes forward by half an hour
        ("Australia/Lord_Howe", "2026-10-01 18:00", ("Fri 2 Oct 09:00", "Mon 5 Oct 09:00"), 71.5),
    ],
)
async def test_a_clock_change_moves_no_wall_clock(
    begin: Begin, zone: str, at: str, days: tuple[str, str], hours_between: float
) -> None:
    story = await begin(at=at, timezone=zone)
    story.by_calendar()
    await story.alert(None, "P3")
    await story.until("120:00")
    mira, jonas, *_ = story.take("page")
    assert (mira.person, jonas.person) == ("mira", "jonas")
    assert (story.when(mira.at), story.when(jonas.at)) == days
    assert (jonas.at - mira.at).total_seconds() == hours_between * 3600


async def test_a_p3_taken_before_the_opening_calls_nobody_there(begin: Begin) -> None:
    story = await begin(at="2026-03-05 18:30")
    story.by_calendar()
    await story.alert(None, "P3")
    await story.until("0:10")
    await story.acknowledges("mira")
    await story.until_day("2026-03-09 09:14")
    assert story.pages() == []  # Fri 09:00 would have called Mira, who has it
    await story.until_day("2026-03-09 09:15")
    assert story.pages() == ["Mon 9 Mar 09:15 jonas"]  # L1's opening Fri 09:00 + 1 business day + 15 min


async def test_a_p3_that_becomes_a_p0_before_the_opening_rings_at_once(begin: Begin) -> None:
    story = await begin(at="2026-03-05 18:30")
    await story.alert(None, "P3")
    await story.until("1:00")
    assert story.pages() == []
    await story.makes_it("mira", "P0")
    assert story.pages() == ["1:00 mira"]  # due at the opening of the incident, 0:00, and overdue
    await story.until("1:15")
    assert story.pages() == ["1:15 jonas"]  # L1's call 1:00 + R = 15 min
