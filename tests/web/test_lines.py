"""Lines that break: nothing said on either side is lost, nothing old stays shown."""

import re

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.web.browser import PASSWORD, Tab
from tests.whole.shop import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

CORAL = "AUD-009-COR"


class Lines:
    """The sockets of one tab; what is told on a `deaf` one never arrives."""

    def __init__(self, tab: Tab, *, deaf: bool = False) -> None:
        self.deaf = deaf
        self._tab = tab
        self._open: WebSocketRoute | None = None

    async def lay(self) -> None:
        """Show the tab's page anew, with sockets that pass through here."""
        await self._tab.page.route_web_socket(re.compile("/ws/chat/"), self._laid)
        await self._tab.page.reload()

    async def cut(self, code: int) -> None:
        """Close the socket, as the shop would; the next one hears everything."""
        self.deaf = False
        assert self._open is not None
        await self._open.close(code=code)

    def _laid(self, line: WebSocketRoute) -> None:
        self._open = line
        shop = line.connect_to_server()
        shop.on_message(lambda told: None if self.deaf else line.send(told))


async def test_what_was_told_to_nobody_is_asked_for(
    tab: Tab, operator: Visitor
) -> None:
    await tab.sign_up("absent")
    lines = Lines(tab)
    await tab.buy(CORAL)
    await lines.lay()
    await expect(tab.see(".line-state")).to_have_text("Here")
    order = tab.page.url.split("/orders/")[1].split("?")[0]

    lines.deaf = True
    await operator.request("POST", f"/api/admin/orders/{order}/process")
    await lines.cut(1001)

    await expect(tab.see(".track [aria-current]")).to_have_text("Packing")


async def test_stock_that_moved_meanwhile_is_shown_again(
    tab: Tab, operator: Visitor
) -> None:
    lines = Lines(tab)
    await tab.go("/p/TOY-001")
    await lines.lay()
    await expect(tab.see(".line-state")).to_have_text("Here")
    await expect(tab.see(".facts .stock")).to_have_text("In stock")

    lines.deaf = True
    for place in ("east", "central", "west"):
        none = {"warehouse": place, "on_hand": 0, "reason": "a leak in the roof"}
        status, told = await operator.request(
            "PUT", "/api/admin/inventory/TOY-001", none
        )
        assert status == 200, told
    await lines.cut(1001)

    await expect(tab.see(".facts .stock")).to_have_text("Sold out")


async def test_a_line_that_was_let_go_is_back_when_the_page_is_used(tab: Tab) -> None:
    lines = Lines(tab)
    await lines.lay()
    await expect(tab.see(".line-state")).to_have_text("Here")
    await lines.cut(4408)
    await expect(tab.see(".line-state")).to_contain_text("Resting")

    await tab.press("Cart")

    await expect(tab.see(".line-state")).to_have_text("Here")


async def test_what_is_on_its_way_goes_along_when_somebody_signs_up(tab: Tab) -> None:
    lines = Lines(tab, deaf=True)
    await lines.lay()
    await expect(tab.see(".line-state")).to_have_text("Connecting…")
    await tab.say("what's in my cart?")
    await tab.go("/sign-up")
    await tab.write(email="hasty@example.com", username="hasty", password=PASSWORD)

    lines.deaf = False
    await tab.press("Sign up")

    await tab.hears("empty")
    await expect(tab.see(".said")).to_have_text(["what's in my cart?"])
