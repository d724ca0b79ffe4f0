"""Acting on phases, legal clocks and evidence from the page of an incident."""

import tempfile
from collections.abc import AsyncIterator
from typing import IO

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from tocsin.engine import evidence
from tocsin.engine.access import Principal
from tocsin.engine.engine import Engine
from tocsin.engine.evidence import Piece
from tocsin.errors import UsageError
from tocsin.incident import wishes as w
from tocsin.web.asking import Asked, asked
from tocsin.web.forms import form
from tocsin.web.multipart import sent
from tocsin.web.rendering import HEADERS

_IN_MEMORY = 8 * 1024 * 1024
_CHUNK = 256 * 1024


def breach_routes() -> list[BaseRoute]:
    """Give the routes of the forms."""
    one = "/app/incidents/{number}"
    return [
        Route(f"{one}/phases/{{phase}}", take_phase, methods=["POST"]),
        Route(f"{one}/deadlines/{{deadline}}", meet_deadline, methods=["POST"]),
        Route(f"{one}/evidence", add_evidence, methods=["POST"]),
        Route(f"{one}/evidence/output", keep_output, methods=["POST"]),
        Route(f"{one}/evidence/export", hand_out, methods=["POST"]),
    ]


async def take_phase(request: Request) -> Response:
    """Take a phase, or give it to `person`."""
    who, fields = asked(request), await form(request)
    person = fields.get("person") or who.me
    if not person:
        raise UsageError("say who has it: you are signed in as nobody of the configuration")
    wish = w.TakePhase(by=who.principal.by, phase=request.path_params["phase"], person=person)
    return await _done(request, who, wish)


async def meet_deadline(request: Request) -> Response:
    """Say how a deadline was met."""
    who, fields = asked(request), await form(request)
    deadline = request.path_params["deadline"]
    wish = w.MeetDeadline(by=who.principal.by, deadline=deadline, note=fields.get("note", ""))
    return await _done(request, who, wish)


async def _done(request: Request, who: Asked, wish: w.Wish) -> Response:
    await who.tocsin.engine.act(request.path_params["number"], wish, who.principal.viewer)
    return _back(request)


def _back(request: Request) -> Response:
    return RedirectResponse(f"/app/incidents/{request.path_params['number']}#breach", 303, HEADERS)


async def add_evidence(request: Request) -> Response:
    """Keep an uploaded file."""
    who, number = asked(request), request.path_params["number"]
    await who.tocsin.engine.load(number, who.principal.viewer)  # before anything is read
    what = await sent(request, evidence.LARGEST)
    upload = what.files.get("file")
    if upload is None:
        raise UsageError("choose a file first")
    piece = Piece(what.fields.get("name") or upload.name, upload.body, note=what.fields.get("note", ""))
    await evidence.add(who.tocsin.engine, number, piece, who.principal)
    return _back(request)


async def keep_output(request: Request) -> Response:
    """Keep what a step printed."""
    who, fields = asked(request), await form(request)
    number, step = request.path_params["number"], fields.get("step", "")
    await evidence.add_output(who.tocsin.engine, number, step, fields.get("note", ""), who.principal)
    return _back(request)


async def hand_out(request: Request) -> Response:
    """Send the export as a zip, once it is recorded that it was handed out."""
    who = asked(request)
    return await exported(who.tocsin.engine, request.path_params["number"], who.principal)


async def exported(engine: Engine, number: str, principal: Principal) -> Response:
    """Give the export as an answer that is streamed from a file of its own."""
    out = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  closed when it was sent
    try:
        manifest = await evidence.export(engine, number, out, principal)
    except BaseException:
        out.close()
        raise
    headers = {
        **HEADERS,
        "Content-Disposition": f'attachment; filename="{number}-evidence.zip"',
        "X-Manifest-SHA256": manifest,
    }
    return StreamingResponse(_chunks(out), 200, headers, "application/zip", BackgroundTask(out.close))


async def _chunks(out: IO[bytes]) -> AsyncIterator[bytes]:
    out.seek(0)
    while chunk := out.read(_CHUNK):
        yield chunk
