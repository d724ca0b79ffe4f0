"""A mail server that keeps what it is given and delivers nothing.

Source: RFC 5321, with STARTTLS (RFC 3207), AUTH PLAIN and LOGIN (RFC 4954), PIPELINING, 8BITMIME and SIZE.
"""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal, NamedTuple, get_args

import msgspec

from tocsin.clock import Clock, SystemClock

Mode = Literal["normal", "slow", "busy", "refusing", "greylisting", "full", "lying", "down"]
"""How the server behaves.

slow: as always, but late. busy: 421 at the greeting. refusing: 550 for every recipient. greylisting: 451 for who comes
the first time, or too soon again. full: 452 after the data. lying: keeps the mail and answers 451. down: hangs up.
"""

LARGEST = 10 * 1024 * 1024
GREYLISTED_FOR = timedelta(minutes=1)
_LONGEST_LINE = 4096


class Mail(NamedTuple):
    """A mail that was kept, with its envelope."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    secured: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        """Give the mail, parsed."""
        return message_from_bytes(self.raw, policy=policy.default)


class MailServer:
    """The server. With `users` it takes mail from those alone: name -> password. `tls` lets clients secure it."""

    modes: tuple[str, ...] = get_args(Mode)

    def __init__(
        self,
        *,
        users: dict[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Begin with nothing kept."""
        self.mode: Mode = "normal"
        self.delay = 3.0
        self.mails: list[Mail] = []
        self.users, self.tls, self.clock = users or {}, tls, clock or SystemClock()
        self.port = 0
        self.met: dict[tuple[str, str], datetime] = {}
        self._sessions: set[asyncio.Task[None]] = set()

    @property
    def about(self) -> str:
        """Say what to configure so that Tocsin speaks to it."""
        return f'[channels.mail]\nkind = "email"\nhost = "127.0.0.1"\nport = {self.port}\ntls = "none"'

    def behave(self, mode: str) -> None:
        """Behave like one of `modes` from now on."""
        self.mode = msgspec.convert(mode, Mode)

    @contextlib.asynccontextmanager
    async def serving(self, port: int = 0, *, host: str = "127.0.0.1") -> AsyncIterator[str]:
        """Listen, and give the address; 0 takes a free port. Raises OSError."""
        server = await asyncio.start_server(self._met, host, port, limit=_LONGEST_LINE)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield f"smtp://{host}:{self.port}"
        finally:
            server.close()
            for session in tuple(self._sessions):
                session.cancel()
            await asyncio.gather(*self._sessions, return_exceptions=True)

    def greylisted(self, sender: str, recipient: str) -> bool:
        """Give whether a sender has to come again later, and remember that it came."""
        now = self.clock.now()
        first = self.met.setdefault((sender, recipient), now)
        return now - first < GREYLISTED_FOR

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._sessions.add(task)
            task.add_done_callback(self._sessions.discard)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ValueError, ssl.SSLError):
            await _Session(self, reader, writer).run()
        writer.close()


