"""PagerDuty's REST API: which incidents are asked for, and in which order.

Source: PagerDuty REST API v2, "List incidents".
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request

from tocsin.assembly import Tocsin
from tocsin.errors import NotFound, UnknownFact, UsageError
from tocsin.incident.view import IncidentView
from tocsin.store import transactions as t
from tocsin.store.archive import PART, Span, incidents_opened, incidents_still_open
from tocsin.web import pagerduty_rest_shapes as shapes
from tocsin.web.answering import parts_of
from tocsin.web.pagerduty_rest_incident import assigned, urgency, whole_incident
from tocsin.web.pagerduty_rest_query import (
    PAGED,
    Order,
    include_of,
    one_of,
    orders_of,
    page_of,
    place_of,
    span_of,
)

STATUSES = ("triggered", "acknowledged", "resolved")
ASKS = (
    *PAGED,
    "statuses[]",
    "urgencies[]",
    "service_ids[]",
    "user_ids[]",
    "team_ids[]",
    "incident_key",
    "since",
    "until",
    "date_range",
    "sort_by",
    "sort_by[]",
    "include[]",
)
KNOWN_PARTS = (
    "assignees",
    "acknowledgers",
    "services",
    "escalation_policies",
    "first_trigger_log_entries",
    "users",
    "priorities",
    "teams",
    "agents",
    "conference_bridge",
)
"""What may be asked for whole. Of the last few there is nothing more than what is told anyway."""

_ORDERS = ("incident_number", "created_at", "resolved_at", "urgency")
_PLACES = frozenset(_ORDERS[:2])
"""Incidents get their places as they open."""

_URGENCIES = ("low", "high")
_views = msgspec.json.Decoder(IncidentView)


class Filter(NamedTuple):
    """Which incidents are asked for; what is empty or None leaves out nothing."""

    statuses: frozenset[str]
    span: Span
    urgencies: frozenset[str]
    people: frozenset[str]
    services: frozenset[str]
    teams: frozenset[str]
    key: str | None

    def fits(self, one: IncidentView) -> bool:
        """Give whether an incident is among them by all that its line says; whose it is, it does not always say."""
        source, _, dedup_key = one.group_key.partition("/")
        return (
            one.status in self.statuses
            and (not self.urgencies or urgency(one.severity) in self.urgencies)
            and (not self.people or one.status != "resolved")  # what is over is nobody's
            and (not self.services or source in self.services)
            and not self.teams  # nobody is in a team here
            and (self.key is None or self.key == dedup_key)
        )


class _Found(NamedTuple):
    """An incident that is asked for: its number, the hash of its latest fact, and what it is sorted by."""

    number: str
    head: str
    keys: tuple[Any, ...]


async def list_incidents(request: Request) -> object:
    """Give the incidents that are asked for, oldest first unless something else is."""
    tocsin, principal = parts_of(request)
    query = request.query_params
    page, place, include = page_of(query), place_of(tocsin, query), include_of(query, *KNOWN_PARTS)
    wanted, orders = _wanted(query, place), orders_of(query, *_ORDERS) or (Order("created_at", descending=False),)
    found = await _chosen(tocsin, principal.viewer, wanted, orders, page)
    shown = []
    for one in found[page.offset : page.offset + page.limit]:
        with suppress(NotFound, UnknownFact):  # what a newer version wrote, or what was erased, cannot be told
            known = await tocsin.engine.recall(one.number, one.head, principal.viewer)
            if known.incident is not None:
                shown.append(whole_incident(known.incident, known.facts, known.world, place, include))
    return {"incidents": shown, **shapes.pagination(len(found), page)}


def _wanted(query: QueryParams, place: shapes.Place) -> Filter:
    everything = bool(one_of(query, "date_range", ("all",)))
    return Filter(
        statuses=one_of(query, "statuses[]", STATUSES) or frozenset(STATUSES),
        span=Span() if everything else span_of(query, place),
        urgencies=one_of(query, "urgencies[]", _URGENCIES),
        people=frozenset(query.getlist("user_ids[]")),
        services=frozenset(query.getlist("service_ids[]")),
        teams=frozenset(query.getlist("team_ids[]")),
        key=query.get("incident_key"),
    )


async def _chosen(
    tocsin: Tocsin, viewer: t.Viewer, wanted: Filter, orders: tuple[Order, ...], page: shapes.Page
) -> list[_Found]:
    """Give what fits, sorted: all of it, or no more than says that there is a next page where that can be known."""
    by_place = orders[0].name in _PLACES
    enough = page.offset + page.limit + 1 if by_place and not page.counted else None
    found: list[_Found] = []
    async for row, one in _walked(tocsin, viewer, wanted, backwards=by_place and orders[0].descending):
        if wanted.fits(one) and await _is_of(tocsin, viewer, wanted, row, one):
            found.append(_Found(one.id, row.hash, () if by_place else _keys(row, one, orders)))
            if len(found) == enough:
                break
    if not by_place:  # sorting keeps the order of what is equal, so what counts most comes last
        for number, order in reversed(list(enumerate(orders))):
            found.sort(key=_key_at(number), reverse=order.descending)
    return found


def _key_at(number: int) -> Callable[[_Found], Any]:
    return lambda one: one.keys[number]


def _keys(row: t.Listed, one: IncidentView, orders: tuple[Order, ...]) -> tuple[Any, ...]:
    keys: dict[str, Any] = {
        "incident_number": row.ordinal,
        "created_at": row.ordinal,
        "resolved_at": (one.resolved_at is None, one.resolved_at.timestamp() if one.resolved_at else 0.0),
        "urgency": _URGENCIES.index(urgency(one.severity)),
    }
    return tuple(keys[order.name] for order in orders)


async def _walked(
    tocsin: Tocsin, viewer: t.Viewer, wanted: Filter, *, backwards: bool
) -> AsyncIterator[tuple[t.Listed, IncidentView]]:
    """Give the incidents of a time in the order of their places, without keeping anybody else for long."""
    if "resolved" not in wanted.statuses or wanted.people:
        rows = await tocsin.store.read(incidents_still_open(viewer, wanted.span))
        parts = [rows[first : first + PART] for first in range(0, len(rows), PART)]
        for part in reversed(parts) if backwards else parts:
            for row in reversed(part) if backwards else part:
                yield row, _views.decode(row.view)
            await asyncio.sleep(0)
        return
    starts = range(1, await tocsin.store.read(t.next_ordinal()), PART)
    for first in reversed(starts) if backwards else starts:
        part = await tocsin.store.read(incidents_opened(viewer, first, wanted.span))
        for row in reversed(part) if backwards else part:
            yield row, _views.decode(row.view)


async def _is_of(tocsin: Tocsin, viewer: t.Viewer, wanted: Filter, row: t.Listed, one: IncidentView) -> bool:
    """Give whether it is assigned to one of those asked for: whoever took it, else those who were called last."""
    if not wanted.people:
        return True
    if (one.acknowledged_by or "").startswith("person:"):
        return (one.acknowledged_by or "").removeprefix("person:") in wanted.people
    with suppress(NotFound, UnknownFact):
        known = await tocsin.engine.recall(one.id, row.hash, viewer)
        return known.incident is not None and bool(wanted.people & {who for _, who in assigned(known.incident)})
    return False


def refuse_status(status: str | None) -> None:
    """Refuse a status that no incident has. Raises UsageError."""
    if status is not None and status not in STATUSES:
        raise UsageError(f"status must be one of {', '.join(STATUSES)}")
