"""What says that nothing of the runbook is the matter, by rules that hold for any words."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.evidence import evidence
from tocsin.triage.matching import match
from tocsin.triage.proportions import few_senders
from tocsin.triage.readings import readings
from tocsin.triage.statement import statement
from tocsin.triage.topics import heard

Make = Callable[..., Alert]


def entry(example: Runbook, one: Alert) -> str | None:
    return match(one, example, {}).incident_type


def kinds(text: str) -> set[tuple[str, float]]:
    return {(reading.kind, round(reading.value, 1)) for reading in readings(text, {})}


@pytest.mark.parametrize(
    ("text", "alive"),
    [
        ("scaled down, 2/2 ready", False),
        ("node is down, 4 of 4 healthy", False),
        ("4 of 4 down", True),
        ("0 of 4 ready", True),
        ("healthy targets: 0", True),
        ("available replicas == 0", True),
        ("healthy targets: 3", False),
    ],
)
def test_what_stands_behind_a_count_says_what_is_counted(text: str, alive: bool) -> None:
    assert (("alive", 0) in kinds(text)) is alive


@pytest.mark.parametrize("text", ["ok 900, failed 100", "900 ok, 100 failed", "succeeded: 900; errors: 100"])
def test_a_text_that_counts_what_went_well_and_what_not_says_the_share(text: str) -> None:
    assert ("errors", 10) in kinds(text)


def test_room_that_something_stored_takes_is_no_memory(example: Runbook, alert: Make) -> None:
    assert kinds("bucket size 7.8 GB of 8 GB") == {("disk", 97.5)}
    assert ("memory", 97.5) in kinds("process size 7.8 GB of 8 GB")
    assert entry(example, alert("mailbox of support: 7.8 GB of 8 GB")) is None


def test_a_handful_of_senders_is_no_flood(example: Runbook, alert: Make) -> None:
    assert few_senders("banned 3 ips")
    assert not few_senders("banned 3 ips, then 900 addresses")
    assert not few_senders("banned")
    assert entry(example, alert("the jail banned 4 IPs")) is None
    assert "flood" in evidence(statement(alert("the jail banned 1400 IPs")), ())


@pytest.mark.parametrize(
    ("text", "topic", "spoken"),
    [
        ("responde en 30 ms, sin errores", "errors", False),
        ("läuft ohne Fehler", "errors", False),
        ("sin memoria disponible", "memory", True),
        ("errores sin fin", "errors", True),
    ],
)
def test_there_is_none_of_it_in_other_languages_too(text: str, topic: str, spoken: bool) -> None:
    assert (topic in {hit.topic for hit in heard(text).hits}) is spoken


def test_memory_in_use_is_not_short_until_it_is_nearly_full_or_grows(example: Runbook, alert: Make) -> None:
    assert entry(example, alert("memory at 84% since Monday, steady")) is None
    assert entry(example, alert("memory at 84% and rising by the minute")) == "out-of-memory"
    assert entry(example, alert("memory at 94%")) == "out-of-memory"


@pytest.mark.parametrize("part", ["Mail server", "The VPN tunnel", "Redis", "kibana", "our NFS"])
@pytest.mark.parametrize("trouble", ["too many connections", "out of memory"])
def test_what_an_alert_begins_with_is_what_it_is_about(example: Runbook, alert: Make, part: str, trouble: str) -> None:
    assert entry(example, alert(f"{part}: {trouble}")) is None
    assert entry(example, alert(f"sequencer: {trouble}")) is not None


def test_an_alert_of_the_monitoring_about_itself_is_known_by_its_name(example: Runbook, alert: Make) -> None:
    said = "notifications are failing with too many requests"
    named = alert(said, details={"alertname": "AlertmanagerFailedToSendAlerts"})
    assert entry(example, named) is None
    assert entry(example, alert(said)) is not None


@pytest.mark.parametrize("environment", ["review", "pr-77", "e2e", "acceptance", "ephemeral-3"])
def test_environments_named_for_what_they_are_for_are_not_production(
    example: Runbook, alert: Make, environment: str
) -> None:
    assert entry(example, alert("sequencer down", details={"environment": environment})) is None
    assert entry(example, alert("sequencer down", details={"environment": "eu-1"})) == "sequencer-down"


def test_a_region_of_a_provider_is_not_ours_and_a_machine_there_is(example: Runbook, alert: Make) -> None:
    assert entry(example, alert("AWS Health: elevated error rates in sa-east-1")) is None
    assert entry(example, alert("AWS Health: the machine of the sequencer is unreachable")) == "sequencer-down"


@pytest.mark.parametrize("count", ["\u00b2", "\u0663", "9" * 5_000, "x", ""])
def test_a_count_that_is_none_opens_what_it_would_without_it(example: Runbook, alert: Make, count: str) -> None:
    assert entry(example, alert("the sequencer is down", details={"affected_users": count})) == "sequencer-down"
    assert entry(example, alert("the sequencer is down", details={"affected_users": "1"})) is None


def test_an_ordinal_without_end_is_one_of_very_many(example: Runbook, alert: Make) -> None:
    assert entry(example, alert(f"every {'1' * 5_000}th request fails")) is None
    assert entry(example, alert("every 5th request fails")) == "high-error-rate"


@pytest.mark.parametrize(
    "text",
    [
        "Pingdom: sequencer UP after 3m downtime",
        "UptimeRobot: sequencer is UP. It was down for 3 minutes",
        "Better Uptime: sequencer is up after being down for 2m",
        "Monitor is UP: api. Downtime: 4m 12s",
        "[Zabbix] sequencer OK, had been unreachable for 3m",
        "Nagios: OK - sequencer was CRITICAL for 5m",
        "api came back after 5 minutes of outage",
        "sequencer came back up at 03:12",
        "sequencer was down for 4 minutes and is now up",
        "sequencer back online after an outage of 12 min",
        "outage lasted 12 minutes",
    ],
)
def test_how_long_it_was_down_says_that_it_is_over(example: Runbook, alert: Make, text: str) -> None:
    found = match(alert(text), example, {})
    assert found.incident_type is None
    assert found.excused


@pytest.mark.parametrize(
    "text",
    [
        "sequencer not up after 3m downtime",
        "sequencer won't come up after 5m of downtime",
        "sequencer never came back up after the maintenance",
        "sequencer UP after 3m downtime, down again now",
        "api is up, sequencer has been down for 5m",
        "sequencer: UP -> DOWN after 3m",
        "sequencer down again after 3m uptime",
        "sequencer is not back up after 10 min of outage",
    ],
)
def test_how_long_it_was_up_or_is_down_does_not(example: Runbook, alert: Make, text: str) -> None:
    assert match(alert(text), example, {}).incident_type == "sequencer-down"


@pytest.mark.parametrize("reason", ["HTTP 502 - Bad Gateway", "503", "HTTP 500"])
def test_the_status_a_monitor_gives_for_an_outage_is_how_it_shows_and_no_other_trouble(
    example: Runbook, alert: Make, reason: str
) -> None:
    assert entry(example, alert("Monitor is DOWN: api.shop.example", details={"reason": reason})) == "sequencer-down"
    partly = alert("Some calls of api.shop.example fail", details={"reason": reason})
    assert entry(example, partly) == "high-error-rate"


@pytest.mark.parametrize("field", ["hostgroup", "Host group", "resourceGroup"])
def test_a_group_of_machines_is_a_place(example: Runbook, alert: Make, field: str) -> None:
    said = "Problem: sequencer process is not running"
    assert entry(example, alert(said, details={field.replace(" ", "_"): "Test servers"})) is None
    assert entry(example, alert(said, details={field.replace(" ", "_"): "Servers"})) == "sequencer-down"


def test_a_keeper_of_processes_says_that_one_has_stopped(example: Runbook, alert: Make) -> None:
    assert entry(example, alert("pm2: pricing stopped")) == "sequencer-down"
