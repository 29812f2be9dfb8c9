"""What an operator is shown of the node, on a clock that the tests turn."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import asdict
from pytest_aiohttp.plugin import AiohttpClient

from actors.runtime.testing import steps
from commerce.checkout import Journal
from commerce.pricing import Item
from handlers import ops
from handlers.allowance import BURST, STRIKES
from handlers.heartbeat import PING_EVERY_S
from handlers.ops import WARD, Ward, Watching
from handlers.tokens import Bearer
from messages.frames import Close
from messages.ops import Vitals
from messages.order import OrderUpdated
from messages.sign_in import SignedOut, sign_in_topic
from messages.stock import OPERATORS, StockDiffers, StockLow
from store.port import Away
from tests.commerce.orders import order_of, paid
from tests.handlers.chat.test_operator import OPAL, post, wanting_a_person
from tests.handlers.lobby import Browser, Lobby, Spent, gone


class Doctor:
    """Counts how often anybody looked."""

    def __init__(self) -> None:
        self.looks = 0
        self.trouble: Exception | None = None

    async def look(self) -> Vitals:
        self.looks += 1
        if self.trouble is not None:
            raise self.trouble
        return Vitals(
            actors=(),
            sockets=self.looks,
            commits_per_s=0,
            commit_batch=0,
            errors={},
            low_stock=(),
            low_stock_count=0,
            database=True,
            books=None,
        )


class Hospital(Lobby):
    """The lobby with a ward for operators."""

    def __init__(self) -> None:
        super().__init__()
        self.doctor = Doctor()
        self.app.add_routes(ops.routes)

    async def watch(self, role: Any = "operator") -> Browser:
        bearer = Bearer(user_id="olga", role=role, sid="sid-olga")
        token = self.mint.token("access", bearer, 3600)
        return Browser(await self.client.ws_connect("/ws/ops", params={"token": token}))

    def publish(self, topic: str, event: Any) -> None:
        self.stage.node.system.publish(topic, event)

    async def pass_by(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            await steps()


@pytest.fixture
async def hospital(aiohttp_client: AiohttpClient) -> AsyncIterator[Hospital]:
    made = Hospital()
    await made.start()
    made.app[WARD] = Ward(made.doctor, made.clock)
    made.client = await aiohttp_client(made.app)
    yield made
    await made.app[WARD].stop()
    await made.stop()


async def test_an_operator_is_told_at_once_and_every_second(
    hospital: Hospital,
) -> None:
    olga = await hospital.watch()
    first = await olga.until("ops")

    await hospital.pass_by(1)
    second = await olga.until("ops")

    assert [each["vitals"]["sockets"] for each in (first, second)] == [1, 2]


async def test_all_operators_share_one_look(hospital: Hospital) -> None:
    olga, otto = await hospital.watch(), await hospital.watch()
    await olga.until("ops")

    await hospital.pass_by(1)

    assert await olga.until("ops") == await otto.until("ops")
    assert hospital.doctor.looks == 2


async def test_nobody_looks_while_nobody_watches(hospital: Hospital) -> None:
    await hospital.pass_by(5)
    before = hospital.doctor.looks
    olga = await hospital.watch()
    await olga.until("ops")
    await olga.socket.close()
    await gone(hospital)
    await hospital.pass_by(5)

    assert (before, hospital.doctor.looks) == (0, 1)


async def test_what_happens_is_told_at_once(hospital: Hospital) -> None:
    olga = await hospital.watch()
    await olga.until("ops")
    order = Journal(**asdict(paid(order_of([Item("lamp", 1, 1000)]))))

    hospital.publish(OPERATORS, StockLow("lamp", 2, 7))
    hospital.publish(OPERATORS, StockDiffers(3))
    hospital.publish(OPERATORS, OrderUpdated(order, hospital.clock.now()))

    low = await olga.until("stock_low")
    differs = await olga.until("stock_differs")
    moved = await olga.until("order_update")
    assert (low["sku"], low["available"], differs["differences"]) == ("lamp", 2, 3)
    assert moved["order"]["id"] == order.id


async def test_a_chat_that_waits_for_a_person_is_told_at_once(
    hospital: Hospital,
) -> None:
    olga, otto = await hospital.watch(), await hospital.watch()
    anna = await wanting_a_person(hospital)

    waits = await olga.until("chat_mode")
    await post(hospital, "take")
    taken = await olga.until("chat_mode")
    await post(hospital, "return")
    back = await olga.until("chat_mode")

    assert (waits["session_id"], waits["summary"]) == ("s1", "wants a person")
    assert [each["mode"] for each in (waits, taken, back)] == [
        "waiting",
        "human",
        "bot",
    ]
    assert taken["operator_id"] == OPAL
    assert await otto.until("chat_mode", mode="bot") == back
    assert "chat_mode" not in {each["type"] for each in anna.frames}


@pytest.mark.parametrize("role", ["customer", "guest"])
async def test_nobody_else_watches(hospital: Hospital, role: str) -> None:
    ann = await hospital.watch(role)

    assert await ann.closed() == Close.NO_SUCH_SESSION
    assert (ann.frames, hospital.doctor.looks) == ([], 0)


async def test_without_a_token_nobody_watches(hospital: Hospital) -> None:
    stranger = Browser(await hospital.client.ws_connect("/ws/ops"))

    assert await stranger.closed() == Close.NOT_AUTHORISED


async def test_whoever_is_signed_out_watches_no_more(hospital: Hospital) -> None:
    olga = await hospital.watch()
    await olga.until("ops")

    hospital.publish(sign_in_topic("sid-olga"), SignedOut("sid-olga"))

    assert await olga.closed() == Close.NOT_AUTHORISED


async def test_whom_nobody_can_tell_anything_is_told_to_come_again(
    hospital: Hospital,
) -> None:
    olga = await hospital.watch()
    await olga.until("ops")
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)

    hospital.doctor.trouble = ZeroDivisionError("a bug")
    await hospital.pass_by(1)

    assert await olga.closed() == Close.GOING_AWAY


async def test_who_talks_too_fast_watches_no_more(hospital: Hospital) -> None:
    olga = await hospital.watch()
    for _ in range(int(BURST) + STRIKES + 1):
        await olga.socket.ping()

    assert await olga.closed() == Close.TOO_FAST


async def test_one_that_is_gone_takes_no_collector_to_be_forgotten(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone_from_memory = asyncio.Event()
    leave = Watching.leave

    def watched(socket: Watching) -> None:
        leave(socket)
        weakref.finalize(socket, gone_from_memory.set)

    monkeypatch.setattr(Watching, "leave", watched)
    olga = await hospital.watch()
    await olga.until("ops")
    gc.collect()
    gc.disable()
    try:
        await olga.socket.close()
        await gone(hospital)
        # The wheel lets go of it when it would have looked at it.
        hospital.clock.advance(PING_EVERY_S + 1)
        async with asyncio.timeout(10):
            await gone_from_memory.wait()
    finally:
        gc.enable()


async def test_a_server_that_stops_says_so(hospital: Hospital) -> None:
    olga = await hospital.watch()
    await olga.until("ops")

    hospital.sockets.close_all(Close.GOING_AWAY, "the server is going away")

    assert await olga.closed() == Close.GOING_AWAY
    assert +hospital.sockets.closed == {Close.GOING_AWAY: 1}


async def test_the_same_is_told_once_over_http(hospital: Hospital) -> None:
    token = hospital.mint.token(
        "access", Bearer(user_id="olga", role="operator", sid="s"), 3600
    )

    answer = await hospital.client.get(
        "/api/admin/ops", headers={"Authorization": f"Bearer {token}"}
    )

    assert (answer.status, (await answer.json())["sockets"]) == (200, 1)


async def test_while_the_database_is_away_an_operator_is_told_to_come_again(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def spend(_: Spent, jti: str, expires_at: object) -> bool:
        raise Away("the database cannot be reached")

    monkeypatch.setattr(Spent, "spend_ticket", spend)
    ticket = {"ticket": hospital.ticket()}

    watching = Browser(await hospital.client.ws_connect("/ws/ops", params=ticket))

    assert await watching.closed() == Close.GOING_AWAY
