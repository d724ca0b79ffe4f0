"""PagerDuty's REST API: the alerts of an incident, and what happened to it as log entries.

Source: PagerDuty REST API v2, "List alerts for an incident", "List log entries for an incident".
"""

import hashlib
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.detection.alert import AlertState
from tocsin.engine.engine import Loaded
from tocsin.errors import NotFound, UsageError
from tocsin.incident import facts as f
from tocsin.web import pagerduty_rest_shapes as shapes
from tocsin.web.answering import parts_of
from tocsin.web.pagerduty_rest_query import include_of, instant_of, page_of, place_of, yes
from tocsin.web.pagerduty_rest_shapes import Place, Shape, instant, reference

Rest = Callable[[Callable[[Request], Any]], Callable[[Request], Any]]
_ALERT_STATUSES = ("triggered", "resolved")
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

_NOISE = "notify_log_entry"
"""What is no part of an overview."""


def history_routes(rest: Rest) -> list[BaseRoute]:
    """Give the routes; `rest` makes answers of values."""
    one = "/incidents/{id}"
    return [
        Route(f"{one}/alerts", rest(list_alerts), methods=["GET"]),
        Route(f"{one}/alerts/{{alert}}", rest(show_alert), methods=["GET"]),
        Route(f"{one}/log_entries", rest(list_log_entries), methods=["GET"]),
    ]


# -- alerts


async def list_alerts(request: Request) -> object:
    """Give the alerts of an incident, the first first; `statuses[]` and `alert_key` choose. Raises NotFound."""
    query = request.query_params
    wanted, key, page = frozenset(query.getlist("statuses[]")), query.get("alert_key"), page_of(query)
    if wanted - set(_ALERT_STATUSES):
        raise UsageError(f"statuses[] knows {', '.join(_ALERT_STATUSES)}")
    shown = [
        one
        for one in await _alerts(request)
        if (not wanted or one["status"] in wanted) and key in {None, one["alert_key"]}
    ]
    return shapes.page_of("alerts", shown, page)


async def show_alert(request: Request) -> object:
    """Give one alert of an incident. Raises NotFound."""
    for one in await _alerts(request):
        if one["id"] == request.path_params["alert"]:
            return {"alert": one}
    raise NotFound("this incident has no such alert")


async def _alerts(request: Request) -> list[Shape]:
    tocsin, number, loaded = await _loaded(request)
    place = place_of(tocsin, request.query_params)
    return [alert(state, number, place) for state in loaded.alerts]


def alert(state: AlertState, number: str, place: Place) -> Shape:
    """Give an alert as PagerDuty's clients read it. Its own key may be anything, so its id is made of that."""
    said = state.alert
    name = f"A{hashlib.sha256(said.group_key.encode()).hexdigest()[:13].upper()}"
    contexts = [{"type": "link", "href": link} for link in said.all_links]
    return {
        "id": name,
        "type": "alert",
        "summary": said.summary,
        "self": f"{place.url}/incidents/{number}/alerts/{name}",
        "html_url": f"{place.url}/app/incidents/{number}",
        "created_at": instant(state.first_at, place),
        "updated_at": instant(state.last_at, place),
        "resolved_at": instant(state.changed_at, place) if state.status == "resolved" else None,
        "status": "resolved" if state.status == "resolved" else "triggered",
        "alert_key": said.dedup_key,
        "severity": said.severity,
        "suppressed": False,
        "service": reference("service", said.source, said.source, place),
        "integration": None,
        "incident": reference("incident", number, number, place),
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


# -- log entries


async def list_log_entries(request: Request) -> object:
    """Give what happened to an incident, latest first: `since`, `until`, `is_overview`. Raises NotFound."""
    tocsin, number, loaded = await _loaded(request)
    query = request.query_params
    place, page = place_of(tocsin, query), page_of(query)
    include_of(query, "incidents", "services", "channels", "teams")  # whole channels always are, the rest is references
    since, until = instant_of(query, "since", place), instant_of(query, "until", place)
    overview = yes(query, "is_overview")
    chosen = [
        fact
        for fact in reversed(loaded.facts)
        if (kind := _KINDS.get(type(fact.body))) is not None
        and not (overview and kind.type == _NOISE)
        and (since is None or fact.at >= since)
        and (until is None or fact.at < until)
    ]
    shown = [log_entry(fact, number, loaded, place) for fact in chosen[page.offset : page.offset + page.limit]]
    return {"log_entries": shown, **shapes.pagination(len(chosen), page)}


def log_entry(fact: f.Fact, number: str, loaded: Loaded, place: Place) -> Shape:
    """Give a fact as a log entry. Its kind must be one that PagerDuty has."""
    kind, body = _KINDS[type(fact.body)].type, fact.body
    source = loaded.incident.group_key.partition("/")[0] if loaded.incident else ""
    via = body.via if isinstance(body, f.Acknowledged) else ""
    return {
        "id": f"{number}-{fact.seq}",
        "type": kind,
        "summary": _summary(body, place),
        "self": None,
        "html_url": f"{place.url}/app/incidents/{number}",
        "created_at": instant(fact.at, place),
        "agent": _agent(body.by, source, place),
        "channel": _channel(body, kind, via),
        "service": reference("service", source, source, place),
        "incident": reference("incident", number, loaded.incident.title if loaded.incident else number, place),
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


async def _loaded(request: Request) -> tuple[Tocsin, str, Loaded]:
    tocsin, principal = parts_of(request)
    number = request.path_params["id"]
    return tocsin, number, await tocsin.engine.load(number, principal.viewer)
