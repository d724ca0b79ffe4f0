"""What Slack sends to an app: buttons that were pressed and commands, over HTTP or Socket Mode, and where it answers.

Source: docs.slack.dev, "Handling user interaction", "Verifying requests from Slack", "Using Socket Mode".
"""

import asyncio
import hashlib
import hmac
import itertools
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from tocsin.clock import Clock
from tocsin.drill.fakes.http import answer_json
from tocsin.drill.fakes.slack_shapes import Posted, Refused, Whisper, check_message

if TYPE_CHECKING:
    from tocsin.drill.fakes.slack import Slack

PATIENCE = 3.0
"""Seconds an app has to answer before its user reads that it did not."""

ANSWERS, ANSWERS_FOR = 5, timedelta(minutes=30)
TRIGGER_LASTS = timedelta(seconds=3)
MOST_CONNECTIONS = 10


class Answered(NamedTuple):
    """How the app took it. `status` is that of HTTP, 200 for an envelope it acknowledged, 0 when it was too late."""

    status: int
    body: dict[str, Any]


class _Address(msgspec.Struct):
    """A response_url: where it leads, and what is left of it."""

    channel: str
    user: str
    ts: str
    until: datetime
    left: int = ANSWERS


class Doors:
    """Delivers what people do. Over a socket while one is open, else by HTTP to `address`."""

    def __init__(self, slack: "Slack", signing_secret: str, clock: Clock) -> None:
        """Take the workspace people act in."""
        self._slack, self.secret, self._clock = slack, signing_secret, clock
        self.address = ""
        self.twice = False
        """Deliver every envelope and request a second time, as happens when an acknowledgement is lost."""
        self.shifted = timedelta(0)
        """How far the clock that signs is off."""
        self.delivered: list[dict[str, Any]] = []
        self._sockets: list[WebSocket] = []
        self._tickets: set[str] = set()
        self._acks: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._addresses: dict[str, _Address] = {}
        self._triggers: dict[str, datetime] = {}
        self._count = itertools.count(1)

    @property
    def connections(self) -> int:
        """Give how many sockets are open."""
        return len(self._sockets)

    # -- what people do

    async def press(self, message: Posted, button: str, user: str, *, value: str | None = None) -> Answered:
        """Let somebody press a button of a message; `value` as it stood in an older version of it."""
        element = dict(message.button(button))
        room = self._slack.where(message)
        action = {
            "type": "button",
            "action_id": element["action_id"],
            "block_id": "b1",
            "text": element["text"],
            "value": element.get("value", "") if value is None else value,
            "action_ts": f"{self._clock.now().timestamp():.6f}",
        }
        payload = self._people(user) | {
            "type": "block_actions",
            "api_app_id": "A0TOCSIN",
            "container": {"type": "message", "message_ts": message.ts, "channel_id": room.id, "is_ephemeral": False},
            "channel": {"id": room.id, "name": room.name or "directmessage"},
            "message": message.shown(),
            "response_url": self._response_url(room.id, user, message.ts),
            "trigger_id": self._trigger(),
            "actions": [action],
        }
        return await self.deliver("interactive", payload)

    async def command(self, user: str, text: str, command: str = "/tocsin", channel: str = "") -> Answered:
        """Let somebody type a command; what the app answers at once only they see."""
        room = channel or next(iter(self._slack.rooms))
        payload = {
            "command": command,
            "text": text,
            "user_id": user,
            "user_name": self._slack.users[user].name,
            "team_id": "T0FAKE",
            "team_domain": "fake",
            "channel_id": room,
            "channel_name": self._slack.rooms[room].name or "directmessage",
            "api_app_id": "A0TOCSIN",
            "is_enterprise_install": "false",
            "response_url": self._response_url(room, user, ""),
            "trigger_id": self._trigger(),
        }
        answered = await self.deliver("slash_commands", payload)
        if answered.body.get("text"):
            self._slack.whispers.append(Whisper(channel=room, user=user, text=answered.body["text"]))
        return answered

    async def submit(self, view: dict[str, Any], user: str, values: dict[str, Any]) -> Answered:
        """Let somebody send the form of a view."""
        state = view | {"state": {"values": values}}
        payload = {"type": "view_submission", "view": state, "api_app_id": "A0TOCSIN", "trigger_id": self._trigger()}
        return await self.deliver("interactive", self._people(user) | payload)

    def _people(self, user: str) -> dict[str, Any]:
        who = self._slack.users[user]
        return {
            "user": {"id": who.id, "username": who.name, "name": who.name, "team_id": "T0FAKE"},
            "team": {"id": "T0FAKE", "domain": "fake"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _trigger(self) -> str:
        name = f"{next(self._count)}.fake.trigger"
        self._triggers[name] = self._clock.now()
        return name

    def use_trigger(self, name: str) -> None:
        """Take what opens a view, once and soon. Raises Refused."""
        begun = self._triggers.pop(name, None)
        if begun is None:
            raise Refused("exchanged_trigger_id" if name.endswith(".fake.trigger") else "invalid_trigger_id")
        if self._clock.now() - begun > TRIGGER_LASTS:
            raise Refused("expired_trigger_id")

    # -- on its way to the app

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Answered:
        """Send something people did to the app, and give how it took it."""
        self.delivered.append(payload)
        if self._sockets:
            return await self._by_socket(kind, payload)
        answered = await self.post(kind, payload)
        return await self.post(kind, payload) if self.twice else answered

    async def post(self, kind: str, payload: dict[str, Any], *, secret: str | None = None, at: str = "") -> Answered:
        """Send it by HTTP. `secret` and `at` sign it with something else than ours and now."""
        interactive = kind == "interactive"
        fields = {"payload": msgspec.json.encode(payload).decode()} if interactive else payload
        raw = urlencode(fields).encode()
        url = f"{self.address}/{'interactions' if interactive else 'commands'}"
        headers = self.signed(raw, secret=secret, at=at) | {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            async with httpx.AsyncClient(timeout=PATIENCE) as client:
                got = await client.post(url, content=raw, headers=headers)
        except httpx.HTTPError:
            return Answered(0, {})
        return Answered(got.status_code, _object(got.content))

    def signed(self, raw: bytes, *, secret: str | None = None, at: str = "") -> dict[str, str]:
        """Give the headers that prove where a body comes from."""
        stamp = at or str(int((self._clock.now() + self.shifted).timestamp()))
        key = (self.secret if secret is None else secret).encode()
        mac = hmac.new(key, b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}

    # -- Socket Mode

    def ticket(self, _: dict[str, Any]) -> dict[str, object]:
        """Give the address of a socket, good for one connection."""
        if len(self._sockets) >= MOST_CONNECTIONS:
            raise Refused("too_many_connections")
        name = f"ticket{next(self._count)}"
        self._tickets.add(name)
        host = self._slack.address.partition("://")[2]
        return {"url": f"ws://{host}/link/?ticket={name}&app_id=A0TOCSIN"}

    async def link(self, socket: WebSocket) -> None:
        """Serve one socket until it ends."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(4000)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        self._sockets.append(socket)
        info = {"app_id": "A0TOCSIN"}
        debug = {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060}
        hello = {"type": "hello", "num_connections": len(self._sockets), "debug_info": debug, "connection_info": info}
        try:
            await socket.send_json(hello)
            while True:
                self._acknowledged(_object((await socket.receive_text()).encode()))
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass
        finally:
            if socket in self._sockets:
                self._sockets.remove(socket)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Tell every socket that it will be closed, and close it: Slack does so every few hours."""
        for socket in tuple(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-fake"}})
            self._sockets.remove(socket)
            await socket.close(1000)

    async def cut(self) -> None:
        """Drop every socket without a word."""
        for socket in tuple(self._sockets):
            self._sockets.remove(socket)
            await socket.close(1011)

    async def close(self) -> None:
        """End all sockets."""
        for socket in tuple(self._sockets):
            self._sockets.remove(socket)
            await socket.close(1001)

    async def _by_socket(self, kind: str, payload: dict[str, Any]) -> Answered:
        name = f"envelope-{next(self._count)}"
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._acks[name] = waiting
        envelope = {
            "envelope_id": name,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind == "slash_commands" or payload.get("type") == "view_submission",
        }
        socket = self._sockets[next(self._count) % len(self._sockets)]
        for _ in range(2 if self.twice else 1):
            await socket.send_json(envelope)
        try:
            async with asyncio.timeout(PATIENCE):
                return Answered(200, await waiting)
        except TimeoutError:
            return Answered(0, {})
        finally:
            self._acks.pop(name, None)

    def _acknowledged(self, said: dict[str, Any]) -> None:
        waiting = self._acks.get(str(said.get("envelope_id", "")))
        if waiting is not None and not waiting.done():
            waiting.set_result(said.get("payload") or {})

    # -- response_url

    def _response_url(self, channel: str, user: str, ts: str) -> str:
        name = f"answer{next(self._count)}"
        self._addresses[name] = _Address(channel, user, ts, self._clock.now() + ANSWERS_FOR)
        return f"{self._slack.address}/actions/{name}"

    async def respond(self, request: Request) -> Response:
        """Take what the app says to a response_url: five times within half an hour."""
        known = self._addresses.get(request.path_params["name"])
        if known is None:
            return answer_json(404, {"ok": False, "error": "invalid_url"})
        if self._clock.now() > known.until:
            return answer_json(404, {"ok": False, "error": "expired_url"})
        if known.left == 0:
            return answer_json(404, {"ok": False, "error": "used_url"})
        known.left -= 1
        said = _object(await request.body())
        try:
            self._say(known, said)
        except Refused as refused:
            return PlainTextResponse(refused.error, 400)
        return PlainTextResponse("ok")

    def _say(self, known: _Address, said: dict[str, Any]) -> None:
        room = self._slack.rooms[known.channel]
        message = room.message(known.ts)
        text, blocks = str(said.get("text") or ""), said.get("blocks") or []
        if said.get("delete_original") and message:
            room.messages.remove(message)
            return
        check_message(text, blocks)
        if said.get("replace_original") and message:
            message.text, message.blocks, message.edited = text, blocks, message.edited + 1
        elif said.get("response_type") == "in_channel":
            stamp = f"{int(self._clock.now().timestamp())}.{next(self._count):06d}"
            room.messages.append(Posted(ts=stamp, user="U0TOCSIN", text=text, blocks=blocks))
        else:
            self._slack.whispers.append(Whisper(channel=known.channel, user=known.user, text=text, blocks=blocks))

    async def press_by_hand(self, request: Request) -> Response:
        """Press a button of the newest message that has it, for somebody who tries things with curl."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        user, button = form.get("user", ""), form.get("button", "")
        for message in reversed([one for room in self._slack.rooms.values() for one in room.messages]):
            if user in self._slack.users and any(one["action_id"] == button for one in message.buttons):
                return answer_json(200, (await self.press(message, button, user))._asdict())
        return answer_json(404, {"error": f"no message has a button {button!r}, or there is no user {user!r}"})


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}
