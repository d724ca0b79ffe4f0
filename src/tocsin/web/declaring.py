"""Declaring an incident: a person says that something is wrong."""

import uuid

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.assembly import Tocsin
from tocsin.detection.alert import Alert
from tocsin.engine.access import Principal
from tocsin.errors import NotFound, UsageError
from tocsin.runbook.policy import Runbook
from tocsin.store import transactions as t
from tocsin.triage.severity import severity_ids
from tocsin.web.asking import asked
from tocsin.web.forms import form
from tocsin.web.incident_view import badge
from tocsin.web.rendering import HEADERS, page

LONGEST = 1024
"""Characters of a summary, as PagerDuty allows them."""

_OPENS_WITHIN = 2.0


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
    alert = _alert(await form(request), principal, tocsin.worlds.current.runbook)
    await tocsin.engine.ingest([alert])
    number = await _opened(tocsin, alert.group_key)
    if number is None:
        return RedirectResponse("/app/?note=waiting", 303, HEADERS)
    try:
        await tocsin.engine.load(number, principal.viewer)
    except NotFound:
        return RedirectResponse("/app/?note=restricted", 303, HEADERS)
    return RedirectResponse(f"/app/incidents/{number}", 303, HEADERS)


def _alert(fields: dict[str, str], principal: Principal, runbook: Runbook) -> Alert:
    summary, kind, severity = fields.get("summary", ""), fields.get("type") or None, fields.get("severity") or None
    if not summary:
        raise UsageError("say in a few words what is wrong")
    if kind is not None and runbook.incident_type(kind) is None:
        raise UsageError(f"the runbook has no entry {kind}; go back and pick one it has, or none")
    if severity is not None and severity not in severity_ids(runbook):
        raise UsageError(f"there is no severity {severity}; this runbook has {', '.join(severity_ids(runbook))}")
    return Alert(
        source="manual",
        dedup_key=str(uuid.uuid4()),
        action="trigger",
        summary=summary[:LONGEST],
        severity="error",
        incident_type=kind,
        wanted_severity=severity,
        declared_by=principal.by,
    )


async def _opened(tocsin: Tocsin, group_key: str) -> str | None:
    """Wait until the engine has opened the incident of a group; None when it takes too long."""
    ends = tocsin.clock.monotonic() + _OPENS_WITHIN
    while True:
        version = tocsin.engine.changes.version
        timeline = await tocsin.store.read(t.load_group(group_key))
        left = ends - tocsin.clock.monotonic()
        if timeline.number is not None or left <= 0:
            return timeline.number
        if not await tocsin.engine.changes.after(version, left):
            return None
