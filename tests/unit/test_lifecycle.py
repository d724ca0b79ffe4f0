"""The life of an incident, decided: what an alert and what a person makes true, and what is waited for then."""

from datetime import datetime

import pytest
from msgspec.structs import replace

from tocsin.answers import Now, answer
from tocsin.detection.alert import Alert, AlertState, Seen
from tocsin.errors import Refused, UsageError
from tocsin.incident import facts as f
from tocsin.incident import jobs as j
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.lifecycle import MAX_ALERT_CHANGES, Alerts, New, World, decide, jobs_for, join
from tocsin.runbook.policy import Criterion
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Host, IncidentTypeSettings, Settings
from tocsin.triage.recalling import Correction
from unit.timeline import BEGAN, SETTINGS, WHY, acknowledged, at, called, opened, policy, story

WORLD = World(policy(), SETTINGS)
NUMBER = "INC-2026-0002"
MIRA = "person:mira"


def alert(
    status: str = "firing",
    *,
    triggers: int = 1,
    acknowledgements: int = 0,
    resolutions: int = 0,
    severity: str = "",
    incident_type: str | None = "trouble",
    hint: str = "error",
) -> AlertState:
    """Give what is known of the group; `hint` is how bad its sender calls it."""
    said = Alert(
        source="monitor",
        dedup_key="k",
        action="trigger",
        summary="It is broken",
        incident_type=incident_type,
        wanted_severity=severity or None,
        severity=hint,
    )
    return AlertState(
        alert=said,
        status=status,  # type: ignore[arg-type]
        triggers=triggers,
        acknowledgements=acknowledgements,
        resolutions=resolutions,
        first_at=BEGAN,
        last_at=BEGAN,
        changed_at=BEGAN,
    )


def facts_of(
    incident: Incident | None, known: AlertState, world: World = WORLD, now: datetime = BEGAN
) -> tuple[f.FactBody, ...]:
    """Give what is decided for the group."""
    return decide(incident, Alerts(known), world, New(NUMBER, world), now)


def kinds(bodies: tuple[f.FactBody, ...]) -> list[str]:
    """Give the names of facts."""
    return [type(body).__name__ for body in bodies]


def over(minute: float, *, seen: Seen, by: str = "source:monitor") -> tuple[float, f.Resolved]:
    """Give an end that knew so much of the alert."""
    return minute, f.Resolved(by=by, cause="alert", seen=seen)


# -- an alert changed


def test_an_alert_of_no_incident_opens_one_with_its_reasons() -> None:
    [body] = facts_of(None, alert(severity="P0"))
    assert isinstance(body, f.Opened)
    assert (body.number, body.group_key, body.incident_type, body.severity) == (NUMBER, "monitor/k", "trouble", "P0")
    assert (body.by, body.runbook, body.seen) == ("source:monitor", "0" * 64, Seen(1, 0, 0))
    assert [why.line for why in body.because] == [80]
    assert body.severity_because.text == "it was declared P0"


def test_what_fits_no_entry_is_an_incident_all_the_same() -> None:
    [body] = facts_of(None, alert(incident_type="unheard-of"))
    assert isinstance(body, f.Opened)
    assert (body.incident_type, body.title) == (None, "It is broken")


def test_what_was_over_before_it_was_looked_at_is_opened_and_ended() -> None:
    bodies = facts_of(None, alert("resolved", resolutions=1))
    assert kinds(bodies) == ["Opened", "Resolved"]
    assert isinstance(bodies[1], f.Resolved)
    assert bodies[1].seen == Seen(1, 0, 1)


def test_what_its_sender_has_taken_already_is_opened_and_taken() -> None:
    opening, taken = facts_of(None, alert(acknowledgements=1))
    assert isinstance(opening, f.Opened)
    assert isinstance(taken, f.Acknowledged)
    assert (opening.seen, taken.seen) == (Seen(1, 0, 0), Seen(1, 1, 0))  # a fact of its own, known from then on


