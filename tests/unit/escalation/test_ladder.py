"""The ladder as a table: what has happened, and which level is called next, when and why."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tocsin.escalation.ladder import Ladder
from tocsin.incident import facts as f
from tocsin.incident.incident import Incident
from tocsin.runbook.policy import EntryRule, Level, Runbook, Severity
from tocsin.settings import (
    CheckSettings,
    Condition,
    IncidentTypeSettings,
    ProbeSettings,
    Settings,
    UnmatchedSettings,
)
from unit.timeline import (
    EXECUTIVE,
    L1,
    L2,
    L3,
    SETTINGS,
    WHY,
    acknowledged,
    at,
    called,
    opened,
    policy,
    rule,
    story,
)

Told = tuple[tuple[float, f.FactBody], ...]


def due(incident: Incident, runbook: Runbook | None = None) -> list[str]:
    """Give the calls that are to come as "15 L2 unacknowledged": minutes since the beginning, level, cause."""
    calls = Ladder(incident, runbook or policy(), SETTINGS).calls()
    return [f"{(call.due - at(0)).total_seconds() / 60:g} {call.level} {call.cause}" for call in calls]


@pytest.mark.parametrize(
    ("severity", "told", "expected"),
    [
        # nothing was called yet
        ("P1", (), ["0 L1 opened"]),
        ("P0", (), ["0 L1 opened"]),
        ("P3", (), ["1380 L1 opened"]),  # Monday 10:00 to Tuesday 9:00 is 23 h
        # L1 was called: R after it without an answer; R + 15 min after it without an end comes later
        ("P1", ((0, called("L1")),), ["15 L2 unacknowledged"]),  # 0 + 15
        ("P2", ((0, called("L1")),), ["120 L2 unacknowledged"]),  # 0 + 120
        ("P3", ((1380, called("L1")),), ["2820 L2 unacknowledged"]),  # 1380 + 24 h
        # and counted from the real call
        ("P1", ((7, called("L1")),), ["22 L2 unacknowledged"]),  # 7 + 15
        # taken: only the unresolved timer is left
        ("P1", ((0, called("L1")), (5, acknowledged("mira"))), ["30 L2 unresolved"]),  # 0 + 15 + 15
        ("P2", ((0, called("L1")), (5, acknowledged("mira"))), ["135 L2 unresolved"]),  # 0 + 120 + 15
        ("P1", ((7, called("L1")), (8, acknowledged("mira"))), ["37 L2 unresolved"]),  # 7 + 15 + 15
        # L2 was called: R after it, or R + 45 min after it when taken
        ("P1", ((0, called("L1")), (15, called("L2", "jonas"))), ["30 L3 unacknowledged"]),  # 15 + 15
        (
            "P1",
            ((0, called("L1")), (15, called("L2", "jonas")), (20, acknowledged("jonas"))),
            ["75 L3 unresolved"],  # 15 + 15 + 45
        ),
        # somebody else took it: L2 went back to bed and is called when it lasts
        (
            "P1",
            (
                (0, called("L1")),
                (15, called("L2", "jonas", cause="unacknowledged")),
                (20, acknowledged("mira")),
            ),
            ["30 L2 unresolved", "75 L3 unresolved"],  # 0 + 15 + 15; 15 + 15 + 45
        ),
        # the Executive comes with L3, for a P0
        ("P0", ((0, called("L1")), (15, called("L2"))), ["30 L3 unacknowledged", "30 Executive unresolved"]),
        ("P1", ((0, called("L1")), (15, called("L2"))), ["30 L3 unacknowledged"]),
        # the round is over: R after the last rung it begins again
        ("P1", ((0, called("L1")), (15, called("L2")), (30, called("L3"))), ["45 L1 repeat"]),  # 30 + 15
        # taken by whoever: nothing is left to call
        ("P1", ((0, called("L1")), (15, called("L2")), (30, called("L3", "lena")), (31, acknowledged("lena"))), []),
        # ended
        ("P1", ((0, called("L1")), (9, f.Resolved(cause="person"))), []),
    ],
)
def test_the_general_path(severity: str, told: Told, expected: list[str]) -> None:
    assert due(story((0, opened(severity)), *told)) == expected


@pytest.mark.parametrize(
    ("sentence", "severity", "told", "expected"),
    [
        # its own minutes replace the unresolved ones; the answer time stays
        (rule("not-resolved", "L2", 30), "P1", (), ["15 L2 unacknowledged"]),
        (rule("not-resolved", "L2", 30), "P2", (), ["30 L2 unresolved"]),
        (rule("persists", "L2", 15), "P1", (acknowledged("mira"),), ["15 L2 unresolved"]),
        (rule("persists", "L2"), "P1", (acknowledged("mira"),), ["30 L2 unresolved"]),  # none of its own: 15 + 15
        # roles are read like levels, whatever their case
        (rule("not-resolved", "team lead", 20), "P1", (acknowledged("mira"),), ["20 L2 unresolved"]),
        # whoever is no rung is called beside the ladder
        (
            rule("not-resolved", "DBA team", 10),
            "P1",
            (acknowledged("mira"),),
            ["10 DBA team unresolved", "30 L2 unresolved"],
        ),
        (
            rule("persists", "DBA team"),
            "P1",
            (acknowledged("mira"),),
            ["30 DBA team unresolved", "30 L2 unresolved"],  # the general path's own: 15 + 15
        ),
        # a role that belongs to a reserved level is that level
        (
            rule("not-resolved", "CTO", 10),
            "P0",
            (acknowledged("mira"),),
            ["10 Executive unresolved", "30 L2 unresolved"],
        ),
    ],
)
def test_the_sentence_of_an_entry(
    sentence: EntryRule, severity: str, told: tuple[f.FactBody, ...], expected: list[str]
) -> None:
    incident = story((0, opened(severity)), (0, called("L1", "mira")), *((1, body) for body in told))
    assert sorted(due(incident, policy(rule=sentence))) == sorted(expected)


def test_an_immediate_sentence_adds_to_the_first_level() -> None:
    book = policy(rule=rule("immediate", "Security team, L2"))
    assert due(story((0, opened("P1"))), book) == ["0 Security team immediate", "0 L2 immediate", "0 L1 opened"]


def test_who_was_called_with_the_first_level_is_not_called_again_for_want_of_its_answer() -> None:
    book = policy(rule=rule("immediate", "L2"))
    both = story((0, opened("P1")), (0, called("L2", "jonas", cause="immediate")), (0, called("L1", "mira")))
    assert due(both, book) == ["15 L3 unacknowledged"]  # L2's call 0 + 15
    second = story(
        (0, opened("P1")),
        (0, called("L2", cause="immediate")),
        (0, called("L1")),
        (15, called("L3")),
        (30, called("L1", counted=2, cause="repeat")),
    )
    assert due(second, book) == ["45 L2 unacknowledged"]  # but in the second round it is: 30 + 15


def test_the_executive_is_not_called_with_a_level_that_was_answered_meanwhile() -> None:
    climbed: Told = ((0, opened("P0")), (0, called("L1")), (15, called("L2")))
    for_want_of_an_answer = called("L3", "lena", cause="unacknowledged")
    assert due(story(*climbed, (30, for_want_of_an_answer))) == ["30 Executive unresolved", "45 L1 repeat"]
    assert due(story(*climbed, (30, for_want_of_an_answer), (30.1, acknowledged("lena")))) == []
    for_want_of_an_end = called("L3", "lena", cause="unresolved")
    assert due(story(*climbed, (75, for_want_of_an_end), (75.1, acknowledged("lena")))) == ["75 Executive unresolved"]


def test_an_immediate_sentence_does_not_wait_for_the_business_day_of_a_p3() -> None:
    book = policy(rule=rule("immediate", "L2"))
    assert due(story((0, opened("P3"))), book) == ["0 L2 immediate", "1380 L1 opened"]


def test_an_immediate_sentence_of_a_restricted_entry_takes_the_place_of_the_first_level() -> None:
    book = policy(rule=rule("immediate", "CTO, Legal"), restricted=True)
    incident = story((0, opened("P0", restricted=True)))
    assert due(incident, book) == ["0 Executive immediate", "0 Legal immediate"]
    assert Ladder(incident, book, SETTINGS).informs() == ()  # who is called need not be told


def test_in_a_restricted_incident_the_second_level_counts_from_those_called_first() -> None:
    book = policy(rule=rule("immediate", "CTO, Legal"), restricted=True)
    incident = story(
        (0, opened("P0", restricted=True)),
        (2, called("Executive", cause="immediate")),
        (2, called("Legal", cause="immediate")),
    )
    assert due(incident, book) == ["17 L2 unacknowledged"]  # 2 + 15


def test_a_restricted_incident_repeats_for_everybody_it_began_with() -> None:
    book = policy(rule=rule("immediate", "CTO, Legal"), restricted=True)
    incident = story(
        (0, opened("P0", restricted=True)),
        (0, called("Executive", cause="immediate")),
        (0, called("Legal", cause="immediate")),
        (15, called("L2")),
        (30, called("L3")),
    )
    assert due(incident, book) == ["45 Executive repeat", "45 Legal repeat"]  # 30 + 15


def test_an_executive_is_told_of_a_p0_and_of_nothing_else() -> None:
    told = Ladder(story((0, opened("P0"))), policy(), SETTINGS).informs()
    assert [(due.level, due.due) for due in told] == [("Executive", at(0))]
    for severity in ("P1", "P2", "P3"):
        assert Ladder(story((0, opened(severity))), policy(), SETTINGS).informs() == ()


def test_who_was_told_is_not_told_twice_but_again_after_a_reopening() -> None:
    told = f.Informed(level="Executive", people=(f.Called("eva"),), because=WHY)
    assert Ladder(story((0, opened("P0")), (0, told)), policy(), SETTINGS).informs() == ()
    reopened = story(
        (0, opened("P0")),
        (0, told),
        (1, f.Resolved(cause="person")),
        (9, f.Reopened(automatic=False, because=WHY)),
    )
    assert [due.due for due in Ladder(reopened, policy(), SETTINGS).informs()] == [at(9)]


def test_a_reopening_begins_the_ladder_again_and_counts_rounds_on() -> None:
    incident = story(
        (0, opened()),
        (0, called("L1")),
        (5, f.Resolved(cause="person")),
        (60, f.Reopened(automatic=False, because=WHY)),
    )
    [call] = Ladder(incident, policy(), SETTINGS).calls()
    assert (call.level, call.round, call.due) == ("L1", 2, at(60))  # a first round would be dropped as a repeat


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("P2", "P0", ["15 L2 unacknowledged"]),  # 0 + 15, which at 60 is overdue: called at once
        ("P0", "P2", ["120 L2 unacknowledged"]),  # 0 + 120: counted from the call, not from the change
    ],
)
def test_a_change_of_severity_moves_no_anchor(before: str, after: str, expected: list[str]) -> None:
    change = f.SeverityChanged(by="person:mira", before=before, after=after, because=WHY)
    assert due(story((0, opened(before)), (0, called("L1")), (60, change))) == expected


def rounds(count: int) -> Told:
    """Give that many rounds without an answer, L1 every 45 minutes."""
    return tuple(
        (45 * number + 15 * place, called(level, counted=number + 1))
        for number in range(count)
        for place, level in enumerate(("L1", "L2", "L3"))
    )


def test_it_gives_up_when_the_last_round_went_unanswered() -> None:
    two, three = (Ladder(story((0, opened()), *rounds(count)), policy(), SETTINGS) for count in (2, 3))
    assert (two.give_up_at(), three.give_up_at()) == (None, at(135))  # round 3: 90, 105, 120; 120 + 15
    assert three.calls() == ()


def test_it_gives_up_once_and_not_at_all_when_somebody_answered() -> None:
    gave_up = story((0, opened()), *rounds(3), (135, f.GaveUp(rounds=3)))
    taken = story((0, opened()), *rounds(3), (130, acknowledged("mira")))
    for incident in (gave_up, taken):
        assert Ladder(incident, policy(), SETTINGS).give_up_at() is None


def test_the_cap_ends_rounds_and_not_unresolved_timers() -> None:
    one_round = replace(SETTINGS, max_rounds=1)
    incident = story((0, opened()), (0, called("L1")), (1, acknowledged("mira")))
    calls = Ladder(incident, policy(), one_round).calls()
    assert [(call.level, call.due) for call in calls] == [("L2", at(30))]  # 0 + 15 + 15


def test_a_request_is_a_call_now_and_is_answered_by_it() -> None:
    wish = f.EscalationRequested(by="person:mira", level="L3")
    assert due(story((0, opened()), (0, called("L1")), (3, wish))) == ["3 L3 requested", "15 L2 unacknowledged"]
    done = story((0, opened()), (0, called("L1")), (3, wish), (3, called("L3", cause="requested")))
    assert "L3 requested" not in " ".join(due(done))


def test_a_runbook_without_a_ladder_has_one_level_that_answers_within_a_quarter_of_an_hour() -> None:
    book = replace(policy(), escalation=(), severities=())
    assert due(story((0, opened())), book) == ["0 L1 opened"]
    assert due(story((0, opened()), (0, called("L1"))), book) == ["15 L1 repeat"]  # 0 + 15


def test_a_ladder_of_reserved_levels_only_still_calls_somebody_first() -> None:
    assert due(story((0, opened("P0"))), policy(EXECUTIVE)) == ["0 L1 opened"]


MATRIX = (
    Level(id="L1-P0", role="On-call", only_severity="P0", line=50),
    Level(
        id="L2-P0", role="Manager", after=timedelta(minutes=20), condition="not-resolved", only_severity="P0", line=50
    ),
    Level(id="L1-P1", role="On-call", only_severity="P1", line=51),
    Level(id="L2-P1", role="Lead", after=timedelta(hours=1), condition="not-resolved", only_severity="P1", line=51),
)


@pytest.mark.parametrize(
    ("severity", "told", "expected"),
    [
        ("P0", (), ["0 L1-P0 opened"]),
        ("P0", ((0, called("L1-P0")),), ["15 L2-P0 unacknowledged"]),  # 0 + R
        ("P0", ((0, called("L1-P0")), (5, acknowledged("mira"))), ["20 L2-P0 unresolved"]),  # 0 + 15 + 20 - 15
        ("P1", ((0, called("L1-P1")), (5, acknowledged("mira"))), ["60 L2-P1 unresolved"]),
        ("P2", (), ["0 L1 opened"]),  # no row of the table is about it
    ],
)
def test_a_table_of_severities_is_a_path_for_each(severity: str, told: Told, expected: list[str]) -> None:
    assert due(story((0, opened(severity)), *told), policy(*MATRIX)) == expected


def test_a_path_that_begins_with_a_delay_calls_somebody_before() -> None:
    assert due(story((0, opened("P0"))), policy(MATRIX[1])) == ["0 L1 opened"]


def test_a_severity_without_a_response_time_waits_as_long_as_the_first_level_may() -> None:
    book = policy(
        replace(L1, responds_within=timedelta(minutes=7)),
        L2,
        severities=(Severity(id="P1", name=None, response=None, line=1),),
    )
    assert due(story((0, opened()), (0, called("L1"))), book) == ["7 L2 unacknowledged"]  # 0 + 7


def test_a_level_that_waits_for_an_answer_only_is_not_called_for_want_of_an_end() -> None:
    waits = Level(id="L2", role="Team lead", after=timedelta(minutes=10), condition="not-acknowledged", line=43)
    book = policy(L1, waits)
    assert due(story((0, opened()), (0, called("L1"))), book) == ["10 L2 unacknowledged"]  # 0 + its own 10
    assert due(story((0, opened()), (0, called("L1")), (1, acknowledged("mira"))), book) == []


def test_every_level_that_can_be_called_has_a_name() -> None:
    book = policy(rule=rule("not-resolved", "DBA team, cto", 10))
    p0, p1 = (Ladder(story((0, opened(severity))), book, SETTINGS) for severity in ("P0", "P1"))
    assert p0.names() == ("L1", "L2", "L3", "Executive", "DBA team")
    assert p1.names() == ("L1", "L2", "L3", "DBA team", "Executive")
    assert p0.named("l2") == "L2"
    assert p0.named("dba TEAM") == "DBA team"
    assert p0.named("L9") is None


def test_the_next_level_is_the_first_that_was_not_called() -> None:
    assert Ladder(story((0, opened())), policy(), SETTINGS).next_level() == "L1"
    climbed = story((0, opened()), (0, called("L1")), (15, called("L2")))
    assert Ladder(climbed, policy(), SETTINGS).next_level() == "L3"
    everybody = story((0, opened()), *rounds(1))
    assert Ladder(everybody, policy(), SETTINGS).next_level() is None


def test_every_call_says_why_and_cites_the_line() -> None:
    sentence = rule("not-resolved", "L2", 20)
    taken = story((0, opened()), (0, called("L1")), (1, acknowledged("mira")))
    [by_entry] = Ladder(taken, policy(rule=sentence), SETTINGS).calls()
    [by_path] = Ladder(taken, policy(), SETTINGS).calls()
    assert (by_entry.because.text, by_entry.because.line) == ("its entry says “as it says”", 88)
    assert (by_path.because.text, by_path.because.line) == ("not resolved by L1", L2.line)
    assert L3.line not in (by_entry.because.line, by_path.because.line)


def test_a_desk_is_called_before_the_ladder_for_what_fits_no_entry_and_the_ladder_goes_on() -> None:
    settings = replace(SETTINGS, unmatched=UnmatchedSettings(to="Desk"))
    incident = story((0, opened(incident_type=None)))
    [first] = Ladder(incident, policy(), settings).calls()
    assert (first.level, first.due) == ("Desk", at(0))
    assert first.because.text == "the configuration calls Desk first for what fits no entry"
    unanswered = story((0, opened(incident_type=None)), (0, called("Desk")))
    assert ("L1", at(15)) in [(due.level, due.due) for due in Ladder(unanswered, policy(), settings).calls()]
    assert Ladder(story((0, opened())), policy(), settings).calls()[0].level == "L1"


def test_a_level_that_is_called_first_for_what_fits_no_entry_is_not_called_twice() -> None:
    settings = replace(SETTINGS, unmatched=UnmatchedSettings(to="L2"))
    assert Ladder(story((0, opened(incident_type=None))), policy(), settings).names()[:3] == ("L2", "L1", "L3")


# -- "persists": the check of the entry is asked first


PROBES = {"api": ProbeSettings(id="api", kind="http", checks=(CheckSettings(id="slow", value="latency", limit=1.0),))}
ASKED = replace(
    SETTINGS,
    probes=PROBES,
    incident_types={"trouble": IncidentTypeSettings(resolved_when=(Condition(probe="api", check="slow"),))},
)
BAD, GOOD = (f.CheckTurned(check="api/slow", good=good, summary="latency 2 s") for good in (False, True))


def persisting(told: Told, settings: Settings = ASKED, words: str = "persists", to: str = "L2") -> list[str]:
    """Give the unresolved calls of an incident that Mira took at 2, and why: minutes, level, the reason's end."""
    incident = story((0, opened()), (0, called("L1")), (2, acknowledged("mira")), *told)
    calls = Ladder(incident, policy(rule=rule(words, to, 15)), settings).calls()
    return [
        f"{(call.due - at(0)).total_seconds() / 60:g} {call.level}{call.because.text.partition('”')[2]}"
        for call in calls
        if call.cause == "unresolved"
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((), ["15 L2; api/slow never saw it, so it counts as not resolved"]),
        (((3, BAD),), ["15 L2; api/slow says so"]),
        (((3, BAD), (9, GOOD)), []),
        (((3, BAD), (20, GOOD)), []),
        # it was better, and is not any more: at once, but never before the entry's own minutes
        (((3, BAD), (9, GOOD), (40, BAD)), ["40 L2; api/slow says so"]),
        (((3, BAD), (5, GOOD), (6, BAD)), ["15 L2; api/slow says so"]),
        # it got bad late: nothing was ever better, so it counts from the first call
        (((30, BAD),), ["15 L2; api/slow says so"]),
    ],
)
def test_a_rule_that_says_persists_asks_the_check_of_the_entry_first(told: Told, expected: list[str]) -> None:
    assert persisting(told) == expected
    others = [one.replace("L2", "DBA team") for one in expected]
    assert sorted(persisting(told, to="DBA team")) == sorted([*others, "30 L2"])


