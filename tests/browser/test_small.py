import pytest

from browser.conftest import PHONE, Desk
from tocsin.incident import wishes as w
from tocsin.store import transactions as t

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_phone_turned_small_still_shows_everything(desk: Desk) -> None:
    number = await desk.alert("A" * 300)
    page = await desk.open("mira", f"/app/incidents/{number}", {**PHONE, "viewport": {"width": 320, "height": 568}})
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    button = await page.get_by_role("button", name="Acknowledge").bounding_box()
    assert button is not None
    assert button["y"] + button["height"] <= 568


@pytest.mark.parametrize("reader", ["mira", "jonas"])
async def test_every_button_of_the_bar_is_on_the_screen_whoever_has_it(desk: Desk, reader: str) -> None:
    number = await desk.alert()
    await desk.tocsin.engine.act(number, w.Acknowledge(by="person:mira"), t.SYSTEM)
    page = await desk.open(reader, f"/app/incidents/{number}", PHONE)
    boxes = [await one.bounding_box() for one in await page.locator("#actions > *").all()]
    assert len(boxes) == 4
    for box in boxes:
        assert box is not None
        assert box["x"] + box["width"] <= 390
    assert len({box["y"] for box in boxes if box}) == 1
