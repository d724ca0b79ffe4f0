from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.detection.alert import Seen
from tocsin.incident import facts as f
from tocsin.incident.incident import Incident, apply, fold
from unit.timeline import WHY, acknowledged, at, called, facts, opened, story

RESOLVED = f.Resolved(by="person:mira", cause="person", seen=Seen(3, 0, 1))
REOPENED = f.Reopened(by="source:monitor", automatic=True, because=WHY, seen=Seen(4, 0, 1))

SEEN = st.builds(Seen, st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
BY = st.sampled_from(("engine", "person:mira", "person:jonas", "source:monitor"))
LEVEL = st.sampled_from(("L1", "L2", "Executive"))
WHO = st.sampled_from(("mira", "jonas"))
SEVERITY = st.sampled_from(("P0", "P2"))
METHOD = st.sampled_from(("0.push", "late.push"))
PEOPLE = st.lists(st.builds(f.Called, WHO, st.booleans()), min_size=1, max_size=2).map(tuple)
BODIES = st.one_of(
    st.builds(f.AlertJoined, by=BY, summary=st.text(max_size=5)),
    st.builds(f.AlertCleared, by=BY, summary=st.text(max_size=5), because=st.just(WHY), seen=SEEN),
    st.builds(
        f.Escalated, level=LEVEL, round=st.integers(1, 3), people=PEOPLE, cause=st.just("opened"), because=st.just(WHY)
    ),
    st.builds(f.Informed, level=LEVEL, people=PEOPLE, because=st.just(WHY)),
    st.builds(f.Notified, level=LEVEL, person=WHO, method=METHOD),
    st.builds(f.Paged, level=LEVEL, round=st.integers(1, 3), person=WHO, method=METHOD),
    st.builds(
        f.PageFailed,
        level=LEVEL,
        round=st.integers(0, 3),
        person=WHO,
        method=METHOD,
        why=st.just("down"),
        permanent=st.booleans(),
    ),
    st.builds(f.Acknowledged, by=BY, via=st.just("web"), seen=SEEN),
    st.builds(f.EscalationRequested, by=BY, level=LEVEL),
    st.builds(
        f.SeverityChanged, by=BY, before=st.just("P1"), after=st.sampled_from(("P0", "P2")), because=st.just(WHY)
    ),
    st.builds(f.Noted, by=BY, text=st.text(min_size=1, max_size=5)),
    st.builds(f.Resolved, by=BY, cause=st.sampled_from(("person", "alert")), seen=SEEN),
    st.builds(f.Reopened, by=BY, automatic=st.booleans(), because=st.just(WHY), seen=SEEN),
    st.builds(f.GaveUp, rounds=st.integers(1, 3)),
)
STEPS = st.integers(0, 90)


@st.composite
def timelines(draw: st.DrawFn) -> tuple[f.Fact, ...]:
    """Give a timeline of any facts in any order."""
    told: list[tuple[float, f.FactBody]] = [(0, opened())]
    for wait, body in draw(st.lists(st.tuples(STEPS, BODIES), max_size=12)):
        told.append((told[-1][0] + wait, body))
    return facts(*told)


@given(timelines(), st.integers(0, 12))
@settings(max_examples=40, deadline=None)
def test_an_incident_is_the_same_whether_it_is_folded_at_once_or_fact_by_fact(
    timeline: tuple[f.Fact, ...], cut: int
) -> None:
    place = min(cut, len(timeline))
    incident: Incident | None = fold(timeline[:place])
    for fact in timeline[place:]:
        incident = apply(incident, fact)
    assert incident == fold(timeline)


@given(timelines())
@settings(max_examples=40, deadline=None)
def test_a_fold_forgets_nothing_it_must_know(timeline: tuple[f.Fact, ...]) -> None:
    incident = fold(timeline)
    assert incident is not None
    kinds = [fact.kind for fact in timeline]
    ends = [kind for kind in kinds if kind in {"Resolved", "Reopened"}]
    assert (incident.seq, incident.at) == (len(timeline), timeline[-1].at)
    assert (incident.status == "resolved") == bool(ends and ends[-1] == "Resolved")
    assert len(incident.calls) == kinds.count("Escalated")
    assert len(incident.attempts) == sum(kinds.count(kind) for kind in ("Paged", "PageFailed", "Notified"))
    assert len(incident.acknowledgements) == kinds.count("Acknowledged")
    assert incident.opened_at <= incident.began_at <= incident.at


RAN = f.StepRan(
    step="s",
    run=1,
    title="S",
    effective="x",
    how="ended",
    exit=0,
    seconds=0.1,
    found="fine",
    verdict="good",
    excerpt="",
    output="",
    size=0,
    truncated=False,
    redactions=0,
    line=1,
)


def test_every_kind_of_fact_can_be_applied() -> None:
    incident = story((0, opened()))
    told: dict[str, f.FactBody] = {
        "AlertJoined": f.AlertJoined(summary="again"),
        "Merged": f.Merged(into="INC-2026-0002"),
        "Absorbed": f.Absorbed(number="INC-2026-0002", title="Other", alerts={"m/x": "x"}, seen={}),
        "Split": f.Split(into="INC-2026-0003", alerts=("m/x",)),
        "AlertCleared": f.AlertCleared(summary="over", because=WHY),
        "CheckTurned": f.CheckTurned(check="api/slow", good=False, summary="latency 2 s"),
        "Escalated": called("L1", "mira"),
        "Informed": f.Informed(level="Executive", people=(f.Called("eva"),), because=WHY),
        "Notified": f.Notified(level="Executive", person="eva", method="0.push"),
        "Paged": f.Paged(level="L1", round=1, person="mira", method="0.push"),
        "PageFailed": f.PageFailed(level="L1", round=1, person="mira", method="0.push", why="down", permanent=True),
        "Acknowledged": acknowledged("mira"),
        "EscalationRequested": f.EscalationRequested(level="L2"),
        "SeverityChanged": f.SeverityChanged(before="P1", after="P0", because=WHY),
        "TypeCorrected": f.TypeCorrected(before="a", after="b", title="B", restricted=False, because=WHY),
        "Noted": f.Noted(text="hm"),
        "Resolved": RESOLVED,
        "Reopened": REOPENED,
        "GaveUp": f.GaveUp(rounds=3),
        "DiagnosticsChosen": f.DiagnosticsChosen(run=(), refused=()),
        "StepApproved": f.StepApproved(step="s", run=1, title="S", effective="x", changes=True, line=1, seconds=1.0),
        "StepStarted": f.StepStarted(step="s", run=1, title="S", line=1),
        "StepRan": RAN,
        "StepLost": f.StepLost(step="s", run=1, title="S", line=1),
        "StepChecked": f.StepChecked(step="m", title="M", done=True, line=1),
        "UpdatePosted": f.UpdatePosted(status="investigating", public=True, title="T", text="It is looked at."),
        "UpdateSent": f.UpdateSent(update=2, channel="push"),
        "UpdateFailed": f.UpdateFailed(update=2, channel="push", why="down"),
        "Announced": f.Announced(channel="chat", handle="C1/1.1", as_of=1),
        "AnnouncementFailed": f.AnnouncementFailed(channel="chat", why="gone"),
        "Amended": f.Amended(message=1, as_of=1),
        "AmendFailed": f.AmendFailed(message=1, why="gone"),
        "Reminded": f.Reminded(topic="update", stage="1.1", people=(f.Called("mira"),), wake=False, because=WHY),
        "PhaseTaken": f.PhaseTaken(phase="contain", person="mira", line=1),
        "DeadlineMet": f.DeadlineMet(deadline="authority", note="told"),
        "EvidenceAdded": f.EvidenceAdded(name="log", sha256="0" * 64, size=1, source="file"),
        "EvidenceExported": f.EvidenceExported(files=1, manifest="0" * 64),
        "ReviewEdited": f.ReviewEdited(part="root-cause", text="A leak."),
        "ReviewFinished": f.ReviewFinished(),
        "ActionAdded": f.ActionAdded(action="A1", text="Mend it", owner="mira", due="2026-12-01"),
        "ActionChanged": f.ActionChanged(action="A1", done=True),
    }
    assert set(told) | {"Opened"} == f.KINDS
    for body in told.values():
        after = apply(incident, f.Fact(seq=2, at=at(1), body=body, hash="h"))
        assert (after.seq, after.at, after.hash) == (2, at(1), "h")


def test_a_timeline_begins_with_its_opening() -> None:
    assert fold(()) is None
    with pytest.raises(ValueError, match="begins with Opened"):
        fold((f.Fact(seq=1, at=at(0), body=f.Noted(text="hm")),))


def test_an_opening_says_what_it_is() -> None:
    incident = story((3, opened("P0", restricted=True)))
    assert (incident.number, incident.status, incident.severity, incident.restricted) == (
        "INC-2026-0001",
        "triggered",
        "P0",
        True,
    )
    assert incident.opened_at == incident.began_at == at(3)
    assert (incident.began_seq, incident.level, incident.acknowledged) == (1, None, None)


def test_an_acknowledgement_is_whose_it_was_last() -> None:
    incident = story((0, opened()), (1, acknowledged("mira")), (2, acknowledged("jonas")))
    assert incident.status == "acknowledged"
    assert incident.acknowledged is not None
    assert (incident.acknowledged.by, incident.acknowledged.at) == ("person:jonas", at(2))


def test_an_acknowledgement_of_what_is_over_does_not_open_it() -> None:
    assert story((0, opened()), (1, RESOLVED), (2, acknowledged("mira"))).status == "resolved"


def test_an_end_is_known_with_how_much_of_the_alert_it_knew() -> None:
    incident = story((0, opened()), (7, RESOLVED))
    assert incident.resolved is not None
    assert (incident.status, incident.resolved.by, incident.resolved.at) == ("resolved", "person:mira", at(7))
    assert incident.seen == Seen(3, 0, 1)


def test_a_reopening_begins_anew_and_keeps_what_was() -> None:
    before = (0, opened()), (0, called("L1", "mira")), (1, acknowledged("mira")), (2, f.GaveUp(rounds=3)), (7, RESOLVED)
    incident = story(*before, (9, REOPENED))
    assert (incident.status, incident.resolved, incident.acknowledged, incident.gave_up) == (
        "triggered",
        None,
        None,
        None,
    )
    assert (incident.opened_at, incident.began_at, incident.began_seq) == (at(0), at(9), 6)
    assert incident.current_calls == ()
    assert incident.rounds("L1") == 1
    assert incident.automatic_reopenings == 1
    by_hand = story(*before, (9, f.Reopened(by="person:mira", automatic=False, because=WHY)))
    assert by_hand.automatic_reopenings == 0


def test_a_call_is_who_when_and_for_the_which_time() -> None:
    incident = story((0, opened()), (0, called("L1", "mira")), (45, called("L1", "mira", counted=2, cause="repeat")))
    assert [(call.level, call.round, call.at, call.seq) for call in incident.current_calls] == [
        ("L1", 1, at(0), 2),
        ("L1", 2, at(45), 3),
    ]
    assert (incident.level, incident.rounds("L1"), incident.rounds("L2")) == ("L1", 2, 0)


def test_an_alert_raises_what_it_knows_and_a_person_does_not() -> None:
    lowered = f.SeverityChanged(by="person:mira", before="P0", after="P2", because=WHY)
    raised = f.SeverityChanged(by="source:monitor", before="P2", after="P1", because=WHY)
    incident = story((0, opened("P0")), (1, lowered))
    assert (incident.severity, incident.alert_severity) == ("P2", "P0")
    again = story((0, opened("P0")), (1, lowered), (2, raised))
    assert (again.severity, again.alert_severity, again.severity_because) == ("P1", "P1", WHY)


def test_an_alert_comes_and_goes_on_the_record() -> None:
    cleared = f.AlertCleared(summary="over", because=WHY, seen=Seen(2, 0, 1))
    gone = story((0, opened()), (1, cleared))
    back = story((0, opened()), (1, cleared), (2, f.AlertJoined(summary="again")))
    closed = story((0, opened()), (1, cleared), (2, RESOLVED), (3, REOPENED))
    assert not closed.cleared  # it begins anew: the next return of the alert needs no line of its own
    assert (gone.cleared, gone.alert_changes, gone.seen) == (True, 1, Seen(2, 0, 1))
    assert (back.cleared, back.alert_changes) == (False, 2)


@pytest.mark.parametrize("automatic", [True, False])
def test_an_alert_that_was_over_is_not_said_to_fire_when_the_incident_comes_back(*, automatic: bool) -> None:
    joined = f.AlertJoined(summary="b", group_key="monitor/b", because=WHY)
    ended = f.Resolved(by="source:monitor", cause="alert", others={"monitor/b": Seen(1, 0, 1)})
    reopened = f.Reopened(automatic=automatic, because=WHY)
    back = story((0, opened()), (1, joined), (2, ended), (3, reopened))
    assert [back.cleared_of(group) for group in back.groups] == [not automatic, True]
    assert (back.kept_open, back.ended) == (not automatic, False)


def test_concerned_is_everybody_who_was_called_told_tried_or_took_it() -> None:
    incident = story(
        (0, opened()),
        (0, called("L1", "mira")),
        (0, f.Informed(level="Executive", people=(f.Called("eva"),), because=WHY)),
        (1, f.Paged(level="L1", round=1, person="falk", method="fallback.push")),
        (2, acknowledged("jonas")),
        (3, f.Acknowledged(by="source:monitor", via="alert")),
    )
    assert incident.concerned == {"mira", "eva", "falk", "jonas"}


def test_a_notification_has_no_round_and_a_failure_knows_whether_it_is_for_good() -> None:
    incident = story(
        (0, opened()),
        (0, f.Notified(level="Executive", person="eva", method="0.push")),
        (1, f.PageFailed(level="L1", round=2, person="mira", method="0.push", why="gone", permanent=True)),
    )
    told, failed = incident.attempts
    assert (told.round, told.delivered, told.permanent) == (0, True, False)
    assert (failed.round, failed.delivered, failed.permanent, failed.at) == (2, False, True, at(1))


def test_what_is_folded_is_a_value() -> None:
    incident = story((0, opened()))
    assert replace(incident, at=incident.at + timedelta(0)) == incident
    with pytest.raises(AttributeError):
        incident.severity = "P0"  # type: ignore[misc]
