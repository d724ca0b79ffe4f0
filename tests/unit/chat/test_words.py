"""What chat users are told is true at the moment it is said."""

import pytest

from tocsin.chat.words import acted, came_true, clock, done, on_call
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.lifecycle import World
from tocsin.settings import Settings
from unit.timeline import SETTINGS, acknowledged, at, called, opened, policy, story

MIRA, JONAS = "person:mira", "person:jonas"
TAKEN = story((0, opened()), (0, called("L1", "mira")), (5, acknowledged("mira")), (6, called("L2", "jonas")))


def test_a_wish_came_true_only_when_it_was_that_wish() -> None:
    assert came_true(TAKEN, w.Acknowledge(by=MIRA), 2)
    assert not came_true(TAKEN, w.Acknowledge(by=JONAS), 2)  # Mira was faster
    assert not came_true(TAKEN, w.Acknowledge(by=MIRA), 3)  # L2 was called since, which is no answer
    assert not came_true(TAKEN, w.Resolve(by=MIRA), 2)
    assert not came_true(TAKEN, w.Escalate(by=MIRA, level="L2"), 2)
    asked = story((0, opened()), (1, f.EscalationRequested(by=MIRA, level="L2")))
    assert came_true(asked, w.Escalate(by=MIRA, level="L2"), 1)
    assert came_true(asked, w.Note(by=MIRA, text="x"), 1)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (w.Acknowledge(by=JONAS), "already acknowledged. Mira has it since 10:05 UTC."),
        (w.Acknowledge(by=MIRA), "already acknowledged. You have it since 10:05 UTC."),
        (w.Escalate(by=MIRA, level="L2"), "L2 was called already at 10:06 UTC."),
    ],
)
def test_what_was_so_already_is_said_with_who_and_when(wish: w.Wish, words: str) -> None:
    assert acted(TAKEN, wish, SETTINGS) == f"INC-2026-0001: {words}"


def test_what_is_over_says_who_ended_it() -> None:
    over = story((0, opened()), (9, f.Resolved(by=JONAS, cause="person")))
    assert acted(over, w.Resolve(by=MIRA), SETTINGS) == "INC-2026-0001: already resolved by Jonas at 10:09 UTC."
    assert done(over, w.Resolve(by=JONAS), SETTINGS) == "INC-2026-0001, Trouble, is resolved. Nobody else is paged."


def test_who_is_on_call_names_the_fallback_where_nobody_is() -> None:
    said = on_call(World(policy(), SETTINGS), at(0)).splitlines()
    assert said[0] == "L1  Mira"
    alone = on_call(World(policy(), Settings(people=SETTINGS.people, fallback=("falk",))), at(0)).splitlines()
    assert alone[0] == "L1  Falk (nobody is in it: the fallback)"


def test_a_time_is_the_teams_own_and_says_so() -> None:
    assert clock(at(0), Settings(timezone="America/New_York")) == "05:00 New York"
    assert clock(at(0), Settings(timezone="Nowhere/Land")) == "10:00 UTC"
