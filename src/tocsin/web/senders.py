"""The doors of monitors: one table of who may knock where, how they prove who they are, and what they are told.

The answer is given only after the alerts, and the turns they ask for, are on disk.
"""

import hashlib
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope

from tocsin.detection import alertmanager, cloudflare, custom, grafana, mail, prometheus, sentry
from tocsin.detection.alert import Alert
from tocsin.detection.delivery import Delivery, Reader
from tocsin.engine.sources import Sources
from tocsin.settings import SourceSettings
from tocsin.web.doors import Door, Receiver
from tocsin.web.offered import bearer, password
from tocsin.web.replies import Say, Unproved, as_alertmanager, plainly

if TYPE_CHECKING:
    from tocsin.assembly import Tocsin


class Sender(NamedTuple):
    """Who knocks at `path`. `once`: a body is sent once, so the same one again was taken already.

    `told_apart_by` is a header in which two deliveries that say the same differ.
    """

    path: str
    kind: str
    read: Reader
    say: Say = plainly
    methods: tuple[str, ...] = ("POST",)
    once: bool = False
    told_apart_by: str = ""

    @property
    def alone(self) -> bool:
        """Give whether its deliveries need nothing but to be read, proved and stored."""
        return not self.once and "{" not in self.path


SENDERS = (
    Sender("/webhooks/alertmanager", "alertmanager", alertmanager.read),
    Sender("/api/v2/alerts", "prometheus", prometheus.read, as_alertmanager),
    Sender("/webhooks/grafana", "grafana", grafana.read, methods=("POST", "PUT")),
    Sender("/webhooks/sentry", "sentry", sentry.read, once=True, told_apart_by="sentry-hook-timestamp"),
    Sender("/webhooks/cloudflare", "cloudflare", cloudflare.read, once=True),
    Sender("/webhooks/custom/{name}", "custom", custom.read, methods=("POST", "PUT")),
    Sender("/webhooks/email", "email", mail.read, once=True),
)


def sender_routes() -> list[Route]:
    """Give the routes of the table."""
    return [
        Route(one.path, Door(one.path, partial(_taken, one), one.say, alone=one.alone), methods=one.methods)
        for one in SENDERS
    ]


def is_for_senders(path: str, method: str) -> bool:
    """Give whether a request is a sender's, who proves itself by its own means."""
    return any(path == sender.path and method in sender.methods for sender in SENDERS)


async def _taken(sender: Sender, scope: Scope, receive: Receive) -> ASGIApp:
    request, state = Request(scope), scope["app"].state
    here: Receiver = state.tocsin
    with state.gate.place() as place:
        raw = await place.read(scope, receive)
        source = proved(request, here.access, sender.kind, raw)
        named = request.path_params.get("name")
        if source is None or (named is not None and (source.id, source.kind) != (named, sender.kind)):
            raise Unproved(_how(sender.kind))
        alerts = sender.read(Delivery(source, raw, request.headers), here.clock.now())
        if alerts and sender.once:
            apart = request.headers.get(sender.told_apart_by, "") if sender.told_apart_by else ""
            await _ingest_once(state.tocsin, alerts, f"{source.id}\n{apart}\n{hashlib.sha256(raw).hexdigest()}")
        elif alerts:
            await here.engine.ingest(alerts)
        return sender.say("taken", "")


async def _ingest_once(tocsin: "Tocsin", alerts: tuple[Alert, ...], name: str) -> None:
    if not await tocsin.engine.once.is_done(name):
        await tocsin.engine.ingest(alerts)
        await tocsin.engine.once.did(name)


def proved(request: Request, access: Sources, kind: str, raw: bytes) -> SourceSettings | None:
    """Give the source that sent this: by its signature over the body, else by a key; None where neither is right."""
    key = bearer(request) or password(request) or request.query_params.get("key", "")
    return access.signer(kind, raw, request.headers) or access.source(key, kind)


def _how(kind: str) -> str:
    return (
        f"this did not prove to be a source of kind {kind}: check its secrets under [sources], "
        "or send its key (`tocsin token SOURCE`) as `Authorization: Bearer`, as a password, or as ?key="
    )
