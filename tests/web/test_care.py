"""Made with care: light, quick, fit for every screen, and for those who see none."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Route, expect

from tests.web.browser import Tab, Tabs
from tests.whole.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
_numbers = count()

# Each width is tried for fit; axe looks at the widest by day, the narrowest by night.
WIDTHS: dict[int, Literal["light", "dark"] | None] = {
    1440: "light",
    820: None,
    390: "dark",
}
FIRST_VIEW_BYTES = 150_000


async def front(tab: Tab) -> None:
    await tab.go()
    await tab.sees(".card:not(.ghost)")


async def nothing(tab: Tab) -> None:
    await tab.go("/?category=Audio&min_price=9999")
    await tab.sees(".state")


async def product(tab: Tab) -> None:
    await tab.go("/p/FTW-001")
    await tab.sees(".big")
    await tab.sees(".related .card")


async def talk(tab: Tab) -> None:
    await tab.go()
    if not await tab.see("#chat").is_visible():
        await tab.press("Ask")
    await tab.say("waterproof speakers under 50")
    await tab.hears("Which one do you like?")


async def cart(tab: Tab) -> None:
    await tab.add("AUD-009-COR")


async def sign_up(tab: Tab) -> None:
    await tab.go("/sign-up")
    await tab.sees("#page form")


async def refused(tab: Tab) -> None:
    await sign_up(tab)
    who = f"refused{next(_numbers)}"
    await tab.write(email=f"{who}@example.com", username=who, password="password")
    await tab.page.locator("#page").get_by_role("button", name="Sign up").click()
    await tab.sees("#page [role=alert]", "among the first that would be tried.")


async def long_names(tab: Tab) -> None:
    await tab.sign_up(f"{next(_numbers)}{'verylong' * 3}", back="/me")
    await tab.write(full_name="Wolfeschlegelsteinhausenbergerdorff" * 2)
    await tab.press("Save")
    await tab.press("Add an address")
    await tab.write(street="Donaudampfschifffahrtsgesellschaftsstrasse" * 3)
    await tab.write(city="Llanfairpwllgwyngyllgogerychwyrndrobwll" * 2)
    await tab.write(state="NV", zip_code="89501")
    await tab.press("Keep this address")
    await tab.sees(".rows li", "Llanfairpwll")
    await tab.page.reload()
    await tab.sees("h1", "Wolfeschlegel")


async def account(tab: Tab) -> None:
    await tab.sign_up(f"careful{next(_numbers)}", back="/me")
    await tab.sees("#page .block", "Addresses")


async def checkout(tab: Tab) -> None:
    await account(tab)
    await tab.add("AUD-009-COR")
    await tab.go("/checkout")
    await tab.sees(".clock")


async def order(tab: Tab) -> None:
    await account(tab)
    await tab.buy("AUD-009-COR")


async def orders(tab: Tab) -> None:
    await order(tab)
    await tab.go("/orders")
    await tab.sees(".order-card")


async def points(tab: Tab) -> None:
    await account(tab)
    await tab.go("/points")
    await tab.sees(".tier")


PLACES = (
    front, nothing, product, talk, cart, sign_up, refused, account, long_names,
    checkout, order, orders, points,
)  # fmt: skip
Place = Callable[[Tab], Awaitable[None]]


@pytest.mark.parametrize("place", PLACES, ids=lambda each: each.__name__)
async def test_a_page_fits_every_screen_and_has_nothing_serious_for_axe(
    tabs: Tabs, shop: Shop, place: Place
) -> None:
    tab = await tabs.open(shop.url)
    await place(tab)
    for width, scheme in WIDTHS.items():
        await tab.page.set_viewport_size({"width": width, "height": 900})
        over = "document.documentElement.scrollWidth - innerWidth"
        assert await tab.page.evaluate(over) <= 0, f"{width} px is too narrow"
        if scheme is not None:
            await tab.page.emulate_media(color_scheme=scheme)
            assert await serious(tab) == [], f"{scheme}, {width} px"


async def serious(tab: Tab) -> list[str]:
    found = await Axe().run(tab.page)
    return [
        f"{each['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for each in found.response["violations"]
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


async def test_the_first_view_is_light(tabs: Tabs, shop: Shop) -> None:
    """How quick it is, `bench first_view` says."""
    tab = await tabs.open(shop.url)
    client = await tab.page.context.new_cdp_session(tab.page)
    await client.send("Network.enable")
    came: list[float] = []
    client.on("Network.loadingFinished", lambda e: came.append(e["encodedDataLength"]))

    await tab.go()
    await tab.sees(".card:not(.ghost)")
    await expect(tab.see(".line-state")).to_have_text("Here")
    await tab.page.wait_for_load_state("networkidle")

    assert 0 < sum(came) < FIRST_VIEW_BYTES


async def opening(tab: Tab) -> asyncio.Event:
    """Show the front page, which lets its guest in once the event is set."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(route: Route) -> None:
        asked.set()
        await go_on.wait()
        await route.continue_()

    await tab.page.route("**/api/auth/guest", slow)
    await tab.go()
    await asked.wait()
    return go_on


