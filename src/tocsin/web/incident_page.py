"""The page of one incident: read it, and act on it. Every action is a form that posts and leads back to the page."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.detection.watched import SOURCE as PROBE
from tocsin.engine import moving
from tocsin.engine.engine import Loaded
from tocsin.errors import UsageError
from tocsin.grouping.checking import is_asked
from tocsin.grouping.moving import Mover
from tocsin.incident import wishes as w
from tocsin.incident.view import IncidentView
from tocsin.store import transactions as t
from tocsin.web.answering import known_number
from tocsin.web.asking import Asked, asked
from tocsin.web.breach_view import BreachPage, breach_page
from tocsin.web.forms import form
from tocsin.web.incident_view import Beside, IncidentPage, incident_page
from tocsin.web.probes_view import Row, readings_version, rows_of
from tocsin.web.rendering import HEADERS, page, regions
from tocsin.web.storm_view import in_storm, storm_on

REGIONS = ("head", "clock", "actions", "breach", "measured", "found", "fixes", "why", "tell", "who", "timeline")
"""What can be swapped on its own, in the order of the page."""

_MOST_OTHERS = 100

Handler = Callable[[Request], Awaitable[Response]]
WishOf = Callable[[str, dict[str, str]], w.Wish]


async def show_incident(request: Request) -> Response:
    """Show an incident; with `?region=clock,who` only those parts of it."""
    who, number = asked(request), request.path_params["number"]
    shown, version, breach = await _seen(who, number)
    wanted = request.query_params.get("region")
    parts = list(REGIONS) if wanted is None else regions_of(wanted, REGIONS)
    storm = await storm_on(who, number) if "head" in parts else None
    others = await _others(who, shown) if "actions" in parts else ()
    values: dict[str, object] = {"v": shown, "storm": storm, "breach": breach, "doc": shown.version, "others": others}
    values["principal"] = who.principal
    if wanted is not None:
        return regions("incident", parts, values)
    live = {"url": f"/app/events/{number}", "version": in_storm(version, on=bool(storm)), "zone": who.times.zone_name}
    return page(request, "incident.html", {**values, "live": live, "names": REGIONS})


async def _others(who: Asked, shown: IncidentPage) -> tuple[IncidentView, ...]:
    """Give the open incidents that this one may be merged into, newest first."""
    if shown.state == "resolved":
        return ()
    reading = t.incidents(who.principal.viewer, only_open=True, before=2**62, limit=_MOST_OTHERS)
    views = [msgspec.json.decode(row.view, type=IncidentView) for row in await who.tocsin.store.read(reading)]
    return tuple(one for one in views if one.id != shown.number and one.restricted == shown.restricted)


async def version_of(asks: Asked, number: str) -> str:
    """Give what changes whenever the page of an incident would. Raises NotFound."""
    timeline = await asks.tocsin.store.read(t.load_incident(number, asks.principal.viewer))
    if timeline is None:
        return ""
    loaded = await asks.tocsin.engine.understand(timeline)
    receipts, beside = await _beside(asks, loaded)
    return await _version(asks, loaded, receipts, beside)


def regions_of(wanted: str, known: tuple[str, ...]) -> list[str]:
    """Give the regions a request names. Raises UsageError with those there are."""
    names = [name for name in wanted.split(",") if name]
    if not names or any(name not in known for name in names):
        raise UsageError(f"there is no such part of this page; it has {', '.join(known)}")
    return names


async def _seen(who: Asked, number: str) -> tuple[IncidentPage, str, BreachPage | None]:
    tocsin = who.tocsin
    loaded = await tocsin.engine.load(number, who.principal.viewer)
    receipts, beside = await _beside(who, loaded)
    version = await _version(who, loaded, receipts, beside)
    loaded = await pinned(who, loaded)
    beside = beside._replace(measured=await _measured(who, loaded))
    shown = incident_page(loaded, receipts, who, beside)
    return shown, version, breach_page(loaded, who)


async def _beside(who: Asked, loaded: Loaded) -> tuple[tuple[t.Receipt, ...], Beside]:
    """Give the attempts to reach people, and what is known besides, but for what probes measure."""
    engine, incident = who.tocsin.engine, loaded.incident
    if incident is None:
        return (), Beside()
    receipts, changes = await engine.beside(incident)
    return receipts, Beside(await engine.reports(incident), changes, open=await engine.open_views())


async def _measured(who: Asked, loaded: Loaded) -> tuple[Row, ...]:
    """Give what its probes show."""
    runbook, settings = loaded.world
    checks = _checks_of(loaded)
    seen = await who.tocsin.watching.seen(checks) if checks else ()
    return tuple(row for one in seen for row in rows_of(one, runbook, settings, who.times, checks[one.settings.id]))


def _checks_of(loaded: Loaded) -> dict[str, list[str]]:
    """Give the checks, by probe, that are part of the incident or say whether it is over."""
    incident = loaded.incident
    groups = (*incident.groups, *is_asked(incident.incident_type, loaded.world)) if incident else ()
    named = [group.split("/", 2)[1:] for group in dict.fromkeys(groups) if group.startswith(f"{PROBE}/")]
    checks: dict[str, list[str]] = {}
    for probe, *check in named:
        checks.setdefault(probe, []).extend(check)
    return checks


async def pinned(who: Asked, loaded: Loaded) -> Loaded:
    """Give the incident in the world it is pinned to, which a resolved one is no longer loaded with."""
    if loaded.incident is None:
        return loaded
    return replace(loaded, world=await who.tocsin.worlds.of(loaded.incident.runbook))


async def _version(who: Asked, loaded: Loaded, receipts: tuple[t.Receipt, ...], beside: Beside) -> str:
    timeline, reports = loaded.timeline, beside.reports
    states = (*((timeline.alert,) if timeline.alert else ()), *timeline.others)
    fired = "-".join(str(state.triggers + state.resolutions) for state in states)
    known = ".".join(one.id for one in beside.open if not one.restricted)  # those tell nobody that they are there
    latest = reports.said[-1].at.timestamp() if reports and reports.said else 0
    changed = hashlib.sha256(msgspec.json.encode(beside.changes)).hexdigest()[:8] if beside.changes else ""
    measured = await readings_version(_checks_of(loaded), who.tocsin)
    return f"{timeline.rev}-{len(timeline.rows)}-{len(receipts)}-{fired}-{latest}-{known}-{changed}-{measured}"


# -- acting


def acting(wish_of: WishOf) -> Handler:
    """Give the handler of a form that wants something of an incident."""

    async def act(request: Request) -> Response:
        who, number = asked(request), request.path_params["number"]
        wish = wish_of(who.principal.by, await form(request))
        await who.tocsin.engine.act(number, wish, who.principal.viewer)
        return RedirectResponse(f"/app/incidents/{number}", 303, HEADERS)

    return act


async def merge(request: Request) -> Response:
    """Merge the incident into the one the form names, and lead there."""
    who, fields = asked(request), await form(request)
    into, mover = known_number(fields.get("into", "").upper()), Mover(who.principal.by, fields.get("why", ""))
    number = request.path_params["number"]
    done = await moving.merge(who.tocsin.engine, number, into, mover, who.principal.viewer)
    return RedirectResponse(f"/app/incidents/{done.number}", 303, HEADERS)


async def split(request: Request) -> Response:
    """Split the chosen alerts off, and lead to their incident where the reader may see it."""
    who, fields = asked(request), await form(request)
    groups = tuple(value for name, value in fields.items() if name.startswith("alert."))
    number, viewer = request.path_params["number"], who.principal.viewer
    mover = Mover(who.principal.by, fields.get("why", ""))
    done = await moving.split(who.tocsin.engine, number, groups, mover, viewer)
    seen = viewer.everything or not done.restricted or viewer.person in done.concerned
    return RedirectResponse(f"/app/incidents/{done.number if seen else number}", 303, HEADERS)


def _change(by: str, fields: dict[str, str]) -> w.Wish:
    return w.ChangeSeverity(by=by, severity=fields.get("severity", ""), because=fields.get("because", ""))


def _correct(by: str, fields: dict[str, str]) -> w.Wish:
    return w.CorrectType(by=by, incident_type=fields.get("type") or None, because=fields.get("because", ""))


ACTIONS: dict[str, WishOf] = {
    "acknowledge": lambda by, _: w.Acknowledge(by=by, via="web"),
    "resolve": lambda by, fields: w.Resolve(by=by, why=fields.get("why", "")),
    "reopen": lambda by, fields: w.Reopen(by=by, why=fields.get("why", "")),
    "escalate": lambda by, fields: w.Escalate(by=by, level=fields.get("level") or None, why=fields.get("why", "")),
    "severity": _change,
    "type": _correct,
    "note": lambda by, fields: w.Note(by=by, text=fields.get("text", "")),
}
