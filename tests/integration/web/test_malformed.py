"""Bodies that are not what they should be, over every route that takes one: no mistake, nothing kept, no word leaks.

A few thousand of them here; `TOCSIN_MALFORMED=100000` sends so many.
"""

import json
import logging
import os
from collections import Counter
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from conftest import PLAIN_HTTP, SHARED
from integration.servers import Here
from integration.web.doors import OLD, SECRET
from senders import bodies
from tocsin.detection import prometheus
from tocsin.detection.delivery import Delivery, Malformed, decoded
from tocsin.settings import SourceSettings

MANY = int(os.environ.get("TOCSIN_MALFORMED", "2000"))
MARK = "hunter2"
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, float("nan"), float("inf"), 2**70, "", MARK, "\x00" + MARK, "\ud800", MARK * 3000, [], {},
    [[[[]]]], [MARK], {MARK: MARK}, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+00:00", "2026-13-45", "javascript:x",
)  # fmt: skip
GARBAGE = (
    b"\xff\xfe" + MARK.encode(), b"{" + MARK.encode(), b"[" * 50_000, b'{"a":' * 20_000, b"null", b"NaN", b"\x00" * 50,
    b'{"a": "' + b"\\ud800" * 10 + b'"}', b'{"a": 1e99999}', b"--x\r\n\r\n" + MARK.encode(), b"a=%ff%00&" * 300,
    MARK.encode() * 1000, b'"' + MARK.encode() + b'"', b"\xef\xbb\xbf{}", b"<xml>" + MARK.encode(),
    b"Subject: =?utf-8?b?" + MARK.encode() + b"?=\r\nContent-Type: multipart/x\r\n\r\n",
    b"From: <@>\r\nDate: x\r\n\r\n", b"From: a@b\r\nReferences: " + b"<" * 999 + b"\r\n\r\n",
    b"Subject: x\r\nContent-Type: text/plain; charset=nope\r\n\r\nx",
)  # fmt: skip
STREAMS = {"/app/events", "/app/events/{number}"}


def captured() -> dict[str, list[Any]]:
    """Bodies of real programs by the path they were sent to, where they lie beside the project."""
    found: dict[str, list[Any]] = {}
    for path in sorted((SHARED / "payloads").glob("*/*POST*.json")):
        sent = json.loads(path.read_text())
        if isinstance(sent, dict) and "path" in sent:
            found.setdefault(sent["path"].replace("/alertmanager/webhook", "/webhooks/alertmanager"), []).append(
                sent.get("body")
            )
    return found


def ours(here: Here) -> dict[str, list[Any]]:
    """Bodies by the route that takes them."""
    change = {"routing_key": here.routing_key, "payload": {"summary": MARK, "timestamp": "2026-01-01"}, "links": []}
    ack = {"routing_key": here.routing_key, "event_action": "acknowledge", "dedup_key": "k"}
    refer = {"incidents": [{"id": "INC-2026-0001", "type": "incident_reference", "status": "acknowledged"}]}
    return {
        "/v2/enqueue": [here.event(dedup_key="k"), ack],
        "/v2/change/enqueue": [change],
        "/webhooks/alertmanager": [bodies.ALERTMANAGER],
        "/api/v2/alerts": [bodies.PROMETHEUS],
        "/webhooks/grafana": [bodies.GRAFANA],
        "/webhooks/sentry": list(bodies.SENTRY.values()),
        "/webhooks/cloudflare": [bodies.CLOUDFLARE],
        "/webhooks/pagerduty": [bodies.PAGERDUTY],
        "/webhooks/custom/{name}": [bodies.CUSTOM],
        "/incidents": [refer, {"incident": {"title": "", "service": {"id": MARK}}}],
        "/incidents/{id}": [{"incident": {"type": "incident", "status": MARK}}],
        "/incidents/{id}/notes": [{"note": {"content": MARK}}],
    }


class Mutations:
    """Ways to spoil a body, one after another from a seed."""

    def __init__(self, seed: int, known: dict[str, list[Any]]) -> None:
        self.chance, self.known = Random(seed), known  # noqa: S311  the same bodies each time

    def body(self, path: str) -> bytes:
        chance, known = self.chance, self.known.get(path)
        if known is None or chance.random() < 0.2:
            return chance.choice(GARBAGE)
        value = deepcopy(chance.choice(known))
        for _ in range(chance.randint(1, 3)):
            value = self._spoiled(value)
        raw = json.dumps(value, ensure_ascii=chance.random() < 0.7).encode("utf-8", "surrogatepass")
        return self._torn(raw) if chance.random() < 0.3 else raw

    def _spoiled(self, value: Any) -> Any:
        """The value with one thing in it replaced, removed or doubled."""
        chance = self.chance
        if isinstance(value, dict) and value and chance.random() < 0.9:
            name = chance.choice(sorted(value, key=str))
            if chance.random() < 0.15:
                del value[name]
            elif chance.random() < 0.1:
                value[chance.choice((MARK, "", "\x00", name * 300))] = value.pop(name)
            else:
                value[name] = self._spoiled(value[name])
            return value
        if isinstance(value, list) and value and chance.random() < 0.8:
            place = chance.randrange(len(value))
            if chance.random() < 0.1:
                return value * chance.choice((2, 300))
            value[place] = self._spoiled(value[place])
            return value
        return deepcopy(chance.choice(ODD))

    def _torn(self, raw: bytes) -> bytes:
        chance, place = self.chance, self.chance.randrange(len(raw) + 1)
        torn = (
            raw[:place],
            raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1 :],
            raw[:place] + raw,
            raw[place:],
        )
        return chance.choice(torn)

    def path(self, template: str, here: Here) -> str:
        named = {
            "key": here.tocsin.access.source_key("monitoring"),
            "name": "uptime",
            "number": "INC-2026-0001",
            "id": "INC-2026-0001",
        }
        parts = []
        for part in template.split("/"):
            name = part.strip("{}").partition(":")[0]
            odd = self.chance.choice((MARK, "%00", "%ff", "..", "INC-0-0", "0" * 300, "%F0%9F%94%A5"))
            parts.append(
                part if not part.startswith("{") else named.get(name, odd) if self.chance.random() < 0.6 else odd
            )
        return "/".join(parts)


