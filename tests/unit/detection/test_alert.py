"""What an event makes of its group, as a table: what was known, what came, what is known now, who must decide."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.detection.alert import Action, Alert, AlertState, Seen, Transition, transition

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = BEGAN + timedelta(minutes=7)


def event(action: Action, severity: str = "error", summary: str = "broken") -> Alert:
    """Give an event of the one group these tests speak of."""
    return Alert(source="monitor", dedup_key="k", action=action, severity=severity, summary=summary)


FIRING = AlertState(
    alert=event("trigger"),
    status="firing",
    triggers=3,
    acknowledgements=1,
    flaps=1,
    resolutions=1,
    first_at=BEGAN,
    last_at=BEGAN,
    changed_at=BEGAN,
)
OVER = replace(FIRING, status="resolved", resolutions=2)


def after(known: AlertState | None, alert: Alert, *, idle: bool = False) -> Transition:
    """Give what an event makes of what is known, seven minutes later."""
    change = transition(known, alert, idle=idle, now=LATER)
    assert change is not None
    return change


def test_the_first_trigger_is_a_new_group_and_asks_for_a_decision() -> None:
    change = after(None, event("trigger"), idle=True)
    assert change.nudge
    assert (change.state.status, change.state.seen) == ("firing", Seen(1, 0, 0))
    assert change.state.first_at == change.state.last_at == change.state.changed_at == LATER
    assert change.state.alert.group_key == "monitor/k"


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_what_was_never_known_can_be_neither_taken_nor_ended(action: Action) -> None:
    assert transition(None, event(action), idle=True, now=LATER) is None


@pytest.mark.parametrize(
    ("known", "came", "idle", "seen", "flaps", "nudge"),
    [
        # (triggers, acknowledgements, resolutions), how often it came back, and whether to decide again
        (FIRING, event("trigger"), False, Seen(4, 1, 1), 1, False),  # a repeat only counts: 3 + 1
        (FIRING, event("trigger"), True, Seen(4, 0, 1), 1, True),  # a repeat nobody deals with is news
        (FIRING, event("trigger", "critical"), False, Seen(4, 1, 1), 1, True),  # louder than before
        (FIRING, event("trigger", "warning"), False, Seen(4, 1, 1), 1, False),  # quieter
        (FIRING, event("acknowledge"), False, Seen(3, 2, 1), 1, True),  # 1 + 1
        (FIRING, event("resolve"), False, Seen(3, 1, 2), 1, True),  # 1 + 1
        (FIRING, event("resolve"), True, Seen(3, 1, 2), 1, True),
        (OVER, event("trigger"), False, Seen(4, 1, 2), 2, True),  # it came back: 1 + 1; what was counted stays counted
        (OVER, event("trigger"), True, Seen(4, 0, 2), 2, True),  # and to nobody: an earlier answer is of no use
    ],
)
def test_what_an_event_makes_of_a_known_group(
    *, known: AlertState, came: Alert, idle: bool, seen: Seen, flaps: int, nudge: bool
) -> None:
    change = after(known, came, idle=idle)
    assert (change.state.seen, change.state.flaps, change.nudge) == (seen, flaps, nudge)
    assert (change.state.first_at, change.state.last_at) == (BEGAN, LATER)


@pytest.mark.parametrize(
    ("known", "came", "idle"),
    [
        (OVER, event("resolve"), False),  # twice over is over
        (OVER, event("acknowledge"), False),  # nothing is there to take
        (FIRING, event("acknowledge"), True),  # nothing is open to take
    ],
)
def test_what_says_nothing_new_is_dropped(*, known: AlertState, came: Alert, idle: bool) -> None:
    assert transition(known, came, idle=idle, now=LATER) is None


def test_what_is_acknowledged_while_a_decision_is_under_way_is_counted_and_decided_on() -> None:
    """That decision may have looked already, and what it opens is what was acknowledged."""
    change = transition(FIRING, event("acknowledge"), idle=True, deciding=True, now=LATER)
    assert change is not None
    assert (change.state.seen, change.state.answered, change.nudge) == (Seen(3, 2, 1), 3, True)


def test_a_repeat_while_a_decision_is_under_way_does_not_forget_what_was_acknowledged() -> None:
    change = transition(FIRING, event("trigger"), idle=True, deciding=True, now=LATER)
    assert change is not None
    assert (change.state.seen, change.nudge) == (Seen(4, 1, 1), True)


@pytest.mark.parametrize(
    ("acknowledgements", "answered", "known", "expected"),
    [
        (0, 0, 0, False),
        (1, 3, 2, True),
        (1, 3, 3, False),  # the three of them were another incident
        (1, 0, 3, True),  # a row of before this was counted
        (0, 3, 0, False),  # forgotten since
    ],
)
def test_an_acknowledgement_is_of_the_triggers_before_it(
    *, acknowledgements: int, answered: int, known: int, expected: bool
) -> None:
    state = replace(FIRING, acknowledgements=acknowledgements, answered=answered)
    assert state.is_answered_beyond(known) == expected


def test_since_when_it_is_as_it_is_moves_only_when_it_changes() -> None:
    assert after(FIRING, event("trigger")).state.changed_at == BEGAN
    assert after(FIRING, event("acknowledge")).state.changed_at == BEGAN
    assert after(FIRING, event("resolve")).state.changed_at == LATER
    assert after(OVER, event("trigger")).state.changed_at == LATER


def test_the_latest_trigger_is_remembered_and_the_word_of_the_end_is_not() -> None:
    assert after(FIRING, event("trigger", summary="worse")).state.alert.summary == "worse"
    assert after(FIRING, event("resolve", summary="fine")).state.alert.summary == "broken"


def test_a_clock_that_went_back_does_not_take_time_with_it() -> None:
    earlier = BEGAN - timedelta(hours=1)
    change = transition(FIRING, event("resolve"), idle=False, now=earlier)
    assert change is not None
    assert (change.state.last_at, change.state.changed_at) == (BEGAN, BEGAN)


ACTIONS = st.lists(st.sampled_from(("trigger", "acknowledge", "resolve")), max_size=20)


@given(ACTIONS, st.booleans())
@settings(max_examples=40, deadline=None)
def test_counts_never_go_down_and_every_return_is_a_flap(actions: list[Action], idle: bool) -> None:
    known: AlertState | None = None
    returns = 0
    for action in actions:
        change = transition(known, event(action), idle=idle, now=LATER)
        if change is None:
            continue
        if known is not None:
            assert change.state.triggers >= known.triggers
            assert change.state.resolutions >= known.resolutions
            returns += known.status == "resolved" and change.state.status == "firing"
        known = change.state
    if known is not None:
        assert known.flaps == returns
        assert known.triggers == len([action for action in actions[actions.index("trigger") :] if action == "trigger"])
        assert known.resolutions - returns in {0, 1}


@pytest.mark.parametrize("known", [FIRING, OVER, replace(FIRING, alert=event("trigger", "critical"), flaps=0)])
def test_what_is_as_usual_is_not_written_and_reads_the_same_as_where_it_was(known: AlertState) -> None:
    written = msgspec.json.encode(known)
    assert b"null" not in written
    usual = {name: getattr(known.alert, name) for name in Alert.__struct_fields__}
    before = {name: getattr(known, name) for name in AlertState.__struct_fields__} | {"alert": usual}
    assert b"null" in msgspec.json.encode(before)
    for row in (written, msgspec.json.encode(before)):
        assert msgspec.json.decode(row, type=AlertState) == known
