"""An operator with a browser: at the desk, in one of its rooms."""

from typing import Any

from playwright.async_api import expect

from tests.web.browser import Tab, Tabs
from tests.whole.shop import Shop

SECRET = "a long enough secret"


async def enter(tab: Tab, room: str) -> None:
    """Go to this room."""
    await tab.page.evaluate(f"location.hash = '#/{room}'")


async def at_desk(tabs: Tabs, shop: Shop, room: str = "", **options: Any) -> Tab:
    """Sign in as the operator that the shop has, and go to this room."""
    tab = await tabs.open(shop.url, **options)
    await tab.page.goto(f"{shop.url}/ops")
    await tab.write(email="op@example.com", password=SECRET)
    await tab.press("Sign in")
    await expect(tab.see("#line")).to_have_text("Live")
    await enter(tab, room)
    return tab
