"""The fake Slack, checked with Slack's own clients: slack_sdk and slack_bolt as they come."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from conftest import PLAIN_HTTP
from tocsin.drill.clock import MovedClock
from tocsin.drill.fakes.slack import Slack, Trouble

ROOM = "C000000001"
TOKEN, APP_TOKEN = "xoxb-fake-token", "xapp-fake-token"
BUTTON: dict[str, Any] = {"type": "button", "text": {"type": "plain_text", "text": "Take it"}, "action_id": "take"}
ROW: dict[str, Any] = {"type": "actions", "elements": [BUTTON | {"value": "INC-1:1"}]}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let apps take longer than Slack lets them: no test here is about who is late."""
    monkeypatch.setattr("tocsin.drill.fakes.slack_doors.PATIENCE", 60.0)


@asynccontextmanager
async def served(token: str = TOKEN, **how: Any) -> AsyncIterator[tuple[Slack, WebClient]]:
    slack = Slack(**how)
    async with slack.serving() as address:
        yield slack, WebClient(token, base_url=f"{address}/api/", timeout=60)


async def call(method: Callable[..., Any], **args: Any) -> Any:
    return await asyncio.to_thread(method, **args)


async def error_of(method: Callable[..., Any], **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call(method, **args)
    assert caught.value.response.status_code == 200
    return str(caught.value.response["error"])


async def test_a_message_is_posted_edited_answered_and_deleted() -> None:
    async with served() as (slack, client):
        metadata = {"event_type": "page", "event_payload": {"key": "k"}}
        posted = await call(
            client.chat_postMessage, channel="#incidents", text="*down*", blocks=[ROW], metadata=metadata
        )
        assert posted["channel"] == ROOM
        answer = await call(client.chat_postMessage, channel=ROOM, text="an answer", thread_ts=posted["ts"])
        await call(client.chat_update, channel=ROOM, ts=posted["ts"], text="*up*")
        [found] = (await call(client.conversations_history, channel=ROOM, include_all_metadata=True))["messages"]
        assert (found["text"], found["metadata"], found["blocks"]) == ("*up*", metadata, [ROW])
        thread = await call(client.conversations_replies, channel=ROOM, ts=posted["ts"])
        assert [one["ts"] for one in thread["messages"]] == [posted["ts"], answer["ts"]]
        await call(client.chat_delete, channel=ROOM, ts=posted["ts"])
        assert await error_of(client.chat_update, channel=ROOM, ts=posted["ts"], text="x") == "message_not_found"
        assert [one.text for one in slack.room("incidents").messages] == ["an answer"]


async def test_people_are_found_and_written_to() -> None:
    async with served() as (slack, client):
        assert (await call(client.auth_test))["user_id"] == "U0TOCSIN"
        assert (await call(client.users_lookupByEmail, email="MIRA@example.org"))["user"]["id"] == "U0MIRA"
        assert (await call(client.users_info, user="U0MIRA"))["user"]["real_name"] == "Mira Okafor"
        opened = await call(client.conversations_open, users="U0MIRA")
        again = await call(client.conversations_open, users=["U0MIRA"])
        assert opened["channel"]["id"] == again["channel"]["id"]
        await call(client.chat_postMessage, channel=opened["channel"]["id"], text="hello")
        await call(client.chat_postMessage, channel="U0MIRA", text="again")
        await call(client.chat_postEphemeral, channel=ROOM, user="U0MIRA", text="only you")
        assert [one.text for one in slack.says_to("U0MIRA")] == ["hello", "again"]
        assert [one.text for one in slack.whispers] == ["only you"]


async def test_lists_come_in_pages_that_the_client_follows() -> None:
    async with served(channels=tuple(f"room{number}" for number in range(7))) as (slack, client):
        pages = await asyncio.to_thread(lambda: [page["channels"] for page in client.conversations_list(limit=3)])
        assert [len(page) for page in pages] == [3, 3, 1]
        for number in range(5):
            await call(client.chat_postMessage, channel=ROOM, text=str(number))
        told = await asyncio.to_thread(
            lambda: [
                one["text"] for page in client.conversations_history(channel=ROOM, limit=2) for one in page["messages"]
            ]
        )
        assert told == ["4", "3", "2", "1", "0"]
        assert len((await call(client.users_list, limit=1))["members"]) == 1
        assert await error_of(client.conversations_list, cursor="nonsense") == "invalid_cursor"
        assert slack.calls[0][0] == "conversations.list"


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("chat_postMessage", {"channel": "C404", "text": "x"}, "channel_not_found"),
        ("chat_postMessage", {"channel": "C000000002", "text": "x"}, "not_in_channel"),
        ("chat_postMessage", {"channel": "C000000003", "text": "x"}, "is_archived"),
        ("chat_postMessage", {"channel": ROOM, "text": ""}, "no_text"),
        ("chat_postMessage", {"channel": ROOM, "text": "x" * 40_001}, "msg_too_long"),
        ("chat_postMessage", {"channel": ROOM, "text": "x", "thread_ts": "1.1"}, "thread_not_found"),
        (
            "chat_postMessage",
            {"channel": ROOM, "text": "x", "metadata": {"event_type": "x"}},
            "invalid_metadata_format",
        ),
        ("chat_update", {"channel": ROOM, "ts": "1.1", "text": "x"}, "message_not_found"),
        ("conversations_open", {"users": "U404"}, "user_not_found"),
        ("conversations_open", {"users": "U0GONE"}, "user_disabled"),
        ("conversations_info", {"channel": "C404"}, "channel_not_found"),
        ("conversations_replies", {"channel": ROOM, "ts": "1.1"}, "thread_not_found"),
        ("conversations_history", {"channel": "C000000002"}, "not_in_channel"),
        ("users_info", {"user": "U404"}, "user_not_found"),
        ("users_lookupByEmail", {"email": "nobody@example.org"}, "users_not_found"),
    ],
)
@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing:UserWarning")
async def test_what_cannot_be_done_is_refused_by_its_documented_name(method: str, args: Any, error: str) -> None:
    people = {"U0GONE": ("Gone", "gone@example.org")}
    async with served(channels=("incidents", "closed", "old"), users=people) as (slack, client):
        slack.room("closed").member = False
        slack.room("old").archived = True
        slack.users["U0GONE"].deactivated = True
        assert await error_of(getattr(client, method), **args) == error


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "divider"}] * 51,
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "divider", "block_id": "x" * 256}],
        [{"type": "divider", "block_id": "same"}, {"type": "divider", "block_id": "same"}],
        [{"type": "actions", "elements": [BUTTON | {"action_id": str(number)} for number in range(26)]}],
        [{"type": "actions", "elements": [BUTTON, BUTTON]}],
        [{"type": "actions", "elements": [BUTTON | {"value": "x" * 2001}]}],
        [{"type": "markdown", "text": "x" * 12_001}],
        [{"type": "marquee"}],
    ],
)
async def test_blocks_that_slack_would_not_show_are_refused(blocks: list[Any]) -> None:
    async with served() as (slack, client):
        with pytest.raises(SlackApiError) as caught:
            await call(client.chat_postMessage, channel=ROOM, text="x", blocks=blocks)
        assert caught.value.response["error"] == "invalid_blocks"
        assert "json-pointer:/blocks" in str(caught.value.response["response_metadata"])
        assert slack.room("incidents").messages == []


