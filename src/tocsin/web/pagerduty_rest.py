"""PagerDuty's REST API, the part that is answered here: who is on call, users, abilities."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.errors import NotFound, UsageError
from tocsin.escalation.duties import Duty, Period, duties
from tocsin.escalation.schedule import OPERATOR, person
from tocsin.web import pagerduty_rest_shapes as shapes
from tocsin.web.answering import json_of, parts_of

_FARTHEST = timedelta(days=90)
_LAST_RECORD = 10_000
_DIGITS = 6
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_ROOTS = ("/oncalls", "/users", "/abilities")


def pagerduty_rest_routes() -> list[BaseRoute]:
    """Give the routes that PagerDuty's clients read."""
    return [
        Route("/oncalls", json_of(list_oncalls), methods=["GET"]),
        Route("/users", json_of(list_users), methods=["GET"]),
        Route("/users/{id}", json_of(show_user), methods=["GET"]),
        Route("/abilities", json_of(list_abilities), methods=["GET"]),
    ]


def speaks_pagerduty(path: str) -> bool:
    """Give whether an address is one of PagerDuty's, whose readers expect its errors."""
    return any(path == root or path.startswith(f"{root}/") for root in _ROOTS)


def say(status: int, text: str) -> Response:
    """Give an error as PagerDuty does."""
    return Response(msgspec.json.encode(shapes.error(status, text)), status, media_type="application/json")


async def list_oncalls(request: Request) -> object:
    """Give who is on call from `since` to `until` (now without them). Incidents are not looked at."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    place = _place(tocsin, query)
    found = _wanted(duties(*tocsin.worlds.current, _period(query, place, tocsin.clock.now())), query)
    include = _include(query, "escalation_policies", "schedules", "users")
    return shapes.page_of("oncalls", [shapes.oncall(duty, place, include) for duty in found], _page(query))


async def list_users(request: Request) -> object:
    """Give the people of the configuration; `query` looks in names and addresses."""
    tocsin, _ = parts_of(request)
    words = request.query_params.get("query", "").casefold()
    everybody = tuple(tocsin.settings.people.values()) or (OPERATOR,)
    found = [one for one in everybody if words in f"{one.name}\n{one.email or ''}".casefold()]
    place = _place(tocsin, request.query_params)
    return shapes.page_of("users", [shapes.user(one, place) for one in found], _page(request.query_params))


async def show_user(request: Request) -> object:
    """Give one person. Raises NotFound."""
    tocsin, _ = parts_of(request)
    someone = person(request.path_params["id"], tocsin.settings)
    if someone is None:
        raise NotFound("there is no such person in the configuration")
    return {"user": shapes.user(someone, _place(tocsin, request.query_params))}


async def list_abilities(request: Request) -> object:
    """Give what of PagerDuty's paid features there is: none."""
    parts_of(request)
    return {"abilities": []}


# -- what is asked for


def _place(tocsin: Tocsin, query: QueryParams) -> shapes.Place:
    url = tocsin.links.public_url.rstrip("/")
    name = query.get("time_zone")
    try:
        return shapes.Place(tocsin.settings, url, ZoneInfo(name) if name else UTC)
    except (ValueError, OSError, LookupError) as error:
        raise UsageError(f"time_zone {name[:40] if name else ''!r} is unknown; write it like Europe/Berlin") from error


def _page(query: QueryParams) -> shapes.Page:
    limit, offset = _whole(query, "limit", 25, least=1), _whole(query, "offset", 0, least=0)
    limit = min(limit, shapes.MOST)
    if limit + offset > _LAST_RECORD:
        raise UsageError(f"offset and limit together go to {_LAST_RECORD} at most; filter instead")
    return shapes.Page(limit, offset, _yes(query, "total"))


def _whole(query: QueryParams, name: str, default: int, least: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS or int(text) < least:
        raise UsageError(f"{name} must be a whole number from {least}")
    return int(text)


def _yes(query: QueryParams, name: str) -> bool:
    text = query.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise UsageError(f"{name} must be true or false")
    return text == "true"


def _include(query: QueryParams, *known: str) -> frozenset[str]:
    wanted = frozenset(query.getlist("include[]"))
    if unknown := sorted(wanted - set(known)):
        raise UsageError(f"include[] knows {', '.join(known)}, not {unknown[0][:40]!r}")
    return wanted


def _period(query: QueryParams, place: shapes.Place, now: datetime) -> Period:
    since = _instant(query, "since", place) or now
    until = _instant(query, "until", place) or max(since, now)
    if until < since:
        raise UsageError("until must not be before since")
    if until - since > _FARTHEST:
        raise UsageError(f"until may be {_FARTHEST.days} days after since at most")
    return Period(since, until)


def _instant(query: QueryParams, name: str, place: shapes.Place) -> datetime | None:
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


def _wanted(found: tuple[Duty, ...], query: QueryParams) -> tuple[Duty, ...]:
    filters: dict[str, Callable[[Duty], str | None]] = {
        "user_ids[]": lambda duty: duty.person,
        "escalation_policy_ids[]": lambda duty: duty.policy.id,
        "schedule_ids[]": lambda duty: duty.schedule,
    }
    for name, of in filters.items():
        if ids := set(query.getlist(name)):
            found = tuple(duty for duty in found if of(duty) in ids)
    return _earliest(found) if _yes(query, "earliest") else found


def _earliest(found: tuple[Duty, ...]) -> tuple[Duty, ...]:
    """Give the first duty of each person in each rung; turns come soonest first, and always is before all of them."""
    first: dict[tuple[str, int, str], Duty] = {}
    for duty in sorted(found, key=lambda duty: duty.start is not None):
        first.setdefault((duty.policy.id, duty.rung, duty.person), duty)
    return tuple(duty for duty in found if first[duty.policy.id, duty.rung, duty.person] is duty)