@pytest.mark.parametrize("restricted", [True, False])
def test_whether_it_is_restricted_is_the_word_of_the_configuration_before_that_of_the_document(
    *, restricted: bool
) -> None:
    from_document = World(policy(restricted=True), SETTINGS)
    [opening] = facts_of(None, alert(), from_document)
    assert isinstance(opening, f.Opened)
    assert opening.restricted
    types = {"trouble": IncidentTypeSettings(restricted=restricted)}
    [told] = facts_of(None, alert(), World(policy(restricted=True), replace(SETTINGS, incident_types=types)))
    assert isinstance(told, f.Opened)
    assert told.restricted is restricted


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(14), ["Reopened"]),  # 9 + 5 min
        (at(14.1), ["Opened"]),  # later
    ],
)
def test_what_comes_back_is_the_same_incident_for_five_minutes(now: datetime, expected: list[str]) -> None:
    ended = story((0, opened()), over(9, seen=Seen(1, 0, 1)))
    assert kinds(facts_of(ended, alert(triggers=2, resolutions=1), now=now)) == expected


def test_what_was_known_at_the_end_brings_nothing_back() -> None:
    ended = story((0, opened()), over(9, seen=Seen(5, 0, 0), by=MIRA))
    assert facts_of(ended, alert(triggers=5), now=at(10)) == ()
    assert kinds(facts_of(ended, alert(triggers=6), now=at(10))) == ["Reopened"]
    assert facts_of(ended, alert("resolved", triggers=5, resolutions=1), now=at(10)) == ()


def test_a_reopening_says_why_and_who() -> None:
    ended = story((0, opened()), over(9, seen=Seen(1, 0, 1)))
    [body] = facts_of(ended, alert(triggers=2, resolutions=1), now=at(10))
    assert isinstance(body, f.Reopened)
    assert (body.automatic, body.by) == (True, "source:monitor")
    assert body.because.text == "the alert fired again: It is broken"


def test_what_comes_back_louder_raises_what_it_reopens_and_a_repeat_of_before_does_not() -> None:
    began = opened(incident_type=None, severity="P2")
    ended = story((0, began), over(9, seen=Seen(1, 0, 1)))
    known = alert(triggers=2, resolutions=1, incident_type=None, hint="critical")
    reopening, raised = facts_of(ended, known, now=at(10))
    assert isinstance(reopening, f.Reopened)
    assert reopening.hint == "critical"
    assert isinstance(raised, f.SeverityChanged)
    assert (raised.before, raised.after) == ("P2", "P0")
    as_before = alert(triggers=2, resolutions=1, incident_type=None, hint="warning")
    assert kinds(facts_of(ended, as_before, now=at(10))) == ["Reopened"]


def test_what_comes_back_has_the_severity_of_the_entry_that_it_was_given_to_meanwhile() -> None:
    given = f.TypeCorrected(by=MIRA, before=None, after="trouble", title="Trouble", restricted=False, because=WHY)
    began = opened(incident_type=None, severity="P2")
    ended = story((0, began), over(9, seen=Seen(1, 0, 1)), (9.5, given))
    known = alert(triggers=2, resolutions=1, incident_type=None, hint="warning")
    _, raised = facts_of(ended, known, now=at(10))
    assert isinstance(raised, f.SeverityChanged)
    assert (raised.before, raised.after, raised.because.line) == ("P2", "P1", 80)


def test_what_came_back_and_went_before_anybody_looked_closes_nothing_while_another_alert_of_it_fires() -> None:
    joined = f.AlertJoined(summary="b", group_key="monitor/b", because=WHY, seen=Seen(1, 0, 0))
    by_mira = f.Resolved(by=MIRA, cause="person", seen=Seen(1, 0, 0), others={"monitor/b": Seen(1, 0, 0)})
    ended = story((0, opened()), (1, joined), (9, by_mira))
    other = alert()
    other = replace(other, alert=replace(other.alert, dedup_key="b"))
    known = Alerts(alert("resolved", triggers=2, resolutions=1), (other,))
    assert kinds(decide(ended, known, WORLD, New(NUMBER, WORLD), at(10))) == ["Reopened", "AlertCleared"]
    over = known._replace(others=(replace(other, status="resolved", resolutions=1),))
    assert kinds(decide(ended, over, WORLD, New(NUMBER, WORLD), at(10))) == ["Reopened", "Resolved"]


