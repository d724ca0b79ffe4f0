"""PagerDuty Events v2: a foreign body becomes an event, and an event the common alert.

As strict as PagerDuty itself, so that what passes here passes there, but for letters that are none. A body that is
refused names everything that is wrong with it at once. Source: PagerDuty Events API v2 and Change Events API.
"""

from datetime import datetime
from typing import Any, TypedDict

import msgspec

from tocsin.detection.alert import Action, Alert
from tocsin.detection.body import MAX_LINK, MAX_LINKS, Checked, json_of, shortened
from tocsin.errors import UsageError

MAX_BYTES = 512 * 1024
ROUTING_KEY_LENGTH = 32
MAX_SUMMARY = 1024
MAX_DEDUP_KEY = 255
ACTIONS: tuple[Action, ...] = ("trigger", "acknowledge", "resolve")
_ACTIONS: dict[str, Action] = {action: action for action in ACTIONS}
SEVERITIES = ("critical", "warning", "error", "info")


class TooLarge(UsageError):
    """The body is over 512 KB."""

    def __init__(self, size: int) -> None:
        """Keep the size in bytes."""
        super().__init__(f"the event has {size} bytes, at most {MAX_BYTES} are accepted")
        self.size = size


class EventInvalid(UsageError):
    """The event cannot be accepted. `body` is the exact JSON body of PagerDuty's 400."""

    def __init__(self, body: dict[str, Any]) -> None:
        """Keep the body; the text is its errors in one sentence."""
        super().__init__("; ".join(body["errors"]))
        self.body = body


class Unrecognized(EventInvalid):
    """The body is no JSON object at all."""

    def __init__(self, error: str = "JSON parse error") -> None:
        """Keep PagerDuty's answer to what it cannot parse."""
        super().__init__(
            {
                "status": "Unrecognized object",
                "message": "Event object format is unrecognized",
                "errors": [error],
            }
        )


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted Events v2 event. `dedup_key` is None when a trigger brought none."""

    routing_key: str
    action: Action
    dedup_key: str | None = None
    summary: str = ""
    source: str = ""
    severity: str = "error"
    timestamp: datetime | None = None
    component: str | None = None
    group: str | None = None
    event_class: str | None = None
    details: dict[str, str] = {}
    client: str | None = None
    client_url: str | None = None
    links: tuple[str, ...] = ()
    link_texts: dict[str, str] = {}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted change event (a deploy, a migration). It never pages."""

    routing_key: str
    summary: str
    source: str | None = None
    timestamp: datetime | None = None
    details: dict[str, str] = {}
    links: tuple[str, ...] = ()
    link_texts: dict[str, str] = {}


def read_event(raw: bytes, *, recorded: bool = False) -> Event:
    """Give the event of an `/v2/enqueue` body.

    A `recorded` one proves nothing any more: its key is a secret, so whoever keeps it does well to take that out.
    Raises `TooLarge` over 512 KB, `Unrecognized` for what is no JSON object, `EventInvalid` with every error otherwise.
    Source: PagerDuty Events API v2, "Send an alert event".
    """
    body = _opened(raw)
    action = body.one_of("event_action", ACTIONS)
    routing_key = "" if recorded else _routing_key(body)
    dedup_key = body.text("dedup_key")
    if dedup_key and len(dedup_key) > MAX_DEDUP_KEY:
        body.complain("dedup_key", f"is too long (maximum is {MAX_DEDUP_KEY} characters)")
    event = Event(
        routing_key=routing_key,
        action=_ACTIONS.get(action, "trigger"),
        dedup_key=dedup_key or None,
        client=body.short("client"),
        client_url=body.short("client_url"),
        **_links(body),
    )
    if action in ("acknowledge", "resolve"):
        event = _closing(event, body)
    elif action == "trigger":
        event = _triggering(event, _payload(body))
    _refuse_if_wrong(body.errors)
    return event


def read_change(raw: bytes) -> Change:
    """Give the change of an `/v2/change/enqueue` body; raises what `read_event` raises.

    Source: PagerDuty Change Events API.
    """
    body = _opened(raw)
    routing_key = _routing_key(body)
    payload = _payload(body)
    change = Change(
        routing_key=routing_key,
        summary=payload.required("summary", MAX_SUMMARY),
        source=payload.short("source"),
        timestamp=payload.instant("timestamp"),
        details=payload.details("custom_details"),
        **_links(body),
    )
    _refuse_if_wrong(body.errors)
    return change


