"""Slack: the Web API an app posts with, buttons and commands that people use, Socket Mode.

Every answer of the Web API is 200 with `ok`, but for 429 while a limit is exceeded. Source: docs.slack.dev, Web API.
"""

import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from tocsin.clock import Clock, SystemClock
from tocsin.drill.fakes.http import HttpFake, answer_json
from tocsin.drill.fakes.slack_doors import Doors
from tocsin.drill.fakes.slack_shapes import (
    Conversation,
    Posted,
    Refused,
    SlackUser,
    Whisper,
    check_blocks,
    check_message,
    check_metadata,
    check_view,
)

BOT = "U0TOCSIN"
Args = dict[str, Any]
_JSON_FIELDS = ("blocks", "attachments", "metadata", "view")
_MOST_LISTED = 1000


class Trouble(NamedTuple):
    """What a method answers next. `after`: it is done first, so that the answer lies. `status` 0 drops the answer."""

    error: str
    status: int = 200
    retry_after: int | None = None
    after: bool = False


class Slack(HttpFake):
    """A workspace with one app in it.

    `per_second` limits messages of one conversation; without it only what `trouble` says is refused. `channels`: the
    names of public channels the app is in.
    """

    refusal = (503, {"ok": False, "error": "service_unavailable"})

    def __init__(
        self,
        *,
        token: str = "xoxb-fake-token",  # noqa: S107  made-up ones, they guard nothing
        app_token: str = "xapp-fake-token",  # noqa: S107
        signing_secret: str = "fake-signing-secret",  # noqa: S107
        users: dict[str, tuple[str, str]] | None = None,
        channels: tuple[str, ...] = ("incidents",),
        per_second: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Begin with nobody having said anything. `users`: id -> name and e-mail."""
        self._clock = clock or SystemClock()
        self.users = {BOT: SlackUser(id=BOT, name="tocsin", real_name="Tocsin", bot=True)}
        for name, (real, email) in (users or {"U0MIRA": ("Mira Okafor", "mira@example.org")}).items():
            self.users[name] = SlackUser(id=name, name=name.lower(), real_name=real, email=email)
        self.conversations = {f"C{number:09d}": name for number, name in enumerate(channels, 1)}
        self.rooms = {key: Conversation(id=key, name=name) for key, name in self.conversations.items()}
        self.whispers: list[Whisper] = []
        self.views: list[dict[str, Any]] = []
        self.calls: list[tuple[str, Args]] = []
        self._token, self._app_token = token, app_token
        self._per_second = per_second
        self._last: dict[str, float] = {}
        self._troubles: dict[str, list[Trouble]] = {}
        self._count = itertools.count(1)
        self.doors = Doors(self, signing_secret, self._clock)
        super().__init__(
            [
                Route("/api/{method}", self._call, methods=["GET", "POST"]),
                Route("/actions/{name}", self.doors.respond, methods=["POST"]),
                Route("/_fake/messages", self._show_messages, methods=["GET"]),
                Route("/_fake/press", self.doors.press_by_hand, methods=["POST"]),
                WebSocketRoute("/link/", self.doors.link),
            ]
        )
        self._methods: dict[str, Callable[[Args], dict[str, object]]] = {
            "api.test": lambda args: {"args": args},
            "auth.test": self._auth_test,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "chat.postEphemeral": self._whisper,
            "conversations.open": self._open,
            "conversations.list": self._list,
            "conversations.info": lambda args: {"channel": self._room(args).shown},
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "users.info": lambda args: {"user": self._user(args).shown},
            "users.lookupByEmail": self._lookup,
            "users.list": self._list_users,
            "apps.connections.open": self.doors.ticket,
            "views.open": self._open_view,
        }

    # -- for whoever plays with it

    @property
    def tokens(self) -> tuple[str, str]:
        """Give the bot's token and the app's."""
        return self._token, self._app_token

    @property
    def configuration(self) -> str:
        """Give the lines of a configuration that speak to it."""
        room = next(iter(self.conversations), "")
        return (
            f'[channels.slack]\nkind = "slack"\nurl = "{self.address}/api/"\nchannel = "{room}"\n'
            f'token = {{ env = "SLACK_TOKEN" }}      # SLACK_TOKEN={self._token}\n'
            f'app_token = {{ env = "SLACK_APP" }}    # SLACK_APP={self._app_token}\n'
            f"# people: slack = {', '.join(repr(name) for name in self.users if name != BOT)}\n"
            f"What stands there: curl {self.address}/_fake/messages\n"
            f'Press a button:    curl {self.address}/_fake/press -d "user=U0MIRA&button=acknowledge"'
        )

    def trouble(self, method: str, *planned: Trouble) -> None:
        """Let the next calls of a method fail, one after the other."""
        self._troubles.setdefault(method, []).extend(planned)

    def says_to(self, user: str) -> list[Posted]:
        """Give the direct messages a user has, oldest first."""
        return [message for room in self.rooms.values() if room.user == user for message in room.messages]

    def room(self, name: str) -> Conversation:
        """Give a channel by its name."""
        return next(room for room in self.rooms.values() if room.name == name)

    def where(self, message: Posted) -> Conversation:
        """Give the conversation a message stands in; it may be a copy of how it stood before."""
        return next(room for room in self.rooms.values() if room.message(message.ts) is not None)

    # -- the way of one call

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        args = await _arguments(request)
        args.pop("token", None)
        self.calls.append((method, args))
        planned = self._troubles.get(method, [])
        trouble = planned.pop(0) if planned else None
        if trouble is not None and not trouble.after:
            return await self._troubled(trouble)
        try:
            if method not in self._methods:
                raise Refused("unknown_method", req_method=method)  # noqa: TRY301  one way out for all refusals
            self._authenticate(request, method)
            self._limit(method, args)
            found = {"ok": True, **self._methods[method](args)}
        except Refused as refused:
            found = {"ok": False, "error": refused.error, **refused.more}
        if trouble is not None:
            return await self._troubled(trouble)
        if found.get("error") == "ratelimited":
            return answer_json(429, found, {"Retry-After": "1"})
        return answer_json(200, found)

    async def _troubled(self, trouble: Trouble) -> Response:
        if trouble.status == 0:
            await self._over.wait()
        headers = {"Retry-After": str(trouble.retry_after)} if trouble.retry_after is not None else None
        return answer_json(trouble.status, {"ok": False, "error": trouble.error}, headers)

    def _authenticate(self, request: Request, method: str) -> None:
        scheme, _, offered = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not offered:
            raise Refused("not_authed")
        if offered not in {self._token, self._app_token}:
            raise Refused("invalid_auth")
        if (method == "apps.connections.open") != (offered == self._app_token):
            raise Refused("not_allowed_token_type")

    def _limit(self, method: str, args: Args) -> None:
        """Refuse a second message of the same second in one conversation."""
        if self._per_second is None or method != "chat.postMessage":
            return
        name, now = str(args.get("channel", "")), self._clock.monotonic()
        if now - self._last.get(name, float("-inf")) < 1 / self._per_second:
            raise Refused("ratelimited")
        self._last[name] = now

    # -- who and where

    def _auth_test(self, _: Args) -> dict[str, object]:
        named = {"url": f"{self.address}/", "team": "Fake", "user": "tocsin", "team_id": "T0FAKE"}
        return {**named, "user_id": BOT, "bot_id": "B0TOCSIN", "is_enterprise_install": False}

    def _room(self, args: Args, field: str = "channel") -> Conversation:
        """Give a conversation by its id. Raises Refused."""
        found = self.rooms.get(str(args.get(field, "")))
        if found is None:
            raise Refused("channel_not_found")
        return found

    def _user(self, args: Args) -> SlackUser:
        found = self.users.get(str(args.get("user", "")))
        if found is None:
            raise Refused("user_not_found")
        return found

    def _lookup(self, args: Args) -> dict[str, object]:
        wanted = str(args.get("email", "")).casefold()
        for user in self.users.values():
            if user.email and user.email.casefold() == wanted and not user.deactivated:
                return {"user": user.shown}
        raise Refused("users_not_found")

    def _list_users(self, args: Args) -> dict[str, object]:
        page, more = _paged([user.shown for user in self.users.values()], args)
        return {"members": page, **more}

    def _list(self, args: Args) -> dict[str, object]:
        types = set(str(args.get("types", "public_channel")).split(","))
        shown = [
            room.shown
            for room in self.rooms.values()
            if ("im" if room.user else "private_channel" if room.private else "public_channel") in types
            and not (room.archived and _true(args.get("exclude_archived")))
        ]
        page, more = _paged(shown, args)
        return {"channels": page, **more}

    def _open(self, args: Args) -> dict[str, object]:
        names = [name for name in str(args.get("users", "")).split(",") if name]
        if len(names) != 1:
            raise Refused("users_list_not_supplied" if not names else "not_enough_users")
        user = self._user({"user": names[0]})
        if user.deactivated:
            raise Refused("user_disabled")
        if user.bot:
            raise Refused("cannot_dm_bot")
        known = next((room for room in self.rooms.values() if room.user == user.id), None)
        room = known or Conversation(id=f"D{next(self._count):09d}", user=user.id)
        self.rooms[room.id] = room
        return {"channel": {"id": room.id}, **({"already_open": True, "no_op": True} if known else {})}

    # -- messages

    def _post(self, args: Args) -> dict[str, object]:
        room = self._addressed(str(args.get("channel", "")))
        if room.archived:
            raise Refused("is_archived")
        if not room.member:
            raise Refused("not_in_channel")
        text, blocks = str(args.get("text") or ""), _blocks(args)
        check_message(text, blocks)
        metadata = check_metadata(args.get("metadata"))
        thread = args.get("thread_ts")
        if thread is not None and room.message(str(thread)) is None:
            raise Refused("thread_not_found")
        message = Posted(
            ts=self._ts(), user=BOT, text=text, blocks=blocks, thread_ts=thread, metadata=metadata, texts=[text]
        )
        room.messages.append(message)
        return {"channel": room.id, "ts": message.ts, "message": message.shown()}

    def _addressed(self, name: str) -> Conversation:
        """Give where chat.postMessage goes: an id, a name with or without #, or a person."""
        if name in self.users:
            found: Any = self._open({"users": name})["channel"]
            return self.rooms[found["id"]]
        by_name = next((room for room in self.rooms.values() if room.name and room.name == name.lstrip("#")), None)
        return by_name or self._room({"channel": name})

    def _update(self, args: Args) -> dict[str, object]:
        message = self._own(args, "cant_update_message")
        text, blocks = args.get("text"), args.get("blocks")
        if text is None and blocks is None:
            raise Refused("no_text")
        check_message(str(text if text is not None else message.text), blocks if blocks is not None else message.blocks)
        message.text = str(text) if text is not None else message.text
        message.blocks = blocks if blocks is not None else message.blocks
        message.metadata = check_metadata(args.get("metadata")) or message.metadata
        message.edited += 1
        message.texts.append(message.text)
        return {"channel": args["channel"], "ts": message.ts, "text": message.text, "message": message.shown()}

    def _delete(self, args: Args) -> dict[str, object]:
        message = self._own(args, "cant_delete_message")
        self._room(args).messages.remove(message)
        return {"channel": args["channel"], "ts": message.ts}

    def _own(self, args: Args, not_mine: str) -> Posted:
        message = self._room(args).message(str(args.get("ts", "")))
        if message is None:
            raise Refused("message_not_found")
        if message.user != BOT:
            raise Refused(not_mine)
        return message

    def _whisper(self, args: Args) -> dict[str, object]:
        room, user = self._room(args), self._user(args)
        if not room.member:
            raise Refused("not_in_channel")
        if room.user not in {"", user.id}:
            raise Refused("user_not_in_channel")
        check_message(str(args.get("text") or ""), _blocks(args))
        whispered = Whisper(channel=room.id, user=user.id, text=str(args.get("text") or ""))
        self.whispers.append(whispered)
        return {"message_ts": self._ts()}

    def _history(self, args: Args) -> dict[str, object]:
        room = self._room(args)
        if not room.member:
            raise Refused("not_in_channel")
        roots = [one for one in reversed(room.messages) if one.thread_ts in {None, one.ts}]
        return _told(roots, args)

    def _replies(self, args: Args) -> dict[str, object]:
        room, root = self._room(args), str(args.get("ts", ""))
        if room.message(root) is None:
            raise Refused("thread_not_found")
        return _told([one for one in room.messages if root in {one.ts, one.thread_ts}], args)

    def _open_view(self, args: Args) -> dict[str, object]:
        self.doors.use_trigger(str(args.get("trigger_id", "")))
        view = check_view(args.get("view")) | {"id": f"V{next(self._count):09d}", "hash": self._ts()}
        check_blocks(view.get("blocks", []))
        self.views.append(view)
        return {"view": view}

    def _ts(self) -> str:
        return f"{int(self._clock.now().timestamp())}.{next(self._count):06d}"

    async def _show_messages(self, _: Request) -> Response:
        found = [{"channel": room.id, **one.shown()} for room in self.rooms.values() for one in room.messages]
        return answer_json(200, {"messages": found, "only_for": msgspec.to_builtins(self.whispers)})

    @contextlib.asynccontextmanager
    async def serving(
        self, port: int = 0, *, host: str = "127.0.0.1", tls: tuple[Path, Path] | None = None
    ) -> AsyncIterator[str]:
        """Listen, and give the address; at the end, sockets are closed."""
        async with super().serving(port, host=host, tls=tls) as address:
            try:
                yield address
            finally:
                await self.doors.close()


async def _arguments(request: Request) -> Args:
    """Give the arguments of a call: from the query, and from a body of JSON or of a form."""
    args: Args = dict(request.query_params)
    raw = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        try:
            found = msgspec.json.decode(raw or b"{}")
        except msgspec.DecodeError:
            found = None
        return args | (found if isinstance(found, dict) else {})
    args |= dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    for name in _JSON_FIELDS:
        if isinstance(args.get(name), str):
            try:
                args[name] = msgspec.json.decode(args[name])
            except msgspec.DecodeError:
                args[name] = False  # refused by whoever looks at it
    return args


def _blocks(args: Args) -> list[Any]:
    found: list[Any] = [] if args.get("blocks") is None else args["blocks"]
    return found


def _true(value: object) -> bool:
    return value in {True, "1", "true"}


def _paged(items: list[Any], args: Args) -> tuple[list[Any], dict[str, object]]:
    """Give one page and what leads to the next. Raises Refused."""
    cursor, limit = str(args.get("cursor") or "at:0"), int(args.get("limit") or 100)
    if not cursor.startswith("at:") or not cursor[3:].isdigit():
        raise Refused("invalid_cursor")
    if not 0 < limit <= _MOST_LISTED:
        raise Refused("invalid_limit")
    end = int(cursor[3:]) + limit
    more = f"at:{end}" if end < len(items) else ""
    return items[end - limit : end], {"response_metadata": {"next_cursor": more}}


def _told(messages: list[Posted], args: Args) -> dict[str, object]:
    """Give messages as histories do: between two instants, a page at a time."""
    oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
    within = [one for one in messages if oldest < float(one.ts) < latest]
    metadata = _true(args.get("include_all_metadata"))
    page, more = _paged([one.shown(metadata=metadata) for one in within], args)
    rest: Any = more["response_metadata"]
    return {"messages": page, "has_more": bool(rest["next_cursor"]), **more}
