"""Alerts whose details are numbers only, as monitors of all makers name them: first in trouble, then in order."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.matching import match

Make = Callable[..., Alert]
Both = tuple[dict[str, str], dict[str, str]]
ERRORS: tuple[Both, ...] = (
    ({"failed": "310", "attempted": "9000"}, {"failed": "3", "attempted": "9000"}),
    ({"failures": "310", "requests": "9000"}, {"failures": "2", "requests": "9000"}),
    ({"err_rate": "0.034"}, {"err_rate": "0.002"}),
    ({"errorRate": "3.4"}, {"errorRate": "0.004"}),
    ({"status_5xx": "420", "status_2xx": "9800"}, {"status_5xx": "2", "status_2xx": "9800"}),
    ({"success_pct": "94.1"}, {"success_pct": "99.9"}),
    ({"ok_ratio": "0.96"}, {"ok_ratio": "0.999"}),
)
LIFE: tuple[Both, ...] = (
    ({"ready": "0", "desired": "3"}, {"ready": "3", "desired": "3"}),
    ({"healthy_hosts": "0"}, {"healthy_hosts": "3"}),
    ({"instances_in_service": "0"}, {"instances_in_service": "3"}),
    ({"live_backends": "0"}, {"live_backends": "2"}),
    ({"probe_success": "0"}, {"probe_success": "1"}),
    ({"result": "refused", "ok": "0", "attempts": "9"}, {"result": "open", "ok": "9", "attempts": "9"}),
    ({"ready": "0", "notReady": "3"}, {"ready": "3", "notReady": "0"}),
)
MEMORY: tuple[Both, ...] = (
    ({"mem_pct": "97"}, {"mem_pct": "41"}),
    ({"used_bytes": "2100000000", "total_bytes": "2147483648"}, {"used_bytes": "800000", "total_bytes": "2147483648"}),
    ({"free_mb": "40", "total_mb": "4096"}, {"free_mb": "2100", "total_mb": "4096"}),
    ({"available_pct": "2"}, {"available_pct": "61"}),
    ({"rss": "1.95 GiB", "limit": "2 GiB"}, {"rss": "0.9 GiB", "limit": "2 GiB"}),
)
LATENCY: tuple[Both, ...] = (
    ({"response_ms": "2400"}, {"response_ms": "140"}),
    ({"total_time_ms": "3400"}, {"total_time_ms": "120"}),
    ({"time_total": "3.2"}, {"time_total": "0.2"}),
    ({"p95": "2.4", "unit": "s"}, {"p95": "0.4", "unit": "s"}),
    ({"request_duration_seconds_p95": "2.9"}, {"request_duration_seconds_p95": "0.2"}),
)
DATABASE: tuple[Both, ...] = (
    ({"cpu": "100"}, {"cpu": "40"}),
    ({"connections": "198", "max_connections": "200"}, {"connections": "40", "max_connections": "200"}),
    ({"oldest_transaction_s": "2400"}, {"oldest_transaction_s": "0.1"}),
    ({"waiting_clients": "160"}, {"waiting_clients": "0"}),
)
TRAFFIC: tuple[Both, ...] = (
    ({"rps": "9000", "normal_rps": "300"}, {"rps": "420", "normal_rps": "300"}),
    ({"requests_per_second": "9000", "baseline": "300"}, {"requests_per_second": "420", "baseline": "300"}),
    ({"in_gbps": "9.4", "in_gbps_7d_avg": "0.3"}, {"in_gbps": "0.4", "in_gbps_7d_avg": "0.3"}),
    ({"times_usual": "31"}, {"times_usual": "1.2"}),
    ({"today": "2900000", "yesterday": "91000"}, {"today": "98000", "yesterday": "91000"}),
)
DATA: tuple[Both, ...] = (
    ({"rows": "1900000", "usual_max": "400"}, {"rows": "210", "usual_max": "400"}),
    ({"bytes_out_gb": "61", "usual_gb": "0.3"}, {"bytes_out_gb": "0.4", "usual_gb": "0.3"}),
)


@pytest.mark.parametrize(
    ("entry", "summary", "details"),
    [
        (entry, summary, both)
        for entry, summary, cases in (
            ("high-error-rate", "gateway metric", ERRORS),
            ("sequencer-down", "sequencer status", LIFE),
            ("out-of-memory", "sequencer memory", MEMORY),
            ("database-slow-queries", "GET /orders", LATENCY),
            ("database-slow-queries", "postgres main", DATABASE),
            ("ddos-attack", "edge request rate", TRAFFIC),
            ("data-breach", "db audit: role reader", DATA),
        )
        for both in cases
    ],
)
def test_numbers_alone_say_what_it_is_and_whether_it_is(
    example: Runbook, alert: Make, entry: str, summary: str, details: Both
) -> None:
    troubled, fine = details
    assert match(alert(summary, details=troubled), example, {}).incident_type == entry
    assert match(alert(summary, details=fine), example, {}).incident_type is None


def test_a_session_from_elsewhere_than_usual_is_a_breach(example: Runbook, alert: Make) -> None:
    far = {"country": "AQ", "usual_country": "IS"}
    near = {"country": "is", "usual_country": "IS"}
    assert match(alert("operator session", details=far), example, {}).incident_type == "data-breach"
    assert match(alert("operator session", details=near), example, {}).incident_type is None