def proof(here: Here, path: str, raw: bytes, chance: Random) -> dict[str, str]:
    """The headers of somebody who may send there, so that it is the body that is looked at."""
    secret, signed = chance.choice((SECRET, OLD)), bodies.mac(SECRET, raw)
    if path == "/webhooks/sentry":
        kinds = ("issue", "event_alert", "metric_alert", "activity_alert", MARK, "")
        return {"Sentry-Hook-Resource": chance.choice(kinds), "Sentry-Hook-Signature": bodies.mac(secret, raw)}
    if path == "/webhooks/cloudflare":
        return {"cf-webhook-auth": SECRET}
    if path == "/webhooks/pagerduty":
        return {"X-PagerDuty-Signature": f"v1={signed}", "X-Webhook-Id": str(chance.random())}
    sources = {
        "/webhooks/alertmanager": "am",
        "/webhooks/grafana": "graf",
        "/api/v2/alerts": "prom",
        "/webhooks/email": "mailbox",
    }
    name = "uptime" if path.startswith("/webhooks/custom/") else sources.get(path)
    if name is not None:
        return {"Authorization": f"Bearer {here.tocsin.access.source_key(name)}"}
    return here.owner


def partly_right(path: str, raw: bytes) -> bool:
    """Whether a delivery has alerts that are right beside others: these are taken, as Alertmanager takes them."""
    if path != "/api/v2/alerts":
        return False
    source = SourceSettings(id="prom")
    for one in decoded(raw):  # type: ignore[attr-defined]
        with suppress(Malformed):
            return bool(
                prometheus.read(Delivery(source, json.dumps([one]).encode(), {}), datetime(2026, 11, 25, tzinfo=UTC))
            )
    return False


def routes(here: Here) -> list[tuple[str, str]]:
    """Every route that takes a body, and those of senders more often than the rest."""
    found = [
        (method, route.path)
        for route in here.app.routes
        if isinstance(route, Route) and route.path not in STREAMS
        for method in sorted((route.methods or set()) & {"POST", "PUT"})
    ]
    senders = [
        one for one in found if one[1].startswith(("/v2/", "/webhooks/", "/api/v2/", "/incidents", "/heartbeat"))
    ]
    return found + senders * 6


class Leaks(logging.Handler):
    """Remembers what of a body stands in the log."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.found: list[str] = []
        self._form = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        text = self._form.format(record)
        if MARK in text and record.name not in {"httpx", "httpcore", "asyncio"}:
            self.found.append(text[:500])


@pytest.fixture
async def doors(doors: Here) -> Here:
    """The same with a worker that rests, so that whatever is written was written by a request."""
    await doors.tocsin.worker.stop()
    return doors


@pytest.mark.timeout(3600)
async def test_bodies_that_are_none_do_no_harm(doors: Here) -> None:
    leaks, said = Leaks(), Counter[int]()
    logging.getLogger().addHandler(leaks)
    known = ours(doors)
    for path, more in captured().items():
        if path in known:
            known[path] += more
    mutations, writer = Mutations(7, known), doors.tocsin.store._writer  # type: ignore[attr-defined]
    every, wrong = routes(doors), list[str]()
    # Straight to the application: a hundred thousand requests through sockets would measure the machine.
    straight = httpx.ASGITransport(app=doors.app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=straight, base_url=str(doors.client.base_url), verify=PLAIN_HTTP)
    try:
        for place in range(MANY):
            method, template = mutations.chance.choice(every)
            path, raw = mutations.path(template, doors), mutations.body(template)
            before = writer.total_changes
            try:
                answer = await client.request(
                    method, path, content=raw, headers=proof(doors, template, raw, mutations.chance)
                )
            except httpx.InvalidURL:
                continue
            said[answer.status_code] += 1
            if answer.status_code >= 500:
                wrong.append(f"{place}: {method} {path} answered {answer.status_code} to {raw[:300]!r}")
            if answer.status_code >= 400 and writer.total_changes != before and not partly_right(template, raw):
                wrong.append(f"{place}: {method} {path} refused with {answer.status_code} and kept {raw[:300]!r}")
    finally:
        await client.aclose()
        logging.getLogger().removeHandler(leaks)
    assert wrong[:10] == []
    assert leaks.found[:10] == []
    assert said[400] > MANY / 10, said
    assert said[200] + said[202] > MANY / 50, f"some are still what they should be: {said}"
    assert (doors.app.state.gate.requests, doors.app.state.gate.bytes) == (0, 0)
