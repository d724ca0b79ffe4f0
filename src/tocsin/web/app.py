"""The ASGI application: routes, who may use them, and how trouble is told."""

import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tocsin import errors as e
from tocsin.assembly import Tocsin
from tocsin.detection.alert import Alert
from tocsin.engine.together import Told
from tocsin.web.alertmanager_api import alertmanager_routes, speaks_alertmanager
from tocsin.web.api import api_routes
from tocsin.web.api_alerts import alert_api_routes
from tocsin.web.api_breach import breach_api_routes
from tocsin.web.api_heartbeats import heartbeat_api_routes
from tocsin.web.api_probes import probe_api_routes
from tocsin.web.api_recording import recording_routes
from tocsin.web.api_reviews import review_routes
from tocsin.web.api_silences import silence_routes
from tocsin.web.auth import host_is_ours, origin_is_ours, principal_of
from tocsin.web.breach import breach_routes
from tocsin.web.doors import Door
from tocsin.web.gate import Gate
from tocsin.web.heartbeats import heartbeat_routes
from tocsin.web.inbound import inbound_routes
from tocsin.web.metrics import metrics_routes
from tocsin.web.openapi import openapi_routes
from tocsin.web.pagerduty import webhook_routes
from tocsin.web.pagerduty_rest import NOT_HERE, Rates, pagerduty_rest_routes, speaks_pagerduty
from tocsin.web.pagerduty_rest import say as say_as_pagerduty
from tocsin.web.pages import page_routes
from tocsin.web.probers import is_for_probers, prober_routes
from tocsin.web.refusals import Refusals
from tocsin.web.report_page import report_routes
from tocsin.web.restoring import restoring_routes
from tocsin.web.reviews import review_page_routes
from tocsin.web.senders import is_for_senders, sender_routes
from tocsin.web.sign_in import signed_out
from tocsin.web.silences import silence_page_routes
from tocsin.web.slack import slack_routes
from tocsin.web.status import PUBLIC_JSON, status_routes
from tocsin.web.taking import Deliveries
from tocsin.web.trouble import trouble
from tocsin.web.twilio import twilio_routes

log = logging.getLogger("tocsin.web")

_KNOCKED = ("/v2/", "/webhooks/", "/heartbeat/", "/api/v2/alerts")
"""Where monitors knock."""

_SECRET = ("/heartbeat/", "/a/")
"""Where a key stands in the address."""

_STATUS: tuple[tuple[type[e.TocsinError], int], ...] = (
    (e.NotFound, 404),
    (e.Refused, 409),
    (e.Forbidden, 403),
    (e.StoreUnavailable, 503),
    (e.UsageError, 400),
    (e.TocsinError, 500),
)


