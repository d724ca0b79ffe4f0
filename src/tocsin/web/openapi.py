"""The document that describes the API and the doors of monitors to programs. Source: OpenAPI 3.1.

It is made of the routes themselves: what a route takes, gives and asks stands beside it.
"""

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from tocsin.detection.pagerduty import SEVERITIES
from tocsin.engine.probe_wire import Asked, Readings, Taken
from tocsin.web.alertmanager_api import speaks_alertmanager
from tocsin.web.answering import ApiRoute
from tocsin.web.senders import SENDERS

PATH = "/api/openapi.json"
_WHERE = "#/components/schemas/"
_PARTS = {
    "number": {"type": "string", "pattern": r"^INC-\d{4}-\d{4,}$"},
    "sha": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}
"""What the names in paths look like; any text where nothing is said."""

_REFUSALS = {
    400: "It cannot be used as it is.",
    401: "Nobody is signed in.",
    403: "Not allowed.",
    404: "There is no such thing, or you may not know of it.",
    409: "Understood, but it does not fit the present state.",
    421: "This server is not the host that was asked for.",
    503: "The store cannot be used now; try again.",
}
_DOOR_REFUSALS = {
    400: "It is not what this sender sends.",
    401: "It did not prove to be a source.",
    404: "No source here could have sent it.",
    408: "It did not come in time, or not whole.",
    413: "It is larger than 512 KB.",
    415: "Its body is compressed.",
    429: "Too much at once; send it again.",
    503: "Not stored; send it again.",
}


class Door(NamedTuple):
    """An address where monitors knock: what it takes, by which methods, and the status that says it is on disk.

    What Tocsin's own probers send and are told are structs; what others send is as their documents have it.
    """

    path: str
    says: str
    taken: int = 200
    methods: tuple[str, ...] = ("POST",)
    takes: dict[str, Any] | type[msgspec.Struct] | None = None
    media: str = "application/json"
    gives: type[msgspec.Struct] | None = None


