"""One shop and one browser for all; every test has shoppers of its own.

A test that fails leaves in `traces/` what each of its tabs showed at the end, as a
picture and as HTML, and of each browser profile what was done and what the console
said until then: `playwright show-trace <file>`. It has no pictures of the way there.
"""

from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.web.browser import NONE, TRACES, Tab, Tabs, arguments, chromium
from tests.whole.shop import Shop, Visitor, make_operator

FAILED: pytest.StashKey[bool] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip(f"no Chromium here: {NONE}")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=path, args=arguments()
        )
        yield running
        await running.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shop(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    # What moves an order is what a test does, not also the time that it takes.
    still = {"SOUK__FULFILMENT__SIMULATE": "never"}
    running = Shop(tmp_path_factory.mktemp("web") / "shop", **still)
    await running.start()
    yield running
    await running.kill()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def operator(shop: Shop) -> AsyncIterator[Visitor]:
    async with aiohttp.ClientSession() as http:
        visitor = Visitor(http, shop)
        await make_operator(visitor)
        yield visitor


@pytest_asyncio.fixture(loop_scope="session")
async def tabs(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Tabs]:
    every = Tabs(browser.new_context)
    yield every
    if request.node.stash.get(FAILED, False):
        TRACES.mkdir(exist_ok=True)
        await every.keep(request.node.name)
    await every.close()
    # No page broke, and nothing on one was against the shop's own policy.
    assert [fault for each in every.opened for fault in each.broken] == []


@pytest_asyncio.fixture(loop_scope="session")
async def tab(tabs: Tabs, shop: Shop) -> Tab:
    """A tab at the front page, as a guest."""
    opened = await tabs.open(shop.url)
    await opened.go()
    return opened


@pytest.fixture
def traces() -> Path:
    return TRACES
