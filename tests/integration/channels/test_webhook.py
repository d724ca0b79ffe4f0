import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from integration.channels.messages import FACTS, page
from integration.channels.receivers import CLOCK, HttpReceiver, http_receiver, nobody
from tocsin.channels.addresses import proxy_of
from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.channels.webhook import Webhook
from tocsin.channels.wire import retry_after
from tocsin.errors import SettingsInvalid

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
async def receiver() -> AsyncIterator[HttpReceiver]:
    async with http_receiver() as opened:
        yield opened


async def post(receiver: HttpReceiver, message: Message | None = None, secret: str | None = None) -> Receipt:
    webhook = Webhook(receiver.url, clock=CLOCK, secret=secret)
    try:
        return await webhook.send(message or page())
    finally:
        await webhook.close()


async def refusal(receiver: HttpReceiver) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await post(receiver)
    return caught.value


async def test_the_body_is_an_event_as_pagerduty_sends_them(receiver: HttpReceiver) -> None:
    receipt = await post(receiver)
    event = receiver.posts[0].event
    assert (event["event_type"], event["resource_type"]) == ("incident.triggered", "incident")
    assert (event["id"], event["occurred_at"]) == (FACTS.key, "2026-11-24T02:11:38Z")
    assert (event["agent"], event["client"]) == (None, {"name": "Tocsin"})
    assert event["data"]["title"] == "Sequencer Down"
    assert event["data"]["html_url"] == FACTS.link
    assert event["data"]["text"].startswith("You are paged")
    assert event["data"]["to"] == {"id": "mira", "name": "Mira"}
    assert receipt.detail == "202 ok"


async def test_a_message_may_name_its_own_event(receiver: HttpReceiver) -> None:
    await post(receiver, page(kind="notification", data={"event_type": "incident.resolved"}))
    await post(receiver, page(kind="test"))
    assert receiver.posts[0].event["event_type"] == "incident.resolved"
    assert "event_type" not in receiver.posts[0].event["data"]
    assert receiver.posts[1].event["event_type"] == "pagey.ping"


async def test_the_raw_body_is_signed_when_there_is_a_secret(receiver: HttpReceiver) -> None:
    await post(receiver, secret="hunter2")
    await post(receiver)
    signed, plain = receiver.posts
    expected = hmac.new(b"hunter2", signed.raw, hashlib.sha256).hexdigest()
    assert signed.headers["x-pagerduty-signature"] == f"v1={expected}"
    assert "x-pagerduty-signature" not in plain.headers
    assert signed.raw == plain.raw


async def test_a_key_that_fits_no_header_is_written_so_that_it_does(receiver: HttpReceiver) -> None:
    await post(receiver, page(key="INC-1/L1/josé\r\nX: y"))
    assert receiver.posts[0].headers["idempotency-key"] == "INC-1/L1/jos%C3%A9%0D%0AX:%20y"
    assert receiver.posts[0].headers["x-tocsin-key"] == receiver.posts[0].headers["idempotency-key"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_an_answer_that_may_change_is_temporary(receiver: HttpReceiver, status: int) -> None:
    receiver.reply(status, "Retry-After: 7\r\n")
    error = await refusal(receiver)
    assert not error.permanent
    assert error.retry_after == timedelta(seconds=7)
    assert error.why == f"127.0.0.1 answered {status}"


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
async def test_an_answer_that_will_not_change_is_permanent(receiver: HttpReceiver, status: int) -> None:
    receiver.reply(status, "Retry-After: 7\r\n", "no\nsuch hook")
    error = await refusal(receiver)
    assert error.permanent
    assert error.retry_after is None
    assert error.why == f"127.0.0.1 answered {status}: no such hook"


async def test_a_redirect_is_not_followed(receiver: HttpReceiver) -> None:
    receiver.reply(307, f"Location: {receiver.url}\r\n")
    error = await refusal(receiver)
    assert error.permanent
    assert "307; redirects are not followed" in error.why
    assert len(receiver.posts) == 1


async def test_an_endless_answer_is_not_read_to_its_end(receiver: HttpReceiver) -> None:
    receiver.answer = "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + "x" * 100_000
    receipt = await post(receiver)
    assert len(receipt.detail) <= 204


async def test_an_answer_that_is_no_http_is_temporary(receiver: HttpReceiver) -> None:
    receiver.answer = "SSH-2.0-OpenSSH_9.6\r\n"
    assert not (await refusal(receiver)).permanent


async def test_a_refused_connection_is_temporary_and_keeps_the_address_to_itself() -> None:
    gone = HttpReceiver()
    with nobody() as port:
        gone.url = f"http://127.0.0.1:{port}/hook?token=T0KEN"
        error = await refusal(gone)
    assert not error.permanent
    assert "127.0.0.1 could not be reached" in error.why
    assert "T0KEN" not in error.why


@pytest.mark.parametrize("url", ["ftp://example.org/x", "http://", "http://[::1/T0KEN", "", "example.org/x"])
def test_a_url_that_is_no_address_is_a_mistake_of_the_configuration(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="must be an address") as caught:
        Webhook(url, clock=CLOCK)
    assert "T0KEN" not in str(caught.value)


async def test_a_host_that_is_none_is_permanent() -> None:
    receiver = HttpReceiver()
    receiver.url = f"http://{'x' * 64}.example.org/"
    error = await refusal(receiver)
    assert error.why.startswith("x")


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("99999999999999999999", timedelta(days=1)),
        ("Tue, 24 Nov 2026 02:05:00 GMT", timedelta(minutes=5)),
        ("Tue, 24 Nov 2026 01:00:00 GMT", timedelta(0)),
        ("Tue, 24 Nov 2026 02:05:00 -0000", timedelta(minutes=5)),
        ("Tue, 24 Nov 2099 02:05:00 GMT", timedelta(days=1)),
        ("-5", None),
        ("soon", None),
        ("²", None),
        ("", None),
    ],
)
def test_how_long_to_wait_is_read_from_seconds_or_a_date(said: str, wait: timedelta | None) -> None:
    assert retry_after({"retry-after": said}, NOW) == wait


