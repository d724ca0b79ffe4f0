"""The other sides of the channels: real servers on the loopback, that answer as they are told to."""

import asyncio
import io
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session

from integration.channels.messages import FACTS
from tocsin.channels.apprise import Apprise
from tocsin.channels.console import Console
from tocsin.channels.doors import Doors
from tocsin.channels.email import Email
from tocsin.channels.message import Channel
from tocsin.channels.pagerduty import PagerDuty as PagerDutyChannel
from tocsin.channels.slack import Slack
from tocsin.channels.twilio import Account, Call, Sms, unplain
from tocsin.channels.webhook import Webhook
from tocsin.clock import SystemClock
from tocsin.drill.fakes.http import Came
from tocsin.drill.fakes.pagerduty import PagerDuty
from tocsin.drill.fakes.slack import Slack as Workspace
from tocsin.drill.fakes.slack import Trouble
from tocsin.drill.fakes.slack_shapes import Posted as Said
from tocsin.drill.fakes.twilio import Twilio

CLOCK = SystemClock()
SLOW = 30.0


WHOLE = ("P0 Sequencer Down, nobody has it (INC-2026-0042)", "L1 until Mon 30 Nov 09:00", FACTS.link)
"""What a page says where there is room for all of it."""


class Receiver(Protocol):
    """What the contract needs of every other side: `words` a page says there, `restricted` a restricted one.

    `hostile` is a part of a message that tries to be more than words, as it arrives.
    """

    words: tuple[str, ...]
    restricted: str
    hostile: str

    def channel(self, timeout: float = 60.0) -> Channel: ...
    def received(self) -> list[str]: ...
    def keys(self) -> list[str]: ...
    def fail_for_now(self) -> None: ...
    def fail_for_good(self) -> None: ...
    def be_slow(self) -> None: ...


