"""Buying: address, card, bank, UPI, gift card, and everything after it."""

import asyncio
import re
from itertools import count
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.web.browser import Tab
from tests.whole.shop import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")
_numbers = count()

CORAL = "AUD-009-COR"


@pytest.fixture
def who() -> str:
    return f"buyer{next(_numbers)}"


async def at_checkout(tab: Tab, who: str) -> None:
    """Sign up, put something into the cart, and say where it goes."""
    await tab.sign_up(who)
    await tab.add(CORAL)
    await tab.go("/checkout")
    await tab.sees("#page .clock", "Held for you")
    await tab.address()
    await tab.sees(".option", "1 Main St")


async def order_id(tab: Tab) -> str:
    await expect(tab.see("h1")).to_contain_text("ORD-")
    return tab.page.url.split("/orders/")[1].split("?")[0]


async def moved(operator: Visitor, order: str, step: str, body: Any = None) -> None:
    status, told = await operator.request(
        "POST", f"/api/admin/orders/{order}/{step}", body
    )
    assert status == 200, told


async def test_a_card_buys_what_is_held_while_the_clock_runs(
    tab: Tab, who: str
) -> None:
    await at_checkout(tab, who)
    await expect(tab.see("#page .clock time")).to_have_text(re.compile(r"^1[45]:\d\d$"))
    await tab.card("4242424242424242")
    await tab.page.get_by_label("Express").check()
    await tab.sees("#page .sums", "$14.99")

    await tab.pay()

    await tab.sees("#page", "Thank you. It is yours.")
    await expect(tab.see(".track [aria-current]")).to_have_text("Confirmed")
    await expect(tab.see("#cart-count")).to_be_hidden()