class _Session:
    """One connection."""

    def __init__(self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._secured, self._user = False, ""
        self._greeted = False

    async def run(self) -> None:
        """Speak until one of the two hangs up."""
        mode = self._server.mode
        if mode == "slow":
            await asyncio.sleep(self._server.delay)
        if mode == "down":
            return
        if mode == "busy":
            await self._say("421 fake.example Service not available, closing transmission channel")
            return
        await self._say("220 fake.example ESMTP")
        while True:
            line = (await self._reader.readuntil(b"\n")).decode("utf-8", "replace").strip()
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                await self._say("221 Bye")
                return
            await self._answer(verb.upper(), rest.strip())

    async def _answer(self, verb: str, rest: str) -> None:
        if verb in {"EHLO", "HELO"}:
            self._reset()
            self._greeted = True
            await self._say(*(self._features() if verb == "EHLO" else ("250 fake.example",)))
        elif verb == "STARTTLS":
            await self._secure()
        elif verb == "AUTH":
            await self._log_in(rest)
        elif verb == "MAIL":
            await self._from(rest)
        elif verb == "RCPT":
            await self._to(rest)
        elif verb == "DATA":
            await self._take()
        elif verb in {"RSET", "NOOP"}:
            if verb == "RSET":
                self._reset()
            await self._say("250 OK")
        else:
            await self._say("502 Command not implemented")

    def _features(self) -> tuple[str, ...]:
        offered = ["fake.example", "PIPELINING", "8BITMIME", f"SIZE {LARGEST}"]
        if self._server.tls is not None and not self._secured:
            offered.append("STARTTLS")
        if self._server.users:
            offered.append("AUTH PLAIN LOGIN")
        return *(f"250-{feature}" for feature in offered[:-1]), f"250 {offered[-1]}"

    async def _secure(self) -> None:
        if self._server.tls is None or self._secured:
            await self._say("502 Command not implemented")
            return
        await self._say("220 Ready to start TLS")
        await self._writer.start_tls(self._server.tls)
        self._secured, self._greeted = True, False
        self._reset()

    async def _log_in(self, rest: str) -> None:
        how, _, first = rest.partition(" ")
        if how.upper() == "PLAIN":
            words = _decoded(first or await self._asked("")).split("\0")
            user, password = (words[-2], words[-1]) if len(words) > 1 else ("", "")
        elif how.upper() == "LOGIN":
            user = _decoded(first or await self._asked("VXNlcm5hbWU6"))
            password = _decoded(await self._asked("UGFzc3dvcmQ6"))
        else:
            await self._say("504 Unrecognized authentication type")
            return
        if user and self._server.users.get(user) == password:
            self._user = user
            await self._say("235 2.7.0 Authentication successful")
        else:
            await self._say("535 5.7.8 Authentication credentials invalid")

    async def _asked(self, challenge: str) -> str:
        await self._say(f"334 {challenge}")
        return (await self._reader.readuntil(b"\n")).decode("ascii", "replace").strip()

    async def _from(self, rest: str) -> None:
        if not self._greeted:
            await self._say("503 Say EHLO first")
        elif self._server.users and not self._user:
            await self._say("530 5.7.0 Authentication required")
        else:
            self._reset()
            self._sender = _path(rest)
            await self._say("250 OK")

    async def _to(self, rest: str) -> None:
        address, mode = _path(rest), self._server.mode
        if self._sender is None:
            await self._say("503 Need MAIL first")
        elif mode == "refusing":
            await self._say(f"550 5.1.1 <{address}>: Recipient address rejected: User unknown")
        elif mode == "greylisting" and self._server.greylisted(self._sender, address):
            await self._say(f"451 4.7.1 <{address}>: Greylisted, try again later")
        else:
            self._recipients.append(address)
            await self._say("250 OK")

    async def _take(self) -> None:
        if self._sender is None or not self._recipients:
            await self._say("503 Need RCPT first")
            return
        await self._say("354 End data with <CR><LF>.<CR><LF>")
        raw = await self._data()
        mode = self._server.mode
        if len(raw) > LARGEST:
            await self._say("552 5.3.4 Message size exceeds fixed limit")
        elif mode == "full":
            await self._say("452 4.3.1 Insufficient system storage")
        else:
            kept = Mail(self._sender, tuple(self._recipients), raw, self._secured, self._user)
            self._server.mails.append(kept)
            lied = "451 4.3.0 Error: queue file write error"
            await self._say(lied if mode == "lying" else f"250 2.0.0 Ok: queued as {len(self._server.mails)}")
        self._reset()

    async def _data(self) -> bytes:
        lines, size = [], 0
        while (line := await self._line()) not in {b".\r\n", b".\n"}:
            size += len(line)
            if size <= LARGEST + 1:
                lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    async def _line(self) -> bytes:
        """Give one line of data, however long: only the lines of commands are bounded."""
        parts = []
        while True:
            try:
                parts.append(await self._reader.readuntil(b"\n"))
            except asyncio.LimitOverrunError as long:
                parts.append(await self._reader.readexactly(long.consumed))
            else:
                return b"".join(parts)

    def _reset(self) -> None:
        self._sender, self._recipients = None, []

    async def _say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()


def _path(rest: str) -> str:
    """Give the address of FROM:<a@b.example> SIZE=10."""
    return rest.partition(":")[2].strip().partition(">")[0].removeprefix("<")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""
