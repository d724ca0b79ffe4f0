"""Reading and writing reviews, for pages and API alike. A reader sees the reviews of what they may see, no others."""

from collections.abc import AsyncIterator

import msgspec

from tocsin.assembly import Tocsin
from tocsin.engine.access import Principal
from tocsin.engine.engine import Loaded
from tocsin.errors import NotFound, UnknownFact
from tocsin.incident import wishes as w
from tocsin.incident.view import IncidentView
from tocsin.review.actions import parse_actions
from tocsin.store import transactions as t
from tocsin.web.review_view import ActionView, ReviewView, actions_of, review_view
from tocsin.web.times import times

_PAGE, _MOST = 50, 500
_DECODER = msgspec.json.Decoder(IncidentView)


async def review(tocsin: Tocsin, principal: Principal, number: str) -> ReviewView:
    """Give the review of an incident. Raises NotFound, and Refused before the incident is resolved."""
    return review_view(await tocsin.engine.load(number, principal.viewer), tocsin.clock.now())


async def reviews(tocsin: Tocsin, principal: Principal) -> list[ReviewView]:
    """Give the latest reviews this principal may see: what is due first, then what is finished, latest first."""
    found = [
        review_view(loaded, tocsin.clock.now())
        async for loaded in _latest(tocsin, principal)
        if loaded.incident is not None and loaded.incident.resolved is not None
    ]
    waiting = [one for one in found if one.finished_at is None]
    dated = sorted((one for one in waiting if one.due), key=lambda one: one.due or tocsin.clock.now())
    return [*dated, *(one for one in waiting if not one.due), *(one for one in found if one.finished_at)]


async def actions(tocsin: Tocsin, principal: Principal) -> list[tuple[str, ActionView]]:
    """Give the action items of the latest incidents this principal may see, each with the incident's number."""
    zone = times(tocsin.settings.timezone, tocsin.clock.now())
    today = zone.now.astimezone(zone.zone).date()
    return [
        (loaded.incident.number, action)
        async for loaded in _latest(tocsin, principal)
        if loaded.incident is not None
        for action in actions_of(loaded.incident, today)
    ]


async def write_part(tocsin: Tocsin, principal: Principal, number: str, part_id: str, text: str) -> None:
    """Let a part read like this. Check-boxes in the part of the action items become action items of their own."""
    seen = await review(tocsin, principal, number)
    part = seen.part(part_id)
    items = parse_actions(text) if part.actions else ()
    known = {action.text for action in seen.actions}
    wishes: list[w.Wish] = [
        w.AddAction(by=principal.by, text=item.text, owner=item.owner, due=item.due.isoformat() if item.due else None)
        for item in items
        if item.text not in known
    ]
    if not items:
        wishes.append(w.EditReview(by=principal.by, part=part.id, text=text.strip()))
    for wish in wishes:
        await tocsin.engine.act(number, wish, principal.viewer)


async def act_on(tocsin: Tocsin, principal: Principal, number: str, wish: w.Wish) -> None:
    """Do something with a review. Raises Refused while its incident is not resolved."""
    await review(tocsin, principal, number)
    await tocsin.engine.act(number, wish, principal.viewer)


async def _latest(tocsin: Tocsin, principal: Principal) -> AsyncIterator[Loaded]:
    """Give the latest incidents, newest first, leaving out those a newer version wrote: they cannot be understood."""
    before, seen = 2**62, 0
    while seen < _MOST:
        page = t.incidents(principal.viewer, only_open=False, before=before, limit=_PAGE)
        rows = await tocsin.store.read(page)
        for row in rows:
            try:
                yield await tocsin.engine.load(_DECODER.decode(row.view).id, principal.viewer)
            except (NotFound, UnknownFact):
                continue
        if len(rows) < _PAGE:
            return
        before, seen = rows[-1].ordinal, seen + len(rows)
