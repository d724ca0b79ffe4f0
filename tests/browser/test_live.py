import asyncio
import re
import time
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, Route, expect

from browser.conftest import DESK, PHONE, Desk, in_private
from browser.every_page import served
from integration.web.staged import TEAM, Staged
from integration.web.watched import PROBES, watches
from tocsin.incident import wishes as w
from tocsin.store import transactions as t
from tocsin.web import events
from tocsin.web.auth import SESSION_COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SEEN = """() => {
  const has = () => [...document.querySelectorAll(".has")].some((e) => e.textContent.includes("Mira Okafor has it"));
  window.seen = new Promise((resolve) =>
    new MutationObserver(() => has() && resolve(Date.now())).observe(document, { subtree: true, childList: true }));
}"""


async def first_screen(page: Page, selector: str) -> bool:
    """Whether something is wholly within what one sees without scrolling."""
    box = await page.locator(selector).first.bounding_box()
    size = page.viewport_size
    assert box is not None
    assert size is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"] and box["x"] + box["width"] <= size["width"]


async def test_two_browsers_see_each_others_acknowledgement(desk: Desk) -> None:
    number = await desk.alert()
    hers = await desk.open("mira", f"/app/incidents/{number}", PHONE)
    his = await desk.open("jonas", f"/app/incidents/{number}")
    home = await desk.open("priya")
    for page in (his, home):
        await expect(page.locator("#live")).to_have_text(re.compile("^live"))
        await expect(page.locator(".has").first).to_have_text("Nobody has it")
    assert (await his.title()).startswith("(1) P0")
    for page in (his, home):
        await page.evaluate(SEEN)
    await hers.evaluate("addEventListener('submit', () => sessionStorage.setItem('pressed', Date.now()))")
    await hers.get_by_role("button", name="Acknowledge").tap()
    took = [await page.evaluate("window.seen") / 1000 for page in (his, home)]
    pressed = float(await hers.evaluate("sessionStorage.getItem('pressed')")) / 1000
    print(f"seen {took[0] - pressed:.3f} s after the press on the incident, {took[1] - pressed:.3f} s in the list")  # noqa: T201
    assert max(took) - pressed < 30, "a page that is not told looks again after a minute"
    await expect(hers.get_by_text("You have it")).to_be_visible()
    await expect(his).to_have_title("P0 Sequencer Down · Tocsin")
    await expect(his.locator("#say")).to_have_text("P0. Mira Okafor has it. L1 was called.")
    await expect(his.get_by_role("button", name="Take over")).to_be_visible()
    assert "bell-alarm" not in (await his.locator("link[rel=icon]").get_attribute("href") or "")
    assert desk.complaints == []


async def test_the_first_screen_of_a_phone_holds_the_decision(desk: Desk) -> None:
    number = await desk.alert()
    page = await desk.open("mira", f"/app/incidents/{number}", PHONE)
    for selector in ("#title", ".sev", ".has.nobody", "#clock .fig", "#clock .bar", "#actions button.go"):
        assert await first_screen(page, selector), selector
    button = await page.get_by_role("button", name="Acknowledge").bounding_box()
    assert button is not None
    assert button["height"] >= 56
    before = await page.locator("#clock .fig").inner_text()
    await page.wait_for_function("before => document.querySelector('#clock .fig').textContent !== before", arg=before)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    home = await desk.open("mira", device=PHONE)
    assert await first_screen(home, "#open .cases li")
    assert await home.evaluate("document.documentElement.scrollWidth") == 390
    assert desk.complaints == []


async def test_what_is_open_stays_open_and_typed_words_stay(desk: Desk) -> None:
    number = await desk.alert()
    await desk.tocsin.engine.act(number, w.Acknowledge(by="person:mira"), t.SYSTEM)
    page = await desk.open("mira", f"/app/incidents/{number}")
    step = page.locator("#found details").first
    await step.locator("summary").click()
    await expect(step.locator("pre")).to_be_visible()
    await page.locator("#a-resolve summary").click()
    await page.locator("#f-resolve").fill("half a sentence")
    await desk.tocsin.engine.act(number, w.ChangeSeverity(by="person:jonas", severity="P1", because="x"), t.SYSTEM)
    await expect(page.locator("#head .sev")).to_contain_text("P1")
    await expect(step.locator("pre")).to_be_visible()
    await expect(page.locator("#f-resolve")).to_have_value("half a sentence")
    await expect(page.locator("#f-resolve")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#a-resolve")).not_to_have_attribute("open", "")
    await expect(page.locator(".stale")).to_have_count(0)
    await expect(page.locator("#a-resolve-s")).to_be_focused()
    await page.locator("#a-more-s").click()
    await expect(page.get_by_role("radio", name="P1")).to_be_checked()
    assert desk.complaints == []


async def test_a_page_can_be_answered_with_keys_alone(desk: Desk) -> None:
    number = await desk.alert()
    page = await desk.open("mira", f"/app/incidents/{number}")
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent.trim()") == "Acknowledge":
            break
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("You have it")).to_be_visible()
    assert desk.complaints == []


