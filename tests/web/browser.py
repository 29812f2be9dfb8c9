"""A shopper with a browser: what they do on the page, and what they see."""

import asyncio
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect

TRACES = Path(__file__).parent / "traces"
# Nothing of the browser's own calls anybody outside.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
NONE = "apt-get install chromium-headless-shell, or name another in CHROMIUM"
PASSWORD = "correct horse battery"
# What stands on a page in a test is there at once, or after one answer of the shop's;
# a busy machine may take its time.
expect.set_options(timeout=30_000)


def chromium() -> str | None:
    """Return where a Chromium is, if anywhere; `CHROMIUM` names another one.

    The headless shell draws the same pages without a browser's windows around them,
    for two thirds of the work.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(each) for each in names)
    return os.environ.get("CHROMIUM") or next(filter(None, found), None)


def arguments() -> list[str]:
    """Return what Chromium is started with; as root it cannot have a sandbox."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


class Tab:
    """One tab of one shopper."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.broken: list[str] = []
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.on("console", self._told)

    def _told(self, message: Any) -> None:
        # Answers of 4xx are told as errors too, and are what some tests are about.
        if "Content Security Policy" in message.text:
            self.broken.append(message.text)

    async def go(self, path: str = "/") -> None:
        """Show the page at this path of the client."""
        await self.page.goto(f"{self.url}/#{path}")

    def see(self, selector: str, text: str | None = None) -> Locator:
        return self.page.locator(selector, has_text=text)

    async def sees(self, selector: str, text: str | None = None) -> Locator:
        """Return the first of these, once it is seen."""
        found = self.see(selector, text).first
        await expect(found).to_be_visible()
        return found

    async def press(self, name: str) -> None:
        """Press the button or follow the link of this name."""
        found = self.page.get_by_role("button", name=name)
        await found.or_(self.page.get_by_role("link", name=name)).first.click()

    async def write(self, **fields: str) -> None:
        """Fill form fields by their name."""
        for name, value in fields.items():
            await self.page.locator(f'#page [name="{name}"]').fill(value)

    async def say(self, text: str) -> None:
        """Say something to the shopkeeper."""
        box = self.page.get_by_label("Message to the shopkeeper")
        await box.fill(text)
        await box.press("Enter")

    async def hears(self, text: str) -> Locator:
        """Return the turn in which the shopkeeper said this, once it is over."""
        turn = self.page.locator('.turn[aria-busy="false"]', has_text=text).last
        await expect(turn).to_be_visible()
        return turn

    async def sign_up(self, name: str, back: str = "/") -> None:
        """Become somebody."""
        await self.go(f"/sign-up?back={back}")
        await self.write(email=f"{name}@example.com", username=name, password=PASSWORD)
        await self.press("Sign up")
        await expect(self.page.locator("#account")).to_have_text(name)
        # The form stands until the next page is drawn, and has fields of the same name.
        await expect(self.page.locator('#page [name="password"]')).to_have_count(0)

    async def add(self, sku: str) -> None:
        """Put one of this variant into the cart from its page."""
        await self.go(f"/p/{sku[:7]}?sku={sku}")
        await self.press("Add to cart")
        await self.sees("#cart .line")

    async def address(self) -> None:
        """Write an address where one is asked for."""
        await self.write(street="1 Main St", city="Reno", state="NV", zip_code="89501")
        await self.press("Keep this address")

    async def card(self, number: str, *, kept: str = ".option") -> None:
        """Write a card where one is asked for, and see it `kept` there."""
        await self.write(number=number, exp_month="12", exp_year="2030", cvc="123")
        await self.press("Keep this card")
        await self.sees(kept, number[-4:])

    async def pay(self) -> None:
        await self.page.get_by_role("button", name="Pay $").click()

    async def buy(self, sku: str, card: str = "4242424242424242") -> str:
        """Buy one; return the order's number, as its page shows it."""
        await self.add(sku)
        await self.go("/checkout")
        await self.sees("#page .clock")
        if await self.see("#page [name=street]").is_visible():
            await self.address()
            await self.card(card)
        await self.pay()
        await self.sees("#page", "Thank you")
        return await self.page.locator("h1").inner_text()


class Tabs:
    """Makes tabs, each with a shopper of its own unless one is shared."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make
        self.contexts: list[BrowserContext] = []
        self.opened: list[Tab] = []

    async def open(self, url: str, shared: Tab | None = None, **options: Any) -> Tab:
        """Open a tab; `shared` is one of the same browser profile."""
        context = shared.page.context if shared else await self._context(**options)
        tab = Tab(await context.new_page(), url)
        self.opened.append(tab)
        return tab

    async def _context(self, **options: Any) -> BrowserContext:
        # What moves only to please is a quarter of the work where no chip draws it.
        usual = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
        context: BrowserContext = await self._make(**{**usual, **options})
        # What was done and said, and no snapshot of the page at each step: that would
        # be a sixth of all the work here.
        await context.tracing.start()
        self.contexts.append(context)
        return context

    async def keep(self, name: str) -> None:
        """Keep what is seen in each tab, and how it came to that, under this name."""
        kept = TRACES / re.sub(r"\W+", "-", name)
        for number, context in enumerate(self.contexts):
            await context.tracing.stop(path=f"{kept}-{number}.zip")
        for number, tab in enumerate(self.opened):
            html = await tab.page.content()
            await asyncio.to_thread(Path(f"{kept}-{number}.html").write_text, html)
            await tab.page.screenshot(path=f"{kept}-{number}.png")

    async def close(self) -> None:
        for context in self.contexts:
            await context.close()