def test_without_a_check_persists_is_not_resolved_and_says_so() -> None:
    told = ((3, BAD), (9, GOOD))
    assert persisting(told, SETTINGS) == ["15 L2; nothing measures that, so it counts as not resolved"]
    gone = replace(ASKED, probes={})
    assert persisting(told, gone) == ["15 L2; api/slow is not configured, so it counts as not resolved"]


def test_a_rule_that_says_not_resolved_asks_no_check() -> None:
    assert persisting(((3, BAD), (9, GOOD)), words="not-resolved") == ["15 L2"]


def test_a_check_stops_no_call_for_want_of_an_answer() -> None:
    incident = story((0, opened()), (0, called("L1")), (3, BAD), (9, GOOD))
    calls = Ladder(incident, policy(rule=rule("persists", "L2", 30)), ASKED).calls()
    assert [(call.level, call.cause) for call in calls] == [("L2", "unacknowledged")]


def test_two_checks_must_both_be_good() -> None:
    both = (Condition(probe="api", check="slow"), Condition(probe="api", check="down"))
    down = CheckSettings(id="down", value="up", op="<", limit=1.0)
    settings = replace(
        ASKED,
        probes={"api": replace(PROBES["api"], checks=(*PROBES["api"].checks, down))},
        incident_types={"trouble": IncidentTypeSettings(resolved_when=both)},
    )
    lies = f.CheckTurned(check="api/down", good=False, summary="")
    assert persisting(((3, BAD), (4, lies), (9, GOOD)), settings) == ["15 L2; api/down says so"]
    assert persisting(((3, BAD), (4, lies), (9, GOOD), (10, replace(lies, good=True))), settings) == []
