"""Who is called when, on the general path: R is how long the severity gives a level to answer."""

import pytest

from drills.story import Begin
from tocsin.incident.facts import GaveUp


async def test_a_p0_nobody_answers_climbs_every_quarter_of_an_hour(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    assert story.pages() == ["0:00 mira"]  # L1 at the opening
    assert story.told() == ["0:00 eva"]  # Executive is told at the opening, and not woken

    await story.until("0:45")

    assert story.pages() == [
        "0:15 jonas",  # L2: 0:00 + R, and R = 15 min
        "0:30 eva",  # Executive: together with L3
        "0:30 lena",  # L3: 0:15 + R
        "0:45 mira",  # round 2: 0:30 + R
    ]
    assert story.told() == []


async def test_the_rounds_of_a_p0_end_after_the_third_and_the_fallback_is_paged(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("0:44")
    story.pages()

    await story.until("8:00")

    assert story.pages() == [
        "0:45 mira",  # round 2: 0:30 (L3) + R
        "1:00 jonas",  # 0:45 + R; what is unresolved was called about at 0:30 already
        "1:15 lena",  # 1:00 + R
        "1:30 mira",  # round 3
        "1:45 jonas",
        "2:00 lena",
        "2:15 falk",  # 2:00 + R: three rounds went unanswered
    ]
    [gave_up] = await story.facts(GaveUp)
    assert isinstance(gave_up.body, GaveUp)
    assert gave_up.body.rounds == 3
    assert await story.next_call() == ""


async def test_as_many_rounds_are_rung_as_the_configuration_says(begin: Begin) -> None:
    story = await begin(max_rounds=1)
    await story.alert("sequencer-down", "P1")
    await story.until("8:00")
    assert story.pages() == ["0:00 mira", "0:15 jonas", "0:30 lena", "0:45 falk"]  # 0:30 + R = 0:45


async def test_a_p1_nobody_answers_climbs_like_a_p0_but_never_reaches_the_executive(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P1")
    await story.until("8:00")
    heard = story.pages()
    assert heard[:4] == ["0:00 mira", "0:15 jonas", "0:30 lena", "0:45 mira"]  # R = 15 min
    assert not [page for page in heard if page.endswith("eva")]
    assert story.told() == []


async def test_a_p2_nobody_answers_climbs_every_two_hours(begin: Begin) -> None:
    story = await begin()
    await story.alert(None, "P2")
    await story.until("6:00")
    assert story.pages() == [
        "0:00 mira",
        "2:00 jonas",  # R = 2 h
        "4:00 lena",  # 2:00 + R
        "6:00 mira",  # round 2: 4:00 + R
    ]


async def test_a_p2_taken_and_not_resolved_gets_a_quarter_of_an_hour_more_than_its_answer(begin: Begin) -> None:
    story = await begin()
    await story.alert(None, "P2")
    await story.until("0:05")
    await story.acknowledges("mira")
    await story.until("2:20")
    assert story.pages() == ["0:00 mira", "2:15 jonas"]  # L2: 0:00 + R + 15 min
    await story.acknowledges("jonas")
    await story.until("4:59:59")
    assert story.pages() == []
    await story.until("5:00")
    assert story.pages() == ["5:00 lena"]  # L3: L2's call 2:15 + R + 45 min


@pytest.mark.parametrize("severity", ["P0", "P1"])
async def test_taken_and_not_resolved_in_thirty_minutes_calls_the_team_lead(begin: Begin, severity: str) -> None:
    story = await begin()
    await story.alert("sequencer-down", severity)
    await story.until("0:05")
    await story.acknowledges("mira")
    assert story.pages() == ["0:00 mira"]

    await story.until("0:29:59")
    assert story.pages() == []
    await story.until("0:30")
    assert story.pages() == ["0:30 jonas"]  # 0:00 + R + 15 min = 0:30: an acknowledgement does not stop this timer


async def test_when_the_team_lead_takes_it_the_manager_is_called_an_hour_after_the_team_lead(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("0:05")
    await story.acknowledges("mira")
    await story.until("0:33")
    await story.acknowledges("jonas")
    story.pages()

    await story.until("1:29:59")
    assert story.pages() == []
    await story.until("1:30")
    assert story.pages() == ["1:30 eva", "1:30 lena"]  # L2's call 0:30 + R + 45 min = 0:30 + 60 min


async def test_when_the_team_lead_does_not_answer_the_manager_is_called_after_the_answer_time(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P1")
    await story.until("0:05")
    await story.acknowledges("mira")
    await story.until("0:45")
    assert story.pages() == ["0:00 mira", "0:30 jonas", "0:45 lena"]  # L2's call 0:30 + R = 0:45


async def test_unresolved_timers_count_from_the_first_call_and_not_from_the_round(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P1")
    await story.until("0:46")
    assert story.pages() == ["0:00 mira", "0:15 jonas", "0:30 lena", "0:45 mira"]
    await story.acknowledges("mira")
    await story.until("2:00")
    assert story.pages() == [
        "1:15 lena",  # L2's first call 0:15 + R + 45 min; its second call, 1:00, was stopped by the acknowledgement
        "1:30 mira",  # 1:15 + R, round 3
        "1:45 jonas",  # 1:30 + R
        "2:00 lena",  # 1:45 + R
    ]


async def test_a_request_calls_the_next_level_now(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P1")
    await story.until("0:03")
    await story.escalates("mira")
    assert story.pages() == ["0:00 mira", "0:03 jonas"]
    await story.until("0:18")
    assert story.pages() == ["0:18 lena"]  # L2's call 0:03 + R, counted from the real call


async def test_after_an_outage_two_levels_do_not_ring_together(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    assert story.pages() == ["0:00 mira"]

    await story.outage_until("3:00")

    assert story.pages() == ["3:00 jonas"]  # due at 0:15, called when we are back
    await story.until("3:15")
    assert story.pages() == ["3:15 eva", "3:15 lena"]  # 3:00 + R, not 0:30
    await story.until("3:30")
    assert story.pages() == ["3:30 mira"]  # round 2: 3:15 + R
