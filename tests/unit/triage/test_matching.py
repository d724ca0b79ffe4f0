import json
import os
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.detection.alert import Alert
from tocsin.detection.pagerduty import read_event, to_alert
from tocsin.runbook.policy import IncidentType, Runbook
from tocsin.settings import IncidentTypeSettings
from tocsin.triage.matching import match

Make = Callable[..., Alert]
Build = Callable[..., Runbook]
SHARED = Path(os.environ.get("TOCSIN_SHARED") or Path(__file__).parents[4] / "shared")
# What is asked of all practice alerts, of the hard ones, and of the answer "none" (precision and recall).
FLOOR, HARD, NONE = 0.95, 0.88, 0.95
SMALL = Runbook(
    path="small.md",
    sha256="small",
    title="Small",
    lines=9,
    understood=1.0,
    incident_types=tuple(
        IncidentType(
            id=name,
            title=name,
            severity=None,
            inferred_severity=None,
            severity_because="",
            severity_line=None,
            line=line,
            end_line=line,
        )
        for line, name in enumerate(("everything-down", "disk-full"), 1)
    ),
)


def test_the_words_of_a_symptom_open_its_entry_and_cite_its_line(example: Runbook, alert: Make) -> None:
    found = match(alert("Health check failing on sequencer"), example, {})
    assert found.incident_type == "sequencer-down"
    assert any(why.line == 53 and "“Health check failing”" in why.text for why in found.because)


def test_a_symptom_that_is_repeated_whole_is_the_reason_and_not_a_word_of_it(made_of: Build, alert: Make) -> None:
    runbook = made_of({"Till Down": ["The till gives no answer for 15 seconds"]})
    why, *_ = match(alert("The till gives no answer for 15 seconds"), runbook, {}).because
    assert why.text == "says “The till gives no answer for 15 seconds”"


@pytest.mark.parametrize("said", ["Sentry alerts firing", "sentry: alerts, firing", "now Sentry  alerts firing again"])
def test_a_symptom_that_is_quoted_opens_its_entry_though_its_words_are_few(
    example: Runbook, alert: Make, said: str
) -> None:
    symptom = msgspec.structs.replace(
        example.incident_types[1].symptoms[0], text="Sentry alerts firing", threshold=None, line=98
    )
    entry = msgspec.structs.replace(example.incident_types[1], symptoms=(symptom,))
    others = (one for one in example.incident_types if one.id != entry.id)
    runbook = msgspec.structs.replace(example, incident_types=(entry, *others))
    found = match(alert(said), runbook, {})
    assert found.incident_type == entry.id
    assert found.because[0].text == "says “Sentry alerts firing”"
    assert match(alert("Sentry quota alerts"), runbook, {}).incident_type is None


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"incident_type": "data-breach"}, "it was declared as Data Breach"),
        (
            {"incident_type": "data-breach", "source": "probe", "dedup_key": "roles/new"},
            "the check roles/new of a probe watches for Data Breach",
        ),
        ({"details": {"incident_type": "data-breach"}}, "the alert names the incident type “data-breach”"),
        ({"component": "data-breach"}, "its component “data-breach” names Data Breach"),
        ({"alert_class": "DataBreach"}, "its class “DataBreach” names Data Breach"),
        (
            {"details": {"runbook": "https://x.example/rb#6-data-breach"}},
            "its runbook “6-data-breach” names Data Breach",
        ),
    ],
)
def test_an_entry_that_is_named_wins_over_all_words(
    example: Runbook, alert: Make, fields: dict[str, Any], text: str
) -> None:
    found = match(alert("memory is fine, nothing to see", **fields), example, {})
    assert found.incident_type == "data-breach"
    assert found.because[0].text == text
    assert found.because[0].line == 262


def test_the_configuration_gives_an_alert_name_to_an_entry(example: Runbook, alert: Make) -> None:
    configured = {"out-of-memory": IncidentTypeSettings(alerts=("WorkerRecycled",))}
    found = match(alert("[FIRING:1] WorkerRecycled (w-7)"), example, configured)
    assert found.incident_type == "out-of-memory"
    assert "configuration" in found.because[0].text


def test_an_annotated_alert_name_opens_its_entry(example: Runbook, alert: Make) -> None:
    entry = msgspec.structs.replace(example.incident_types[4], alerts=("EdgeSaturated",))
    runbook = msgspec.structs.replace(example, sha256="annotated", incident_types=(entry,))
    assert match(alert("x", details={"alertname": "EdgeSaturated"}), runbook, {}).incident_type == "ddos-attack"


def test_an_entry_titled_like_an_alert_is_named_by_it(made_of: Build, alert: Make) -> None:
    runbook = made_of({"QueueWorkersIdle": [], "Gate Stuck": []})
    assert match(alert("[FIRING:2] QueueWorkersIdle east"), runbook, {}).score > 0.9


