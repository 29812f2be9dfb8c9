"""Talking to the shopkeeper: words that stream, tabs that agree, lines that drop."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

from tests.agent.model_server import ModelServer, words
from tests.web.browser import Tab, Tabs
from tests.whole.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What the layout may move by while words come in; 0.1 is what people notice.
STILL = 0.02


async def test_finds_are_cards_and_steps_are_folded(tab: Tab) -> None:
    await tab.say("waterproof speakers under 50")
    turn = await tab.hears("Which one do you like?")

    await expect(turn.locator(".find")).to_have_count(2)
    await expect(turn.locator(".find").first).to_contain_text("$34.99")
    await expect(turn.locator("details.steps")).not_to_have_attribute("open", "")
    await turn.locator("summary").click()
    await expect(turn.locator(".steps .tool")).to_contain_text("Searching the shelves")
    await turn.get_by_role("link", name="Choose a variant of").first.click()
    await expect(tab.see("#page h1")).to_have_text("Boulder Mini")


async def test_the_shopkeeper_fills_the_cart_while_one_watches(tab: Tab) -> None:
    await tab.press("Cart")
    await tab.sees("#cart", "Nothing in it yet")
    await tab.say("waterproof speakers under 50")
    await tab.hears("Which one do you like?")

    await tab.say("add the first one in coral")

    await tab.sees("#cart .line", "Coral")
    await expect(tab.see("#cart-count")).to_have_text("1")


async def test_two_tabs_are_in_one_conversation(
    tab: Tab, tabs: Tabs, shop: Shop
) -> None:
    await tab.say("what's in my cart?")
    await tab.hears("empty")
    second = await tabs.open(shop.url, shared=tab)
    await second.go()
    await second.hears("empty")

    await second.page.get_by_label("Message to the shopkeeper").type("wa")
    await tab.sees(".typing")
    await second.say("waterproof speakers under 50")

    await tab.hears("Which one do you like?")
    for each in (tab, second):
        await expect(each.see(".said")).to_have_text(
            ["what's in my cart?", "waterproof speakers under 50"]
        )


async def test_what_was_said_long_ago_is_had_again(tab: Tab) -> None:
    said = [f"what's in my cart, for the {each}. time?" for each in range(1, 15)]
    for each in said:
        await tab.say(each)
        await tab.sees('.turn[aria-busy="false"] .reply >> nth=-1')
        await expect(tab.see('.turn[aria-busy="false"]', each)).to_have_count(1)
    await tab.page.reload()
    await tab.hears(said[-1])
    await expect(tab.see(".said", said[0])).to_have_count(0)

    while await tab.page.get_by_role("button", name="Earlier words").is_visible():
        await tab.press("Earlier words")
        await expect(tab.see(".older")).not_to_have_attribute("aria-busy", "true")

    await expect(tab.see(".said")).to_have_text(said)
    await expect(tab.page.get_by_label("Stop the reply")).to_be_hidden()


async def test_two_guests_do_not_hear_each_other(
    tab: Tab, tabs: Tabs, shop: Shop
) -> None:
    other = await tabs.open(shop.url)
    await other.go()
    await other.say("waterproof speakers under 50")
    await other.hears("Which one do you like?")

    await expect(tab.see(".said")).to_have_count(0)


async def test_what_is_said_without_a_line_is_said_once_when_it_is_back(
    tab: Tab,
) -> None:
    await expect(tab.see(".line-state")).to_have_text("Here")
    await tab.page.context.set_offline(True)
    await tab.page.evaluate("dispatchEvent(new Event('offline'))")
    await tab.say("what's in my cart?")
    await expect(tab.see(".said")).to_have_count(1)

    await tab.page.context.set_offline(False)

    await tab.hears("empty")
    await expect(tab.see(".said")).to_have_count(1)


async def test_markup_in_a_message_stays_text(tab: Tab) -> None:
    await tab.say("<img src=x onerror=alert(1)> **speakers**")

    await expect(tab.see(".said")).to_have_text(
        "<img src=x onerror=alert(1)> **speakers**"
    )
    await expect(tab.see(".talk img[src=x]")).to_have_count(0)


async def test_only_a_press_buys_and_both_tabs_know_of_it(
    tab: Tab, tabs: Tabs, shop: Shop
) -> None:
    await tab.sign_up("asker", back="/me")
    await tab.press("Add an address")
    await tab.address()
    await tab.press("Add a card")
    await tab.card("4242424242424242", kept=".rows li")
    await tab.add("AUD-009-COR")
    second = await tabs.open(shop.url, shared=tab)
    await second.go()

    await tab.say("check out")
    for each in (tab, second):
        question = await each.sees(".question", "Buy this?")
        await expect(question).to_contain_text("Visa •••• 4242")
        await expect(question).to_contain_text("$43.78")
    no = second.see(".question").get_by_role("button", name="No", exact=True)
    await no.click()
    await expect(tab.see(".question")).to_contain_text("You said no.")
    await expect(tab.see("#cart-count")).to_have_text("1")

    await tab.say("check out")
    await expect(tab.see(".question")).to_have_count(2)
    await tab.press("Buy now")
    await expect(second.see(".question").last).to_contain_text("You said yes.")

    await expect(tab.see("#cart-count")).to_be_hidden()
    await tab.go("/orders")
    await expect(tab.see(".order-card")).to_have_count(1)
    await expect(tab.see(".order-card")).to_contain_text("$43.78")


async def test_whose_clock_is_an_hour_ahead_can_buy_all_the_same(tab: Tab) -> None:
    ahead = "const now = Date.now; Date.now = () => now() + 3_600_000"
    await tab.page.add_init_script(ahead)
    await tab.page.reload()
    await tab.sign_up("early", back="/me")
    await tab.press("Add an address")
    await tab.address()
    await tab.press("Add a card")
    await tab.card("4242424242424242", kept=".rows li")
    await tab.add("AUD-009-COR")

    await tab.say("check out")
    question = await tab.sees(".question", "Buy this?")
    await expect(question.locator("time")).to_have_text(re.compile(r"^[45]:\d\d$"))
    await tab.press("Buy now")

    await expect(tab.see("#cart-count")).to_be_hidden()


class Patient(ModelServer):
    """A model that says a few words and goes on when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def complete(self, request: web.Request) -> web.StreamResponse:
        self.answers = [words("Let me think. ", "You could ")]
        self.silent = not self.go_on.is_set()
        if not self.silent:
            self.answers = [words("Let me think. ", "You could ", "look around.")]
        return await super().complete(request)


