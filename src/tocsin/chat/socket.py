"""Socket Mode: Slack reaches a box without a public address over a connection that the box opens.

One connection for each Slack that has an app-level token, opened again whenever it ends. Several nodes may each have
one: Slack gives every envelope to one of them. Source: docs.slack.dev, "Using Socket Mode".
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from tocsin.channels.doors import Chat
from tocsin.channels.message import SendFailed
from tocsin.chat.desk import Desk
from tocsin.engine.doctor import Check

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

log = logging.getLogger("tocsin.chat")

LONGEST = 60.0
WRONG = 300.0
"""Seconds between attempts while Slack says that the app may not connect: somebody has to change something."""

LASTED = 10.0
"""A connection that lasted longer was a good one: the next attempt follows at once."""

LARGEST = 1 << 20
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Sockets:
    """Keeps the connections of all chats that want one."""

    def __init__(self, desk: Desk) -> None:
        """Take where what comes is handed to."""
        self._desk = desk
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.connected: set[str] = set()
        """The channels whose connection stands."""

    def use(self, channels: Mapping[str, object]) -> None:
        """Keep connections for these channels and no others."""
        for task in self._tasks.values():
            task.cancel()
        self.connected.clear()
        self._tasks = {
            name: asyncio.get_running_loop().create_task(self._keep(name, channel), name=f"socket {name}")
            for name, channel in channels.items()
            if isinstance(channel, Chat) and channel.doors.app_token
        }

    def checks(self) -> tuple[Check, ...]:
        """Give for each connection whether it stands."""
        return tuple(
            Check(f"channel {name}", "ok", "connected by Socket Mode")
            if name in self.connected
            else Check(f"channel {name}", "error", "Socket Mode is not connected: buttons do nothing; read the log")
            for name in self._tasks
        )

    async def close(self) -> None:
        """End all connections."""
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._desk.close()

    async def _keep(self, name: str, chat: Chat) -> None:
        failures, loop = 0, asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self._connect(name, chat)
                failures = 0 if loop.time() - began > LASTED else failures + 1
                wait = _pause(failures - 1) if failures else 0.0
            except SendFailed as failed:
                wait = WRONG if failed.permanent else _pause(failures)
                failures += 1
                log.warning("%s: Socket Mode is not connected, next attempt in %.0f s: %s", name, wait, failed.why)
            except Exception as error:  # noqa: BLE001  nothing that comes over a wire may end this
                wait = _pause(failures)
                failures += 1
                log.warning("%s: Socket Mode broke off, again in %.0f s: %s", name, wait, _words(error))
            finally:
                self.connected.discard(name)
            await asyncio.sleep(wait)

    async def _connect(self, name: str, chat: Chat) -> None:
        """Serve one connection to its end. Raises SendFailed, OSError and others."""
        from websockets.asyncio.client import connect  # noqa: PLC0415  only who has Slack pays for it
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415

        address = _checked(await chat.socket_address())
        here = urlsplit(address).hostname in _LOOPBACK
        async with connect(address, max_size=LARGEST, open_timeout=10, proxy=None if here else True) as socket:
            try:
                async for raw in socket:
                    said = _read(raw)
                    kind = said.get("type")
                    if kind == "hello":
                        self.connected.add(name)
                        log.info("%s: connected by Socket Mode", name)
                    elif kind == "disconnect":
                        if said.get("reason") == "link_disabled":
                            raise SendFailed("Socket Mode is switched off for the app", permanent=True)
                        return
                    elif said.get("envelope_id"):
                        self._desk.keep(self._envelope(socket, chat, said))
            except ConnectionClosed:
                log.info("%s: the Socket Mode connection ended", name)

    async def _envelope(self, socket: "ClientConnection", chat: Chat, said: Mapping[str, Any]) -> None:
        """Do what an envelope asks and acknowledge it, in time and however that ended."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415  as above

        payload = said.get("payload")
        answer: dict[str, object] = {"envelope_id": said["envelope_id"]}
        known = said.get("type") in {"interactive", "slash_commands"} and isinstance(payload, dict)
        found = await self._desk.take(chat, str(said["type"]), payload or {}) if known else {}
        if found and said.get("accepts_response_payload"):
            answer["payload"] = found
        try:
            await socket.send(msgspec.json.encode(answer).decode())
        except ConnectionClosed:
            log.warning("an envelope could not be acknowledged: the connection ended; it was done all the same")


def _pause(failures: int) -> float:
    return float(min(0.5 * 2 ** min(failures, 20), LONGEST))


def _read(raw: str | bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _checked(address: str) -> str:
    """Give an address that is safe to connect to. Raises SendFailed."""
    parts = urlsplit(address)
    if parts.scheme == "wss" or (parts.scheme == "ws" and parts.hostname in _LOOPBACK):
        return address
    raise SendFailed("the address for Socket Mode is not safe (wss)", permanent=True)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
