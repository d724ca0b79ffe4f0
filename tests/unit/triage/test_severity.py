from collections.abc import Callable

import msgspec
import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Criterion, Runbook
from tocsin.settings import IncidentTypeSettings, UnmatchedSettings
from tocsin.triage.matched import Match
from tocsin.triage.matching import match
from tocsin.triage.severity import severity_for, severity_rank

Make = Callable[..., Alert]
Build = Callable[..., Runbook]
DOWN = Match("sequencer-down", 0.9, ())
NOTHING = Match(None, 0.0, ())


def told(runbook: Runbook, **fields: object) -> Runbook:
    entry = msgspec.structs.replace(runbook.incident_types[0], **fields)
    return msgspec.structs.replace(runbook, incident_types=(entry, *runbook.incident_types[1:]))


def test_what_somebody_declares_wins_over_everything(example: Runbook, alert: Make) -> None:
    runbook = told(example, severity="P1", inferred_severity="P2")
    settings = {"sequencer-down": IncidentTypeSettings(severity="P2")}
    severity, why = severity_for(DOWN, alert("x", wanted_severity="P3"), runbook, settings)
    assert (severity, why.line) == ("P3", 8)
    assert severity_for(DOWN, alert("x", details={"severity": "P3"}), runbook, settings)[0] == "P3"


def test_the_configuration_wins_over_the_document(example: Runbook, alert: Make) -> None:
    settings = {"sequencer-down": IncidentTypeSettings(severity="P2")}
    severity, why = severity_for(DOWN, alert("x"), told(example, severity="P1"), settings)
    assert severity == "P2"
    assert "configuration" in why.text


def test_what_the_document_states_wins_over_what_it_implies(example: Runbook, alert: Make) -> None:
    runbook = told(example, severity="P1", inferred_severity="P0", severity_line=51)
    severity, why = severity_for(DOWN, alert("x"), runbook, {})
    assert (severity, why.line) == ("P1", 51)


def test_what_the_document_implies_cites_the_criterion(example: Runbook, alert: Make) -> None:
    runbook = told(example, inferred_severity="P0", severity_because="Complete service outage", severity_line=7)
    severity, why = severity_for(DOWN, alert("x", severity="info"), runbook, {})
    assert (severity, why.text, why.line) == ("P0", "Complete service outage", 7)


@pytest.mark.parametrize(
    ("word", "severity"), [("critical", "P0"), ("error", "P1"), ("warning", "P2"), ("info", "P3"), ("page", "P1")]
)
def test_without_an_entry_the_senders_word_counts(example: Runbook, alert: Make, word: str, severity: str) -> None:
    assert severity_for(NOTHING, alert("x", severity=word), example, {})[0] == severity


def test_senders_words_stay_within_the_severities_there_are(made_of: Build, alert: Make) -> None:
    runbook = made_of({}, ("Major", "Minor"))
    assert [severity_for(NOTHING, alert("x", severity=word), runbook, {})[0] for word in ("critical", "info")] == [
        "Major",
        "Minor",
    ]


def test_a_runbook_without_severities_has_the_built_in_ones(made_of: Build, alert: Make) -> None:
    severity, why = severity_for(NOTHING, alert("x", severity="warning"), made_of({}, ()), {})
    assert (severity, why.line) == ("P2", None)


def test_severities_rank_by_their_order_and_unknown_ones_last(made_of: Build) -> None:
    runbook = made_of({}, ("Major", "Minor"))
    assert [severity_rank(runbook, name) for name in ("Major", "Minor", "Cosmetic")] == [0, 1, 2]


def with_criteria(runbook: Runbook) -> Runbook:
    texts = {"P0": "Complete service outage", "P1": "Partial degradation (>25% users affected)", "P2": "Coloured noise"}
    severities = tuple(
        msgspec.structs.replace(one, criteria=(Criterion(texts[one.id], one.line + 30),) if one.id in texts else ())
        for one in runbook.severities
    )
    return msgspec.structs.replace(runbook, severities=severities)