@pytest_asyncio.fixture(loop_scope="session")
async def model() -> AsyncIterator[tuple[Patient, str]]:
    theirs = Patient()
    server = TestServer(theirs.app(), host="127.0.0.1", handler_cancellation=True)
    await server.start_server()
    yield theirs, str(server.make_url("/v1"))
    await server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def slow(
    browser: Any, model: tuple[Patient, str], tmp_path: Path
) -> AsyncIterator[Shop]:
    """A shop whose model takes its time."""
    running = Shop(
        tmp_path / "shop",
        SOUK__AGENT__MODEL="patient",
        OPENAI_API_KEY="sesame",
        OPENAI_BASE_URL=model[1],
        SOUK__AGENT__BETWEEN_TOKENS_S="60",
    )
    await running.start()
    yield running
    await running.kill()


async def test_a_reply_streams_stops_and_survives_a_restart(
    slow: Shop, model: tuple[Patient, str], tabs: Tabs
) -> None:
    tab = await tabs.open(slow.url)
    await tab.go()
    await tab.say("surprise me")
    await tab.sees(".turn[aria-busy=true] .reply", "Let me think.")

    # Stopped by the shopper: what was said of it stays.
    await tab.press("Stop the reply")
    await tab.hears("Stopped.")
    await expect(tab.see(".reply")).to_contain_text("Let me think.")

    # The power goes in the middle of the next one.
    await tab.say("and again")
    await expect(tab.see(".turn[aria-busy=true] .reply")).to_contain_text("think")
    await slow.kill()
    await expect(tab.see(".line-state")).to_contain_text("Reconnecting")
    await tab.say("said while you were away")
    model[0].go_on.set()
    await slow.start()

    # The line comes back by itself, the broken reply says so, and nothing is doubled.
    await expect(tab.see(".line-state")).to_have_text("Here", timeout=90_000)
    await tab.sees(".turn", "This reply broke off.")
    await tab.hears("look around.")
    await expect(tab.see(".said")).to_have_text(
        ["surprise me", "and again", "said while you were away"]
    )


async def test_nothing_jumps_while_words_stream(tabs: Tabs, shop: Shop) -> None:
    tab = await tabs.open(shop.url, reduced_motion="no-preference")
    await tab.go()
    await expect(tab.see(".line-state")).to_have_text("Here")
    await tab.sees(".card:not(.ghost)")
    await tab.page.evaluate(
        """() => {
          window.moved = 0
          new PerformanceObserver((list) => {
            for (const each of list.getEntries()) window.moved += each.value
          }).observe({ type: "layout-shift" })
        }"""
    )

    await tab.say("waterproof speakers under 50")
    await tab.hears("Which one do you like?")

    assert await tab.page.evaluate("window.moved") < STILL
