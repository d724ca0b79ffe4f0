"""Telling people: a form that starts from the runbook's template, shows what will be sent, and posts it."""

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.communication.known import Status
from tocsin.communication.markup import as_plain
from tocsin.communication.purpose import Purpose
from tocsin.engine.engine import Loaded
from tocsin.errors import NotFound, Refused, UsageError
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.web.asking import Asked, asked
from tocsin.web.drafting import (
    PURPOSES,
    STATUSES,
    answered,
    asked_for,
    draft,
    known_ways,
    must_be_publishable,
    purpose_of,
    status_of,
    usual_components,
    usual_status,
    ways,
    why_not_public,
)
from tocsin.web.forms import form
from tocsin.web.incident_page import pinned
from tocsin.web.incident_view import badge
from tocsin.web.names import short_sha
from tocsin.web.rendering import HEADERS, page

_ANSWER, _TO, _PART = "answer.", "to.", "part."
EFFECTS = (
    ("", "Not concerned"),
    ("operational", "Working"),
    ("degraded_performance", "Worse than usual"),
    ("partial_outage", "Partly down"),
    ("major_outage", "Down"),
)


class Typed(NamedTuple):
    """What stands in the form. `was` is the status the text was drafted for, `line` the template's line."""

    purpose: Purpose
    status: Status
    was: Status
    title: str
    text: str
    public: bool
    to: tuple[str, ...]
    line: int | None
    components: dict[str, str] | None = None


async def show_update(request: Request) -> Response:
    """Show the form with the draft for `?for=` internal, public or resolved."""
    who, loaded, incident = await _asked(request)
    purpose = purpose_of(request.query_params.get("for", "internal"))
    status = usual_status(incident, purpose)
    drafted = draft(who.tocsin, loaded, incident, purpose, status)
    public = purpose != "internal" and not why_not_public(incident, loaded.world)
    typed = Typed(purpose, status, status, drafted.title, drafted.text, public, _usual_ways(incident), drafted.line)
    typed = typed._replace(components=usual_components(incident, loaded.world))
    return _form(request, who, loaded, incident, typed)


async def send_update(request: Request) -> Response:
    """Fill in what was asked for and show it, or post it. What cannot be posted yet is shown again with the reason."""
    who, loaded, incident = await _asked(request)
    fields = await form(request)
    typed = _typed(who, loaded, incident, fields)
    if fields.get("do") != "post":
        return _form(request, who, loaded, incident, typed)
    try:
        await _post(who, loaded, incident, typed)
    except (UsageError, Refused) as error:
        return _form(request, who, loaded, incident, typed, trouble=str(error))
    return RedirectResponse(f"/app/incidents/{incident.number}#tell", 303, HEADERS)


async def _asked(request: Request) -> tuple[Asked, Loaded, Incident]:
    who, number = asked(request), request.path_params["number"]
    loaded = await pinned(who, await who.tocsin.engine.load(number, who.principal.viewer))
    if loaded.incident is None:
        raise NotFound(f"there is no incident {number}")
    return who, loaded, loaded.incident


def _typed(who: Asked, loaded: Loaded, incident: Incident, fields: dict[str, str]) -> Typed:
    """Give what was typed, with answers in their places; a draft nobody touched follows a change of the status."""
    purpose = purpose_of(fields.get("for", "internal"))
    status = status_of(fields.get("status", ""))
    was = status_of(fields.get("was") or status)
    title, text = fields.get("title", ""), "\n".join(fields.get("text", "").splitlines())
    before = draft(who.tocsin, loaded, incident, purpose, was)
    now = draft(who.tocsin, loaded, incident, purpose, status)
    answers = {name.removeprefix(_ANSWER): value for name, value in fields.items() if name.startswith(_ANSWER)}
    title = answered(now.title if title == before.title else title, answers)
    text = answered(now.text if text == before.text else text, answers)
    to = tuple(name.removeprefix(_TO) for name in fields if name.startswith(_TO))
    public = fields.get("public") == "yes"
    return Typed(purpose, status, status, title, text, public, to, now.line, _components(fields))


def _components(fields: dict[str, str]) -> dict[str, str] | None:
    """Give what was chosen for components; None where the form had none, so that nothing is said of them."""
    chosen = {name.removeprefix(_PART): value for name, value in fields.items() if name.startswith(_PART)}
    return {name: value for name, value in chosen.items() if value} if chosen else None


async def _post(who: Asked, loaded: Loaded, incident: Incident, typed: Typed) -> None:
    if asked_for(typed.title):
        raise UsageError("the title still asks for something; fill in every <ask: …> first")
    must_be_publishable(loaded, public=typed.public)
    wish = w.Post(
        by=who.principal.by,
        status=typed.status,
        public=typed.public,
        title=typed.title,
        text=typed.text,
        channels=known_ways(who.tocsin.settings, typed.to),
        line=typed.line,
        components=typed.components if typed.public else None,
    )
    await who.tocsin.engine.act(incident.number, wish, who.principal.viewer)


def _form(
    request: Request, who: Asked, loaded: Loaded, incident: Incident, typed: Typed, *, trouble: str = ""
) -> Response:
    chosen = ways(who.tocsin.settings)
    values = {
        "principal": who.principal,
        "number": incident.number,
        "doc": short_sha(loaded.world.runbook.sha256),
        "incident_title": incident.title,
        "b": badge(loaded.world.runbook, incident.severity),
        "d": typed,
        "missing": asked_for(typed.title, typed.text),
        "statuses": STATUSES,
        "purposes": PURPOSES,
        "ways": chosen,
        "parts": who.tocsin.settings.status_page.components,
        "effects": EFFECTS,
        "not_public": why_not_public(incident, loaded.world),
        "early": typed.status == "resolved" and incident.status != "resolved",
        "preview": as_plain(typed.text),
        "trouble": trouble,
        "as_of": who.times.hm(who.times.now),
        "copies": True,
    }
    return page(request, "update.html", values, 400 if trouble else 200)


def _usual_ways(incident: Incident) -> tuple[str, ...]:
    """Give where the latest update of this incident went."""
    posted = incident.progress.updates
    return posted[-1].body.channels if posted else ()
