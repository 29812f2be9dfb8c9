"""A peer that stops reading, over a real connection, delays nobody else."""

import asyncio
import base64
import socket
from datetime import UTC, datetime
from typing import cast

from commerce.product import Product, Variant
from commerce.stock import Stock
from handlers.outbox import LIMIT_BYTES, STUCK_AFTER_S
from messages.turn import Answered, Called, Words
from tests.handlers.lobby import Lobby

SKUS = [f"LAMP-{each}" for each in range(200)]
PRODUCT = Product(
    id="LAMP",
    name="Lamp",
    description="",
    category="Home",
    brand="Lux",
    price=1000,
    currency="USD",
    variants=tuple(Variant(sku) for sku in SKUS),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
# Far more than the kernel takes for a peer that reads nothing.
FLOOD = [Called(f"c{each}", "search", {"query": "x" * 60_000}) for each in range(40)]


async def stuck_peer(lobby: Lobby) -> socket.socket:
    """Open a socket in `s1` by hand, with a tiny buffer, and never read from it."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(peer, (lobby.client.host, lobby.client.port))
    key = base64.b64encode(b"0123456789abcdef").decode()
    request = (
        f"GET /ws/chat/s1?token={lobby.token()} HTTP/1.1\r\n"
        f"Host: {lobby.client.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await loop.sock_sendall(peer, request.encode())
    answer = b""
    while b"Connected to chat" not in answer:
        answer += await loop.sock_recv(peer, 4096)
    [its] = lobby.sockets._open
    ours = cast("asyncio.Transport", its.outbox._transport).get_extra_info("socket")
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    return peer


async def test_one_that_stops_reading_delays_no_other_and_is_dropped(
    lobby: Lobby,
) -> None:
    stuck = await stuck_peer(lobby)
    quick = await lobby.browser()
    assert len(lobby.sockets) == 2

    await quick.say(message="hello")
    script = await lobby.stage.engine.next()
    for call in FLOOD:
        await script.tell(call)
        await quick.until("tool_call", call_id=call.call_id)
    await script.tell(Words("done"), Answered())
    await quick.until("run_finished")
    await only(lobby, 1)

    assert [each["seq"] for each in quick.recorded] == list(range(1, 44))
    stuck.close()


async def test_one_that_takes_nothing_for_ten_seconds_is_dropped(
    lobby: Lobby,
) -> None:
    stuck = await stuck_peer(lobby)
    quick = await lobby.browser()
    await quick.say(message="hello")
    script = await lobby.stage.engine.next()
    sent = 0
    while not len(lobby.sockets.sweep):
        call = FLOOD[sent]
        await script.tell(call)
        await quick.until("tool_call", call_id=call.call_id)
        sent += 1
    assert sent * 60_000 > LIMIT_BYTES / 4

    lobby.clock.advance(STUCK_AFTER_S + 1)
    await only(lobby, 1)

    await quick.say(type="history", limit=1)
    await quick.until("history")
    stuck.close()


async def test_a_flood_of_stock_ends_with_the_newest_for_a_slow_one(
    lobby: Lobby,
) -> None:
    slow = await stuck_peer(lobby)
    quick = await lobby.browser()
    rounds, told = 40, b""
    for left in range(rounds, 0, -1):
        for sku in SKUS:
            stock = Stock(sku=sku, product_id="LAMP", free=left)
            lobby.sockets.news.changed(PRODUCT, Variant(sku), stock)
        lobby.clock.advance(0.2)
        await quick.until("inventory_update", sku=SKUS[-1], new_quantity=left)
    assert len(lobby.sockets.sweep) == 1

    newest = [f'"sku":"{sku}","new_quantity":1,'.encode() for sku in SKUS]
    while not all(each in told for each in newest):
        lobby.clock.advance(0.05)
        told += await asyncio.get_running_loop().sock_recv(slow, 65_536)

    assert told.count(b"inventory_update") < len(SKUS) * rounds
    of_quick = [each["type"] for each in quick.frames]
    assert of_quick.count("inventory_update") == len(SKUS) * rounds
    slow.close()


async def only(lobby: Lobby, sockets: int) -> None:
    """Return once so many sockets are open."""
    while len(lobby.sockets) != sockets:
        await lobby.stage.node.system.breathe()
