"""PagerDuty's shapes of what happened: log entries, and the alerts of an incident. Values in, values out."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from tocsin.detection.alert import AlertState
from tocsin.incident import facts as f
from tocsin.incident.incident import Incident
from tocsin.web import pagerduty_rest_shapes as shapes
from tocsin.web.pagerduty_rest_shapes import Place, Shape, instant, reference

_CHANNELS = {"page": "website", "session": "website", "alert": "api", "cli": "api", "phone": "phone", "sms": "sms"}


class Kind(NamedTuple):
    """What PagerDuty calls a fact, and how its summary begins."""

    type: str
    words: str


_KINDS: dict[type[f.FactBody], Kind] = {
    f.Opened: Kind("trigger_log_entry", "Triggered"),
    f.AlertJoined: Kind("trigger_log_entry", "Triggered again"),
    f.Reopened: Kind("trigger_log_entry", "Triggered again"),
    f.Acknowledged: Kind("acknowledge_log_entry", "Acknowledged"),
    f.Escalated: Kind("escalate_log_entry", "Escalated"),
    f.Notified: Kind("notify_log_entry", "Told"),
    f.Paged: Kind("notify_log_entry", "Notified"),
    f.SeverityChanged: Kind("urgency_change_log_entry", "Priority changed"),
    f.Noted: Kind("annotate_log_entry", "Note added"),
    f.GaveUp: Kind("exhaust_escalation_path_log_entry", "Nobody answered"),
    f.Resolved: Kind("resolve_log_entry", "Resolved"),
}
"""The other facts are ours alone and are not told."""

NAMES = frozenset(kind.__name__ for kind in _KINDS)
"""The kinds of facts that are told."""

_NOISE = "notify_log_entry"
OVERVIEW = frozenset(kind.__name__ for kind, known in _KINDS.items() if known.type != _NOISE)
"""Those of an overview."""


def is_told(fact: f.Fact, names: Collection[str] = NAMES) -> bool:
    """Give whether a fact is of a kind that is told."""
    return type(fact.body).__name__ in names


def entry_id(number: str, seq: int) -> str:
    """Give what a log entry is called by."""
    return f"{number}-{seq}"


def log_entry(fact: f.Fact, one: Incident, place: Place) -> Shape:
    """Give a fact of an incident as a log entry. It must be one that is told."""
    kind, body = _KINDS[type(fact.body)].type, fact.body
    source, name = one.group_key.partition("/")[0], entry_id(one.number, fact.seq)
    via = body.via if isinstance(body, f.Acknowledged) else ""
    return {
        "id": name,
        "type": kind,
        "summary": _summary(body, place),
        "self": f"{place.url}/log_entries/{name}",
        "html_url": f"{place.url}/app/incidents/{one.number}",
        "created_at": instant(fact.at, place),
        "agent": _agent(body.by, source, place),
        "channel": _channel(body, kind, via),
        "service": reference("service", source, source, place),
        "incident": reference("incident", one.number, one.title, place),
        "teams": [],
        "contexts": [],
        **({"event_details": {"description": body.summary}} if isinstance(body, f.Opened | f.AlertJoined) else {}),
        **({"note": body.why} if isinstance(body, f.Resolved) and body.why else {}),
        **({"assignees": _people(body, place)} if isinstance(body, f.Escalated) else {}),
        **({"user": _user(body.person, place)} if isinstance(body, f.Paged | f.Notified) else {}),
    }


def _channel(body: f.FactBody, kind: str, via: str) -> Shape:
    if isinstance(body, f.Noted):
        # The words of a note stand in its summary twice: PagerDuty's clients read them here, people there.
        return {"type": "note", "summary": body.text, "content": body.text}
    if isinstance(body, f.Paged | f.Notified):
        return {"type": "notification", "notification": {"type": f"{body.method.rpartition('.')[2]}_notification"}}
    if kind == "trigger_log_entry":
        return {"type": "api", "summary": getattr(body, "summary", "")}
    return {"type": _CHANNELS.get(via, "auto" if not body.by.startswith("person:") else "website")}


def _summary(body: f.FactBody, place: Place) -> str:
    who = _user(body.by.removeprefix("person:"), place)["summary"] if body.by.startswith("person:") else ""
    done = _KINDS[type(body)].words
    if isinstance(body, f.Escalated):
        return f"{done} to {body.level}"
    if isinstance(body, f.Paged | f.Notified):
        return f"{done} {_user(body.person, place)['summary']}"
    return f"{done} by {who}" if who else done


def _people(body: f.Escalated, place: Place) -> Collection[Shape]:
    return [_user(one.person, place) for one in body.people]


def _user(person_id: str, place: Place) -> Shape:
    return shapes.user_reference(person_id, place)


def _agent(by: str, source: str, place: Place) -> Shape:
    """Give who did it: a person, else the service it is about, as PagerDuty has no agent that is neither."""
    kind, _, name = by.partition(":")
    return _user(name, place) if kind == "person" else reference("service", source, source, place)


# -- alerts


class Lives(NamedTuple):
    """Since when alerts of groups are part of an incident, and since when those are over that are; by group."""

    began: dict[str, datetime]
    ended: dict[str, datetime]


def lives_of(facts: Sequence[f.Fact], one: Incident) -> Lives:
    """Give what an incident knows of its alerts: one that fires again later may be part of another one by then."""
    began, ended, own = dict[str, datetime](), dict[str, datetime](), one.group_key
    for fact in facts:
        body = fact.body
        if isinstance(body, f.Opened):
            own = body.group_key
            began[own] = fact.at
        elif isinstance(body, f.AlertJoined):
            began.setdefault(body.group_key or own, fact.at)
            ended.pop(body.group_key or own, None)
        elif isinstance(body, f.Absorbed):
            began |= {group: fact.at for group in body.alerts if group not in began}
            ended |= dict.fromkeys(body.cleared, fact.at)
        elif isinstance(body, f.AlertCleared):
            ended[body.group_key or own] = fact.at
        elif isinstance(body, f.Reopened):
            ended.clear()
    if one.resolved:
        ended = dict.fromkeys((*one.groups, *began), one.resolved.at) | ended
    return Lives(began, ended)


def alert(state: AlertState, lives: Lives, one: Incident, place: Place) -> Shape:
    """Give an alert as PagerDuty's clients read it. Its own key may be anything, so its id is made of that."""
    said, ended = state.alert, lives.ended.get(state.alert.group_key)
    name = f"A{hashlib.sha256(said.group_key.encode()).hexdigest()[:13].upper()}"
    contexts = [
        {"type": "link", "href": link} | ({"text": said.link_texts[link]} if link in said.link_texts else {})
        for link in said.all_links
    ]
    return {
        "id": name,
        "type": "alert",
        "summary": said.summary,
        "self": f"{place.url}/incidents/{one.number}/alerts/{name}",
        "html_url": f"{place.url}/app/incidents/{one.number}",
        "created_at": instant(lives.began.get(said.group_key, state.first_at), place),
        "updated_at": instant(ended or state.last_at, place),
        "resolved_at": instant(ended, place),
        "status": "resolved" if ended else "triggered",
        "alert_key": said.dedup_key,
        "severity": said.severity,
        "suppressed": False,
        "service": reference("service", said.source, said.source, place),
        "integration": None,
        "incident": reference("incident", one.number, one.title, place),
        "body": {
            "type": "alert_body",
            "contexts": contexts,
            "details": dict(said.details),
            "cef_details": {
                "summary": said.summary,
                "severity": said.severity,
                "source_origin": said.origin,
                "source_component": said.component,
                "service_group": said.group,
                "event_class": said.alert_class,
                "dedup_key": said.dedup_key,
                "client": said.client,
                "client_url": said.client_url,
                "creation_time": instant(said.started_at, place),
                "contexts": contexts,
                "details": dict(said.details),
            },
        },
    }
