"""The API of the work on an incident: steps, what they printed, and updates."""

from dataclasses import replace

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from tocsin.communication.purpose import Purpose
from tocsin.communication.status_page import UpdateStatus
from tocsin.engine import moving
from tocsin.engine.engine import Loaded
from tocsin.errors import NotFound, UsageError
from tocsin.grouping.moving import Mover
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.lifecycle import World
from tocsin.web.answering import ApiRoute, body_of, known_number, number_of, parts_of
from tocsin.web.drafting import (
    asked_for,
    draft,
    known_ways,
    must_be_publishable,
    purpose_of,
    status_of,
    usual_effect,
    usual_status,
)
from tocsin.web.running import run_step
from tocsin.web.shapes import IncidentShape, shape_of
from tocsin.web.step_page import output


def work_routes() -> list[BaseRoute]:
    """Give the routes."""
    one = "/api/v1/incidents/{number}"
    return [
        ApiRoute(f"{one}/steps/{{step}}/run", run, "POST", takes=Nothing, gives=IncidentShape),
        ApiRoute(f"{one}/steps/{{step}}/check", check, "POST", takes=Checked, gives=IncidentShape),
        ApiRoute(f"{one}/merge", merge, "POST", takes=Merge, gives=IncidentShape),
        ApiRoute(f"{one}/split", split, "POST", takes=SplitOff),
        ApiRoute(f"{one}/updates", post_update, "POST", takes=Update, gives=IncidentShape),
        ApiRoute(f"{one}/updates/draft", show_draft, "GET", asks={"for": Purpose, "status": UpdateStatus}),
        ApiRoute(f"{one}/outputs/{{sha}}", show_output, "GET", media="text/plain"),
    ]


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """A body without fields."""


async def run(request: Request) -> object:
    """Start a step that only reads. Raises Forbidden for one that may change something."""
    tocsin, principal = parts_of(request)
    await body_of(request, Nothing)
    await run_step(tocsin, principal, number_of(request), request.path_params["step"])
    return await _as_it_is(request)


class Merge(msgspec.Struct, forbid_unknown_fields=True):
    """Into which incident it is merged."""

    into: str
    why: str = ""


async def merge(request: Request) -> object:
    """Let an incident go on in another one and give that."""
    tocsin, principal = parts_of(request)
    said = await body_of(request, Merge)
    into, who = known_number(said.into), Mover(principal.by, said.why.strip())
    target = await moving.merge(tocsin.engine, number_of(request), into, who, principal.viewer)
    return await shape_of(tocsin.engine, await tocsin.engine.load(target.number, principal.viewer))


class SplitOff(msgspec.Struct, forbid_unknown_fields=True):
    """Which alerts get an incident of their own: `source/dedup_key`, as `alerts` of the incident has them."""

    alerts: tuple[str, ...]
    why: str = ""


async def split(request: Request) -> object:
    """Give alerts an incident of their own and give that."""
    tocsin, principal = parts_of(request)
    said = await body_of(request, SplitOff)
    who = Mover(principal.by, said.why.strip())
    new = await moving.split(tocsin.engine, number_of(request), said.alerts, who, principal.viewer)
    try:
        return await shape_of(tocsin.engine, await tocsin.engine.load(new.number, principal.viewer))
    except NotFound:  # restricted: whoever splits it off need not be one of those concerned
        return {"id": None, "restricted": True, "message": "A restricted incident is open; those concerned are called."}


class Checked(msgspec.Struct, forbid_unknown_fields=True):
    """A manual step was done, or not after all."""

    done: bool = True
    note: str = ""


async def check(request: Request) -> object:
    """Tick a manual step off, or take that back."""
    tocsin, principal = parts_of(request)
    said = await body_of(request, Checked)
    wish = w.Check(by=principal.by, step=request.path_params["step"], done=said.done, note=said.note)
    await tocsin.engine.act(number_of(request), wish, principal.viewer)
    return await _as_it_is(request)


class Update(msgspec.Struct, forbid_unknown_fields=True):
    """What people are told. `components`: id -> status, or ids alone that do as the severity says."""

    text: str
    status: str = "investigating"
    public: bool = False
    title: str = ""
    channels: tuple[str, ...] = ()
    components: dict[str, str] | tuple[str, ...] | None = None


async def post_update(request: Request) -> object:
    """Post an update. Raises Refused for a public one of what may not be published."""
    tocsin, principal = parts_of(request)
    said = await body_of(request, Update)
    if asked_for(said.title):
        raise UsageError("the title still asks for something; fill in every <ask: …> first")
    loaded, incident = await _loaded(request)
    must_be_publishable(loaded, public=said.public)
    wish = w.Post(
        by=principal.by,
        status=status_of(said.status),
        public=said.public,
        title=said.title,
        text=said.text,
        channels=known_ways(tocsin.settings, said.channels),
        components=_components(said.components, incident, loaded.world),
    )
    await tocsin.engine.act(incident.number, wish, principal.viewer)
    return await _as_it_is(request)


def _components(
    said: dict[str, str] | tuple[str, ...] | None, incident: Incident, world: World
) -> dict[str, str] | None:
    """Give how components do; ids alone do as the severity says."""
    return dict.fromkeys(said, usual_effect(incident, world)) if isinstance(said, tuple) else said


async def show_draft(request: Request) -> object:
    """Give the runbook's words for `?for=` internal, public or resolved, and what is missing."""
    tocsin, _ = parts_of(request)
    purpose = purpose_of(request.query_params.get("for", "internal"))
    loaded, incident = await _loaded(request)
    asked = request.query_params.get("status")
    status = status_of(asked) if asked is not None else usual_status(incident, purpose)
    return draft(tocsin, loaded, incident, purpose, status)._asdict()


async def show_output(request: Request) -> Response:
    """Give all that was kept of an output, as plain text."""
    tocsin, principal = parts_of(request)
    return await output(tocsin.engine, principal, number_of(request), request.path_params["sha"])


async def _loaded(request: Request) -> tuple[Loaded, Incident]:
    """Give the incident with the runbook it is pinned to, which a resolved one is no longer loaded with."""
    tocsin, principal = parts_of(request)
    loaded = await tocsin.engine.load(number_of(request), principal.viewer)
    if loaded.incident is None:
        raise NotFound(f"there is no incident {number_of(request)}")
    return replace(loaded, world=await tocsin.worlds.of(loaded.incident.runbook)), loaded.incident


async def _as_it_is(request: Request) -> IncidentShape:
    loaded, _ = await _loaded(request)
    return await shape_of(parts_of(request)[0].engine, loaded)
