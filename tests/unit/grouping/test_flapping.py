"""Flapping: when an alert is not believed to be over, and when it is again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.detection.alert import Alert, AlertState, Seen, transition
from tocsin.grouping.deciding import Alerts, New, decide
from tocsin.grouping.flapping import quiet_at, waits_for_quiet, why
from tocsin.incident import facts as f
from tocsin.incident.incident import Incident, apply
from tocsin.incident.world import World
from tocsin.settings import MOST_ENDS
from unit.timeline import BEGAN, SETTINGS, at, policy

WORLD = World(policy(), SETTINGS)
USUAL = replace(SETTINGS, flapping_after=2, flapping_within=timedelta(minutes=10))
TRIGGER = Alert(source="monitor", dedup_key="k", action="trigger", summary="It is broken", incident_type="trouble")
RESOLVE = replace(TRIGGER, action="resolve")


def ended(*minutes: float, status: str = "resolved") -> AlertState:
    """Give an alert that was over at these minutes."""
    return AlertState(
        alert=TRIGGER,
        status=status,  # type: ignore[arg-type]
        triggers=len(minutes),
        resolutions=len(minutes),
        first_at=BEGAN,
        last_at=BEGAN,
        changed_at=BEGAN,
        ends=tuple(map(at, minutes)),
    )


@pytest.mark.parametrize(
    ("ends", "now", "quiet"),
    [
        ((), 1, None),
        ((5,), 5, None),
        ((5, 15), 15, 25),
        ((5, 15.1), 15.1, None),  # the first was too long ago
        ((1, 5, 15), 24.9, 25),
        ((5, 15), 25, None),  # it has been quiet for as long
    ],
)
def test_an_alert_flaps_when_it_ended_twice_within_ten_minutes_until_it_was_quiet_for_as_long(
    ends: tuple[float, ...], now: float, quiet: float | None
) -> None:
    expected = None if quiet is None else at(quiet)
    assert quiet_at(ended(*ends), USUAL, at(now)) == expected
    assert waits_for_quiet(ended(*ends), USUAL, at(now)) == expected
    assert waits_for_quiet(ended(*ends, status="firing"), USUAL, at(now)) is None


def test_nothing_flaps_where_the_configuration_says_so() -> None:
    assert quiet_at(ended(1, 2, 3, 4), replace(USUAL, flapping_after=0), at(5)) is None


def test_only_the_latest_ends_are_remembered() -> None:
    state = AlertState(alert=TRIGGER, status="firing", triggers=1, first_at=BEGAN, last_at=BEGAN, changed_at=BEGAN)
    for minute in range(2 * MOST_ENDS):
        over = transition(state, RESOLVE, idle=False, now=at(minute))
        assert over is not None
        again = transition(over.state, TRIGGER, idle=False, now=at(minute))
        assert again is not None
        state = again.state
    assert state.ends == tuple(at(minute) for minute in range(MOST_ENDS, 2 * MOST_ENDS))


def _told(incident: Incident | None, bodies: tuple[f.FactBody, ...], now: float) -> Incident | None:
    for body in bodies:
        incident = apply(incident, f.Fact(seq=incident.seq + 1 if incident else 1, at=at(now), body=body))
    return incident


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans(), st.booleans()), max_size=40))
def test_an_alert_that_fires_has_an_open_incident_and_one_that_is_quiet_has_none(
    swings: list[tuple[float, bool, bool]],
) -> None:
    """Whatever comes and goes, and whether a turn is taken at once or only later."""
    state: AlertState | None = None
    incident: Incident | None = None
    minute, opened = 0.0, 0

    def turn() -> None:
        nonlocal incident, opened
        if state is None:
            return
        new = New(f"INC-2026-{opened + 1:04}", WORLD)
        bodies = decide(incident, Alerts(state), World(WORLD.runbook, USUAL), new, at(minute))
        if bodies and isinstance(bodies[0], f.Opened):
            incident, opened = None, opened + 1
        incident = _told(incident, bodies, minute)

    for pause, fires, looked in swings:
        minute += pause
        change = transition(state, TRIGGER if fires else RESOLVE, idle=False, now=at(minute))
        state = change.state if change else state
        if looked:
            turn()
            if state is not None and state.status == "firing":
                assert incident is not None
                assert incident.status != "resolved"
    turn()
    while state is not None and (again := waits_for_quiet(state, USUAL, at(minute))):
        minute = (again - BEGAN).total_seconds() / 60
        turn()
    if state is not None and state.status == "resolved":
        assert incident is not None
        assert incident.status == "resolved" or incident.automatic_reopenings >= USUAL.max_reopenings


def test_what_is_over_before_it_is_looked_at_is_not_resolved_unseen_when_it_flaps() -> None:
    [opened, cleared] = decide(
        None, Alerts(ended(1, 2)), World(WORLD.runbook, USUAL), New("INC-2026-0001", WORLD), at(2)
    )
    assert isinstance(opened, f.Opened)
    assert isinstance(cleared, f.AlertCleared)
    assert cleared.because.text.startswith("it flaps: it was over 2 times within 10 min")
    assert cleared.seen == Seen(2, 0, 2)


def test_the_reason_speaks_of_seconds_where_it_is_about_seconds() -> None:
    short = replace(SETTINGS, flapping_after=1, flapping_within=timedelta(seconds=90))
    assert why(short, BEGAN).text.startswith("it flaps: it was over 1 time within 90 s.")
