"""Alerts that differ in what tells one of many from another are one question, and each answer is in its own words."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.settings import IncidentTypeSettings, Settings
from tocsin.triage.alike import LONGEST, known_names, made_alike
from tocsin.triage.assessing import assess
from tocsin.triage.matched import Match

Make = Callable[..., Alert]
NOTHING = frozenset[str]()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("web-07 does not answer", "web-12 does not answer"),
        ("order nr-1000001 failed", "order nr-8417723 failed"),
        ("job batch_8841237 failed", "job batch_8841301 failed"),
        ("10.2.3.17:9100 is down", "10.9.8.44:9100 is down"),
        ("ip-10-2-13-41 is down", "ip-10-9-18-17 is down"),
        ("api-66b6c48dd5-7xk2p restarts", "api-5d59d67564-zq9lm restarts"),
        ("fluentd-x7k2p restarts", "fluentd-q9zmd restarts"),
        ("i-0abc123def4567890 is gone", "i-0fed9876543210abc is gone"),
        ("trace 3f2b8c1e-9d4a-4c1b-8f6e-2a7d5b9c0e13", "trace 9c0e132a-7d5b-4c1b-8f6e-3f2b8c1e9d4a"),
        ("since 2026-11-27T10:42:11.5Z", "since 2026-11-27T03:07:59.1Z"),
        ("db-2 follows db-1, db-1 is gone", "db-3 follows db-4, db-4 is gone"),
    ],
)
def test_names_make_no_difference(one: str, other: str, alert: Make) -> None:
    asked = [made_alike(alert(text, details={"instance": text}), NOTHING) for text in (one, other)]
    assert asked[0][0] == asked[1][0]
    assert [names.told(alike.alert().summary) for alike, names in asked] == [one, other]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("error rate 2.5%", "error rate 0.5%"),
        ("answers take 4500 ms", "answers take 4 ms"),
        ("memory at 97", "memory at 12"),
        ("curl: http-404", "curl: http-502"),
        ("upstream-404", "upstream-503"),
        ("upstream-503", "upstream-301"),
        ("ended with exit-0", "ended with exit-137"),
        ("ORA-00020", "ORA-01555"),
        ("shell of uid-0", "shell of uid-1000"),
        ("rq_503 rises", "rq_200 rises"),
        ("grpc-http2 fails", "grpc-http3 fails"),
        ("listens at 0.0.0.0", "listens at 10.2.3.4"),
        ("p-95.5 of it", "p-99.5 of it"),
        ("due 2026-11-27", "due 2026-12-24"),
        ("db-1 follows db-2", "db-1 follows db-1"),
        ("web-07 does not answer", "web-07 does not answer now"),
    ],
)
def test_what_tells_of_the_trouble_makes_one(one: str, other: str, alert: Make) -> None:
    assert made_alike(alert(one), NOTHING)[0] != made_alike(alert(other), NOTHING)[0]


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("source", "lab", "plant"),
        ("severity", "critical", "info"),
        ("affected", 0.1, 0.4),
        ("component", "api", "mail"),
        ("group", "north", "south"),
        ("alert_class", "Down", "Slow"),
        ("origin", "api", "mail"),
        ("incident_type", "sequencer-down", None),
        ("wanted_severity", "P0", "P1"),
        ("details", {"environment": "staging"}, {"environment": "production"}),
        ("details", {"a": "b", "c": "d"}, {"a": "b", "c": "e"}),
    ],
)
def test_so_does_everything_else_that_is_asked_of_an_alert(field: str, one: object, other: object, alert: Make) -> None:
    first, second = (replace(alert("it burns"), **{field: value}) for value in (one, other))
    assert made_alike(first, NOTHING)[0] != made_alike(second, NOTHING)[0]


def test_what_is_read_says_all_that_the_alert_says(alert: Make) -> None:
    said = replace(
        alert("web is down", details={"load": "0.9", "note": ""}, severity="info"),
        dedup_key="",
        component="web",
        group="north",
        alert_class="Down",
        origin="web.example",
        wanted_severity="P1",
        affected=0.25,
    )
    assert made_alike(said, NOTHING)[0].alert() == said


def test_a_text_that_a_door_should_not_have_let_in_is_read_all_the_same(alert: Make) -> None:
    said = made_alike(alert("it \0 burns", details={"a\0": "\0b"}), NOTHING)[0].alert()
    assert (said.summary, said.details) == ("it   burns", {"a ": " b"})


def test_reasons_quote_the_name_of_the_alert_they_are_given_for(example: Runbook, alert: Make) -> None:
    for host in ("lab-07", "lab-12", "lab-3"):
        found = assess(alert("it does not answer", details={"environment": host}), example, Settings()).found
        assert found == Match(None, 0.0, found.because, excused=True)
        assert [why.text for why in found.because] == [f"no incident: its environment is “{host}”, not production"]


def test_a_name_that_the_document_or_the_configuration_uses_is_read_as_it_is(example: Runbook, alert: Make) -> None:
    first, *rest = example.incident_types
    runbook = replace(example, incident_types=(replace(first, alerts=("press-07",)), *rest))
    chosen = Settings(incident_types={rest[0].id: IncidentTypeSettings(alerts=("kiln-3",))})
    known = known_names(runbook, chosen)
    for name in ("press-07", "Kiln-3"):
        assert made_alike(alert(name), known)[0].alert().summary == name
    # Nor is another one taken for it.
    assert "press-07" not in made_alike(alert("press-08"), frozenset({"press-11"}) | known)[0].texts
    assert made_alike(alert("press-08"), frozenset({"press-11"}))[0].alert().summary == "press-22"
    for name, entry in (("Press-07", first.id), ("kiln-3", rest[0].id), ("kiln-4", None)):
        assert assess(alert(name), runbook, chosen).found.incident_type == entry


def test_an_alert_of_many_names_or_of_great_length_is_read_as_it_is(alert: Make) -> None:
    many = " ".join(f"web-{number}" for number in range(21, 31))
    for text in (many, "web-07 " + "it burns " * LONGEST):
        alike, names = made_alike(alert(text), NOTHING)
        assert alike.alert().summary == text == names.told(text)


_PIECES = (
    "web-07",
    "web-1",
    "web-11",
    "web-11.5",
    "db_123456",
    "10.2.3.17",
    "10.11.1.11:80",
    "127.0.0.1",
    "x-503",
    "-",
)
_MORE = ("api-66b6c48dd5-7xk2p", "aaaaa", "i-0abc123def4567890", "2026-11-27T10:42:11Z", "web-2/3", "97%", "\n", "é-12")


@given(st.lists(st.sampled_from((*_PIECES, *_MORE)), max_size=12).map(" ".join), st.booleans())
def test_what_stands_for_names_is_told_as_the_names(text: str, known: bool) -> None:
    said = Alert(source="lab", dedup_key="k", action="trigger", summary=text)
    alike, names = made_alike(said, frozenset({"web-07", "web-11"}) if known else NOTHING)
    assert names.told(alike.alert().summary) == text
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize(
    "piece", ["a", "1", "a-", "-1", "a-1", "1.", "1.1.1.", "a1", "0f", "f-", "-0f", "ip-1-", "11:"]
)
def test_no_text_holds_up_the_others(piece: str, alert: Make) -> None:
    text = (piece * LONGEST)[: LONGEST - 10]
    alike, names = made_alike(alert(text), NOTHING)
    assert names.told(alike.alert().summary) == text
