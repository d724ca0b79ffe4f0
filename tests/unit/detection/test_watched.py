"""A check out of the configuration and the document, what it says, and the alert it makes."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tocsin.detection.alert import Alert
from tocsin.detection.baseline import Baseline
from tocsin.detection.reading import Reading
from tocsin.detection.thresholds import Standing, judged
from tocsin.detection.watched import Check, Unwatched, alert_of, check_of, measured, weigh
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook
from tocsin.settings import CheckSettings, ProbeSettings, Settings
from tocsin.triage.matching import match
from tocsin.triage.severity import severity_for

BEGAN = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
EVERY = timedelta(seconds=15)


def document(*symptoms: str) -> Runbook:
    listed = "\n".join(f"- {symptom}" for symptom in symptoms)
    levels = "## Severity Levels\n\n### P0 - Critical\n\n- Everything is down\n\n### P1 - High\n\n- More than 25% of users affected\n\n### P2 - Medium\n\n- Anything else\n"  # noqa: E501
    text = f"# Shop\n\n{levels}\n## Incidents\n\n### 1. Till Slow (P2)\n\n**Symptoms**:\n\n{listed}\n"
    return read_runbook(text.encode(), "RUNBOOK.md")


def check(symptom: str | None, unit: str = "s", runbook: Runbook | None = None, **more: object) -> Check:
    found = made(symptom, unit, runbook, **more)
    assert isinstance(found, Check), found
    return found


def made(symptom: str | None, unit: str = "s", runbook: Runbook | None = None, **more: object) -> Check | Unwatched:
    fields = {"id": "slow", "value": "latency", "symptom": symptom, "incident_type": "till-slow"} | more
    one = CheckSettings(**fields)  # type: ignore[arg-type]
    probe = ProbeSettings(id="till", kind="http", every=EVERY, checks=(one,))
    return check_of(probe, one, unit, runbook or document(symptom or "It is slow"), Settings())


def fired(one: Check, value: float, **details: str) -> Alert:
    standing = Standing()
    for place in range(2):
        before, reading = (
            standing,
            Reading(at=BEGAN + place * EVERY, values={one.limit.measure: value}, details=details),
        )
        standing = judged(one.limit, before, reading)
    alert = alert_of(one, before, standing, reading)
    assert alert is not None
    return alert


# -- the limit


@pytest.mark.parametrize(
    ("symptom", "unit", "op", "value"),
    [
        ("Response time > 1s", "s", ">", 1),
        ("Response time above 250 ms", "s", ">", 0.25),
        ("Error rate > 1%", "share", ">", 0.01),
        ("Disk at 100%", "share", ">=", 0.95),
        ("Free space below 5 GB", "bytes", "<", 5e9),
        ("Fewer than 3 workers", "count", "<", 3),
        ("Requests > 600 req/s", "per-s", ">", 600),
    ],
)
def test_a_check_without_a_limit_has_that_of_the_document_in_the_unit_of_its_value(
    symptom: str, unit: str, op: str, value: float
) -> None:
    limit = check(symptom, unit).limit
    assert (limit.op, limit.line) == (op, 23)
    assert limit.value == pytest.approx(value)


def test_a_check_takes_how_long_and_times_normal_from_the_document() -> None:
    assert check("Response time > 1s for 5 minutes").limit.for_ == timedelta(minutes=5)
    assert check("Spike in requests (>10x normal)", "per-s").limit.times == 10
    assert check("Requests more than 40% above normal", "per-s").limit.times == pytest.approx(1.4)


def test_a_limit_of_its_own_wins() -> None:
    limit = check("Response time > 1s for 5 minutes", limit=3.0, op=">=").limit
    assert (limit.op, limit.value, limit.for_) == (">=", 3.0, timedelta(0))


@pytest.mark.parametrize(
    ("symptom", "unit", "why"),
    [
        ("Response time > 1s", "share", "“Response time > 1s” is in s, and latency is in share; set above or below"),
        ("It crawls", "s", "“It crawls” has no number; set above, below or times_normal"),
    ],
)
def test_a_check_that_cannot_be_judged_says_why(symptom: str, unit: str, why: str) -> None:
    assert made(symptom, unit) == Unwatched(why)


def test_a_symptom_that_is_not_there_is_told_with_those_that_are() -> None:
    found = made("Response time > 2s", runbook=document("Response time > 1s", "It crawls"))
    assert isinstance(found, Unwatched)
    assert found.why == ("no symptom of till-slow is “Response time > 2s”; it has: “Response time > 1s”; “It crawls”")


# -- the alert


def test_the_alert_says_in_the_words_of_the_document_what_was_measured() -> None:
    alert = fired(check("Response time > 1s", window=timedelta(minutes=1), take="p95"), 2.4)
    assert alert.summary == "Response time > 1s: latency 2.4 s (p95 of 1 min; limit 1 s)"
    assert (alert.group_key, alert.incident_type, alert.details["line"]) == ("probe/till/slow", "till-slow", "23")


def test_what_is_down_says_why() -> None:
    one = check("Health check failing", "yes", value="up", limit=1.0, op="<")
    assert fired(one, 0.0, trouble="connection refused").summary == "Health check failing: up: no; connection refused"


def test_it_fires_once_and_is_over_once() -> None:
    one, standing, told = check("Response time > 1s"), Standing(), []
    for place, value in enumerate([2, 2, 2, 0.1, 0.1, 0.1]):
        reading = Reading(at=BEGAN + place * EVERY, values={"latency": value})
        after = judged(one.limit, standing, reading)
        alert = alert_of(one, standing, after, reading)
        told += [alert.action] if alert else []
        standing = after
    assert told == ["trigger", "resolve"]


def test_a_configured_severity_is_asked_for() -> None:
    alert = fired(check("Response time > 1s", severity="P1"), 2.0)
    assert severity_for(match(alert, document("Response time > 1s"), {}), alert, document("It is slow"), {})[0] == "P1"


@pytest.mark.parametrize(("share", "severity"), [(0.2, "P2"), (0.3, "P1")])
def test_a_share_of_users_meets_the_criterion_of_a_severity(share: float, severity: str) -> None:
    runbook = document("Some users cannot pay (> 5% of users)")
    one = check(None, "share", runbook, value="users_affected", limit=0.05)
    alert = fired(one, share)
    assert severity_for(match(alert, runbook, {}), alert, runbook, {})[0] == severity


def test_times_normal_is_told_with_what_is_normal() -> None:
    one = check("Spike in requests (>10x normal)", "per-s", value="requests")
    standing = Standing(last=1240.0, normal=100.0)
    assert measured(one.limit, standing) == "requests 1,240/s (12.4x normal, 100/s; limit 10x)"
    assert measured(one.limit, replace(standing, normal=None)) == (
        "requests 1,240/s (limit 10x normal, which is not known yet)"
    )


def test_what_is_compared_is_what_is_learned() -> None:
    one = check("x", "count", limit=None, times_normal=3.0, value="requests", window=timedelta(minutes=1), take="rate")
    standing, baseline = Standing(), Baseline()
    for place in range(4):
        reading = Reading(at=BEGAN + place * EVERY, values={"requests": place * 30.0})
        standing, learned = weigh(one.limit, standing, reading, baseline)
        baseline = learned or baseline
    assert baseline.sample == (2.0, 2.0, 2.0)