async def test_a_webhook_has_one_id_however_often_it_is_sent(receiver: HttpReceiver) -> None:
    await post(receiver)
    await post(receiver)
    await post(receiver, page(key="INC-2026-0042/2/L1/mira/0.mail"))
    first, again, other = [one.headers["x-webhook-id"] for one in receiver.posts]
    assert first == again != other


async def test_an_incident_has_what_readers_of_pagerduty_look_for(receiver: HttpReceiver) -> None:
    await post(receiver)
    data = receiver.posts[0].event["data"]
    assert (data["type"], data["number"], data["status"], data["urgency"]) == ("incident", 42, "triggered", "high")
    assert data["assignees"] == [{"id": "mira", "type": "user_reference", "summary": "Mira"}]
    assert data["created_at"] == "2026-11-24T02:11:38Z"
    assert (data["incident_key"], data["teams"]) == ("INC-2026-0042", [])


async def test_no_body_is_larger_than_pagerduty_promises(receiver: HttpReceiver) -> None:
    await post(receiver, page(text="x" * 60_000, data={"summary": "y" * 60_000, "title": "Sequencer Down"}))
    assert len(receiver.posts[0].raw) <= 55 * 1024
    data = receiver.posts[0].event["data"]
    assert (data["title"], data["text"][:3], data["id"]) == ("Sequencer Down", "xxx", "INC-2026-0042")


async def test_who_follows_is_told_what_becomes_of_it(receiver: HttpReceiver) -> None:
    webhook = Webhook(receiver.url, clock=CLOCK, follow=True)
    receipt = await webhook.send(page())
    for state in ("triggered", "acknowledged", "resolved"):
        await webhook.amend(page(state=state), receipt.handle)
    await webhook.close()
    events = [one.event for one in receiver.posts]
    kinds = ["incident.triggered", "incident.acknowledged", "incident.resolved"]
    assert [event["event_type"] for event in events] == kinds
    assert [event["id"].removeprefix(FACTS.key) for event in events] == ["", "/acknowledged", "/resolved"]
    assert len({one.headers["x-webhook-id"] for one in receiver.posts}) == 3


async def test_who_does_not_follow_is_told_of_pages_alone(receiver: HttpReceiver) -> None:
    assert (await post(receiver)).handle == ""


async def test_a_proxy_that_the_environment_names_is_used(
    receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", receiver.url)
    monkeypatch.setenv("no_proxy", "inside.example")
    webhook = Webhook("http://hooks.example/page", clock=CLOCK)
    await webhook.send(page())
    await webhook.close()
    assert receiver.posts[0].headers["host"] == "hooks.example"
    assert proxy_of("http://inside.example/page") is None


async def test_a_broken_connection_is_told_without_the_address(receiver: HttpReceiver) -> None:
    receiver.answer = ""
    failed = await refusal(receiver)
    assert (failed.permanent, failed.answered) == (False, False)
    assert "T0KEN" not in failed.why
    assert "connection broke" in failed.why