def _event(*required: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401  parts of a schema
    key = {"routing_key": {"type": "string"}}
    return {"type": "object", "required": ["routing_key", *required], "properties": key | properties}


_SUMMARY = {"summary": {"type": "string"}}
_PAYLOAD = {
    "type": "object",
    "required": ["summary", "source", "severity"],
    "properties": {**_SUMMARY, "source": {"type": "string"}, "severity": {"type": "string", "enum": [*SEVERITIES]}},
}
_TRIGGER = _event(
    "event_action",
    "payload",
    event_action={"const": "trigger"},
    dedup_key={"type": ["string", "null"]},
    payload=_PAYLOAD,
)
# Of what acknowledges or resolves the payload is not said: whatever it is, it must not keep an incident open.
_CLOSING = _event(
    "event_action",
    "dedup_key",
    event_action={"type": "string", "enum": ["acknowledge", "resolve"]},
    dedup_key={"type": "string"},
)
_KNOCKS = ("GET", "POST")
_DOORS = (
    Door(
        "/v2/enqueue",
        "Take an event of PagerDuty's Events API v2.",
        202,
        takes={"oneOf": [_TRIGGER, _CLOSING]},
    ),
    Door(
        "/v2/change/enqueue",
        "Take a change event of PagerDuty; it pages nobody.",
        202,
        takes=_event("payload", payload={"type": "object", "required": ["summary"], "properties": _SUMMARY}),
    ),
    *(
        Door(
            sender.path,
            f"Take what a source of kind {sender.kind} sends.",
            methods=sender.methods,
            takes={},
            media="message/rfc822" if sender.kind == "email" else "application/json",
        )
        for sender in SENDERS
    ),
    Door("/webhooks/pagerduty", "Take a webhook v3 of PagerDuty.", 202, takes={}),
    Door("/api/v1/probes/{prober}", "Tell a remote prober what to look at.", methods=("GET",), gives=Asked),
    Door("/api/v1/readings", "Take what a remote prober saw.", takes=Readings, gives=Taken),
    Door("/heartbeat/{key}", "Hear that a job ran.", methods=_KNOCKS),
    Door("/heartbeat/{key}/{said}", "Hear `start`, `fail` or the exit status of a job.", methods=_KNOCKS),
)


def openapi_routes() -> list[BaseRoute]:
    """Give the route of the document, for whoever is signed in."""
    return [ApiRoute(PATH, show_openapi, "GET")]


async def show_openapi(request: Request) -> object:
    """Give this document."""
    return described(request.app.routes)


def described(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Give the document for these routes."""
    ours = [route for route in routes if isinstance(route, ApiRoute)]
    schemas, components = _schemas(ours)
    paths: dict[str, dict[str, Any]] = {}
    for route in ours:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    for door in _DOORS:
        for method in door.methods:
            paths.setdefault(door.path, {})[method.lower()] = _knocking(door, method, schemas)
    error = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tocsin", "version": version("tocsin")},
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": error},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(routes: Iterable[ApiRoute]) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """Give the schema of each shape, and those they speak of by name."""
    doors = [shape for door in _DOORS for shape in (door.takes, door.gives) if isinstance(shape, type)]
    shapes = list(dict.fromkeys([*(shape for route in routes for shape in _shapes_of(route)), *doors]))
    found, components = msgspec.json.schema_components(shapes, schema_hook=_anything, ref_template=_WHERE + "{name}")
    return dict(zip(shapes, found, strict=True)), components


def _anything(kind: type) -> dict[str, Any]:
    """Give the schema of what each kind of probe has of its own: its options."""
    if kind is not object:
        raise NotImplementedError(f"say how {kind} is described")
    return {"description": "anything that this kind of probe takes"}


def _shapes_of(route: ApiRoute) -> Iterator[Any]:
    yield from (shape for shape in (route.takes, route.gives, *route.asks.values()) if shape is not None)


def _operation(route: ApiRoute, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    gives = schemas[route.gives] if route.gives is not None else {"type": "object"}
    content = {route.media: {"schema": gives if route.media == "application/json" else {"type": "string"}}}
    said = {"type": "string"} if speaks_alertmanager(route.path) else {"$ref": f"{_WHERE}Error"}
    error = {"application/json": {"schema": said}}
    asked = [{"name": name, "in": "query", "schema": schemas[kind]} for name, kind in route.asks.items()]
    operation: dict[str, Any] = {
        "summary": (route.handler.__doc__ or "").partition("\n")[0],
        "operationId": f"{route.method.lower()} {route.path}",
        "security": [{"token": []}],
        "parameters": [*_in_path(route), *asked],
        "responses": {
            "200": {"description": "Done.", "content": content},
            **{str(status): {"description": why, "content": error} for status, why in _REFUSALS.items()},
        },
    }
    if route.takes is not None:
        body = {"application/json": {"schema": schemas[route.takes]}}
        operation["requestBody"] = {"required": _needs_a_body(route.takes), "content": body}
    return operation


def _needs_a_body(shape: type[msgspec.Struct]) -> bool:
    return any(field.required for field in msgspec.structs.fields(shape))


def _knocking(door: Door, method: str, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "It is on disk."}
    if door.gives is not None:
        done = {"description": "Done.", "content": {"application/json": {"schema": schemas[door.gives]}}}
    operation: dict[str, Any] = {
        "summary": door.says,
        "operationId": f"{method.lower()} {door.path}",
        "parameters": _in_path(Route(door.path, show_openapi)),
        "responses": {
            str(door.taken): done,
            **{str(status): {"description": why} for status, why in _DOOR_REFUSALS.items()},
        },
    }
    if door.takes is not None:
        takes = schemas[door.takes] if isinstance(door.takes, type) else door.takes
        operation["requestBody"] = {"required": True, "content": {door.media: {"schema": takes}}}
    return operation


def _in_path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PARTS.get(name, {"type": "string", "minLength": 1})}
        for name in route.param_convertors
    ]
