"""Whose trouble it is: every ordinary way to say a trouble, of what the document is about and of what it is not."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.matching import match

Make = Callable[..., Alert]
Build = Callable[..., Runbook]
OURS = ("our API", "the app", "the platform", "the website", "the backend")
SAID: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sequencer-down": (
        ("the sequencer", *OURS),
        (
            *("is down", "is not reachable", "doesn't respond", "has crashed", "won't start", "hangs", "is offline"),
            *("stopped working", "does not answer any more", "refuses connections", "is not running"),
        ),
    ),
    "database-slow-queries": (OURS, ("is slow", "takes forever", "is sluggish", "lags badly", "is crawling")),
    "high-error-rate": (OURS, ("throws exceptions", "fails intermittently", "returns errors for some users")),
    "out-of-memory": (
        ("the worker", "node", "the sequencer", "the container"),
        ("eats all memory", "leaks memory", "was OOM killed", "ran out of RAM", "uses 98% of its memory"),
    ),
    "ddos-attack": (
        ("our API", "the login form", "the website"),
        ("is flooded with requests", "is hammered by bots", "gets 50x the usual traffic", "is under DDoS attack"),
    ),
    "data-breach": (
        ("an attacker", "a stranger", "a former employee", "someone from outside"),
        ("logged in as admin", "stole our API keys", "leaked customer data", "took over customer accounts"),
    ),
}


@pytest.mark.parametrize("entry", SAID)
def test_each_subject_is_found_in_each_trouble(example: Runbook, alert: Make, entry: str) -> None:
    subjects, troubles = SAID[entry]
    for said in (f"{subject} {trouble}" for subject in subjects for trouble in troubles):
        assert (said, match(alert(said), example, {}).incident_type) == (said, entry)


@pytest.mark.parametrize(
    "subject",
    [
        *("the office printer", "our blog", "the analytics dashboard", "jenkins", "the staging database", "grafana"),
        *("the newsletter tool", "my laptop", "the wiki", "the VPN client", "the test server", "the coffee machine"),
        *("the backup job", "the HR portal"),
    ],
)
def test_the_trouble_of_something_else_opens_nothing(example: Runbook, alert: Make, subject: str) -> None:
    for trouble in ("is down", "is slow", "shows errors", "ran out of memory", "crashed", "does not respond"):
        found = match(alert(f"{subject} {trouble}"), example, {})
        assert (trouble, found.incident_type) == (trouble, None)


def test_what_an_entry_is_about_is_nobody_elses(made_of: Build, alert: Make) -> None:
    runbook = made_of({"Printer Offline": ["The printer is offline"], "Blog Defaced": ["Blog shows foreign text"]})
    assert match(alert("the printer is down"), runbook, {}).incident_type == "printer-offline"


def test_what_the_monitoring_says_of_itself_opens_nothing(example: Runbook, alert: Make) -> None:
    assert match(alert("LokiNotConnectedToStore (instance loki-0)"), example, {}).incident_type is None
    assert match(alert("PrometheusTargetMissing (instance seq-1)"), example, {}).incident_type == "sequencer-down"