def reopened(times: int) -> Incident:
    """Give an open incident that came back so often."""
    told: list[tuple[float, f.FactBody]] = [(0, opened())]
    for number in range(times):
        told += [
            over(number + 0.5, seen=Seen(number + 1, 0, number + 1)),
            (number + 1, f.Reopened(automatic=True, because=WHY, seen=Seen(number + 2, 0, number + 1))),
        ]
    return story(*told)


def test_after_three_returns_the_end_of_the_alert_is_only_noted() -> None:
    assert kinds(facts_of(reopened(2), alert("resolved", triggers=3, resolutions=3))) == ["Resolved"]
    [body] = facts_of(reopened(3), alert("resolved", triggers=4, resolutions=4))
    assert isinstance(body, f.AlertCleared)
    assert body.because.text == "it came back 3 times, so a person closes it"


def test_a_restricted_incident_is_ended_by_a_person() -> None:
    [body] = facts_of(story((0, opened(restricted=True))), alert("resolved", resolutions=1))
    assert isinstance(body, f.AlertCleared)
    assert body.because.text == "a restricted incident is closed by a person"


def test_the_end_of_an_alert_is_noted_once_and_its_return_too() -> None:
    cleared = f.AlertCleared(summary="over", because=WHY, seen=Seen(1, 0, 1))
    gone = story((0, opened(restricted=True)), (1, cleared))
    assert facts_of(gone, alert("resolved", resolutions=1)) == ()
    assert kinds(facts_of(gone, alert(triggers=2, resolutions=1))) == ["AlertJoined"]


