"""Sentry's webhooks: issues, alerts about events, alerts about measures.

An issue and the alerts about its events share a key, so that resolving the issue ends what they opened. Source: Sentry,
"Integration platform: webhooks".
"""

from collections.abc import Callable
from datetime import datetime

from tocsin.detection.alert import Action, Alert
from tocsin.detection.body import Checked, flattened, shortened
from tocsin.detection.delivery import Delivery, Malformed, object_of, refuse_if_wrong
from tocsin.detection.prometheus import web_links
from tocsin.detection.urgency import severity_of

RESOURCE = "sentry-hook-resource"
SILENT = frozenset({"installation", "comment", "error", "preprod_artifact", "seer"})
"""What Sentry also tells and that is no alert: an error becomes one by a rule, or by its issue."""

ISSUE_ACTIONS: dict[str, Action | None] = {
    "created": "trigger",
    "unresolved": "trigger",
    "resolved": "resolve",
    "archived": "resolve",
    "ignored": "resolve",
    "assigned": None,
    "unassigned": None,
}
"""What becomes of an issue, and what that means here; None: nothing."""

_SUMMARY = 1024
_PAIR = 2
_TAGS = ("environment", "release", "server_name", "url", "transaction", "level")


def read(delivery: Delivery, _: datetime) -> tuple[Alert, ...]:
    """Give the alert of a webhook; one of a kind that is new to us becomes a plain alert."""
    body = object_of(delivery.raw)
    resource = delivery.headers.get(RESOURCE, "").strip().lower()
    if not resource:
        raise Malformed(["the header Sentry-Hook-Resource, which says what this is, is missing"])
    found = () if resource in SILENT else _READERS.get(resource, _unknown)(body, delivery.source.id)
    refuse_if_wrong(body.errors)
    return found


def _issue(body: Checked, source: str) -> tuple[Alert, ...]:
    word = body.required("action")
    action = ISSUE_ACTIONS.get(word, "trigger")
    issue = body.inner("data").inner("issue")
    alert = Alert(
        source=source,
        dedup_key=_key("issue", _id(issue, "id")),
        action=action or "trigger",
        summary=_summary(issue.text("title") or issue.text("culprit")),
        origin=_project(issue),
        severity=severity_of(issue.text("level")),
        component=issue.short("culprit") or None,
        client="Sentry",
        details=_details(issue, "shortId", "status", "substatus", "priority", "count", "userCount", "firstSeen"),
        links=_links(issue, "web_url", "permalink"),
    )
    return (alert,) if action is not None else ()


def _event(body: Checked, source: str) -> tuple[Alert, ...]:
    data = body.inner("data")
    event = data.inner("event")
    tags = {str(pair[0]): str(pair[1]) for pair in _pairs(event) if pair[0] in _TAGS}
    rule = data.short("triggered_rule")
    alert = Alert(
        source=source,
        dedup_key=_key("issue", _id(event, "issue_id", "event_id")),
        action="trigger",
        summary=_summary(event.text("title") or event.text("message")),
        origin=_project(event),
        severity=severity_of(event.text("level")),
        component=event.short("culprit") or None,
        client="Sentry",
        details=flattened(tags | _details(event, "release", "platform") | ({"rule": rule} if rule else {})),
        links=_links(event, "web_url"),
    )
    return (alert,)


def _activity(body: Checked, source: str) -> tuple[Alert, ...]:
    """Give the alert about what happened to an issue; it stands beside `data`, or in it."""
    inside = body.inner("data")
    holder = inside if isinstance(inside.fields.get("issue"), dict) else body
    shaped = Checked({"action": "created", "data": {"issue": holder.fields.get("issue")}}, body.errors)
    return _issue(shaped, source)


def _metric(body: Checked, source: str) -> tuple[Alert, ...]:
    word, data = body.required("action"), body.inner("data")
    metric = data.inner("metric_alert")
    rule = metric.inner("alert_rule")
    alert = Alert(
        source=source,
        dedup_key=_key("metric", _id(metric, "id", "identifier")),
        action="resolve" if word == "resolved" else "trigger",
        summary=_summary(data.text("description_title") or metric.text("title")),
        severity=severity_of(word),
        alert_class=rule.short("name") or None,
        client="Sentry",
        details=_details(rule, "name", "aggregate", "query", "time_window") | _details(data, "description_text"),
        links=_links(data, "web_url"),
    )
    return (alert,)


def _unknown(body: Checked, source: str) -> tuple[Alert, ...]:
    data = body.inner("data")
    said = next((value for value in _texts(data, "title", "description_title", "message", "name") if value), None)
    # Without an id of its own it is known by what it says, so that the same once more is no second alert.
    alert = Alert(
        source=source,
        dedup_key=_key("other", shortened(said or "", 200)),
        action="resolve" if body.text("action") == "resolved" else "trigger",
        summary=_summary(said),
        client="Sentry",
        details=flattened(data.fields),
        links=_links(data, "web_url"),
    )
    return (alert,)


_READERS: dict[str, Callable[[Checked, str], tuple[Alert, ...]]] = {
    "issue": _issue,
    "event_alert": _event,
    "metric_alert": _metric,
    "activity_alert": _activity,
}


def _key(kind: str, name: str) -> str:
    return f"{kind}:{name}"[:255]


def _id(of: Checked, *names: str) -> str:
    """Give an id, which is written as a text in some webhooks and as a number in others."""
    for name in names:
        value = of.fields.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).replace("\x00", "")
    of.complain(names[0], "is missing or blank")
    return ""


def _summary(said: str | None) -> str:
    return shortened((said or "").strip() or "Sentry says that something is wrong", _SUMMARY)


def _project(of: Checked) -> str:
    project = of.fields.get("project")
    if isinstance(project, dict):
        return shortened(str(project.get("slug") or project.get("name") or ""), 200)
    return shortened(str(project), 200) if isinstance(project, str | int) else ""


def _pairs(event: Checked) -> list[list[object]]:
    tags = event.fields.get("tags")
    return [pair for pair in tags if isinstance(pair, list) and len(pair) == _PAIR] if isinstance(tags, list) else []


def _details(of: Checked, *names: str) -> dict[str, str]:
    return flattened({name: of.fields[name] for name in names if of.fields.get(name) not in (None, "")})


def _texts(of: Checked, *names: str) -> list[str]:
    return [value for value in (of.fields.get(name) for name in names) if isinstance(value, str)]


def _links(of: Checked, *names: str) -> tuple[str, ...]:
    return web_links(_texts(of, *names))
