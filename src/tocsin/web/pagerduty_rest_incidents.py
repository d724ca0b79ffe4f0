"""PagerDuty's REST API: incidents read, taken, resolved, declared and noted. Whoever asks acts, as on a page.

Source: PagerDuty REST API v2, "Incidents".
"""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.engine.access import LOCAL, Principal
from tocsin.engine.engine import Loaded
from tocsin.errors import NotFound, Refused, StoreUnavailable, UsageError
from tocsin.incident.facts import Noted
from tocsin.incident.incident import Incident
from tocsin.incident.wishes import Acknowledge, ChangeSeverity, Escalate, Note, Reopen, Resolve, Wish
from tocsin.store import transactions as t
from tocsin.triage.severity import severity_ids
from tocsin.web import pagerduty_rest_shapes as shapes
from tocsin.web.answering import body_of, known_number, parts_of
from tocsin.web.declaration import Declaration, declaration, opened
from tocsin.web.pagerduty_rest_incident import note, policy_of, whole_incident
from tocsin.web.pagerduty_rest_list import ASKS, KNOWN_PARTS, list_incidents, refuse_status
from tocsin.web.pagerduty_rest_query import PAGED, include_of, place_of, whole_or_page
from tocsin.web.pagerduty_rest_things import DECLARED

MOST_AT_ONCE = 250


class TooMany(UsageError):
    """More incidents at once than PagerDuty takes; HTTP 413."""


class AlreadyResolved(UsageError):
    """The incident is over; PagerDuty's error 1001."""


class Named(msgspec.Struct):
    """A reference; of a priority the name will do."""

    id: str = ""
    name: str = ""


class Change(msgspec.Struct):
    """What is wanted of one incident. What is set here and cannot be changed is refused, not ignored."""

    id: str = ""
    type: str = ""
    status: str | None = None
    resolution: str = ""
    priority: Named | None = None
    escalation_level: int | None = None
    title: str | None = None
    urgency: str | None = None
    assignments: list[Any] | None = None
    escalation_policy: Any = None
    conference_bridge: Any = None
    incident_type: Any = None


class Changes(msgspec.Struct):
    """The body of `PUT /incidents`."""

    incidents: list[Change]


class OneChange(msgspec.Struct):
    """The body of `PUT /incidents/{id}`."""

    incident: Change


class Words(msgspec.Struct):
    """What stands under `body` of a new incident."""

    details: str = ""


class Wanted(msgspec.Struct):
    """An incident that is to be declared. What is set here and cannot be chosen is refused, not ignored."""

    title: Annotated[str, msgspec.Meta(min_length=1)]
    service: Named
    incident_key: str | None = None
    priority: Named | None = None
    body: Words = msgspec.field(default_factory=Words)
    incident_type: Named | None = None
    urgency: Any = None
    assignments: Any = None
    escalation_policy: Any = None
    conference_bridge: Any = None


class Creation(msgspec.Struct):
    """The body of `POST /incidents`."""

    incident: Wanted


class Content(msgspec.Struct):
    """A note."""

    content: str


class NewNote(msgspec.Struct):
    """The body of `POST /incidents/{id}/notes`."""

    note: Content


_CALLS = "the runbook says who is called, and incident_type names its entry"
_NOT_CHOSEN = {
    "urgency": "priority says how urgent it is",
    "assignments": _CALLS,
    "escalation_policy": _CALLS,
    "conference_bridge": "a note can name one",
}
"""What PagerDuty lets people choose of a new incident and the runbook says here, and what to do instead."""

Rest = Callable[..., Callable[[Request], Any]]
_WHOLE = "include[]"


def incident_routes(rest: Rest, created: Rest) -> list[BaseRoute]:
    """Give the routes about incidents; `rest` and `created` make answers of values."""
    one = "/incidents/{id}"
    return [
        Route("/incidents", rest(list_incidents, *ASKS), methods=["GET"]),
        Route("/incidents", rest(change_incidents, _WHOLE), methods=["PUT"]),
        Route("/incidents", created(create_incident, _WHOLE), methods=["POST"]),
        Route(one, rest(show_incident, _WHOLE), methods=["GET"]),
        Route(one, rest(change_incident, _WHOLE), methods=["PUT"]),
        Route(f"{one}/notes", rest(list_notes, *PAGED), methods=["GET"]),
        Route(f"{one}/notes", rest(add_note), methods=["POST"]),
    ]


