"""The README's pictures: `python -m tests.web.pictures` makes them anew.

Three pixels for four: a page's whole width, and light enough for a README.
"""

import asyncio
import re
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, async_playwright, expect

from tests.web.browser import Tabs, arguments, chromium
from tests.web.desk import at_desk
from tests.whole.shop import Shop, Visitor, make_operator

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
LIGHT = 150_000


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "shop")
        await shop.start()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium(), args=arguments()
            )
            async with aiohttp.ClientSession() as http:
                await make_operator(Visitor(http, shop))
            await draw(browser, shop)
            await browser.close()
        await shop.stop()


async def draw(browser: Browser, running: Shop) -> None:
    """Take pictures of the shop, of the shopkeeper at work, and of the house."""
    PICTURES.mkdir(exist_ok=True)
    url = running.url
    tabs = Tabs(browser.new_context)
    look: dict[str, Any] = {
        "viewport": {"width": 1200, "height": 700},
        "device_scale_factor": 0.75,
    }
    shop = await tabs.open(url, **look)
    await shop.go()
    await shop.sees(".card:not(.ghost)")
    await shop.page.wait_for_load_state("networkidle")
    await shop.page.screenshot(path=PICTURES / "shop.png")

    chat = await tabs.open(url, **look, color_scheme="dark")
    await chat.go("/p/AUD-009?sku=AUD-009-COR")
    await chat.say("waterproof speakers under 50")
    await chat.hears("Which one do you like?")
    await chat.say("add the first one in coral")
    await chat.hears("Added 1")
    await chat.press("Cart")
    await chat.sees("#cart .line")
    await chat.page.wait_for_load_state("networkidle")
    await chat.page.screenshot(path=PICTURES / "chat.png")

    ops = await at_desk(tabs, running, **look)
    line = ops.page.locator(".spark path").first
    await expect(line).to_have_attribute("d", re.compile("(L.*){9}"), timeout=20_000)
    await ops.page.screenshot(path=PICTURES / "ops.png")
    await tabs.close()
    for each in ("shop.png", "chat.png", "ops.png"):
        assert (PICTURES / each).stat().st_size < LIGHT, f"{each} is too heavy"


if __name__ == "__main__":
    asyncio.run(main())
