"""Statuspage: incidents and components of one page, as its owner changes them.

Source: Statuspage API v1, as documented; it has no client of its own.
"""

import hashlib
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.clock import Clock, SystemClock
from tocsin.drill.fakes.http import HttpFake, answer_json

PER_WINDOW, WINDOW = 60, timedelta(seconds=60)
"""One request a second for each token, counted over a minute."""

STATUSES = ("investigating", "identified", "monitoring", "resolved", "postmortem")
IMPACTS = ("none", "minor", "major", "critical")
COMPONENT = ("operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance")
LONGEST_NAME, LONGEST_BODY = 255, 25_000


class Statuspage(HttpFake):
    """The service with one page. `limit_status` is what it answers above its rate: 420, or 429 as newer ones do."""

    refusal = (503, {"error": "Service unavailable"})

    def __init__(
        self,
        page: str = "fakepage0001",
        key: str = "fake-key",
        components: dict[str, str] | None = None,
        *,
        clock: Clock | None = None,
        limit_status: int = 420,
    ) -> None:
        """Begin with components that work and no incident. `components`: id -> name."""
        self.page = page
        self.incidents: list[dict[str, Any]] = []
        self.components: dict[str, dict[str, Any]] = {
            name: {"id": name, "page_id": page, "name": words, "status": "operational"}
            for name, words in (components or {"api": "API"}).items()
        }
        self.told: list[str] = []
        self._key, self._clock, self._limit_status = key, clock or SystemClock(), limit_status
        self._seen: deque[datetime] = deque()
        root = "/v1/pages/{page}"
        super().__init__(
            [
                Route(f"{root}/incidents", self._guarded(self._create), methods=["POST"]),
                Route(f"{root}/incidents", self._guarded(self._list), methods=["GET"]),
                Route(f"{root}/incidents/unresolved", self._guarded(self._unresolved), methods=["GET"]),
                Route(f"{root}/incidents/{{id}}", self._guarded(self._get), methods=["GET"]),
                Route(f"{root}/incidents/{{id}}", self._guarded(self._patch), methods=["PATCH", "PUT"]),
                Route(f"{root}/components", self._guarded(self._list_components), methods=["GET"]),
                Route(f"{root}/components/{{id}}", self._guarded(self._patch_component), methods=["PATCH", "PUT"]),
            ]
        )

    def _guarded(self, handler: Any) -> Any:  # noqa: ANN401  handlers of several shapes
        async def answer(request: Request) -> Response:
            if request.headers.get("authorization") != f"OAuth {self._key}":
                return answer_json(401, {"error": "Could not authenticate"})
            now = self._clock.now()
            while self._seen and now - self._seen[0] >= WINDOW:
                self._seen.popleft()
            if len(self._seen) >= PER_WINDOW:
                return answer_json(self._limit_status, {"error": "You have exceeded your rate limit"})
            self._seen.append(now)
            if request.path_params["page"] != self.page:
                return answer_json(404, {"error": "Page not found"})
            found: Response = await handler(request)
            return found

        return answer

    async def _create(self, request: Request) -> Response:
        wanted = await _inner(request, "incident")
        wrong = self._wrong(wanted) or ([] if wanted.get("name") else ["Name can't be blank"])
        if wrong:
            return answer_json(422, {"error": wrong})
        named = hashlib.sha256(f"{self.page}/{len(self.incidents)}".encode()).hexdigest()[:12]
        now = _utc(self._clock.now())
        incident: dict[str, Any] = {
            "id": named,
            "page_id": self.page,
            "name": wanted["name"],
            "status": "investigating",
            "impact": wanted.get("impact_override") or "none",
            "created_at": now,
            "resolved_at": None,
            "shortlink": f"https://stspg.example/{named}",
            "metadata": {},
            "incident_updates": [],
        }
        self.incidents.insert(0, incident)
        self._change(incident, {"status": "investigating"} | wanted)
        return answer_json(201, incident)

    async def _patch(self, request: Request) -> Response:
        wanted = await _inner(request, "incident")
        found = self._by_id(request)
        if found is None:
            return answer_json(404, {"error": "Incident not found"})
        wrong = self._wrong(wanted)
        if wrong:
            return answer_json(422, {"error": wrong})
        self._change(found, wanted)
        return answer_json(200, found)

    def _change(self, incident: dict[str, Any], wanted: dict[str, Any]) -> None:
        now = _utc(self._clock.now())
        incident |= {name: wanted[name] for name in ("name", "status", "metadata") if name in wanted}
        if "impact_override" in wanted:
            incident["impact"] = wanted["impact_override"]
        if incident["status"] == "resolved" and incident["resolved_at"] is None:
            incident["resolved_at"] = now
        for name, status in (wanted.get("components") or {}).items():
            self.components[name]["status"] = status
        update = {"status": incident["status"], "body": wanted.get("body", ""), "created_at": now}
        incident["incident_updates"] = [update, *incident["incident_updates"]]
        incident["updated_at"] = now
        if wanted.get("deliver_notifications", True):
            self.told.append(incident["id"])

    def _wrong(self, wanted: dict[str, Any]) -> list[str]:
        components = wanted.get("components") or {}
        faults = {
            "Name is too long (maximum is 255 characters)": len(str(wanted.get("name", ""))) > LONGEST_NAME,
            "Body is too long (maximum is 25000 characters)": len(str(wanted.get("body", ""))) > LONGEST_BODY,
            "Status is not included in the list": wanted.get("status", STATUSES[0]) not in STATUSES,
            "Impact override is not included in the list": wanted.get("impact_override", "none") not in IMPACTS,
            "Component could not be found": not set(components) <= set(self.components),
            "Component status is not included in the list": not set(components.values()) <= set(COMPONENT),
        }
        return [text for text, is_so in faults.items() if is_so]

    async def _list(self, _: Request) -> Response:
        return answer_json(200, self.incidents)

    async def _unresolved(self, _: Request) -> Response:
        return answer_json(200, [one for one in self.incidents if one["status"] not in {"resolved", "postmortem"}])

    async def _get(self, request: Request) -> Response:
        found = self._by_id(request)
        return answer_json(200, found) if found else answer_json(404, {"error": "Incident not found"})

    def _by_id(self, request: Request) -> dict[str, Any] | None:
        return next((one for one in self.incidents if one["id"] == request.path_params["id"]), None)

    async def _list_components(self, _: Request) -> Response:
        return answer_json(200, list(self.components.values()))

    async def _patch_component(self, request: Request) -> Response:
        found = self.components.get(request.path_params["id"])
        wanted = await _inner(request, "component")
        if found is None:
            return answer_json(404, {"error": "Component not found"})
        if wanted.get("status", COMPONENT[0]) not in COMPONENT:
            return answer_json(422, {"error": ["Status is not included in the list"]})
        found |= {name: wanted[name] for name in ("name", "status", "description") if name in wanted}
        return answer_json(200, found)


async def _inner(request: Request, name: str) -> dict[str, Any]:
    """Give what a body wraps; what is no such body has nothing in it."""
    try:
        found = msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        return {}
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
