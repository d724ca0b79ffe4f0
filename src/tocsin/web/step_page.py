"""What a person does with a step: look at exactly what would run, run it, tick it off, read all it printed."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.engine.access import Principal
from tocsin.engine.engine import Engine
from tocsin.errors import NotFound
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.response.diagnostics import step_of
from tocsin.store.artifacts import artifact
from tocsin.web.asking import asked
from tocsin.web.forms import form
from tocsin.web.incident_page import pinned
from tocsin.web.incident_view import badge
from tocsin.web.names import short_sha
from tocsin.web.rendering import HEADERS, page
from tocsin.web.running import at_a_page, run_step
from tocsin.web.step_view import steps_of

_PLAIN = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


async def show_run(request: Request) -> Response:
    """Show exactly what would run, where and for how long, and one button."""
    who, number = asked(request), request.path_params["number"]
    loaded = await pinned(who, await who.tocsin.engine.load(number, who.principal.viewer))
    incident = loaded.incident
    if incident is None:
        raise NotFound(f"there is no incident {number}")
    found = step_of(loaded.world.runbook, incident, request.path_params["step"])
    values = {
        "principal": who.principal,
        "number": number,
        "doc": short_sha(loaded.world.runbook.sha256),
        "title": incident.title,
        "b": badge(loaded.world.runbook, incident.severity),
        "s": steps_of(loaded, incident, who).line(found),
        "can_approve": at_a_page(who.principal),
        "copies": True,
    }
    return page(request, "run.html", values)


async def run(request: Request) -> Response:
    """Start a step. What may change something is started with the text that was confirmed, and only that."""
    who, number, step = asked(request), request.path_params["number"], request.path_params["step"]
    fields = await form(request)
    await run_step(who.tocsin, who.principal, number, step, fields.get("confirmed"))
    return _back(number, step)


async def check(request: Request) -> Response:
    """Tick a manual step off, or take that back."""
    who, number, step = asked(request), request.path_params["number"], request.path_params["step"]
    fields = await form(request)
    done = fields.get("done", "yes") == "yes"
    wish = w.Check(by=who.principal.by, step=step, done=done, note=fields.get("note", ""))
    await who.tocsin.engine.act(number, wish, who.principal.viewer)
    return _back(number, step)


def _back(number: str, step: str) -> Response:
    return RedirectResponse(f"/app/incidents/{number}#step-{quote(step)}", 303, HEADERS)


async def show_output(request: Request) -> Response:
    """Send all that was kept of an output, as plain text."""
    principal: Principal = request.state.principal
    engine = request.app.state.tocsin.engine
    return await output(engine, principal, request.path_params["number"], request.path_params["sha"])


async def output(engine: Engine, principal: Principal, number: str, sha: str) -> Response:
    """Give an output that this incident's own steps printed. Raises NotFound, also for those of other incidents."""
    loaded = await engine.load(number, principal.viewer)
    known = {fact.body.output for fact in loaded.facts if isinstance(fact.body, f.StepRan) and fact.body.output}
    body = await engine.store.read(artifact(sha)) if sha in known else None
    if body is None:
        raise NotFound(f"{number} has no output {sha[:64]}")
    headers = {**_PLAIN, "Content-Disposition": f'inline; filename="{number}-{sha[:12]}.txt"'}
    return Response(body, headers=headers, media_type="text/plain; charset=utf-8")