# -- reading


async def show_incident(request: Request) -> object:
    """Give one incident. Raises NotFound."""
    tocsin, principal = parts_of(request)
    query = request.query_params
    return {"incident": await _shown(tocsin, request.path_params["id"], principal, query)}


async def list_notes(request: Request) -> object:
    """Give what people wrote down, oldest first."""
    tocsin, principal = parts_of(request)
    number = request.path_params["id"]
    loaded = await _loaded(tocsin, number, principal)
    place = place_of(tocsin, request.query_params)
    notes = [fact for fact in loaded.facts if isinstance(fact.body, Noted)]
    return whole_or_page("notes", [note(fact, number, place) for fact in notes], request.query_params)


# -- changing


async def change_incidents(request: Request) -> object:
    """Acknowledge, resolve, escalate or raise many, all of which must be there before anything is done."""
    tocsin, principal = parts_of(request)
    wanted = (await body_of(request, Changes)).incidents
    _refuse_query(request, tocsin)
    if len(wanted) > MOST_AT_ONCE:
        raise TooMany(f"{len(wanted)} incidents at once; at most {MOST_AT_ONCE} are taken")
    if len({change.id for change in wanted}) < len(wanted):
        raise UsageError("an incident is named twice; say all that is wanted of it at once")
    actor = _actor(request, tocsin, principal)
    wishes = [(change.id, await _wishes(tocsin, change.id, change, actor)) for change in wanted]
    for number, asked in wishes:
        for wish in asked:
            await _act(tocsin, number, wish, principal)
    shown = [await _shown(tocsin, change.id, principal, request.query_params) for change in wanted]
    page = shapes.Page(limit=max(len(shown), 1))
    return {"incidents": shown, **shapes.pagination(len(shown), page)}


async def change_incident(request: Request) -> object:
    """The same for one."""
    tocsin, principal = parts_of(request)
    number = known_number(request.path_params["id"])
    change = (await body_of(request, OneChange)).incident
    _refuse_query(request, tocsin)
    for wish in await _wishes(tocsin, number, change, _actor(request, tocsin, principal)):
        await _act(tocsin, number, wish, principal)
    return {"incident": await _shown(tocsin, number, principal, request.query_params)}


async def create_incident(request: Request) -> object:
    """Declare an incident: `service` is any of ours, `priority` a severity, `incident_type` an entry of the runbook."""
    tocsin, principal = parts_of(request)
    wanted = (await body_of(request, Creation)).incident
    _refuse_query(request, tocsin)
    for name, instead in _NOT_CHOSEN.items():
        if getattr(wanted, name) is not None:
            raise UsageError(f"{name} cannot be chosen here; {instead}")
    actor = _actor(request, tocsin, principal)
    if wanted.service.id not in {*tocsin.access.sources, DECLARED}:
        raise UsageError(f"there is no service {wanted.service.id[:40]!r}; GET /services lists them")
    words = f"{wanted.title}: {wanted.body.details}" if wanted.body.details.strip() else wanted.title
    kind = wanted.incident_type.name or wanted.incident_type.id if wanted.incident_type else ""
    asked = Declaration(words, kind or None, _severity(tocsin, wanted.priority), wanted.incident_key)
    alert = declaration(tocsin, actor, asked)
    if wanted.incident_key and await _is_open(tocsin, alert.group_key):
        raise UsageError("an open incident with this incident_key is there already")
    version = tocsin.engine.changes.version
    await tocsin.engine.ingest([alert])
    number = await opened(tocsin, alert.group_key, version)
    try:
        return {"incident": await _shown(tocsin, number, principal, request.query_params)}
    except NotFound:
        raise StoreUnavailable("a restricted incident is open; those concerned are called") from None


async def add_note(request: Request) -> object:
    """Write something down."""
    tocsin, principal = parts_of(request)
    number = known_number(request.path_params["id"])
    text = (await body_of(request, NewNote)).note.content
    by, place = _actor(request, tocsin, principal).by, place_of(tocsin, request.query_params)
    await _act(tocsin, number, Note(by=by, text=text), principal)
    notes = [fact for fact in (await _loaded(tocsin, number, principal)).facts if isinstance(fact.body, Noted)]
    # Somebody else may have written something since; what was written may have been trimmed.
    own = [fact for fact in notes if fact.body.by == by]
    return {"note": note((own or notes)[-1], number, place)}


