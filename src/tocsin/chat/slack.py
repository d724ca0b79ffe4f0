"""What Slack says, read: a button that was pressed, a command that was typed, and whether it is really Slack's.

Source: docs.slack.dev, "Handling user interaction", "Slash commands", "Verifying requests from Slack".
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tocsin import signatures

_VALUE = re.compile(r"(?P<number>(?:INC|TEST)-[A-Z0-9-]{1,30}):(?P<as_of>\d{1,9})(?::(?P<level>.{1,100}))?")


class Press(NamedTuple):
    """A button: which incident or test page, up to where its message told, and the level it would call."""

    user: str
    action: str
    number: str
    as_of: int
    level: str
    answer_at: str
    id: str


class Command(NamedTuple):
    """A command with its words, such as ("ack", "INC-2026-0001")."""

    user: str
    words: str
    answer_at: str
    id: str


def read(kind: str, payload: Mapping[str, Any]) -> Press | Command | None:
    """Give what somebody wants, or None for what asks nothing of us, such as a link that was followed."""
    if kind == "slash_commands":
        return Command(*(_text(payload, name) for name in ("user_id", "text", "response_url", "trigger_id")))
    actions = payload.get("actions")
    if payload.get("type") != "block_actions" or not isinstance(actions, list) or not actions:
        return None
    first, user = actions[0], payload.get("user")
    if not isinstance(first, dict) or not isinstance(user, dict):
        return None
    found = _VALUE.fullmatch(_text(first, "value"))
    if found is None:
        return None
    return Press(
        user=_text(user, "id"),
        action=_text(first, "action_id"),
        number=found["number"],
        as_of=int(found["as_of"]),
        level=found["level"] or "",
        answer_at=_text(payload, "response_url"),
        id=_text(payload, "trigger_id"),
    )


def is_genuine(raw: bytes, headers: Mapping[str, str], secrets: Collection[str], now: datetime) -> bool:
    """Give whether one of the secrets signed this body within the last five minutes."""
    return signatures.is_genuine(signatures.SCHEMES["slack"], raw, headers, secrets, now)


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""
