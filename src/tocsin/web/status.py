"""The public status page, its feeds, and the JSON that readers of status pages know. Nobody has to sign in."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.communication import status_page_json as shapes
from tocsin.communication.maintenance import maintenances
from tocsin.communication.status_page import (
    Component,
    PageSettings,
    PublicIncident,
    ordered,
    published,
    shown_severities,
)
from tocsin.communication.status_page_feeds import atom, rss
from tocsin.store.artifacts import public_incidents
from tocsin.store.silences import silences_told
from tocsin.web.rendering import environment
from tocsin.web.status_view import shown, status_view

Handler = Callable[[Request], Awaitable[Response]]
Shape = Callable[[PageSettings, tuple[PublicIncident, ...], datetime], dict[str, Any]]
Feed = Callable[[PageSettings, tuple[PublicIncident, ...], datetime], str]

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=15",
}
_JSON: dict[str, Shape] = {
    "summary": shapes.summary,
    "status": shapes.status,
    "components": shapes.components,
    "incidents": shapes.all_incidents,
    "incidents/unresolved": shapes.unresolved,
    "scheduled-maintenances": shapes.scheduled_maintenances,
}
PUBLIC_JSON = frozenset(f"/api/v2/{name}.json" for name in _JSON)
"""Paths anybody may read; whatever else comes under /api/v2 is guarded."""

_LATEST = 500
"""Incidents looked at: 90 days of them, unless five a day become public."""

_DECODER = msgspec.json.Decoder(PublicIncident)


class _Known(NamedTuple):
    """What the page is made of."""

    page: PageSettings
    incidents: tuple[PublicIncident, ...]
    now: datetime


def status_routes() -> list[BaseRoute]:
    """Give the routes of the status page."""
    return [
        Route("/status", show_status, methods=["GET"]),
        Route("/status/incidents/{number}", show_one, methods=["GET"]),
        Route("/status/feed.atom", _feeding(atom, "application/atom+xml"), methods=["GET"]),
        Route("/status/feed.rss", _feeding(rss, "application/rss+xml"), methods=["GET"]),
        *(Route(f"/api/v2/{name}.json", _answering(shape), methods=["GET"]) for name, shape in _JSON.items()),
    ]


async def show_status(request: Request) -> Response:
    """Show the page."""
    known = await _known(request)
    tocsin: Tocsin = request.app.state.tocsin
    return _html("page", 200, v=status_view(*known), reports=tocsin.settings.reports.public)


async def show_one(request: Request) -> Response:
    """Show one incident under the address that stays."""
    known = await _known(request)
    found = [one for one in published(*known) if one.id == request.path_params["number"]]
    if not found:
        return _html("missing", 404, name=known.page.name)
    return _html("one", 200, name=known.page.name, one=shown(known.page, found[0], known.now))


async def _known(request: Request) -> _Known:
    tocsin: Tocsin = request.app.state.tocsin
    settings = tocsin.settings
    page = PageSettings(
        name=settings.status_page.name,
        url=f"{tocsin.links.public_url.rstrip('/')}/status",
        components=tuple(Component(part, name) for part, name in settings.status_page.components.items()),
        severities=ordered(tocsin.worlds.current.runbook),
        shown=shown_severities(tocsin.worlds.current.runbook, settings.status_page),
    )
    now = tocsin.clock.now()
    rows = await tocsin.store.read(public_incidents(_LATEST))
    page = replace(page, planned=maintenances(await tocsin.store.read(silences_told(now, _LATEST)), now))
    return _Known(page, tuple(_DECODER.decode(row) for row in rows), now)


def _answering(shape: Shape) -> Handler:
    async def answer(request: Request) -> Response:
        body = msgspec.json.encode(shape(*await _known(request)))
        return _unless_known(request, body, "application/json")

    return answer


def _feeding(feed: Feed, media_type: str) -> Handler:
    async def answer(request: Request) -> Response:
        return _unless_known(request, feed(*await _known(request)).encode(), media_type)

    return answer


def _unless_known(request: Request, body: bytes, media_type: str) -> Response:
    """Give a body that any page may read, or 304 to a reader who has it."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {**HEADERS, "ETag": tag, "Access-Control-Allow-Origin": "*"}
    offered = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in offered or "*" in offered:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _html(template: str, status: int, **values: object) -> Response:
    return HTMLResponse(environment().get_template(f"status/{template}.html").render(values), status, HEADERS)
