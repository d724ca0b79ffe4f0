"""What Slack keeps and checks: people, conversations, messages, and the limits of what may be in one.

Source: docs.slack.dev, "Block Kit", chat.postMessage, message metadata.
"""

from collections.abc import Callable
from typing import Any

import msgspec

MOST_TEXT, MOST_BLOCKS = 40_000, 50
SECTION, HEADER, MARKDOWN, FIELD, PLAIN_BUTTON = 3000, 150, 12_000, 2000, 75
BLOCK_ID, ACTION_ID, VALUE, URL = 255, 255, 2000, 3000
MOST_ACTIONS, MOST_CONTEXT, MOST_FIELDS = 25, 10, 10
MOST_METADATA = 8192
TITLE = 24


class Refused(Exception):
    """The method says no: its error by name, and what else is in the answer."""

    def __init__(self, error: str, **more: object) -> None:
        """Take the documented name of the error."""
        super().__init__(error)
        self.error = error
        self.more = more


class SlackUser(msgspec.Struct, kw_only=True):
    """Somebody of the workspace. `deactivated` people can be found, and no longer written to."""

    id: str
    name: str
    real_name: str
    email: str | None = None
    deactivated: bool = False
    bot: bool = False

    @property
    def shown(self) -> dict[str, object]:
        """Give the user as Slack shows it."""
        profile = {"real_name": self.real_name, "display_name": self.name, "email": self.email}
        return {
            "id": self.id,
            "team_id": "T0FAKE",
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deactivated,
            "is_bot": self.bot,
            "tz": "Europe/Berlin",
            "profile": {name: value for name, value in profile.items() if value is not None},
        }


class Posted(msgspec.Struct, kw_only=True):
    """A message as it stands. `texts` are all the words it ever had, the first ones first."""

    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = []
    thread_ts: str | None = None
    metadata: dict[str, Any] | None = None
    edited: int = 0
    texts: list[str] = []

    def shown(self, *, metadata: bool = True) -> dict[str, object]:
        """Give the message as Slack shows it."""
        found: dict[str, object] = {
            "type": "message",
            "ts": self.ts,
            "user": self.user,
            "text": self.text,
            "team": "T0FAKE",
        }
        found |= {"bot_id": "B0TOCSIN"} if self.user == "U0TOCSIN" else {}
        found |= {"blocks": self.blocks} if self.blocks else {}
        found |= {"thread_ts": self.thread_ts} if self.thread_ts else {}
        found |= {"edited": {"user": self.user, "ts": self.ts}} if self.edited else {}
        return found | ({"metadata": self.metadata} if metadata and self.metadata else {})

    @property
    def said(self) -> str:
        """Give everything a reader sees, without the marks of mrkdwn links."""
        return "\n".join([self.text, *(_words(block) for block in self.blocks)])

    def button(self, action_id: str) -> dict[str, Any]:
        """Give a button as it stands in the message. Raises LookupError."""
        for element in self.buttons:
            if element["action_id"] == action_id:
                return element
        raise LookupError(f"there is no button {action_id} in {self.said!r}")

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """Give the buttons, in their order."""
        rows = [block.get("elements", [block.get("accessory", {})]) for block in self.blocks]
        return [element for row in rows for element in row if element.get("type") == "button"]


class Conversation(msgspec.Struct, kw_only=True):
    """A channel, or a direct message when it has a `user`."""

    id: str
    name: str = ""
    user: str = ""
    member: bool = True
    archived: bool = False
    private: bool = False
    messages: list[Posted] = []

    @property
    def shown(self) -> dict[str, object]:
        """Give the conversation as Slack shows it."""
        kind = {"is_channel": not self.user, "is_im": bool(self.user), "is_private": self.private}
        named: dict[str, object] = {"user": self.user} if self.user else {"name": self.name, "is_member": self.member}
        return {"id": self.id, "created": 1_700_000_000, "is_archived": self.archived, **kind, **named}

    def message(self, ts: str) -> Posted | None:
        """Give the message with that name, or None."""
        return next((one for one in self.messages if one.ts == ts), None)


class Whisper(msgspec.Struct, kw_only=True):
    """A message that only one person sees: it is stored nowhere and cannot be edited."""

    channel: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = []


def check_message(text: str, blocks: list[dict[str, Any]]) -> None:
    """Refuse what is no message or too much of one."""
    if not text and not blocks:
        raise Refused("no_text")
    if len(text) > MOST_TEXT:
        raise Refused("msg_too_long")
    check_blocks(blocks)