@pytest.mark.parametrize(
    ("summary", "severity", "line"),
    [
        ("checkout slow for 40% of users", "P1", 36),
        ("3 of 5 customers see it", "P1", 36),
        ("checkout slow for 12% of users", "P3", 8),
        ("a third of our customers cannot pay", "P1", 36),
        ("a fifth of our customers cannot pay", "P3", 8),
        ("half of our customers pay by card", "P3", 8),
        ("complete outage, nothing answers", "P0", 35),
        ("one instance is down", "P3", 8),
        ("noise, coloured and loud", "P2", 37),
    ],
)
def test_a_criterion_the_alert_meets_makes_it_more_urgent(
    summary: str, severity: str, line: int, example: Runbook, alert: Make
) -> None:
    found, why = severity_for(NOTHING, alert(summary, severity="info"), with_criteria(example), {})
    assert (found, why.line) == (severity, line)


def test_a_criterion_never_overrules_the_configuration_nor_makes_it_less_urgent(example: Runbook, alert: Make) -> None:
    runbook = with_criteria(told(example, severity="P0"))
    assert severity_for(DOWN, alert("down for 40% of users"), runbook, {})[0] == "P0"
    settings = {"sequencer-down": IncidentTypeSettings(severity="P3")}
    assert severity_for(DOWN, alert("complete outage, all down"), runbook, settings)[0] == "P3"


def test_what_strangers_report_is_no_more_urgent_for_their_words(example: Runbook, alert: Make) -> None:
    said = msgspec.structs.replace(alert("complete outage, all down", severity="info"), source="reports")
    assert severity_for(NOTHING, said, with_criteria(example), {})[0] == "P3"


def test_what_fits_no_entry_goes_the_way_that_is_configured(example: Runbook, alert: Make) -> None:
    unmatched = UnmatchedSettings(severity="P2", notices="P3")
    severity, why = severity_for(NOTHING, alert("x", severity="critical"), example, {}, unmatched)
    assert (severity, why.text) == ("P2", "the configuration says P2 (severity of [unmatched])")
    notice = match(alert("[Resolved] checkout down", severity="critical"), example, {})
    assert severity_for(notice, alert("x", severity="critical"), example, {}, unmatched)[0] == "P3"
    assert severity_for(DOWN, alert("x"), told(example, severity="P0"), {}, unmatched)[0] == "P0"


MANY = "Partial service degradation (>25% of users affected)"


def graded(runbook: Runbook) -> Runbook:
    """Give the runbook with an entry of P2, and a P1 that asks for a quarter of all users."""
    high = msgspec.structs.replace(runbook.severities[1], criteria=(Criterion(MANY, 14),))
    severities = (runbook.severities[0], high, *runbook.severities[2:])
    return msgspec.structs.replace(told(runbook, severity="P2", inferred_severity=None), severities=severities)


@pytest.mark.parametrize(("affected", "severity"), [(None, "P2"), (0.25, "P2"), (0.3, "P1")])
def test_so_many_who_report_make_it_worse_by_their_number_and_never_by_their_words(
    affected: float | None, severity: str, example: Runbook, alert: Make
) -> None:
    said = msgspec.structs.replace(alert("90% of users cannot log in"), source="reports", affected=affected)
    found, why = severity_for(DOWN, said, graded(example), {})
    assert found == severity
    if severity == "P1":
        assert (why.text, why.line) == (f"30% of all users report it, which is “{MANY}”", 14)


def test_a_person_who_declares_it_says_how_many_users_in_words(example: Runbook, alert: Make) -> None:
    assert severity_for(DOWN, alert("40% of users cannot log in"), graded(example), {})[0] == "P1"
    assert severity_for(DOWN, alert("4% of users cannot log in"), graded(example), {})[0] == "P2"
