"""One test for each sentence of "The ladder"; see test_each_sentence.py. Calls read (level, minutes, cause).

R is 15 min, 2 h, one business day             P3 is called at the next business opening
L2: R unacknowledged, R + 15 min unresolved    L3: R unacknowledged, R + 45 min unresolved
count from the call that really was            an acknowledgement stops only the calls before it
unresolved counts from the first call          and not from the round
a severity change never re-anchors             a level that is thereby overdue is called at once
alerts may raise, only people lower            the cap ends rounds, never unresolved timers
giving up is said once and pages the fallback  Executive, for P0 only: told at opening, called with L3
"Immediate" adds to L1                         in a restricted incident it replaces L1
an entry's minutes replace the unresolved ones "doesn't drop" without a check is "not resolved"
"""

from datetime import UTC, datetime, timedelta

import pytest

from simulation.by_hand import MINUTE, ByHand, simple
from tocsin.incident import facts as f
from tocsin.incident import wishes as w

MIRA, BO = "person:mira", "person:bo"


@pytest.fixture
def hands() -> ByHand:
    return ByHand()


async def test_nobody_answers_a_p1_and_every_level_waits_a_quarter_of_an_hour(hands: ByHand) -> None:
    await hands.opens("P1")
    await hands.let_pass(46)
    assert hands.calls() == [
        ("L1", 0.0, "opened"),
        ("L2", 15.0, "unacknowledged"),
        ("L3", 30.0, "unacknowledged"),
        ("L1", 45.0, "repeat"),
    ]


async def test_nobody_answers_a_p2_and_every_level_waits_two_hours(hands: ByHand) -> None:
    await hands.opens("P2")
    await hands.let_pass(241)
    assert hands.calls() == [
        ("L1", 0.0, "opened"),
        ("L2", 120.0, "unacknowledged"),
        ("L3", 240.0, "unacknowledged"),
    ]


async def test_what_is_taken_and_not_resolved_goes_up_after_30_min_and_one_hour(hands: ByHand) -> None:
    await hands.opens("P1")
    await hands.act(w.Acknowledge(by=MIRA))
    await hands.let_pass(31)
    await hands.act(w.Acknowledge(by=BO))
    await hands.let_pass(60)
    assert hands.calls() == [("L1", 0.0, "opened"), ("L2", 30.0, "unresolved"), ("L3", 90.0, "unresolved")]


async def test_a_p3_waits_for_the_next_business_opening_and_then_for_a_business_day() -> None:
    friday_evening = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
    hands = ByHand(at=friday_evening)
    await hands.opens("P3")
    assert hands.calls() == []
    await hands.let_pass(4 * 24 * 60)
    monday, tuesday = (timedelta(days=2, hours=15) / MINUTE, timedelta(days=3, hours=15) / MINUTE)
    assert hands.calls() == [("L1", monday, "opened"), ("L2", tuesday, "unacknowledged")]


async def test_after_an_outage_two_levels_do_not_ring_together(hands: ByHand) -> None:
    await hands.opens("P1")
    hands.clock.advance(120 * MINUTE)  # nothing runs
    await hands.settle()
    await hands.let_pass(16)
    assert hands.calls() == [
        ("L1", 0.0, "opened"),
        ("L2", 120.0, "unacknowledged"),
        ("L3", 135.0, "unacknowledged"),
    ]


async def test_an_acknowledgement_stops_only_the_calls_before_it(hands: ByHand) -> None:
    await hands.opens("P1")
    await hands.act(w.Acknowledge(by=MIRA))
    await hands.let_pass(29)
    assert hands.calls() == [("L1", 0.0, "opened")]
    await hands.let_pass(17)
    assert hands.calls()[1:] == [("L2", 30.0, "unresolved"), ("L3", 45.0, "unacknowledged")]


async def test_unresolved_timers_count_from_the_first_call_and_not_from_the_round(hands: ByHand) -> None:
    await hands.opens("P1")
    await hands.let_pass(10)
    await hands.act(w.Escalate(by=MIRA, level="L1"))
    await hands.settle()
    await hands.act(w.Acknowledge(by=MIRA))
    await hands.let_pass(21)
    assert hands.calls() == [("L1", 0.0, "opened"), ("L1", 10.0, "requested"), ("L2", 30.0, "unresolved")]


async def test_unresolved_timers_begin_anew_with_a_reopening(hands: ByHand) -> None:
    await hands.opens("P1")
    await hands.let_pass(10)
    await hands.act(w.Resolve(by=MIRA))
    await hands.act(w.Reopen(by=MIRA))
    await hands.settle()
    await hands.act(w.Acknowledge(by=MIRA))
    await hands.let_pass(31)
    assert hands.calls()[1:] == [("L1", 10.0, "opened"), ("L2", 40.0, "unresolved")]


async def test_raising_the_severity_does_not_begin_the_timer_anew(hands: ByHand) -> None:
    await hands.opens("P2")
    await hands.let_pass(10)
    await hands.act(w.ChangeSeverity(by=MIRA, severity="P1", because="it grows"))
    await hands.let_pass(6)
    assert hands.calls()[1:] == [("L2", 15.0, "unacknowledged")]


