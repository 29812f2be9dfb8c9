"""Sockets on an app of their own: real connections, real actors, a clock to turn."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import msgspec
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient

from actors.runtime import LoopClock
from actors.runtime.testing import ManualClock
from commerce.cart import Cart
from handlers import admin_chat, chat, chat_http
from handlers.broadcast import Shown
from handlers.keys import (
    CLOCK,
    GATE,
    ORIGINS,
    PORT,
    REQUEST_TIMES,
    SESSIONS,
    TICKETS,
    Identity,
    Role,
)
from handlers.middleware import protect
from handlers.security import Gate
from handlers.sockets import SOCKETS, Sockets
from handlers.tickets import Tickets
from handlers.tokens import Bearer, Lifetimes, Mint
from messages.cart_view import CartView
from messages.session_view import SessionView
from messages.turn import Answered, Words
from store.session import SessionRepository
from tests.stage import ANNA, Stage

Frame = dict[str, Any]

# What has not come by then will not; a test says so instead of waiting for ever.
WITHIN_S = 20


def cart_view(cart: Cart) -> CartView:
    """Show an empty cart."""
    nothing = Decimal("0.00")
    return CartView(
        id=cart.id,
        version=cart.version,
        currency="USD",
        items=(),
        items_count=0,
        subtotal=nothing,
        discount=nothing,
        loyalty_discount=nothing,
        points_discount=nothing,
        total=nothing,
    )


class Spent:
    """Remembers used tickets."""

    def __init__(self) -> None:
        self._spent: set[str] = set()

    async def spend_ticket(self, jti: str, expires_at: object) -> bool:
        if jti in self._spent:
            return False
        self._spent.add(jti)
        return True


class Untimed:
    """Times no request."""

    def labels(self, *told: object) -> "Untimed":
        """Forget them."""
        return self

    def observe(self, took_s: float) -> None:
        """Forget it."""


class Owned:
    """Finds conversations in the memory of the stage's store."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def of_user(
        self, user_id: str, *, limit: int, offset: int = 0
    ) -> tuple[Sequence[SessionView], int]:
        found = [
            msgspec.convert({**each, "session_id": each["_id"]}, SessionView)
            for each in self._stage.storage.documents.get("sessions", {}).values()
            if each.get("user_id") == user_id and not each.get("deleted_at")
        ]
        return found[offset : offset + limit], len(found)


