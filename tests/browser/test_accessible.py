from typing import Any

import pytest
from playwright.async_api import Page

from browser.conftest import DESK, PHONE, Desk
from tocsin.incident import wishes as w
from tocsin.store import transactions as t

pytestmark = pytest.mark.browser

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
  for (const e of document.querySelectorAll("main button, main .b, summary"))
    if (small && visible(e) && !e.matches(".copy, .b.s") && e.getBoundingClientRect().height < 43.9)
      found.push("small target: " + e.outerHTML.slice(0, 80));
  return found;
}"""

CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor);
    if (c[3] === 255) return c; } return [255, 255, 255, 255]; };
  const found = new Set();
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest(".vh, .sprite, .skip")) continue;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.add(ratio.toFixed(2) + " " + e.outerHTML.slice(0, 90));
  }
  return [...found];
}"""


async def faults(page: Page) -> list[str]:
    return [*await page.evaluate(FAULTS), *await page.evaluate(CONTRAST)]


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk, light", "phone, dark"])
async def test_every_page_has_names_order_and_contrast(desk: Desk, device: dict[str, Any]) -> None:
    ended = await desk.alert("Database CPU at 99%", key="past")
    await desk.tocsin.engine.act(ended, w.Resolve(by="person:jonas"), t.SYSTEM)
    number = await desk.alert()
    unknown = await desk.alert("printer on fire", key="p")
    token = desk.tocsin.links.token(number, "mira")
    page = await desk.open("mira", device=device)
    paths = [
        "/app/",
        "/app/declare",
        f"/app/incidents/{number}",
        f"/app/incidents/{unknown}",
        f"/app/incidents/{ended}",
    ]
    for path in [*paths, f"/a/{token}", "/app/sign-in?token=x"]:
        await page.goto(desk.url + path)
        await page.evaluate(
            "document.querySelectorAll('#found details, #fixes details').forEach((d) => (d.open = true))"
        )
        assert await faults(page) == [], path
    assert desk.complaints == []


async def test_a_phone_turned_small_still_shows_everything(desk: Desk) -> None:
    number = await desk.alert("A" * 300)
    page = await desk.open("mira", f"/app/incidents/{number}", {**PHONE, "viewport": {"width": 320, "height": 568}})
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    button = await page.get_by_role("button", name="Acknowledge").bounding_box()
    assert button is not None
    assert button["y"] + button["height"] <= 568
