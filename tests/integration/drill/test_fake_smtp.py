"""The fake mail server, checked with the standard library's client and with aiosmtplib."""

import asyncio
import smtplib
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
import trustme

from tocsin.drill.clock import MovedClock
from tocsin.drill.fakes.smtp import MailServer, Mode


def mail(text: str = "It is down.\n.\n..dots\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "ops@example.org", "mira@example.org", "Down"
    made.set_content(text)
    return made


async def by_smtplib(server: MailServer, made: EmailMessage, **login: str) -> Any:
    def send() -> Any:
        with smtplib.SMTP("127.0.0.1", server.port, timeout=60) as client:
            if login:
                client.login(login["user"], login["password"])
            return client.send_message(made)

    return await asyncio.to_thread(send)


async def test_a_mail_is_kept_as_it_was_sent() -> None:
    server = MailServer()
    async with server.serving():
        await by_smtplib(server, mail())
        await aiosmtplib.send(mail("A" * 100_000), hostname="127.0.0.1", port=server.port)
    first, second = server.mails
    assert (first.sender, first.recipients) == ("ops@example.org", ("mira@example.org",))
    assert first.message.get_content().splitlines() == ["It is down.", ".", "..dots"]
    assert second.message.get_content().strip() == "A" * 100_000


@pytest.mark.parametrize("how", ["PLAIN", "LOGIN"])
async def test_it_takes_mail_only_from_those_it_knows(how: str) -> None:
    server = MailServer(users={"ops": "hunter2"})
    async with server.serving():
        with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            await by_smtplib(server, mail())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            await by_smtplib(server, mail(), user="ops", password="wrong")
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=server.port)
        await client.connect()
        await getattr(client, f"auth_{how.lower()}")("ops", "hunter2")
        await client.send_message(mail())
        await client.quit()
    assert [kept.user for kept in server.mails] == ["ops"]


async def test_it_can_be_spoken_to_in_secret() -> None:
    authority = trustme.CA()
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(ours)
    authority.configure_trust(theirs)
    server = MailServer(tls=ours)
    async with server.serving():
        await aiosmtplib.send(mail(), hostname="127.0.0.1", port=server.port, start_tls=True, tls_context=theirs)
    assert [kept.secured for kept in server.mails] == [True]


@pytest.mark.parametrize(
    ("mode", "error", "kept"),
    [
        ("busy", smtplib.SMTPConnectError, 0),
        ("refusing", smtplib.SMTPRecipientsRefused, 0),
        ("greylisting", smtplib.SMTPRecipientsRefused, 0),
        ("full", smtplib.SMTPDataError, 0),
        ("lying", smtplib.SMTPDataError, 1),
        ("down", smtplib.SMTPServerDisconnected, 0),
    ],
)
async def test_it_misbehaves_when_told_to(mode: Mode, error: type[Exception], kept: int) -> None:
    server = MailServer()
    server.behave(mode)
    async with server.serving():
        with pytest.raises(error):
            await by_smtplib(server, mail())
    assert len(server.mails) == kept


async def test_who_comes_again_later_is_let_in() -> None:
    clock = MovedClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    server = MailServer(clock=clock)
    server.behave("greylisting")
    async with server.serving():
        for _ in range(2):
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                await by_smtplib(server, mail())
        clock.advance(timedelta(minutes=1))
        await by_smtplib(server, mail())
    assert len(server.mails) == 1


async def test_commands_out_of_order_are_refused() -> None:
    server = MailServer()
    async with server.serving():
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        answers = [await reader.readline()]
        for line in (b"MAIL FROM:<a@b.c>", b"EHLO x", b"RCPT TO:<a@b.c>", b"DATA", b"VRFY a", b"RSET", b"QUIT"):
            writer.write(line + b"\r\n")
            while (answer := await reader.readline())[3:4] == b"-":
                pass
            answers.append(answer)
        writer.close()
    assert [answer[:3] for answer in answers] == [b"220", b"503", b"250", b"503", b"503", b"502", b"250", b"221"]
