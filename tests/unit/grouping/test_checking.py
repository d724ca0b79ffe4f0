"""What the checks of an entry say while its incident is open."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.detection.alert import Alert, AlertState
from tocsin.detection.conditions import measured_of
from tocsin.grouping.checking import MOST_TURNS, turning
from tocsin.incident import facts as f
from tocsin.incident.incident import Incident, apply
from tocsin.incident.world import World
from tocsin.runbook.reading import read_runbook
from tocsin.settings import CheckSettings, Condition, IncidentTypeSettings, ProbeSettings, Settings
from unit.timeline import SETTINGS, at, opened, policy, story

SLOW = CheckSettings(id="slow", value="latency", limit=1.0)
DOWN = CheckSettings(id="down", value="up", limit=1.0, op="<")
API = ProbeSettings(id="api", kind="http", checks=(SLOW, DOWN))


def world(*conditions: Condition) -> World:
    entry = IncidentTypeSettings(resolved_when=conditions)
    return World(policy(), replace(SETTINGS, probes={"api": API}, incident_types={"trouble": entry}))


HELD = world(Condition(probe="api", check="slow", for_=timedelta(minutes=2)))


def state(minute: float, *, firing: bool, name: str = "api/slow", summary: str = "latency 2 s") -> AlertState:
    alert = Alert(source="probe", dedup_key=name, action="trigger", summary=summary)
    known = AlertState(
        alert=alert, status="firing", triggers=1, first_at=at(0), last_at=at(minute), changed_at=at(minute)
    )
    return known if firing else replace(known, status="resolved")


def told(incident: Incident, one: AlertState, minute: float, of: World = HELD) -> tuple[Incident, list[f.CheckTurned]]:
    """Give the incident after a turn at that minute, and what was recorded."""
    found = turning(incident, [one], of, at(minute))
    for body in found.facts:
        incident = apply(incident, f.Fact(seq=incident.seq + 1, at=at(minute), body=body))
    return incident, list(found.facts)


def test_a_check_is_heard_when_it_turns_and_only_then() -> None:
    incident, first = told(story((0, opened())), state(1, firing=True), 1)
    assert [(one.check, one.good, one.summary) for one in first] == [("api/slow", False, "latency 2 s")]
    assert told(incident, state(1, firing=True), 3)[1] == []
    incident, second = told(incident, state(5, firing=False), 7)
    assert [(one.check, one.good) for one in second] == [("api/slow", True)]
    assert told(incident, state(5, firing=False), 9)[1] == []
    assert [one.good for one in told(incident, state(10, firing=True), 10)[1]] == [False]


def test_it_has_to_be_good_for_as_long_as_is_wanted_and_is_looked_at_again_then() -> None:
    incident, _ = told(story((0, opened())), state(1, firing=True), 1)
    found = turning(incident, [state(5, firing=False)], HELD, at(6))
    assert (found.facts, found.again) == ((), at(7))


def test_a_check_that_never_saw_the_trouble_says_nothing() -> None:
    assert told(story((0, opened())), state(-5, firing=False), 1)[1] == []


def test_the_alert_of_another_check_says_nothing() -> None:
    assert told(story((0, opened())), state(1, firing=True, name="api/down"), 1)[1] == []


def test_without_a_check_each_check_of_the_probe_counts() -> None:
    each = world(Condition(probe="api"))
    assert told(story((0, opened())), state(1, firing=True, name="api/down"), 1, each)[1] != []


def test_the_step_that_changed_something_in_between_is_named() -> None:
    approved = f.StepApproved(step="s", run=1, title="Quick restart", effective="x", changes=True, line=7, seconds=9)
    ran = f.StepRan(
        step="s", run=1, title="Quick restart", effective="x", how="ended", exit=0, seconds=1, found="", verdict="good",
        excerpt="", output="", size=0, truncated=False, redactions=0, line=7,
    )  # fmt: skip
    bad = f.CheckTurned(check="api/slow", good=False, summary="")
    assert told(story((0, opened()), (1, bad), (2, approved), (3, ran)), state(4, firing=False), 9)[1][0].after == (
        "Quick restart"
    )
    assert told(story((0, opened()), (1, approved), (2, ran), (3, bad)), state(4, firing=False), 9)[1][0].after == ""


def test_a_reopening_begins_anew() -> None:
    bad = f.CheckTurned(check="api/slow", good=False, summary="")
    over = f.Resolved(by="person:mira", cause="person")
    again = f.Reopened(by="person:mira", automatic=False, because=f.Because("no"))
    incident = story((0, opened()), (1, bad), (2, over), (3, again))
    assert incident.checks == {}
    assert [one.good for one in told(incident, state(1, firing=True), 4)[1]] == [False]


@given(st.lists(st.booleans(), max_size=120))
def test_however_often_it_turns_its_facts_are_bounded_and_the_last_of_too_many_is_bad(swings: list[bool]) -> None:
    incident, count = story((0, opened())), 0
    for place, firing in enumerate(swings):
        incident, new = told(incident, state(place * 3, firing=firing), place * 3 + 2.5)
        count += len(new)
    assert count <= MOST_TURNS + 1
    if count == MOST_TURNS + 1:
        assert not incident.checks["api/slow"].good


# -- where conditions stand


def test_an_annotation_says_when_an_entry_is_over_and_the_configuration_wins() -> None:
    text = (
        "# Shop\n\n## Incidents\n\n### Till down\n\n<!-- tocsin:resolved-when probe=api check=down for=5m -->\n\n"
        "**Symptoms**:\n\n- No till answers\n"
    )
    [entry] = read_runbook(text.encode(), "RUNBOOK.md").incident_types
    probes = Settings(probes={"api": API})
    assert measured_of(entry, probes).checks == {"api/down": timedelta(minutes=5)}
    mine = IncidentTypeSettings(resolved_when=(Condition(probe="api", check="slow"),))
    assert list(measured_of(entry, replace(probes, incident_types={"till-down": mine})).checks) == ["api/slow"]


def test_a_probe_that_is_not_configured_tells_nothing() -> None:
    entry = replace(policy().incident_types[0], conditions=(Condition(probe="gone"), Condition(probe="api")))
    found = measured_of(entry, Settings(probes={"api": API}))
    assert (found.missing, found.tells) == (("gone",), False)
