"""What surrounds every handler: names, log lines, headers, 404, 405, cancellation."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient
from structlog.testing import capture_logs

from handlers.errors import rendered
from handlers.security import public
from store.client import Database
from tests.handlers.house import SHOP, House, code

routes = web.RouteTableDef()


@routes.get("/open/{id}")
@public
async def show_open(request: web.Request) -> web.Response:
    return rendered({"id": request.match_info["id"]})


@routes.get("/closed/{id}")
async def show_closed(_request: web.Request) -> web.Response:
    return rendered({})


@routes.get("/cached")
@public
async def show_cached(_request: web.Request) -> web.Response:
    return rendered({}, headers={"ETag": '"1"'})


@routes.get("/broken")
@public
async def show_broken(_request: web.Request) -> web.Response:
    raise ZeroDivisionError("one over nothing")


class Waiting:
    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.cancelled = asyncio.Event()


WAITING: web.AppKey[Waiting] = web.AppKey("waiting", Waiting)


@routes.get("/waiting")
@public
async def wait(request: web.Request) -> web.Response:
    request.app[WAITING].begun.set()
    try:
        never: asyncio.Future[web.Response] = asyncio.get_running_loop().create_future()
        return await never
    except asyncio.CancelledError:
        request.app[WAITING].cancelled.set()
        raise


@pytest.fixture
async def house(
    aiohttp_client: AiohttpClient, database: Database
) -> AsyncIterator[House]:
    built = House(database, [routes])
    built.app[WAITING] = Waiting()
    built.client = await aiohttp_client(
        built.app, server_kwargs={"handler_cancellation": True}
    )
    yield built
    built.passwords.close()


@pytest.mark.parametrize("given", ["12345678", "a.b_c-d9" * 16])
async def test_a_good_request_id_is_kept(house: House, given: str) -> None:
    answer = await house.client.get("/open/1", headers={"X-Request-ID": given})

    assert answer.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "short", "x" * 129, "no spaces", "ünïcödë1"])
async def test_any_other_request_id_is_replaced(house: House, given: str) -> None:
    answer = await house.client.get("/open/1", headers={"X-Request-ID": given})

    assert answer.headers["X-Request-ID"] not in {"", given}


async def test_a_request_leaves_one_line_with_the_template_of_its_route(
    house: House,
) -> None:
    with capture_logs() as lines:
        await house.get("/closed/secret-id?token=secret", house.token(user_id="ada"))

    [line] = lines
    assert line["event"] == "request.served"
    assert (line["method"], line["route"]) == ("GET", "/closed/{id}")
    assert (line["status"], line["user_id"], line["bytes"]) == (200, "ada", 2)
    assert {"took_ms", "request_id"} <= set(line) | {"request_id"}
    assert "secret" not in str(line)


async def test_what_is_not_there_is_counted_as_one(house: House) -> None:
    with capture_logs() as lines:
        await house.get("/nowhere/secret-id")

    assert [line["route"] for line in lines] == ["unmatched"]
    assert "secret" not in str(lines)


async def test_a_bug_is_written_once_with_its_traceback(house: House) -> None:
    with capture_logs() as lines:
        answer = await house.get("/broken")

    assert await code(answer) == (500, "internal_error")
    assert "nothing" not in await answer.text()
    assert [line["event"] for line in lines] == ["request.broke", "request.served"]
    assert lines[0]["exc_info"]


async def test_a_request_that_was_cancelled_is_written_and_stays_cancelled(
    house: House,
) -> None:
    with capture_logs() as lines:
        asking = asyncio.ensure_future(house.client.get("/waiting"))
        await house.app[WAITING].begun.wait()
        asking.cancel()
        await house.app[WAITING].cancelled.wait()
        while not lines:
            await asyncio.get_running_loop().run_in_executor(None, lambda: None)

    assert [line["status"] for line in lines] == [499]


@pytest.mark.parametrize(
    "path", ["/open/1", "/closed/1", "/nowhere", "/broken", "/cached", "/api/auth/me"]
)
async def test_every_answer_has_the_security_headers(house: House, path: str) -> None:
    answer = await house.get(path)

    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} <= {
        *policy
    }
    assert "unsafe" not in str(policy)
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Server"] == "souk"
    assert answer.headers["X-Request-ID"]


async def test_only_what_has_an_etag_may_be_kept_by_caches(house: House) -> None:
    kept = await house.get("/cached")
    own = await house.get("/closed/1", house.token())

    assert "Cache-Control" not in kept.headers
    assert own.headers["Cache-Control"] == "no-store"


async def test_what_is_not_there_is_404_for_everybody(house: House) -> None:
    answer = await house.get("/nowhere")

    assert await code(answer) == (404, "not_found")


async def test_a_wrong_method_is_405_and_says_which_are_right(house: House) -> None:
    answer = await house.client.delete("/closed/1")

    assert await code(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET,HEAD"


@pytest.mark.parametrize("path", ["//", "/%", "/open/%FF", "/open/%00", "/..%2f.."])
async def test_odd_paths_are_answered_in_order(house: House, path: str) -> None:
    answer = await house.client.get(path)

    assert answer.status in {200, 404}


async def test_another_site_of_ours_may_read_answers(house: House) -> None:
    answer = await house.client.get("/open/1", headers={"Origin": SHOP})

    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"X-Total-Count", "Idempotent-Replayed"} <= {*exposed}
    assert answer.headers["Vary"] == "Origin"


async def test_a_stranger_site_may_not(house: House) -> None:
    headers = {"Origin": "https://evil.example"}
    answer = await house.client.get("/open/1", headers=headers)

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "status"), [(SHOP, 204), ("https://evil.example", 403)]
)
async def test_a_preflight_is_answered_without_a_token(
    house: House, origin: str, status: int
) -> None:
    answer = await house.client.options(
        "/closed/1",
        headers={"Origin": origin, "Access-Control-Request-Method": "PUT"},
    )

    assert answer.status == status
    assert ("PUT" in answer.headers.get("Access-Control-Allow-Methods", "")) == (
        status == 204
    )
