import pytest

from browser.conftest import PHONE, Desk

pytestmark = pytest.mark.browser


async def test_a_phone_turned_small_still_shows_everything(desk: Desk) -> None:
    number = await desk.alert("A" * 300)
    page = await desk.open("mira", f"/app/incidents/{number}", {**PHONE, "viewport": {"width": 320, "height": 568}})
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    button = await page.get_by_role("button", name="Acknowledge").bounding_box()
    assert button is not None
    assert button["y"] + button["height"] <= 568
