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
from tocsin.errors import NotFound, UsageError
from tocsin.escalation.duties import Duty, Period, duties
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
from tocsin.web.pagerduty_rest_query import (
    PAGED,
    include_of,
    orders_of,
    page_of,
    period_of,
    place_of,
    refuse_unknown,
    whole_or_page,
    yes,
)

_ROOTS = (
    "/oncalls",
    "/users",
    "/abilities",
    "/schedules",
    "/escalation_policies",
    "/services",
    "/priorities",
    "/incidents",
    "/log_entries",
)
_OTHERS = (
    "addons alert_grouping_settings analytics audit automation_actions business_services change_events "
    "event_orchestrations extension_schemas extensions incident_types incident_workflows license_allocations licenses "
    "maintenance_windows notifications paused_incident_reports response_plays rulesets service_dependencies standards "
    "status_dashboards status_pages tags teams templates vendors webhook_subscriptions"
)
_ELSEWHERE = frozenset(_OTHERS.split())
"""What else PagerDuty's API has, at the first step of an address: its clients read the answer that it is not here."""

NOT_HERE = "this part of PagerDuty's API is not here; the reference of HTTP lists what is"
_ONCALLS_ASK = ("since", "until", "earliest", "user_ids[]", "escalation_policy_ids[]", "schedule_ids[]")
_SCHEDULES_ASK = ("query", "since", "until", "team_ids[]", "include[]")
_POLICIES_ASK = ("query", "user_ids[]", "team_ids[]", "sort_by", "include[]")
_SERVICES_ASK = ("query", "name", "team_ids[]", "sort_by", "include[]")
_USER_PARTS = ("contact_methods", "notification_rules", "teams", "subdomains", "calendar_urls")
"""Of none is more told than there is anyway."""

_SCHEDULE_PARTS = ("schedule_layers", "overrides_subschedule", "final_schedule")
_POLICY_PARTS = ("targets", "services", "teams", "escalation_rule_assignment_strategies")
_SERVICE_PARTS = ("escalation_policies", "teams", "integrations", "auto_pause_notifications_parameters")
_MOST_TURNS = 2_500
"""Turns of a schedule that are looked at for one answer: all of them are known before the first is told."""

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
        Route("/oncalls", rest(list_oncalls, *PAGED, *_ONCALLS_ASK, "include[]"), methods=["GET"]),
        Route("/users", rest(list_users, *PAGED, "query", "team_ids[]", "include[]"), methods=["GET"]),
        Route("/users/me", rest(show_me, "include[]"), methods=["GET"]),
        Route("/users/{id}", rest(show_user, "include[]"), methods=["GET"]),
        Route("/abilities", rest(list_abilities, *PAGED), methods=["GET"]),
        Route("/abilities/{id}", rest(show_ability), methods=["GET"]),
        Route("/schedules", rest(list_schedules, *PAGED, *_SCHEDULES_ASK), methods=["GET"]),
        Route("/schedules/{id}", rest(show_schedule, "since", "until", "overflow", "include[]"), methods=["GET"]),
        Route("/schedules/{id}/users", rest(list_schedule_users, *PAGED, "since", "until"), methods=["GET"]),
        Route("/escalation_policies", rest(list_policies, *PAGED, *_POLICIES_ASK), methods=["GET"]),
        Route("/escalation_policies/{id}", rest(show_policy, "include[]"), methods=["GET"]),
        Route("/services", rest(list_services, *PAGED, *_SERVICES_ASK), methods=["GET"]),
        Route("/services/{id}", rest(show_service, "include[]"), methods=["GET"]),
        Route("/priorities", rest(list_priorities, *PAGED), methods=["GET"]),
        *incident_routes(rest, created),
        *history_routes(rest),
    ]


