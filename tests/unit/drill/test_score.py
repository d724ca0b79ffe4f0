"""What a drill makes of what came of it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tocsin.drill.score import Score, judged, table
from tocsin.settings import Expect

GOOD = Score(
    incident_type="sequencer-down",
    variant="killed",
    passed=False,
    detected=4.0,
    matched=True,
    severity="P0",
    paged=5.0,
    acknowledged=65.0,
    diagnostics="4/4",
    resolved=True,
    told=True,
    reviewed=True,
    restored=True,
)
SEVERITIES = ("P0", "P1", "P2")


def judge(expect: Expect = Expect(), **changes: object) -> Score:  # noqa: B008  frozen
    return judged(msgspec.structs.replace(GOOD, **changes), expect, SEVERITIES, "P1")


def test_what_was_noticed_matched_paged_answered_and_put_right_passes() -> None:
    score = judge()
    assert score.passed
    assert score.because == ()


def test_what_an_expectation_does_not_ask_for_is_scored_and_fails_nothing() -> None:
    assert judge(told=False, reviewed=False, diagnostics="1/4").passed


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"detected": None, "matched": False, "paged": None}, "nothing noticed it"),
        ({"matched": False}, "no incident of sequencer-down was opened"),
        ({"severity": "P2"}, "it was opened as P2, not as P1"),
        ({"severity": None}, "it was opened as None, not as P1"),
        ({"paged": None}, "nobody was paged"),
        ({"acknowledged": None}, "nobody could acknowledge it"),
        ({"resolved": False}, "the incident was not resolved"),
        ({"restored": False}, "it was not put right again"),
    ],
)
def test_what_is_missing_fails_it_and_is_said(changes: dict[str, Any], why: str) -> None:
    score = judge(**changes)
    assert not score.passed
    assert score.because == (why,)


@pytest.mark.parametrize(
    ("expect", "changes", "why"),
    [
        (Expect(severity="P1"), {}, "it was opened as P0, not as P1"),
        (Expect(within=timedelta(seconds=4)), {}, "the page came after 5.0 s, not within 4 s"),
        (Expect(diagnostics=True), {"diagnostics": "3/4"}, "diagnostics: 3/4 were useful"),
        (Expect(diagnostics=True), {"diagnostics": None}, "diagnostics: none were useful"),
        (Expect(told=True), {"told": False}, "nobody was told"),
        (Expect(reviewed=True), {"reviewed": False}, "no review was written"),
    ],
)
def test_what_was_expected_besides_fails_it_too(expect: Expect, changes: dict[str, Any], why: str) -> None:
    score = judge(expect, **changes)
    assert not score.passed
    assert score.because == (why,)


def test_a_table_has_a_cell_for_everything_and_says_which_failed() -> None:
    head, good, bad = table([judge(), judge(matched=False, detected=None, paged=None)])
    assert len(head) == len(good) == len(bad)
    assert (good[2], good[3], good[4]) == ("passed", "4.0 s", "P0")
    assert (bad[2], bad[3], bad[4]) == ("FAILED", "-", "P0 of another")
