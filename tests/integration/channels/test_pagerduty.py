"""PagerDuty from end to end, with the fake one: pages go there, what people do there comes back."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from conftest import PLAIN_HTTP
from integration.channels.messages import page
from integration.channels.receivers import CLOCK
from integration.channels.walks import DOWN, Walk, walking
from tocsin.channels.message import SendFailed
from tocsin.channels.pagerduty import PagerDuty as Channel
from tocsin.channels.pagerduty import dedup_key
from tocsin.drill.fakes.pagerduty import PagerDuty, Subscription
from tocsin.engine.doctor import Ward, page_and_wait
from tocsin.errors import SettingsInvalid
from tocsin.incident import facts as f
from tocsin.incident.wishes import Acknowledge, Escalate, Reopen, Resolve

pytestmark = pytest.mark.usefixtures("trusting_nobody")

KEY = "0123456789abcdef0123456789abcdef"
USERS = {
    "PMIRA01": ("Mira Okafor", "mira@example.org"),
    "PXYZ999": ("J. Weber", "jonas@example.org"),
    "PNOBODY": ("Somebody Else", "else@example.org"),
}
TEAM = """
timezone = "Europe/Berlin"
[channels.pd]
kind = "pagerduty"
routing_key = {{ env = "PD_KEY" }}
webhook_secret = {{ env = "PD_SECRET" }}
former_webhook_secret = {{ env = "PD_FORMER" }}
url = "{url}"
[people.mira]
name = "Mira Okafor"
reach = [{{ via = ["pd"] }}]
[people.jonas]
name = "Jonas Weber"
pagerduty = "PXYZ999"
reach = [{{ via = ["pd"] }}]
[people.sam]
name = "Sam Ito"
[roles]
L1 = ["mira"]
L2 = ["jonas"]
Executive = ["sam"]
Legal = ["mira"]
"Security team" = ["mira"]
"""
FIRST, SECOND = "INC-2026-0001/1/L1/mira/0.pd", "INC-2026-0001/1/L2/jonas/0.pd"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PD_KEY": KEY, "PD_SECRET": "new one", "PD_FORMER": "old one"}.items():
        monkeypatch.setenv(name, value)


@asynccontextmanager
async def both(signed: tuple[str, ...] = ("new one",)) -> AsyncIterator[tuple[Walk, PagerDuty]]:
    clock = Clocks()
    fake = PagerDuty(users=USERS, clock=clock)
    async with fake.serving() as address, walking(TEAM.format(url=address)) as walk:
        clock.walk = walk
        fake.subscription = Subscription(url=f"{walk.address}/webhooks/pagerduty", secrets=signed)
        yield walk, fake


class Clocks:
    """The fake's clock is the one that is moved by hand."""

    walk: Walk

    def now(self) -> Any:
        return self.walk.clock.now()

    def monotonic(self) -> float:
        return self.walk.clock.monotonic()


async def everything(walk: Walk, fake: PagerDuty) -> None:
    for _ in range(3):
        await walk.settle()
        await fake.settled()


async def paged(walk: Walk, fake: PagerDuty, summary: str = DOWN, incident_type: str = "") -> str:
    more = {"incident_type": incident_type} if incident_type else {}
    number = await walk.alert(summary, "trigger", **more)
    await everything(walk, fake)
    return number


async def acknowledged(walk: Walk, number: str) -> list[tuple[str, str]]:
    return [(body.by, body.via) for body in await walk.facts(number) if isinstance(body, f.Acknowledged)]


def there(fake: PagerDuty) -> list[tuple[str, str]]:
    """The pages that PagerDuty has, without what tells and asks for no answer."""
    return [(one.key, one.status) for one in fake.incidents if not one.key.endswith("/told")]


async def test_a_page_taken_in_pagerduty_is_taken_here_and_nobody_else_is_called() -> None:
    async with both() as (walk, fake):
        number = await paged(walk, fake)
        assert there(fake) == [(FIRST, "triggered")]
        await fake.act(fake.incidents[0], "acknowledged", "PMIRA01")
        await everything(walk, fake)
        assert await acknowledged(walk, number) == [("person:mira", "pagerduty")]
        await walk.let_pass(minutes=25)
        await everything(walk, fake)
        assert there(fake) == [(FIRST, "acknowledged")]
        assert set(fake.delivered) == {202}


async def test_a_page_resolved_in_pagerduty_is_resolved_here() -> None:
    async with both() as (walk, fake):
        number = await paged(walk, fake)
        await fake.act(fake.incidents[0], "resolved", "PMIRA01")
        resolved = [body for body in await walk.facts(number) if isinstance(body, f.Resolved)]
        assert [(body.by, body.why) for body in resolved] == [("person:mira", "resolved in PagerDuty")]