class _Links(TypedDict, total=False):
    """Where an event leads, and what it calls that."""

    links: tuple[str, ...]
    link_texts: dict[str, str]


def _links(body: Checked) -> _Links:
    found = (*body.pictures_and_links("links", "href"), *_pictures(body))[:MAX_LINKS]
    if not found:
        return {}
    named = {
        **body.words_of_links("images", "src", "alt"),
        **body.words_of_links("images", "href", "alt"),
        **body.words_of_links("links", "href", "text"),
    }
    return {"links": found, "link_texts": {link: named[link] for link in found if link in named}}


def _pictures(body: Checked) -> tuple[str, ...]:
    """Give where the images lead: what they link to, else where they are. They are linked and never fetched."""
    found = body.pictures_and_links("images", "src")
    images = body.fields.get("images")
    wanted = [one.get("href") if isinstance(one, dict) else None for one in images] if isinstance(images, list) else []
    return tuple(
        shortened(href, MAX_LINK) if isinstance(href, str) and href else src
        for src, href in zip(found, wanted, strict=False)
    )


def to_alert(event: Event, source_id: str, new_key: str) -> Alert:
    """Give the common alert of an event from the configured source; `new_key` names a trigger without a key."""
    return Alert(
        source=source_id,
        dedup_key=event.dedup_key or new_key,
        action=event.action,
        summary=event.summary,
        origin=event.source,
        severity=event.severity,
        component=event.component,
        group=event.group,
        alert_class=event.event_class,
        started_at=event.timestamp,
        client=event.client,
        client_url=event.client_url,
        details=event.details,
        links=event.links,
        link_texts=event.link_texts,
    )


def _routing_key(body: Checked) -> str:
    value = body.required("routing_key")
    if value and len(value) != ROUTING_KEY_LENGTH:
        body.errors.append(f"Length of 'routing_key' is incorrect (should be {ROUTING_KEY_LENGTH} characters)")
    return value


def _payload(body: Checked) -> Checked:
    """Give the payload; a missing one is an error and reads as empty without further complaints."""
    value = body.fields.get("payload")
    if isinstance(value, dict):
        return Checked(value, body.errors, "payload.")
    body.complain("payload", "is missing or blank" if value is None else "is invalid (must be an object)")
    return Checked({}, [], "payload.")


def _closing(event: Event, body: Checked) -> Event:
    """Add what an acknowledge or resolve may carry.

    Its payload is optional and only words: a fault in it must not keep an incident open, so it is not checked.
    """
    if not event.dedup_key and isinstance(body.fields.get("dedup_key", ""), str | None):
        body.complain("dedup_key", "is missing or blank")
    value = body.fields.get("payload")
    payload = Checked(value if isinstance(value, dict) else {}, [], "payload.")
    severity = payload.text("severity")
    return msgspec.structs.replace(
        event,
        summary=(payload.text("summary") or "")[:MAX_SUMMARY],
        source=payload.short("source") or "",
        severity=severity if severity in SEVERITIES else "error",
        details=payload.details("custom_details"),
    )


def _triggering(event: Event, payload: Checked) -> Event:
    """Add the payload, which a trigger must have."""
    return msgspec.structs.replace(
        event,
        summary=payload.required("summary", MAX_SUMMARY),
        source=shortened(payload.required("source")),
        severity=payload.one_of("severity", SEVERITIES),
        timestamp=payload.instant("timestamp"),
        component=payload.short("component"),
        group=payload.short("group"),
        event_class=payload.short("class"),
        details=payload.details("custom_details"),
    )


def _opened(raw: bytes) -> Checked:
    if len(raw) > MAX_BYTES:
        raise TooLarge(len(raw))
    try:
        value = json_of(raw)
    except ValueError as error:
        raise Unrecognized from error
    if not isinstance(value, dict):
        raise Unrecognized("Event must be a JSON object")
    return Checked(value, [])


def _refuse_if_wrong(errors: list[str]) -> None:
    if errors:
        raise EventInvalid({"status": "invalid event", "message": "Event object is invalid", "errors": errors})
