"""Mail from end to end, with a mail server: page, answer by the link, good news in the same thread."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from conftest import PLAIN_HTTP
from integration.channels.walks import DOWN, Walk, walking
from tocsin.drill.fakes.smtp import MailServer
from tocsin.incident.wishes import Acknowledge, Resolve

TEAM = """
timezone = "Europe/Berlin"
[channels.mail]
kind = "email"
host = "127.0.0.1"
port = {port}
sender = "pager@example.org"
tls = "none"
[people.mira]
name = "Mira Okafor"
email = "mira@example.org"
reach = [{{ via = ["mail"] }}]
[people.jonas]
name = "Jonas Weber"
email = "jonas@example.org"
reach = [{{ via = ["mail"] }}]
[roles]
L1 = ["mira"]
L2 = ["jonas"]
"""


@asynccontextmanager
async def both() -> AsyncIterator[tuple[Walk, MailServer]]:
    server = MailServer()
    async with server.serving(), walking(TEAM.format(port=server.port)) as walk:
        yield walk, server


async def test_a_page_is_taken_by_its_link_and_nobody_else_is_mailed() -> None:
    async with both() as (walk, server):
        number = await walk.alert(DOWN)
        [mail] = server.mails
        text = mail.message.get_body(("plain",))
        assert text is not None
        link = next(word for word in text.get_content().split() if "/a/" in word)
        async with httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as browser:
            assert "Mira Okafor" in (await browser.get(link)).text
            assert (await browser.post(link)).status_code == 303
        await walk.let_pass(minutes=14)
        assert [one.recipients for one in server.mails] == [("mira@example.org",)]
        assert (await walk.tocsin.engine.load(number)).incident.acknowledged.by == "person:mira"  # type: ignore[union-attr]


async def test_who_was_mailed_gets_the_good_news_in_the_same_thread_once() -> None:
    async with both() as (walk, server):
        number = await walk.alert(DOWN)
        await walk.act(number, Acknowledge(by="person:mira"))
        await walk.let_pass(minutes=14)
        await walk.act(number, Resolve(by="person:mira"))
        await walk.let_pass(minutes=30)
        first, *_, last = [mail.message for mail in server.mails]
        assert last["Subject"] == f"Resolved: Sequencer Down after 14 min ({number})"
        body = last.get_body(("plain",))
        assert body is not None
        words = body.get_content()
        assert words.startswith("Resolved 03:25 by Mira Okafor, after 14 min. Nobody else is paged.")
        assert f"/app/incidents/{number}" in words
        assert "/a/" not in words
        assert last["References"] == first["References"]
        assert last["Message-ID"] != first["Message-ID"]
        assert sum("Resolved:" in mail.message["Subject"] for mail in server.mails) == 1


async def test_machines_that_answer_mail_are_told_not_to() -> None:
    async with both() as (walk, server):
        await walk.alert(DOWN)
        mail = server.mails[0].message
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert mail["List-Id"] == "<pages.example.org>"


async def test_a_greylisting_server_gets_the_page_when_it_lets_it_in() -> None:
    async with both() as (walk, server):
        server.clock = walk.clock
        server.behave("greylisting")
        await walk.alert(DOWN)
        assert server.mails == []
        await walk.let_pass(minutes=14)
        assert server.mails[0].recipients == ("mira@example.org",)
