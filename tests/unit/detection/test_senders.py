"""What monitors say becomes alerts: by their own ids, with their links, each as bad as they call it."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conftest import SHARED
from senders import bodies
from tocsin.detection import alertmanager, cloudflare, custom, grafana, pagerduty_webhook, prometheus, sentry
from tocsin.detection.alert import Alert
from tocsin.detection.delivery import Delivery, Malformed, PartlyMalformed, Reader
from tocsin.settings import SourceSettings

NOW = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)


def read(reader: Reader, body: object, source: SourceSettings | None = None, **headers: str) -> tuple[Alert, ...]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else bodies.raw(body)
    return reader(Delivery(source or SourceSettings(id="m"), raw, named), NOW)


def changed(body: Any, *path: str | int, to: object) -> Any:
    """The body with one value replaced."""
    found = deepcopy(body)
    inner = found
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return found


# -- Alertmanager


def test_each_alert_of_a_group_is_known_by_its_fingerprint() -> None:
    first, second = read(alertmanager.read, bodies.ALERTMANAGER)
    assert (first.dedup_key, second.dedup_key) == ("a1b2c3d4e5f60718", "0000000000000002")
    assert (first.summary, first.severity) == ("The till of aisle 1 gives no answer", "critical")
    assert (second.summary, second.severity) == ("TillDown", "critical")
    assert (first.component, first.alert_class, first.origin) == ("till", "TillDown", "till-1:80")
    assert first.started_at == datetime(2026, 11, 25, 10, 0, 0, 123456, tzinfo=UTC)
    assert first.client_url == "http://alertmanager.example:9093"
    assert first.links == ("http://prometheus.example/graph?g0.expr=up", "https://wiki.example/till")
    assert first.details["description"] == "3 probes in a row failed"


def test_a_group_that_still_fires_may_hold_alerts_that_are_over() -> None:
    body = changed(bodies.ALERTMANAGER, "alerts", 1, "status", to="resolved")
    assert [alert.action for alert in read(alertmanager.read, body)] == ["trigger", "resolve"]


def test_alerts_that_were_cut_off_are_told() -> None:
    found = read(alertmanager.read, changed(bodies.ALERTMANAGER, "truncatedAlerts", to=12))
    assert [alert.details["alerts_cut_off"] for alert in found] == ["12", "12"]
    assert "alerts_cut_off" not in read(alertmanager.read, bodies.ALERTMANAGER)[0].details


def test_a_lease_is_counted_from_each_delivery() -> None:
    leased = SourceSettings(id="m", kind="alertmanager", lease=timedelta(hours=5))
    assert read(alertmanager.read, bodies.ALERTMANAGER, leased)[0].lease_until == NOW + timedelta(hours=5)
    assert read(alertmanager.read, bodies.ALERTMANAGER)[0].lease_until is None


# -- Prometheus


def test_the_fingerprint_is_the_one_that_alertmanager_computes() -> None:
    recorded = sorted((SHARED / "payloads" / "am").glob("*alertmanager_webhook.json"))
    if not recorded:
        pytest.skip("needs the recorded payloads, which lie beside the project and not in it")
    alerts = [alert for path in recorded for alert in json.loads(path.read_text())["body"]["alerts"]]
    assert [prometheus.fingerprint(alert["labels"]) for alert in alerts] == [alert["fingerprint"] for alert in alerts]


def test_an_empty_label_is_no_label() -> None:
    labels = {"alertname": "A", "b": ""}
    [alert] = read(prometheus.read, [{"labels": labels}])
    assert alert.dedup_key == prometheus.fingerprint({"alertname": "A"})


def test_the_end_that_prometheus_names_is_a_lease() -> None:
    [alert] = read(prometheus.read, bodies.PROMETHEUS)
    assert (alert.action, alert.lease_until) == ("trigger", datetime(2099, 11, 25, 10, 4, 0, 500_000, tzinfo=UTC))


def test_an_end_in_the_past_ends_it() -> None:
    [alert] = read(prometheus.read, changed(bodies.PROMETHEUS, 0, "endsAt", to="2026-11-25T19:59:59Z"))
    assert (alert.action, alert.lease_until) == ("resolve", None)


@pytest.mark.parametrize("end", [None, bodies.NOWHERE])
def test_an_alert_that_names_no_end_lasts_five_minutes(end: str | None) -> None:
    [alert] = read(prometheus.read, changed(bodies.PROMETHEUS, 0, "endsAt", to=end))
    assert alert.lease_until == NOW + timedelta(minutes=5)


def test_an_empty_list_is_no_alert() -> None:
    assert read(prometheus.read, []) == ()


# -- Grafana


def test_grafana_says_what_was_measured_and_where_to_look() -> None:
    [alert] = read(grafana.read, bodies.GRAFANA)
    assert (alert.dedup_key, alert.severity, alert.client) == ("c6eadffa33fcdf37", "error", "Grafana")
    assert alert.details["value B"] == "40.5"
    assert alert.details["alerts_cut_off"] == "3"
    assert "https://grafana.example/alerting/silence/new?alertmanager=grafana" in alert.links
    assert "https://grafana.example/d/abc?viewPanel=7" in alert.links


# -- Sentry


def of_sentry(resource: str, body: object = None) -> tuple[Alert, ...]:
    return read(sentry.read, body or bodies.SENTRY[resource], sentry_hook_resource=resource)


def test_an_issue_and_the_alerts_about_its_events_share_a_key() -> None:
    [issue], [event] = of_sentry("issue"), of_sentry("event_alert")
    assert issue.dedup_key == event.dedup_key == "issue:4711"
    [over] = of_sentry("issue", changed(bodies.SENTRY["issue"], "action", to="resolved"))
    assert (over.dedup_key, over.action) == ("issue:4711", "resolve")
    assert (issue.severity, issue.origin, issue.links[0][:30]) == ("critical", "shop", "https://sentry.example/organiz")
    assert event.details["rule"] == "More than 10 baskets without weight"
    assert event.details["environment"] == "production"


def test_a_metric_alert_ends_under_the_key_it_began_with() -> None:
    [alert] = of_sentry("metric_alert")
    [over] = of_sentry("metric_alert", changed(bodies.SENTRY["metric_alert"], "action", to="resolved"))
    assert (alert.dedup_key, alert.action, alert.severity) == ("metric:9", "trigger", "critical")
    assert (over.dedup_key, over.action) == ("metric:9", "resolve")


@pytest.mark.parametrize("resource", ["installation", "comment", "error"])
def test_what_is_no_alert_says_nothing(resource: str) -> None:
    assert of_sentry(resource, {"action": "created", "data": {}}) == ()


def test_somebody_is_assigned_says_nothing() -> None:
    assert of_sentry("issue", changed(bodies.SENTRY["issue"], "action", to="assigned")) == ()


def test_a_resource_nobody_knew_becomes_a_plain_alert() -> None:
    body = {"action": "fired", "data": {"title": "A cron job is late", "web_url": "https://sentry.example/crons/1"}}
    [alert] = of_sentry("cron_alert", body)
    assert (alert.summary, alert.action) == ("A cron job is late", "trigger")
    assert alert.links == ("https://sentry.example/crons/1",)


# -- Cloudflare


def test_a_start_and_its_end_share_the_correlation_id() -> None:
    [alert] = read(cloudflare.read, bodies.CLOUDFLARE)
    [over] = read(cloudflare.read, changed(bodies.CLOUDFLARE, "alert_event", to="ALERT_STATE_EVENT_END"))
    assert (alert.dedup_key, alert.action, alert.severity) == ("9b3c", "trigger", "critical")
    assert (over.dedup_key, over.action) == ("9b3c", "resolve")
    assert (alert.origin, alert.details["requests_per_second"]) == ("shop.example", "12000")
    assert alert.started_at == datetime.fromtimestamp(1795600000, UTC)


def test_a_type_nobody_knew_becomes_a_plain_alert() -> None:
    body = {"name": "n", "text": "Something new", "data": {}, "ts": 1, "alert_type": "brand_new", "policy_id": "p"}
    [alert] = read(cloudflare.read, body)
    assert (alert.summary, alert.alert_class, alert.action) == ("Something new", "brand_new", "trigger")


def test_health_checks_of_one_policy_are_told_apart() -> None:
    def told(name: str, status: str) -> Alert:
        data = {"name": name, "status": status}
        body = {"text": f"{name} is {status}", "data": data, "policy_id": "p", "alert_type": "health_check_status"}
        return read(cloudflare.read, body)[0]

    assert told("a", "Unhealthy").dedup_key != told("b", "Unhealthy").dedup_key
    assert told("a", "Healthy").dedup_key == told("a", "Unhealthy").dedup_key
    assert (told("a", "Unhealthy").action, told("a", "Healthy").action) == ("trigger", "resolve")


@pytest.mark.parametrize("event", ["ALERT_STATE_EVENT_START", "ALERT_STATE_EVENT_END", ""])
def test_a_health_check_that_is_well_again_ends_what_it_began(event: str) -> None:
    def told(status: str, correlation: str) -> Alert:
        data = {"health_check_id": "c1", "health_check_name": "shop", "old_status": "Healthy", "new_status": status}
        data |= {"new_health_status": status, "zone_name": "shop.example", "failing_regions": "WEU"}
        body = bodies.CLOUDFLARE | {"alert_type": "health_check_status_notification", "data": data}
        return read(cloudflare.read, body | {"alert_event": event, "alert_correlation_id": correlation})[0]

    down, up = told("Unhealthy", "1"), told("Healthy", "2")
    assert (down.action, up.action) == ("resolve" if event.endswith("END") else "trigger", "resolve")
    assert down.dedup_key == up.dedup_key


def of_cloudflare(kind: str, data: dict[str, Any], **more: object) -> Alert:
    """What is told of a kind of alert whose notifications come without a correlation id, each in other words."""
    body = {"name": "n", "text": f"told {data}", "ts": 1796152000, "policy_id": "p", "alert_type": kind, "data": data}
    return read(cloudflare.read, body | more)[0]


def test_a_tunnel_that_is_well_again_ends_what_it_began() -> None:
    def told(tunnel: str, status: str) -> Alert:
        data = {"tunnel_id": tunnel, "tunnel_name": "shop", "new_status": f"TUNNEL_STATUS_TYPE_{status}"}
        return of_cloudflare("tunnel_health_event", data, alert_correlation_id=f"{tunnel} {status}")

    down, worse, up = (told("t1", status) for status in ("DEGRADED", "DOWN", "HEALTHY"))
    assert [one.action for one in (down, worse, up)] == ["trigger", "trigger", "resolve"]
    assert down.dedup_key == worse.dedup_key == up.dedup_key
    assert told("t2", "DOWN").dedup_key != down.dedup_key


def test_origins_of_a_pool_are_told_apart_and_the_pool_from_them() -> None:
    def told(health: str, **of: str) -> Alert:
        data = {"pool_id": "p1", "pool_name": "shop", "new_health": health, "load_balancers": "lb"}
        return of_cloudflare("load_balancing_health_alert", data | {"event_source": "pool"} | of)

    def origin(name: str, health: str) -> Alert:
        return told(health, event_source="origin", origin_name=name)

    began = [origin("west", "Unhealthy"), origin("east", "Unhealthy"), told("Unhealthy")]
    assert len({one.dedup_key for one in began}) == 3
    for down, up in zip(began, (origin("west", "Healthy"), origin("east", "Healthy"), told("Healthy")), strict=True):
        assert (down.action, up.action, up.dedup_key) == ("trigger", "resolve", down.dedup_key)


def test_an_incident_of_cloudflare_is_one_until_it_is_resolved() -> None:
    def told(status: str) -> Alert:
        data = {"incident_id": "n7", "id": f"update {status}", "incident_name": "Slow", "message": f"It is {status}"}
        state = {"status": f"INCIDENT_STATUS_{status}", "incident_status": f"INCIDENT_STATUS_{status}"}
        return of_cloudflare("incident_alert", data | state)

    stages = [told(status) for status in ("INVESTIGATING", "IDENTIFIED", "MONITORING", "RESOLVED")]
    assert len({one.dedup_key for one in stages}) == 1
    assert [one.action for one in stages] == ["trigger", "trigger", "trigger", "resolve"]


@pytest.mark.parametrize("clock", [1796152000, 1796152000.75])
def test_a_notification_of_cloudflare_says_when_it_was(clock: float) -> None:
    [alert] = read(cloudflare.read, changed(bodies.CLOUDFLARE, "ts", to=clock))
    assert alert.started_at == datetime.fromtimestamp(clock, UTC)


@pytest.mark.parametrize("clock", [-5, "yesterday", True, 0, 1e300, None, [1]])
def test_a_notification_of_cloudflare_whose_clock_says_nothing_is_an_alert_too(clock: object) -> None:
    [alert] = read(cloudflare.read, changed(bodies.CLOUDFLARE, "ts", to=clock))
    assert alert.started_at is None


def test_the_test_that_cloudflare_sends_at_first_is_no_alert() -> None:
    assert read(cloudflare.read, {"text": "Hello World! This is a test message."}) == ()


# -- PagerDuty's webhooks


def of_pagerduty(kind: str, **data: object) -> tuple[Alert, ...]:
    body = deepcopy(bodies.PAGERDUTY)
    body["event"]["event_type"] = kind
    body["event"]["data"] |= data
    return read(pagerduty_webhook.read, body)


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("incident.triggered", "trigger"),
        ("incident.acknowledged", "acknowledge"),
        ("incident.resolved", "resolve"),
        ("incident.reopened", "trigger"),
    ],
)
def test_an_incident_there_begins_and_ends_an_alert(kind: str, action: str) -> None:
    [alert] = of_pagerduty(kind)
    assert (alert.dedup_key, alert.action, alert.summary) == ("Q1KZ", action, "The till gives no answer")
    assert (alert.severity, alert.component) == ("error", "till")
    assert alert.client_url == "https://shop.pagerduty.example/incidents/Q1KZ"


@pytest.mark.parametrize("kind", sorted(pagerduty_webhook.SILENT))
def test_what_changes_nothing_there_says_nothing(kind: str) -> None:
    assert of_pagerduty(kind) == ()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("incident.annotated", {"type": "incident_note", "content": "on it", "trimmed": False}),
        ("incident.responder.replied", {"type": "incident_responder", "message": "help", "state": "pending"}),
        ("incident.status_update_published", {"type": "incident_status_update", "message": "we look"}),
        ("incident.task.updated", {"type": "incident_task", "name": "call the shop", "status": "todo"}),
        ("incident.action_invocation.created", {"type": "incident_action_invocation", "state": "created"}),
        ("incident.role.assigned", {"type": "incident_role_assignment"}),
        ("service.updated", {"type": "service", "summary": "till"}),
        ("service.custom_field_values.updated", {"type": "service_field_values", "custom_fields": []}),
        ("incident.brand_new", {"type": "incident_brand_new", "status": {"id": "triggered"}}),
        ("pagey.ping", {"type": "ping", "message": "Hello from your friend Pagey!"}),
    ],
)
def test_what_is_about_no_incident_there_says_nothing(kind: str, data: dict[str, Any]) -> None:
    body = deepcopy(bodies.PAGERDUTY)
    body["event"] |= {"event_type": kind, "data": data | {"id": "P1", "incident": {"id": "Q1KZ"}}}
    assert read(pagerduty_webhook.read, body) == ()


def test_a_page_of_ours_that_comes_back_is_no_news() -> None:
    assert of_pagerduty("incident.triggered", incident_key="INC-2026-0001/1/L1/mira/0.pd") == ()


def test_an_event_nobody_knew_counts_by_the_status_it_tells() -> None:
    assert of_pagerduty("incident.merged", status="resolved")[0].action == "resolve"
    assert of_pagerduty("fleet.lost", status="?", title=None, summary="A van is lost")[0].summary == "A van is lost"


# -- anything else


def of_anything(body: object, **mapping: str) -> tuple[Alert, ...]:
    return read(custom.read, body, SourceSettings(id="m", kind="custom", mapping=bodies.MAPPING | mapping))


def test_a_mapping_says_what_is_what() -> None:
    down, up = of_anything(bodies.CUSTOM)
    assert (down.dedup_key, down.action, down.summary) == ("7", "trigger", "till is DOWN")
    assert (down.severity, down.origin, down.links) == ("critical", "aisle-1", ("https://up.example/7",))
    assert down.details["where"] == "aisle-1"
    assert (up.dedup_key, up.action) == ("8", "resolve")


def test_without_a_list_the_body_is_the_alert() -> None:
    mapping = {"dedup_key": "a.b", "summary": "a.c", "acknowledged": "`true`", "started_at": "t"}
    source = SourceSettings(id="m", kind="custom", mapping=mapping)
    [alert] = read(custom.read, {"a": {"b": 1.5, "c": "x"}, "t": "2026-01-01T00:00:00Z"}, source)
    assert (alert.dedup_key, alert.action, alert.started_at) == ("1.5", "acknowledge", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("body", "mapping", "says"),
    [
        ({"checks": 7}, {}, "'alerts' of the mapping gave no list"),
        ({"checks": [{"name": "x", "state": "DOWN"}]}, {}, "'dedup_key' of the mapping gave no text"),
        ({"checks": [{"id": 1, "name": 5, "state": {}}]}, {}, "'summary' of the mapping does not fit this body"),
        ({"checks": [{"id": 1, "name": "x", "state": "y"}]}, {"started_at": "name"}, "'started_at' is invalid"),
        ({"checks": [{}] * 1001}, {}, "at most 1000 are taken at once"),
    ],
)
def test_what_a_mapping_cannot_read_is_refused(body: object, mapping: dict[str, str], says: str) -> None:
    with pytest.raises(Malformed, match=says):
        of_anything(body, **mapping)


# -- what is wrong

READERS = [alertmanager.read, prometheus.read, grafana.read, sentry.read, cloudflare.read]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__module__.rpartition(".")[2])
@pytest.mark.parametrize(
    "raw", [b"", b"{", b"null", b"7", b"[" * 100_000, b"\xff", b'{"alerts": 3}', b'[{"labels": 1}]']
)
def test_what_is_none_of_its_bodies_is_refused(reader: Reader, raw: bytes) -> None:
    if reader is cloudflare.read and raw.startswith(b'{"alerts"'):
        return  # an object with unknown fields is a notification of a kind that is new
    with pytest.raises(Malformed):
        read(reader, raw)


@pytest.mark.parametrize(
    ("path", "to", "says"),
    [
        (("alerts", 0, "status"), "on fire", "status"),
        (("alerts", 0, "labels"), {"alertname": 7}, "'alerts[0].labels' is invalid (must be an object of strings)"),
        (("alerts", 0, "startsAt"), "yesterday", "'alerts[0].startsAt' is invalid"),
        (("alerts", 1), "x", "'alerts' is invalid (must be an array of objects)"),
        (("truncatedAlerts",), -1, "'truncatedAlerts' is invalid (must be a whole number)"),
    ],
)
def test_every_fault_of_a_group_has_its_place(path: tuple[str | int, ...], to: object, says: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(alertmanager.read, changed(bodies.ALERTMANAGER, *path, to=to))
    assert says in str(caught.value)
    assert "yesterday" not in str(caught.value)
    assert "on fire" not in str(caught.value)


@pytest.mark.parametrize(
    ("alert", "says"),
    [
        ({"labels": {}}, "must hold at least one label"),
        (
            {"labels": {"a": "b"}, "startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"},
            "before startsAt",
        ),
    ],
)
def test_what_alertmanager_refuses_of_an_alert_is_refused(alert: object, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read(prometheus.read, [alert])


@pytest.mark.parametrize("odd", [7, {}, {"labels": 7}, {"labels": {"a": "b"}, "annotations": 7}])
def test_what_is_right_is_taken_from_among_any_number_that_is_odd(odd: object) -> None:
    many = [odd] * 100
    with pytest.raises(PartlyMalformed) as caught:
        read(prometheus.read, [*many, bodies.PROMETHEUS[0], *many])
    assert [alert.summary for alert in caught.value.alerts] == ["Half of the tills need over 2 s"]
    assert str(caught.value).count("[") == 20
    assert str(caught.value).endswith("and more")