class Slow:
    """Keeps what a tab asks of the checkout from the shop until it is let go."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self, route: Route) -> None:
        if route.request.method == "POST":
            self.asked.set()
            await self.let_go.wait()
        await route.continue_()


async def test_nobody_pays_a_sum_that_was_not_shown(tab: Tab, who: str) -> None:
    await at_checkout(tab, who)
    await tab.card("4242424242424242")
    await expect(tab.see("#page aside")).to_have_attribute("aria-busy", "false")
    slow = Slow()
    await tab.page.route("**/api/cart/checkout", slow)
    await tab.page.get_by_label("Express").check()
    await slow.asked.wait()

    await tab.press("Pay $43.78")
    slow.let_go.set()

    await tab.sees(".toast", "look at it before you pay")
    await tab.press("Pay $52.78")
    await tab.sees("#page", "Thank you")


async def test_who_leaves_before_anything_is_held_leaves_nothing_held(
    tab: Tab, who: str
) -> None:
    await tab.sign_up(who)
    await tab.add(CORAL)
    slow = Slow()
    await tab.page.route("**/api/cart/checkout", slow)
    await tab.go("/checkout")
    await slow.asked.wait()

    async with tab.page.expect_request(lambda sent: sent.method == "DELETE") as given:
        await tab.go("/")
        await tab.sees(".card")
        slow.let_go.set()

    assert (await given.value).url.endswith("/api/cart/checkout")


async def test_a_bank_that_asks_is_answered_and_leads_back(tab: Tab, who: str) -> None:
    await at_checkout(tab, who)
    await tab.card("4000002760003184")
    await tab.pay()
    await expect(tab.see("h1")).to_have_text("Mock bank")

    await tab.press("Approve")
    await tab.press("Back to Souk")

    await expect(tab.see(".track [aria-current]")).to_have_text("Confirmed")


async def test_a_declined_card_leaves_the_cart_for_another_one(
    tab: Tab, who: str
) -> None:
    await at_checkout(tab, who)
    await tab.card("4000000000000002")
    await tab.pay()
    await tab.sees("#page [role=alert]")
    await expect(tab.see("#cart-count")).to_have_text("1")

    await tab.press("Another card")
    await tab.card("4242424242424242")
    await tab.pay()

    await tab.sees("#page", "Thank you")


async def test_upi_shows_a_code_and_goes_on_by_itself(tab: Tab, who: str) -> None:
    await at_checkout(tab, who)
    await tab.press("A UPI ID")
    await tab.write(vpa="pending@mock")
    await tab.press("Keep this UPI ID")
    await tab.sees(".option", "UPI")
    await tab.pay()

    code = tab.page.get_by_label("Code to pay with a UPI app")
    await expect(code).to_be_visible()
    link = tab.page.get_by_role("link", name="Open a UPI app")
    assert (await link.get_attribute("href") or "").startswith("upi://pay?pa=")
    await tab.press("Paid")

    await expect(tab.see(".track [aria-current]")).to_have_text("Confirmed")


async def test_a_gift_card_pays_alone(tab: Tab, who: str) -> None:
    await at_checkout(tab, who)
    await tab.page.get_by_label("Gift card code").fill("gift-9999-full")
    await tab.press("Use")
    await tab.page.get_by_label("The gift cards alone").check()

    await tab.pay()

    await tab.sees("#page", "Thank you")
    await tab.sees("#page .note", "Gift card")


async def test_an_order_is_cancelled_until_it_is_packed(
    tab: Tab, who: str, operator: Visitor
) -> None:
    await tab.sign_up(who)
    await tab.buy(CORAL)
    await tab.press("Cancel the order")
    await tab.sees(".status", "Cancelled")
    await tab.sees("#page .note", "came back")

    await tab.buy(CORAL)
    await moved(operator, await order_id(tab), "process")

    await expect(tab.see(".track [aria-current]")).to_have_text("Packing")
    await expect(tab.page.get_by_role("button", name="Cancel the order")).to_be_hidden()


async def test_an_order_moves_while_one_looks_and_can_be_sent_back(
    tab: Tab, who: str, operator: Visitor
) -> None:
    await tab.sign_up(who)
    await tab.buy(CORAL)
    order = await order_id(tab)
    await moved(operator, order, "process")
    sent = {"tracking_number": "TRK-1", "carrier": "UPS"}
    await moved(operator, order, "ship", sent)
    await tab.sees("#page .note", "TRK-1")
    await moved(operator, order, "deliver")
    await expect(tab.see(".track [aria-current]")).to_have_text("Delivered")

    await tab.see("summary", "Send something back").click()
    await tab.see("details").get_by_role("button", name="More").click()
    await tab.press("Ask to send it back")
    await tab.sees(".block .status", "Requested")
    await tab.press("Keep it after all")
    await tab.sees(".block .status", "Cancelled")

    # What was delivered counts: the points are active, and every one is explained.
    await tab.go("/points")
    await expect(tab.see(".tier .points")).to_have_text("34")
    await tab.sees("tbody tr", "+34")
    await tab.go("/orders")
    await tab.sees(".order-card", "Delivered")


async def test_points_pay_a_part(tab: Tab, who: str, operator: Visitor) -> None:
    await tab.sign_up(who)
    for _ in range(3):
        await tab.buy(CORAL)
        order = await order_id(tab)
        for step, body in (
            ("process", None),
            ("ship", {"tracking_number": "TRK-2", "carrier": "UPS"}),
            ("deliver", None),
        ):
            await moved(operator, order, step, body)
        await expect(tab.see(".track [aria-current]")).to_have_text("Delivered")
    await tab.add(CORAL)

    await tab.page.get_by_label("Points to redeem").fill("100")
    await tab.press("Redeem")

    await expect(tab.see("#cart .applied")).to_contain_text("$1.00")
    await expect(tab.see("#cart .total")).to_contain_text("$33.99")


async def test_what_costs_nothing_takes_no_way_to_pay(
    tab: Tab, who: str, operator: Visitor
) -> None:
    for code, terms in (("WHOLE", {"percent": 100}), ("SENT", {"group": "shipping"})):
        valid = {
            "valid_from": "2020-01-01T00:00:00Z",
            "valid_until": "2040-01-01T00:00:00Z",
        }
        status, told = await operator.request(
            "POST", "/api/admin/coupons", {"code": code, **terms, **valid}
        )
        assert status == 201, told
    await tab.sign_up(who)
    await tab.add(CORAL)
    for code in ("WHOLE", "SENT"):
        await tab.page.get_by_label("Coupon code").fill(code)
        await tab.page.locator("#cart").get_by_role("button", name="Apply").click()
        await tab.sees("#cart .applied", code)

    await tab.go("/checkout")
    await tab.sees("#page", "Say where it goes.")
    await tab.address()
    await tab.press("Place the order")

    await tab.sees("#page", "Thank you")


async def test_profile_addresses_and_cards_are_kept_and_forgotten(
    tab: Tab, who: str
) -> None:
    await tab.sign_up(who, back="/me")
    await tab.write(full_name="Ada Lovelace", phone="+1 555 010 0100")
    await tab.press("Save")
    await tab.press("Add an address")
    await tab.address()
    await tab.sees(".rows li", "1 Main St")
    await tab.press("Add a card")
    await tab.write(number="5555555555554444", exp_month="1", exp_year="2031", cvc="1")
    await tab.press("Keep this card")
    await tab.sees("[role=alert]")
    await tab.write(cvc="123")
    await tab.press("Keep this card")
    await tab.sees(".rows li", "Mastercard •••• 4444")

    await tab.page.reload()
    await expect(tab.see("#page h1")).to_have_text("Ada Lovelace")
    await tab.press("Forget 1 Main St")
    await tab.press("Forget Mastercard •••• 4444")

    await expect(tab.see(".rows li")).to_have_count(0)


async def test_a_page_for_customers_asks_guests_to_sign_in_and_leads_back(
    tab: Tab, who: str
) -> None:
    await tab.go("/orders")
    await expect(tab.see("#page h1")).to_have_text("Welcome back")

    await tab.see("#page a", "Make an account").click()
    await tab.write(
        email=f"{who}@example.com", username=who, password="correct horse battery"
    )
    await tab.press("Sign up")

    await expect(tab.see("#page h1")).to_have_text("No orders yet")
