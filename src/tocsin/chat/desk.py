"""Where chat users come to: who they are, what they want done, and what they are told about it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any

from tocsin.channels.doors import Chat
from tocsin.channels.message import SendFailed
from tocsin.channels.slack_blocks import escaped
from tocsin.chat.commands import Asker, Commands, not_configured
from tocsin.chat.slack import Command, Press, read
from tocsin.chat.words import acted, came_true, done
from tocsin.engine.access import Access, Principal
from tocsin.engine.engine import Engine
from tocsin.errors import NotFound, StoreUnavailable, TocsinError
from tocsin.incident import wishes as w

log = logging.getLogger("tocsin.chat")

SOON = 2.0
"""Seconds a door waits for the deed before it acknowledges: Slack waits three."""

TEST = "TEST-"

BUTTONS: Mapping[str, Callable[[Principal, Press], w.Wish]] = {
    "acknowledge": lambda who, press: w.Acknowledge(by=who.by, via="slack", seen_to=press.as_of),
    "take": lambda who, press: w.Acknowledge(by=who.by, via="slack", seen_to=press.as_of),
    "escalate": lambda who, press: w.Escalate(
        by=who.by, level=press.level or None, why="in Slack", seen_to=press.as_of
    ),
    "resolve": lambda who, _: w.Resolve(by=who.by, why="in Slack"),
}


class Desk:
    """Takes what chat users do, once each, and answers those who have to be told something."""

    def __init__(self, engine: Engine, access: Access) -> None:
        """Take the engine that acts and who may."""
        self._engine, self._access = engine, access
        self._commands = Commands(engine)
        self._tasks: set[asyncio.Task[Any]] = set()

    async def take(self, chat: Chat, kind: str, payload: Mapping[str, Any]) -> dict[str, object]:
        """Do what was asked, and give what to acknowledge it with; what lasts longer is answered later."""
        asked = read(kind, payload)
        if asked is None or (asked.id and await self._is_repeat(asked.id)):
            return {}
        doing = self.keep(self._do(chat, asked))
        done, _ = await asyncio.wait({doing}, timeout=SOON)
        if done and isinstance(asked, Command):
            return {"response_type": "ephemeral", "text": escaped(doing.result())}
        self.keep(self._tell(chat, asked.answer_at, doing))
        return {}

    async def close(self) -> None:
        """Let what is under way end, for a while."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=SOON)

    async def _is_repeat(self, name: str) -> bool:
        """Give whether that was taken before; what cannot be looked up is taken, and says why it cannot be done."""
        with contextlib.suppress(StoreUnavailable):
            return not await self._engine.once.did(name)
        return False

    # -- what is asked

    async def _do(self, chat: Chat, asked: Press | Command) -> str:
        """Do it and give what to say, "" for nothing. Never raises: somebody waits for an answer."""
        try:
            who = await self._who(chat, asked.user)
            if isinstance(asked, Command):
                return await self._commands.run(asked.words, Asker(who, asked.user))
            return await self._press(asked, who)
        except StoreUnavailable:
            return "It is not recorded: the store cannot be used now. Try again, or open the incident in the browser."
        except TocsinError as error:
            return f"{str(error)[:1].upper()}{str(error)[1:]}."
        except Exception:
            log.exception("what %s asked for in chat broke", asked.user)
            return "Tocsin made a mistake; its log says more. Open the incident in the browser."

    async def _press(self, press: Press, who: Principal | None) -> str:
        if who is None:
            return not_configured(press.user)
        if press.number.startswith(TEST):
            heard = await self._engine.test_pages.answer(press.number, who.id)
            return "Thank you, pages reach you." if heard else "Nobody waits for this answer any more."
        make = BUTTONS.get(press.action)
        if make is None:
            raise NotFound(f"there is no button {press.action[:40]} any more")
        wish = make(who, press)
        before = await self._engine.load(press.number, who.viewer)
        after = await self._engine.act(press.number, wish, who.viewer)
        seq = before.incident.seq if before.incident else 0
        settings = self._engine.worlds.settings
        if not came_true(after, wish, seq):
            return acted(after, wish, settings)
        # Where something changed, the message itself is edited and says so; one of many incidents is not.
        return done(after, wish, settings) if press.action == "take" else ""

    async def _who(self, chat: Chat, user: str) -> Principal | None:
        """Give the configured person a chat user is: by id before anything has to be looked up."""
        people = sorted(self._engine.worlds.settings.people.values(), key=lambda one: one.slack != user)
        for someone in people:
            if user and await chat.is_user(user, someone):
                return self._access.by_chat(someone.id)
        return None

    async def _tell(self, chat: Chat, address: str, doing: "asyncio.Task[str]") -> None:
        text = await doing
        if not text:
            return
        try:
            await chat.respond(address, text)
        except SendFailed as failed:
            log.warning("somebody could not be answered in chat: %s", failed.why)

    def keep(self, deed: Any) -> "asyncio.Task[Any]":  # noqa: ANN401  a coroutine
        """Let something go on by itself, and remember it until it ended."""
        task = asyncio.get_running_loop().create_task(deed)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