def rest(handler: Handler, *asks: str, status: int = 200) -> Callable[[Request], Awaitable[Response]]:
    """Give the route of a handler that gives a value: with PagerDuty's headers, and its words for what it refuses.

    `asks` are the names of what it can be asked for.
    """

    @wraps(handler)
    async def answer(request: Request) -> Response:
        tocsin, principal = parts_of(request)
        left, again = request.app.state.rates.take(principal.by, tocsin.clock.monotonic())
        headers = {"ratelimit-limit": str(MOST_A_MINUTE), "ratelimit-remaining": str(max(left, 0))}
        headers["ratelimit-reset"] = str(again)
        request.state.rate = headers  # for who tells an error
        if left < 0:
            return say(429, f"at most {MOST_A_MINUTE} requests a minute; come again in {again} s", headers)
        refuse_unknown(request.query_params, asks)
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


def created(handler: Handler, *asks: str) -> Callable[[Request], Awaitable[Response]]:
    """Give the route of a handler that makes something."""
    return rest(handler, *asks, status=201)


def speaks_pagerduty(path: str) -> bool:
    """Give whether an address is one of PagerDuty's, whose readers expect its errors."""
    return path[1:].partition("/")[0] in _ELSEWHERE or any(
        path == root or path.startswith(f"{root}/") for root in _ROOTS
    )


