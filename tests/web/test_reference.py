"""The API's pages work in a real browser, with nobody but us to ask."""

import pytest
from playwright.async_api import expect

from tests.web.browser import Tabs
from tests.whole.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        ("/docs", "#operations-default-place_order, .opblock"),
        ("/redoc", "[data-section-id], .menu-content"),
    ],
)
async def test_a_page_is_drawn_by_itself_under_its_policy(
    tabs: Tabs, shop: Shop, path: str, shows: str
) -> None:
    tab = await tabs.open(shop.url)
    said: list[str] = []
    asked: list[str] = []
    tab.page.on("console", lambda each: said.append(f"{each.type}: {each.text}"))
    tab.page.on("request", lambda each: asked.append(each.url))

    await tab.page.goto(f"{shop.url}{path}")
    await expect(tab.see(shows).first).to_be_visible()
    listed = tab.page.get_by_text("/api/products", exact=False).first
    await expect(listed).to_be_attached()

    assert [each for each in said if each.startswith("error")] == []
    assert [each for each in asked if not each.startswith((shop.url, "data:"))] == []
    assert len(asked) >= 4
