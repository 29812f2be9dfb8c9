"""Frames as bytes, read back by an independent implementation."""

import asyncio

import pytest
from aiohttp import WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_websocket import WebSocketReader

from handlers import wire


async def read(frame: bytes) -> tuple[WSMsgType, object, object]:
    loop = asyncio.get_running_loop()
    queue = WebSocketDataQueue(BaseProtocol(loop), 2**20, loop=loop)
    WebSocketReader(queue, 0, compress=False, decode_text=True).feed_data(frame)
    message = await queue.read()
    return message.type, message.data, message.extra


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 200_000])
async def test_a_text_of_any_length_arrives_as_it_was(length: int) -> None:
    text = "é" * (length // 2) + "x" * (length % 2)

    assert (await read(wire.text(text.encode())))[:2] == (WSMsgType.TEXT, text)


async def test_a_close_carries_code_and_reason() -> None:
    frame = wire.close(4408, "nothing said")

    assert await read(frame) == (WSMsgType.CLOSE, 4408, "nothing said")


async def test_a_reason_that_is_too_long_is_cut_at_a_character() -> None:
    _, _, reason = await read(wire.close(4408, "é" * 100))

    assert reason == "é" * 61


async def test_a_ping_and_its_answer_are_control_frames() -> None:
    assert (await read(wire.PING))[:2] == (WSMsgType.PING, b"")
    assert (await read(wire.pong(b"hi")))[:2] == (WSMsgType.PONG, b"hi")
