"""What Slack says, read; and whether it is Slack that says it."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.channels.message import SendFailed
from tocsin.chat.slack import Command, Press, is_genuine, read
from tocsin.chat.socket import _checked

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
PRESSED: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U0MIRA"},
    "response_url": "https://hooks.slack.com/actions/1",
    "trigger_id": "1.2",
    "actions": [{"action_id": "escalate", "value": "INC-2026-0042:7:Security team: two"}],
}


def test_a_button_says_what_it_was_pressed_for() -> None:
    assert read("interactive", PRESSED) == Press(
        user="U0MIRA",
        action="escalate",
        number="INC-2026-0042",
        as_of=7,
        level="Security team: two",
        answer_at="https://hooks.slack.com/actions/1",
        id="1.2",
    )


def test_a_command_says_who_typed_what() -> None:
    form = {"user_id": "U0MIRA", "text": "ack 42", "response_url": "https://x", "trigger_id": "1"}
    assert read("slash_commands", form) == Command("U0MIRA", "ack 42", "https://x", "1")


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "view_submission"},
        {"actions": []},
        {"actions": None},
        {"actions": ["x"]},
        {"actions": [{"action_id": "open"}]},
        {"actions": [{"action_id": "escalate", "value": "INC-1"}]},
        {"actions": [{"action_id": "escalate", "value": "INC-1:99999999999"}]},
        {"actions": [{"action_id": "escalate", "value": 7}]},
        {"actions": [{"action_id": "escalate", "value": "../../x:1"}]},
        {"user": None},
    ],
)
def test_what_asks_nothing_of_us_is_nothing(changes: dict[str, Any]) -> None:
    assert read("interactive", PRESSED | changes) is None


def signed(raw: bytes, at: datetime = NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    mac = hmac.new(b"s", b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={mac}"}


def test_any_of_the_secrets_may_have_signed() -> None:
    assert is_genuine(b"x", signed(b"x"), ("new", "s"), NOW)
    assert not is_genuine(b"x", signed(b"x"), ("new",), NOW)
    assert not is_genuine(b"x", signed(b"x"), (), NOW)
    assert not is_genuine(b"xy", signed(b"x"), ("s",), NOW)


@pytest.mark.parametrize(("seconds", "fine"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_a_signature_is_good_for_five_minutes(seconds: int, *, fine: bool) -> None:
    assert is_genuine(b"x", signed(b"x", at=NOW + timedelta(seconds=seconds)), ("s",), NOW) is fine


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "٣", "1" * 13])
def test_a_time_that_is_none_is_refused(stamp: str) -> None:
    headers = signed(b"x") | {"x-slack-request-timestamp": stamp}
    assert not is_genuine(b"x", headers, ("s",), NOW)


def test_headers_that_are_missing_or_odd_are_refused() -> None:
    assert not is_genuine(b"x", {}, ("s",), NOW)
    assert not is_genuine(b"x", signed(b"x") | {"x-slack-signature": "ä\udcff"}, ("s",), NOW)


@pytest.mark.parametrize("address", ["ws://slack.com/link", "http://127.0.0.1/", "", "wss//x"])
def test_a_socket_is_opened_only_where_it_is_safe(address: str) -> None:
    with pytest.raises(SendFailed, match="not safe"):
        _checked(address)
    assert _checked("wss://wss-primary.slack.com/link/?ticket=1")
    assert _checked("ws://127.0.0.1:9/link/")
