"""A review on paper: two sheets of A4 that hold the review and nothing of the page around it."""

import re

import pytest
from playwright.async_api import Browser

from browser.conftest import DESK, in_private
from browser.every_page import every_page
from tocsin.incident import wishes as w

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WORDS = "The planner chose another index after the statistics were lost in the upgrade. Nobody saw it. " * 6
CHROME = "header.top, .actions, aside, nav, button, input, select, textarea, .b, summary, .state, [type=checkbox]"
BOXES = """() => [...document.querySelectorAll("main *")].filter((e) => {
  const look = getComputedStyle(e), sides = [look.borderLeftWidth, look.borderRightWidth];
  const drawn = sides.some((width) => parseFloat(width) > 0) || look.backgroundColor !== "rgba(0, 0, 0, 0)";
  return drawn && e.checkVisibility() && !e.matches(".sev");
}).map((e) => e.outerHTML.slice(0, 90))"""


async def test_a_review_is_printed_on_two_sheets_without_chrome_or_boxes(browser: Browser) -> None:
    async with every_page() as everything:
        person, path = everything.paths["review"]
        for part in ("what-happened", "why-it-happened"):
            wish = w.EditReview(by="person:mira", part=part, text=WORDS)
            await everything.stage.act(path.rpartition("/")[2], wish)
        context = await in_private(browser, **DESK)
        await everything.sign_in(context, person)
        page = await context.new_page()
        await page.goto(everything.url + path)
        await page.emulate_media(media="print", color_scheme="dark")
        assert await page.evaluate(BOXES) == []
        assert await page.locator(CHROME).filter(visible=True).count() == 0
        assert await page.get_by_text("What surprised us?").filter(visible=True).count() == 1
        assert await page.get_by_text("Watch the slow queries").filter(visible=True).count() == 1
        paper = await page.pdf(prefer_css_page_size=True)
        sizes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 2
        assert {(round(float(wide)), round(float(high))) for wide, high in sizes} == {(595, 842)}
