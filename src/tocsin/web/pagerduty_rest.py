"""PagerDuty's REST API: who is on call, users, schedules, policies, services, priorities; incidents are next door."""

from collections.abc import Awaitable, Callable, Collection
from functools import wraps
from math import ceil

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.configuration.sources import RESERVED
from tocsin.errors import NotFound
from tocsin.escalation.duties import Duty, duties
from tocsin.escalation.policies import policies
from tocsin.escalation.schedule import OPERATOR, person
from tocsin.escalation.shifts import shifts
from tocsin.settings import Person, Schedule
from tocsin.triage.severity import severity_ids
from tocsin.web import pagerduty_rest_shapes as shapes
from tocsin.web import pagerduty_rest_things as things
from tocsin.web.answering import Handler, parts_of
from tocsin.web.pagerduty_rest_history import history_routes
from tocsin.web.pagerduty_rest_incidents import AlreadyResolved, TooMany, incident_routes
from tocsin.web.pagerduty_rest_query import include_of, page_of, period_of, place_of, yes

_ROOTS = (
    "/oncalls",
    "/users",
    "/abilities",
    "/schedules",
    "/escalation_policies",
    "/services",
    "/priorities",
    "/incidents",
)
MOST_A_MINUTE = 960
"""Requests of one principal, as PagerDuty allows them."""


class Rates:
    """How often each principal asked in this minute."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self._minute, self._asked = -1, dict[str, int]()

    def take(self, by: str, now: float) -> tuple[int, int]:
        """Count one, and give how many are left (-1: none was) and in how many seconds it begins anew."""
        minute = int(now // 60)
        if minute != self._minute:
            self._minute, self._asked = minute, {}
        asked = self._asked[by] = self._asked.get(by, 0) + 1
        return max(MOST_A_MINUTE - asked, -1), ceil(60 - now % 60)


def pagerduty_rest_routes() -> list[BaseRoute]:
    """Give the routes that PagerDuty's clients speak to."""
    return [
        Route("/oncalls", rest(list_oncalls), methods=["GET"]),
        Route("/users", rest(list_users), methods=["GET"]),
        Route("/users/me", rest(show_me), methods=["GET"]),
        Route("/users/{id}", rest(show_user), methods=["GET"]),
        Route("/abilities", rest(list_abilities), methods=["GET"]),
        Route("/abilities/{id}", rest(show_ability), methods=["GET"]),
        Route("/schedules", rest(list_schedules), methods=["GET"]),
        Route("/schedules/{id}", rest(show_schedule), methods=["GET"]),
        Route("/schedules/{id}/users", rest(list_schedule_users), methods=["GET"]),
        Route("/escalation_policies", rest(list_policies), methods=["GET"]),
        Route("/escalation_policies/{id}", rest(show_policy), methods=["GET"]),
        Route("/services", rest(list_services), methods=["GET"]),
        Route("/services/{id}", rest(show_service), methods=["GET"]),
        Route("/priorities", rest(list_priorities), methods=["GET"]),
        *incident_routes(rest, created),
        *history_routes(rest),
    ]


def rest(handler: Handler, status: int = 200) -> Callable[[Request], Awaitable[Response]]:
    """Give the route of a handler that gives a value: with PagerDuty's headers, and its words for what it refuses."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        tocsin, principal = parts_of(request)
        left, again = request.app.state.rates.take(principal.by, tocsin.clock.monotonic())
        headers = {"ratelimit-limit": str(MOST_A_MINUTE), "ratelimit-remaining": str(max(left, 0))}
        headers["ratelimit-reset"] = str(again)
        if left < 0:
            return say(429, f"at most {MOST_A_MINUTE} requests a minute; come again in {again} s", headers)
        try:
            value = await handler(request)
        except TooMany as error:
            return say(413, str(error), headers)
        except AlreadyResolved as error:
            over = shapes.error(400, str(error), (1001, "Incident Already Resolved"))
            return Response(msgspec.json.encode(over), 400, headers, media_type="application/json")
        if isinstance(value, Response):
            value.headers.update(headers)
            return value
        return Response(msgspec.json.encode(value), status, headers, media_type="application/json")

    return answer


def created(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Give the route of a handler that makes something."""
    return rest(handler, 201)


