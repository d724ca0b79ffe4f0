"""Every page on a phone and on a desk, light and dark: nothing is cut off, nothing complains, axe finds nothing."""

import re
from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from browser.conftest import DESK, PHONE, in_private
from browser.every_page import every_page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AXE = files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
LOOK = """async (only) => {
  const found = await axe.run(document, only ? { runOnly: { type: "rule", values: [only] } } : {});
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(" | ")}`);
}"""
CUT_OFF = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  return wide > 0 ? [`${wide} px too wide`] : [];
}"""
FAULTS = """() => {
  const found = [], visible = (e) => e.checkVisibility();
  const labels = (e) => [...(e.labels || [])].map((l) => l.textContent).join(" ");
  const name = (e) => (e.getAttribute("aria-label") || labels(e) || e.textContent || "").trim();
  const controls = "button, a, summary, input:not([type=hidden]), select, textarea, [role=img]";
  for (const e of document.querySelectorAll(controls))
    if (!name(e)) found.push("no name: " + e.outerHTML.slice(0, 120));
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids.filter((id, at) => ids.indexOf(id) !== at)) found.push("id twice: " + id);
  let last = 0;
  for (const h of [...document.querySelectorAll("h1, h2, h3, h4")].filter(visible)) {
    const level = Number(h.tagName[1]);
    if (level > last + 1) found.push("heading skips: " + h.textContent);
    last = level;
  }
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) found.push("not one main");
  if (!document.documentElement.lang) found.push("no language");
  for (const use of document.querySelectorAll("use"))
    if (!document.querySelector(use.getAttribute("href"))) found.push("no such icon: " + use.getAttribute("href"));
  const small = matchMedia("(max-width: 59.99rem)").matches;
  for (const e of document.querySelectorAll("main button, main .b, summary")) {
    const least = e.matches(".copy, .s, .edit > summary, .told summary") ? 24 : 44;
    if (small && visible(e) && e.getBoundingClientRect().height < least - 0.1)
      found.push("small target: " + e.outerHTML.slice(0, 80));
  }
  return found;
}"""
OPEN = """() => {
  for (const d of document.querySelectorAll("main details:not(.actions details)")) d.open = true;
  // What scrolls below the bar of actions is covered by it, which is no fault of its colours.
  for (const bar of document.querySelectorAll(".actions")) bar.style.position = "static";
}"""


async def faults(page: Page) -> list[str]:
    """What is wrong with a page: in full as it comes, and its colours in the other theme too."""
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await page.evaluate(AXE)
    found = await page.evaluate(CUT_OFF)
    await page.evaluate(OPEN)
    found += [*await page.evaluate(CUT_OFF), *await page.evaluate(FAULTS), *await page.evaluate(LOOK, "")]
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return [*found, *(f"dark: {fault}" for fault in await page.evaluate(LOOK, "color-contrast"))]


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
async def test_every_page_fits_and_can_be_read_in_both_themes(device: dict[str, Any], browser: Browser) -> None:
    said: list[str] = []
    found: dict[str, list[str]] = {}
    async with every_page() as everything:
        for person in {person: None for person, _ in everything.paths.values()}:
            context = await in_private(browser, **device)
            await everything.sign_in(context, person)
            page = await context.new_page()
            page.on("console", lambda told: said.append(told.text) if told.type != "log" else None)
            page.on("pageerror", lambda error: said.append(str(error)))
            for name, (reader, path) in everything.paths.items():
                if reader == person:
                    await page.goto(everything.url + path)
                    found[name] = await faults(page)
            await context.close()
    assert found.keys() == everything.paths.keys()
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert [text for text in said if not re.search("status of 40[0145]", text)] == []
