"""The public page reads itself again: newer words come without a press, and nobody loses their place."""

import pytest
from playwright.async_api import Browser, expect

from browser.conftest import DESK, in_private
from browser.every_page import every_page
from tocsin.incident import wishes as w

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_status_page_tells_what_is_new_after_a_minute_but_not_under_somebodys_hands(
    browser: Browser,
) -> None:
    async with every_page() as everything:
        page = await (await in_private(browser, **DESK)).new_page()
        said: list[str] = []
        page.on("console", lambda told: said.append(told.text))
        await page.clock.install()
        await page.goto(f"{everything.url}/status")
        number = everything.paths["mine"][1].rpartition("/")[2]
        news = w.Post(by="person:mira", status="identified", public=True, title="Some requests fail",
                      text="It is the cable.", channels=(), line=None)  # fmt: skip
        await everything.stage.act(number, news)
        await page.get_by_role("link", name="Permanent link").focus()
        await page.clock.fast_forward(61_000)
        await expect(page.get_by_text("It is the cable.")).to_have_count(0)
        await page.evaluate("document.activeElement.blur()")
        await page.clock.fast_forward(61_000)
        await expect(page.get_by_text("It is the cable.")).to_be_visible()
        assert said == []