class Terminal(io.StringIO):
    """A terminal that can be stopped, closed, or too busy."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = False
        self.let_go = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def write(self, text: str) -> int:
        if self.busy:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        if self.loop is not None:
            asyncio.run_coroutine_threadsafe(self.let_go.wait(), self.loop).result()
        return super().write(text)


class ConsoleReceiver:
    words: tuple[str, ...] = WHOLE
    hostile = "QUIT"
    restricted = FACTS.link

    def __init__(self) -> None:
        self.terminal = Terminal()

    def channel(self, timeout: float = 60.0) -> Channel:
        return Console(self.terminal, timeout=timeout)

    def received(self) -> list[str]:
        return [part for part in self.terminal.getvalue().split("\n\n+-- TOCSIN") if part.strip()]

    def keys(self) -> list[str]:
        lines = self.terminal.getvalue().splitlines()
        return [line.split()[2] for line in lines if line.startswith("+-- key ")]

    def fail_for_now(self) -> None:
        self.terminal.busy = True

    def fail_for_good(self) -> None:
        self.terminal.close()

    def be_slow(self) -> None:
        self.terminal.loop = asyncio.get_running_loop()


class Posted(msgspec.Struct):
    headers: dict[str, str]
    raw: bytes

    @property
    def event(self) -> Any:
        return msgspec.json.decode(self.raw)["event"]


class HttpReceiver:
    """Speaks just enough HTTP/1.1, and always closes."""

    words: tuple[str, ...] = WHOLE
    hostile = "QUIT"
    restricted = FACTS.link

    def __init__(self) -> None:
        self.posts: list[Posted] = []
        self.answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok"
        self.delay = 0.0
        self.url = ""
        self.sessions: set[asyncio.Task[None]] = set()

    def channel(self, timeout: float = 60.0) -> Channel:
        return Webhook(self.url, clock=CLOCK, secret="hunter2", timeout=timeout)

    def received(self) -> list[str]:
        return [f"{post.headers} {post.raw.decode()}" for post in self.posts]

    def keys(self) -> list[str]:
        return [post.headers["idempotency-key"] for post in self.posts]

    def reply(self, status: int, headers: str = "", body: str = "") -> None:
        self.answer = f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}"

    def fail_for_now(self) -> None:
        self.reply(503)

    def fail_for_good(self) -> None:
        self.reply(400, body="bad field")

    def be_slow(self) -> None:
        self.delay = SLOW

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.sessions.add(task)
        task.add_done_callback(self.sessions.discard)
        try:
            await self.speak(reader, writer)
        finally:
            writer.close()

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head)}
            self.posts.append(Posted(headers, await reader.readexactly(int(headers["content-length"]))))
            if self.delay:
                await asyncio.wait_for(reader.read(), self.delay)
            else:
                writer.write(self.answer.encode())
                await writer.drain()


class SmtpReceiver:
    words: tuple[str, ...] = WHOLE
    hostile = "QUIT"
    restricted = FACTS.link

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.recipient_answer = "250 OK"
        self.data_answer = "250 queued as 17"
        self.delay = 0.0
        self.port = 0

    def channel(self, timeout: float = 60.0) -> Channel:
        return Email("127.0.0.1", "ops@example.org", port=self.port, tls="none", clock=CLOCK, timeout=timeout)

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]

    def received(self) -> list[str]:
        return [str(mail.items()) + parts_of(mail) for mail in self.mails()]

    def keys(self) -> list[str]:
        return [mail["X-Tocsin-Key"] for mail in self.mails()]

    def fail_for_now(self) -> None:
        self.data_answer = "451 try later"

    def fail_for_good(self) -> None:
        self.data_answer = "554 no such luck"

    def be_slow(self) -> None:
        self.delay = SLOW

    async def handle_RCPT(  # noqa: N802  the name aiosmtpd looks for
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  same
        await asyncio.sleep(self.delay)
        if self.data_answer.startswith("250"):
            self.raw.append(envelope.original_content or b"")
            self.envelopes.append((envelope.mail_from or "", envelope.rcpt_tos))
        return self.data_answer


class AppriseReceiver(HttpReceiver):
    """The plainest service Apprise knows: it posts JSON."""

    def channel(self, timeout: float = 60.0) -> Channel:
        return Apprise(self.url.replace("http://", "json://"), timeout=timeout)

    def keys(self) -> list[str]:
        texts = [str(msgspec.json.decode(post.raw)["message"]) for post in self.posts]
        return [key for text in texts for key in re.findall(r"^key (\S+)\.$", text, re.MULTILINE)]


class PagerDutyReceiver:
    """The fake PagerDuty: what an event said, whole."""

    words: tuple[str, ...] = (WHOLE[0], WHOLE[1], "/app/incidents/INC-2026-0042")
    restricted = "/app/incidents/INC-2026-0042"
    hostile = "all@example.org"

    def __init__(self) -> None:
        self.fake = PagerDuty()
        self.key = "0123456789abcdef0123456789abcdef"

    def channel(self, timeout: float = 60.0) -> Channel:
        doors = "https://tocsin.example"
        return PagerDutyChannel(self.key, clock=CLOCK, doors=doors, url=self.fake.address, timeout=timeout)

    def received(self) -> list[str]:
        return [str(one.json) for one in self.fake.came]

    def keys(self) -> list[str]:
        return [one.json["dedup_key"] for one in self.fake.came]

    def fail_for_now(self) -> None:
        self.fake.behave("refusing")

    def fail_for_good(self) -> None:
        self.fake.routing_keys = frozenset({"0" * 32})

    def be_slow(self) -> None:
        self.fake.delay = SLOW
        self.fake.behave("slow")


class TwilioReceiver:
    """The fake Twilio: what is said, on which resource."""

    hostile = "QUIT"

    def __init__(self, kind: type[Sms | Call], field: str, words: tuple[str, ...], restricted: str) -> None:
        self.fake = Twilio()
        self.fake.phone("+4915112345678")
        self.words, self.restricted = words, restricted
        self._kind, self._field = kind, field
        self._accounts = self.fake.auth_token

    def channel(self, timeout: float = 60.0) -> Channel:
        fake = self.fake
        account = Account(
            sid=fake.account,
            auth_token=self._accounts,
            sender=fake.ours,
            doors="http://127.0.0.1:9",
            url=fake.address,
        )
        return self._kind(account, clock=CLOCK, timeout=timeout)

    def received(self) -> list[str]:
        return [one.form[self._field] for one in self._posts()]

    def keys(self) -> list[str]:
        asked = [dict(parse_qsl(urlsplit(one.form["StatusCallback"]).query)) for one in self._posts()]
        return [unplain(query["page"]) for query in asked]

    def _posts(self) -> list[Came]:
        return [one for one in self.fake.came if one.method == "POST"]

    def fail_for_now(self) -> None:
        self.fake.behave("refusing")

    def fail_for_good(self) -> None:
        self.fake.auth_token = "another one"

    def be_slow(self) -> None:
        self.fake.delay = SLOW
        self.fake.behave("slow")


def parts_of(mail: EmailMessage) -> str:
    return "".join(part.get_content() for part in mail.walk() if not part.is_multipart())


@asynccontextmanager
async def listening(receiver: HttpReceiver) -> AsyncIterator[None]:
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?token=T0KEN"
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()
        for session in tuple(receiver.sessions):  # a client that gave up need not have hung up
            session.cancel()
        await asyncio.gather(*receiver.sessions, return_exceptions=True)
        await asyncio.sleep(0)


@contextmanager
def nobody() -> Iterator[int]:
    """A port of 127.0.0.1 at which nobody listens, held so that nobody begins to."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@asynccontextmanager
