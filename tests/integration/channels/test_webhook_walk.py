"""A webhook from end to end: the page is posted, its link takes the incident, what becomes of it follows."""

import httpx
import pytest

from conftest import PLAIN_HTTP
from integration.channels.receivers import http_receiver
from integration.channels.walks import DOWN, walking
from tocsin.incident.wishes import Resolve

TEAM = """
[channels.hook]
kind = "webhook"
url = { env = "HOOK" }
follow = true
[people.mira]
name = "Mira Okafor"
reach = [{ via = ["hook"] }]
[people.jonas]
reach = [{ via = ["hook"] }]
[roles]
L1 = ["mira"]
L2 = ["jonas"]
"""


async def test_a_posted_page_is_taken_by_its_link_and_what_becomes_of_it_follows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with http_receiver() as receiver:
        monkeypatch.setenv("HOOK", receiver.url)
        async with walking(TEAM) as walk, httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as browser:
            number = await walk.alert(DOWN)
            link = receiver.posts[0].event["data"]["html_url"]
            assert (await browser.post(link)).status_code == 303
            await walk.let_pass(minutes=14)
            assert await walk.rang() == ["mira 0.hook"]
            await walk.act(number, Resolve(by="person:mira"))
            await walk.let_pass(minutes=1)
            await walk.settle()
        events = [post.event for post in receiver.posts if post.event["data"].get("reminder") is None]
        kinds = [event["event_type"] for event in events]
        assert kinds == ["incident.triggered", "incident.acknowledged", "incident.resolved"]
        assert [event["data"]["status"] for event in events] == ["triggered", "acknowledged", "resolved"]