def check_blocks(blocks: object) -> None:
    """Refuse blocks that Slack would not show, naming each fault."""
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    faults = [f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"] if len(blocks) > MOST_BLOCKS else []
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        where = f"[json-pointer:/blocks/{place}]"
        faults += [f"{fault} {where}" for fault in _faults(block)]
        name = block.get("block_id") if isinstance(block, dict) else None
        if name is not None and (name in seen or not 0 < len(name) <= BLOCK_ID):
            faults.append(f"invalid block_id {where}")
        seen |= {name} if name else set()
    if faults:
        raise Refused("invalid_blocks", response_metadata={"messages": [f"[ERROR] {fault}" for fault in faults]})


def _faults(block: object) -> list[str]:
    if not isinstance(block, dict):
        return ["must be an object"]
    check = _CHECKS.get(str(block.get("type")))
    return check(block) if check else [f"unsupported type: {block.get('type')}"]


def _markdown(block: dict[str, Any]) -> list[str]:
    return [] if 0 < len(str(block.get("text", ""))) <= MARKDOWN else ["text must be 1 to 12000 characters"]


def _context(block: dict[str, Any]) -> list[str]:
    elements = block.get("elements", [])
    most = [] if 0 < len(elements) <= MOST_CONTEXT else ["context takes 1 to 10 elements"]
    return most + [fault for one in elements for fault in _text(one, SECTION)]


def _section(block: dict[str, Any]) -> list[str]:
    fields = block.get("fields")
    if fields is None:
        return _text(block.get("text"), SECTION)
    most = [] if 0 < len(fields) <= MOST_FIELDS else ["a section takes 1 to 10 fields"]
    return most + [fault for one in fields for fault in _text(one, FIELD)]


def _text(found: object, longest: int, *, plain: bool = False) -> list[str]:
    if not isinstance(found, dict) or found.get("type") not in {"plain_text", "mrkdwn"}:
        return ["missing required field: text"]
    if plain and found["type"] != "plain_text":
        return ["must be plain_text"]
    length = len(str(found.get("text", "")))
    if length == 0:
        return ["must be more than 0 characters"]
    return [f"must be less than {longest + 1} characters"] if length > longest else []


def _actions(elements: list[dict[str, Any]]) -> list[str]:
    faults = [] if 0 < len(elements) <= MOST_ACTIONS else ["actions takes 1 to 25 elements"]
    names = [one.get("action_id", "") for one in elements]
    if len(set(names)) != len(names):
        faults.append("action_id must be unique within its block")
    for one in elements:
        if one.get("type") != "button":
            faults.append(f"unsupported type: {one.get('type')}")
        faults += _text(one.get("text"), PLAIN_BUTTON, plain=True)
        limits = (("action_id", ACTION_ID), ("value", VALUE), ("url", URL))
        faults += [f"{name} is too long" for name, most in limits if len(str(one.get(name, ""))) > most]
        if one.get("style") not in {None, "primary", "danger"}:
            faults.append("style must be primary or danger")
        faults += _confirm(one.get("confirm"))
    return faults


def _confirm(asked: dict[str, Any] | None) -> list[str]:
    if asked is None:
        return []
    limits = (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30))
    return [fault for name, most in limits for fault in _text(asked.get(name), most)]


_CHECKS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "header": lambda block: _text(block.get("text"), HEADER, plain=True),
    "section": _section,
    "markdown": _markdown,
    "context": _context,
    "actions": lambda block: _actions(block.get("elements", [])),
    "divider": lambda _: [],
}


def check_metadata(metadata: object) -> dict[str, Any] | None:
    """Refuse metadata that is none, or too large."""
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    if not metadata.get("event_type"):
        raise Refused("invalid_metadata_schema")
    if len(msgspec.json.encode(metadata)) > MOST_METADATA:
        raise Refused("metadata_too_large")
    return metadata


def check_view(view: object) -> dict[str, Any]:
    """Refuse a view that Slack would not open."""
    if not isinstance(view, dict) or view.get("type") not in {"modal", "home"}:
        raise Refused("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: view"]})
    title = view.get("title", {})
    if view["type"] == "modal" and not 0 < len(str(title.get("text", ""))) <= TITLE:
        raise Refused("invalid_arguments", response_metadata={"messages": ["[ERROR] title must be 1 to 24 characters"]})
    return view


def _words(block: dict[str, Any]) -> str:
    texts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
    return " ".join(_plain(one) for one in texts if one)


def _plain(found: Any) -> str:  # noqa: ANN401  JSON may be anything
    if isinstance(found, str):
        return found
    inner = found.get("text", "")
    words = inner if isinstance(inner, str) else str(inner.get("text", ""))
    shown = f"[ {words} ]" if found.get("type") == "button" else words
    return f"{shown} {found['url']}" if "url" in found else shown
