"""Orders and returns at the desk: moved on, live, whoever else has a hand in."""

import asyncio
from itertools import count
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.web.browser import Tab, Tabs
from tests.web.desk import at_desk
from tests.whole.shop import Shop, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")
_numbers = count()

CORAL = "AUD-009-COR"
LIST = "**/api/admin/orders?*"


async def bought(tabs: Tabs, shop: Shop) -> tuple[Tab, str, str]:
    """Return a shopper who looks at what they bought, its number and its id."""
    shopper = await tabs.open(shop.url)
    await shopper.sign_up(f"opsbuyer{next(_numbers)}")
    number = await shopper.buy(CORAL)
    return shopper, number, shopper.page.url.split("/orders/")[1].split("?")[0]


async def moved(operator: Visitor, order: str, step: str, body: Any = None) -> None:
    path = f"/api/admin/orders/{order}/{step}"
    status, told = await operator.request("POST", path, body)
    assert status == 200, told


async def test_an_order_is_packed_shipped_and_delivered(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    shopper, number, _ = await bought(tabs, shop)
    tab = await at_desk(tabs, shop, "orders")
    row = tab.see("tbody tr", number)

    await row.get_by_role("button", name="Pack").click()
    await row.get_by_label("Tracking number").fill("TRK-1")
    await row.get_by_label("Carrier").fill("UPS")
    await row.get_by_role("button", name="Ship").click()
    await row.get_by_role("button", name="Delivered").click()

    await expect(row.locator(".badge").first).to_have_text("Delivered")
    await expect(shopper.see(".track [aria-current]")).to_have_text("Delivered")


async def test_what_one_writes_stays_while_other_orders_move(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    _, mine, order = await bought(tabs, shop)
    _, other, another = await bought(tabs, shop)
    await moved(operator, order, "process")
    tab = await at_desk(tabs, shop, "orders")
    field = tab.see("tbody tr", mine).get_by_label("Tracking number")
    await field.fill("TRK-2")

    await moved(operator, another, "process")

    await expect(tab.see("tbody tr", other).locator(".badge")).to_have_text(
        "Processing"
    )
    await expect(field).to_have_value("TRK-2")
    await expect(field).to_be_focused()


async def test_a_list_that_comes_late_does_not_lead_back(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    _, number, _ = await bought(tabs, shop)
    tab = await at_desk(tabs, shop, "orders")
    row = tab.see("tbody tr", number)
    await expect(row.locator(".badge")).to_have_text("Confirmed")
    asked, go_on, told = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        asked.set()
        await go_on.wait()
        await route.fulfill(response=answer)
        told.set()

    await tab.page.route(LIST, late, times=1)
    await tab.page.get_by_label("Which orders").dispatch_event("change")
    await asked.wait()
    await row.get_by_role("button", name="Pack").click()
    await row.get_by_label("Tracking number").fill("TRK-3")
    go_on.set()
    await told.wait()
    # One more list, asked for after that answer: it has been dealt with.
    await moved(operator, (await bought(tabs, shop))[2], "process")
    await expect(tab.see("tbody tr").first.locator(".badge")).to_have_text("Processing")

    await expect(row.get_by_label("Tracking number")).to_have_value("TRK-3")


async def test_a_step_that_was_taken_already_is_refused_and_shown(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    _, number, order = await bought(tabs, shop)
    tab = await at_desk(tabs, shop, "orders")
    row = tab.see("tbody tr", number)
    await expect(row.locator(".badge")).to_have_text("Confirmed")

    # The news of it arrives, but the list is still the old one.
    _, old = await operator.request("GET", "/api/admin/orders?limit=50")
    asked = asyncio.Event()

    async def behind(route: Route) -> None:
        await route.fulfill(json=old)
        asked.set()

    await tab.page.route(LIST, behind)
    await moved(operator, order, "cancel", {"reason": "a mistake"})
    await asked.wait()
    await tab.page.unroute(LIST)
    await row.get_by_role("button", name="Pack").click()

    await tab.sees(".toast.bad", "cancelled")
    await expect(row.locator(".badge")).to_have_text("Cancelled")


async def test_a_return_is_approved_received_and_refunded(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    shopper, _, order = await bought(tabs, shop)
    await moved(operator, order, "process")
    sent = {"tracking_number": "TRK-4", "carrier": "UPS"}
    await moved(operator, order, "ship", sent)
    await moved(operator, order, "deliver")
    await shopper.see("summary", "Send something back").click()
    await shopper.see("details").get_by_role("button", name="More").click()
    tab = await at_desk(tabs, shop, "returns")
    await shopper.press("Ask to send it back")
    row = tab.see("tbody tr").first

    await row.get_by_role("button", name="Approve").click()
    await expect(shopper.see(".block .status").first).to_have_text("Approved")
    await row.get_by_role("button", name="It arrived").click()
    await row.get_by_role("button", name="Inspected").click()

    await expect(row.locator(".badge")).to_have_text("Refunded")
    await expect(shopper.see(".page-head .status").first).to_have_text("Returned")
    await shopper.sees("#page .note", "came back")

    await tab.page.get_by_label("Which returns").select_option("requested")
    await tab.sees("#page .note", "No returns here.")
    await tab.page.get_by_label("Which returns").select_option("refunded")
    await expect(row.locator(".badge")).to_have_text("Refunded")
