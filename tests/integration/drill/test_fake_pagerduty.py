"""The fake PagerDuty, checked with PagerDuty's own clients over TLS."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from pagerduty import EventsApiV2Client, RestApiV2Client
from pagerduty.errors import HttpError

from conftest import PLAIN_HTTP
from tocsin.drill.clock import MovedClock
from tocsin.drill.fakes.pagerduty import PagerDuty, Subscription

KEY = "0123456789abcdef0123456789abcdef"
USERS = {"PMIRA01": ("Mira Okafor", "mira@example.org"), "PTOM001": ("Tom Lind", "tom@example.org")}


def trigger() -> dict[str, Any]:
    payload = {"summary": "x", "source": "y", "severity": "critical"}
    return {"routing_key": KEY, "event_action": "trigger", "dedup_key": "k", "payload": payload}


@pytest.fixture
async def fake(certificate: tuple[Path, Path]) -> AsyncIterator[PagerDuty]:
    service = PagerDuty(routing_keys=frozenset({KEY}), users=USERS)
    async with service.serving(tls=certificate):
        yield service


async def events(fake: PagerDuty, deed: str, *words: Any, key: str = KEY, **named: Any) -> Any:
    def call() -> Any:
        with EventsApiV2Client(key) as client:
            client.url = fake.address
            client.max_http_attempts = 1
            return getattr(client, deed)(*words, **named)

    found = await asyncio.to_thread(call)
    await fake.settled()
    return found


async def rest(fake: PagerDuty, deed: str, *words: Any, token: str = "u+fake-token", **named: Any) -> Any:  # noqa: S107  made up
    def call() -> Any:
        with RestApiV2Client(token, default_from="mira@example.org", base_url=fake.address) as client:
            return getattr(client, deed)(*words, **named)

    return await asyncio.to_thread(call)


async def test_its_own_client_triggers_acknowledges_and_resolves(fake: PagerDuty) -> None:
    key = await events(fake, "trigger", "It is down", "probe", dedup_key="k", severity="critical")
    assert key == "k"
    assert await events(fake, "trigger", "Still down", "probe", dedup_key="k", severity="critical") == "k"
    [incident] = fake.incidents
    assert (incident.title, incident.triggers, incident.status) == ("It is down", 2, "triggered")
    await events(fake, "acknowledge", "k")
    assert incident.status == "acknowledged"
    await events(fake, "resolve", "k")
    assert incident.status == "resolved"


async def test_a_resolved_key_opens_a_new_one_and_what_is_not_open_is_dropped(fake: PagerDuty) -> None:
    await events(fake, "resolve", "k")
    assert fake.incidents == []
    for action in ("trigger", "resolve", "trigger"):
        words = ("It is down", "probe") if action == "trigger" else ("k",)
        await events(fake, action, *words, **({"dedup_key": "k"} if action == "trigger" else {}))
    assert [one.status for one in fake.incidents] == ["resolved", "triggered"]


async def test_a_trigger_without_a_key_is_given_one(fake: PagerDuty) -> None:
    key = await events(fake, "trigger", "It is down", "probe")
    assert fake.incidents[0].key == key != ""


async def test_a_change_is_taken_and_opens_nothing(fake: PagerDuty) -> None:
    await events(fake, "send_change_event", payload={"summary": "deployed"})
    assert [change.summary for change in fake.changes] == ["deployed"]
    assert fake.incidents == []


async def test_a_wrong_key_and_a_bad_event_are_refused_as_there(fake: PagerDuty) -> None:
    with pytest.raises(HttpError, match="400"):
        await events(fake, "trigger", "x", "y", key="f" * 32)
    with pytest.raises(HttpError, match="400"):
        await events(fake, "trigger", "x", "y", severity="dreadful")


async def test_the_121st_event_within_a_minute_is_too_many() -> None:
    clock = MovedClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    fake = PagerDuty(clock=clock)
    body = {"routing_key": KEY, "event_action": "resolve", "dedup_key": "k"}
    async with fake.serving() as address, httpx.AsyncClient(base_url=address, timeout=60, verify=PLAIN_HTTP) as client:
        codes = [(await client.post("/v2/enqueue", json=body)).status_code for _ in range(121)]
        assert codes == [202] * 120 + [429]
        clock.advance(timedelta(minutes=1))
        assert (await client.post("/v2/enqueue", json=body)).status_code == 202


async def test_what_is_accepted_takes_effect_a_little_later() -> None:
    fake = PagerDuty(lag=1)
    body = trigger()
    async with fake.serving() as address, httpx.AsyncClient(base_url=address, timeout=60, verify=PLAIN_HTTP) as client:
        assert (await client.post("/v2/enqueue", json=body)).status_code == 202
        assert fake.incidents == []
        await fake.settled()
        assert len(fake.incidents) == 1


async def test_its_own_rest_client_reads_and_acts(fake: PagerDuty) -> None:
    await events(fake, "trigger", "It is down", "probe", dedup_key="k")
    on_call = await rest(fake, "list_all", "oncalls", page_size=1, params={"include[]": ["users"]})
    assert [(one["user"]["name"], one["escalation_level"]) for one in on_call] == [("Mira Okafor", 1), ("Tom Lind", 2)]
    assert (await rest(fake, "find", "users", "tom@example.org", attribute="email"))["id"] == "PTOM001"
    [incident] = await rest(fake, "list_all", "incidents", params={"statuses[]": ["triggered"]})
    assert incident["incident_key"] == "k"
    wanted = [{"id": incident["id"], "type": "incident_reference", "status": "acknowledged"}]
    [changed] = await rest(fake, "rput", "incidents", json=wanted)
    assert changed["status"] == "acknowledged"
    await rest(fake, "rpost", f"incidents/{incident['id']}/notes", json={"content": "looking"})
    assert fake.incidents[0].notes == ["looking"]
    wanted[0]["status"] = "resolved"
    await rest(fake, "rput", "incidents", json=wanted)
    with pytest.raises(HttpError, match="400"):
        await rest(fake, "rput", "incidents", json=wanted)


async def test_rest_refuses_a_wrong_token_and_what_is_not_there(fake: PagerDuty) -> None:
    with pytest.raises(HttpError, match="401"):
        await rest(fake, "rget", "abilities", token="u+wrong-token")
    with pytest.raises(HttpError, match="404"):
        await rest(fake, "rget", "incidents/QNONE")


async def test_rest_refuses_what_cannot_be_read() -> None:
    headers = {"Authorization": "Token token=u+fake-token", "From": "mira@example.org"}
    async with (
        PagerDuty().serving() as address,
        httpx.AsyncClient(base_url=address, headers=headers, timeout=60, verify=PLAIN_HTTP) as client,
    ):
        assert (await client.get("/users?limit=many")).json()["error"]["code"] == 2001
        assert (await client.get("/users?limit=100&offset=9950")).status_code == 400
        assert (await client.put("/incidents", content=b"[")).status_code == 400


async def test_webhooks_tell_who_did_it_and_are_signed_with_every_secret() -> None:
    came = PagerDuty()  # anything that listens will do: it records before it answers
    fake = PagerDuty(users=USERS)
    async with came.serving() as address, fake.serving():
        fake.subscription = Subscription(url=f"{address}/hook", secrets=("old", "new"))
        async with httpx.AsyncClient(base_url=fake.address, timeout=60, verify=PLAIN_HTTP) as client:
            await client.post("/v2/enqueue", json=trigger())
        await fake.settled()
        await fake.act(fake.incidents[0], "acknowledged", "PTOM001")
        opened, acknowledged = came.came
        assert opened.json["event"]["agent"]["type"] == "events_api_v2_inbound_integration_reference"
        event = acknowledged.json["event"]
        assert (event["event_type"], event["agent"]["summary"]) == ("incident.acknowledged", "Tom Lind")
        assert event["data"]["incident_key"] == "k"
        wanted = [hmac.new(one, acknowledged.body, hashlib.sha256).hexdigest() for one in (b"old", b"new")]
        assert acknowledged.headers["x-pagerduty-signature"] == ",".join(f"v1={one}" for one in wanted)
        assert opened.headers["x-webhook-id"] != acknowledged.headers["x-webhook-id"]


@pytest.mark.parametrize(
    ("mode", "answer", "opened"),
    [
        ("normal", 202, 1),
        ("slow", 202, 1),
        ("refusing", 500, 0),
        ("lying", 500, 1),
        ("silent", None, 1),
        ("down", None, 0),
    ],
)
async def test_it_misbehaves_when_told_to(mode: str, answer: int | None, opened: int) -> None:
    fake = PagerDuty()
    fake.delay = 0.01
    body = trigger()
    async with fake.serving() as address, httpx.AsyncClient(base_url=address, timeout=60, verify=PLAIN_HTTP) as client:
        assert (await client.post("/_fake/mode", content=mode)).json() == {"mode": mode}
        try:
            patience = 0.5 if mode == "silent" else 60
            got: int | None = (await client.post("/v2/enqueue", json=body, timeout=patience)).status_code
        except httpx.HTTPError:
            got = None
        await fake.settled()
        assert (got, len(fake.incidents)) == (answer, opened)
        [came] = (await client.get("/_fake/came")).json()["came"]
        assert msgspec.json.decode(came["body"])["dedup_key"] == "k"
        assert (await client.post("/_fake/mode", content="kind")).status_code == 400
