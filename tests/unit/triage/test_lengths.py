"""How long something takes, in minutes too, and what is only how long something goes on; what stands behind "of"."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.matching import match
from tocsin.triage.metrics import metrics
from tocsin.triage.readings import readings


def read(text: str) -> set[tuple[str, float, str]]:
    return {(one.kind, round(one.value, 3), one.unit) for one in readings(text, metrics(text))}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("latency 2 min", 120),
        ("p95 is 1.5 minutes", 90),
        ("p95 is 7 minutes", 420),
        ("p99 latency of checkout at 3 minutes, limit 2 s", 180),
        ("p99 of /search now at 2 min (threshold 2 s)", 120),
        ("response time is now about 2 minutes", 120),
        ("page load time: 4 min", 240),
        ("p95 latency above 2 minutes", 120),
        ("average response time 1m30s", 90),
        ("queries took 3m 20s", 200),
        ("api latency went from 300 ms to 2 minutes", 120),
        ("checkout takes more than 2 minutes", 120),
        ("requests take 1.5 min", 90),
        ("the page loads in 2 minutes", 120),
        ("Antwortzeit liegt bei 2 Minuten", 120),
        ("chaque page met 2 minutes", 120),
    ],
)
def test_minutes_that_a_call_takes_are_how_long_it_takes(text: str, seconds: float) -> None:
    assert max(value for kind, value, unit in read(text) if (kind, unit) == ("latency", "s")) == pytest.approx(
        seconds, rel=1e-5
    )


@pytest.mark.parametrize(
    "text",
    [
        "latency has been high for 10 minutes",
        "high latency in the last 5 minutes",
        "slow responses since 20 minutes",
        "latency over 5 minutes",
        "latency alert fired 3 min ago",
        "p95 latency 5 min avg",
        "p99 latency (5 minutes): fine",
        "latency 10 min window",
        "latency rose 2 minutes after the deploy",
        "replication lag 2 min",
        "the job took 12 minutes",
        "db migration took 12 minutes",
        "the team took 15 minutes to answer the page",
        "Priority P1 (Response time: 15 min)",
        "Response time: 15 min",
        "deploy took 3 min, requests fine",
        "requests fine, backup took 40 minutes",
        "Lock queue on orders at 74 sessions, longest wait 6 min 12 s",
        "Resolved in 4m 20s",
        "p95 for 1m30s",
    ],
)
def test_minutes_that_something_goes_on_are_no_latency(text: str) -> None:
    assert "latency" not in {kind for kind, *_ in read(text)}


@pytest.mark.parametrize(
    "text", ["p95 latency 5 min avg 240 ms", "p95 latency 5 min 240 ms", "latency over the last 5 minutes: 240 ms"]
)
def test_of_minutes_and_seconds_the_seconds_are_what_was_measured(text: str) -> None:
    assert read(text) == {("latency", 0.24, "s")}


@pytest.mark.parametrize(
    "text",
    [
        "average response over the past five minutes is fine",
        "responses in the previous five minutes, on average",
        "no answer within five minutes",
        "answer rate during five minutes",
        "the average query over fifteen minutes",
        "p95 of calls per minute in ten minutes",
    ],
)
def test_a_window_that_is_written_out_is_no_latency(text: str) -> None:
    assert "latency" not in {kind for kind, *_ in read(text)}


@pytest.mark.parametrize(
    "text", ["pages take over ten seconds", "it answers in ten seconds, every page", "pages load after ten seconds"]
)
def test_what_something_takes_may_stand_behind_the_same_words(text: str) -> None:
    assert ("latency", 10, "s") in read(text)


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("error rate of 5%", ("errors", 5, "%")),
        ("memory usage of 97 % on db-1", ("memory", 97, "%")),
        ("a success rate of 91%", ("errors", 9, "%")),
        ("p95 latency of 3 s", ("latency", 3, "s")),
        ("with a response time of 900 ms", ("latency", 0.9, "s")),
        ("an average latency of 2 minutes", ("latency", 120, "s")),
    ],
)
def test_so_much_of_a_measure_was_measured(text: str, read_as: tuple[str, float, str]) -> None:
    assert read(text) == {read_as}


@pytest.mark.parametrize(
    "text",
    [
        "error budget of 5%",
        "SLO of 99.9% availability",
        "a latency objective of 300 ms",
        "against an error rate of 1%",
        "limit: error rate of 5%",
        "the usual latency of 200 ms",
        "alerts above an error rate of 5%",
        "a discount of 5%",
        "retries with a delay of 30 s",
        "a drop in error rate of 40%",
    ],
)
def test_so_much_of_an_aim_was_not(text: str) -> None:
    assert not read(text)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("checkout: p95 latency of 3 s", "slow-answers"),
        ("checkout: p95 is 1.5 minutes", "slow-answers"),
        ("checkout: p95 latency of 300 ms", None),
        ("gateway: error rate of 7%", "failing-calls"),
        ("gateway: error rate of 0.2%", None),
    ],
)
def test_they_are_held_against_the_thresholds_of_the_document(
    text: str, entry: str | None, made_of: Callable[..., Runbook], alert: Callable[..., Alert]
) -> None:
    book = made_of({"Slow answers": ["p95 latency > 1 s"], "Failing calls": ["Error rate > 1%"]})
    assert match(alert(text), book, {}).incident_type == entry
