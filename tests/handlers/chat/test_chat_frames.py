"""What is said on a socket, rightly and wrongly."""

import asyncio
from typing import cast

import pytest
from aiohttp import WSMsgType

from actors.runtime import Bug
from actors.runtime.testing import Fault
from commerce.errors import ProductNotFound
from messages.base import Port
from messages.frames import Close
from messages.session import AdoptSession
from tests.handlers.lobby import Lobby, talk
from tests.stage import ANNA, BERT

WRONG = [
    "",
    "hello",
    "[]",
    "null",
    "{}",
    '{"message": ""}',
    '{"message": 7}',
    '{"message": "' + "x" * 4001 + '"}',
    '{"type": "nonsense"}',
    '{"type": "confirm", "quote_id": "q", "decision": "approve"}',
    '{"type": "resume"}',
    '{"type": "history", "limit": 1000}',
    '{"type": "read", "seq": "x"}',
    '{"type": "auth", "access_token": "x.y.z"}',
    '{"type": "subscribe", "skus": 7}',
    '{"type": "unsubscribe", "skus": ["A"]}',
    "[" * 16_000,
]


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_frame_is_named_and_the_socket_stays(
    lobby: Lobby, wrong: str
) -> None:
    browser = await lobby.browser()

    await browser.socket.send_str(wrong)
    fault = await browser.until("error")

    assert fault["code"]
    assert fault["content"]
    assert "seq" not in fault
    await talk(lobby, browser, "still there?", "yes")


async def test_bytes_that_are_no_utf_8_are_a_wrong_frame(lobby: Lobby) -> None:
    browser = await lobby.browser()

    await browser.socket.send_frame(b'{"message": "\xff"}', WSMsgType.TEXT)

    assert (await browser.until("error"))["code"] == "malformed"
    await talk(lobby, browser, "still there?", "yes")


async def test_a_binary_frame_is_named(lobby: Lobby) -> None:
    browser = await lobby.browser()

    await browser.socket.send_bytes(b'{"message": "hi"}')

    assert "binary" in (await browser.until("error"))["content"]


async def test_a_fault_carries_the_client_s_name_for_its_message(
    lobby: Lobby,
) -> None:
    browser = await lobby.browser()

    await browser.say(message="", id="m1")

    assert (await browser.until("error"))["id"] == "m1"


async def test_sixteen_kib_are_a_frame_and_one_more_is_too_large(
    lobby: Lobby,
) -> None:
    browser = await lobby.browser()
    padded = '{"message": "hi", "pad": "' + "x" * (16 * 1024 - 28) + '"}'
    assert len(padded) == 16 * 1024

    await browser.socket.send_str(padded)
    await browser.until("ack")
    await browser.socket.send_str(padded + " ")

    assert await browser.closed() == Close.TOO_LARGE


@pytest.mark.parametrize("size", [65 * 1024, 2**20])
async def test_far_too_large_is_too_large_as_well(lobby: Lobby, size: int) -> None:
    browser = await lobby.browser()

    await browser.socket.send_str("x" * size)

    assert await browser.closed() == Close.TOO_LARGE


async def test_what_is_far_too_large_is_not_read_to_its_end(lobby: Lobby) -> None:
    browser = await lobby.browser()
    writer = browser.socket._writer

    # The head of a masked text frame of a gigabyte, of which not a byte follows.
    head = b"\x81\xff" + (2**30).to_bytes(8, "big") + b"mask"
    writer.transport.write(head)

    async with asyncio.timeout(5):
        assert await browser.closed() == Close.TOO_LARGE


async def test_a_burst_is_told_so_and_forgiven(lobby: Lobby) -> None:
    browser = await lobby.browser()

    for _ in range(25):
        await browser.say(type="typing")
    faults = [await browser.until("error") for _ in range(5)]
    lobby.clock.advance(2)

    assert {each["code"] for each in faults} == {"too_fast"}
    await talk(lobby, browser, "sorry", "never mind")


async def test_who_goes_on_too_fast_is_closed(lobby: Lobby) -> None:
    browser = await lobby.browser()

    for _ in range(300):
        await browser.say(type="pong")

    assert await browser.closed() == Close.TOO_FAST


async def test_twenty_frames_a_second_are_fine_for_ever(lobby: Lobby) -> None:
    browser = await lobby.browser()

    for _ in range(10):
        for _ in range(19):
            await browser.say(type="pong")
        await browser.say(type="history", limit=1)
        await browser.until("history")
        lobby.clock.advance(1)

    assert "error" not in {each["type"] for each in browser.frames}


async def test_a_ping_of_the_peer_s_is_answered(lobby: Lobby) -> None:
    browser = await lobby.connect(autoping=False)
    await browser.next()

    await browser.socket.ping(b"are you there")
    message = await browser.socket.receive()

    assert (message.type, message.data) == (WSMsgType.PONG, b"are you there")


async def test_trouble_with_the_store_is_told_by_name(lobby: Lobby) -> None:
    browser = await lobby.browser()
    lobby.stage.storage.fault = lambda _write: Fault.AWAY

    await browser.say(message="hello", id="m1")
    fault = await browser.until("error")

    assert (fault["code"], fault["id"]) == ("unavailable", "m1")
    lobby.stage.storage.fault = lambda _write: None
    await browser.say(message="hello", id="m1")
    assert (await browser.until("ack"))["seq"] == 1


async def test_more_pages_than_one_can_take_are_refused(lobby: Lobby) -> None:
    browser = await lobby.browser()
    [ours] = lobby.sockets._open
    ours.outbox._paged = 2 * 2**20

    await browser.say(type="history")
    page = await browser.until("error")
    await browser.say(type="resume", epoch="e", last_seq=0)
    resume = await browser.until("error")

    assert page["code"] == resume["code"] == "too_fast"


async def test_a_resume_that_fails_holds_nothing_back(lobby: Lobby) -> None:
    browser = await lobby.browser()
    port = lobby.sockets.port
    lobby.sockets.port = cast("Port", Broken())
    await browser.say(type="resume", epoch="e", last_seq=0)
    fault = await browser.until("error")

    lobby.sockets.port = port

    assert fault["code"] == "internal_error"
    await talk(lobby, browser, "still there?", "yes")


async def test_a_session_that_is_no_longer_one_s_own_closes(lobby: Lobby) -> None:
    browser = await lobby.browser()
    await lobby.stage.ask(AdoptSession(ANNA, BERT))

    await browser.say(message="still mine?")

    assert await browser.closed() == Close.NO_SUCH_SESSION


async def test_a_refusal_of_the_shop_s_is_told_by_its_code(lobby: Lobby) -> None:
    browser = await lobby.browser()
    lobby.sockets.port = cast("Port", Broken(ProductNotFound("no such lamp")))

    await browser.say(message="hello", id="m1")
    fault = await browser.until("error")

    assert (fault["code"], fault["content"]) == ("product_not_found", "no such lamp")
    assert fault["id"] == "m1"


class Broken:
    """A port whose every ask fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error or Bug("session/s1 failed")

    async def ask(self, *told: object, **more: object) -> None:
        raise self._error