def speaks_pagerduty(path: str) -> bool:
    """Give whether an address is one of PagerDuty's, whose readers expect its errors."""
    return any(path == root or path.startswith(f"{root}/") for root in _ROOTS)


def say(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """Give an error as PagerDuty does."""
    return Response(msgspec.json.encode(shapes.error(status, text)), status, headers, media_type="application/json")


async def list_oncalls(request: Request) -> object:
    """Give who is on call from `since` to `until` (now without them). Incidents are not looked at."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    place = place_of(tocsin, query)
    found = _wanted(duties(*tocsin.worlds.current, period_of(query, place, tocsin.clock.now())), query)
    include, page = include_of(query, "escalation_policies", "schedules", "users"), page_of(query)
    shown = [_oncall(duty, tocsin, place, include) for duty in found[page.offset : page.offset + page.limit]]
    return {"oncalls": shown, **shapes.pagination(len(found), page)}


def _oncall(duty: Duty, tocsin: Tocsin, place: shapes.Place, include: Collection[str]) -> shapes.Shape:
    world, shown = tocsin.worlds.current, shapes.oncall(duty, place, include)
    if "escalation_policies" in include:
        shown["escalation_policy"] = things.escalation_policy(duty.policy, world, place)
    if "schedules" in include and duty.schedule in world.settings.schedules:
        shown["schedule"] = things.schedule(world.settings.schedules[duty.schedule], world, place)
    return shown


async def list_users(request: Request) -> object:
    """Give the people of the configuration; `query` looks in names and addresses."""
    tocsin, _ = parts_of(request)
    words = request.query_params.get("query", "").casefold()
    everybody = tuple(tocsin.settings.people.values()) or (OPERATOR,)
    found = [one for one in everybody if words in f"{one.name}\n{one.email or ''}".casefold()]
    place = place_of(tocsin, request.query_params)
    return shapes.page_of("users", [shapes.user(one, place) for one in found], page_of(request.query_params))


async def show_me(request: Request) -> object:
    """Give whose token it is. The owner of the machine is nobody's, as an account's key is at PagerDuty."""
    tocsin, principal = parts_of(request)
    if principal.kind == "person":
        return {"user": shapes.user(_person(tocsin, principal.id), place_of(tocsin, request.query_params))}
    # A text where an envelope stands elsewhere: PagerDuty's own client looks in it to tell the two kinds of keys apart.
    why = "The token of the machine's owner is an account-level access token and belongs to no user."
    return Response(msgspec.json.encode({"error": why}), 400, media_type="application/json")


async def show_user(request: Request) -> object:
    """Give one person. Raises NotFound."""
    tocsin, _ = parts_of(request)
    someone = _person(tocsin, request.path_params["id"])
    return {"user": shapes.user(someone, place_of(tocsin, request.query_params))}


def _person(tocsin: Tocsin, person_id: str) -> Person:
    someone = person(person_id, tocsin.settings)
    if someone is None:
        raise NotFound("there is no such person in the configuration")
    return someone


async def list_abilities(request: Request) -> object:
    """Give what of PagerDuty's paid features there is: none."""
    parts_of(request)
    return {"abilities": []}


async def show_ability(request: Request) -> object:
    """Say that there is not that one either: 402, which is PagerDuty's no (404 would say that nobody has it)."""
    parts_of(request)
    return say(402, f"The {request.path_params['id'][:40]} account ability is required")


async def list_schedules(request: Request) -> object:
    """Give the schedules of the configuration; `query` looks in their names."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    words, world, place = query.get("query", "").casefold(), tocsin.worlds.current, place_of(tocsin, query)
    found = [one for one in world.settings.schedules.values() if words in one.id.casefold()]
    return shapes.page_of("schedules", [things.schedule(one, world, place) for one in found], page_of(query))


async def show_schedule(request: Request) -> object:
    """Give one schedule with its layers, and its turns from `since` to `until`. Raises NotFound."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    world, place = tocsin.worlds.current, place_of(tocsin, query)
    one, period = _schedule(request, tocsin), period_of(query, place, tocsin.clock.now())
    return {"schedule": things.whole_schedule(one, world, place, period)}


async def list_schedule_users(request: Request) -> object:
    """Give who has a turn of a schedule from `since` to `until` (now without them). Raises NotFound."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    place = place_of(tocsin, query)
    turns = shifts(_schedule(request, tocsin), *period_of(query, place, tocsin.clock.now()))
    return {"users": [shapes.user(_person(tocsin, one), place) for one in dict.fromkeys(turn.person for turn in turns)]}


def _schedule(request: Request, tocsin: Tocsin) -> Schedule:
    one = tocsin.worlds.current.settings.schedules.get(request.path_params["id"])
    if one is None:
        raise NotFound("there is no such schedule; GET /schedules lists them")
    return one


async def list_policies(request: Request) -> object:
    """Give the general ladder and those of entries with levels of their own; `query` looks in their names."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    words, world, place = query.get("query", "").casefold(), tocsin.worlds.current, place_of(tocsin, query)
    found = [one for one in policies(*world) if words in one.name.casefold()]
    shown = [things.escalation_policy(one, world, place) for one in found]
    return shapes.page_of("escalation_policies", shown, page_of(query))


async def show_policy(request: Request) -> object:
    """Give one policy. Raises NotFound."""
    tocsin, _ = parts_of(request)
    world, place = tocsin.worlds.current, place_of(tocsin, request.query_params)
    for one in policies(*world):
        if one.id == request.path_params["id"]:
            return {"escalation_policy": things.escalation_policy(one, world, place)}
    raise NotFound("there is no such policy; GET /escalation_policies lists them")


async def list_services(request: Request) -> object:
    """Give the sources of alerts, and what people declare; `query` looks in their names."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    words, place = query.get("query", "").casefold(), place_of(tocsin, query)
    found = [name for name in _services(tocsin) if words in name.casefold()]
    return shapes.page_of("services", [things.service(name, place) for name in found], page_of(query))


async def show_service(request: Request) -> object:
    """Give one source of alerts. Raises NotFound."""
    tocsin, _ = parts_of(request)
    name = request.path_params["id"]
    if name not in _services(tocsin):
        raise NotFound("there is no such service; GET /services lists them")
    return {"service": things.service(name, place_of(tocsin, request.query_params))}


def _services(tocsin: Tocsin) -> tuple[str, ...]:
    return (*tocsin.access.sources, *RESERVED)


async def list_priorities(request: Request) -> object:
    """Give the severities of the runbook, the most urgent first."""
    tocsin, _ = parts_of(request)
    query, runbook = request.query_params, tocsin.worlds.current.runbook
    place = place_of(tocsin, query)
    named = [(name, runbook.severity(name)) for name in severity_ids(runbook)]
    shown = [things.priority(name, rank, one.name if one else None, place) for rank, (name, one) in enumerate(named)]
    return shapes.page_of("priorities", shown, page_of(query))


def _wanted(found: tuple[Duty, ...], query: QueryParams) -> tuple[Duty, ...]:
    filters: dict[str, Callable[[Duty], str | None]] = {
        "user_ids[]": lambda duty: duty.person,
        "escalation_policy_ids[]": lambda duty: duty.policy.id,
        "schedule_ids[]": lambda duty: duty.schedule,
    }
    for name, of in filters.items():
        if ids := set(query.getlist(name)):
            found = tuple(duty for duty in found if of(duty) in ids)
    return _earliest(found) if yes(query, "earliest") else found


def _earliest(found: tuple[Duty, ...]) -> tuple[Duty, ...]:
    """Give the first duty of each person in each rung; turns come soonest first, and always is before all of them."""
    first: dict[tuple[str, int, str], Duty] = {}
    for duty in sorted(found, key=lambda duty: duty.start is not None):
        first.setdefault((duty.policy.id, duty.rung, duty.person), duty)
    return tuple(duty for duty in found if first[duty.policy.id, duty.rung, duty.person] is duty)
