"""Paying when it does not go straight: a bank that says no, an app that takes long."""

import re
from itertools import count

import pytest
from playwright.async_api import expect

from tests.web.browser import Tab

pytestmark = pytest.mark.asyncio(loop_scope="session")
_numbers = count()

CORAL = "AUD-009-COR"
GIFT = "GIFT-2500-BBBB"


async def at_checkout(tab: Tab) -> None:
    """Sign up, put something into the cart, and say where it goes."""
    await tab.sign_up(f"payer{next(_numbers)}")
    await tab.add(CORAL)
    await tab.go("/checkout")
    await tab.sees("#page .clock", "Held for you")
    # With an address, everything is priced and held once more.
    async with tab.page.expect_response("**/api/cart/checkout"):
        await tab.address()
    await tab.sees(".option", "1 Main St")


async def pays_by_upi(tab: Tab, vpa: str) -> None:
    await at_checkout(tab)
    await tab.press("A UPI ID")
    await tab.write(vpa=vpa)
    await tab.press("Keep this UPI ID")
    await tab.sees(".option", f"@{vpa.split('@')[1]}")
    await tab.pay()


async def test_who_declines_at_the_bank_keeps_the_cart(tab: Tab) -> None:
    await at_checkout(tab)
    await tab.card("4000002760003184")
    await tab.pay()
    await expect(tab.see("h1")).to_have_text("Mock bank")
    await tab.sees(".what", "Visa •••• 3184")

    await tab.press("Decline")
    await tab.press("Back to Souk")

    await tab.sees(".status", "Cancelled")
    await expect(tab.see("#cart-count")).to_have_text("1")


async def test_a_upi_app_that_takes_its_time_is_waited_for(tab: Tab) -> None:
    await pays_by_upi(tab, "success@mock")

    await expect(tab.see(".track [aria-current]")).to_have_text("Confirmed")
    await tab.sees("#page .note", "UPI •••cess@mock")


@pytest.mark.parametrize(
    ("vpa", "said"), [("failure@mock", "declined"), ("expire@mock", "Cancelled")]
)
async def test_a_upi_payment_that_comes_to_nothing_says_so(
    tab: Tab, vpa: str, said: str
) -> None:
    await pays_by_upi(tab, vpa)

    await tab.sees("#page .status, #page [role=alert]", said)
    await expect(tab.see("#cart-count")).to_have_text("1")


async def test_a_upi_payment_that_is_refused_ends_the_order(tab: Tab) -> None:
    await pays_by_upi(tab, "pending@mock")
    await expect(tab.page.get_by_label("Code to pay with a UPI app")).to_be_visible()
    await expect(tab.see("#page .clock time")).to_have_text(re.compile(r"^\d+:\d\d$"))

    await tab.press("Refused")

    await tab.sees(".status", "Cancelled")
    await expect(tab.see("#cart-count")).to_have_text("1")


async def test_a_gift_card_pays_a_part_and_a_card_the_rest(tab: Tab) -> None:
    await at_checkout(tab)
    await tab.card("4242424242424242")
    await tab.page.get_by_label("Gift card code").fill("NEVER-HEARD-OF")
    await tab.press("Use")
    await tab.pay()
    await tab.sees("#page [role=alert]")
    await tab.press("Take gift card ending D-OF off")
    await tab.page.get_by_label("Gift card code").fill(GIFT)
    await tab.press("Use")

    await tab.pay()

    await tab.sees("#page", "Thank you")
    await tab.sees("#page .note", "Gift card •••• BBBB: $25.00")
    await tab.sees("#page .note", "Visa •••• 4242: $18.78")


async def test_what_was_held_too_long_is_given_back_and_can_be_held_again(
    tab: Tab,
) -> None:
    await tab.page.clock.install()
    # On a line the shop would tell the true time.
    await tab.page.route_web_socket(re.compile("/ws/chat/"), lambda _: None)
    await tab.page.reload()
    await at_checkout(tab)

    await tab.page.clock.run_for(15 * 60_000)

    await tab.sees("#page [role=alert]", "what was held has been given back")
    await tab.press("Hold it again")
    await tab.sees("#page .clock", "Held for you")
