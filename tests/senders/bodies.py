"""What monitors send, in our own words: one body of each kind, as its documentation shapes it."""

import hashlib
import hmac
import json
from typing import Any

NOWHERE = "0001-01-01T00:00:00Z"

ALERTMANAGER: dict[str, Any] = {
    "version": "4",
    "groupKey": '{}:{alertname="TillDown"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "tocsin",
    "groupLabels": {"alertname": "TillDown"},
    "commonLabels": {"alertname": "TillDown", "severity": "critical"},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager.example:9093",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "TillDown", "instance": "till-1:80", "severity": "critical", "service": "till"},
            "annotations": {
                "summary": "The till of aisle 1 gives no answer",
                "runbook_url": "https://wiki.example/till",
                "description": "3 probes in a row failed",
            },
            "startsAt": "2026-11-25T10:00:00.123456789Z",
            "endsAt": NOWHERE,
            "generatorURL": "http://prometheus.example/graph?g0.expr=up",
            "fingerprint": "a1b2c3d4e5f60718",
        },
        {
            "status": "firing",
            "labels": {"alertname": "TillDown", "instance": "till-2:80", "severity": "page"},
            "annotations": {},
            "startsAt": "2026-11-25T10:00:05Z",
            "endsAt": NOWHERE,
            "generatorURL": "",
            "fingerprint": "0000000000000002",
        },
    ],
}

PROMETHEUS: list[dict[str, Any]] = [
    {
        "labels": {"alertname": "TillSlow", "service": "till", "severity": "warning"},
        "annotations": {"summary": "Half of the tills need over 2 s"},
        "startsAt": "2026-11-25T10:00:00.5Z",
        "endsAt": "2099-11-25T10:04:00.5Z",
        "generatorURL": "http://prometheus.example/graph?g0.expr=p95",
    }
]

GRAFANA: dict[str, Any] = {
    "receiver": "tocsin",
    "status": "firing",
    "orgId": 1,
    "version": "1",
    "title": "[FIRING:1] Stock is stale",
    "state": "alerting",
    "message": "one of the rules fires",
    "groupKey": "{}:{alertname=StockStale}",
    "externalURL": "https://grafana.example/",
    "truncatedAlerts": 3,
    "groupLabels": {},
    "commonLabels": {},
    "commonAnnotations": {},
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "StockStale", "grafana_folder": "shop", "severity": "high"},
            "annotations": {"summary": "The stock has not been read for 40 minutes"},
            "startsAt": "2026-11-25T10:00:00Z",
            "endsAt": NOWHERE,
            "generatorURL": "https://grafana.example/alerting/grafana/abc/view",
            "fingerprint": "c6eadffa33fcdf37",
            "silenceURL": "https://grafana.example/alerting/silence/new?alertmanager=grafana",
            "dashboardURL": "https://grafana.example/d/abc",
            "panelURL": "https://grafana.example/d/abc?viewPanel=7",
            "values": {"B": 40.5, "C": 1},
            "valueString": "[ var='B' labels={} value=40.5 ]",
        }
    ],
}

SENTRY: dict[str, dict[str, Any]] = {
    "issue": {
        "action": "created",
        "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
        "installation": {"uuid": "a8e5d37a"},
        "data": {
            "issue": {
                "id": "4711",
                "shortId": "SHOP-1B",
                "title": "ZeroDivisionError: the basket has no weight",
                "culprit": "shop.basket.weigh",
                "level": "fatal",
                "status": "unresolved",
                "count": "1",
                "userCount": 0,
                "project": {"id": "1", "slug": "shop"},
                "web_url": "https://sentry.example/organizations/shop/issues/4711/",
            }
        },
    },
    "event_alert": {
        "action": "triggered",
        "data": {
            "event": {
                "event_id": "e4874d664c3540c1a32eab185f12c5ab",
                "issue_id": "4711",
                "title": "ZeroDivisionError: the basket has no weight",
                "culprit": "shop.basket.weigh",
                "level": "error",
                "project": 1,
                "tags": [["environment", "production"], ["browser", "none"]],
                "web_url": "https://sentry.example/organizations/shop/issues/4711/events/e4874d/",
            },
            "triggered_rule": "More than 10 baskets without weight",
        },
    },
    "metric_alert": {
        "action": "critical",
        "data": {
            "description_title": "Critical: checkout is slow",
            "description_text": "2000 ms at the 95th percentile in the last 5 minutes",
            "web_url": "https://sentry.example/organizations/shop/alerts/9/",
            "metric_alert": {
                "id": "9",
                "title": "checkout is slow",
                "date_started": "2026-11-25T10:00:00Z",
                "alert_rule": {"name": "checkout", "aggregate": "p95()", "query": "", "time_window": 5},
            },
        },
    },
}

CLOUDFLARE: dict[str, Any] = {
    "name": "shop under attack",
    "text": "An attack on shop.example was found and is being stopped",
    "data": {
        "zone_name": "shop.example",
        "requests_per_second": 12000,
        "attack_id": "0bf1",
        "mitigation": "block",
        "dashboard_link": "https://dash.cloudflare.example/0bf1",
    },
    "ts": 1795600000,
    "account_id": "0a",
    "policy_id": "6f2d",
    "policy_name": "shop under attack",
    "alert_type": "advanced_ddos_attack_l7_alert",
    "alert_correlation_id": "9b3c",
    "alert_event": "ALERT_STATE_EVENT_START",
}

PAGERDUTY: dict[str, Any] = {
    "event": {
        "id": "01BW2FXGG2A0KYKZ0HC1",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": "2026-11-25T10:00:00.000Z",
        "agent": {"id": "PS1", "type": "service_reference", "summary": "till"},
        "client": None,
        "data": {
            "id": "Q1KZ",
            "type": "incident",
            "number": 71,
            "status": "triggered",
            "title": "The till gives no answer",
            "incident_key": "some monitor's own",
            "created_at": "2026-11-25T10:00:00Z",
            "urgency": "high",
            "priority": {"id": "PP1", "type": "priority_reference", "summary": "P2"},
            "service": {"id": "PS1", "type": "service_reference", "summary": "till"},
            "html_url": "https://shop.pagerduty.example/incidents/Q1KZ",
        },
    }
}

CUSTOM: dict[str, Any] = {
    "checks": [
        {"id": 7, "name": "till", "state": "DOWN", "grade": "crit", "where": "aisle-1", "url": "https://up.example/7"},
        {"id": 8, "name": "stock", "state": "UP", "grade": "crit"},
        {"id": 9, "name": "door", "state": "PAUSED"},
    ]
}

MAPPING = {
    "alerts": "checks",
    "when": "state != 'PAUSED'",
    "dedup_key": "id",
    "summary": "join(' is ', [name, state])",
    "resolved": "state == 'UP'",
    "severity": "grade",
    "origin": "where",
    "links": "url",
    "details": "@",
}


def raw(body: object) -> bytes:
    """The body as it is on the wire."""
    return json.dumps(body).encode()


def mac(secret: str, body: bytes) -> str:
    """The signature of a body, as most senders make it."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
