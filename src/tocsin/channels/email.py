"""Messages as e-mail over SMTP."""

import asyncio
import hashlib
import ssl
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Literal

import aiosmtplib
import msgspec

from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.clock import Clock
from tocsin.errors import SettingsInvalid

Tls = Literal["none", "starttls", "tls"]
PORTS: dict[Tls, int] = {"none": 25, "starttls": 587, "tls": 465}
TEMPORARY_BELOW = 500
GOODBYE = 1.0


class Email:
    """Hands each message to one SMTP server, on a connection of its own.

    `tls`: starttls is required when asked for, never merely tried. `timeout` seconds bound the whole exchange.
    Raises SettingsInvalid when `sender` is no address.
    """

    def __init__(
        self,
        host: str,
        sender: str,
        *,
        clock: Clock,
        port: int | None = None,
        tls: Tls = "starttls",
        username: str | None = None,
        password: str | None = None,
        tls_context: ssl.SSLContext | None = None,
        timeout: float = 8.0,
    ) -> None:
        self._host = host
        self._port = PORTS[tls] if port is None else port
        self._tls: Tls = tls
        self._username = username
        self._password = password
        self._tls_context = tls_context
        self._timeout = timeout
        self._clock = clock
        self._sender = sender_address(sender)

    async def send(self, message: Message) -> Receipt:
        """Send it once. Raises SendFailed: 5xx is permanent; 4xx, the network and a slow server are temporary."""
        to = recipient(message)
        mail = self._mail(message, to)
        try:
            said = await self._deliver(mail, to.addr_spec)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            raise self._refusal(first.code, first.message) from refused
        except aiosmtplib.SMTPResponseException as refused:
            raise self._refusal(refused.code, refused.message) from refused
        except TimeoutError as late:
            why = f"{self._host} did not take the mail in {self._timeout:g} s"
            raise SendFailed(why, permanent=False, answered=False) from late
        except OSError as trouble:
            raise SendFailed(f"{self._host} could not be reached: {trouble}", permanent=False) from trouble
        except aiosmtplib.SMTPException as wrong:
            # Neither an answer nor the network: the server lacks STARTTLS, a login, or the wide addresses.
            raise SendFailed(f"{self._host} does not offer what is configured: {wrong}", permanent=True) from wrong
        name = mail_id(message.key, self._sender.domain)
        return Receipt(id=name, detail=said, handle=name if message.kind == "page" and message.menu else "")

    async def amend(self, message: Message, handle: str) -> None:  # noqa: ARG002  a mail is answered by its thread
        """Send the good news in the same thread once it is over; a mail that is out cannot be changed."""
        if message.state == "resolved":
            await self.send(msgspec.structs.replace(message, key=f"{message.key}/resolved", link=None))

    async def close(self) -> None:
        """Nothing is kept open between mails."""

    async def _deliver(self, mail: EmailMessage, to: str) -> str:
        server = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls == "tls",
            start_tls=self._tls == "starttls",
            username=self._username,
            password=self._password,
            tls_context=self._tls_context,
            timeout=self._timeout,
        )
        try:
            async with asyncio.timeout(self._timeout):
                await server.connect()
                _, said = await server.sendmail(self._sender.addr_spec, [to], mail.as_bytes())
        finally:
            # Once the server took the mail, a bad goodbye must not turn it into a failure and a second mail.
            with suppress(aiosmtplib.SMTPException, OSError):
                async with asyncio.timeout(GOODBYE):
                    await server.quit()
            server.close()
        return said

    def _refusal(self, code: int, said: str) -> SendFailed:
        return SendFailed(f"{self._host} answered {code}: {one_line(said)}", permanent=code >= TEMPORARY_BELOW)

    def _mail(self, message: Message, to: Address) -> EmailMessage:
        domain = self._sender.domain
        mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
        mail["From"] = self._sender
        mail["To"] = to
        mail["Subject"] = one_line(message.subject)
        mail["Date"] = self._clock.now()
        mail["Message-ID"] = mail_id(message.key, domain)
        if message.thread:
            mail["In-Reply-To"] = mail["References"] = mail_id(f"thread {message.thread}", domain)
        mail["Auto-Submitted"] = "auto-generated"
        # Machines that answer for people who are away, and lists, must not answer this.
        mail["X-Auto-Response-Suppress"] = "All"
        mail["List-Id"] = f"<pages.{domain}>"
        mail["X-Tocsin-Key"] = one_line(message.key)
        text = message.text
        if message.link and message.link not in text:
            text = f"{text}\n\nTake it: {message.link}\n"
        mail.set_content(text)
        mail.add_alternative(as_html(text, message.link), subtype="html")
        return mail


def mail_id(name: str, domain: str) -> str:
    """Give the Message-ID of a name: the same name is the same mail, also after a restart."""
    return f"<{hashlib.sha256(name.encode()).hexdigest()[:32]}@{domain}>"


def one_line(text: str) -> str:
    """Give the text without line ends and control characters, so that it cannot start another header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def recipient(message: Message) -> Address:
    """Give the address of the person. Raises SendFailed, permanent, when there is none or it cannot be used."""
    person = message.to
    if person.email is None:
        why = f"{person.name} has no e-mail address: add one as `email` under [people.{person.id}]"
        raise SendFailed(why, permanent=True)
    try:
        return address(person.email, person.name)
    except ValueError as wrong:
        raise SendFailed(f"the e-mail address of {person.name} cannot be used: {wrong}", permanent=True) from wrong


def address(spec: str, name: str = "") -> Address:
    """Give a checked address. Raises ValueError with the reason."""
    if not spec.isascii() or not spec.isprintable() or " " in spec:
        raise ValueError("only plain ASCII addresses are supported")
    try:
        found = Address(display_name=one_line(name), addr_spec=spec)
    except (ValueError, IndexError, MessageError) as wrong:
        raise ValueError("it is not an address") from wrong
    if not found.username or not found.domain:
        raise ValueError("it needs a name, an @ and a domain")
    return found


def sender_address(sender: str) -> Address:
    """Give the address of `ops@example.org` or `Tocsin <ops@example.org>`. Raises SettingsInvalid."""
    name, bracket, rest = sender.rpartition("<")
    spec = rest.removesuffix(">") if bracket else sender
    try:
        return address(spec.strip(), name.strip() or "Tocsin")
    except ValueError as wrong:
        raise SettingsInvalid(f"the sender {sender!r} cannot be used: {wrong}") from wrong


def as_html(text: str, link: str | None) -> str:
    """Give the same words as HTML, the link pressable."""
    shown = escape(text)
    if link:
        shown = shown.replace(escape(link), f'<a href="{escape(link)}">{escape(link)}</a>')
    return f"<!doctype html><html><body><pre>{shown}</pre></body></html>\n"
