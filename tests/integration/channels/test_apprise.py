"""What Apprise sends to real listeners, and what becomes of its yes and no."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from conftest import PLAIN_HTTP
from integration.channels.messages import FACTS, page
from integration.channels.receivers import AppriseReceiver, HttpReceiver, listening
from integration.channels.walks import DOWN, walking
from tocsin.channels.apprise import THREADS, Apprise
from tocsin.channels.message import Message, SendFailed
from tocsin.errors import SettingsInvalid
from tocsin.incident import facts as f


@asynccontextmanager
async def service(scheme: str, rest: str = "/tocsin") -> AsyncIterator[tuple[HttpReceiver, str]]:
    receiver = HttpReceiver()
    async with listening(receiver):
        receiver.reply(200, body="{}")
        yield receiver, f"{scheme}://{receiver.url.split('/')[2]}{rest}"


async def sent(url: str, message: Message | None = None) -> None:
    channel = Apprise(url)
    try:
        await channel.send(message or page())
    finally:
        await channel.close()


def body(receiver: HttpReceiver) -> Any:
    return msgspec.json.decode(receiver.posts[-1].raw)


async def test_ntfy_gets_topic_words_and_its_highest_priority() -> None:
    async with service("ntfy") as (receiver, url):
        await sent(url)
        got = body(receiver)
        assert (got["topic"], got["title"]) == ("tocsin", "P0 Sequencer Down, nobody has it (INC-2026-0042)")
        assert FACTS.link in got["message"]
        assert receiver.posts[0].headers["x-priority"] == "max"


async def test_gotify_gets_its_key_and_its_highest_priority() -> None:
    async with service("gotify", "/AbCdEf123") as (receiver, url):
        await sent(url)
        assert receiver.posts[0].headers["x-gotify-key"] == "AbCdEf123"
        assert body(receiver)["priority"] == 10


async def test_what_is_not_grave_and_what_wakes_nobody_has_the_usual_priority() -> None:
    async with service("gotify", "/AbCdEf123") as (receiver, url):
        await sent(url, page(msgspec.structs.replace(FACTS, severity="P1")))
        await sent(url, page(kind="notification"))
        assert [msgspec.json.decode(post.raw)["priority"] for post in receiver.posts] == [5, 5]


async def test_a_priority_of_the_address_is_kept() -> None:
    async with service("gotify", "/AbCdEf123?priority=low") as (receiver, url):
        await sent(url)
        assert body(receiver)["priority"] == 0


@pytest.mark.parametrize(("status", "permanent"), [(400, True), (401, True), (404, True), (429, False), (503, False)])
async def test_a_no_is_permanent_only_when_the_status_says_so(status: int, permanent: bool) -> None:
    async with service("ntfy") as (receiver, url):
        receiver.reply(status, body="{}")
        with pytest.raises(SendFailed, match=rf"ntfy answered {status}$") as caught:
            await sent(url)
        assert caught.value.permanent == permanent


async def test_a_no_without_a_reason_is_tried_again() -> None:
    with pytest.raises(SendFailed, match="does not say why") as caught:
        await sent("ntfy://127.0.0.1:9/tocsin")
    assert not caught.value.permanent


async def test_services_that_hang_do_not_take_more_threads_than_there_are() -> None:
    async with service("json") as (receiver, url):
        receiver.be_slow()
        channel = Apprise(url, timeout=0.3)
        failed = await asyncio.gather(*(channel.send(page()) for _ in range(THREADS + 2)), return_exceptions=True)
        assert sum("messages wait for it" in str(one) for one in failed) == 2
        assert sum("did not take it in 0.3 s" in str(one) for one in failed) == THREADS
        receiver.delay = 0
        async with asyncio.timeout(60):
            while channel._busy:  # noqa: ASYNC110  threads tell nobody
                await asyncio.sleep(0.02)
        channel._timeout = 60.0
        await channel.send(page())
        await channel.close()


@pytest.mark.parametrize("url", ["nowhere", "nosuch://x", "slack://"])
def test_an_address_that_apprise_does_not_know_is_refused_without_naming_it(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="no address that Apprise knows") as caught:
        Apprise(url)
    assert "nosuch" not in str(caught.value)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(SettingsInvalid, match=r"pip install 'tocsin\[apprise\]'"):
        Apprise("json://127.0.0.1/x")


async def test_a_person_reached_by_apprise_takes_it_by_the_link_and_nobody_else_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver = AppriseReceiver()
    async with listening(receiver):
        monkeypatch.setenv("PUSH", receiver.url.replace("http://", "json://"))
        team = """
        [channels.push]
        kind = "apprise"
        url = { env = "PUSH" }
        [people.mira]
        reach = [{ via = ["push"] }]
        [people.jonas]
        reach = [{ via = ["push"] }]
        [roles]
        L1 = ["mira"]
        L2 = ["jonas"]
        """
        async with walking(team) as walk:
            number = await walk.alert(DOWN)
            link = next(word for word in body(receiver)["message"].split() if "/a/" in word)
            async with httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as browser:
                assert (await browser.post(link)).status_code == 303
            await walk.let_pass(minutes=25)
            assert await walk.rang() == ["mira 0.push"]
            taken = [one for one in await walk.facts(number) if isinstance(one, f.Acknowledged)]
            assert [one.by for one in taken] == ["person:mira"]
