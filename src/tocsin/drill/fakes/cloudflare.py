"""Cloudflare: the security level of a zone and its access rules.

Source: Cloudflare API v4 and its envelope of errors.
"""

import hashlib
import ipaddress
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.clock import Clock, SystemClock
from tocsin.drill.fakes.http import HttpFake, answer_json

PER_WINDOW, WINDOW = 1200, timedelta(minutes=5)
"""So many requests of a user in five minutes; then nothing for five minutes."""

LEVELS = ("off", "essentially_off", "low", "medium", "high", "under_attack")
MODES = ("block", "challenge", "whitelist", "js_challenge", "managed_challenge")
TARGETS = ("ip", "ip6", "ip_range", "asn", "country")


class Cloudflare(HttpFake):
    """The service with one zone."""

    refusal = (503, {"success": False, "errors": [{"code": 10000, "message": "Unavailable"}], "messages": []})

    def __init__(
        self,
        zone: str = "0123456789abcdef0123456789abcdef",
        token: str = "fake-token",  # noqa: S107  a made-up one, it guards nothing
        *,
        clock: Clock | None = None,
    ) -> None:
        """Begin with the level "medium" and no rule."""
        self.zone, self.level = zone, "medium"
        self.rules: dict[str, dict[str, Any]] = {}
        self._token, self._clock = token, clock or SystemClock()
        self._seen: deque[datetime] = deque()
        self._blocked_until: datetime | None = None
        self._made = 0
        root = "/client/v4/zones/{zone}"
        level, rules = f"{root}/settings/security_level", f"{root}/firewall/access_rules/rules"
        super().__init__(
            [
                Route("/client/v4/user/tokens/verify", self._guarded(self._verify), methods=["GET"]),
                Route(level, self._guarded(self._get_level), methods=["GET"]),
                Route(level, self._guarded(self._set_level), methods=["PATCH"]),
                Route(rules, self._guarded(self._list), methods=["GET"]),
                Route(rules, self._guarded(self._create), methods=["POST"]),
                Route(f"{rules}/{{id}}", self._guarded(self._delete), methods=["DELETE"]),
            ]
        )

    def _guarded(self, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            offered = request.headers.get("authorization", "")
            if not offered.startswith("Bearer "):
                return _refused(400, 6003, "Invalid request headers")
            if offered != f"Bearer {self._token}":
                return _refused(403, 9109, "Invalid access token")
            if self._is_over():
                seconds = str(int(WINDOW.total_seconds()))
                return _refused(429, 10100, "Rate limited. Please wait and consider throttling.", seconds)
            if request.path_params.get("zone", self.zone) != self.zone:
                return _refused(404, 7003, "Could not route to the zone, perhaps your object identifier is invalid?")
            found: Response = await handler(request)
            return found

        return answer

    def _is_over(self) -> bool:
        now = self._clock.now()
        if self._blocked_until is not None and now < self._blocked_until:
            return True
        while self._seen and now - self._seen[0] >= WINDOW:
            self._seen.popleft()
        if len(self._seen) >= PER_WINDOW:
            self._blocked_until = now + WINDOW
            return True
        self._seen.append(now)
        return False

    async def _verify(self, _: Request) -> Response:
        return _done({"id": "faketoken", "status": "active"})

    async def _get_level(self, _: Request) -> Response:
        return _done(self._level_shown())

    async def _set_level(self, request: Request) -> Response:
        wanted = (await _json(request)).get("value")
        if wanted not in LEVELS:
            return _refused(400, 1007, "Invalid value for zone setting security_level")
        self.level = str(wanted)
        return _done(self._level_shown())

    def _level_shown(self) -> dict[str, object]:
        at = _utc(self._clock.now())
        return {"id": "security_level", "value": self.level, "editable": True, "modified_on": at}

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        wanted = query.get("configuration.value") or query.get("configuration[value]")
        found = [one for one in self.rules.values() if wanted in {None, one["configuration"]["value"]}]
        size, number = int(query.get("per_page", 20)), int(query.get("page", 1))
        part = found[(number - 1) * size : number * size]
        counts = {"count": len(part), "total_count": len(found), "total_pages": -(-len(found) // size)}
        return _done(part, {"page": number, "per_page": size} | counts)

    async def _create(self, request: Request) -> Response:
        wanted = await _json(request)
        given = wanted.get("configuration")
        configuration: dict[str, Any] = given if isinstance(given, dict) else {}
        target, value = configuration.get("target"), str(configuration.get("value", ""))
        if wanted.get("mode") not in MODES or target not in TARGETS or not _fits(str(target), value):
            return _refused(400, 10001, "firewallaccessrules.api.invalid_configuration")
        if any(one["configuration"] == configuration for one in self.rules.values()):
            return _refused(400, 10009, "firewallaccessrules.api.duplicate_of_existing")
        self._made += 1
        name = hashlib.sha256(f"{self.zone}/{self._made}".encode()).hexdigest()[:32]
        self.rules[name] = {
            "id": name,
            "mode": wanted["mode"],
            "configuration": configuration,
            "notes": wanted.get("notes", ""),
            "allowed_modes": list(MODES),
            "created_on": _utc(self._clock.now()),
            "scope": {"id": self.zone, "type": "zone"},
        }
        return _done(self.rules[name])

    async def _delete(self, request: Request) -> Response:
        name = request.path_params["id"]
        if self.rules.pop(name, None) is None:
            return _refused(404, 10001, "firewallaccessrules.api.not_found")
        return _done({"id": name})


def _fits(target: str, value: str) -> bool:
    """Give whether an address is one; names of networks and countries are taken as they come."""
    try:
        if target in {"ip", "ip6"}:
            return ipaddress.ip_address(value).version == (4 if target == "ip" else 6)
        return bool(ipaddress.ip_network(value)) if target == "ip_range" else bool(value)
    except ValueError:
        return False


async def _json(request: Request) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _done(result: object, info: dict[str, int] | None = None) -> Response:
    body: dict[str, object] = {"success": True, "errors": [], "messages": [], "result": result}
    return answer_json(200, body | ({"result_info": info} if info else {}))


def _refused(status: int, code: int, why: str, wait: str | None = None) -> Response:
    body = {"success": False, "errors": [{"code": code, "message": why}], "messages": [], "result": None}
    return answer_json(status, body, {"Retry-After": wait} if wait else None)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