def application(tocsin: Tocsin) -> Starlette:
    """Give the application of an assembled Tocsin; it begins to work when the server starts, and ends with it."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tocsin.start()
        yield
        await tocsin.stop()

    def hand(alerts: Sequence[Alert], told: Told) -> None:
        tocsin.engine.intake.hand(alerts, told)

    doors = [*inbound_routes(), *sender_routes()]
    routes: list[BaseRoute] = [
        Route("/", _home, methods=["GET"]),
        Route("/health", _health, methods=["GET"]),
        *doors,
        *heartbeat_routes(),
        *prober_routes(),
        *slack_routes(),
        *openapi_routes(),
        *api_routes(),
        *breach_api_routes(),
        *probe_api_routes(),
        *review_routes(),
        *silence_routes(),
        *alertmanager_routes(),
        *heartbeat_api_routes(),
        *alert_api_routes(),
        *recording_routes(),
        *page_routes(),
        *breach_routes(),
        *review_page_routes(),
        *silence_page_routes(),
        *restoring_routes(),
        *status_routes(),
        *report_routes(),
        *twilio_routes(),
        *webhook_routes(),
        *pagerduty_rest_routes(),
        *metrics_routes(),
    ]
    app = _Application(doors, routes=routes, lifespan=lifespan, exception_handlers=_handlers())
    app.state.tocsin = tocsin
    app.state.gate = Gate()
    app.state.rates = Rates()
    app.state.refusals = Refusals()
    app.state.deliveries = Deliveries(tocsin, app.state, hand)
    app.add_middleware(_Guard, tocsin=tocsin)
    return app


async def _home(_: Request) -> Response:
    return RedirectResponse("/app/", 303)


async def _health(request: Request) -> Response:
    tocsin: Tocsin = request.app.state.tocsin
    if "X-Tocsin-Watcher" in request.headers:
        tocsin.health.saw_watcher()
    report = tocsin.health.report()
    return _json(200 if report.works else 503, report.shape)


class _Application(Starlette):
    """Starlette, but that a monitor's delivery goes straight to its door: who proves itself needs no guard before.

    The doors are the routes themselves, so everything is told once. What a door does not answer is told by the same
    handlers as everywhere.
    """

    def __init__(self, doors: list[Route], **more: Any) -> None:  # noqa: ANN401  as Starlette
        super().__init__(**more)
        hot = [one for one in doors if "{" not in one.path]
        self._doors = {
            (method, one.path): one.endpoint
            for one in hot
            for method in one.methods or ()
            if isinstance(one.endpoint, Door)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and (path := _meant(scope["path"])) is not None:
            scope["path"] = path
        door = self._doors.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if door is None:
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        try:
            answer = await door.answer(scope, receive)
        except Exception as error:
            handlers = self.exception_handlers
            kind = next(kind for kind in type(error).__mro__ if kind in handlers)
            await (await handlers[kind](Request(scope, receive), error))(scope, receive, send)
            if not isinstance(error, e.TocsinError):
                raise
        else:
            await answer(scope, receive, send)


def _meant(path: str) -> str | None:
    """Give the door a monitor means that was told an address with a slash too many; None where there is none.

    To send it on would lose the alert: `curl` and PagerDuty's client take that for an answer and do not follow.
    """
    if not path.endswith("/") and not path.startswith("//"):
        return None
    meant = f"/{path.strip('/')}"
    return meant if meant.startswith(_KNOCKED) else None


class _Guard:
    """Lets in who may come in: Host and Origin for what a browser could be tricked into, a principal for the rest."""

    def __init__(self, app: ASGIApp, tocsin: Tocsin) -> None:
        self._app = app
        self._tocsin = tocsin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_guarded(scope["path"], scope["method"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.scope["app"] = scope.get("app")
        refusal = await self._refusal(request)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    async def _refusal(self, request: Request) -> Response | None:
        path = request.url.path
        if not host_is_ours(request, self._tocsin):
            host = request.headers.get("host", "")
            return _say(request, 421, f"this server is not {host}; set [server] public_url to the address people use")
        if not origin_is_ours(request, self._tocsin):
            return _say(request, 403, "this request came from another site and was refused")
        if path.startswith(("/a/", "/app/sign-in")):
            return None
        try:
            principal = await principal_of(request, self._tocsin)
        except e.StoreUnavailable as error:
            return _say(request, 503, str(error))
        if principal is None:
            why = "sign in: send a token as `Authorization: Bearer`, made by `tocsin token PERSON`"
            return signed_out(request) if path.startswith("/app") else _say(request, 401, why)
        request.state.principal = principal
        return None


def _is_guarded(path: str, method: str) -> bool:
    if path.startswith("/app/static/") or path in PUBLIC_JSON:
        return False
    if is_for_senders(path, method) or is_for_probers(path):
        return False
    return path.startswith(("/api/", "/app", "/a/")) or speaks_pagerduty(path)


def _handlers() -> dict[type[Exception] | int, Callable[[Request, Exception], Awaitable[Response]]]:
    async def ours(request: Request, error: Exception) -> Response:
        status = next(code for kind, code in _STATUS if isinstance(error, kind))
        return _say(request, status, str(error))

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        nothing = NOT_HERE if speaks_pagerduty(request.url.path) else "there is nothing here"
        said = _say(request, status, {404: nothing, 405: "that cannot be done here"}.get(status, ""))
        said.headers.update((isinstance(error, HTTPException) and error.headers) or {})
        return said

    async def broken(request: Request, error: Exception) -> Response:
        log.error("%s %s broke", request.method, _without_secret(request.url.path), exc_info=error)
        return _say(request, 500, "Tocsin made a mistake; its log says more")

    return {e.TocsinError: ours, HTTPException: http, Exception: broken}


def _without_secret(path: str) -> str:
    """Give an address for a log: at some the rest is what proves who asks."""
    return next((f"{start}…" for start in _SECRET if path.startswith(start)), path)


def _say(request: Request, status: int, text: str) -> Response:
    if request.url.path.startswith(("/app", "/a/")):
        return trouble(request, status, text)
    if speaks_pagerduty(request.url.path):
        return say_as_pagerduty(status, text, getattr(request.state, "rate", None))
    return _json(status, text if speaks_alertmanager(request.url.path) else {"error": text})


def _json(status: int, body: object) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