async def test_a_level_that_is_overdue_after_a_change_of_severity_is_called_at_once(hands: ByHand) -> None:
    await hands.opens("P2")
    await hands.let_pass(40)
    await hands.act(w.ChangeSeverity(by=MIRA, severity="P1", because="it grows"))
    await hands.settle()
    assert hands.calls()[1:] == [("L2", 40.0, "unacknowledged")]


def _severities(hands: ByHand) -> list[str]:
    return [fact.body.after for fact in hands.facts() if isinstance(fact.body, f.SeverityChanged)]


async def test_an_alert_raises_the_severity_and_never_lowers_it(hands: ByHand) -> None:
    await hands.opens("P2", word="warning")
    await hands.fires(severity="P0", word="critical")
    await hands.settle()
    await hands.fires("resolve")
    await hands.fires(severity="P3")
    await hands.settle()
    assert _severities(hands) == ["P0"]


async def test_the_same_alert_does_not_raise_what_a_person_lowered(hands: ByHand) -> None:
    await hands.opens("P1", word="warning")
    await hands.act(w.ChangeSeverity(by=MIRA, severity="P3", because="only a test system"))
    await hands.fires(severity="P1", word="error")
    await hands.settle()
    assert _severities(hands) == ["P3"]
    await hands.fires(severity="P0", word="critical")
    await hands.settle()
    assert _severities(hands) == ["P3", "P0"], "a worse one does"


async def test_rounds_end_at_the_cap_and_the_fallback_hears_of_it_once(hands: ByHand) -> None:
    await hands.opens("P1")
    await hands.let_pass(24 * 60)
    assert [level for level, _, _ in hands.calls()] == ["L1", "L2", "L3"] * 3
    assert hands.kinds().count("GaveUp") == 1
    assert hands.paged()[-1] == "fay"
    assert len(hands.kinds()) == 1 + 9 + 9 + 1 + 1


async def test_the_cap_does_not_end_unresolved_timers() -> None:
    hands = ByHand(simple(max_rounds=1))
    await hands.opens("P1")
    await hands.let_pass(46)
    assert hands.kinds().count("GaveUp") == 1
    await hands.let_pass(4)
    await hands.act(w.Acknowledge(by=MIRA))
    await hands.let_pass(26)
    assert hands.calls()[-1] == ("L3", 75.0, "unresolved")


async def test_somebody_who_answers_ends_the_rounds_too(hands: ByHand) -> None:
    await hands.opens("P1")
    await hands.let_pass(31)
    await hands.act(w.Acknowledge(by="person:cy"))
    await hands.let_pass(24 * 60)
    assert "repeat" not in [cause for _, _, cause in hands.calls()]
    assert "GaveUp" not in hands.kinds()


async def test_executive_is_told_of_a_p0_at_its_opening_and_called_with_the_last_level(hands: ByHand) -> None:
    await hands.opens("P0")
    assert [sent.person for sent in hands.sent if sent.message.kind == "notification"] == ["dana"]
    await hands.let_pass(31)
    assert sorted(hands.calls()[2:]) == [("Executive", 30.0, "unresolved"), ("L3", 30.0, "unacknowledged")]


async def test_executive_hears_nothing_of_a_p1(hands: ByHand) -> None:
    await hands.opens("P1")
    await hands.let_pass(24 * 60)
    assert "dana" not in {sent.person for sent in hands.sent}


async def test_those_named_at_once_are_called_besides_l1(hands: ByHand) -> None:
    await hands.opens("P1", kind="flood")
    assert {level for level, at, _ in hands.calls() if at == 0} == {"L1", "L2", "security team"}
    assert set(hands.paged()) == {"mira", "bo", "sam"}


async def test_those_named_at_once_take_the_place_of_l1_in_a_restricted_incident(hands: ByHand) -> None:
    await hands.opens("P1", kind="data-breach")
    assert {level for level, _, _ in hands.calls()} == {"Executive", "Legal", "Security team"}
    await hands.let_pass(10)
    assert "mira" not in hands.paged()


@pytest.mark.parametrize("kind", ["checkout-down", "errors-rise"])
async def test_the_minutes_of_an_entry_replace_those_of_the_unresolved_timer(hands: ByHand, kind: str) -> None:
    await hands.opens("P1", kind=kind)
    await hands.act(w.Acknowledge(by=MIRA))
    await hands.let_pass(31)
    assert hands.calls()[1] == ("L2", 20.0, "unresolved")


async def test_an_entry_that_says_persists_without_minutes_has_those_of_the_ladder(hands: ByHand) -> None:
    await hands.opens("P1", kind="search-slow")
    await hands.act(w.Acknowledge(by=MIRA))
    await hands.let_pass(31)
    assert hands.calls()[1] == ("L2", 30.0, "unresolved")


async def test_those_an_entry_names_who_are_no_level_are_called_after_its_minutes(hands: ByHand) -> None:
    await hands.opens("P1", kind="ledger-stuck")
    await hands.act(w.Acknowledge(by=MIRA))
    await hands.let_pass(26)
    assert hands.calls()[1:] == [("DBA team", 25.0, "unresolved")]
