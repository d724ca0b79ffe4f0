"""What machines say word by word: kernels, platforms, proxies, pools, tracers, audit logs and detectors of threats."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.evidence import evidence
from tocsin.triage.matching import match
from tocsin.triage.metrics import metrics
from tocsin.triage.readings import readings
from tocsin.triage.standing import standing
from tocsin.triage.statement import statement
from tocsin.triage.words import SERVER_ERROR, UNAVAILABLE, words
from unit.triage.conftest import spoken

Make = Callable[..., Alert]
Build = Callable[..., Runbook]


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("oom_reaper: reaped process 77 (ledger)", "memory"),
        ("fork: Cannot allocate memory", "memory"),
        ("Metaspace of the quote engine is used up", "memory"),
        ("MinimumReplicasUnavailable on deployment ledger", "down"),
        ("ledger.service: Start request repeated too quickly", "down"),
        ("the worker failed to boot", "down"),
        ("upstream prematurely closed connection", "errors"),
        ("NullReferenceException in Ledger.Post", "errors"),
        ("57 ungranted locks", "database"),
        ("QueuePool limit of size 8 overflow 4 reached", "database"),
        ("the ledger could not obtain a connection from its pool", "database"),
        ("IntegrationLatency of the gateway rises", "slow"),
        ("request_sock_TCP: Possible SYN flooding on port 8443", "flood"),
        ("rate-based rule tripped for 4,000 callers", "flood"),
        ("archive_command exited with 1", "backup"),
        ("Slave_IO_Running: No", "replication"),
        ("KubeScheduler has disappeared", "control"),
        ("file descriptors used up", "descriptors"),
    ],
)
def test_what_machines_say_word_by_word_speaks_of_its_topic(text: str, topic: str) -> None:
    assert topic in spoken(text)


@pytest.mark.parametrize(
    "text",
    [
        "CloudTrail logging suspended",
        "Snapshot ledger-weekly shared with another account",
        "Secrets enumeration by a service account",
        "MFA device deactivated for the treasurer",
        "Interactive shell in pod ledger-3",
        "ModifyImageAttribute launchPermission all",
        "AuthorizeSecurityGroupIngress 0.0.0.0/0 port 3306",
    ],
)
def test_names_of_events_and_rules_speak_of_a_breach(text: str) -> None:
    assert "breach" in spoken(text)


def test_a_status_ends_its_line_whatever_the_next_one_begins_with() -> None:
    assert SERVER_ERROR in [word.stem for word in words("the gateway answered 502\nnode: edge-4")]
    assert SERVER_ERROR not in [word.stem for word in words("502 nodes of the chain")]


@pytest.mark.parametrize(("status", "gone"), [("521", True), ("523", True), ("520", False), ("502", False)])
def test_statuses_of_a_gate_that_finds_nothing_behind_it_say_so(status: str, gone: bool) -> None:
    assert (words(f"error {status}")[-1].stem == UNAVAILABLE) is gone


def test_memory_above_a_limit_is_not_as_much_as_the_limit(alert: Make) -> None:
    said = statement(alert("Heap of the ledger is above 80 %"))
    assert "memory" in evidence(said, readings(said.text, {}))
    roomy = statement(alert("Heap of the ledger is at 60 %"))
    assert "memory" not in evidence(roomy, readings(roomy.text, {}))


def test_sessions_at_work_are_no_share_of_a_processor() -> None:
    assert not readings("database", {"DBLoadNonCPU": "31.5"})
    assert readings("database", {"cpu": "31.5"})[0].kind == "load"


@pytest.mark.parametrize(
    ("text", "failed"),
    [("crash-free sessions 91.5%", 8.5), ("crash free users at 99.9%", 0.1), ("error rate 0.4 % of calls", 0.4)],
)
def test_shares_of_failures_are_read_as_tools_write_them(text: str, failed: float) -> None:
    assert [reading.value for reading in readings(text, metrics(text))] == [pytest.approx(failed)]


def test_what_is_good_of_what_is_valid_is_a_share() -> None:
    found = readings("indicator", {"good": "940", "valid": "1000"})
    assert [reading.value for reading in found if reading.kind == "errors"] == [pytest.approx(6.0)]


def test_a_program_that_a_signal_ended_did_not_end_well() -> None:
    assert standing("ledger exited with code 0", {}, "") is not None
    assert standing("ledger exited with code 0 via signal SIGKILL", {}, "") is None


@pytest.mark.parametrize(
    "summary", ["PulsarBrokerDown: all brokers unreachable", "Zookeeper quorum down (instance zk-4): not reachable"]
)
def test_a_rule_named_for_a_part_is_about_that_part(summary: str, alert: Make, example: Runbook) -> None:
    assert match(alert(summary), example, {}).incident_type is None


def test_a_rule_named_for_a_part_is_the_entrys_that_is_about_it(alert: Make, made_of: Build) -> None:
    book = made_of({"Pulsar Down": ["Pulsar brokers unreachable"], "Ledger Slow": ["Ledger answers slowly"]})
    assert match(alert("PulsarBrokerGone: all brokers unreachable"), book, {}).incident_type == "pulsar-down"


def test_a_cache_without_memory_is_out_of_memory(alert: Make, example: Runbook) -> None:
    assert match(alert("RedisOutOfMemory: used memory 99% of limit"), example, {}).incident_type == "out-of-memory"


def test_a_spike_is_one_of_traffic_only_where_traffic_is_named(alert: Make) -> None:
    for text, flood in (("a spike in badge events", False), ("a spike in requests", True)):
        said = statement(alert(text))
        assert ("flood" in evidence(said, ())) is flood


@pytest.mark.parametrize(
    "text", ["RESET on 3 % of calls", "timeouts for 3 % of requests", "answers UNAVAILABLE on 3% of traffic"]
)
def test_a_share_of_calls_is_one_of_failures_where_they_fail(text: str) -> None:
    assert [(reading.kind, reading.value) for reading in readings(text, {})] == [("errors", 3.0)]


def test_a_share_of_calls_that_go_well_is_none_of_failures() -> None:
    assert not readings("answered on 3 % of calls", {})


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("Mark-Compact 61.0 (80.0) -> 60.0 (80.0) MB, 41 ms (average mu = 0.31, current mu = 0.12)", 75.0),
        ("Pause Full (Allocation) 790M->780M(800M) 912.4ms", 97.5),
    ],
)
def test_collectors_say_how_full_a_heap_still_is(text: str, share: float) -> None:
    assert [reading.value for reading in readings(text, {}) if reading.kind == "memory"] == [pytest.approx(share)]


def test_a_spike_of_failures_is_no_flood(alert: Make) -> None:
    assert "flood" not in evidence(statement(alert("a spike in failed requests")), ())


def test_one_sender_is_no_flood(alert: Make) -> None:
    assert "flood" not in evidence(statement(alert("a scraper, all from a single ip")), ())
    assert "flood" in evidence(statement(alert("scrapers from 9,000 ips")), ())


def test_a_database_that_is_not_there_is_no_slow_one(alert: Make, example: Runbook) -> None:
    gone = alert("MySQL ledger-db: unable to connect, connection refused by the database host")
    assert match(gone, example, {}).incident_type == "sequencer-down"
    busy = alert("MySQL ledger-db: connection refused, too many connections")
    assert match(busy, example, {}).incident_type == "database-slow-queries"


def test_a_log_that_was_cleared_is_not_over_and_a_blocked_push_is_no_breach(alert: Make, example: Runbook) -> None:
    assert standing("the audit log was cleared", {}, "") is None
    assert match(alert("a push with a secret was blocked"), example, {}).incident_type is None


def test_names_of_details_are_read_with_their_capitals(alert: Make, example: Runbook) -> None:
    found = alert("container", details={"exitCode": "137", "name": "ledger"})
    assert match(found, example, {}).incident_type == "out-of-memory"


def test_a_field_that_names_a_sender_is_no_crowd(alert: Make) -> None:
    field = evidence(statement(alert("audit entry", details={"sourceIPAddress": "192.0.2.9"})), ())["flood"]
    assert field.strength < evidence(statement(alert("audit entry of many client ips")), ())["flood"].strength / 2


def test_none_of_what_usually_comes_is_nothing_that_lives() -> None:
    found = readings("calls of the ledger", {"requests_5m": "0", "requests_5m_usual": "4000"})
    assert ("alive", 0) in [(reading.kind, reading.value) for reading in found]
    rare = readings("calls of the ledger", {"requests_5m": "0", "requests_5m_usual": "2"})
    assert "alive" not in [reading.kind for reading in rare]


def test_statistics_are_of_what_the_alert_is_about() -> None:
    assert readings("http_req_duration", {"p(95)": "1900", "unit": "ms"})[0].value == pytest.approx(1.9)
    assert readings("objective", {"slo": "availability", "current": "98.5"})[0].value == pytest.approx(1.5)


def test_how_long_a_disk_takes_is_no_time_of_an_answer() -> None:
    assert not readings("volume", {"WriteLatency": "0.4"})
    assert readings("gateway", {"latency_s": "0.4"})[0].kind == "latency"


def test_so_many_packets_each_second_are_a_flood() -> None:
    assert [reading.unit for reading in readings("netflow", {"pps": "900000"})] == ["/s"]
    assert {one.kind for one in readings("netflow", {"pps": "900"})} == {"gauge"}


@pytest.mark.parametrize(("result", "entry"), [("failure", None), ("denied", None), ("success", "data-breach")])
def test_what_became_of_a_login_decides(result: str, entry: str | None, alert: Make, example: Runbook) -> None:
    login = alert("admin login from unknown device", details={"result": result})
    assert match(login, example, {}).incident_type == entry


def test_all_calls_that_fail_are_an_outage_in_a_share_too() -> None:
    found = readings("100.0 % of the calls are failing", {})
    assert ("alive", 0) in [(reading.kind, reading.value) for reading in found]


def test_who_passes_on_what_it_sees_is_not_what_is_in_trouble(alert: Make, example: Runbook) -> None:
    assert match(alert("Graylog alert: internal server errors spike"), example, {}).incident_type == "high-error-rate"
    assert match(alert("internal server errors of Graylog"), example, {}).incident_type is None


def test_what_has_gone_above_a_limit_is_not_gone() -> None:
    assert "down" not in spoken("the load of the node has gone above 9")
    assert "down" in spoken("the node has gone")


def test_a_database_whose_copy_is_behind_does_not_struggle(alert: Make, example: Runbook) -> None:
    assert match(alert("MysqlReplicationLag: ledger-copy is 90 s behind"), example, {}).incident_type is None


@pytest.mark.parametrize("name", ["nightly", "invoices", "ledger-export"])
def test_a_job_that_failed_is_no_service_that_is_down(example: Runbook, alert: Callable[..., Alert], name: str) -> None:
    """So it is told by who waits for its beats."""
    assert match(alert(summary=f"job {name} failed with exit status 3"), example, {}).incident_type is None
