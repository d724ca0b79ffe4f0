"""Messages in Slack: to a person directly, to the team in a room, edited where they stand.

Slack's API is not idempotent: each message carries our key, and an attempt that may have arrived is looked for before
it is made again. Source: docs.slack.dev, Web API.
"""

import asyncio
import http.client
import logging
import re
import socket
import urllib.error
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from tocsin.channels.doors import Doors
from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.channels.slack_blocks import blocks_of, escaped, one_line
from tocsin.errors import SettingsInvalid
from tocsin.settings import Person

T = TypeVar("T")
log = logging.getLogger("tocsin.channels.slack")

API = "https://slack.com/api/"
AT_ONCE = 8
PAGES, PER_PAGE = 5, 200
LONGEST_TEXT = 3000
LONGEST_WAIT = timedelta(hours=1)
TOO_MANY, TROUBLE = 429, 500
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ID = re.compile(r"[CGD][A-Z0-9]{8,}")

PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
        "accesslimited",
    }
)
"""Errors that are over by themselves; every other one stays until somebody changes something."""

WHAT_TO_DO = {
    "invalid_auth": "the token is wrong: copy the app's bot token (xoxb-...) again",
    "not_authed": "the token is empty",
    "token_revoked": "the token was revoked: install the app again and copy its new one",
    "token_expired": "the token expired: install the app again and copy its new one",
    "account_inactive": "the app was removed from the workspace: install it again",
    "missing_scope": "the app lacks a scope: add those the how-to lists and install it again",
    "not_in_channel": "invite the app to the channel: /invite @APP",
    "channel_not_found": "there is no such channel, or the app is not in it: /invite @APP",
    "is_archived": "the channel is archived: name another one",
    "user_not_found": "there is nobody with that Slack id: correct `slack` of the person",
    "users_not_found": "nobody in the workspace has that e-mail address: set `slack` of the person",
    "user_disabled": "that person's Slack account is deactivated",
}


