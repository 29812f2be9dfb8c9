"""The API's pages work in a real browser, with nobody but us to ask."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright
from pytest_aiohttp.plugin import AiohttpClient

from handlers import reference
from server.app import build
from server.config import Config, load
from tests.server.conftest import Client

CHROMIUM = Path("/usr/bin/chromium")
WITHIN_MS = 60_000


@pytest.fixture(scope="module")
def _chromium() -> None:
    if not CHROMIUM.exists():
        pytest.skip("there is no /usr/bin/chromium")


@pytest.fixture
async def browser(_chromium: None) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield opened
        await opened.close()


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        ("/docs", "#operations-default-place_order, .opblock"),
        ("/redoc", "[data-section-id], .menu-content"),
    ],
)
async def test_a_page_is_drawn_by_itself_under_its_policy(
    client: Client, browser: Browser, path: str, shows: str
) -> None:
    home = str(client.make_url("/"))
    page = await browser.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda each: said.append(f"{each.type}: {each.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda each: asked.append(each.url))

    await page.goto(str(client.make_url(path)))
    await page.locator(shows).first.wait_for(timeout=WITHIN_MS)
    await page.get_by_text("/api/products", exact=False).first.wait_for(
        state="attached", timeout=WITHIN_MS
    )

    assert [each for each in said if each.startswith("error")] == []
    outside = [each for each in asked if not each.startswith((home, "data:"))]
    assert outside == []
    assert len(asked) >= 4
    await page.close()


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_no_script_of_others_runs_on_a_page(client: Client, path: str) -> None:
    answer = await client.get(path)

    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {
        *("default-src 'self'", "script-src 'self'", "connect-src 'self'"),
        *("frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"),
    } <= {*policy}


async def test_their_files_may_be_kept_and_are_sent_small(client: Client) -> None:
    answer = await client.get("/static/vendor/swagger-ui-bundle.js")
    tag = {"If-None-Match": answer.headers["ETag"]}

    assert answer.content_type == "text/javascript"
    assert "max-age" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    again = await client.get("/static/vendor/swagger-ui-bundle.js", headers=tag)
    assert again.status == 304
    assert (await client.get("/static/vendor/apps.py")).status == 404
    assert (await client.get("/static/vendor/..%2Fapps.py")).status == 404


async def test_without_the_files_a_page_says_how_to_have_them(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "vendor_files", dict)

    for path in ("/docs", "/redoc"):
        answer = await client.get(path)
        assert answer.status == 501
        assert "pip install --no-deps" in await answer.text()


@pytest.mark.parametrize(
    "told",
    [
        ("production", "auto", 404),
        ("production", "always", 200),
        ("development", "never", 404),
    ],
)
async def test_production_shows_no_pages_unless_told_to(
    config: Config,
    tmp_path: Path,
    aiohttp_client: AiohttpClient,
    told: tuple[str, str, int],
) -> None:
    environment, docs, status = told
    changed = load(
        {
            "APP_ENV": environment,
            "JWT_SECRET_KEY": "a-real-key-of-more-than-32-bytes-0123456789",
            "MONGODB_URL": config.store.mongodb_url,
            "MONGODB_DB_NAME": f"{config.store.database}{docs}{environment}",
            "SOUK__STORE__PATH": str(tmp_path),
            "SOUK__SERVER__DOCS": docs,
        },
        dotenv=tmp_path / "none",
    )

    client = await aiohttp_client(build(changed))

    for path in ("/docs", "/redoc", "/static/vendor/swagger-ui.css"):
        assert (await client.get(path)).status == status
