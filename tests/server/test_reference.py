"""The API's pages: their files, their policy, and where they are shown."""

from pathlib import Path

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from handlers import reference
from server.app import build
from server.config import Config, load
from tests.server.conftest import Client


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
    opened: Config,
    tmp_path: Path,
    aiohttp_client: AiohttpClient,
    told: tuple[str, str, int],
) -> None:
    environment, docs, status = told
    changed = load(
        {
            "APP_ENV": environment,
            "JWT_SECRET_KEY": "a-real-key-of-more-than-32-bytes-0123456789",
            "MONGODB_URL": opened.store.mongodb_url,
            "MONGODB_DB_NAME": opened.store.database,
            "SOUK__STORE__PATH": str(tmp_path),
            "SOUK__SERVER__DOCS": docs,
        },
        dotenv=tmp_path / "none",
    )

    client = await aiohttp_client(build(changed))

    for path in ("/docs", "/redoc", "/static/vendor/swagger-ui.css"):
        assert (await client.get(path)).status == status