async def test_what_happens_here_is_told_there_and_does_not_come_back() -> None:
    async with both() as (walk, fake):
        number = await paged(walk, fake)
        await walk.act(number, Escalate(by="person:mira"))
        await everything(walk, fake)
        assert there(fake) == [(FIRST, "triggered"), (SECOND, "triggered")]
        await walk.act(number, Acknowledge(by="person:jonas"))
        await everything(walk, fake)
        assert there(fake) == [(FIRST, "acknowledged"), (SECOND, "acknowledged")]
        await walk.act(number, Resolve(by="person:jonas"))
        await everything(walk, fake)
        assert there(fake) == [(FIRST, "resolved"), (SECOND, "resolved")]
        assert len(fake.delivered) == 6, "each of these came back as a webhook"
        assert await acknowledged(walk, number) == [("person:jonas", "api")]
        kinds = [type(body).__name__ for body in await walk.facts(number)]
        assert kinds.count("Resolved") == 1


async def test_a_second_round_rings_again() -> None:
    async with both() as (walk, fake):
        number = await paged(walk, fake)
        await walk.act(number, Resolve(by="person:mira"))
        await everything(walk, fake)
        await walk.act(number, Reopen(by="person:mira"))
        await everything(walk, fake)
        assert there(fake) == [(FIRST, "resolved"), (FIRST.replace("/1/", "/2/"), "triggered")]


async def test_who_did_it_there_is_found_by_id_or_by_name_and_else_is_pagerduty_itself() -> None:
    async with both() as (walk, fake):
        number = await paged(walk, fake)
        await fake.act(fake.incidents[0], "acknowledged", "PNOBODY")
        await walk.act(number, Escalate(by="person:mira"))
        await everything(walk, fake)
        await fake.act(fake.incidents[1], "acknowledged", "PXYZ999")
        found = await acknowledged(walk, number)
        assert found == [("source:pagerduty", "pagerduty"), ("person:jonas", "pagerduty")]


@pytest.mark.parametrize("signed", [("new one",), ("old one",), ("strange", "new one")])
async def test_any_of_the_secrets_will_do_while_one_is_replaced(signed: tuple[str, ...]) -> None:
    async with both(signed) as (walk, fake):
        number = await paged(walk, fake)
        await fake.act(fake.incidents[0], "acknowledged", "PMIRA01")
        assert len(await acknowledged(walk, number)) == 1


async def test_what_pagerduty_did_not_sign_is_refused() -> None:
    async with both(("strange",)) as (walk, fake):
        number = await paged(walk, fake)
        await fake.act(fake.incidents[0], "acknowledged", "PMIRA01")
        assert set(fake.delivered) == {403}
        assert await acknowledged(walk, number) == []
        async with httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
            for headers in ({}, {"X-PagerDuty-Signature": "v1="}, {"X-PagerDuty-Signature": "v1=ä".encode().hex()}):
                got = await client.post(f"{walk.address}/webhooks/pagerduty", content=b"{}", headers=headers)
                assert got.status_code == 403


