"""Declaring an incident: a person says that something is wrong."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.errors import NotFound, StoreUnavailable
from tocsin.triage.severity import severity_ids
from tocsin.web.asking import asked
from tocsin.web.declaration import LONGEST, Declaration, declaration, opened
from tocsin.web.forms import form
from tocsin.web.incident_view import badge
from tocsin.web.rendering import HEADERS, page


async def show_declare(request: Request) -> Response:
    """Show the form."""
    who = asked(request)
    runbook = who.tocsin.worlds.current.runbook
    types = [(entry.id, entry.title, entry.restricted) for entry in runbook.incident_types]
    badges = [badge(runbook, severity) for severity in severity_ids(runbook)]
    values = {"principal": who.principal, "types": types, "severities": badges, "longest": LONGEST}
    return page(request, "declare.html", values)


async def declare(request: Request) -> Response:
    """Raise the alert a person wants, and lead to its incident as soon as it is open."""
    who = asked(request)
    tocsin, principal = who.tocsin, who.principal
    fields = await form(request)
    wanted = Declaration(fields.get("summary", ""), fields.get("type") or None, fields.get("severity") or None)
    alert = declaration(tocsin, principal, wanted)
    version = tocsin.engine.changes.version
    await tocsin.engine.ingest([alert])
    try:
        number = await opened(tocsin, alert.group_key, version)
    except StoreUnavailable:
        return RedirectResponse("/app/?note=waiting", 303, HEADERS)
    try:
        await tocsin.engine.load(number, principal.viewer)
    except NotFound:
        return RedirectResponse("/app/?note=restricted", 303, HEADERS)
    return RedirectResponse(f"/app/incidents/{number}", 303, HEADERS)
