"""Numbers as logs, monitors and people drop them: which of several is meant, and of what it is so many."""

import pytest

from tocsin.runbook.policy import Runbook
from tocsin.triage.matching import match
from tocsin.triage.readings import readings
from tocsin.triage.standing import standing
from tocsin.triage.statement import statement
from tocsin.triage.topics import heard
from tocsin.triage.values import values

from .test_numbers import Make, read


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("edge: 500,000 requests in 1 min from 8,100 IPs to /search, usual 1,000/min", 500),
        ("1.8 M requests in 60 s out of 44 countries hit /otp, normal 9 k", 200),
        ("limiter answered 30,000 times in the last minute, unique ips 2,000 (typical rpm: 600)", 50),
        ("90,000 hits in 5 minutes, 40 nodes up, usually 100 a second", 3),
    ],
)
def test_of_several_numbers_the_one_of_calls_is_held_against_the_usual(text: str, times: float) -> None:
    assert [round(value, 1) for kind, value, unit in read(text) if (kind, unit) == ("requests", "x")] == [times]


@pytest.mark.parametrize("what", ["UnhandledRejection spike", "NullPointerException up", "errors rise"])
def test_so_many_more_failures_than_usual_are_no_more_requests(what: str) -> None:
    there = read(f"{what}: 8 000 events in 10 min in the shop (usually 40), 4 % of sessions")
    assert ("errors", 200, "x") in there
    assert ("errors", 4, "%") in there
    assert not [one for one in there if one[0] == "requests"]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("UnhandledPromiseRejection in 6 % of requests since the deploy", 6),
        ("since noon about 7% of prod API calls crash with a TypeError", 7),
        ("grpc error budget: INTERNAL codes at 3.1% of calls on quotes", 3.1),
        ("non-2xx share 0.07 (limit 0.01), p50 45ms", 7),
        ("RequestErrorsHigh 0.021 of all requests (slo 0.01)", 2.1),
    ],
)
def test_a_share_of_calls_that_fail_is_an_error_rate_whatever_failing_is_called(text: str, share: float) -> None:
    assert ("errors", share, "%") in read(text)


def test_a_value_that_the_text_writes_in_percent_is_the_same_value() -> None:
    there = read("5xx of orders 0.42% (warn 0.25, page 1)", {"value": "0.42"})
    assert {value for kind, value, _ in there if kind == "errors"} == {0.42}


@pytest.mark.parametrize("text", ["the workers die, each one w/ 137", "two w/ 502 in a row"])
def test_with_is_no_part_of_a_whole(text: str) -> None:
    assert not read(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("shop | GET /cart 200 8812ms", {8.812}),
        ('10.1.2.3 - - "POST /api/pay HTTP/1.1" 200 512 4.2s', {4.2}),
        ("GET /a 200 9410 ms / GET /b 200 12 ms", {9.41, 0.012}),
    ],
)
def test_a_line_of_an_access_log_ends_with_how_long_the_answer_took(text: str, seconds: set[float]) -> None:
    assert {value for kind, value, _ in read(text) if kind == "latency"} == seconds


def test_what_ended_on_a_page_of_errors_is_not_over() -> None:
    assert standing("two of nine orders ended on a page that says Error 500", {}, "") is None
    assert standing("the outage ended on Friday", {}, "") is not None


def test_an_exclamation_in_german_is_no_power_supply() -> None:
    assert "hardware" not in {hit.topic for hit in heard("Ups, das hat nicht geklappt").hits}
    assert "hardware" in {hit.topic for hit in heard("UPS battery replaced").hits}


def test_an_account_that_is_not_ours_is_no_talk() -> None:
    assert standing("snapshot shared with account 991122003344 (not ours)", {}, "") is None
    assert standing("the slow shop is not ours", {}, "") is not None


@pytest.mark.parametrize("text", ["do we page for 5xx at 1 % or 2 %?", "should we wake somebody at 5 % errors?"])
def test_a_question_when_to_wake_somebody_is_no_alert(text: str) -> None:
    assert standing(text, {}, "") is not None
    assert standing("do we page somebody? 5xx at 4 %", {}, "") is None


QUERY = "avg(last_5m):100 * sum:trace.http.errors{service:shop} / sum:trace.http.hits{service:shop} > 1"
CROSSED = "Threshold Crossed: {} (27/11/26 08:01:00), 0.1 (27/11/26 08:00:00)] were greater than the threshold (0.05)."


@pytest.mark.parametrize(
    ("metric", "points", "expected"),
    [
        ('"MetricName":"MemoryUtilization"', "2 datapoints [97.3", ("memory", 97.3, "%")),
        ("MetricName: TargetResponseTime", "2 out of the last 2 datapoints [3", ("latency", 3, "s")),
        ("- MetricName:       CPUUtilization", "1 datapoint [100.0", ("load", 100, "%")),
        ('"MetricName": "IntegrationLatency", "Unit": "Milliseconds"', "1 datapoint [4100.0", ("latency", 4.1, "s")),
        ("MetricName: HealthyHostCount", "1 datapoint [0.0", ("alive", 0, "")),
        ('"MetricName":"5XXError","Namespace":"AWS/ApiGateway"', "1 datapoint [0.004", ("errors", 0.4, "%")),
    ],
)
def test_the_newest_value_that_crossed_a_threshold_is_that_of_the_metric_that_is_named(
    metric: str, points: str, expected: tuple[str, float, str]
) -> None:
    text = f"ALARM: shop in EU (Ireland)\n{metric}\n{CROSSED.format(points)}"
    assert expected in read(text, values(text, ()))


