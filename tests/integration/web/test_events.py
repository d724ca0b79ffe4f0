import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from starlette.requests import Request

from integration.web.staged import TEAM, Staged
from integration.web.watched import PROBES, watches
from tocsin.detection.pagerduty import Change
from tocsin.incident import wishes as w
from tocsin.store import transactions as t
from tocsin.web import events
from tocsin.web.asking import asked
from tocsin.web.events import changes, end_streams
from tocsin.web.home import home_version
from tocsin.web.incident_page import version_of
from tocsin.web.probes_page import probes_version
from tocsin.web.storm_view import storm_until


def request(stage: Staged, person: str) -> Request:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "app": stage.app}
    made = Request(scope)
    made.state.principal = stage.tocsin.access.person(person)
    return made


def stream(stage: Staged, person: str, number: str = "") -> AsyncIterator[str]:
    of = request(stage, person)
    return changes(of, lambda: version_of(asked(of), number) if number else home_version(asked(of)))


async def storm(stage: Staged) -> str:
    """Let ten alerts come at once, and give an incident that has one of them."""
    for key in range(9):
        await stage.alert("no answer", key=f"a{key}", incident_type="sequencer-down")
    return await stage.alert("slow", key="b", incident_type="database-slow-queries")


async def event(of: AsyncIterator[str]) -> str:
    async with asyncio.timeout(60):
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
    asked = stage.tocsin.engine.changes.asked
    end_streams(stage.app)
    with pytest.raises(StopAsyncIteration):
        await waiting
    assert stage.tocsin.engine.changes.asked == asked, "nothing is due"


async def test_an_incident_one_may_not_see_has_no_stream(stage: Staged) -> None:
    number = await stage.alert("user data was copied", incident_type="data-breach")
    assert (await (await stage.as_("mira")).get(f"/app/events/{number}")).status_code == 404
    assert (await stage.stranger.get("/app/events")).status_code == 401


BREACH = """
[probes.vault]
kind = "tcp"
host = "vault.orderbook.example"
port = 443
[probes.vault.checks.copied]
value = "up"
below = 1
incident_type = "data-breach"
"""
DOWN = [{"up": 0.0, "latency": 0.002}] * 3


