"""What a handler lets in, and what a client reads when the answer is no."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from aiohttp import ClientResponse, web
from pydantic import Field
from pytest_aiohttp.plugin import AiohttpClient

from actors.runtime.errors import Bug
from commerce.errors import (
    CartChanged,
    Malformed,
    OutOfStock,
    ProductNotFound,
    TooOften,
)
from handlers.errors import Body, NotAllowed, Query, body, query, rendered
from handlers.security import public
from messages.base import Busy, Expired, Unavailable
from store.client import Database
from store.port import Away
from tests.handlers.house import House, code


class ThingBody(Body):
    name: str
    units: Annotated[int, Field(ge=1, le=100)] = 1
    price: float = 0.0
    tags: tuple[str, ...] = ()


class ThingQuery(Query):
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    word: Annotated[str, Field(max_length=10)] | None = None
    exact: bool = False


RAISED: dict[str, BaseException] = {
    "rule": OutOfStock("lamp: 6 asked, 5 left", sku="lamp", available=5),
    "missing": ProductNotFound("no lamp"),
    "conflict": CartChanged("it moved on", version=4),
    "malformed": Malformed("units are whole", field="units"),
    "too_often": TooOften(
        "slow down", policy="coupons", limit=10, window_s=600, retry_after_s=12.2
    ),
    "busy": Busy("full"),
    "expired": Expired("late"),
    "unavailable": Unavailable("not now", retry_after_s=7),
    "away": Away("mongodb://secret@inside is gone"),
    "role": NotAllowed(),
    "bug": ZeroDivisionError("a secret of the house"),
    "actor_bug": Bug("told already"),
    "gone": web.HTTPGone(),
}

routes = web.RouteTableDef()


@routes.post("/things")
@public
async def take_thing(request: web.Request) -> web.Response:
    thing = await body(request, ThingBody)
    return rendered({"name": thing.name, "units": thing.units})


@routes.get("/things")
@public
async def list_things(request: web.Request) -> web.Response:
    asked = query(request, ThingQuery)
    return rendered({"limit": asked.limit, "word": asked.word})


@routes.get("/raise/{what}")
@public
async def fail(request: web.Request) -> web.Response:
    raise RAISED[request.match_info["what"]]


@pytest.fixture
async def house(
    aiohttp_client: AiohttpClient, database: Database
) -> AsyncIterator[House]:
    built = House(database, [routes])
    built.client = await aiohttp_client(built.app)
    yield built
    built.passwords.close()


async def sent(
    house: House, raw: bytes | str, kind: str = "application/json"
) -> ClientResponse:
    data = raw.encode() if isinstance(raw, str) else raw
    return await house.client.post("/things", data=data, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    ("what", "status", "expected"),
    [
        ("rule", 400, "insufficient_stock"),
        ("missing", 404, "product_not_found"),
        ("conflict", 409, "cart_changed"),
        ("malformed", 422, "malformed"),
        ("too_often", 429, "too_many_requests"),
        ("busy", 503, "unavailable"),
        ("expired", 503, "unavailable"),
        ("unavailable", 503, "unavailable"),
        ("away", 503, "unavailable"),
        ("role", 403, "forbidden"),
        ("bug", 500, "internal_error"),
        ("actor_bug", 500, "internal_error"),
        ("gone", 410, "gone"),
    ],
)
async def test_every_exception_has_one_answer(
    house: House, what: str, status: int, expected: str
) -> None:
    answer = await house.get(f"/raise/{what}")

    assert await code(answer) == (status, expected)
    assert "secret" not in await answer.text()


async def test_a_refusal_tells_its_numbers(house: House) -> None:
    told = await (await house.get("/raise/rule")).json()

    assert told == {
        "type": "urn:souk:problem:insufficient_stock",
        "title": "Bad Request",
        "status": 400,
        "detail": "lamp: 6 asked, 5 left",
        "code": "insufficient_stock",
        "request_id": told["request_id"],
        "error": "lamp: 6 asked, 5 left",
        "status_code": 400,
        "details": {"sku": "lamp", "available": 5},
    }


async def test_malformed_values_name_their_field(house: House) -> None:
    told = await (await house.get("/raise/malformed")).json()

    assert told["errors"] == [{"loc": ["body", "units"], "msg": "units are whole"}]


async def test_too_often_says_when_to_come_again(house: House) -> None:
    answer = await house.get("/raise/too_often")

    assert answer.headers["Retry-After"] == "13"
    assert answer.headers["RateLimit"] == '"coupons";r=0;t=13'
    assert answer.headers["RateLimit-Policy"] == '"coupons";q=10;w=600'


@pytest.mark.parametrize(("what", "wait"), [("unavailable", "7"), ("away", "1")])
async def test_trouble_outside_says_when_to_try_again(
    house: House, what: str, wait: str
) -> None:
    answer = await house.get(f"/raise/{what}")

    assert answer.headers["Retry-After"] == wait


@pytest.mark.parametrize(
    "raw",
    [
        '{"name": "lamp"}',
        '{"name": "lamp", "units": 46}',
        '{"name": "lamp", "price": 1e2, "tags": ["a", "b"]}',
        '{"name": "\\ud83d\\ude00 ☃ \\u0000"}',
        '  {"name": ""}  ',
    ],
)
async def test_good_bodies_are_taken(house: House, raw: str) -> None:
    answer = await sent(house, raw)

    assert answer.status == 200, await answer.text()


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b"", ["body"]),
        (b"nonsense", ["body"]),
        (b"null", ["body"]),
        (b"[]", ["body"]),
        (b'"text"', ["body"]),
        (b"1", ["body"]),
        (b"{", ["body"]),
        (b'{"name": "lamp"} more', ["body"]),
        (b'{"name": "\xff\xfe"}', ["body"]),
        (b"\xef\xbb\xbf{}", ["body"]),
        (b'{"name": "\\ud800"}', ["body"]),
        (b'{"name": "lamp", "name": "chair"}', ["body"]),
        (b'{"name": "lamp", "tags": [{"a": 1, "a": 2}]}', ["body"]),
        (b'{"name": "lamp", "units": NaN}', ["body"]),
        (b'{"name": "lamp", "price": Infinity}', ["body"]),
        (b'{"name": "lamp", "price": -Infinity}', ["body"]),
        (b'{"name": "lamp", "price": 1e999}', ["body", "price"]),
        (b'{"name": "lamp", "units": ' + b"9" * 30 + b"}", ["body", "units"]),
        (b'{"name": "lamp", "units": ' + b"9" * 5000 + b"}", ["body"]),
        (b'{"name": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", ["body"]),
        (b'{"a":' * 9_000 + b"1" + b"}" * 9_000, ["body"]),
        (b"{}", ["body", "name"]),
        (b'{"name": 1}', ["body", "name"]),
        (b'{"name": null}', ["body", "name"]),
        (b'{"name": "lamp", "units": "1"}', ["body", "units"]),
        (b'{"name": "lamp", "units": true}', ["body", "units"]),
        (b'{"name": "lamp", "units": 1.5}', ["body", "units"]),
        (b'{"name": "lamp", "units": 46.0}', ["body", "units"]),
        (b'{"name": "lamp", "units": 0}', ["body", "units"]),
        (b'{"name": "lamp", "units": 1e30}', ["body", "units"]),
        (b'{"name": "lamp", "tags": "a"}', ["body", "tags"]),
        (b'{"name": "lamp", "extra": 1}', ["body", "extra"]),
        (b'{"name": "lamp", "__class__": 1}', ["body", "__class__"]),
    ],
)
async def test_malformed_bodies_are_told_where(
    house: House, raw: bytes, where: list[str]
) -> None:
    answer = await sent(house, raw)

    assert await code(answer) == (422, "malformed")
    told = await answer.json()
    assert told["errors"][0]["loc"] == where
    assert told["errors"][0]["msg"]


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/json; charset=utf-16",
        "application/jsonp",
        "nonsense",
    ],
)
async def test_other_kinds_of_body_are_refused(house: House, kind: str) -> None:
    answer = await sent(house, '{"name": "lamp"}', kind)

    assert await code(answer) == (415, "unsupported_media_type")


async def test_a_charset_that_is_utf_8_is_fine(house: House) -> None:
    answer = await sent(house, '{"name": "lamp"}', "Application/JSON; charset=UTF-8")

    assert answer.status == 200


async def test_a_body_without_a_type_is_refused(house: House) -> None:
    answer = await house.client.post(
        "/things", data=b"{}", skip_auto_headers=["Content-Type"]
    )

    assert answer.status == 415


async def test_compressed_bodies_are_refused(house: House) -> None:
    answer = await house.client.post(
        "/things",
        data=gzip.compress(b'{"name": "lamp"}'),
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )

    assert await code(answer) == (415, "unsupported_media_type")


async def test_a_body_of_64_kib_is_taken_and_one_byte_more_is_not(house: House) -> None:
    frame = len('{"name": ""}')
    whole = json.dumps({"name": "x" * (64 * 1024 - frame)})

    taken = await sent(house, whole)
    refused = await sent(house, whole + " ")

    assert taken.status == 200
    assert await code(refused) == (413, "body_too_large")


async def test_a_long_body_is_refused_before_it_is_read(house: House) -> None:
    reader, writer = await asyncio.open_connection(house.client.host, house.client.port)
    head = b"POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    writer.write(head + b"Content-Length: 65537\r\n\r\n")

    async with asyncio.timeout(5):
        status = await reader.readline()

    assert status == b"HTTP/1.1 413 Request Entity Too Large\r\n"
    writer.close()


async def test_a_long_body_in_chunks_is_refused_too(house: House) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b" " * 1024

    answer = await house.client.post(
        "/things", data=chunks(), headers={"Content-Type": "application/json"}
    )

    assert await code(answer) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=", "limit"),
        ("limit=1.5", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=1&limit=2", "limit"),
        ("word=" + "x" * 11, "word"),
        ("exact=perhaps", "exact"),
        ("other=1", "other"),
        ("=1", ""),
    ],
)
async def test_malformed_queries_are_told_where(
    house: House, asked: str, where: str
) -> None:
    answer = await house.client.get(f"/things?{asked}")

    assert await code(answer) == (422, "malformed")
    assert (await answer.json())["errors"][0]["loc"] == ["query", where]


@pytest.mark.parametrize("asked", ["", "limit=100", "word=%F0%9F%98%80", "exact=true"])
async def test_good_queries_are_taken(house: House, asked: str) -> None:
    answer = await house.client.get(f"/things?{asked}")

    assert answer.status == 200, await answer.text()


def test_rendered_bytes_are_sent_as_they_are() -> None:
    answer = rendered(b'[{"id":1}]', headers={"ETag": '"x"'})

    assert answer.body == b'[{"id":1}]'
    assert answer.headers["ETag"] == '"x"'