def test_what_crossed_a_threshold_of_its_own_is_held_against_that_of_the_document(
    example: Runbook, alert: Make
) -> None:
    for value, entry in ((68.2, None), (97.1, "out-of-memory")):
        crossed = f"Threshold Crossed: 1 datapoint [{value}] was greater than the threshold (60.0)."
        said = alert("ALARM: shop", details={"MetricName": "MemoryUtilization", "NewStateReason": crossed})
        assert match(said, example, {}).incident_type == entry


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("memory limit of geo-0 reached", {"container.memory.usage_pct": "0.99"}),
        ("kubernetes.memory.usage_pct 0.99 for pod geo-0", {}),
    ],
)
def test_memory_in_use_of_less_than_one_is_a_share(text: str, named: dict[str, str]) -> None:
    assert {one for one in read(text, named) if one[0] == "memory"} == {("memory", 99, "%")}
    assert ("memory", 99.5, "%") in read("memory", {"memory_free_pct": "0.5"})


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("of 48,000 filings 60 came back with a 500", 0.125),
        ("sample of 200 calls: 9 failed", 4.5),
        ("Among the 400 orders, 12 were rejected", 3),
    ],
)
def test_a_part_may_stand_behind_its_whole(text: str, share: float) -> None:
    assert ("errors", share, "%") in read(text)


def test_a_time_behind_a_count_is_no_part_of_it() -> None:
    assert not read("of 200 calls 9 minutes ago none is missing")


NODE = "Node memory is filling up (< 10% left)\n  VALUE = 4.3\n  LABELS = map[instance:node-7]"
EDGE = "Too many HTTP requests with status 5xx (> 5%)\n  VALUE = 12.7\n  LABELS = map[]"
PG = '{"allOf":[{"metricName":"memory_percent","operator":"GreaterThan","threshold":"90","metricValue":97.6}]}'


@pytest.mark.parametrize(
    ("text", "details", "expected"),
    [
        ("Host short of memory", {"description": NODE}, ("memory", 95.7, "%")),
        ("Edge", {"description": EDGE}, ("errors", 12.7, "%")),
        ("Memory utilization of api-7 is above the threshold of 0.9 with a value of 0.97.", {}, ("memory", 97, "%")),
        ("p95 latency is above 1 s (current value: 2.5s)", {}, ("latency", 2.5, "s")),
        ("Fired: pg-prod", {"condition": PG}, ("memory", 97.6, "%")),
        ("High error ratio", {"value A": "0.053", "value C": "1"}, ("errors", 5.3, "%")),
        ("Error rate in percent", {"value A": "0.4", "value C": "1"}, ("errors", 0.4, "%")),
        ("Memory of api-7", {"body": "avg:system.mem.pct_usable{*} < 0.4\n\nMetric value: 0.31"}, ("memory", 69, "%")),
        ("API latency", {"value B": "2.4", "value C": "1"}, ("latency", 2.4, "s")),
        (
            "Errors of the shop",
            {"body": "The monitor was last triggered today.\n\nMetric value: 3.4\n", "query": QUERY},
            ("errors", 3.4, "%"),
        ),
    ],
)
def test_a_value_that_stands_apart_is_one_of_what_is_named_elsewhere(
    alert: Make, text: str, details: dict[str, str], expected: tuple[str, float, str]
) -> None:
    said = statement(alert(text, details=details))
    there = readings(said.text, values(said.text, said.spelled) | said.spelled)
    assert expected in {(one.kind, round(one.value, 3), one.unit) for one in there}


@pytest.mark.parametrize(
    "text", ["the threshold value: 0.9 of memory", "memory\nvalue: 0.97", "memory, value 7/8 done"]
)
def test_a_limit_a_detail_and_a_date_are_no_value_of_what_stands_before(text: str) -> None:
    assert not values(text, ())


def test_a_value_among_the_details_is_the_value() -> None:
    assert not values("memory of api-7 with a value of 0.97", ("Value",))


def test_a_hint_at_an_entry_is_none_where_the_trouble_that_is_named_stays_within_its_limit(
    example: Runbook, alert: Make
) -> None:
    for rate, entry in (("0.6", None), ("6.0", "high-error-rate")):
        said = alert("Failure rate increase on api", details={"problem": f"failure rate {rate} % exceeds the baseline"})
        assert match(said, example, {}).incident_type == entry


def test_a_share_of_the_connections_of_a_database_is_no_load_of_its_processor(example: Runbook, alert: Make) -> None:
    for share, entry in ((99, "database-slow-queries"), (40, None)):
        said = alert(f"The project is using {share}% of available database connections")
        assert match(said, example, {}).incident_type == entry
