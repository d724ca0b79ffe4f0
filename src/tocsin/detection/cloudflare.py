"""Cloudflare's notifications: attacks, health checks, origins that fail, and whatever else it may tell.

A start and its end share a correlation id; what has a status is known by its own. Source: Cloudflare, "Webhook payload
schema".
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from tocsin.detection.alert import Alert
from tocsin.detection.body import Checked, flattened, shortened
from tocsin.detection.delivery import Delivery, object_of, refuse_if_wrong
from tocsin.detection.prometheus import web_links
from tocsin.detection.urgency import severity_of

ENDS = frozenset({"ALERT_STATE_EVENT_END", "END"})
HEALTHY = frozenset({"healthy", "up", "resolved"})
_HEALTH = ("status", "new_status", "new_health", "new_health_status")
_OF_A_KIND = re.compile(r"^[a-z]+_status_(?:type_)?")
"""What stands before some of them, such as `TUNNEL_STATUS_TYPE_HEALTHY` and `INCIDENT_STATUS_RESOLVED`."""

_IDS = ("health_check_id", "tunnel_id", "incident_id")
_POOL, _ORIGIN = "pool_id", "origin_name"
"""What is told of anew with each change of its status is known by its id; an origin by its name in its pool."""

_WHERE = (
    "zone_name",
    "target_zone_name",
    "host",
    "target_hostname",
    "hostname",
    "name",
    "health_check_name",
    "origin",
    "pool_name",
)
_SEVERITIES = {"advanced_ddos": "critical", "dos_attack": "critical", "http_alert_origin": "error"}
"""How the kinds of alerts begin that name no severity of their own."""

_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def read(delivery: Delivery, _: datetime) -> tuple[Alert, ...]:
    """Give the alert of a notification, whatever its type; the test Cloudflare sends at first is none."""
    body = object_of(delivery.raw)
    if body.fields.keys() <= {"text"}:
        refuse_if_wrong([] if body.required("text") else body.errors)
        return ()
    data = body.inner("data")
    kind, name = body.short("alert_type") or "", body.short("policy_name") or body.short("name") or ""
    text = (body.text("text") or "").strip()
    alert = Alert(
        source=delivery.source.id,
        dedup_key=_key(body, data, next(_texts(data), "") or text),
        action="resolve" if _is_over(body, data) else "trigger",
        summary=shortened(text or name or kind or "Cloudflare says that something is wrong", 1024),
        origin=next(_texts(data), ""),
        severity=_severity(data, kind),
        component=next(_texts(data), None),
        alert_class=kind or None,
        started_at=_at(body),
        client="Cloudflare",
        details=flattened({"policy": name, **data.fields} if name else data.fields),
        links=web_links([value for value in data.fields.values() if isinstance(value, str)]),
    )
    refuse_if_wrong(body.errors)
    return (alert,)


def _key(body: Checked, data: Checked, otherwise: str) -> str:
    """Give what start and end have in common: what has a status, the correlation id, else the policy and what it is of.

    Not each change of a status has the correlation id of the one before.
    """
    if known := _id(data):
        return shortened(known, 255)
    together = body.text("alert_correlation_id")
    if together and together.strip():
        return shortened(together, 255)
    policy = body.text("policy_id") or body.text("alert_type") or "notification"
    return shortened(f"{policy}:{otherwise}", 255)


def _id(data: Checked) -> str | None:
    """Give the id of what has a status, with its kind; None where nothing is told of a status."""
    if not _statuses(data):
        return None
    for name in _IDS:
        if one := _word(data, name):
            return f"{name}:{one}"
    pool = _word(data, _POOL)
    return f"{_POOL}:{pool} {_word(data, _ORIGIN)}".strip() if pool else None


def _word(data: Checked, name: str) -> str:
    value = data.fields.get(name)
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""


def _statuses(data: Checked) -> frozenset[str]:
    """Give the words in which its status is told, without what says whose status it is."""
    return frozenset({_OF_A_KIND.sub("", _word(data, name).lower()) for name in _HEALTH} - {""})


def _is_over(body: Checked, data: Checked) -> bool:
    """Give whether it tells that something is well again, which for the health of something may begin an event too."""
    said = _statuses(data)
    return (body.text("alert_event") or "").upper() in ENDS or (bool(said) and said <= HEALTHY)


def _severity(data: Checked, kind: str) -> str:
    said = data.fields.get("severity")
    if isinstance(said, str) and said.strip():
        return severity_of(said)
    return next((severity for begins, severity in _SEVERITIES.items() if kind.startswith(begins)), "error")


def _texts(data: Checked) -> Iterator[str]:
    return (shortened(value, 200) for value in map(data.fields.get, _WHERE) if isinstance(value, str) and value)


def _at(body: Checked) -> datetime | None:
    """Give when it was, where that can be read: an alert is not refused for its clock."""
    seconds = body.fields.get("ts")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return datetime.fromtimestamp(seconds, UTC) if _FIRST.timestamp() < seconds < _LAST.timestamp() else None