def signed(event: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    raw = msgspec.json.encode({"event": event})
    mark = hmac.new(b"new one", raw, hashlib.sha256).hexdigest()
    return raw, {"X-PagerDuty-Signature": f"v1={mark}", "X-Webhook-Id": hashlib.sha256(raw).hexdigest()}


def event(walk: Walk, **changes: Any) -> dict[str, Any]:
    known = {
        "event_type": "incident.resolved",
        "occurred_at": walk.clock.now().isoformat(),
        "agent": {"id": "PMIRA01", "type": "user_reference", "summary": "Mira Okafor"},
        "data": {"incident_key": FIRST},
    }
    return known | changes


async def test_a_webhook_that_comes_again_after_a_reopening_resolves_nothing() -> None:
    async with both() as (walk, fake), httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
        number = await paged(walk, fake)
        raw, headers = signed(event(walk))
        url = f"{walk.address}/webhooks/pagerduty"
        assert (await client.post(url, content=raw, headers=headers)).status_code == 202
        walk.clock.advance(timedelta(minutes=1))
        await walk.act(number, Reopen(by="person:mira"))
        headers.pop("X-Webhook-Id")  # as after a restart, which remembers none
        assert (await client.post(url, content=raw, headers=headers)).status_code == 202
        assert (await walk.tocsin.engine.load(number)).incident.status == "triggered"  # type: ignore[union-attr]


async def test_what_a_person_does_there_counts_though_the_clock_there_goes_behind() -> None:
    async with both() as (walk, fake), httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
        number = await paged(walk, fake)
        behind = (walk.clock.now() - timedelta(minutes=2)).isoformat()
        raw, headers = signed(event(walk, event_type="incident.acknowledged", occurred_at=behind))
        assert (
            await client.post(f"{walk.address}/webhooks/pagerduty", content=raw, headers=headers)
        ).status_code == 202
        assert await acknowledged(walk, number) == [("person:mira", "pagerduty")]


@pytest.mark.parametrize(
    "changes",
    [
        {"event_type": "incident.triggered"},
        {"event_type": "pagey.ping"},
        {"agent": None},
        {"agent": {"id": "PS", "type": "service_reference", "summary": "Mira Okafor"}},
        {"data": {"incident_key": "somebody else's"}},
        {"data": {"incident_key": "INC-2026-9999/1/L1/mira/0.pd"}},
        {"data": {}},
    ],
)
async def test_what_means_nothing_to_us_is_taken_and_changes_nothing(changes: dict[str, Any]) -> None:
    async with both() as (walk, fake), httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
        number = await paged(walk, fake)
        raw, headers = signed(event(walk, **changes))
        got = await client.post(f"{walk.address}/webhooks/pagerduty", content=raw, headers=headers)
        assert got.status_code == 202
        assert (await walk.tocsin.engine.load(number)).incident.status == "triggered"  # type: ignore[union-attr]


async def test_a_body_that_is_none_is_refused_and_told_as_at_every_door(caplog: pytest.LogCaptureFixture) -> None:
    async with both() as (walk, _), httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
        raw, headers = signed({"event_type": 1})
        got = await client.post(f"{walk.address}/webhooks/pagerduty", content=raw, headers=headers)
        assert got.status_code == 400
    assert "/webhooks/pagerduty refused a delivery: the body is none of PagerDuty's webhooks" in caplog.messages


async def test_without_a_pagerduty_channel_there_is_no_such_door() -> None:
    async with (
        walking('[people.mira]\nname = "Mira"\n') as walk,
        httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client,
    ):
        assert (await client.post(f"{walk.address}/webhooks/pagerduty", content=b"{}")).status_code == 404


async def test_a_restricted_incident_is_named_there_and_nothing_more() -> None:
    async with both() as (walk, fake):
        number = await paged(walk, fake, "Unauthorized access to the database", incident_type="data-breach")
        incident = fake.incidents[0]
        assert incident.title == f"Restricted incident ({number})"
        assert incident.event.details == {"incident": number, "to": "Mira Okafor"}
        assert not {"L1", "Legal"} & set(incident.key.split("/"))
        await fake.act(incident, "acknowledged", "PMIRA01")
        assert await acknowledged(walk, number) == [("person:mira", "pagerduty")]


async def test_a_page_that_pagerduty_took_without_saying_so_is_the_same_alert_when_it_is_repeated() -> None:
    async with both() as (walk, fake):
        fake.behave("lying")
        await walk.alert(DOWN)
        fake.behave("normal")
        await walk.let_pass(seconds=30)
        await everything(walk, fake)
        assert [(one.key, one.triggers) for one in fake.incidents] == [(FIRST, 2)]


async def test_a_test_page_is_answered_by_a_user_who_acknowledges_it() -> None:
    async with both() as (walk, fake):
        ward = Ward(walk.tocsin.engine, walk.tocsin.deeds, walk.tocsin.links)
        waiting = asyncio.create_task(page_and_wait(ward, ("mira",), 90, "local:operator"))
        while not fake.incidents:  # noqa: ASYNC110  the fake tells nobody
            await asyncio.sleep(0.01)
        assert fake.incidents[0].event.severity == "info"
        await fake.act(fake.incidents[0], "acknowledged", "PMIRA01")
        [answer] = await waiting
        assert answer.answered


# -- the channel


def test_a_key_of_another_length_is_refused_at_start() -> None:
    with pytest.raises(SettingsInvalid, match="has 3 characters"):
        Channel("abc", clock=CLOCK, doors="https://x")


def test_a_long_key_stays_within_what_pagerduty_takes_and_still_begins_with_the_number() -> None:
    assert dedup_key(page(key=FIRST)) == FIRST
    long = f"INC-2026-0001/1/{'x' * 300}/mira/0.pd"
    keys = {dedup_key(page(key=long)), dedup_key(page(key=f"{long}y")), dedup_key(page(key=long, menu=""))}
    assert len(keys) == 3
    assert all(len(key) <= 255 and key.startswith("INC-2026-0001/") for key in keys)


async def test_to_resolve_a_reminder_in_pagerduty_resolves_no_incident() -> None:
    async with both() as (walk, fake):
        number = await paged(walk, fake)
        await fake.act(fake.incidents[0], "acknowledged", "PMIRA01")
        await walk.let_pass(minutes=29)
        await everything(walk, fake)
        reminder = fake.incidents[-1]
        assert reminder.key.endswith("/told")
        assert reminder.event.severity == "info"
        await fake.act(reminder, "resolved", "PMIRA01")
        assert (await walk.tocsin.engine.load(number)).incident.status == "acknowledged"  # type: ignore[union-attr]


async def test_every_fault_that_pagerduty_finds_is_in_the_reason_and_the_key_is_not() -> None:
    fake = PagerDuty(routing_keys=frozenset())
    async with fake.serving() as address:
        channel = Channel(KEY, clock=CLOCK, doors="https://x", url=address)
        with pytest.raises(SendFailed, match="answered 400: Invalid routing key") as caught:
            await channel.send(page())
        await channel.close()
    assert caught.value.permanent
    assert KEY not in str(caught.value)
