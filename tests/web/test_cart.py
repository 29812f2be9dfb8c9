"""The cart: the same for everybody who has a hand in it, guests included."""

from itertools import count

import pytest
from playwright.async_api import expect

from tests.web.browser import Tab, Tabs
from tests.whole.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
_numbers = count()


def name() -> str:
    return f"carter{next(_numbers)}"


async def test_a_cart_adds_up_and_says_what_it_costs(tab: Tab) -> None:
    await tab.add("AUD-009-COR")
    line = tab.see("#cart .line")

    await line.get_by_role("button", name="More").click()
    await expect(line.locator("output")).to_have_text("2")
    await expect(tab.see("#cart .total")).to_contain_text("$69.98")
    await expect(tab.see("#cart-count")).to_have_text("2")

    await line.get_by_role("button", name="Remove").click()
    await tab.sees("#cart", "Nothing in it yet")
    await expect(tab.see("#cart-count")).to_be_hidden()


async def test_as_many_presses_as_one_likes_count_as_so_many(tab: Tab) -> None:
    await tab.add("AUD-009-COR")
    line = tab.see("#cart .line")

    await line.get_by_role("button", name="More").click(click_count=3)

    await expect(tab.see("#cart-count")).to_have_text("4")
    await expect(line.locator("output")).to_have_text("4")


async def test_two_tabs_have_one_cart(tab: Tab, tabs: Tabs, shop: Shop) -> None:
    await tab.add("AUD-009-SKY")
    second = await tabs.open(shop.url, shared=tab)
    await second.go()
    await second.press("Cart")
    await second.sees("#cart .line", "Boulder Mini")

    await second.see("#cart .line").get_by_role("button", name="More").click()

    await expect(tab.see("#cart .line output")).to_have_text("2")


async def test_two_shoppers_have_two_carts(tab: Tab, tabs: Tabs, shop: Shop) -> None:
    await tab.add("AUD-009-SKY")
    other = await tabs.open(shop.url)
    await other.go()
    await other.press("Cart")

    await other.sees("#cart", "Nothing in it yet")


async def test_a_coupon_takes_something_off_or_says_why_not(tab: Tab) -> None:
    await tab.sign_up(name())
    await tab.add("AUD-009-COR")
    code = tab.page.get_by_label("Coupon code")

    await code.fill("NEVERHEARD")
    await tab.press("Apply")
    await expect(tab.see("#cart [role=alert]")).to_be_visible()
    await code.fill("sound20")
    await tab.press("Apply")

    await expect(tab.see("#cart .applied")).to_contain_text("$7.00")
    await expect(tab.see("#cart .total")).to_contain_text("$27.99")
    await tab.page.get_by_role("button", name="Take SOUND20 off").click()
    await expect(tab.see("#cart .total")).to_contain_text("$34.99")


async def test_a_coupon_is_used_from_the_page_that_offers_it(tab: Tab) -> None:
    await tab.sign_up(name())
    await tab.add("AUD-009-COR")
    await tab.go("/points")

    await tab.press("Use SOUND20")

    await expect(tab.see("#cart .applied")).to_contain_text("$7.00")


async def test_a_guest_who_signs_up_keeps_cart_and_talk(tab: Tab) -> None:
    await tab.add("AUD-009-COR")
    await tab.say("what's in my cart?")
    await tab.hears("Boulder Mini")

    await tab.press("Sign up to check out")
    who = name()
    await tab.write(
        email=f"{who}@example.com", username=who, password="correct horse battery"
    )
    await tab.press("Sign up")

    await tab.sees("#page .clock", "Held for you")
    await expect(tab.see("#cart-count")).to_have_text("1")
    await tab.hears("Boulder Mini")


async def test_signing_out_and_in_again_in_one_tab_is_seen_in_the_other(
    tab: Tab, tabs: Tabs, shop: Shop
) -> None:
    who = name()
    await tab.sign_up(who)
    second = await tabs.open(shop.url, shared=tab)
    await second.go("/me")
    await second.sees("#page h1", who)

    await tab.go("/me")
    await tab.press("Sign out")
    await expect(second.see("#account")).to_have_text("Sign in")

    await tab.go("/sign-in")
    await tab.write(email=f"{who}@example.com", password="not the password")
    await tab.page.locator("#page").get_by_role("button", name="Sign in").click()
    await tab.sees("[role=alert]")
    await tab.write(password="correct horse battery")
    await tab.page.locator("#page").get_by_role("button", name="Sign in").click()
    await expect(second.see("#account")).to_have_text(who)


async def test_a_drawer_on_a_phone_takes_and_gives_back_the_focus(
    tabs: Tabs, shop: Shop
) -> None:
    small = {"width": 390, "height": 844}
    phone = await tabs.open(shop.url, viewport=small, reduced_motion="no-preference")
    await phone.go()
    await phone.press("Cart")
    await phone.sees("#cart h2")
    assert await phone.page.evaluate("document.querySelector('#page').inert")

    await phone.page.keyboard.press("Escape")

    await expect(phone.see("#cart")).to_be_hidden()
    focused = "document.activeElement.id"
    assert await phone.page.evaluate(focused) == "open-cart"
    assert not await phone.page.evaluate("document.querySelector('#page').inert")