async def http_receiver() -> AsyncIterator[HttpReceiver]:
    receiver = HttpReceiver()
    async with listening(receiver):
        yield receiver


@asynccontextmanager
async def smtp_receiver(**options: Any) -> AsyncIterator[SmtpReceiver]:
    receiver = SmtpReceiver()
    loop = asyncio.get_running_loop()
    open_sessions: list[SMTP] = []

    def session() -> SMTP:
        open_sessions.append(SMTP(receiver, hostname="loopback", loop=loop, **options))
        return open_sessions[-1]

    server = await loop.create_server(session, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()
        for opened in open_sessions:
            await ended(opened)


async def ended(session: SMTP) -> None:
    """Wait until the session's own task is over, so that nothing of it outlives the test."""
    task = session._handler_coroutine
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


@asynccontextmanager
async def console_receiver() -> AsyncIterator[ConsoleReceiver]:
    receiver = ConsoleReceiver()
    try:
        yield receiver
    finally:
        receiver.terminal.let_go.set()


@asynccontextmanager
async def sms_receiver() -> AsyncIterator[TwilioReceiver]:
    words = ("P0 Sequencer Down, since 02:11.", "Reply ACK 42KTX to take it.", FACTS.link)
    receiver = TwilioReceiver(Sms, "Body", words, FACTS.link)
    async with receiver.fake.serving():
        yield receiver


@asynccontextmanager
async def call_receiver() -> AsyncIterator[TwilioReceiver]:
    words = ("P zero. Sequencer Down, since two eleven.", "Press 4 to take it.", "<Gather numDigits=")
    receiver = TwilioReceiver(Call, "Twiml", words, "A restricted incident. Press 4 to take it.")
    async with receiver.fake.serving():
        yield receiver


@asynccontextmanager
async def pagerduty_receiver() -> AsyncIterator[PagerDutyReceiver]:
    receiver = PagerDutyReceiver()
    async with receiver.fake.serving():
        yield receiver


@asynccontextmanager
async def apprise_receiver() -> AsyncIterator[AppriseReceiver]:
    receiver = AppriseReceiver()
    async with listening(receiver):
        yield receiver


class SlackReceiver:
    hostile = "QUIT"
    words: tuple[str, ...] = WHOLE
    restricted = FACTS.link

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def channel(self, timeout: float = 60.0) -> Channel:
        token, app = self.workspace.tokens
        return Slack(
            token, room="incidents", url=f"{self.workspace.address}/api/", doors=Doors(app_token=app), timeout=timeout
        )

    def posted(self) -> list[Said]:
        return [message for room in self.workspace.rooms.values() for message in room.messages]

    def received(self) -> list[str]:
        return [unescape(message.said) for message in self.posted()]

    def keys(self) -> list[str]:
        return [(message.metadata or {})["event_payload"]["key"] for message in self.posted()]

    def fail_for_now(self) -> None:
        self.workspace.behave("refusing")

    def fail_for_good(self) -> None:
        self.workspace.trouble("chat.postMessage", Trouble("is_archived"), Trouble("is_archived"))

    def be_slow(self) -> None:
        self.workspace.delay = SLOW
        self.workspace.behave("slow")


@asynccontextmanager
async def slack_receiver() -> AsyncIterator[SlackReceiver]:
    workspace = Workspace()
    async with workspace.serving():
        yield SlackReceiver(workspace)


RECEIVERS: dict[str, Callable[[], AbstractAsyncContextManager[Receiver]]] = {
    "console": console_receiver,
    "webhook": http_receiver,
    "email": smtp_receiver,
    "twilio-sms": sms_receiver,
    "twilio-call": call_receiver,
    "pagerduty": pagerduty_receiver,
    "apprise": apprise_receiver,
    "slack": slack_receiver,
}