async def test_it_works_without_scripts(desk: Desk) -> None:
    number = await desk.alert()
    page = await desk.open("mira", f"/app/incidents/{number}", PHONE, java_script_enabled=False)
    assert 'http-equiv="refresh" content="30"' in await page.content()
    await page.get_by_role("button", name="Acknowledge").tap()
    await expect(page.get_by_text("You have it")).to_be_visible()
    await page.locator("#a-resolve summary").tap()
    await page.locator("#f-resolve").fill("restarted")
    await page.get_by_role("button", name="Resolve", exact=True).tap()
    await expect(page.locator("#clock")).to_contain_text("Resolved")


async def test_a_lost_connection_is_told_and_the_clock_stops(desk: Desk) -> None:
    number = await desk.alert()
    page = await desk.open("mira", f"/app/incidents/{number}")
    await page.locator("#live.on").wait_for()
    await page.context.set_offline(True)
    desk.app.state.streams_end = True
    desk.tocsin.engine.changes.announce()
    await expect(page.locator("#lost")).to_be_visible()
    await expect(page.locator("#lost")).to_contain_text("Not live since ")
    stopped = await page.locator("#clock .fig").inner_text()
    await page.wait_for_timeout(1500)
    assert await page.locator("#clock .fig").inner_text() == stopped
    desk.app.state.streams_end = False
    await page.context.set_offline(False)
    await expect(page.locator("#lost")).to_be_hidden(timeout=20_000)


async def test_charts_move_while_somebody_looks_and_fetch_no_oftener_than_there_are_readings(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.2)
    stage = await Staged().begin(TEAM + PROBES)
    await watches(stage, "api", [{"up": 1.0, "latency": 1.8}] * 30)
    number = (await stage.store.read(t.heads()))[0].number
    session = await stage.tocsin.access.sign_in(await stage.tocsin.access.link("mira"))
    async with served(stage) as url:
        context = await in_private(browser, **DESK)
        await context.add_cookies([{"name": SESSION_COOKIE, "value": session or "", "url": url}])
        pages = {path: await context.new_page() for path in (f"/app/incidents/{number}", "/app/probes")}
        fetched: list[str] = []

        async def slowly(route: Route) -> None:
            await asyncio.sleep(0.5)  # two heartbeats: what is on its way is not asked for again
            await route.continue_()

        await context.route(re.compile(r"\?region="), slowly)
        context.on("request", lambda asked: fetched.append(asked.url) if "?region=" in asked.url else None)
        for path, page in pages.items():
            await page.goto(url + path)
            await page.locator("#live.on").wait_for()
            await expect(page.get_by_label("now 1.8 s")).to_be_visible()
        for latency in (2.5, 3.5):
            stage.clock.move_to(stage.clock.now() + timedelta(seconds=15))
            await watches(stage, "api", [{"up": 1.0, "latency": latency}])
            for page in pages.values():
                await expect(page.get_by_label(f"now {latency:g} s")).to_be_visible()
        assert len(fetched) == 4


async def test_a_command_can_be_copied(desk: Desk) -> None:
    number = await desk.alert()
    page = await desk.open("mira", f"/app/incidents/{number}", permissions=["clipboard-read", "clipboard-write"])
    step = page.locator("#found details").first
    await step.locator("summary").click()
    await page.evaluate("window.setTimeout = () => 0")  # "Copied" stays until we have looked
    await step.get_by_role("button", name="Copy").click()
    await expect(step.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == await step.locator("pre").inner_text()


async def test_stopping_does_not_wait_for_open_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 3600.0)
    await desk.alert()
    page = await desk.open("mira")
    await page.locator("#live.on").wait_for()
    began = time.perf_counter()
    desk.server.should_exit = True
    async with asyncio.timeout(60):
        await desk.server.shutdown()
    print(f"stopped in {time.perf_counter() - began:.3f} s with a live page open")  # noqa: T201
