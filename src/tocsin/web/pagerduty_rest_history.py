"""PagerDuty's REST API: the alerts of an incident, and what happened, in one or in all, as log entries.

Source: PagerDuty REST API v2, "List alerts for an incident", "List log entries", "List log entries for an incident".
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.engine.engine import Loaded, Understood
from tocsin.errors import NotFound, UnknownFact
from tocsin.incident.incident import Incident
from tocsin.store import transactions as t
from tocsin.store.archive import PART, Happened, Span, facts_happened
from tocsin.web import pagerduty_rest_shapes as shapes
from tocsin.web.answering import known_number, parts_of
from tocsin.web.pagerduty_rest_incident import incident
from tocsin.web.pagerduty_rest_log import NAMES, OVERVIEW, alert, is_told, lives_of, log_entry
from tocsin.web.pagerduty_rest_query import (
    PAGED,
    include_of,
    one_of,
    orders_of,
    page_of,
    place_of,
    span_of,
    yes,
)
from tocsin.web.pagerduty_rest_shapes import Place, Shape
from tocsin.web.pagerduty_rest_things import service

Rest = Callable[..., Callable[[Request], Any]]
_ALERT_STATUSES = ("triggered", "resolved")
_ALERT_PARTS = ("services", "first_trigger_log_entries", "incidents")
_ENTRY_PARTS = ("incidents", "services", "channels", "teams")
"""Channels are always told whole, and nobody is in a team."""

_ENTRIES_ASK = (*PAGED, "since", "until", "is_overview", "include[]")
_DIGITS = 9


def history_routes(rest: Rest) -> list[BaseRoute]:
    """Give the routes; `rest` makes answers of values."""
    one = "/incidents/{id}"
    alerts_ask = (*PAGED, "statuses[]", "alert_key", "sort_by", "sort_by[]", "include[]")
    return [
        Route(f"{one}/alerts", rest(list_alerts, *alerts_ask), methods=["GET"]),
        Route(f"{one}/alerts/{{alert}}", rest(show_alert), methods=["GET"]),
        Route(f"{one}/log_entries", rest(list_own_entries, *_ENTRIES_ASK), methods=["GET"]),
        Route("/log_entries", rest(list_entries, *_ENTRIES_ASK, "team_ids[]"), methods=["GET"]),
        Route("/log_entries/{id}", rest(show_entry, "include[]"), methods=["GET"]),
    ]


# -- alerts


async def list_alerts(request: Request) -> object:
    """Give the alerts of an incident, the first first; `statuses[]` and `alert_key` choose. Raises NotFound."""
    query = request.query_params
    page, include = page_of(query), include_of(query, *_ALERT_PARTS)
    wanted, key = one_of(query, "statuses[]", _ALERT_STATUSES), query.get("alert_key")
    orders = orders_of(query, "created_at", "resolved_at")
    shown = [
        one
        for one in await _alerts(request, include)
        if (not wanted or one["status"] in wanted) and key in {None, one["alert_key"]}
    ]
    for order in reversed(orders):
        shown.sort(key=_key_of(order.name), reverse=order.descending)
    return shapes.page_of("alerts", shown, page)


def _key_of(name: str) -> Callable[[Shape], tuple[bool, str]]:
    return lambda one: (one[name] is None, one[name] or "")


async def show_alert(request: Request) -> object:
    """Give one alert of an incident. Raises NotFound."""
    for one in await _alerts(request, frozenset()):
        if one["id"] == request.path_params["alert"]:
            return {"alert": one}
    raise NotFound("this incident has no such alert")


async def _alerts(request: Request, include: frozenset[str]) -> list[Shape]:
    tocsin, loaded, one = await _loaded(request)
    place = place_of(tocsin, request.query_params)
    lives, more = lives_of(loaded.facts, one), {}
    if "incidents" in include:
        more["incident"] = incident(one, loaded.world, place)
    if "first_trigger_log_entries" in include:
        more["first_trigger_log_entry"] = log_entry(loaded.facts[0], one, place)
    shown = [alert(state, lives, one, place) | more for state in loaded.alerts]
    if "services" in include:
        shown = [each | {"service": service(each["service"]["id"], place)} for each in shown]
    return shown


# -- log entries


async def list_own_entries(request: Request) -> object:
    """Give what happened to an incident, latest first: `since`, `until`, `is_overview`. Raises NotFound."""
    tocsin, loaded, one = await _loaded(request)
    query = request.query_params
    place, page, include = place_of(tocsin, query), page_of(query), include_of(query, *_ENTRY_PARTS)
    span, names = span_of(query, place), OVERVIEW if yes(query, "is_overview") else NAMES
    chosen = [fact for fact in reversed(loaded.facts) if is_told(fact, names) and _is_within(fact.at, span)]
    known = Understood(loaded.facts, one, loaded.world)
    entries = _Entries(place, include)
    shown = [entries.one(known, fact.seq) for fact in chosen[page.offset : page.offset + page.limit]]
    return {"log_entries": shown, **shapes.pagination(len(chosen), page)}


async def list_entries(request: Request) -> object:
    """Give what happened in all incidents, latest first: `since`, `until`, `is_overview`."""
    tocsin, principal = parts_of(request)
    query = request.query_params
    place, page, include = place_of(tocsin, query), page_of(query), include_of(query, *_ENTRY_PARTS)
    span, names = span_of(query, place), OVERVIEW if yes(query, "is_overview") else NAMES
    if query.getlist("team_ids[]"):  # nobody is in a team here
        return shapes.page_of("log_entries", [], page)
    found, count = await _latest(tocsin, principal.viewer, span, names, page)
    entries, shown = _Entries(place, include), []
    for one in found:
        with suppress(NotFound, UnknownFact):  # what a newer version wrote, or what was erased, cannot be told
            shown.append(entries.one(await tocsin.engine.recall(one.number, one.head, principal.viewer), one.seq))
    return {"log_entries": shown, **shapes.pagination(count, page)}


async def show_entry(request: Request) -> object:
    """Give one thing that happened. Raises NotFound."""
    tocsin, principal = parts_of(request)
    query = request.query_params
    number, _, seq = request.path_params["id"].rpartition("-")
    if not seq.isascii() or not seq.isdigit() or len(seq) > _DIGITS:
        raise NotFound("there is no such log entry")
    loaded = await tocsin.engine.load(known_number(number), principal.viewer)
    entries = _Entries(place_of(tocsin, query), include_of(query, *_ENTRY_PARTS))
    return {"log_entry": entries.one(Understood(loaded.facts, loaded.incident, loaded.world), int(seq))}


async def _latest(
    tocsin: Tocsin, viewer: t.Viewer, span: Span, names: frozenset[str], page: shapes.Page
) -> tuple[list[Happened], int]:
    """Give the entries of a page, and how many there are, or at least so many that a next page is known.

    Newer incidents are looked at first. Where nobody counts, older ones are asked only for what could still be shown.
    """
    most = page.offset + page.limit + 1
    (since, until), found, count = span.bounds, list[Happened](), 0
    for first in reversed(range(1, await tocsin.store.read(t.next_ordinal()), PART)):
        part = await tocsin.store.read(facts_happened(viewer, first, (since, until), names))
        count += len(part)
        found = sorted((*found, *part), reverse=True)[:most]
        if len(found) == most and not page.counted:
            since = found[-1].at
    return found[page.offset : page.offset + page.limit], count


class _Entries(NamedTuple):
    """How log entries are told: of which place, and with which parts whole."""

    place: Place
    include: frozenset[str]

    def one(self, known: Understood, seq: int) -> Shape:
        """Give the entry of that place in a timeline. Raises NotFound."""
        facts, one, world = known
        fact = facts[seq - 1] if 1 <= seq <= len(facts) else None
        if one is None or fact is None or not is_told(fact):
            raise NotFound("there is no such log entry")
        shown = log_entry(fact, one, self.place)
        if "incidents" in self.include:
            shown["incident"] = incident(one, world, self.place)
        if "services" in self.include:
            shown["service"] = service(shown["service"]["id"], self.place)
        return shown


def _is_within(at: datetime, span: Span) -> bool:
    return (span.since is None or at >= span.since) and (span.until is None or at < span.until)


async def _loaded(request: Request) -> tuple[Tocsin, Loaded, Incident]:
    tocsin, principal = parts_of(request)
    number = known_number(request.path_params["id"])
    loaded = await tocsin.engine.load(number, principal.viewer)
    if loaded.incident is None:
        raise NotFound(f"there is no incident {number[:40]}")
    return tocsin, loaded, loaded.incident
