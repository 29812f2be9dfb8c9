"""What is sent twice is done once, and both hear the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from actors.runtime.testing import ManualClock, steps
from commerce.errors import CartEmpty, CommerceError
from handlers import idempotent
from handlers.idempotent import Once, given_key, once
from handlers.keys import CLOCK, FLIGHTS, IDEMPOTENCY, IDENTITY, REQUEST_ID, Identity
from handlers.middleware import answered
from messages.base import Unavailable
from store.client import Database
from store.idempotency import IdempotencyRepository

ANN = Identity("ann", "customer", "s", datetime(2030, 1, 1, tzinfo=UTC))


class Till:
    """Answers POST /buy by what a test puts into `work`, and counts how often."""

    def __init__(self, records: IdempotencyRepository) -> None:
        self.done: list[str] = []
        self.begun = asyncio.Event()
        self.open = asyncio.Event()
        self.refusal: CommerceError | None = None
        self.ends: Callable[[str], Awaitable[web.Response]] = self._sold
        self.client: TestClient[web.Request, web.Application]
        self.app = web.Application(middlewares=[self._known, answered])
        self.app[CLOCK] = ManualClock()
        self.app[IDEMPOTENCY] = records
        self.app[FLIGHTS] = {}
        self.app.router.add_post("/buy", self._buy)

    async def _sold(self, order_id: str) -> web.Response:
        return web.json_response(
            {"id": order_id}, status=201, headers={"Location": f"/orders/{order_id}"}
        )

    @staticmethod
    @web.middleware
    async def _known(request: web.Request, handler: Any) -> web.StreamResponse:
        request[IDENTITY], request[REQUEST_ID] = ANN, "request-1"
        response: web.StreamResponse = await handler(request)
        return response

    async def _buy(self, request: web.Request) -> web.Response:
        async def work(order_id: str) -> web.Response:
            self.done.append(order_id)
            self.begun.set()
            await self.open.wait()
            return await self.ends(order_id)

        asked = Once(
            key=given_key(request) or "",
            body=await request.read(),
            begins=f"ord_{len(self.done)}",
            refusal=self.refusal,
        )
        return await once(request, asked, work)

    async def buy(self, body: str = "{}") -> tuple[int, Any, dict[str, str]]:
        headers = {"Idempotency-Key": "k"}
        answer = await self.client.post("/buy", data=body, headers=headers)
        return answer.status, await answer.json(), dict(answer.headers)

    async def many(self, times: int = 20) -> list[tuple[int, Any, dict[str, str]]]:
        """Buy `times` at once; the work ends once all of them are there."""
        group = [asyncio.ensure_future(self.buy()) for _ in range(times)]
        await self.begun.wait()
        await steps()
        self.open.set()
        return await asyncio.gather(*group)


@pytest.fixture
async def till(
    aiohttp_client: AiohttpClient, database: Database
) -> AsyncIterator[Till]:
    made = Till(IdempotencyRepository(database))
    made.client = await aiohttp_client(made.app)
    yield made
    made.open.set()


async def test_twenty_at_once_are_done_once_and_told_the_same(till: Till) -> None:
    answers = await till.many()

    assert till.done == ["ord_0"]
    assert {(status, body["id"]) for status, body, _ in answers} == {(201, "ord_0")}
    assert {headers["Location"] for *_, headers in answers} == {"/orders/ord_0"}
    replayed = [headers.get("Idempotent-Replayed") for *_, headers in answers]
    assert sorted(map(str, replayed)) == ["None"] + ["true"] * 19
    assert till.app[FLIGHTS] == {}


async def test_a_refusal_is_told_to_all_and_the_next_begins_anew(till: Till) -> None:
    async def refused(_: str) -> web.Response:
        raise CartEmpty("there is nothing in the cart")

    till.ends = refused
    answers = await till.many()
    again = await till.buy()

    assert {(status, body["code"]) for status, body, _ in [*answers, again]} == {
        (400, "cart_empty")
    }
    assert till.done == ["ord_0", "ord_1"]


async def test_trouble_is_told_to_all_and_the_next_goes_on(till: Till) -> None:
    async def stopped(_: str) -> web.Response:
        raise Unavailable("the bank does not answer")

    till.ends = stopped
    answers = await till.many()
    till.ends = till._sold
    again = await till.buy()

    assert {status for status, *_ in answers} == {503}
    assert again[:2] == (201, {"id": "ord_0"})
    assert till.done == ["ord_0", "ord_0"]


async def test_who_waits_goes_on_where_the_first_was_cut_off(till: Till) -> None:
    async def cut_off(_: str) -> web.Response:
        till.ends = till._sold
        raise asyncio.CancelledError

    till.ends = cut_off
    answers = await asyncio.gather(
        _open(till), *(till.buy() for _ in range(3)), return_exceptions=True
    )

    told = [each[:2] for each in answers if isinstance(each, tuple)]
    assert told == [(201, {"id": "ord_0"})] * 2
    assert till.done == ["ord_0", "ord_0"]


async def _open(till: Till) -> None:
    await till.begun.wait()
    await steps()
    till.open.set()


async def test_another_body_does_not_wait(till: Till) -> None:
    first = asyncio.ensure_future(till.buy())
    await till.begun.wait()

    given = await till.buy(body="other")
    till.open.set()

    assert (given[0], given[1]["code"]) == (422, "idempotency_key_reused")
    assert (await first)[0] == 201


async def test_in_flight_elsewhere_is_told_to_come_again(till: Till) -> None:
    first = asyncio.ensure_future(till.buy())
    await till.begun.wait()
    # Another process knows nothing of what is in flight here.
    flights = till.app[FLIGHTS]
    ours = flights.copy()
    flights.clear()

    status, body, headers = await till.buy()
    flights.update(ours)
    till.open.set()

    assert (status, body["code"]) == (409, "request_in_flight")
    assert headers["Retry-After"] == "1"
    assert (await first)[0] == 201


async def test_nobody_waits_for_ever(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotent, "PATIENCE_S", 0)
    first = asyncio.ensure_future(till.buy())
    await till.begun.wait()

    status, body, _ = await till.buy()
    till.open.set()

    assert (status, body["code"]) == (409, "request_in_flight")
    assert (await first)[0] == 201


async def test_what_cannot_be_begun_is_refused_unless_it_was(till: Till) -> None:
    till.open.set()
    till.refusal = CartEmpty("there is nothing in the cart")
    before = await till.buy()
    till.refusal = None
    first = await till.buy()
    till.refusal = CartEmpty("there is nothing in the cart")
    after = await till.buy()

    assert (before[0], first[0]) == (400, 201)
    assert after[:2] == first[:2]
    assert till.done == ["ord_0"]
