"""The Slack channel, against a workspace that keeps to what Slack documents."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import msgspec
import pytest

from conftest import ROOT
from integration.channels.messages import FACTS, MIRA, page
from integration.channels.receivers import nobody
from tocsin.channels.doors import Doors
from tocsin.channels.message import SendFailed
from tocsin.channels.slack import Slack
from tocsin.channels.slack_blocks import blocks_of
from tocsin.communication.card import page_card
from tocsin.drill.fakes.slack import Slack as Workspace
from tocsin.drill.fakes.slack import Trouble
from tocsin.drill.fakes.slack_shapes import check_blocks
from tocsin.errors import SettingsInvalid
from tocsin.runbook.reading import read_runbook

USERS = {"U0MIRA": ("Mira Okafor", "mira@example.org"), "U0JONAS": ("Jonas Weber", "jonas@example.org")}


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    made = Workspace(users=USERS)
    async with made.serving():
        yield made


def slack(workspace: Workspace, **how: Any) -> Slack:
    usual: dict[str, Any] = {"room": "incidents", "url": f"{workspace.address}/api", "doors": Doors("xapp-fake-token")}
    return Slack(how.pop("token", workspace.tokens[0]), **(usual | how))


def update(text: str, **changes: Any) -> Any:
    return page(
        kind="notification", card=lambda: None, markdown=text, room=True, key="INC-2026-0042/update/9/chat", **changes
    )


async def refusal(channel: Slack, message: Any = None) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await channel.send(message or page())
    return caught.value


async def test_a_page_is_a_direct_message_with_buttons(workspace: Workspace) -> None:
    receipt = await slack(workspace).send(page())
    [message] = workspace.says_to("U0MIRA")
    room = workspace.where(message)
    assert receipt.handle == f"{room.id}/{message.ts}"
    assert message.text == "P0 Sequencer Down, nobody has it (INC-2026-0042)"
    assert message.blocks[0]["text"]["text"] == "P0 · Sequencer Down · nobody has it"
    assert [(button["text"]["text"], button.get("value")) for button in message.buttons] == [
        ("Acknowledge", "INC-2026-0042:0"),
        ("Resolve…", "INC-2026-0042:0"),
    ]
    assert message.button("resolve")["confirm"]["text"]["text"] == "Is INC-2026-0042 over? Nobody else is paged then."


async def test_without_a_way_for_slack_to_reach_us_there_are_links_and_no_buttons(workspace: Workspace) -> None:
    await slack(workspace, doors=Doors()).send(page())
    [message] = workspace.says_to("U0MIRA")
    assert message.buttons == []
    assert FACTS.link in unescape(message.said)


async def test_somebody_with_an_id_is_not_looked_up_and_an_address_only_once(workspace: Workspace) -> None:
    channel = slack(workspace)
    await channel.send(page(to=msgspec.structs.replace(MIRA, slack="U0JONAS")))
    assert [method for method, _ in workspace.calls] == ["conversations.open", "chat.postMessage"]
    for key in ("a", "b"):
        await channel.send(page(key=key))
    methods = [method for method, _ in workspace.calls]
    assert (methods.count("users.lookupByEmail"), methods.count("conversations.open")) == (1, 2)
    assert (len(workspace.says_to("U0JONAS")), len(workspace.says_to("U0MIRA"))) == (1, 2)


async def test_an_edit_changes_the_message_and_sends_none(workspace: Workspace) -> None:
    channel = slack(workspace)
    receipt = await channel.send(page())
    held = msgspec.structs.replace(FACTS, held_by="Jonas Weber")
    await channel.amend(page(held), receipt.handle)
    [message] = workspace.says_to("U0MIRA")
    assert message.blocks[0]["text"]["text"] == "P0 · Sequencer Down · Jonas Weber has it"
    assert "acknowledge" not in [button["action_id"] for button in message.buttons]
    assert (message.edited, (message.metadata or {})["event_payload"]["key"]) == (1, FACTS.key)


async def test_editing_what_is_gone_is_permanent(workspace: Workspace) -> None:
    channel = slack(workspace)
    receipt = await channel.send(page())
    workspace.where(workspace.says_to("U0MIRA")[0]).messages.clear()
    with pytest.raises(SendFailed, match="message_not_found") as caught:
        await channel.amend(page(), receipt.handle)
    assert caught.value.permanent


async def test_an_update_stands_in_the_room_under_its_card(workspace: Workspace) -> None:
    channel = slack(workspace)
    card = await channel.send(page(room=True))
    answer = await channel.send(update("**Status**: Investigating", answers=card.handle))
    root, below = workspace.room("incidents").messages
    assert (below.thread_ts, answer.handle) == (root.ts, f"{workspace.room('incidents').id}/{below.ts}")
    assert below.blocks[0]["text"] == {"type": "mrkdwn", "text": "*Status*: Investigating"}


@pytest.mark.parametrize("name", ["seed", "example"])
async def test_a_template_is_shown_as_its_author_meant_it(workspace: Workspace, name: str) -> None:
    path = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
    if name == "seed":
        path = ROOT.parent / "shared" / "seed" / "incident-response-runbook.md"
        if not path.is_file():
            pytest.skip("there is no incident-response-runbook.md beside this checkout")
    runbook = read_runbook(path.read_bytes(), "RUNBOOK.md")
    for template in runbook.templates:
        await slack(workspace).send(update(template.body))
        said = workspace.room("incidents").messages[-1].said
        assert "**" not in said
        assert ("*" in said) == ("**" in template.body or "#" in template.body)


async def test_what_comes_from_outside_mentions_nobody(workspace: Workspace) -> None:
    await slack(workspace).send(update("<!channel> <@U0JONAS> & <https://evil.example|x>"))
    facts = msgspec.structs.replace(FACTS, title="<!channel> *x*", summary="<!here>")
    await slack(workspace).send(page(facts))
    messages = [*workspace.room("incidents").messages, *workspace.says_to("U0MIRA")]
    marked = [message.text for message in messages]
    marked += [block["text"]["text"] for one in messages for block in one.blocks if _is_mrkdwn(block)]
    assert [text for text in marked if "<!" in text or "<@" in text or "|x>" in text] == []


def _is_mrkdwn(block: dict[str, Any]) -> bool:
    return bool(block["type"] == "section" and block["text"]["type"] == "mrkdwn")


async def test_whatever_is_said_fits_into_a_message(workspace: Workspace) -> None:
    channel = slack(workspace)
    await channel.send(page(text="x" * 200_000))
    await channel.send(page(text="\n".join("line & line" for _ in range(5000))))
    await channel.send(update("&" * 9000))
    facts = msgspec.structs.replace(FACTS, title="T" * 900, summary="&" * 5000, found=(("y" * 900, 1),) * 20)
    await channel.send(page(facts))
    assert len(workspace.says_to("U0MIRA")) == 3
    check_blocks(blocks_of(page(facts), buttons=True))
    assert len(page_card(facts).headline) > 150


# -- what goes wrong


@pytest.mark.parametrize(
    ("method", "error", "permanent"),
    [
        ("chat.postMessage", "not_in_channel", True),
        ("chat.postMessage", "is_archived", True),
        ("chat.postMessage", "msg_too_long", True),
        ("chat.postMessage", "some_new_error", True),
        ("chat.postMessage", "internal_error", False),
        ("chat.postMessage", "service_unavailable", False),
        ("users.lookupByEmail", "users_not_found", True),
        ("users.lookupByEmail", "missing_scope", True),
        ("conversations.open", "user_disabled", True),
    ],
)
async def test_a_refusal_is_judged_by_its_name(workspace: Workspace, method: str, error: str, permanent: bool) -> None:
    workspace.trouble(method, Trouble(error))
    failed = await refusal(slack(workspace))
    assert (failed.permanent, error in failed.why) == (permanent, True)


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_trouble_of_slack_is_temporary(workspace: Workspace, status: int) -> None:
    workspace.trouble("chat.postMessage", Trouble("x", status=status))
    assert not (await refusal(slack(workspace))).permanent


async def test_a_limit_says_how_long_to_wait(workspace: Workspace) -> None:
    workspace.trouble("chat.postMessage", Trouble("ratelimited", status=429, retry_after=17))
    failed = await refusal(slack(workspace))
    assert (failed.permanent, failed.retry_after) == (False, timedelta(seconds=17))


async def test_a_wrong_token_is_permanent_and_stays_a_secret(workspace: Workspace, caplog: Any) -> None:
    failed = await refusal(slack(workspace, token="xoxb-S3CRET"))
    assert failed.permanent
    assert "copy the app's bot token" in failed.why
    assert "S3CRET" not in failed.why + caplog.text


async def test_nobody_there_is_temporary() -> None:
    with nobody() as port:
        failed = await refusal(Slack("xoxb-x", url=f"http://127.0.0.1:{port}/api/"))
    assert not failed.permanent
    assert "127.0.0.1 could not be reached" in failed.why


async def test_a_dropped_connection_is_temporary_and_not_tried_again_by_itself(workspace: Workspace) -> None:
    workspace.behave("down")
    assert not (await refusal(slack(workspace))).permanent
    assert len(workspace.came) == 1


@pytest.mark.parametrize("to", [{"email": None}, {"email": None, "slack": None}])
async def test_somebody_who_cannot_be_found_is_told_with_what_to_do(workspace: Workspace, to: Any) -> None:
    failed = await refusal(slack(workspace), page(to=msgspec.structs.replace(MIRA, **to)))
    assert failed.permanent
    assert failed.why == "Mira cannot be found in Slack: add `slack` or `email` under [people.mira]"


async def test_without_a_room_nothing_is_said_to_the_team(workspace: Workspace) -> None:
    failed = await refusal(slack(workspace, room=""), update("x"))
    assert (failed.permanent, "set `channel`" in failed.why) == (True, True)


# -- an uncertain outcome


@pytest.mark.parametrize("mode", ["lying", "silent", "late"])
async def test_a_page_that_may_have_arrived_is_looked_for_before_it_is_sent_again(
    workspace: Workspace, mode: str
) -> None:
    channel = slack(workspace, timeout=60)
    await channel.send(page(key="before"))
    workspace.behave(mode)
    channel._client.timeout = 0.5  # type: ignore[assignment]  # seconds need not be whole
    assert not (await refusal(channel)).permanent
    await asyncio.sleep(0)
    workspace.behave("normal")
    channel._client.timeout = 60
    receipt = await channel.send(page(again=True))
    keys = [(message.metadata or {})["event_payload"]["key"] for message in workspace.says_to("U0MIRA")]
    assert keys == ["before", FACTS.key]
    assert receipt.handle.endswith(f"/{workspace.says_to('U0MIRA')[1].ts}")


async def test_a_page_that_did_not_arrive_is_sent_again(workspace: Workspace) -> None:
    channel = slack(workspace)
    workspace.behave("refusing")
    await refusal(channel)
    workspace.behave("normal")
    await channel.send(page(again=True))
    assert len(workspace.says_to("U0MIRA")) == 1


async def test_a_page_goes_out_although_the_app_may_not_look_for_it(workspace: Workspace, caplog: Any) -> None:
    workspace.trouble("conversations.history", Trouble("missing_scope"))
    await slack(workspace).send(page(again=True))
    assert len(workspace.says_to("U0MIRA")) == 1
    assert "may be there twice" in caplog.text
    workspace.trouble("conversations.history", Trouble("internal_error"))
    assert not (await refusal(slack(workspace), page(again=True))).permanent
    assert len(workspace.says_to("U0MIRA")) == 1


async def test_an_update_is_looked_for_in_its_thread_and_in_a_room_given_by_name(workspace: Workspace) -> None:
    channel = slack(workspace)
    card = await channel.send(page(room=True))
    await channel.send(update("x", answers=card.handle))
    await channel.send(update("x", answers=card.handle, again=True))
    fresh = slack(workspace)
    await fresh.send(page(room=True, again=True))
    assert len(workspace.room("incidents").messages) == 2


async def test_it_is_found_behind_many_others(workspace: Workspace) -> None:
    channel = slack(workspace)
    await channel.send(page())
    for number in range(250):
        workspace.says_to("U0MIRA")
        workspace._post({"channel": "U0MIRA", "text": str(number)})
    await channel.send(page(again=True))
    assert len(workspace.says_to("U0MIRA")) == 251


# -- where it may speak


@pytest.mark.parametrize(
    "url", ["http://slack.com/api/", "ftp://x/", "", "https://", "https://user:S3CRET@slack.com/", "http://[::1/S3CRET"]
)
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="must be https") as caught:
        Slack("xoxb-x", url=url)
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://hooks.slack.com/actions/T1/2/3", True),
        ("https://slack.com/x", True),
        ("http://hooks.slack.com/actions/T1/2/3", False),
        ("https://hooks.slack.com.evil.example/", False),
        ("https://hooks.slack.com@evil.example/", False),
        ("https://127.0.0.1/", False),
        ("file:///etc/passwd", False),
        ("http://[::1", False),
    ],
)
def test_answers_go_to_slack_and_nobody_else(address: str, fine: bool) -> None:
    assert Slack("xoxb-x")._is_slacks(address) is fine


async def test_an_answer_at_a_strangers_address_is_not_given() -> None:
    with pytest.raises(SendFailed, match="not Slack's"):
        await Slack("xoxb-x").respond("https://evil.example/", "hello")


async def test_a_user_is_somebody_by_id_or_else_by_address(workspace: Workspace) -> None:
    channel = slack(workspace)
    assert await channel.is_user("U0MIRA", MIRA)
    assert not await channel.is_user("U0JONAS", MIRA)
    fixed = msgspec.structs.replace(MIRA, slack="U0JONAS")
    assert not await channel.is_user("U0MIRA", fixed)
    assert await channel.is_user("U0JONAS", fixed)
    nobody = msgspec.structs.replace(MIRA, email="nobody@example.org")
    assert not await channel.is_user("U0MIRA", nobody)
