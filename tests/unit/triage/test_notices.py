"""Notices of monitors in the words of their own templates, where one word decides whether somebody is woken."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.matching import match
from tocsin.triage.standing import standing

Make = Callable[..., Alert]
PASSED = "Threshold Crossed: 1 datapoint [{} (27/11/26 07:02:00)] was greater than the threshold (0.25)."


@pytest.mark.parametrize(
    ("text", "details", "entry"),
    [
        ("** PROBLEM **", {"info": "HTTP CRITICAL: HTTP/1.1 200 OK - 18 kB in 7.9 second response time"}, "slow"),
        ("** PROBLEM **", {"info": "HTTP CRITICAL: HTTP/1.1 200 OK - 18 kB in 0.2 second response time"}, None),
        ("** DOWNTIMESTART Host Alert: db-2 is DOWN **", {}, None),
        ("** PROBLEM Host Alert: db-2 is DOWN **", {}, "down"),
        ("5xx-percent of the shop", {"NewStateReason": PASSED.format("0.41")}, None),
        ("5xx-percent of the shop", {"NewStateReason": PASSED.format("4.1")}, "errors"),
        ("Database CPU is above the threshold of 0.98 with a value of 1.000.", {}, "slow"),
        ("NRQL static", {"nrqlQuery": "SELECT percentage(count(*), WHERE error IS true)", "value": "0.6"}, None),
        ("NRQL static", {"nrqlQuery": "SELECT percentage(count(*), WHERE error IS true)", "value": "6"}, "errors"),
        ("Unauthorized access to a bucket", {"description": "This is a sample finding."}, None),
        ("Unauthorized access to a bucket", {"description": "This is a finding."}, "breach"),
        ("REQUEST_FLOOD on app/media", {"status": "SUBSIDED"}, None),
        ("REQUEST_FLOOD on app/media", {"status": "ONGOING"}, "flood"),
        ("Monitor is DOWN: https://claims-tst.shop.example", {}, None),
    ],
)
def test_one_word_of_a_notice_decides(
    example: Runbook, alert: Make, text: str, details: dict[str, str], entry: str | None
) -> None:
    entries = {
        "down": "sequencer-down",
        "errors": "high-error-rate",
        "slow": "database-slow-queries",
        "breach": "data-breach",
        "flood": "ddos-attack",
    }
    assert match(alert(text, details=details), example, {}).incident_type == entries.get(entry or "")


@pytest.mark.parametrize(
    "text",
    [
        "kilnd.service: Failed. Scheduled restart job, restart counter is at 5.",
        "[eth1], (up), Speed: 10 GBit/s, In: 1.21 GB/s CRIT",
        "count()=4417.0\nbacklog: NullPointerException",
    ],
)
def test_what_a_machine_writes_beside_its_trouble_excuses_nothing(text: str) -> None:
    assert standing(text, {}, "") is None


@pytest.mark.parametrize(
    ("origin", "excused"),
    [
        ("billing-prod-1", False),
        ("func-invoices", False),
        ("sales", False),
        ("billing@shop.example", True),
        ("#marketing", True),
        ("jira", True),
    ],
)
def test_a_service_may_be_named_for_what_people_do(origin: str, excused: bool) -> None:
    assert (standing("5 % of the calls fail", {}, origin) is not None) is excused


@pytest.mark.parametrize(
    ("text", "log"),
    [
        ("shop unreachable from every region", "10:01 HTTP/1.1 200 OK, 10:02 connection refused"),
        ("gateway does not respond since 10:02", "HTTP/1.1 200 OK"),
        ("Monitor is DOWN: shop.example", "HTTP/1.1 200 OK; timeout; timeout"),
    ],
)
def test_an_answer_in_a_log_is_no_sign_of_life_now(example: Runbook, alert: Make, text: str, log: str) -> None:
    assert match(alert(text, details={"log": log}), example, {}).incident_type == "sequencer-down"