async def test_who_presses_before_the_shop_let_them_in_is_let_in_first(
    tabs: Tabs, shop: Shop
) -> None:
    tab = await tabs.open(shop.url)
    go_on = await opening(tab)
    await tab.see(".card .button.primary").first.click()
    go_on.set()

    await expect(tab.see("#cart-count")).to_have_text("1")


async def test_what_is_said_before_the_shop_is_open_is_answered_once_it_is(
    tabs: Tabs, shop: Shop
) -> None:
    tab = await tabs.open(shop.url)
    go_on = await opening(tab)
    await tab.say("what's in my cart?")
    await tab.sees(".said", "what's in my cart?")
    go_on.set()

    await tab.hears("empty")
    await expect(tab.see(".said")).to_have_count(1)


async def test_a_column_makes_room_for_the_page_on_a_screen_that_is_turned(
    tab: Tab,
) -> None:
    await tab.sees("#chat")

    await tab.page.set_viewport_size({"width": 820, "height": 1180})
    await expect(tab.see("#chat")).to_be_hidden()
    await expect(tab.see(".scrim")).to_be_hidden()

    await tab.page.set_viewport_size({"width": 1180, "height": 820})
    await tab.sees("#chat")


async def test_the_chosen_colours_stay(tab: Tab, tabs: Tabs, shop: Shop) -> None:
    theme = "document.documentElement.dataset.theme"
    await tab.press("Change to dark colours")
    again = await tabs.open(shop.url, shared=tab)
    await again.go()

    assert await again.page.evaluate(theme) == "dark"
    await again.press("Change to light colours")
    assert await again.page.evaluate(theme) == "light"


async def test_one_can_buy_with_the_keyboard_alone(tab: Tab) -> None:
    await tab.go("/p/AUD-009")
    await tab.sees(".add")
    keys = tab.page.keyboard
    await tab.page.get_by_label("Black").focus()
    await keys.press("ArrowRight")
    await expect(tab.see("legend")).to_have_text("Colour: Coral")
    for _ in range(6):
        await keys.press("Tab")
        if await tab.page.evaluate("document.activeElement.matches('.add')"):
            break
    await keys.press("Enter")

    await tab.sees("#cart .line", "Coral")


async def test_a_shop_that_is_away_says_so_and_comes_back(tab: Tab) -> None:
    await tab.sees(".card:not(.ghost)")
    await tab.page.context.set_offline(True)
    await tab.see(".narrow a", "Footwear").click()
    await tab.sees("#page .state", "cannot be reached")
    await tab.page.context.set_offline(False)

    await tab.press("Try again")

    await expect(tab.see("#page h1")).to_have_text("Footwear")