async def test_blocks_at_the_limits_are_taken() -> None:
    async with served() as (_, client):
        long: list[Any] = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 49
        row = [BUTTON | {"action_id": str(number)} for number in range(25)]
        blocks = [*long, {"type": "actions", "elements": row}]
        assert (await call(client.chat_postMessage, channel=ROOM, text="x", blocks=blocks))["ok"]


async def test_a_form_with_json_in_its_fields_is_taken_like_json() -> None:
    async with served() as (slack, _), httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
        form = {"channel": ROOM, "text": "x", "blocks": '[{"type":"divider"}]', "token": "ignored"}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        got = await client.post(f"{slack.address}/api/chat.postMessage", data=form, headers=headers)
        assert (got.status_code, got.json()["ok"]) == (200, True)
        assert slack.room("incidents").messages[0].blocks == [{"type": "divider"}]
        broken = await client.post(
            f"{slack.address}/api/chat.postMessage", data=form | {"blocks": "["}, headers=headers
        )
        assert broken.json()["error"] == "invalid_blocks_format"
        nobody = await client.post(f"{slack.address}/api/chat.postMessage", data=form)
        assert (nobody.status_code, nobody.json()) == (200, {"ok": False, "error": "not_authed"})
        unknown = await client.post(f"{slack.address}/api/no.such", headers=headers)
        assert unknown.json()["error"] == "unknown_method"


async def test_tokens_are_for_what_they_are_for() -> None:
    async with served(token="xoxb-wrong") as (slack, client):
        assert await error_of(client.auth_test) == "invalid_auth"
        right = WebClient(TOKEN, base_url=f"{slack.address}/api/")
        assert await error_of(right.apps_connections_open, app_token=TOKEN) == "not_allowed_token_type"


async def test_one_message_a_second_and_conversation_and_the_client_waits_as_told() -> None:
    clock = MovedClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    async with served(per_second=1, clock=clock) as (slack, client):
        await call(client.chat_postMessage, channel=ROOM, text="1")
        with pytest.raises(SlackApiError) as caught:
            await call(client.chat_postMessage, channel=ROOM, text="2")
        assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
        assert caught.value.response.headers["Retry-After"] == "1"
        client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=3))
        waiting = asyncio.ensure_future(call(client.chat_postMessage, channel=ROOM, text="3"))
        await until(lambda: len(slack.calls) == 3)
        clock.advance(timedelta(seconds=1))
        assert (await waiting)["ok"]
        assert [one.text for one in slack.room("incidents").messages] == ["1", "3"]