def test_a_timeline_notes_so_many_comings_and_goings_and_no_more() -> None:
    told: list[tuple[float, f.FactBody]] = [(0, opened(restricted=True))]
    for number in range(MAX_ALERT_CHANGES // 2):
        seen = Seen(number + 1, 0, number + 1)
        told += [(1, f.AlertCleared(summary="", because=WHY, seen=seen)), (1, f.AlertJoined(summary=""))]
    noisy = story(*told)
    assert facts_of(noisy, alert("resolved", triggers=99, resolutions=99)) == ()


def test_an_end_from_before_a_person_reopened_it_does_not_end_it_again() -> None:
    again = story(
        (0, opened()),
        over(5, seen=Seen(1, 0, 1)),
        (6, f.Reopened(by=MIRA, automatic=False, because=WHY, seen=Seen(1, 0, 1))),
    )
    assert facts_of(again, alert("resolved", resolutions=1)) == ()
    assert kinds(facts_of(again, alert("resolved", triggers=2, resolutions=2))) == ["Resolved"]


def test_an_alert_may_raise_the_severity_and_never_lowers_it() -> None:
    [body] = facts_of(story((0, opened("P2"))), alert(severity="P1"))
    assert isinstance(body, f.SeverityChanged)
    assert (body.before, body.after, body.by) == ("P2", "P1", "source:monitor")
    assert facts_of(story((0, opened("P1"))), alert(severity="P2")) == ()
    assert facts_of(story((0, opened("P1"))), alert(severity="P1")) == ()


def test_an_alert_does_not_undo_what_a_person_lowered() -> None:
    lowered = f.SeverityChanged(by=MIRA, before="P1", after="P3", because=WHY)
    incident = story((0, opened("P1")), (1, lowered))
    assert facts_of(incident, alert(severity="P1")) == ()
    [worse] = facts_of(incident, alert(severity="P0"))  # but a worse one than it ever was counts
    assert isinstance(worse, f.SeverityChanged)
    assert (worse.before, worse.after) == ("P3", "P0")


def test_what_its_sender_acknowledged_of_an_earlier_incident_takes_no_new_one() -> None:
    last = story((0, opened()), over(9, seen=Seen(1, 0, 0), by=MIRA))
    late = replace(alert(triggers=2, acknowledgements=1), answered=1)
    [again] = facts_of(last, late, now=at(10))
    assert isinstance(again, f.Reopened)
    assert again.seen == Seen(2, 1, 0), "nothing follows from it later either"
    in_time = replace(late, answered=2)
    assert kinds(facts_of(last, in_time, now=at(10))) == ["Reopened", "Acknowledged"]


def test_an_alert_that_joins_others_is_taken_by_what_its_sender_acknowledged_of_it_alone() -> None:
    last, other = story((0, opened()), over(9, seen=Seen(1, 0, 0), by=MIRA)), story((0, opened()))
    other = replace(other, group_key="monitor/other")
    late = replace(alert(triggers=2, acknowledgements=1), answered=1)
    [joined] = join(Alerts(late), other, WHY, WORLD, at(10), last=last)
    assert isinstance(joined, f.AlertJoined)
    assert joined.seen == Seen(2, 1, 0)
    for known, state in ((last, replace(late, answered=2)), (None, late)):
        assert kinds(join(Alerts(state), other, WHY, WORLD, at(10), last=known)) == ["AlertJoined", "Acknowledged"]


def test_the_acknowledgement_of_the_sender_counts_once() -> None:
    [body] = facts_of(story((0, opened())), alert(acknowledgements=1))
    assert isinstance(body, f.Acknowledged)
    assert (body.by, body.via, body.seen) == ("source:monitor", "alert", Seen(1, 1, 0))
    assert facts_of(story((0, opened()), (1, body)), alert(acknowledgements=1)) == ()


def test_a_person_who_declares_is_the_one_who_opened_it() -> None:
    declared = alert()
    declared = replace(declared, alert=replace(declared.alert, declared_by=MIRA))
    [body] = facts_of(None, declared)
    assert body.by == MIRA


# -- a person acts

OPEN = story((0, opened()), (0, called("L1", "mira")))
ENDED = story((0, opened()), over(9, seen=Seen(1, 0, 1)))


def said(incident: Incident, wish: w.Wish) -> tuple[f.FactBody, ...]:
    """Give what comes of a wish."""
    return answer(incident, wish, WORLD, Now(at(60), Seen(4, 0, 2)))


def test_taking_it_ending_it_and_reopening_it_know_how_much_of_the_alert_was_known() -> None:
    for incident, wish in (
        (OPEN, w.Acknowledge(by=MIRA)),
        (OPEN, w.Resolve(by=MIRA)),
        (ENDED, w.Reopen(by=MIRA)),
    ):
        [body] = said(incident, wish)
        assert isinstance(body, f.Acknowledged | f.Resolved | f.Reopened)
        assert (body.by, body.seen) == (MIRA, Seen(4, 0, 2))


def test_what_is_so_already_needs_no_fact() -> None:
    taken = story((0, opened()), (0, called("L1", "mira")), (1, acknowledged("mira")))
    assert said(taken, w.Acknowledge(by=MIRA)) == ()
    assert said(ENDED, w.Resolve(by=MIRA)) == ()
    assert said(OPEN, w.Reopen(by=MIRA)) == ()
    assert said(OPEN, w.ChangeSeverity(by=MIRA, severity="P1", because="it is")) == ()


def test_who_was_told_less_takes_it_from_nobody_and_calls_nobody_twice() -> None:
    taken = story((0, opened()), (0, called("L1", "mira")), (1, acknowledged("mira")))  # #3
    jonas = w.Acknowledge(by="person:jonas", seen_to=2)
    assert said(taken, jonas) == ()
    assert kinds(said(taken, w.Acknowledge(by="person:jonas", seen_to=3))) == ["Acknowledged"]
    called_since = story((0, opened()), (0, called("L1")), (1, acknowledged("mira")), (30, called("L2", "jonas")))
    assert kinds(said(called_since, jonas)) == ["Acknowledged"]  # L2's call wants an answer of its own
    assert said(called_since, w.Escalate(by=MIRA, level="L2", seen_to=3)) == ()
    assert kinds(said(called_since, w.Escalate(by=MIRA, level="L2", seen_to=4))) == ["EscalationRequested"]
    asked = story((0, opened()), (0, called("L1")), (1, f.EscalationRequested(level="L2")))
    assert said(asked, w.Escalate(by=MIRA, level="L2", seen_to=2)) == ()


def test_taking_it_from_somebody_or_after_another_call_is_a_new_fact() -> None:
    taken = story((0, opened()), (0, called("L1", "mira")), (1, acknowledged("mira")))
    assert kinds(said(taken, w.Acknowledge(by="person:jonas"))) == ["Acknowledged"]
    called_again = story(
        (0, opened()), (0, called("L1", "mira")), (1, acknowledged("mira")), (30, called("L2", "jonas"))
    )
    assert kinds(said(called_again, w.Acknowledge(by=MIRA))) == ["Acknowledged"]


@pytest.mark.parametrize(
    ("incident", "wish", "reason"),
    [
        (ENDED, w.Acknowledge(by=MIRA), "INC-2026-0001 is resolved; reopen it first"),
        (ENDED, w.Escalate(by=MIRA), "INC-2026-0001 is resolved; reopen it first"),
        (ENDED, w.ChangeSeverity(by=MIRA, severity="P0", because="worse"), "reopen it first"),
        (
            story((0, opened()), (0, called("L1")), (1, called("L2")), (2, called("L3"))),
            w.Escalate(by=MIRA),
            "every level was called already; name one to call it again",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(incident: Incident, wish: w.Wish, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        said(incident, wish)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (w.Escalate(by=MIRA, level="L9"), "there is no level L9; this runbook has L1, L2, L3"),
        (w.ChangeSeverity(by=MIRA, severity="P9", because="?"), "no severity P9; this runbook has P0, P1, P2, P3"),
        (w.ChangeSeverity(by=MIRA, severity="P0", because="  "), "say why: a change of severity needs a reason"),
        (w.Note(by=MIRA, text=" \n"), "the note is empty"),
    ],
)
def test_what_makes_no_sense_is_said_to(wish: w.Wish, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        said(OPEN, wish)


def test_calling_the_next_level_or_a_named_one() -> None:
    [following] = said(OPEN, w.Escalate(by=MIRA, why="stuck"))
    [named] = said(OPEN, w.Escalate(by=MIRA, level="l3"))
    assert following == f.EscalationRequested(by=MIRA, level="L2", why="stuck")
    assert named == f.EscalationRequested(by=MIRA, level="L3")


def test_a_note_is_trimmed_and_welcome_after_the_end_too() -> None:
    assert said(ENDED, w.Note(by=MIRA, text=" it was DNS ")) == (f.Noted(by=MIRA, text="it was DNS"),)


# -- what is waited for


def test_a_beginning_waits_for_the_first_call_only() -> None:
    [job] = jobs_for(story((0, opened())), WORLD)
    assert (job.key, job.owner, job.due) == ("INC-2026-0001/call/L1/1", "INC-2026-0001", BEGAN)
    assert isinstance(job.do, j.Call)
    assert (job.do.level, job.do.round, job.do.cause) == ("L1", 1, "opened")


def test_a_call_waits_for_its_page_and_for_the_next_level() -> None:
    jobs = {job.key.removeprefix("INC-2026-0001/"): job.due for job in jobs_for(OPEN, WORLD)}
    assert jobs == {"call/L2/1": at(15), "1/L1/mira/0.push": at(0)}  # 0 + R


def test_what_is_over_waits_for_nothing() -> None:
    assert jobs_for(ENDED, WORLD) == ()


def test_waiting_does_not_depend_on_when_it_is_asked_and_names_each_job_once() -> None:
    incident = story((0, opened("P0")), (0, called("L1", "mira")), (15, called("L2", "jonas")))
    keys = [job.key for job in jobs_for(incident, WORLD)]
    assert len(keys) == len(set(keys))
    assert jobs_for(incident, WORLD) == jobs_for(incident, WORLD)
    assert all(job.due >= BEGAN for job in jobs_for(incident, WORLD))


def test_a_p0_waits_to_tell_the_executive_who_is_then_told_by_name() -> None:
    jobs = {job.key.removeprefix("INC-2026-0001/") for job in jobs_for(story((0, opened("P0"))), WORLD)}
    assert jobs == {"call/L1/1", "inform/Executive/1"}
    informed = f.Informed(level="Executive", people=(f.Called("eva"),), because=WHY)
    jobs = {job.key.removeprefix("INC-2026-0001/") for job in jobs_for(story((0, opened("P0")), (0, informed)), WORLD)}
    assert jobs == {"call/L1/1", "notify/Executive/1/eva/0.push"}


def test_giving_up_is_waited_for_like_anything_else() -> None:
    once = World(policy(), replace(SETTINGS, max_rounds=1, people={}))
    climbed = story((0, opened()), (0, called("L1")), (15, called("L2")), (30, called("L3")))
    [job] = jobs_for(climbed, once)
    assert (job.key, job.due, job.do) == ("INC-2026-0001/give-up/1", at(45), j.GiveUp(rounds=1))  # 30 + R


def test_a_second_round_has_a_key_of_its_own() -> None:
    again = story((0, opened()), (0, called("L1", "mira")), (45, called("L1", "mira", counted=2)))
    keys = [job.key for job in jobs_for(again, WORLD) if isinstance(job.do, j.Page)]
    assert keys == ["INC-2026-0001/1/L1/mira/0.push", "INC-2026-0001/2/L1/mira/0.push"]


# -- a person says which entry it is


def test_a_correction_moves_the_incident_and_keeps_what_later_alerts_are_known_by() -> None:
    incident = story((0, opened("P2", incident_type=None)))
    known = Now(at(1), alert=alert().alert)
    corrected, severity = answer(
        incident, w.CorrectType(by=MIRA, incident_type="trouble", because="I know"), WORLD, known
    )
    assert isinstance(corrected, f.TypeCorrected)
    assert (corrected.before, corrected.after, corrected.title) == (None, "trouble", "Trouble")
    assert corrected.because == f.Because("a person gave it to Trouble: I know", 80)
    assert corrected.like == "monitor/words/it is broken"
    assert isinstance(severity, f.SeverityChanged)
    assert (severity.after, severity.because) == ("P1", f.Because("the runbook says that Trouble is P1", 80))


def test_a_corrected_incident_is_as_bad_as_the_next_alert_like_it_would_be() -> None:
    worst, *others = policy().severities
    book = replace(
        policy(), severities=(replace(worst, criteria=(Criterion(text="Complete outage", line=6),)), *others)
    )
    known = replace(alert().alert, summary="Complete outage of the shop", incident_type=None)
    wish = w.CorrectType(by=MIRA, incident_type="trouble", because="I know")
    moved = answer(story((0, opened("P0", incident_type=None))), wish, World(book, SETTINGS), Now(at(1), alert=known))
    assert kinds(moved) == ["TypeCorrected"]  # P1 is what the entry has, and the alert meets a criterion of P0


def test_what_is_looked_at_after_a_correction_is_looked_at_where_its_entry_runs() -> None:
    book = read_runbook(b"# A\n\n## Disk\n\n### Diagnostics\n\n```bash\ndf -h\n```\n")
    [entry] = book.incident_types
    there = Settings(
        hosts={"web": Host(address="web-1")}, incident_types={entry.id: IncidentTypeSettings(targets=("web",))}
    )
    incident = story((0, opened("P2", incident_type=None)))
    wish = w.CorrectType(by=MIRA, incident_type=entry.id, because="I know")
    for settings, machine in ((there, "web"), (replace(there, incident_types={}), "local")):
        known = Now(at(1), alert=alert().alert)
        looks = answer(incident, wish, World(book, settings), known)[-1]
        assert isinstance(looks, f.DiagnosticsChosen)
        assert [step.target for step in looks.run] == [machine]


def test_a_severity_that_a_person_chose_stays_through_a_correction() -> None:
    chosen = f.SeverityChanged(by=MIRA, before="P2", after="P3", because=WHY)
    incident = story((0, opened("P2", incident_type=None)), (1, chosen))
    wish = w.CorrectType(by=MIRA, incident_type="trouble", because="so")
    assert kinds(answer(incident, wish, WORLD, Now(at(1), alert=alert().alert))) == ["TypeCorrected"]


def test_saying_that_it_was_right_is_kept_once_and_needs_no_reason() -> None:
    right = w.CorrectType(by=MIRA, incident_type="trouble", because="")
    [confirmed] = said(OPEN, right)
    assert isinstance(confirmed, f.TypeCorrected)
    assert confirmed.before == confirmed.after == "trouble"
    assert said(story((0, opened()), (1, confirmed)), right) == ()


def test_a_correction_never_opens_what_was_restricted_to_everybody() -> None:
    incident = story((0, opened(restricted=True)))
    [corrected] = said(incident, w.CorrectType(by=MIRA, incident_type=None, because="it was us"))
    assert isinstance(corrected, f.TypeCorrected)
    assert corrected.restricted
    assert corrected.after is None


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (
            w.CorrectType(by=MIRA, incident_type="nothing-like-it", because="x"),
            "no entry nothing-like-it; this .* trouble",
        ),
        (w.CorrectType(by=MIRA, incident_type=None, because=" "), "say why"),
    ],
)
def test_a_correction_names_an_entry_there_is_and_a_reason(wish: w.Wish, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        said(OPEN, wish)


def test_what_was_corrected_decides_for_later_alerts_and_for_later_severities() -> None:
    correction = Correction("monitor/words/it is broken", "x", "trouble", MIRA, BEGAN.date(), "INC-2026-0001")
    [body] = decide(None, Alerts(alert(incident_type="")), WORLD, New(NUMBER, WORLD, (correction,)), BEGAN)
    assert isinstance(body, f.Opened)
    assert body.incident_type == "trouble"
    assert body.because == (
        f.Because("an alert like it belongs to Trouble: corrected by mira on 2026-03-02 at INC-2026-0001", 80),
    )
    moved = f.TypeCorrected(by=MIRA, before="trouble", after=None, title="x", restricted=False, because=WHY)
    incident = story((0, opened("P2")), (1, moved))
    assert facts_of(incident, alert(triggers=2)) == ()  # "Trouble" would have raised it to P1


def test_what_was_corrected_to_an_entry_that_is_gone_decides_nothing_and_is_told() -> None:
    gone = Correction("monitor/words/it is broken", "trouble", "former", MIRA, BEGAN.date(), "INC-2026-0001")
    for corrections, said in (((gone,), True), ((gone._replace(incident_type=None), gone), False)):
        [body, *_] = decide(None, Alerts(alert(incident_type="")), WORLD, New(NUMBER, WORLD, corrections), BEGAN)
        assert isinstance(body, f.Opened)
        assert any("to former, which the runbook has no more" in one.text for one in body.because) is said
        assert body.recalled is not said


def test_what_a_person_said_of_alerts_like_it_holds_while_its_incident_goes_on_too() -> None:
    broken = replace(alert(incident_type=""), alert=replace(alert().alert, incident_type=None))
    before = Correction("monitor/words/it is broken", "trouble", None, MIRA, BEGAN.date(), "INC-2026-0001")
    [first, *_] = decide(None, Alerts(broken), WORLD, New(NUMBER, WORLD, (before,)), BEGAN)
    assert isinstance(first, f.Opened)
    assert (first.incident_type, first.recalled) == (None, True)
    worse = replace(broken, triggers=2, alert=replace(broken.alert, severity="critical"))
    assert facts_of(story((0, first)), worse) == ()
    assert kinds(facts_of(story((0, replace(first, recalled=False))), worse)) == ["SeverityChanged"]
