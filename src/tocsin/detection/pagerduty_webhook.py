"""PagerDuty's webhooks, version 3: incidents that other tools open there become alerts here.

Source: PagerDuty, "Webhooks", event types and payload of v3.
"""

from datetime import datetime

from tocsin.detection.alert import Action, Alert
from tocsin.detection.body import Checked, flattened, shortened
from tocsin.detection.delivery import Delivery, object_of, refuse_if_wrong
from tocsin.detection.prometheus import instant_of, web_links
from tocsin.detection.urgency import severity_of

ACTIONS: dict[str, Action] = {
    "incident.triggered": "trigger",
    "incident.reopened": "trigger",
    "incident.acknowledged": "acknowledge",
    "incident.resolved": "resolve",
}
SILENT = frozenset(
    {
        "incident.delegated",
        "incident.escalated",
        "incident.incident_type.changed",
        "incident.priority_updated",
        "incident.reassigned",
        "incident.service_updated",
        "incident.unacknowledged",
        "pagey.ping",
    }
)
"""What happened to an incident there and changes nothing about whether something burns, and the test of a webhook."""

_SUBJECT = "incident"
"""What an alert can be about. Notes, tasks, responders, automated actions and services tell of kinds of their own."""

_OF_STATUS: dict[str, Action] = {"triggered": "trigger", "acknowledged": "acknowledge", "resolved": "resolve"}


def read(delivery: Delivery, _: datetime) -> tuple[Alert, ...]:
    """Give the alert of a webhook; a type that is new to us counts by the status it tells, else as a plain alert.

    What we sent to PagerDuty ourselves comes back from there; it is no news. Nor is what is about no incident.
    """
    body = object_of(delivery.raw)
    event = body.inner("event")
    kind, data = event.required("event_type"), event.inner("data")
    refuse_if_wrong(body.errors)
    if kind in SILENT or data.fields.get("type") not in (_SUBJECT, None):
        return ()
    found = _alert(delivery.source.id, kind, data)
    ours = is_ours(data.text("incident_key") or "")
    refuse_if_wrong(body.errors)
    return () if ours else (found,)


def is_ours(incident_key: str) -> bool:
    """Give whether an incident there is a page (or test page) that one of our channels sent."""
    return incident_key.startswith(("INC-", "TEST-")) and "/" in incident_key


def _alert(source: str, kind: str, data: Checked) -> Alert:
    status = data.text("status") or ""
    priority = data.inner("priority").text("summary")
    urgency = data.text("urgency")
    name = data.text("id") or data.text("title") or data.text("name") or kind
    told = {"priority": priority, "urgency": urgency, "number": data.fields.get("number"), "event": kind}
    return Alert(
        source=source,
        dedup_key=shortened(name, 255),
        action=ACTIONS.get(kind) or _OF_STATUS.get(status, "trigger"),
        summary=shortened(data.text("title") or data.text("summary") or f"PagerDuty tells of {kind}", 1024),
        origin=data.inner("service").short("summary") or "",
        severity=severity_of(priority) if priority else ("warning" if urgency == "low" else "error"),
        component=data.inner("service").short("summary"),
        started_at=instant_of(data, "created_at"),
        client="PagerDuty",
        client_url=next(iter(web_links([data.text("html_url") or ""])), None),
        details=flattened({key: value for key, value in told.items() if value is not None}),
    )
