"""Looking around: lists, search, filters, products, and stock that moves."""

import re

import pytest
from playwright.async_api import expect

from tests.web.browser import Tab, Tabs
from tests.whole.shop import Shop, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_front_page_shows_products_with_pictures(tab: Tab) -> None:
    card = await tab.sees(".card:not(.ghost)")

    await expect(card.locator(".price")).to_have_text(re.compile(r"^\$\d"))
    assert await card.locator("img").evaluate(
        "image => image.decode().then(() => image.naturalWidth > 0)"
    )


async def test_more_products_come_with_the_scroll_and_without_doubles(
    tab: Tab,
) -> None:
    cards = tab.see(".card:not(.ghost)")
    await expect(cards).to_have_count(12)

    await tab.page.mouse.wheel(0, 4000)
    await expect(cards.nth(23)).to_be_attached()
    links = await cards.locator("a.card-link").evaluate_all(
        "all => all.map(each => each.href)"
    )

    assert len(links) == len(set(links))


async def test_search_answers_while_one_types_and_forgives_typing_errors(
    tab: Tab,
) -> None:
    await tab.page.get_by_role("searchbox").press_sequentially("watreproof speeker")

    await expect(tab.see("#page h1")).to_have_text("“watreproof speeker”")
    await tab.sees(".card", "Boulder Mini")
    # All that typing is one step back, not one per letter.
    assert await tab.page.evaluate("history.length") <= 3


async def test_filters_narrow_together_and_stand_in_the_address(
    tab: Tab, tabs: Tabs, shop: Shop
) -> None:
    await tab.see(".narrow a", "Footwear").click()
    await expect(tab.see("#page h1")).to_have_text("Footwear")
    await tab.see(".narrow a", "Tarnfell").click()
    await expect(tab.see('section[aria-label="Products"] > .note')).to_have_text(
        "4 products"
    )

    again = await tabs.open(shop.url)
    await again.page.goto(tab.page.url)

    await expect(again.see(".card:not(.ghost)")).to_have_count(4)
    await expect(again.see(".narrow a[aria-current]")).to_have_count(2)


async def test_nothing_found_is_said_and_leads_on(tab: Tab) -> None:
    await tab.go("/?category=Audio&min_price=9999")

    await tab.sees(".state", "Nothing like that here")
    await tab.press("Show everything")
    await tab.sees(".card:not(.ghost)")


async def test_a_product_shows_each_variant_in_its_colour(tab: Tab) -> None:
    await tab.go("/p/AUD-009")
    await expect(tab.see("#page h1")).to_have_text("Boulder Mini")

    await tab.page.get_by_label("Coral").check()

    await expect(tab.see("legend")).to_have_text("Colour: Coral")
    await expect(tab.see(".big")).to_have_attribute("src", re.compile("AUD-009-COR"))


async def test_a_product_that_is_not_there_says_so(tab: Tab) -> None:
    await tab.go("/p/AUD-999")

    await tab.sees("#page .state", "Not here")


async def test_stock_moves_on_every_page_while_one_looks(
    tab: Tab, tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    await tab.go("/?category=Toys+%26+Games&sort=name")
    card = await tab.sees(".card", "Plush Otter")
    other = await tabs.open(shop.url)
    await other.go("/p/TOY-008")
    await expect(other.see(".stock").first).to_have_text("In stock")
    for each in (tab, other):
        await expect(each.see(".line-state")).to_have_text("Here")

    for place, left in (("east", 2), ("central", 0), ("west", 0)):
        status, told = await operator.request(
            "PUT",
            "/api/admin/inventory/TOY-008",
            {"warehouse": place, "on_hand": left, "reason": "counted"},
        )
        assert status == 200, told

    await expect(card.locator(".stock")).to_have_text("Only 2 left")
    await expect(other.see(".facts .stock")).to_have_text("Only 2 left")


async def test_who_waits_for_what_is_sold_out_hears_when_it_is_back(
    tab: Tab, operator: Visitor
) -> None:
    await tab.sign_up("waiter")
    await tab.go("/p/CMP-001?sku=CMP-001-GRA")
    await expect(tab.see(".line-state")).to_have_text("Here")
    await tab.press("Tell me when it is back")
    await tab.sees(".toast", "You will hear of it")

    more = {"warehouse": "east", "delta": 5, "reason": "delivered"}
    path = "/api/admin/inventory/CMP-001-GRA"
    status, told = await operator.request("POST", path, more)
    assert status == 200, told

    await tab.sees(".toast", "is back: 5 to be had.")
    await expect(tab.see("#page .add")).to_have_text("Add to cart")