async def test_trouble_comes_when_it_was_planned_and_may_lie() -> None:
    async with served() as (slack, client):
        slack.trouble("chat.postMessage", Trouble("internal_error", after=True), Trouble("fatal_error", status=500))
        assert await error_of(client.chat_postMessage, channel=ROOM, text="1") == "internal_error"
        with pytest.raises(SlackApiError):
            await call(client.chat_postMessage, channel=ROOM, text="2")
        await call(client.chat_postMessage, channel=ROOM, text="3")
        assert [one.text for one in slack.room("incidents").messages] == ["1", "3"]


async def test_a_late_answer_comes_after_the_deed() -> None:
    async with served() as (slack, client):
        slack.behave("late")
        client.timeout = 1
        with pytest.raises(TimeoutError):
            await call(client.chat_postMessage, channel=ROOM, text="1")
        await until(lambda: [one.text for one in slack.room("incidents").messages] == ["1"])


class Bolt:
    """An app of slack_bolt that takes a button and a command."""

    def __init__(self, slack: Slack) -> None:
        self.pressed: list[str] = []
        self.app = App(
            token=TOKEN, signing_secret=slack.doors.secret, client=WebClient(TOKEN, base_url=f"{slack.address}/api/")
        )
        self.app.action("take")(self._take)
        self.app.command("/tocsin")(self._command)

    def _take(self, ack: Any, body: Any, respond: Any) -> None:
        ack()
        self.pressed.append(body["actions"][0]["value"])
        respond(text="taken", replace_original=False)

    def _command(self, ack: Any, command: Any) -> None:
        ack(f"you said {command['text']}")


async def until(look: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not look():  # noqa: ASYNC110  other threads tell nobody
            await asyncio.sleep(0.01)


async def test_bolt_works_over_socket_mode_and_reconnects() -> None:
    async with served() as (slack, client):
        posted = await call(client.chat_postMessage, channel=ROOM, text="down", blocks=[ROW])
        message = slack.room("incidents").message(posted["ts"])
        assert message
        bolt = await asyncio.to_thread(Bolt, slack)
        handler = SocketModeHandler(bolt.app, APP_TOKEN)
        handler.client.ping_interval = 1
        await asyncio.to_thread(handler.connect)
        try:
            await until(lambda: slack.doors.connections == 1)
            assert (await slack.doors.press(message, "take", "U0MIRA")).status == 200
            await until(lambda: slack.whispers)
            assert (bolt.pressed, slack.whispers[0].text) == (["INC-1:1"], "taken")
            assert (await slack.doors.command("U0MIRA", "list")).body == {"text": "you said list"}
            await slack.doors.refresh()
            await until(lambda: slack.doors.connections == 1)
            assert (await slack.doors.press(message, "take", "U0MIRA")).status == 200
        finally:
            await asyncio.to_thread(handler.close)


async def test_bolt_takes_the_signature_of_what_is_sent_over_http() -> None:
    async with served() as (slack, _):
        raw = b"payload=%7B%7D"
        verifier = SignatureVerifier(slack.doors.secret)
        assert verifier.is_valid_request(raw, slack.doors.signed(raw))
        assert not verifier.is_valid_request(raw, slack.doors.signed(raw, secret="other"))
        assert not verifier.is_valid_request(raw + b"x", slack.doors.signed(raw))
        slack.doors.shifted = timedelta(minutes=-6)
        assert not verifier.is_valid_request(raw, slack.doors.signed(raw))


async def test_a_response_url_is_good_for_five_answers() -> None:
    async with served() as (slack, client):
        posted = await call(client.chat_postMessage, channel=ROOM, text="down", blocks=[ROW])
        message = slack.room("incidents").message(posted["ts"])
        assert message
        slack.doors.address = "http://127.0.0.1:9/slack"  # nobody listens there
        assert (await slack.doors.press(message, "take", "U0MIRA")).status == 0
        hook = WebhookClient(slack.doors.delivered[0]["response_url"])
        assert (await call(hook.send, text="up", replace_original=True)).status_code == 200
        assert message.text == "up"
        answers = [await call(hook.send, text="only you", response_type="ephemeral") for _ in range(5)]
        assert [(one.status_code, "used_url" in one.body) for one in answers] == [(200, False)] * 4 + [(404, True)]
        assert len(slack.whispers) == 4


async def test_a_view_is_opened_once_with_a_fresh_trigger() -> None:
    async with served(clock=MovedClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))) as (slack, client):
        view = {"type": "modal", "title": {"type": "plain_text", "text": "Resolve"}, "blocks": [{"type": "divider"}]}
        trigger = slack.doors._trigger()
        assert (await call(client.views_open, trigger_id=trigger, view=view))["view"]["id"]
        assert await error_of(client.views_open, trigger_id=trigger, view=view) == "exchanged_trigger_id"
