"""Shares that are written out: "a third of requests fail"."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.fractions import failing, hit
from tocsin.triage.matching import match
from tocsin.triage.readings import readings


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("a third of requests fail", 33.3),
        ("Half of our requests are failing", 50),
        ("half the requests time out", 50),
        ("one third of all orders are rejected with 500", 33.3),
        ("about a quarter of calls to /v1/orders error out", 25),
        ("three-quarters of http requests return 502", 75),
        ("two thirds of the payments from mobile now get 5xx", 66.7),
        ("checkout times out for half of our customers", 50),
        ("500s for a tenth of calls", 10),
        ("only a third of requests succeed", 66.7),
        ("ein Drittel der Anfragen schlägt fehl", 33.3),
        ("die Hälfte der Anfragen schlägt fehl", 50),
        ("un tiers des requêtes échouent", 33.3),
        ("la mitad de las peticiones fallan", 50),
    ],
)
def test_a_fraction_of_calls_that_fail_is_an_error_rate(text: str, percent: float) -> None:
    assert [round(one.percent, 1) for one in failing(text)] == [percent]
    assert [round(one.value, 1) for one in readings(text, {}) if (one.kind, one.unit) == ("errors", "%")] == [percent]


@pytest.mark.parametrize(
    "text",
    [
        "half of our requests come from bots",
        "half of requests are slow",
        "half of the failed requests were retried",
        "half of requests no longer fail",
        "half of requests do not fail",
        "half of requests fail over to eu-2",
        "a third of the fleet was restarted",
        "error rate cut in half",
        "half an hour of errors",
        "a third more errors than usual",
        "half of the nodes failed",
        "three thirds of requests fail",
        "half of requests answered, the other service failed",
    ],
)
def test_other_fractions_are_no_error_rate(text: str) -> None:
    assert not list(failing(text))
    assert not [one for one in readings(text, {}) if (one.kind, one.unit) == ("errors", "%")]


@pytest.mark.parametrize("text", ["a third of users are affected", "half our customers cannot log in"])
def test_people_who_meet_trouble_are_hit_and_no_error_rate(text: str) -> None:
    assert len(list(hit(text))) == 1
    assert not list(failing(text))
    assert not readings(text, {})


def test_a_fraction_is_held_against_the_threshold_of_the_document(
    example: Runbook, alert: Callable[..., Alert]
) -> None:
    found = match(alert("a third of requests to the gateway fail"), example, {})
    assert found.incident_type == "high-error-rate"
    assert "a third of requests" in found.because[0].text