def test_memory_with_room_left_is_not_short(example: Runbook, alert: Make) -> None:
    found = match(alert("memory usage 48% on node-4"), example, {})
    assert found.incident_type is None
    assert any("48%" in why.text for why in found.because)


def test_labels_inside_alertmanagers_text_are_read(example: Runbook, alert: Make) -> None:
    firing = "Labels:\n - alertname = HighErrorRate\n - severity = page\nAnnotations:\nSource: http://x/graph\n"
    assert match(alert("it fires", details={"firing": firing}), example, {}).incident_type == "high-error-rate"


@pytest.mark.parametrize(
    ("summary", "incident_type"),
    [
        ("billing-api is offline, every probe says connection reset", "sequencer-down"),
        ("one in twenty uploads ends in an unhandled exception", "high-error-rate"),
        ("two sessions deadlock on the ledger table", "database-slow-queries"),
        ("the worker was OOMKilled again", "out-of-memory"),
        ("a botnet is flooding the login form", "ddos-attack"),
        ("customer records leaked on a paste site", "data-breach"),
        ("502s on checkout because the node ran out of memory", "out-of-memory"),
    ],
)
def test_what_people_say_in_other_words_finds_the_entry(
    example: Runbook, alert: Make, summary: str, incident_type: str
) -> None:
    assert match(alert(summary), example, {}).incident_type == incident_type


def test_misspelt_words_are_understood(example: Runbook, alert: Make) -> None:
    assert match(alert("excpetion storm, erors everywhere"), example, {}).incident_type == "high-error-rate"


@pytest.mark.parametrize(
    "summary",
    [
        "the kitchen is out of coffee",
        "[Resolved] sequencer down",
        "health check failing on staging",
        "this is a test: sequencer down",
        "reminder: drill about the data breach on Monday",
        "nightly backup failed",
        "TLS certificate of the edge expires in 3 days",
        "23 login attempts of root blocked",
    ],
)
def test_what_is_no_incident_of_the_runbook_matches_nothing_and_says_why(
    example: Runbook, alert: Make, summary: str
) -> None:
    found = match(alert(summary), example, {})
    assert found.incident_type is None
    assert found.because[0].text


def test_an_alert_from_elsewhere_than_production_opens_nothing_even_by_name(example: Runbook, alert: Make) -> None:
    found = match(alert("SequencerDown", details={"environment": "staging"}), example, {})
    assert found.incident_type is None
    assert "not production" in found.because[0].text


def test_a_person_who_declares_is_believed(example: Runbook, alert: Make) -> None:
    declared = alert("test of the new page, staging", incident_type="ddos-attack", declared_by="mira")
    assert match(declared, example, {}).incident_type == "ddos-attack"


@pytest.mark.parametrize(
    ("summary", "details", "incident_type"),
    [
        ("error rate of carts is 0.3%", {}, None),
        ("error rate of carts is 3%", {}, "high-error-rate"),
        ("carts p95 latency 300 ms", {}, None),
        ("carts p95 latency 4.2 s", {}, "database-slow-queries"),
        ("edge", {"rps": "400", "usual_rps": "300"}, None),
        ("edge", {"rps": "9000", "usual_rps": "300"}, "ddos-attack"),
    ],
)
def test_numbers_are_held_to_the_thresholds_of_the_document(
    example: Runbook, alert: Make, summary: str, details: dict[str, str], incident_type: str | None
) -> None:
    assert match(alert(summary, details=details), example, {}).incident_type == incident_type


def test_a_number_below_its_threshold_is_said_with_the_line(example: Runbook, alert: Make) -> None:
    found = match(alert("error rate of carts is 0.3%"), example, {})
    assert any("0.3%" in why.text and why.line == 95 for why in found.because)


def test_any_runbook_is_matched_by_its_own_words(made_of: Build, alert: Make) -> None:
    runbook = made_of(
        {
            "Conveyor Jam": ["Belt sensor stays dark", "Parcels pile up at gate 4"],
            "Label Printer Offline": ["Printer queue grows"],
            "Disk Full": ["Filesystem above 95%"],
        }
    )
    assert match(alert("parcels pile up before the gate"), runbook, {}).incident_type == "conveyor-jam"
    assert match(alert("no space left on device"), runbook, {}).incident_type == "disk-full"


def test_a_runbook_without_entries_matches_nothing(made_of: Build, alert: Make) -> None:
    assert match(alert("everything is down"), made_of({}), {}).incident_type is None


def test_entries_are_listed_by_score_and_the_best_is_first(example: Runbook, alert: Make) -> None:
    found = match(alert("slow queries and errors"), example, {})
    scores = [other.score for other in found.considered]
    assert found.considered[0].incident_type == found.incident_type
    assert scores == sorted(scores, reverse=True)


