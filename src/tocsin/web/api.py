"""Our own JSON API under /api/v1: what the command line and scripts use."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute

from tocsin.assembly import Tocsin
from tocsin.engine.access import LINK_LASTS, Principal
from tocsin.engine.doctor import Ward, examine, page_and_wait
from tocsin.engine.probe_doctor import look_at_probes
from tocsin.engine.verify import verify
from tocsin.errors import NotFound, UsageError
from tocsin.escalation.schedule import fallback, people_in, person
from tocsin.incident import wishes as w
from tocsin.incident.jobs import Notify, Page
from tocsin.incident.view import IncidentView
from tocsin.store import transactions as t
from tocsin.web.answering import (
    ApiRoute,
    Handler,
    body_of,
    choice_of,
    must_be_trusted,
    number_of,
    parts_of,
    up_to,
    whole_of,
)
from tocsin.web.api_runbook import runbook_routes
from tocsin.web.api_work import work_routes
from tocsin.web.declaration import Declaration, declaration, opened
from tocsin.web.shapes import IncidentShape, incident_shape, shape_of

_NEWEST = 2**62
_LISTED = {"status": Literal["open"], "limit": up_to(500), "before": up_to(_NEWEST)}
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
"""Sums of rotations stay far from the edges of the calendar between these."""


def api_routes() -> list[BaseRoute]:
    """Give the routes of the API. Each handler gives a value; errors become JSON in `app.py`."""
    one = "/api/v1/incidents/{number}"
    return [
        ApiRoute("/api/v1/incidents", list_incidents, "GET", asks=_LISTED),
        ApiRoute("/api/v1/incidents", declare, "POST", takes=Declaration),
        ApiRoute(one, show_incident, "GET", gives=IncidentShape),
        ApiRoute(f"{one}/timeline", show_timeline, "GET"),
        ApiRoute(f"{one}/receipts", show_receipts, "GET"),
        *(
            ApiRoute(f"{one}/{name}", _acting(wish), "POST", takes=Words, gives=IncidentShape)
            for name, wish in _WISHES.items()
        ),
        *work_routes(),
        ApiRoute("/api/v1/oncall", show_oncall, "GET", asks={"at": datetime}),
        *runbook_routes(),
        ApiRoute("/api/v1/links", make_link, "POST", takes=Naming),
        ApiRoute("/api/v1/tokens", make_token, "POST", takes=Naming),
        ApiRoute("/api/v1/verify", show_verification, "GET"),
        ApiRoute("/api/v1/doctor", show_health, "GET"),
        ApiRoute("/api/v1/doctor/page", test_page, "POST", takes=TestPage),
    ]


# -- incidents


async def list_incidents(request: Request) -> object:
    """Give incidents this principal may see, newest first: `?status=open`, `?limit=`, `?before=` (a number)."""
    tocsin, principal = parts_of(request)
    limit = whole_of(request, "limit", 50, most=500)
    before = whole_of(request, "before", _NEWEST, most=_NEWEST)
    only_open = choice_of(request, "status", ("open",)) == "open"
    rows = await tocsin.store.read(t.incidents(principal.viewer, only_open=only_open, before=before, limit=limit + 1))
    shown = [msgspec.json.decode(row.view, type=IncidentView) for row in rows[:limit]]
    return {"incidents": shown, "more": len(rows) > limit, "before": rows[:limit][-1].ordinal if shown else None}


async def show_incident(request: Request) -> object:
    """Give one incident, whole."""
    tocsin, principal = parts_of(request)
    return await shape_of(tocsin.engine, await tocsin.engine.load(number_of(request), principal.viewer))


async def show_timeline(request: Request) -> object:
    """Give the facts of one incident, oldest first."""
    tocsin, principal = parts_of(request)
    loaded = await tocsin.engine.load(number_of(request), principal.viewer)
    return {"timeline": incident_shape(loaded).timeline}


async def show_receipts(request: Request) -> object:
    """Give every attempt to reach somebody for one incident, oldest first, and the messages that are still to go."""
    tocsin, principal = parts_of(request)
    loaded = await tocsin.engine.load(number_of(request), principal.viewer)
    found = await tocsin.store.read(t.receipts(number_of(request)))
    waiting = [job for job in loaded.jobs if isinstance(job.do, Page | Notify)]
    queued = [{"key": job.key, "due": job.due, "quiet": getattr(job.do, "quiet", False)} for job in waiting]
    return {"receipts": [receipt._asdict() for receipt in found], "queued": queued}


async def declare(request: Request) -> object:
    """Open an incident and give it once it is open."""
    tocsin, principal = parts_of(request)
    wanted = await body_of(request, Declaration)
    alert = declaration(tocsin, principal, wanted)
    version = tocsin.engine.changes.version
    await tocsin.engine.ingest([alert])
    number = await opened(tocsin, alert.group_key, version)
    try:
        return await shape_of(tocsin.engine, await tocsin.engine.load(number, principal.viewer))
    except NotFound:  # restricted: whoever reports a breach need not be one of those concerned
        return {"id": None, "restricted": True, "message": "A restricted incident is open; those concerned are called."}


class Words(msgspec.Struct, forbid_unknown_fields=True):
    """What a person says with an action; each action takes the fields it needs."""

    why: str = ""
    level: str | None = None
    severity: str = ""
    type: str | None = None
    because: str = ""
    text: str = ""
    via: Literal["api", "cli"] = "api"


def _acting(make: Callable[[Principal, Words], w.Wish]) -> Handler:
    async def act(request: Request) -> object:
        tocsin, principal = parts_of(request)
        words = await body_of(request, Words)
        await tocsin.engine.act(number_of(request), make(principal, words), principal.viewer)
        return await shape_of(tocsin.engine, await tocsin.engine.load(number_of(request), principal.viewer))

    return act


_WISHES: dict[str, Callable[[Principal, Words], w.Wish]] = {
    "acknowledge": lambda who, say: w.Acknowledge(by=who.by, via=say.via),
    "resolve": lambda who, say: w.Resolve(by=who.by, why=say.why),
    "reopen": lambda who, say: w.Reopen(by=who.by, why=say.why),
    "escalate": lambda who, say: w.Escalate(by=who.by, level=say.level, why=say.why),
    "severity": lambda who, say: w.ChangeSeverity(by=who.by, severity=say.severity, because=say.because),
    "type": lambda who, say: w.CorrectType(by=who.by, incident_type=say.type or None, because=say.because),
    "notes": lambda who, say: w.Note(by=who.by, text=say.text),
}


# -- who is on call


async def show_oncall(request: Request) -> object:
    """Give who is in each level and role at `?at=` (RFC 3339; now without it)."""
    tocsin, _ = parts_of(request)
    at = _instant(request.query_params.get("at")) or tocsin.clock.now()
    runbook, settings = tocsin.worlds.current
    named: list[tuple[str, str, int | None]] = [(level.id, level.role, level.line) for level in runbook.escalation]
    named += [(role, role, None) for role in settings.roles if runbook.level(role) is None]
    return {"at": at, "oncall": [_duty(tocsin, name, role, line, at) for name, role, line in named]}


def _duty(tocsin: Tocsin, name: str, role: str, line: int | None, at: datetime) -> dict[str, object]:
    runbook, settings = tocsin.worlds.current
    people = people_in(name, runbook, settings, at)
    shown = [{"id": one.id, "name": one.name} for one in (person(who, settings) for who in people) if one]
    stand_ins = [] if people else [{"id": one.id, "name": one.name} for one in fallback(settings)]
    return {"level": name, "role": role, "people": shown, "fallback": stand_ins, "line": line}


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise UsageError(f"{text!r} is no instant; write it like 2026-11-23T03:15:00Z") from error
    if at.tzinfo is None:
        raise UsageError(f"{text!r} needs a time zone; add Z for UTC")
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise UsageError(f"{text!r} is outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return at


# -- credentials, verification, doctor


class Naming(msgspec.Struct, forbid_unknown_fields=True):
    """Whom a credential is for. `expires`: an ISO 8601 duration."""

    name: str
    scope: str = ""
    expires: timedelta | None = None


async def make_link(request: Request) -> object:
    """Give a one-time sign-in link of a person."""
    tocsin, principal = parts_of(request)
    must_be_trusted(principal)
    wanted = await body_of(request, Naming)
    lasts = LINK_LASTS if wanted.expires is None else wanted.expires
    secret = await tocsin.access.link(wanted.name, lasts)
    return {"link": tocsin.links.sign_in(secret), "expires_at": tocsin.clock.now() + lasts}


async def make_token(request: Request) -> object:
    """Give a person's new token, or a source's key."""
    tocsin, principal = parts_of(request)
    must_be_trusted(principal)
    wanted = await body_of(request, Naming)
    if wanted.name in tocsin.settings.people:
        return {"kind": "person", "token": await tocsin.access.token(wanted.name, wanted.scope, wanted.expires)}
    key = tocsin.access.source_key(wanted.name)
    if wanted.scope:
        raise UsageError(f"{wanted.name} is a source: its key sends alerts and nothing else; leave --scope away")
    return {"kind": "source", "token": key}


async def show_verification(request: Request) -> object:
    """Check every hash chain against its record and give what is wrong."""
    tocsin, principal = parts_of(request)
    must_be_trusted(principal)
    return (await verify(tocsin.store))._asdict()


async def show_health(request: Request) -> object:
    """Give what a look at configuration, store, engine, channels and people finds."""
    tocsin, principal = parts_of(request)
    must_be_trusted(principal)
    looked = await look_at_probes(await tocsin.watching.seen(), tocsin.probe, tocsin.clock)
    checks = await examine(tocsin.engine, tocsin.deeds, tocsin.healthy, (*tocsin.sockets.checks(), *looked))
    return {"checks": [check._asdict() for check in checks]}


class TestPage(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to page for a test (None = everybody), and how long to wait for the answers."""

    people: tuple[str, ...] | None = None
    wait: timedelta = timedelta(seconds=60)


async def test_page(request: Request) -> object:
    """Send a marked test page to people and wait until they answer."""
    tocsin, principal = parts_of(request)
    must_be_trusted(principal)
    wanted = await body_of(request, TestPage)
    seconds = min(wanted.wait.total_seconds(), 600.0)
    ward = Ward(tocsin.engine, tocsin.deeds, tocsin.links)
    waiting = page_and_wait(ward, wanted.people, seconds, principal.by)
    return {"people": [answer._asdict() for answer in await asyncio.shield(waiting)]}
