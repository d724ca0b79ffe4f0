from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.engine.deeds import DEADLINE, LEASE, MAX_ATTEMPTS, backoff
from tocsin.escalation.reach import PATIENCE

KEY = "INC-2026-0001/1/L1/mira/0.push"


@pytest.mark.parametrize(
    ("attempt", "longest"),
    [
        (1, 1),  # 2 to the power of attempt - 1
        (2, 2),
        (3, 4),
        (4, 8),
        (5, 8),  # 16, capped
        (6, 8),
        (100, 8),
    ],
)
def test_the_pause_doubles_up_to_eight_seconds(attempt: int, longest: int) -> None:
    pause = backoff(KEY, attempt).total_seconds()
    assert 0.8 * longest <= pause <= longest  # jitter takes up to a fifth away


@pytest.mark.parametrize(("attempt", "longest"), [(1, 1), (8, 128), (9, 256), (10, 300), (1000, 300)])
def test_what_never_ends_pauses_five_minutes_at_most(attempt: int, longest: int) -> None:
    pause = backoff(KEY, attempt, endless=True).total_seconds()
    assert 0.8 * longest <= pause <= longest  # 2 to the power of attempt - 1, capped at 300


@given(st.text(max_size=40), st.integers(1, 10_000), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_pause_is_the_same_every_time_and_within_bounds(key: str, attempt: int, endless: bool) -> None:
    pause = backoff(key, attempt, endless=endless)
    assert pause == backoff(key, attempt, endless=endless)
    assert timedelta(seconds=0.8) <= pause <= (timedelta(minutes=5) if endless else timedelta(seconds=8))


def test_pages_that_failed_together_are_not_tried_together() -> None:
    pauses = {backoff(f"{KEY}/{number}", 5) for number in range(50)}
    assert len(pauses) > 40


def test_a_way_that_does_not_work_is_left_before_the_next_one_begins() -> None:
    waited = sum((backoff(KEY, attempt) for attempt in range(1, MAX_ATTEMPTS)), timedelta(0))
    assert waited < PATIENCE  # 1 + 2 + 4 + 8 + 8


def test_a_deed_ends_before_its_lease() -> None:
    assert DEADLINE < LEASE


def test_what_a_dead_node_had_in_hand_is_free_before_the_next_way_begins() -> None:
    assert LEASE < PATIENCE