async def _wishes(tocsin: Tocsin, number: str, change: Change, actor: Principal) -> list[Wish]:
    """Give what a change asks for. Raises UsageError for what cannot be changed here."""
    fixed = ("title", "urgency", "assignments", "escalation_policy", "conference_bridge", "incident_type")
    for name in fixed:
        if getattr(change, name) is not None:
            raise UsageError(f"{name} cannot be changed here; status, priority, escalation_level and resolution can")
    loaded = await _loaded(tocsin, number, actor)
    if loaded.incident is None:
        raise NotFound(f"there is no incident {number[:40]}")
    refuse_status(change.status)
    if change.resolution and change.status != "resolved":
        raise UsageError("resolution goes with status resolved; anything else is a note")
    if change.status == "triggered" and loaded.incident.status == "acknowledged":
        raise UsageError(f"{number} is acknowledged, which cannot be given back; escalation_level passes it on")
    over = loaded.incident.status == "resolved"
    if over and change.status in {"acknowledged", "resolved"}:
        raise AlreadyResolved(f"{number} is resolved already")
    found: list[Wish] = []
    severity = _severity(tocsin, change.priority)
    if severity:
        found.append(ChangeSeverity(by=actor.by, severity=severity, because="changed by PagerDuty's API"))
    if change.escalation_level is not None:
        names = _rung(loaded.incident, loaded, change.escalation_level)
        found += [Escalate(by=actor.by, level=name, why="by PagerDuty's API") for name in names]
    if change.status == "acknowledged":
        found.append(Acknowledge(by=actor.by, via="api"))
    elif change.status == "resolved":
        found.append(Resolve(by=actor.by, why=change.resolution))
    elif change.status == "triggered" and over:
        found.append(Reopen(by=actor.by))
    return found


def _rung(one: Incident, loaded: Loaded, rung: int) -> tuple[str, ...]:
    """Give who is called in a rung of the policy that the incident is told to have. Raises UsageError."""
    rungs = policy_of(one, loaded.world).rungs
    if not 1 <= rung <= len(rungs):
        raise UsageError(f"escalation_level must be a whole number from 1 to {len(rungs)}")
    return rungs[rung - 1]


def _severity(tocsin: Tocsin, priority: Named | None) -> str | None:
    if priority is None:
        return None
    known = severity_ids(tocsin.worlds.current.runbook)
    found = next((name for name in (priority.id, priority.name) if name in known), None)
    if found is None:
        raise UsageError(f"there is no such priority; GET /priorities lists {', '.join(known)}")
    return found


async def _act(tocsin: Tocsin, number: str, wish: Wish, principal: Principal) -> None:
    try:
        await tocsin.engine.act(number, wish, principal.viewer)
    except Refused as error:
        raise AlreadyResolved(str(error)) from error


def _actor(request: Request, tocsin: Tocsin, principal: Principal) -> Principal:
    """Give who acts: whose token it is; for the owner of the machine whom `From` names by e-mail."""
    address = request.headers.get("from", "")
    if principal is not LOCAL or not address:
        return principal
    named = [one for one in tocsin.settings.people.values() if (one.email or "").casefold() == address.casefold()]
    if not named:
        raise UsageError("From names nobody in [people]; give the e-mail address of somebody who is there")
    return msgspec.structs.replace(tocsin.access.person(named[0].id), everything=principal.everything, via="local")


def _refuse_query(request: Request, tocsin: Tocsin) -> None:
    """Refuse, before anything is done, what could not be told afterwards. Raises UsageError."""
    include_of(request.query_params, *KNOWN_PARTS)
    place_of(tocsin, request.query_params)


async def _loaded(tocsin: Tocsin, number: str, principal: Principal) -> Loaded:
    return await tocsin.engine.load(known_number(number), principal.viewer)


async def _is_open(tocsin: Tocsin, group_key: str) -> bool:
    loaded = await tocsin.engine.understand(await tocsin.store.read(t.load_group(group_key)))
    return loaded.incident is not None and loaded.incident.status != "resolved"


async def _shown(tocsin: Tocsin, number: str, principal: Principal, query: QueryParams) -> shapes.Shape:
    loaded = await _loaded(tocsin, number, principal)
    if loaded.incident is None:
        raise NotFound(f"there is no incident {number[:40]}")
    include = include_of(query, *KNOWN_PARTS)
    return whole_incident(loaded.incident, loaded.facts, loaded.world, place_of(tocsin, query), include)
