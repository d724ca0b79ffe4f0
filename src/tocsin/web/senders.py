"""The doors of monitors: one table of who may knock where, how they prove who they are, and what they are told.

The answer is given only after the alerts, and the turns they ask for, are on disk.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope

from tocsin.configuration.sources import MAY_SIGN, SIGNED
from tocsin.detection import alertmanager, cloudflare, custom, grafana, mail, prometheus, sentry
from tocsin.detection.alert import Alert
from tocsin.detection.delivery import Delivery, Reader
from tocsin.engine.sources import Sources
from tocsin.settings import SourceSettings
from tocsin.signatures import SCHEMES
from tocsin.web.beside import read_beside
from tocsin.web.doors import Door, Read, Receiver, Sent, reading_door
from tocsin.web.offered import offered
from tocsin.web.replies import Say, Unproved, as_alertmanager, plainly

if TYPE_CHECKING:
    from tocsin.assembly import Tocsin


class Sender(NamedTuple):
    """Who knocks at `path`. `once` says of a body that no other is like it, so the same one again was taken already.

    `told_apart_by` is a header in which two deliveries that say the same differ.
    """

    path: str
    kind: str
    read: Reader
    say: Say = plainly
    methods: tuple[str, ...] = ("POST",)
    once: Callable[[bytes], bool] | None = None
    told_apart_by: str = ""

    @property
    def alone(self) -> bool:
        """Give whether its deliveries need nothing but to be read, proved and stored."""
        return self.once is None and "{" not in self.path


def _always(_: bytes) -> bool:
    return True


SENDERS = (
    Sender("/webhooks/alertmanager", "alertmanager", alertmanager.read),
    Sender("/api/v2/alerts", "prometheus", prometheus.read, as_alertmanager),
    Sender("/webhooks/grafana", "grafana", grafana.read, methods=("POST", "PUT")),
    Sender("/webhooks/sentry", "sentry", sentry.read, once=_always, told_apart_by="sentry-hook-timestamp"),
    Sender("/webhooks/cloudflare", "cloudflare", cloudflare.read, once=_always),
    Sender("/webhooks/custom/{name}", "custom", custom.read, methods=("POST", "PUT")),
    Sender("/webhooks/email", "email", mail.read, once=mail.is_unlike_others),
)


def sender_routes() -> list[Route]:
    """Give the routes of the table."""
    return [Route(one.path, _door(one), methods=one.methods) for one in SENDERS]


def _door(one: Sender) -> Door:
    if one.alone:
        return reading_door(one.path, partial(_read, one), one.say)
    return Door(one.path, partial(_taken, one), one.say)


def is_for_senders(path: str, method: str) -> bool:
    """Give whether a request is a sender's, who proves itself by its own means."""
    return any(path == sender.path and method in sender.methods for sender in SENDERS)


def _read(sender: Sender, here: Receiver, sent: Sent, named: str | None = None) -> Read:
    """Prove and read a delivery; `named`: by that source and no other."""
    source = proved(sent, here.access, sender.kind)
    if source is None or (named is not None and (source.id, source.kind) != (named, sender.kind)):
        raise Unproved(_how(sender.kind, here.clock.now()))
    return Read(sender.read(Delivery(source, sent.raw, sent.headers), here.clock.now()), sender.say("taken", ""))


async def _taken(sender: Sender, scope: Scope, receive: Receive) -> ASGIApp:
    request, state = Request(scope), scope["app"].state
    tocsin: Tocsin = state.tocsin
    with state.gate.place() as place:
        raw = await place.read(scope, receive)
        sent = Sent(request.headers, scope["query_string"], raw)
        name = request.path_params.get("name")
        alerts, answer = await read_beside(raw, partial(_read, sender, tocsin, sent, name))
        if alerts and sender.once is not None and sender.once(raw):
            apart = request.headers.get(sender.told_apart_by, "") if sender.told_apart_by else ""
            source = alerts[0].source
            await _ingest_once(tocsin, alerts, f"{source}\n{apart}\n{hashlib.sha256(raw).hexdigest()}")
        elif alerts:
            await tocsin.engine.ingest(alerts)
        return answer


async def _ingest_once(tocsin: "Tocsin", alerts: Sequence[Alert], name: str) -> None:
    if not await tocsin.engine.once.is_done(name):
        await tocsin.engine.ingest(alerts)
        await tocsin.engine.once.did(name)


def proved(sent: Sent, access: Sources, kind: str) -> SourceSettings | None:
    """Give the source that sent this: by its signature over the body, else by a key; None where neither is right."""
    signer = access.signer(kind, sent.raw, sent.headers)
    if signer is not None:
        return signer
    # What stands in the header may be meant for a proxy on the way.
    keys = offered(sent.headers), QueryParams(sent.query).get("key") if sent.query else None
    return next((found for key in keys if key and (found := access.source(key, kind))), None)


def _how(kind: str, now: datetime) -> str:
    unproved = f"this did not prove to be a source of kind {kind}"
    if kind in SIGNED:
        return f"{unproved}: those do by {SCHEMES[kind].header}, with one of their secrets, for the body as it was sent"
    how = f"{unproved}: check its secrets under [sources], or send its key (`tocsin token SOURCE`) as "
    how += "`Authorization: Bearer`, as a password, or as ?key="
    if kind not in MAY_SIGN:
        return how
    return (
        f"{how}; one that signs does so for the body as it was sent, with a time in seconds where timestamp_header is "
        f"set, within its tolerance of our clock ({now:%Y-%m-%dT%H:%M:%SZ})"
    )
