"""The JSON API of phases, legal clocks and evidence."""

import base64
import binascii

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from tocsin.engine import evidence
from tocsin.engine.engine import Loaded
from tocsin.engine.evidence import Piece
from tocsin.errors import NotFound, UsageError
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.response.deadlines import deadlines_of
from tocsin.response.phases import phases_of
from tocsin.web.answering import ApiRoute
from tocsin.web.asking import asked
from tocsin.web.breach import exported
from tocsin.web.shapes import shape_of

_LARGEST = evidence.LARGEST * 4 // 3 + 64 * 1024
"""A piece of the largest size in base64, and what stands around it."""


def breach_api_routes() -> list[BaseRoute]:
    """Give the routes of the API."""
    one = "/api/v1/incidents/{number}"
    return [
        ApiRoute(f"{one}/phases", show_phases, "GET"),
        ApiRoute(f"{one}/phases/{{phase}}", take_phase, "POST", takes=Wanted),
        ApiRoute(f"{one}/deadlines", show_deadlines, "GET"),
        ApiRoute(f"{one}/deadlines/{{deadline}}", meet_deadline, "POST", takes=Wanted),
        ApiRoute(f"{one}/evidence", show_evidence, "GET"),
        ApiRoute(f"{one}/evidence", add_evidence, "POST", takes=Wanted),
        ApiRoute(f"{one}/evidence/export", hand_out, "POST", media="application/zip"),
    ]


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """What a request says; each route takes the fields it needs."""

    person: str | None = None
    note: str = ""
    name: str = ""
    text: str | None = None
    base64: str | None = None
    step: str | None = None


async def _wanted(request: Request, largest: int = 64 * 1024) -> Wanted:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest:
            raise UsageError(f"the body is larger than {largest // 1024} KB")
        chunks.append(chunk)
    try:
        return msgspec.json.decode(b"".join(chunks) or b"{}", type=Wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the body does not fit: {error}") from error
    except RecursionError as error:
        raise UsageError("the body is nested too deeply") from error


# -- phases and clocks


async def show_phases(request: Request) -> object:
    """Give the phases in order, each with who has it and what is done."""
    loaded = await _loaded(request)
    incident = _there(loaded.incident)
    progress = incident.progress
    phases = phases_of(loaded.world.runbook.incident_type(incident.incident_type))
    return {
        "phases": [
            {
                "id": phase.id,
                "name": phase.name,
                "line": phase.line,
                "person": progress.phases.get(phase.id),
                "steps": [
                    {
                        "id": step.id,
                        "kind": step.kind,
                        "title": step.title,
                        "line": step.line,
                        "done": (known.done if (known := progress.checks.get(step.id)) else False),
                    }
                    for step in phase.steps
                ],
            }
            for phase in phases
        ]
    }


async def take_phase(request: Request) -> object:
    """Let `person` have a phase: the caller without one."""
    who, wanted = asked(request), await _wanted(request)
    person = wanted.person or who.me
    return await _act(request, w.TakePhase(by=who.principal.by, phase=request.path_params["phase"], person=person))


async def show_deadlines(request: Request) -> object:
    """Give the legal clocks, soonest first."""
    loaded = await _loaded(request)
    incident = _there(loaded.incident)
    met = incident.progress.deadlines_met
    clocks = deadlines_of(incident, loaded.world.runbook)
    return {"deadlines": [{**clock._asdict(), "met_at": met.get(clock.id)} for clock in clocks]}


async def meet_deadline(request: Request) -> object:
    """Say how a deadline was met."""
    who, wanted = asked(request), await _wanted(request)
    deadline = request.path_params["deadline"]
    return await _act(request, w.MeetDeadline(by=who.principal.by, deadline=deadline, note=wanted.note))


async def _act(request: Request, wish: w.Wish) -> object:
    who = asked(request)
    await who.tocsin.engine.act(request.path_params["number"], wish, who.principal.viewer)
    return await shape_of(who.tocsin.engine, await _loaded(request))


# -- evidence


async def show_evidence(request: Request) -> object:
    """Give the custody entries, oldest first."""
    return _evidence(_there((await _loaded(request)).incident))


async def add_evidence(request: Request) -> object:
    """Keep `text` or `base64` under a `name`, or the output of a `step`; give all custody entries."""
    who, number = asked(request), request.path_params["number"]
    await _loaded(request)  # before anything is read
    wanted = await _wanted(request, _LARGEST)
    if sum(given is not None for given in (wanted.text, wanted.base64, wanted.step)) != 1:
        raise UsageError("send one of text, base64 and step")
    engine = who.tocsin.engine
    if wanted.step is not None:
        return _evidence(await evidence.add_output(engine, number, wanted.step, wanted.note, who.principal))
    body = wanted.text.encode() if wanted.text is not None else _decoded(wanted.base64 or "")
    return _evidence(await evidence.add(engine, number, Piece(wanted.name, body, note=wanted.note), who.principal))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError(f"base64 cannot be decoded: {error}") from error


def _evidence(incident: Incident) -> object:
    entries = incident.progress.evidence
    return {
        "evidence": [
            {
                "name": one.body.name,
                "size": one.body.size,
                "sha256": one.body.sha256,
                "source": one.body.source,
                "note": one.body.note,
                "by": one.body.by,
                "at": one.at,
                "seq": one.seq,
            }
            for one in entries
        ]
    }


async def hand_out(request: Request) -> Response:
    """Send the export as a zip."""
    who = asked(request)
    return await exported(who.tocsin.engine, request.path_params["number"], who.principal)


async def _loaded(request: Request) -> Loaded:
    who = asked(request)
    return await who.tocsin.engine.load(request.path_params["number"], who.principal.viewer)


def _there(incident: Incident | None) -> Incident:
    if incident is None:
        raise NotFound("there is no such incident")
    return incident