class Slack:
    """Speaks as one app of one workspace. `timeout` seconds bound each call; a message takes three at most.

    `room`: the channel of the team, by id or name. Raises SettingsInvalid when `url` is no address to trust.
    """

    def __init__(
        self, token: str, *, room: str = "", url: str = API, doors: Doors | None = None, timeout: float = 3.5
    ) -> None:
        self._url = checked_url(url)
        self._host = urlsplit(self._url).hostname or ""
        self._room, self._timeout = room.lstrip("#"), timeout
        self.doors = doors or Doors()
        quiet = logging.getLogger("tocsin.slack_sdk")
        quiet.setLevel(logging.CRITICAL)  # what it would log is in our own error
        # No retries inside: the client cannot know whether the first attempt arrived.
        self._client = WebClient(token, base_url=self._url, timeout=timeout, retry_handlers=[], logger=quiet)  # type: ignore[arg-type]
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="slack")
        self._direct: dict[str, str] = {}
        self._users: dict[str, str] = {}
        self._room_id = self._room if _ID.fullmatch(self._room) else ""

    async def send(self, message: Message) -> Receipt:
        """Send it once. Raises SendFailed: what Slack calls passing, 429, 5xx and the network are temporary."""
        return await self._run(lambda: self._send(message))

    async def amend(self, message: Message, handle: str) -> None:
        """Let a message that was sent say this from now on. Raises SendFailed; permanent when it is gone."""
        room, _, ts = handle.partition("/")
        await self._run(lambda: self._client.chat_update(channel=room, ts=ts, **self._shown(message)))

    async def is_user(self, user: str, someone: Person) -> bool:
        """Give whether that Slack user is this person: by the configured id, else by the e-mail address."""
        if someone.slack is not None or someone.email is None:
            return someone.slack == user
        if user in self._users.values():
            return self._users.get(someone.email) == user
        try:
            return await self._run(lambda: self._user(someone)) == user
        except SendFailed:
            return False

    async def respond(self, address: str, text: str) -> None:
        """Answer somebody, visible to them alone, where Slack said. Raises SendFailed."""
        if not self._is_slacks(address):
            raise SendFailed("the address to answer at is not Slack's", permanent=True)
        said = {"text": escaped(text)[:LONGEST_TEXT], "response_type": "ephemeral", "replace_original": False}
        hook = WebhookClient(address, timeout=int(self._timeout) or 1, retry_handlers=[], logger=self._client._logger)  # noqa: SLF001
        got = await self._run(lambda: hook.send_dict(said))
        if got.status_code >= 300:  # noqa: PLR2004  Slack answers 200 and nothing else
            raise SendFailed(f"{self._host} did not take the answer: {got.status_code}", permanent=True)

    async def socket_address(self) -> str:
        """Give where to connect for Socket Mode, good for one connection. Raises SendFailed."""
        token = self.doors.app_token or ""
        got = await self._run(lambda: self._client.apps_connections_open(app_token=token))
        return str(got["url"])

    async def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    # -- in a thread

    async def _run(self, deed: Callable[[], T]) -> T:
        """Do something that waits for Slack. Raises SendFailed and nothing else that Slack can cause."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, deed)
        except SlackApiError as refused:
            raise self._refusal(refused) from None
        except RuntimeError:
            raise SendFailed("this Slack was closed: another configuration is in force", permanent=False) from None
        except (TimeoutError, urllib.error.URLError, http.client.HTTPException, OSError) as trouble:
            raise self._unreached(trouble) from None

    def _send(self, message: Message) -> Receipt:
        room = self._named(message) if message.room else self._opened(message.to)
        thread = message.answers.partition("/")[2]
        known = self._looked_for(message, room, thread) if message.again else None
        if known is not None:
            return known
        shown = self._shown(message)
        shown |= {"thread_ts": thread} if thread else {}
        got = self._client.chat_postMessage(channel=room, unfurl_links=False, unfurl_media=False, **shown)
        return _receipt(str(got["channel"]), str(got["ts"]))

    def _shown(self, message: Message) -> dict[str, Any]:
        payload = {"key": message.key, "incident": message.incident}
        return {
            "text": one_line(message.subject)[:LONGEST_TEXT],
            "blocks": blocks_of(message, buttons=self.doors.open),
            "metadata": {"event_type": "tocsin_message", "event_payload": payload},
        }

    def _named(self, message: Message) -> str:
        if not self._room:
            raise SendFailed("this Slack has no room for the team: set `channel`", permanent=True)
        if message.answers:  # the room it was announced in, also after another one was configured
            return message.answers.partition("/")[0]
        return self._room_id or self._room

    def _opened(self, someone: Person) -> str:
        user = self._user(someone)
        if user not in self._direct:
            got: Any = self._client.conversations_open(users=user)
            self._direct[user] = str(got["channel"]["id"])
        return self._direct[user]

    def _user(self, someone: Person) -> str:
        if someone.slack:
            return someone.slack
        if not someone.email:
            why = f"{someone.name} cannot be found in Slack: add `slack` or `email` under [people.{someone.id}]"
            raise SendFailed(why, permanent=True)
        if someone.email not in self._users:
            got: Any = self._client.users_lookupByEmail(email=someone.email)
            self._users[someone.email] = str(got["user"]["id"])
        return self._users[someone.email]

    def _looked_for(self, message: Message, room: str, thread: str) -> Receipt | None:
        """Look for an earlier attempt. Where the app may not look, the message goes out: better twice than never."""
        try:
            return self._found(message, room, thread)
        except SlackApiError as refused:
            if not self._refusal(refused).permanent:
                raise
            log.warning("%s may be there twice: %s", message.key, self._refusal(refused).why)
        except SendFailed as failed:
            log.warning("%s may be there twice: %s", message.key, failed.why)
        return None

    def _found(self, message: Message, room: str, thread: str) -> Receipt | None:
        """Give the message an earlier attempt left there, or None."""
        room = self._id_of(room)
        cursor = ""
        for _ in range(PAGES):
            asked: dict[str, Any] = {"channel": room, "limit": PER_PAGE, "include_all_metadata": True}
            asked |= {"cursor": cursor} if cursor else {}
            got: Any = (
                self._client.conversations_replies(ts=thread, **asked)
                if thread
                else self._client.conversations_history(**asked)
            )
            for one in got["messages"]:
                if (one.get("metadata") or {}).get("event_payload", {}).get("key") == message.key:
                    return _receipt(room, str(one["ts"]))
            cursor = (got.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return None

    def _id_of(self, room: str) -> str:
        """Give the id of a room that may be given by its name: only sending takes names."""
        if _ID.fullmatch(room):
            return room
        for page in self._client.conversations_list(types="public_channel,private_channel", limit=PER_PAGE):
            for one in page["channels"]:
                if one["name"] == room:
                    self._room_id = str(one["id"])
                    return self._room_id
        raise SendFailed(f"there is no channel {room}, or the app may not see it", permanent=True)

    # -- what went wrong

    def _refusal(self, refused: SlackApiError) -> SendFailed:
        response: Any = refused.response
        status = int(getattr(response, "status_code", 200))
        error = " ".join(str(response.get("error", "")).split())[:100]
        if status == TOO_MANY:
            return SendFailed(
                f"{self._host} asks to wait: {error}", permanent=False, retry_after=_wait(dict(response.headers))
            )
        if status >= TROUBLE or error in PASSING:
            # Slack says of these that some of it may have been done.
            return SendFailed(f"{self._host} is in trouble: {status} {error}", permanent=False, answered=False)
        hint = f"; {WHAT_TO_DO[error]}" if error in WHAT_TO_DO else ""
        return SendFailed(f"{self._host} refused it: {error}{hint}", permanent=True)

    def _unreached(self, trouble: Exception) -> SendFailed:
        reason = trouble.reason if isinstance(trouble, urllib.error.URLError) else trouble
        if isinstance(reason, TimeoutError):
            why = f"{self._host} did not answer in {self._timeout:g} s"
            return SendFailed(why, permanent=False, answered=False)
        sure = isinstance(reason, ConnectionRefusedError | socket.gaierror)
        return SendFailed(f"{self._host} could not be reached: {str(reason)[:200]}", permanent=False, answered=sure)

    def _is_slacks(self, address: str) -> bool:
        """Give whether an address is one of Slack's own: nobody else can have us post there."""
        try:
            parts, ours = urlsplit(address), urlsplit(self._url)
        except ValueError:
            return False
        if (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc):
            return True
        return parts.scheme == "https" and parts.netloc == f"hooks.{ours.hostname}"


def checked_url(url: str) -> str:
    """Give the address of the Web API with a slash at its end. Raises SettingsInvalid for one not to trust."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.query:
        raise SettingsInvalid(f"its url must be https, or a stand-in on this machine, such as {API}")
    return url.rstrip("/") + "/"


def _receipt(room: str, ts: str) -> Receipt:
    return Receipt(id=ts, detail=f"{room} {ts}", handle=f"{room}/{ts}")


def _wait(headers: dict[str, Any]) -> timedelta | None:
    """Give how long Slack asks to be left alone, or None when it does not say."""
    said = str(next((value for name, value in headers.items() if name.lower() == "retry-after"), ""))
    return min(timedelta(seconds=int(said[:9])), LONGEST_WAIT) if said.isascii() and said.isdigit() else None
