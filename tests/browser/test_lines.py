"""What stands beside each other is on one line: measured in a real Chromium."""

import pytest
from playwright.async_api import Browser

from browser.conftest import DESK, PHONE, in_private
from browser.every_page import every_page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

BESIDE = """() => {
  const middle = (element) => {
    const words = document.createRange();
    words.selectNodeContents(element);
    const [first] = words.getClientRects();
    return (first.top + first.bottom) / 2;
  };
  const lines = [...document.querySelectorAll("#timeline > .tl > li")];
  return lines.map((li) => Math.abs(middle(li.querySelector("summary, p")) - middle(li.querySelector("time"))));
}"""
WITHIN = 2.0
"""In px: a fraction of the height of a letter."""


async def test_what_happened_stands_beside_its_time_also_where_many_alerts_are_one_line(browser: Browser) -> None:
    async with every_page() as everything:
        person, path = everything.paths["mine"]
        for place in range(6):
            await everything.stage.alert(f"Error rate at {10 + place}%", key=f"joined {place}")
        for look in (DESK, PHONE):
            context = await in_private(browser, **look)
            await everything.sign_in(context, person)
            page = await context.new_page()
            await page.goto(everything.url + path)
            assert await page.get_by_text("alerts joined since").count() == 1
            assert [apart for apart in await page.evaluate(BESIDE) if apart > WITHIN] == []