def say(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """Give an error as PagerDuty does."""
    return Response(msgspec.json.encode(shapes.error(status, text)), status, headers, media_type="application/json")


async def list_oncalls(request: Request) -> object:
    """Give who is on call from `since` to `until` (now without them). Incidents are not looked at."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    place = place_of(tocsin, query)
    world = tocsin.worlds.current
    found = _wanted(duties(*world, _period(request, tocsin, place, *world.settings.schedules.values())), query)
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
    query = request.query_params
    words, place, page = query.get("query", "").casefold(), place_of(tocsin, query), page_of(query)
    include_of(query, *_USER_PARTS)
    everybody = () if _asks_for_team(query) else tuple(tocsin.settings.people.values()) or (OPERATOR,)
    found = [one for one in everybody if words in f"{one.name}\n{one.email or ''}".casefold()]
    return shapes.page_of("users", [shapes.user(one, place) for one in found], page)


def _asks_for_team(query: QueryParams) -> bool:
    """Give whether only what belongs to some team is asked for: here nothing does."""
    return bool(query.getlist("team_ids[]"))


async def show_me(request: Request) -> object:
    """Give whose token it is. The owner of the machine is nobody's, as an account's key is at PagerDuty."""
    tocsin, principal = parts_of(request)
    include_of(request.query_params, *_USER_PARTS)
    if principal.kind == "person":
        return {"user": shapes.user(_person(tocsin, principal.id), place_of(tocsin, request.query_params))}
    # A text where an envelope stands elsewhere: PagerDuty's own client looks in it to tell the two kinds of keys apart.
    why = "The token of the machine's owner is an account-level access token and belongs to no user."
    return Response(msgspec.json.encode({"error": why}), 400, media_type="application/json")


async def show_user(request: Request) -> object:
    """Give one person. Raises NotFound."""
    tocsin, _ = parts_of(request)
    include_of(request.query_params, *_USER_PARTS)
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
    return whole_or_page("abilities", [], request.query_params)


async def show_ability(request: Request) -> object:
    """Say that there is not that one either: 402, which is PagerDuty's no (404 would say that nobody has it)."""
    parts_of(request)
    return say(402, f"The {request.path_params['id'][:40]} account ability is required")


async def list_schedules(request: Request) -> object:
    """Give the schedules of the configuration; `query` looks in their names, `include[]` asks for them whole."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    words, world, place = query.get("query", "").casefold(), tocsin.worlds.current, place_of(tocsin, query)
    include, page = include_of(query, *_SCHEDULE_PARTS), page_of(query)
    everything = () if _asks_for_team(query) else tuple(world.settings.schedules.values())
    period = _period(request, tocsin, place, *(everything if include else ()))
    found = [one for one in everything if words in one.id.casefold()]
    shown = [
        things.whole_schedule(one, world, place, period) if include else things.schedule(one, world, place)
        for one in found[page.offset : page.offset + page.limit]
    ]
    return {"schedules": shown, **shapes.pagination(len(found), page)}


def _period(request: Request, tocsin: Tocsin, place: shapes.Place, *looked_at: Schedule) -> Period:
    """Give the time that is asked about. Raises UsageError, also where too many turns of these schedules are in it."""
    period = period_of(request.query_params, place, tocsin.clock.now())
    for one in looked_at:
        turns = [layer.rotation for layer in one.layers if len(set(layer.people)) > 1]
        if turns and (period.until - period.since) / min(turns) > _MOST_TURNS:
            longest = min(turns) * _MOST_TURNS
            raise UsageError(f"{one.id} has more than {_MOST_TURNS} turns in that time; ask for {longest} at most")
    return period


async def show_schedule(request: Request) -> object:
    """Give one schedule with its layers, and its turns from `since` to `until`. Raises NotFound."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    world, place = tocsin.worlds.current, place_of(tocsin, query)
    include_of(query, *_SCHEDULE_PARTS)  # all of them are told anyway
    one = _schedule(request, tocsin)
    period = _period(request, tocsin, place, one)
    return {"schedule": things.whole_schedule(one, world, place, period, overflow=yes(query, "overflow"))}


async def list_schedule_users(request: Request) -> object:
    """Give who has a turn of a schedule from `since` to `until` (now without them). Raises NotFound."""
    tocsin, _ = parts_of(request)
    place = place_of(tocsin, request.query_params)
    one = _schedule(request, tocsin)
    turns = shifts(one, *_period(request, tocsin, place, one))
    people = [shapes.user(_person(tocsin, one), place) for one in dict.fromkeys(turn.person for turn in turns)]
    return whole_or_page("users", people, request.query_params)


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
    include, people = include_of(query, *_POLICY_PARTS), set(query.getlist("user_ids[]"))
    everything = () if _asks_for_team(query) else policies(*world)
    shown = [
        one
        for policy in everything
        if words in policy.name.casefold()
        and (one := things.escalation_policy(policy, world, place, whole="targets" in include))
        and (not people or people & things.people_of(one))
    ]
    return shapes.page_of("escalation_policies", _by_name(shown, query), page_of(query))


def _by_name(found: list[shapes.Shape], query: QueryParams) -> list[shapes.Shape]:
    """Give things in the order that is asked for; in their own where nobody asks: that of the documents."""
    for order in orders_of(query, "name"):
        found.sort(key=lambda one: str(one["name"]).casefold(), reverse=order.descending)
    return found


async def show_policy(request: Request) -> object:
    """Give one policy. Raises NotFound."""
    tocsin, _ = parts_of(request)
    world, place = tocsin.worlds.current, place_of(tocsin, request.query_params)
    whole = "targets" in include_of(request.query_params, *_POLICY_PARTS)
    for one in policies(*world):
        if one.id == request.path_params["id"]:
            return {"escalation_policy": things.escalation_policy(one, world, place, whole=whole)}
    raise NotFound("there is no such policy; GET /escalation_policies lists them")


async def list_services(request: Request) -> object:
    """Give the sources of alerts, and what people declare; `query` looks in their names."""
    tocsin, _ = parts_of(request)
    query = request.query_params
    words, exact, place = query.get("query", "").casefold(), query.get("name"), place_of(tocsin, query)
    include = include_of(query, *_SERVICE_PARTS)
    everything = () if _asks_for_team(query) else _services(tocsin)
    found = [name for name in everything if words in name.casefold() and exact in {None, name}]
    shown = _by_name([_service(name, tocsin, place, include) for name in found], query)
    return shapes.page_of("services", shown, page_of(query))


async def show_service(request: Request) -> object:
    """Give one source of alerts. Raises NotFound."""
    tocsin, _ = parts_of(request)
    name = request.path_params["id"]
    if name not in _services(tocsin):
        raise NotFound("there is no such service; GET /services lists them")
    query = request.query_params
    return {"service": _service(name, tocsin, place_of(tocsin, query), include_of(query, *_SERVICE_PARTS))}


def _service(name: str, tocsin: Tocsin, place: shapes.Place, include: Collection[str]) -> shapes.Shape:
    shown, world = things.service(name, place), tocsin.worlds.current
    if "escalation_policies" in include:
        shown["escalation_policy"] = things.escalation_policy(policies(*world)[0], world, place)
    return shown


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
        "schedule_ids[]": lambda duty: duty.schedule or "null",  # their name for who is in no schedule
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
