"""The link of a page: one button that takes the incident. Following the link alone changes nothing.

The link proves one person and one incident, and only that: it signs nobody in.
"""

import contextlib
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.assembly import Tocsin
from tocsin.engine.engine import Loaded
from tocsin.errors import NotFound, Refused
from tocsin.incident.incident import Incident
from tocsin.incident.wishes import Acknowledge
from tocsin.store import transactions as t
from tocsin.web.asking import Asked, asked_by
from tocsin.web.countdown import next_sentence, unanswered
from tocsin.web.incident_page import pinned
from tocsin.web.incident_view import Badge, badge
from tocsin.web.rendering import HEADERS, page

TEST = "TEST-"
"""Test pages of `tocsin doctor --page` have numbers like TEST-3F9A12 and belong to no incident."""


class TakePage(NamedTuple):
    """What the page of a link says. `state` is nobody, mine, again, theirs or resolved.

    "again" is mine while a level was called since: that call has to be answered too. A restricted one says no more.
    """

    number: str
    state: str
    restricted: bool
    title: str
    from_runbook: bool
    summary: str
    badge: Badge
    since: str
    has_it: str
    next: str
    resolved: str
    person: str
    as_of: str
    place: str


async def show_take(request: Request) -> Response:
    """Show what the incident is and one button."""
    who, number = await _proved(request)
    if number.startswith(TEST):
        return page(request, "test_page.html", {"number": number, "person": who.principal.name, "answered": None})
    loaded = await pinned(who, await who.tocsin.engine.load(number, t.SYSTEM))
    if loaded.incident is None:
        raise NotFound(f"there is no incident {number}")
    return page(request, "acknowledge.html", {"v": _shown(loaded.incident, loaded, who)})


async def take(request: Request) -> Response:
    """Acknowledge as the person the link was made for, and show what comes next."""
    who, number = await _proved(request)
    if number.startswith(TEST):
        answered = await who.tocsin.engine.test_pages.answer(number, who.principal.id)
        shown = {"number": number, "person": who.principal.name, "answered": answered}
        return page(request, "test_page.html", shown)
    with contextlib.suppress(Refused):  # it was resolved meanwhile, which the page says
        await who.tocsin.engine.act(number, Acknowledge(by=who.principal.by, via="page"), t.SYSTEM)
    return RedirectResponse(request.url.path, 303, HEADERS)


async def _proved(request: Request) -> tuple[Asked, str]:
    """Give whose link this is and of which incident. Raises NotFound for one that is not genuine."""
    tocsin: Tocsin = request.app.state.tocsin
    found = tocsin.links.read(request.path_params["token"])
    if found is None:
        raise NotFound("this link is not one of ours; open the one in the page you got, or the incident itself")
    number, person_id = found
    return asked_by(tocsin, tocsin.access.person(person_id)), number


def _shown(incident: Incident, loaded: Loaded, who: Asked) -> TakePage:
    mark, hidden = incident.acknowledged, incident.restricted
    runbook, times = loaded.world.runbook, who.times
    ended = incident.resolved
    state = _state(incident, who.principal.by)
    return TakePage(
        number=incident.number,
        state=state,
        restricted=hidden,
        title="Restricted incident" if hidden else incident.title,
        from_runbook=not hidden and incident.incident_type is not None,
        summary="" if hidden or incident.summary == incident.title else incident.summary,
        badge=badge(runbook, incident.severity),
        since=times.hms(incident.opened_at),
        has_it=who.names.has_it(mark.by if mark else None),
        next="" if hidden else next_sentence(incident, loaded, who.names, times),
        resolved=f"Resolved {times.hm(ended.at)} by {who.names.of(ended.by)}." if ended else "",
        person=who.principal.name,
        as_of=times.hms(times.now),
        place=times.place,
    )


def _state(incident: Incident, me: str) -> str:
    mark = incident.acknowledged
    if incident.resolved is not None:
        return "resolved"
    if mark is None:
        return "nobody"
    if mark.by != me:
        return "theirs"
    return "again" if unanswered(incident) else "mine"