async def test_readings_change_a_page_that_shows_them_with_the_heartbeat_and_no_oftener(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await Staged().begin(TEAM + PROBES)
    await watches(stage, "api", DOWN)
    number = (await stage.store.read(t.heads()))[0].number
    other = await stage.alert("Error rate at 6%", key="errors")
    monkeypatch.setattr(events, "HEARTBEAT", 0.15)
    mira = request(stage, "mira")
    pages = [stream(stage, "mira", number), changes(mira, lambda: probes_version(asked(mira)))]
    elsewhere = stream(stage, "mira", other)
    for one in (*pages, elsewhere):
        assert "event: changed" in await event(one)
        assert "event: beat" in await event(one), "nothing was looked at since"
    for seconds, kind in ((15, "changed"), (2, "beat"), (15, "changed")):
        stage.clock.move_to(stage.clock.now() + timedelta(seconds=seconds))
        await watches(stage, "api", DOWN[:1])
        for one in pages:
            assert f"event: {kind}" in await event(one)
        assert "event: beat" in await event(elsewhere), "it shows no readings"


async def test_a_deploy_is_on_the_open_page_of_an_incident_at_once_and_on_no_page_that_does_not_show_it(
    stage: Staged,
) -> None:
    over, number = await stage.alert(), await stage.alert("slow", key="b", incident_type="database-slow-queries")
    await stage.act(over, w.Resolve(by="person:mira"))
    stage.clock.move_to(stage.clock.now() + timedelta(minutes=2))
    here, elsewhere, first = (stream(stage, "mira", of) for of in (number, over, ""))
    for one in (here, elsewhere, first):
        await event(one)
    waiting = [asyncio.ensure_future(event(one)) for one in (elsewhere, first)]
    for build in ("build 1", "build 2"):
        await stage.tocsin.engine.take_change(Change(routing_key="", summary=build, source="ci"), "ci")
        assert "event: changed" in await event(here)
    await asyncio.sleep(0.3)
    assert not any(told.done() for told in waiting)
    for told in waiting:
        told.cancel()


async def test_a_check_that_turns_is_on_the_page_of_probes_at_once() -> None:
    stage = await Staged().begin(TEAM + PROBES)
    await watches(stage, "ledger", [{"up": 1.0}])
    mira = request(stage, "mira")
    of = changes(mira, lambda: probes_version(asked(mira)))
    await event(of)
    await watches(stage, "mail", DOWN)
    assert "event: changed" in await event(of)


async def test_readings_that_the_reader_may_not_know_of_send_nothing() -> None:
    stage = await Staged().begin(TEAM + PROBES + BREACH)
    await watches(stage, "vault", DOWN)
    mira, boss = request(stage, "mira"), request(stage, "boss")
    before = [await probes_version(asked(one)) for one in (mira, boss)]
    stage.clock.move_to(stage.clock.now() + timedelta(minutes=1))
    await watches(stage, "vault", [{"up": 1.0}])
    after = [await probes_version(asked(one)) for one in (mira, boss)]
    assert after[0] == before[0]
    assert after[1] != before[1]


@pytest.mark.parametrize("page", ["the first page", "the page of an incident"])
async def test_an_open_page_hears_that_a_storm_is_over(
    stage: Staged, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.2)
    number = await storm(stage)
    of, who = request(stage, "mira"), "" if page == "the first page" else number
    told = changes(
        of, lambda: version_of(asked(of), who) if who else home_version(asked(of)), lambda: storm_until(asked(of))
    )
    assert "event: changed\n" in await event(told)
    assert "event: beat\n" in await event(told)
    stage.clock.move_to(stage.clock.now() + timedelta(minutes=11))  # time passes, and nothing is committed
    assert "event: changed\n" in await event(told)
    assert "event: beat\n" in await event(told)


async def test_the_open_page_of_an_incident_hears_of_a_storm_that_begins_elsewhere(
    stage: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_STORM_EVERY", 0.15)
    number = await stage.alert("slow", key="b", incident_type="database-slow-queries")
    await stage.alert("no answer", key="first", incident_type="sequencer-down")
    of = request(stage, "mira")
    told = changes(of, lambda: version_of(asked(of), number), lambda: storm_until(asked(of)))
    assert "event: changed\n" in await event(told)
    waiting = asyncio.ensure_future(event(told))
    for key in range(7):
        await stage.alert("no answer", key=f"a{key}", incident_type="sequencer-down")
    await asyncio.sleep(0.4)
    assert not waiting.done(), "nine alerts are no storm"
    await stage.alert("no answer", key="last", incident_type="sequencer-down")
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}")
    heard = await waiting
    assert "event: changed\n" in heard
    version = heard.partition("id: ")[2].partition("\n")[0]
    assert f'data-version="{version}"' in page, "whoever opens the page now has nothing to draw anew"


BOTH = f"""
{BREACH.replace('value = "up"', 'value = "latency"').replace("below = 1", "above = 1")}
[probes.vault.checks.down]
value = "up"
below = 1
incident_type = "sequencer-down"
"""


async def test_the_page_of_an_incident_is_told_of_no_other_check_of_its_probe() -> None:
    stage = await Staged().begin(TEAM + BOTH)
    await watches(stage, "vault", DOWN)
    number = (await stage.store.read(t.heads()))[0].number
    mira = request(stage, "mira")
    before = await version_of(asked(mira), number)
    await watches(stage, "vault", [{"up": 0.0, "latency": 5.0}] * 3)
    assert len(await stage.store.read(t.heads())) == 2, "the other check has opened a breach"
    assert _turns(await version_of(asked(mira), number)) == _turns(before)


def _turns(version: str) -> str:
    """The part that counts turns of checks: when somebody looked last stands before it."""
    return version.rsplit(".", 2)[1]
