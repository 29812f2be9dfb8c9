"""The operators' page: live, and the next step of everything at hand."""

import asyncio
import json
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Locator, Route, WebSocketRoute, expect

from tests.web.browser import Tabs
from tests.web.desk import at_desk, enter
from tests.web.test_care import WIDTHS, serious
from tests.whole.shop import Shop, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")
_numbers = count()
CHAT = {
    "title": "",
    "summary": "wants a person",
    "mode": "human",
    "operator_id": "otto",
    "since": "2026-01-01T12:00:00Z",
}
LETTER = {
    "id": "1f",
    "kind": "stock",
    "key": "lamp",
    "command": {"type": "Restock"},
    "error": "Uncounted: lamp",
    "at": "2026-01-01T12:00:00Z",
}


async def test_the_house_is_seen_live(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    tab = await at_desk(tabs, shop)

    await expect(tab.see("#tile-sockets")).to_have_text("1")
    await tab.sees("#page .badge.good", "Database answers")
    shopper = await tabs.open(shop.url)
    await shopper.go()
    await expect(shopper.see(".line-state")).to_have_text("Here")

    await expect(tab.see("#tile-sockets")).to_have_text("2")
    await tab.sees("td", "session")


async def test_two_sign_ins_at_once_are_one_line(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    tab = await at_desk(tabs, shop)

    await tab.page.evaluate(
        """async () => {
          const main = document.querySelector("script[type=module]").src
          const { souk } = await import(main.replace("main.js", "desk.js"))
          for (const _ of "12") souk.dispatchEvent(new CustomEvent("signed"))
        }"""
    )

    await expect(tab.see("#line")).to_have_text("Live")
    await tab.page.wait_for_load_state("networkidle")
    await expect(tab.see("#tile-sockets")).to_have_text("1")


async def test_who_cannot_be_asked_for_now_need_not_sign_in_again(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    tab = await at_desk(tabs, shop)

    async def away(route: Route) -> None:
        problem = {"title": "Away", "detail": "The database is away.", "status": 503}
        await route.fulfill(status=503, json=problem)

    await tab.page.route("**/api/auth/me", away)
    await tab.page.reload()
    await tab.sees(".complaint", "The database is away.")
    await tab.page.unroute("**/api/auth/me")
    await tab.press("Try again")

    await expect(tab.see("#line")).to_have_text("Live")


async def test_mail_that_is_given_up_is_seen_without_asking(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    tab, letters = await at_desk(tabs, shop, "jobs"), list[object]()

    def answer(route: Route) -> Any:
        return route.fulfill(json=letters, headers={"X-Total-Count": "1"})

    def line(ours: WebSocketRoute) -> None:
        def counted(frame: str | bytes) -> None:
            told = json.loads(frame)
            if told["type"] == "ops":
                told["vitals"]["errors"]["dead_letters"] += len(letters)
            ours.send(json.dumps(told))

        ours.connect_to_server().on_message(counted)

    await tab.page.route("**/api/admin/dead-letters*", answer)
    await tab.page.route_web_socket("**/ws/ops*", line)
    await tab.page.reload()
    await enter(tab, "")
    await tab.sees(".note", "Whatever had to arrive, arrived.")
    letters.append(LETTER)

    await tab.sees("td", "Uncounted: lamp")


async def test_a_customer_has_no_business_here(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    shopper = await tabs.open(shop.url)
    await shopper.sign_up(f"curious{next(_numbers)}")
    name = f"curious{next(_numbers) - 1}"
    tab = await tabs.open(shop.url, shared=shopper)
    await tab.page.goto(f"{shop.url}/ops")

    # In the shop's tab they are signed in; here they are nobody.
    await tab.write(email=f"{name}@example.com", password="correct horse battery")
    await tab.press("Sign in")

    await tab.sees(".complaint", "is no operator")
    await expect(tab.see("#rooms")).to_be_hidden()


async def test_stock_is_adjusted_and_shoppers_see_it(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    one, other = await tabs.open(shop.url), await tabs.open(shop.url)
    await one.go("/p/AUD-017")
    await other.go("/?q=conductor+player")
    for each in (one, other):
        await expect(each.see(".line-state")).to_have_text("Here")
        await each.sees("#page .stock", "Sold out")
    tab = await at_desk(tabs, shop, "stock")
    await tab.page.get_by_role("button", name="Look at AUD-017").click()
    await tab.page.get_by_label("Warehouse").select_option("east")
    await tab.page.get_by_label("More or fewer").fill("2")
    await tab.press("Adjust")

    await expect(tab.see("h3 .badge")).to_have_text("2 to sell")
    await expect(tab.see("tr", "east").locator("td")).to_have_text(
        ["east", "2", "0", "0", "2"]
    )
    for each in (one, other):
        await each.sees("#page .stock", "Only 2 left")


async def test_who_waits_is_seen_behind_all_who_are_served(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    served = [{**CHAT, "session_id": f"s{n}", "title": f"Chat {n}"} for n in range(30)]
    every = [*served, {**CHAT, "session_id": "w", "title": "Me?", "mode": "waiting"}]

    def answer(route: Route) -> Any:
        asked = parse_qs(urlsplit(route.request.url).query)
        page = every[: int(asked.get("limit", ["20"])[0])]
        return route.fulfill(json=page, headers={"X-Total-Count": "31"})

    tab = await at_desk(tabs, shop)
    await tab.page.route("**/api/admin/chats*", answer)
    await enter(tab, "chats")

    await expect(tab.see("tr", "Me?").get_by_role("button")).to_have_text("Take")


async def types_until_seen(box: Locator, note: Locator) -> None:
    """Type on and on: the note of it stays a few seconds after each news."""
    async with asyncio.timeout(30):
        while not await note.is_visible():
            await box.press("a")


async def test_who_asks_for_a_person_gets_one(
    tabs: Tabs, shop: Shop, operator: Visitor
) -> None:
    tab = await at_desk(tabs, shop, "chats")
    await tab.sees("#page .note", "Nobody waits")
    shopper = await tabs.open(shop.url)
    await shopper.go()
    await shopper.say("let me talk to a human please")
    row = tab.see("tbody tr", "let me talk to a human")

    await row.get_by_role("button", name="Take").click()
    await expect(shopper.see(".line-state")).to_have_text("A person is here")
    await tab.sees(".talk", "let me talk to a human")
    words = tab.page.get_by_label("What you say")
    await types_until_seen(words, shopper.see(".typing", "The person is typing"))
    await words.fill("Hello, I am a person.")
    await words.press("Enter")

    await shopper.sees("#chat", "Hello, I am a person.")
    await expect(shopper.see(".typing")).to_be_hidden()
    await expect(tab.see(".talk .mine .seen")).to_have_text("Seen")
    box = shopper.page.get_by_label("Message to the shopkeeper")
    await types_until_seen(box, tab.see("#page .note", "The customer is typing"))
    await shopper.say("so good to hear")
    await tab.sees(".talk", "so good to hear")
    await shopper.sees("#chat .right", "Seen")

    await tab.press("Give back to the assistant")
    await expect(row).to_be_hidden()
    await expect(shopper.see(".line-state")).to_have_text("Here")
    await expect(shopper.see("#chat .right", "Seen")).to_be_hidden()
    await shopper.say("what's in my cart?")
    await shopper.hears("empty")


async def test_a_job_runs_now(tabs: Tabs, shop: Shop, operator: Visitor) -> None:
    tab = await at_desk(tabs, shop, "jobs")
    row = tab.see("tbody tr", "Reconcile")

    await row.get_by_role("button", name="Run now").click()

    await tab.sees(".toast", "runs")
    await expect(row.locator(".badge")).to_have_text("Done")


@pytest.mark.parametrize("room", ["", "orders", "returns", "stock", "chats", "jobs"])
async def test_a_room_fits_every_screen_and_has_nothing_serious_for_axe(
    tabs: Tabs, shop: Shop, operator: Visitor, room: str
) -> None:
    tab = await at_desk(tabs, shop, room)
    await expect(tab.see("[aria-busy=true]")).to_have_count(0)
    for width, scheme in WIDTHS.items():
        await tab.page.set_viewport_size({"width": width, "height": 900})
        over = "document.documentElement.scrollWidth - innerWidth"
        assert await tab.page.evaluate(over) <= 0, f"{width} px is too narrow"
        if scheme is not None:
            await tab.page.emulate_media(color_scheme=scheme)
            assert await serious(tab) == [], f"{scheme}, {width} px"