class Browser:
    """One client's socket, and all it was told."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames: list[Frame] = []

    async def say(self, **frame: Any) -> None:
        """Send one frame."""
        await self.socket.send_str(msgspec.json.encode(frame).decode())

    async def next(self) -> Frame:
        """Return the next frame, whatever it is."""
        message = await self.socket.receive(WITHIN_S)
        assert message.type is WSMsgType.TEXT, message
        frame: Frame = msgspec.json.decode(message.data)
        self.frames.append(frame)
        return frame

    async def until(self, kind: str, **having: Any) -> Frame:
        """Return the next frame of this type, with these fields; keep those before."""
        while True:
            frame = await self.next()
            if frame["type"] == kind and having.items() <= frame.items():
                return frame

    async def closed(self) -> int:
        """Return the code with which the socket is closed; frames before are kept."""
        while True:
            message = await self.socket.receive(WITHIN_S)
            if message.type is WSMsgType.TEXT:
                self.frames.append(msgspec.json.decode(message.data))
            elif message.type is not WSMsgType.PING:
                code = self.socket.close_code
                assert code is not None, message
                return code

    @property
    def recorded(self) -> list[Frame]:
        """The recorded frames it was told after the welcome."""
        return [each for each in self.frames if "seq" in each and each["type"] != "ack"]

    @property
    def text(self) -> str:
        """The previews it was told, joined by offset."""
        text = ""
        for each in self.frames:
            if each["type"] == "assistant_delta":
                assert each["offset"] == len(text), "previews leave no gap"
                text += each["content"]
        return text


class Lobby:
    """An app with sockets; `stage` is what stands behind them."""

    def __init__(self) -> None:
        # aiohttp-jwt lives by the machine's time, so ours begins shortly before it.
        self.stage = Stage(ManualClock(LoopClock().now() - timedelta(minutes=10)))
        self.clock = self.stage.clock
        self.app = web.Application()
        self.app.add_routes([*chat.routes, *chat_http.routes, *admin_chat.routes])
        self.client: TestClient[web.Request, web.Application]

    async def start(self) -> None:
        """Fill every key and start the actors."""
        await self.stage.start()
        system, app = self.stage.node.system, self.app
        self.mint = Mint("k" * 32, self.clock, Lifetimes())
        self.gate = Gate(self.mint, system)
        shown = Shown(self.clock, cart_view)
        self.sockets = Sockets(system, self.clock, system.follow, shown)
        app[PORT] = system
        app[CLOCK] = self.clock
        app[GATE] = self.gate
        app[TICKETS] = Tickets(self.mint, self.gate, Spent())
        app[SOCKETS] = self.sockets
        app[SESSIONS] = cast("SessionRepository", Owned(self.stage))
        app[ORIGINS] = frozenset({"https://shop.example"})
        app[REQUEST_TIMES] = cast("Any", Untimed())
        protect(app, self.mint, self.gate)

    async def stop(self) -> None:
        """End everything."""
        self.sockets.stop()
        await self.stage.node.system.kill()

    def token(
        self,
        user_id: str = ANNA,
        *,
        sid: str = "",
        for_s: int = 3600,
        role: Role = "customer",
    ) -> str:
        """Return an access token."""
        bearer = Bearer(user_id=user_id, role=role, sid=sid or f"sid-{user_id}")
        return self.mint.token("access", bearer, for_s)

    def ticket(self, user_id: str = ANNA) -> str:
        """Return a ticket."""
        expires_at = self.clock.now() + timedelta(hours=1)
        who = Identity(user_id, "customer", f"sid-{user_id}", expires_at)
        return self.app[TICKETS].issue(who)

    async def connect(
        self,
        session_id: str = "s1",
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Browser:
        """Return a socket that is connected, whatever it will be told."""
        path = f"/ws/chat/{session_id}"
        params = {"token": self.token()} if query is None else query
        socket = await self.client.ws_connect(
            path, params=params, headers=headers, **options
        )
        return Browser(socket)

    async def browser(self, user_id: str = ANNA, **options: Any) -> Browser:
        """Return a socket in `s1` that was welcomed and hears everything at once."""
        query = {"token": self.token(user_id)}
        browser = await self.connect(query=query, **options)
        await browser.until("system")
        # Past the moment in which a socket might still resume.
        self.clock.advance(1)
        return browser


def bearer(lobby: Lobby, user_id: str = ANNA) -> dict[str, str]:
    return {"Authorization": f"Bearer {lobby.token(user_id)}"}


async def get(lobby: Lobby, path: str, user_id: str = ANNA) -> Any:
    answer = await lobby.client.get(path, headers=bearer(lobby, user_id))
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def talk(lobby: Lobby, browser: Browser, question: str, reply: str) -> None:
    """Live through one whole turn."""
    await browser.say(message=question)
    script = await lobby.stage.engine.next()
    await script.tell(Words(reply), Answered())
    await browser.until("run_finished", turn_id=script.turn.turn_id)


async def live(lobby: Lobby, browser: Browser, seconds: int) -> None:
    """Let time pass for a client that is heard all the while."""
    for _ in range(seconds // 10):
        lobby.clock.advance(10)
        await browser.say(type="history", limit=1)
        await browser.until("history")


async def gone(lobby: Lobby) -> None:
    """Return once no socket is open any more."""
    empty = asyncio.Event()
    lobby.sockets.when_empty(empty.set)
    await empty.wait()
