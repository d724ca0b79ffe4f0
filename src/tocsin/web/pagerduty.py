"""What people do in PagerDuty to a page we sent happens here too, and what others open there becomes an alert.

Of our pages only users count: what our own events did there comes back as done by an integration.
Source: PagerDuty webhooks v3.
"""

import hashlib
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope

from tocsin.assembly import Tocsin
from tocsin.detection.delivery import Delivery
from tocsin.detection.pagerduty_webhook import read
from tocsin.engine.access import Principal
from tocsin.errors import Forbidden, NotFound, Refused, UsageError
from tocsin.incident.incident import Incident
from tocsin.incident.wishes import Acknowledge, Resolve, Wish
from tocsin.settings import SourceSettings
from tocsin.store import transactions as t
from tocsin.web.acknowledge import TEST
from tocsin.web.beside import read_beside
from tocsin.web.doors import Door
from tocsin.web.one_piece import Answer
from tocsin.web.replies import plainly

if TYPE_CHECKING:
    from tocsin.channels.pagerduty import PagerDuty

KIND = "pagerduty"
ACTS = frozenset({"incident.acknowledged", "incident.resolved"})


class Agent(msgspec.Struct, frozen=True):
    """Who did it there: a user, or something that is none."""

    id: str = ""
    type: str = ""
    summary: str = ""


class Subject(msgspec.Struct, frozen=True):
    """The incident it was done to; its key is the one we gave it."""

    incident_key: str | None = None


class Event(msgspec.Struct, frozen=True):
    """What happened. Other fields are not looked at."""

    event_type: str
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    agent: Agent | None = None
    data: Subject = Subject()


class Webhook(msgspec.Struct, frozen=True):
    """The body of a webhook."""

    event: Event


class Done(NamedTuple):
    """An act of a user on a page of ours."""

    number: str
    person: str
    by: str
    event: Event


def webhook_routes() -> list[Route]:
    """Give the route PagerDuty's webhooks come by."""
    path = "/webhooks/pagerduty"
    return [Route(path, Door(path, take_webhook, plainly), methods=["POST"])]


async def take_webhook(scope: Scope, receive: Receive) -> Answer:
    """Take a webhook: 2xx once it is done or means nothing to us, so that PagerDuty does not send it again."""
    request = Request(scope)
    tocsin: Tocsin = request.app.state.tocsin
    with request.app.state.gate.place() as place:
        raw = await place.read(scope, receive)
        source, ours = _signer(request, tocsin, raw)
        once, names = tocsin.engine.once, _names(request, raw)
        if any([await once.is_done(name) for name in names]):
            return Answer(202)
        if ours and (done := _done(tocsin, _event(raw))) is not None:
            await _do(tocsin, done)
        elif source is not None:
            delivery = Delivery(source, raw, request.headers)
            alerts = await read_beside(raw, partial(read, delivery, tocsin.clock.now()))
            await tocsin.engine.ingest(alerts)
        for name in names:
            await once.did(name)
    return Answer(202)


def _names(request: Request, raw: bytes) -> tuple[str, ...]:
    """Give what a webhook is known by when it comes again: its id, and what it says, because only that is signed."""
    said = f"pagerduty\n{hashlib.sha256(raw).hexdigest()}"
    return tuple(name for name in (request.headers.get("x-webhook-id", ""), said) if name)


async def _do(tocsin: Tocsin, done: Done) -> None:
    if done.number.startswith(TEST):
        await tocsin.engine.test_pages.answer(done.number, done.person)
        return
    try:
        incident = (await tocsin.engine.load(done.number)).incident
        wish = _wish(incident, done) if incident else None
        if wish is not None:
            await tocsin.engine.act(done.number, wish, t.SYSTEM)
    except (NotFound, Refused):
        return  # an alert of somebody else, or over meanwhile: nothing is to be done, and a repeat changes nothing


def _wish(incident: Incident, done: Done) -> Wish | None:
    """Give what the act asks for here; None for one that is older than what we know, or done already."""
    if incident.status == "resolved" or _is_of_before(incident, done.event):
        return None
    if done.event.event_type == "incident.resolved":
        return Resolve(by=done.by, why="resolved in PagerDuty")
    mark = incident.acknowledged
    if mark is not None and not any(call.seq > mark.seq for call in incident.current_calls):
        return None
    return Acknowledge(by=done.by, via="pagerduty")


def _is_of_before(incident: Incident, event: Event) -> bool:
    """Give whether it was done before the incident was last reopened; before its first page nobody can have done it.

    The instant is by another clock: without a reopening, one that goes behind ours must not undo what a person did.
    """
    return incident.began_at > incident.opened_at and event.occurred_at < incident.began_at


def _done(tocsin: Tocsin, event: Event) -> Done | None:
    key, agent = event.data.incident_key or "", event.agent
    if event.event_type not in ACTS or agent is None or not agent.type.startswith("user"):
        return None
    number, _, rest = key.partition("/")
    if not number.startswith(("INC-", TEST)) or key.endswith("/told"):
        return None  # somebody else's, or something that asked for no answer
    someone = _person(tocsin, agent)
    by = someone.by if someone else "source:pagerduty"
    # A test page is answered by who it was sent to, whoever holds the phone there.
    return Done(number, rest.partition("/")[0], by, event)


def _person(tocsin: Tocsin, agent: Agent) -> Principal | None:
    """Give our person of a user there: by the id the configuration names, else by a name that only one has."""
    people = tocsin.settings.people.values()
    named = [one for one in people if agent.id and one.pagerduty == agent.id]
    wanted = agent.summary.casefold()
    alike = [one for one in people if one.pagerduty is None and wanted and one.name.casefold() == wanted]
    found = named or (alike if len(alike) == 1 else [])
    return tocsin.access.person(found[0].id) if found else None


def _signer(request: Request, tocsin: Tocsin, raw: bytes) -> tuple[SourceSettings | None, bool]:
    """Give the source that signed this, and whether a channel's secret did. Raises Forbidden, NotFound."""
    channels, sources = _channels(tocsin), tocsin.settings.sources.values()
    if not channels and not any(source.kind == KIND for source in sources):
        raise NotFound("no channel and no source here is PagerDuty's")
    source = tocsin.access.signer(KIND, raw, request.headers)
    ours = any(channel.is_genuine(raw, request.headers) for channel in channels)
    if source is None and not ours:
        raise Forbidden(
            "this was not signed with the webhook_secret of a PagerDuty channel, nor with a source's secrets"
        )
    return source, ours


def _event(raw: bytes) -> Event:
    try:
        return msgspec.json.decode(raw, type=Webhook).event
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError("the body is none of PagerDuty's webhooks") from error


def _channels(tocsin: Tocsin) -> "list[PagerDuty]":
    if not any(channel.kind == "pagerduty" for channel in tocsin.settings.channels.values()):
        return []
    from tocsin.channels.pagerduty import PagerDuty  # noqa: PLC0415  brings aiohttp, which such a channel has loaded

    return [channel for channel in tocsin.deeds.channels.values() if isinstance(channel, PagerDuty)]
