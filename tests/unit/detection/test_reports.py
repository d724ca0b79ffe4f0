"""People's reports: what they may choose from, who counts, and when it is enough."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.detection.alert import Alert, AlertState, transition
from tocsin.detection.reports import Report, choices, in_plain_words
from tocsin.runbook.reading import read_runbook
from unit.timeline import at


def reported(who: str, text: str = "", **rules: object) -> Alert:
    report = Report(reporter=who, symptom="Users reporting slow app", text=text, **rules)  # type: ignore[arg-type]
    return Alert(source="reports", dedup_key="slow", action="trigger", report=report, incident_type="slow")


def after(
    *told: tuple[str, float], idle: bool = True, known: AlertState | None = None
) -> tuple[AlertState, list[bool]]:
    nudges = []
    for who, minutes in told:
        change = transition(known, reported(who), idle=idle, now=at(minutes))
        assert change is not None
        known = change.state
        nudges.append(change.nudge)
    assert known is not None
    return known, nudges


@pytest.mark.parametrize(
    ("symptom", "words"),
    [
        ('Users reporting "Service Unavailable"', "Service Unavailable"),
        ("Users reporting slow app", "Slow app"),
        ("User reports of compromised accounts", "Compromised accounts"),
        ("Legitimate users can't access service", "Can't access service"),
        ("Traders report that orders fail now and then", "Orders fail now and then"),
        ("Support tickets about failed payments", "Failed payments"),
        ("Users report", "Users report"),
    ],
)
def test_a_symptom_reads_as_whoever_has_it_would_say_it(symptom: str, words: str) -> None:
    assert in_plain_words(symptom) == words


@given(st.text(max_size=80))
def test_plain_words_never_vanish(symptom: str) -> None:
    assert in_plain_words(symptom) or not symptom


def test_five_of_the_six_entries_of_the_real_runbook_can_be_reported(seed: bytes) -> None:
    found = choices(read_runbook(seed))
    assert [(one.incident_type, one.text) for one in found] == [
        ("sequencer-down", "Service Unavailable"),
        ("high-error-rate", "Frequent errors"),
        ("database-slow-queries", "Slow app"),
        ("ddos-attack", "Can't access service"),
        ("data-breach", "Compromised accounts"),
    ]


def test_the_bundled_runbook_can_be_reported_and_ids_tell_nothing_of_the_entry(example: bytes) -> None:
    found = choices(read_runbook(example))
    assert len(found) == 5
    assert not any(one.incident_type in one.id or one.line == 0 for one in found)
    assert found == choices(read_runbook(example))


def test_too_few_people_are_kept_and_counted_and_ask_for_nothing() -> None:
    state, nudges = after(("a", 0), ("a", 1), ("a", 2), ("b", 3))
    assert nudges == [False] * 4
    assert (state.status, state.triggers) == ("resolved", 0)
    assert state.reports is not None
    assert [one.reporter for one in state.reports.people] == ["a", "b"]
    assert len(state.reports.said) == 4


def test_enough_different_people_within_the_window_fire_once() -> None:
    state, nudges = after(("a", 0), ("b", 4), ("c", 9.9))
    assert nudges == [False, False, True]
    assert (state.status, state.triggers, state.alert.summary) == (
        "firing", 1, "3 people report: Users reporting slow app",
    )  # fmt: skip
    assert state.alert.report is None


def test_people_who_reported_before_the_window_do_not_count() -> None:
    _, nudges = after(("a", 0), ("b", 4), ("c", 10.1))
    assert nudges == [False, False, False]


def test_who_reports_again_counts_from_then() -> None:
    _, nudges = after(("a", 0), ("b", 8), ("a", 9), ("c", 15))
    assert nudges == [False, False, False, True]


def test_while_its_incident_is_open_everybody_joins_and_nobody_is_asked_for() -> None:
    state, _ = after(("a", 0), ("b", 1), ("c", 2))
    state, nudges = after(("d", 3), ("e", 300), idle=False, known=state)
    assert nudges == [False, False]
    assert (state.status, state.triggers) == ("firing", 3)


def test_after_the_incident_is_over_counting_begins_again() -> None:
    state, _ = after(("a", 0), ("b", 1), ("c", 2))
    state, nudges = after(("d", 3), ("e", 4), ("f", 5), known=state)
    assert nudges == [False, False, True]
    assert state.triggers == 2


def test_one_is_enough_where_the_rules_say_so() -> None:
    change = transition(None, reported("a", enough=1), idle=True, now=at(0))
    assert change is not None
    assert (change.nudge, change.state.alert.summary) == (True, "1 person reports: Users reporting slow app")


def test_what_is_remembered_has_an_end() -> None:
    state, _ = after(*((f"p{number}", number / 100) for number in range(500)), idle=False)
    assert state.reports is not None
    assert (len(state.reports.people), len(state.reports.said)) == (200, 50)
    change = transition(state, reported("late"), idle=True, now=at(5) + timedelta(hours=25))
    assert change is not None
    assert change.state.reports is not None
    assert [one.reporter for one in change.state.reports.people] == ["late"]


def test_with_the_number_of_all_users_those_who_report_are_a_share_that_only_rises_and_is_looked_at() -> None:
    state, nudges = None, []
    for place, who in enumerate("abcdeabf"):
        alert = reported(who, users=8)
        change = transition(state, alert, idle=state is None or state.status == "resolved", now=at(place))
        assert change is not None
        state = change.state
        nudges.append(change.nudge)
    assert state is not None
    assert state.alert.affected == 6 / 8
    assert nudges == [False, False, True, True, True, False, False, True]