def test_counts_side_by_side_are_read_as_a_share(example: Runbook, alert: Make) -> None:
    few = {"http_5xx": "3", "http_total": "9000"}
    many = {"http_5xx": "600", "http_total": "9000"}
    assert match(alert("gateway counters", details=few), example, {}).incident_type is None
    assert match(alert("gateway counters", details=many), example, {}).incident_type == "high-error-rate"


def test_nothing_ready_means_down(example: Runbook, alert: Make) -> None:
    found = match(alert("workload differs", details={"wanted": "5", "ready": "0"}), example, {})
    assert found.incident_type == "sequencer-down"


@settings(max_examples=60, deadline=None)
@given(summary=st.text(max_size=300), details=st.dictionaries(st.text(max_size=12), st.text(max_size=30), max_size=5))
def test_whatever_an_alert_says_there_is_an_answer_with_a_reason(summary: str, details: dict[str, str]) -> None:
    found = match(Alert(source="s", dedup_key="k", action="trigger", summary=summary, details=details), SMALL, {})
    assert found.because
    assert 0 <= found.score <= 1


def practice() -> list[dict[str, Any]]:
    file = SHARED / "corpora" / "triage-dev.jsonl"
    if not file.exists():
        pytest.skip(f"no practice alerts at {file}; set TOCSIN_SHARED")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_practice_alerts_find_their_entry_whatever_severity_their_sender_gave(example: Runbook) -> None:
    rows = practice()
    answers: list[tuple[str, dict[str, Any]]] = []
    for row in rows:
        alert = to_alert(read_event(json.dumps(row["event"]).encode()), "practice", "key")
        found = match(alert, example, {})
        assert found == match(msgspec.structs.replace(alert, severity=""), example, {})
        assert found.because
        assert found.incident_type is None or any(why.line for why in found.because)
        answers.append((found.incident_type or "none", row))
    assert share(answers) >= FLOOR
    assert share([(answer, row) for answer, row in answers if row["hard"]]) >= HARD
    assert share([(answer, row) for answer, row in answers if answer == "none"]) >= NONE
    assert share([(answer, row) for answer, row in answers if row["expect"]["incident_type"] == "none"]) >= NONE


def share(answers: list[tuple[str, dict[str, Any]]]) -> float:
    right = [got in (row["expect"]["incident_type"], *row["expect"].get("also", ())) for got, row in answers]
    return sum(right) / len(right)


def test_an_alert_is_matched_within_milliseconds(example: Runbook, alert: Make) -> None:
    one = alert("health check failing on the sequencer, connection refused", details={"region": "north", "n": "4"})
    match(one, example, {})
    took = timeit.repeat(lambda: match(one, example, {}), timer=time.process_time, number=10, repeat=5)
    assert min(took) / 10 < 0.01


NOTHING_SEEN = (
    {"alertname": "DatasourceNoData", "rulename": "High error rate"},
    {"alertname": "DatasourceError", "rulename": "High error rate", "Error": "connection refused"},
    {"alertname": "HighErrorRate", "grafana_state_reason": "NoData"},
    {"alertname": "HighErrorRate", "grafana_state_reason": "Error"},
)


@pytest.mark.parametrize("details", NOTHING_SEEN)
def test_a_rule_that_measured_nothing_proves_nothing_and_is_told(
    example: Runbook, alert: Make, details: dict[str, str]
) -> None:
    found = match(alert("Grafana has no data for the rule High error rate", details=details), example, {})
    assert (found.incident_type, found.excused) == (None, False), "it pages all the same: nothing watches any more"
    assert "measured nothing" in found.because[0].text
    assert details.get("rulename", details["alertname"]) in found.because[0].text


@pytest.mark.parametrize("reason", ["", "Updated", "NoData, KeepLast"])
def test_a_rule_that_saw_it_or_keeps_what_it_saw_is_believed(example: Runbook, alert: Make, reason: str) -> None:
    details = {"alertname": "High error rate", "grafana_state_reason": reason}
    assert match(alert("Error rate is 4 %", details=details), example, {}).incident_type == "high-error-rate"


def test_what_people_say_of_rules_without_data_counts(example: Runbook, alert: Make) -> None:
    [no_data, _, kept_name, _] = NOTHING_SEEN
    chosen = {"sequencer-down": IncidentTypeSettings(alerts=("DatasourceNoData", "HighErrorRate"))}
    assert match(alert("no data", details=no_data), example, chosen).incident_type == "sequencer-down"
    assert match(alert("no data", details=kept_name), example, chosen).incident_type is None
    labelled = no_data | {"incident_type": "high-error-rate"}
    assert match(alert("no data", details=labelled), example, {}).incident_type == "high-error-rate"
