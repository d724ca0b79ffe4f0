"""What is asked of PagerDuty's REST API in its query strings.

A script that asks for less and is given everything does the wrong thing at night: what is not known here is refused.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from tocsin.assembly import Tocsin
from tocsin.errors import UsageError
from tocsin.escalation.duties import Period
from tocsin.store.archive import Span
from tocsin.web import pagerduty_rest_shapes as shapes

PAGED = ("limit", "offset", "total")
"""What every list can be asked for."""

_EVERYWHERE = "time_zone"
_MOST_ORDERS = 2
_FARTHEST = timedelta(days=90)
_LAST_RECORD = 10_000
_DIGITS = 6
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def place_of(tocsin: Tocsin, query: QueryParams) -> shapes.Place:
    """Give what shapes speak of, in the zone that is asked for. Raises UsageError."""
    url = tocsin.links.public_url.rstrip("/")
    name = query.get("time_zone")
    try:
        return shapes.Place(tocsin.settings, url, ZoneInfo(name) if name else UTC)
    except (ValueError, OSError, LookupError) as error:
        raise UsageError(f"time_zone {name[:40] if name else ''!r} is unknown; write it like Europe/Berlin") from error


def page_of(query: QueryParams) -> shapes.Page:
    """Give which part of a list is asked for. Raises UsageError."""
    limit, offset = _whole(query, "limit", 25, least=1), _whole(query, "offset", 0, least=0)
    limit = min(limit, shapes.MOST)
    if limit + offset > _LAST_RECORD:
        raise UsageError(f"offset and limit together go to {_LAST_RECORD} at most; filter instead")
    return shapes.Page(limit, offset, yes(query, "total"))


def whole_or_page(name: str, items: Sequence[object], query: QueryParams) -> shapes.Shape:
    """Give a list that PagerDuty gives whole, or the page of it that somebody asks for as its client asks of all lists.

    Raises UsageError.
    """
    page = page_of(query)
    return shapes.page_of(name, items, page) if any(asked in query for asked in PAGED) else {name: list(items)}


def refuse_unknown(query: QueryParams, known: Collection[str]) -> None:
    """Refuse a question of which a part would not be heard. Raises UsageError.

    What asks for a part of a list says nothing where there is none: some clients ask so of whatever they read.
    """
    for name in query:
        if name not in known and name not in PAGED and name != _EVERYWHERE:
            meant = f"; write {name}[]" if f"{name}[]" in known else ""
            told = ", ".join((*known, _EVERYWHERE))
            raise UsageError(f"{name[:40]!r} cannot be asked for here{meant}. What can be: {told}")


class Order(NamedTuple):
    """What a list is sorted by, and whether backwards."""

    name: str
    descending: bool


def orders_of(query: QueryParams, *known: str) -> tuple[Order, ...]:
    """Give what a list is to be sorted by, what counts most first; nothing where nobody asks. Raises UsageError."""
    texts = ",".join((*query.getlist("sort_by"), *query.getlist("sort_by[]"))).split(",")
    found = []
    for text in filter(None, texts):
        name, _, direction = text.partition(":")
        if name not in known or direction not in {"", "asc", "desc"}:
            raise UsageError(f"sort_by knows {', '.join(known)}, each with :asc or :desc, not {text[:40]!r}")
        found.append(Order(name, direction == "desc"))
    if len(found) > _MOST_ORDERS or len({one.name for one in found}) < len(found):
        raise UsageError(f"sort_by takes {_MOST_ORDERS} different fields at most")
    return tuple(found)


def one_of(query: QueryParams, name: str, known: Collection[str]) -> frozenset[str]:
    """Give the choices of a list that is asked for, none where nobody asks. Raises UsageError."""
    wanted = frozenset(query.getlist(name))
    if unknown := sorted(wanted - set(known)):
        raise UsageError(f"{name} knows {', '.join(known)}, not {unknown[0][:40]!r}")
    return wanted


def span_of(query: QueryParams, place: shapes.Place) -> Span:
    """Give the time that is asked about, which may have no beginning and no end. Raises UsageError."""
    span = Span(instant_of(query, "since", place), instant_of(query, "until", place))
    if span.since is not None and span.until is not None and span.until < span.since:
        raise UsageError("until must not be before since")
    return span


def _whole(query: QueryParams, name: str, default: int, least: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS or int(text) < least:
        raise UsageError(f"{name} must be a whole number from {least}")
    return int(text)


def yes(query: QueryParams, name: str) -> bool:
    """Give a truth that is asked for. Raises UsageError."""
    text = query.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise UsageError(f"{name} must be true or false")
    return text == "true"


def include_of(query: QueryParams, *known: str) -> frozenset[str]:
    """Give which references are asked for whole. Raises UsageError."""
    return one_of(query, "include[]", known)


def period_of(query: QueryParams, place: shapes.Place, now: datetime) -> Period:
    """Give the time that is asked about. Raises UsageError."""
    since = instant_of(query, "since", place) or now
    until = instant_of(query, "until", place) or max(since, now)
    if until < since:
        raise UsageError("until must not be before since")
    if until - since > _FARTHEST:
        raise UsageError(f"until may be {_FARTHEST.days} days after since at most")
    return Period(since, until)


def instant_of(query: QueryParams, name: str, place: shapes.Place) -> datetime | None:
    """Give an instant that is asked about, or None. Raises UsageError."""
    text = query.get(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError as error:
        raise UsageError(f"{name} must be an instant in ISO 8601, such as 2026-11-23T03:15:00Z") from error
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise UsageError(f"{name} must be within the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return (at if at.tzinfo else at.replace(tzinfo=place.zone)).astimezone(UTC)
