"""PagerDuty: events in, incidents that people take in its app or over REST, webhooks about it out.

Source: PagerDuty Events API v2, REST API v2 and webhooks v3.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.clock import Clock, SystemClock
from tocsin.detection.pagerduty import Change, Event, EventInvalid, TooLarge, read_change, read_event
from tocsin.drill.fakes.http import CONTROL, HttpFake, answer_json

PER_MINUTE = 120
"""So many events of one key in 60 seconds; more are answered 429."""

MOST, USUAL, LAST = 100, 25, 10_000
STATUSES = {"acknowledge": "acknowledged", "resolve": "resolved"}
_NOT_FOUND = {"message": "Not Found", "code": 2100}


class PagerIncident(msgspec.Struct, kw_only=True):
    """An incident as PagerDuty has it; `routing_key` and `key` name the alert it stands for."""

    id: str
    number: int
    routing_key: str
    key: str
    title: str
    created_at: datetime
    event: Event
    status: str = "triggered"
    triggers: int = 1
    notes: list[str] = []


class _Act(msgspec.Struct):
    key: str
    status: Literal["acknowledged", "resolved"]
    user: str


class Subscription(msgspec.Struct, kw_only=True):
    """Where webhooks go, and the secrets that sign them: several while one is being replaced."""

    url: str
    secrets: tuple[str, ...]
    id: str = "PSUBSCR"


class PagerDuty(HttpFake):
    """The service. `users`: id -> name and e-mail. Without `routing_keys` every key of the right length is known.

    Events are accepted at once and take effect `lag` seconds later, as they do there.
    """

    refusal = (500, {"status": "error", "message": "Internal Server Error"})

    def __init__(
        self,
        *,
        routing_keys: frozenset[str] | None = None,
        token: str = "u+fake-token",  # noqa: S107  a made-up one, it guards nothing
        users: dict[str, tuple[str, str]] | None = None,
        clock: Clock | None = None,
        lag: float = 0.0,
    ) -> None:
        """Begin with nothing open."""
        self.incidents: list[PagerIncident] = []
        self.changes: list[Change] = []
        self.users = users or {"PMIRA01": ("Mira Okafor", "mira@example.org")}
        self.subscription: Subscription | None = None
        self.delivered: list[int] = []
        self.routing_keys, self._token, self._lag = routing_keys, token, lag
        self._clock = clock or SystemClock()
        self._seen: dict[str, list[datetime]] = {}
        super().__init__(
            [
                Route("/v2/enqueue", self._enqueue, methods=["POST"]),
                Route("/v2/change/enqueue", self._change_event, methods=["POST"]),
                Route("/abilities", self._rest(self._abilities), methods=["GET"]),
                Route("/oncalls", self._rest(self._oncalls), methods=["GET"]),
                Route("/users", self._rest(self._list_users), methods=["GET"]),
                Route("/users/{id}", self._rest(self._user), methods=["GET"]),
                Route("/incidents", self._rest(self._list_incidents), methods=["GET"]),
                Route("/incidents", self._rest(self._change_many), methods=["PUT"]),
                Route("/incidents/{id}", self._rest(self._incident), methods=["GET"]),
                Route("/incidents/{id}", self._rest(self._change_one), methods=["PUT"]),
                Route("/incidents/{id}/notes", self._rest(self._note), methods=["POST"]),
            ]
        )

    @property
    def configuration(self) -> str:
        """Give the lines of a configuration that speak to it."""
        url, key = f'url = "{self.address}"', "# any routing key of 32 characters"
        shown = f'[channels.pagerduty]\nkind = "pagerduty"\n{url}\nrouting_key = {{ env = "PD_KEY" }}  {key}'
        hook = '{"url": "http://127.0.0.1:8080/webhooks/pagerduty", "secrets": ["S"]}'
        act = f'{{"key": "INC-...", "status": "acknowledged", "user": "{next(iter(self.users))}"}}'
        return (
            f"{shown}\nWebhooks:  curl {self.address}{CONTROL}subscription -d '{hook}'\n"
            f"A user:    curl {self.address}{CONTROL}act -d '{act}'"
        )

    def controls(self) -> list[Route]:
        """Give what else it can be told by hand: where webhooks go, and what a user does in the app."""
        return [
            Route(f"{CONTROL}subscription", self._take_subscription, methods=["POST"]),
            Route(f"{CONTROL}act", self._take_act, methods=["POST"]),
        ]

    async def _take_subscription(self, request: Request) -> Response:
        try:
            self.subscription = msgspec.json.decode(await request.body(), type=Subscription)
        except msgspec.DecodeError as error:
            return answer_json(400, {"error": str(error)})
        return answer_json(200, {"url": self.subscription.url})

    async def _take_act(self, request: Request) -> Response:
        try:
            wanted = msgspec.json.decode(await request.body(), type=_Act)
        except msgspec.DecodeError as error:
            return answer_json(400, {"error": str(error)})
        found = self.open_with(wanted.key)
        if found is None or wanted.user not in self.users:
            known = ", ".join(one.key for one in self.incidents if one.status != "resolved") or "nothing"
            return answer_json(404, {"error": f"open is {known}; the users are {', '.join(self.users)}"})
        await self.act(found, wanted.status, wanted.user)
        return answer_json(200, {"key": found.key, "status": found.status})

    # -- events

    async def _enqueue(self, request: Request) -> Response:
        try:
            event = read_event(await request.body())
        except EventInvalid as error:
            return answer_json(400, error.body)
        except TooLarge as error:
            return answer_json(400, _invalid(str(error)))
        refused = self._refused(event.routing_key)
        if refused is not None:
            return refused
        key = event.dedup_key or base64.b32encode(hashlib.sha256(await request.body()).digest()[:15]).decode()
        self.later(self._take(event, key))
        return answer_json(202, {"status": "success", "message": "Event processed", "dedup_key": key})

    async def _change_event(self, request: Request) -> Response:
        try:
            change = read_change(await request.body())
        except EventInvalid as error:
            return answer_json(400, error.body)
        except TooLarge as error:
            return answer_json(400, _invalid(str(error)))
        refused = self._refused(change.routing_key)
        if refused is None:
            self.changes.append(change)
        return refused or answer_json(202, {"status": "success", "message": "Change event processed"})

    def _refused(self, key: str) -> Response | None:
        if self.routing_keys is not None and key not in self.routing_keys:
            return answer_json(400, _invalid("Invalid routing key"))
        now = self._clock.now()
        recent = [at for at in self._seen.get(key, []) if now - at < timedelta(minutes=1)]
        self._seen[key] = [*recent, now]
        if len(recent) < PER_MINUTE:
            return None
        return answer_json(429, {"status": "throttle exceeded", "message": "Requests for this service are too many"})

    async def _take(self, event: Event, key: str) -> None:
        """Let an event take effect: one alert for each routing and dedup key, while it is open."""
        if self._lag:
            await asyncio.sleep(self._lag)
        known = self.open_with(key, event.routing_key)
        if known is None:
            if event.action == "trigger":  # the other two, with nothing open, are accepted and dropped
                await self._publish("incident.triggered", self._open(event, key), None)
        elif event.action == "trigger":
            known.triggers += 1
        else:
            await self._move(known, STATUSES[event.action], None)

    def _open(self, event: Event, key: str) -> PagerIncident:
        number = len(self.incidents) + 1
        opened = PagerIncident(
            id=f"Q{number:013d}",
            number=number,
            routing_key=event.routing_key,
            key=key,
            title=event.summary,
            created_at=self._clock.now(),
            event=event,
        )
        self.incidents.append(opened)
        return opened

    def open_with(self, key: str, routing_key: str | None = None) -> PagerIncident | None:
        """Give the open incident of a dedup key, or None."""
        return next(
            (
                one
                for one in self.incidents
                if one.key == key and one.status != "resolved" and routing_key in {None, one.routing_key}
            ),
            None,
        )

    # -- people

    async def act(self, incident: PagerIncident, status: str, user: str) -> None:
        """Let a user acknowledge or resolve in the app, and tell the subscriber."""
        await self._move(incident, status, user)

    async def _move(self, incident: PagerIncident, status: str, user: str | None) -> None:
        if incident.status in {status, "resolved"}:
            return
        incident.status = status
        await self._publish(f"incident.{status}", incident, user)

    async def _publish(self, event_type: str, incident: PagerIncident, user: str | None, *, again: int = 1) -> None:
        """Send a webhook; `again` times for one that is delivered more than once."""
        if self.subscription is None:
            return
        agent = self._agent(user)
        occurred = _utc(self._clock.now())
        data = self._shown(incident) | {"type": "incident", "number": incident.number}
        named = hashlib.sha256(f"{event_type}{incident.id}{occurred}".encode()).hexdigest()
        event = {
            "id": named[:26].upper(),
            "event_type": event_type,
            "resource_type": "incident",
            "occurred_at": occurred,
            "agent": agent,
            "client": None,
            "data": data,
        }
        raw = msgspec.json.encode({"event": event})
        signed = [hmac.new(one.encode(), raw, hashlib.sha256).hexdigest() for one in self.subscription.secrets]
        headers = {
            "Content-Type": "application/json",
            "X-PagerDuty-Signature": ",".join(f"v1={one}" for one in signed),
            "X-Webhook-Id": named[:36],
            "X-Webhook-Subscription": self.subscription.id,
        }
        async with httpx.AsyncClient(timeout=5) as client:
            for _ in range(again):
                got = await client.post(self.subscription.url, content=raw, headers=headers)
                self.delivered.append(got.status_code)

    def _agent(self, user: str | None) -> dict[str, object]:
        if user is None:
            return {"id": "PSERVIC", "type": "events_api_v2_inbound_integration_reference", "summary": "Events API v2"}
        return {"id": user, "type": "user_reference", "summary": self.users[user][0]}

    # -- REST

    def _rest(self, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            offered = request.headers.get("authorization", "")
            if not hmac.compare_digest(offered.encode(), f"Token token={self._token}".encode()):
                return answer_json(401, {"error": {"message": "Unauthorized", "code": 2006}})
            try:
                found: Response = await handler(request)
            except ValueError as error:  # a body that is no JSON, a limit that is no number
                why = {"message": "Invalid Input Provided", "code": 2001, "errors": [str(error)]}
                return answer_json(400, {"error": why})
            return found

        return answer

    async def _abilities(self, _: Request) -> Response:
        return answer_json(200, {"abilities": ["teams", "urgencies"]})

    async def _oncalls(self, request: Request) -> Response:
        policy = {"id": "PPOLICY", "type": "escalation_policy_reference", "summary": "Default"}
        listed = [
            {
                "user": self._user_shown(user) if "users" in request.query_params.getlist("include[]") else _ref(user),
                "schedule": None,
                "escalation_policy": policy,
                "escalation_level": level,
                "start": None,
                "end": None,
            }
            for level, user in enumerate(self.users, start=1)
        ]
        return _page(request, "oncalls", listed)

    async def _list_users(self, request: Request) -> Response:
        wanted = request.query_params.get("query", "").casefold()
        found = [user for user, words in self.users.items() if any(wanted in word.casefold() for word in words)]
        return _page(request, "users", [self._user_shown(user) for user in found])

    async def _user(self, request: Request) -> Response:
        user = request.path_params["id"]
        if user not in self.users:
            return answer_json(404, {"error": _NOT_FOUND})
        return answer_json(200, {"user": self._user_shown(user)})

    async def _list_incidents(self, request: Request) -> Response:
        statuses = request.query_params.getlist("statuses[]")
        key = request.query_params.get("incident_key")
        found = [
            self._shown(one)
            for one in self.incidents
            if (not statuses or one.status in statuses) and key in {None, one.key}
        ]
        return _page(request, "incidents", found)

    async def _incident(self, request: Request) -> Response:
        found = self._by_id(request.path_params["id"])
        if found is None:
            return answer_json(404, {"error": _NOT_FOUND})
        return answer_json(200, {"incident": self._shown(found)})

    async def _change_one(self, request: Request) -> Response:
        wanted = msgspec.json.decode(await request.body(), type=dict[str, Any]).get("incident", {})
        refused = await self._change(request, [wanted | {"id": request.path_params["id"]}])
        found = self._by_id(request.path_params["id"])
        return refused or answer_json(200, {"incident": self._shown(found) if found else None})

    async def _change_many(self, request: Request) -> Response:
        wanted = msgspec.json.decode(await request.body(), type=dict[str, Any]).get("incidents", [])
        refused = await self._change(request, wanted)
        found = [self._by_id(str(one.get("id"))) for one in wanted]
        return refused or answer_json(200, {"incidents": [self._shown(one) for one in found if one]})

    async def _change(self, request: Request, wanted: list[dict[str, Any]]) -> Response | None:
        """Take statuses that somebody wants, named by `From`; give the refusal, or None."""
        sender = request.headers.get("from", "")
        user = next((user for user, (_, email) in self.users.items() if email == sender), None)
        if user is None:
            why = "Requester User Not Found" if sender else "The From header is required"
            return answer_json(400, {"error": {"message": why, "code": 1008 if sender else 2001, "errors": [why]}})
        for one in wanted:
            found = self._by_id(str(one.get("id")))
            status = str(one.get("status", ""))
            if found is None:
                return answer_json(404, {"error": _NOT_FOUND})
            if found.status == "resolved" or status not in {"acknowledged", "resolved"}:
                code, why = (1001, "Incident Already Resolved") if found.status == "resolved" else (2001, "Bad status")
                return answer_json(400, {"error": {"message": why, "code": code, "errors": [why]}})
            await self._move(found, status, user)
        return None

    async def _note(self, request: Request) -> Response:
        found = self._by_id(request.path_params["id"])
        if found is None:
            return answer_json(404, {"error": _NOT_FOUND})
        note = msgspec.json.decode(await request.body(), type=dict[str, Any]).get("note", {})
        found.notes = [*found.notes, str(note.get("content", ""))]
        shown = {"id": f"PNOTE{len(found.notes)}", "content": found.notes[-1], "created_at": _utc(self._clock.now())}
        return answer_json(201, {"note": shown})

    def _by_id(self, name: str) -> PagerIncident | None:
        return next((one for one in self.incidents if one.id == name), None)

    def _user_shown(self, user: str) -> dict[str, object]:
        name, email = self.users[user]
        return _ref(user) | {"type": "user", "name": name, "summary": name, "email": email}

    def _shown(self, incident: PagerIncident) -> dict[str, Any]:
        return {
            "id": incident.id,
            "type": "incident",
            "self": f"https://api.pagerduty.com/incidents/{incident.id}",
            "html_url": f"https://fake.pagerduty.com/incidents/{incident.id}",
            "incident_number": incident.number,
            "title": incident.title,
            "summary": f"[#{incident.number}] {incident.title}",
            "status": incident.status,
            "incident_key": incident.key,
            "created_at": _utc(incident.created_at),
            "urgency": "high",
            "priority": None,
            "service": {"id": "PSERVIC", "type": "service_reference", "summary": "Tocsin"},
        }


def _invalid(why: str) -> dict[str, object]:
    return {"status": "invalid event", "message": "Event object is invalid", "errors": [why]}


def _ref(user: str) -> dict[str, object]:
    places = {
        "self": f"https://api.pagerduty.com/users/{user}",
        "html_url": f"https://fake.pagerduty.com/users/{user}",
    }
    return {"id": user, "type": "user_reference", "summary": user, **places}


def _page(request: Request, name: str, found: list[dict[str, Any]]) -> Response:
    """Give one page of a list, as `limit` and `offset` ask for it."""
    query = request.query_params
    limit, offset = min(int(query.get("limit", USUAL)), MOST), int(query.get("offset", 0))
    if limit + offset > LAST:
        why = "Offset + limit must be at most 10000"
        return answer_json(400, {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": [why]}})
    total = len(found) if query.get("total") == "true" else None
    more = offset + limit < len(found)
    body = {name: found[offset : offset + limit], "limit": limit, "offset": offset, "more": more, "total": total}
    return answer_json(200, body)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
