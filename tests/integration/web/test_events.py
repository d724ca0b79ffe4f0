import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request

from integration.web.staged import Staged
from tocsin.incident import wishes as w
from tocsin.web.asking import asked
from tocsin.web.events import changes, end_streams
from tocsin.web.home import home_version
from tocsin.web.incident_page import version_of


def request(stage: Staged, person: str) -> Request:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "app": stage.app}
    made = Request(scope)
    made.state.principal = stage.tocsin.access.person(person)
    return made


def stream(stage: Staged, person: str, number: str = "") -> AsyncIterator[str]:
    of = request(stage, person)
    return changes(of, lambda: version_of(asked(of), number) if number else home_version(asked(of)))


async def event(of: AsyncIterator[str]) -> str:
    async with asyncio.timeout(5):
        return await anext(of)


async def test_the_first_event_comes_at_once_and_one_for_every_change(stage: Staged) -> None:
    number = await stage.alert()
    of = stream(stage, "mira", number)
    first = await event(of)
    assert "event: changed\n" in first
    waiting = asyncio.ensure_future(event(of))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await stage.act(number, w.Acknowledge(by="person:mira"))
    second = await waiting
    assert "event: changed\n" in second
    assert first != second
    assert "mira" not in first + second, "an event has no content"


async def test_nothing_is_sent_for_what_the_reader_may_not_know_of(stage: Staged) -> None:
    of, concerned = stream(stage, "mira"), stream(stage, "ada")
    await event(of)
    await event(concerned)
    waiting, told = asyncio.ensure_future(event(of)), asyncio.ensure_future(event(concerned))
    await asyncio.sleep(0.05)
    await stage.alert("user data was copied", incident_type="data-breach")
    assert "changed" in await told
    await asyncio.sleep(0.3)
    assert not waiting.done()
    waiting.cancel()


async def test_streams_end_with_the_server(stage: Staged) -> None:
    of = stream(stage, "mira")
    await event(of)
    waiting = asyncio.ensure_future(event(of))
    await asyncio.sleep(0.05)
    end_streams(stage.app)
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_an_incident_one_may_not_see_has_no_stream(stage: Staged) -> None:
    number = await stage.alert("user data was copied", incident_type="data-breach")
    assert (await (await stage.as_("mira")).get(f"/app/events/{number}")).status_code == 404
    assert (await stage.stranger.get("/app/events")).status_code == 401
