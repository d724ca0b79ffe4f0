"""Numbers that decide: how much there is against the usual, how full something is, how many fail, how long it took."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.matching import match
from tocsin.triage.metrics import metrics
from tocsin.triage.proportions import multiples
from tocsin.triage.readings import readings

Make = Callable[..., Alert]


def read(text: str, named: dict[str, str] | None = None) -> set[tuple[str, float, str]]:
    """Give what the numbers of an alert measure, its details written behind its text as everywhere."""
    said = "\n".join((text, *(f"{key}: {value}" for key, value in (named or {}).items())))
    return {(one.kind, round(one.value, 3), one.unit) for one in readings(said, metrics(said) | (named or {}))}


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("usually 200 a second, now 8,000", 40),
        ("5 hits a minute is normal. right now it is three thousand", 600),
        ("nineteen thousand times a second; we do 500 on a quiet day", 38),
        ("visits 60.000 pro Stunde, normal sind 1.200", 50),
        ("9 mil visitas por minuto, lo habitual son 300", 30),
        ("a thousand a second, the norm is 6,000 per hour", 600),
        ("600k handshakes/s out of 40k networks, normal 12k/s", 50),
        ("3 200 req/min → 96 000 req/min", 30),
        ("visits: +2,900 % over last monday", 30),
        ("fifty times an ordinary evening", 50),
    ],
)
def test_now_and_usually_are_compared_in_either_order(text: str, times: float) -> None:
    assert [round(one.times, 1) for one in multiples(text)] == [times]


@pytest.mark.parametrize("text", ["seat 204 instead of 203.", "6-8 s vs. half a second", "usual 40 minutes, now done"])
def test_names_and_times_are_not_compared_with_the_usual(text: str) -> None:
    assert not multiples(text)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("26k/s, normally 200/s", "requests", 130),
        ("exceptions climbed from 4/min to 120/min", "errors", 30),
        ("400 requests/min, normal 300/min", "requests", 1.333),
    ],
)
def test_what_comes_by_time_are_calls_whatever_they_are_called(text: str, kind: str, value: float) -> None:
    assert (kind, value, "x") in read(text)
    assert {"requests", "errors"} - {kind} == {"requests", "errors"} - {one[0] for one in read(text)}


@pytest.mark.parametrize("text", ["orders 20/min, normal 1/min", "log lines 9k/s, normal 40/s"])
def test_what_is_no_call_is_no_traffic(text: str) -> None:
    assert not [one for one in read(text) if one[2] == "x"]


@pytest.mark.parametrize(
    ("text", "named", "times"),
    [
        ("48M requests past hour", {"typical_hour": "1200000", "source_ips": "30000"}, 40),
        ("6 million transactions in the last hour", {"usual_per_hour": "200000"}, 30),
        ("120k GET /find in 30 s", {"normal_per_minute": "8000"}, 30),
        ("9,000 requests in the last minute", {"normal_per_s": "150"}, 1),
        ("SYN_RECV=42000", {"usual SYN_RECV": "20"}, 2100),
        ("gate_http_requests_total", {"now": "9.6e4/s", "p95_28d": "2.4e3/s"}, 40),
        ("requests by status", {"now": "52,000", "usual": "1,300"}, 40),
    ],
)
def test_a_detail_says_what_is_usual_of_what_the_text_counts(text: str, named: dict[str, str], times: float) -> None:
    assert ("requests", times, "x") in read(text, named)


def test_what_is_usual_of_something_else_is_compared_with_nothing() -> None:
    assert not [one for one in read("orders 90 per hour", {"usual_per_hour": "4"}) if one[2] == "x"]
    assert not [one for one in read("p99 340 ms", {"typical_ms": "12"}) if one[2] == "x"]


def test_more_than_ten_times_the_usual_is_a_flood_and_less_is_none(example: Runbook, alert: Make) -> None:
    for hits, entry in (("58M", "ddos-attack"), ("5M", None)):
        said = alert(f"gateway usage: {hits} requests past hour", details={"typical_hour": "1100000"})
        assert match(said, example, {}).incident_type == entry


@pytest.mark.parametrize(
    ("text", "named", "share"),
    [
        ("process renderer memory 300mb / max 1200mb", {}, 25),
        ("free -g says 59 of 60 gb taken", {}, 98.333),
        ("heap 512 MB of 2048 after gc", {}, 25),
        ("memory: free 200 MiB out of the allowed 4000", {}, 95),
        ("FreeableMemory 1 GiB of 16 GiB", {}, 93.75),
        ("mem CRITICAL - 95.5% used, 1.4 GB free", {}, 95.5),
        ("memory warning", {"pct_of_limit": "64.5"}, 64.5),
        ("evictions", {"used_memory": "15G", "maxmemory": "16G"}, 93.75),
        ("the leak is at 94 % of the container", {}, 94),
    ],
)
def test_used_and_limit_are_read_in_one_phrase_and_in_two_details(
    text: str, named: dict[str, str], share: float
) -> None:
    assert {one[1] for one in read(text, named) if one[0] == "memory"} == {share}


@pytest.mark.parametrize(
    ("text", "named", "share"),
    [
        ("last checks: 27x 200, 3x 503", {}, 10),
        ("login answers 200 200 502 200 200 200 200 200 200 200", {}, 10),
        ("KeyError: 11 events of 22 000 requests", {}, 0.05),
        ("nginx 500s seen, 9 per 10 000 requests", {}, 0.09),
        ("4,400 docs status>=500 of 88k", {}, 5),
        ("6 errors in each 100 visits", {}, 6),
        ("0 failed / 310 succeeded", {}, 0),
        ("5 failed / 195 succeeded", {}, 2.5),
        ("reset on some calls, retried fine", {"fail": "8", "of": "400"}, 2),
        ("the import endpoint fails for 7 % customers", {}, 7),
    ],
)
def test_what_failed_of_all_is_read_as_people_write_it(text: str, named: dict[str, str], share: float) -> None:
    assert {(one[0], one[1]) for one in read(text, named)} == {("errors", share)}


def test_what_went_well_behind_a_comma_is_not_what_is_counted() -> None:
    assert not [one for one in read("connections reset, 6 in 20,000 calls, retried fine") if one[0] == "alive"]
    assert ("alive", 0, "") in read("0 in 12 members healthy")


@pytest.mark.parametrize("text", ["4XXError average 0.31", "upstream gave 500s again", "FreeableMemory 96 MiB"])
def test_statuses_and_sizes_are_no_shares_and_no_times(text: str) -> None:
    assert not read(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("slowest statement of the day: 240 ms", 0.24), ("die langsamste Abfrage liegt bei 4 s", 4)],
)
def test_the_slowest_of_them_says_how_long_calls_take(text: str, seconds: float) -> None:
    assert ("latency", seconds, "s") in read(text)


@pytest.mark.parametrize(("part", "entry"), [(3, "high-error-rate"), (1, None)])
def test_failures_among_two_hundred_are_held_against_one_percent(
    example: Runbook, alert: Make, part: int, entry: str | None
) -> None:
    said = alert(f"connections reset between till and ledger, {part} of 200 calls fail")
    assert match(said, example, {}).incident_type == entry


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("mean time of a query rose from 4 ms to 3,100 ms", "latency", 3.1),
        ("p99 went from 200 ms to 0.4 s", "latency", 0.4),
        ("success rate fell from 99.9 % to 96 %", "errors", 4),
        ("heap went from 40 % to 97 %", "memory", 97),
    ],
)
def test_of_what_rose_only_what_it_is_now_counts(text: str, kind: str, value: float) -> None:
    assert {(one[0], one[1]) for one in read(text)} == {(kind, value)}


@pytest.mark.parametrize(
    ("text", "details", "entry"),
    [
        ("slowest statement of the day: 310 ms", {}, None),
        ("slowest statement of the day: 3,100 ms", {}, "database-slow-queries"),
        ("postgres slow query log", {"longest_query_ms": "420"}, None),
        ("postgres slow query log", {"longest_query_ms": "42000"}, "database-slow-queries"),
        ("postgres deadlocks pile up, answers take 300 ms", {}, "database-slow-queries"),
        ("postgres: too many connections, 100 of 100 connections, p95 300 ms", {}, "database-slow-queries"),
    ],
)
def test_a_database_that_answers_within_the_limit_is_not_slow_but_may_be_short_of_something(
    example: Runbook, alert: Make, text: str, details: dict[str, str], entry: str | None
) -> None:
    assert match(alert(text, details=details), example, {}).incident_type == entry


def test_connections_in_use_are_held_against_the_most_there_may_be() -> None:
    for used, share in (("90", 22.5), ("400", 100)):
        assert ("pool", share, "%") in read("postgres", {"max_connections": "400", "used": used})


@pytest.mark.parametrize("key", ["accepted", "successes"])
def test_that_no_stranger_gets_in_is_no_outage(example: Runbook, alert: Make, key: str) -> None:
    said = alert("failed password for admin from 1,900 addresses, fail2ban is at work", details={key: "0"})
    assert match(said, example, {}).incident_type != "sequencer-down"
    assert match(alert("intents since noon", details={key: "0"}), example, {}).incident_type == "sequencer-down"


def test_what_goes_through_all_the_time_and_does_not_is_an_outage() -> None:
    assert ("alive", 0, "") in read("chain", {"tx_processed_last_10m": "0"})
    assert not read("chain", {"tx_processed_last_10m": "40", "failed_tx_processed": "0"})


@pytest.mark.parametrize(
    ("text", "named", "kind", "value"),
    [
        ("rules matched", {"rps_vs_baseline": "1.2"}, "requests", 1.2),
        ("rules matched", {"requests_vs_usual": "40"}, "requests", 40),
        ("queries 4 ms", {}, "latency", 0.004),
        ("SelectLatency", {"value": "1900 ms"}, "latency", 1.9),
        ("jobs", {"failed_jobs": "2", "jobs": "400"}, "errors", 0.5),
    ],
)
def test_what_a_number_counts_is_said_by_the_word_beside_it(
    text: str, named: dict[str, str], kind: str, value: float
) -> None:
    assert {(one[0], one[1]) for one in read(text, named)} == {(kind, value)}


def test_how_far_apart_or_how_old_something_is_is_no_time_that_it_takes() -> None:
    assert not read("slow checkpoints 24 s apart")
    assert ("latency", 24, "s") in read("slow checkpoints of 1 GB: 24 s")


@pytest.mark.parametrize(
    ("text", "entry"), [("heap 600 MB of 2048, no leak", None), ("heap 2000 MB of 2048, no leak", "out-of-memory")]
)
def test_a_leak_that_is_denied_fills_no_memory(example: Runbook, alert: Make, text: str, entry: str | None) -> None:
    assert match(alert(text), example, {}).incident_type == entry
