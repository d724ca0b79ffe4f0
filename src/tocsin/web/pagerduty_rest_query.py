"""What is asked of PagerDuty's REST API in its query strings."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from tocsin.assembly import Tocsin
from tocsin.errors import UsageError
from tocsin.escalation.duties import Period
from tocsin.web import pagerduty_rest_shapes as shapes

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
    wanted = frozenset(query.getlist("include[]"))
    if unknown := sorted(wanted - set(known)):
        raise UsageError(f"include[] knows {', '.join(known)}, not {unknown[0][:40]!r}")
    return wanted


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
