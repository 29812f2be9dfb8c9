"""How the shop does, for operators: asked for once, or told every second on a socket.

Nobody looks while no operator does. All that are connected get the same bytes; a slow
one skips to the newest.
"""

from collections.abc import Callable
from typing import Protocol

import aiojobs
import structlog
from aiohttp import WSMsgType, web

from handlers import wire
from handlers.admission import Refused, accepted, admission
from handlers.allowance import Allowance
from handlers.errors import NotSignedIn, rendered
from handlers.heartbeat import Pulse
from handlers.keys import IDENTITY, Identity
from handlers.openapi import documented
from handlers.outbox import Outbox
from handlers.security import operator, public
from handlers.sockets import SOCKETS, Sockets
from messages.base import Event
from messages.clock import Clock
from messages.frames import Close, Notice, Ping
from messages.ops import Ops, Vitals
from messages.order import OrderUpdated
from messages.session import ChatPassedOn
from messages.sign_in import SignedOut, sign_in_topic
from messages.stock import OPERATORS, StockLow
from store.port import StorageError

routes = web.RouteTableDef()

EVERY_S = 1.0
_OVER = {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}


class Doctor(Protocol):
    """Who knows how this node does."""

    async def look(self) -> Vitals:
        """Return how it does now."""
        ...


class Ward:
    """The operators' sockets of this node, told of its vitals while there are any."""

    def __init__(self, doctor: Doctor, clock: Clock) -> None:
        self.doctor = doctor
        self._clock = clock
        self._watching: dict[Outbox, None] = {}
        self._jobs = aiojobs.Scheduler(limit=None)
        self._looking = False

    async def join(self, outbox: Outbox) -> None:
        """Tell `outbox` from now on."""
        self._watching[outbox] = None
        if not self._looking:
            self._looking = True
            await self._jobs.spawn(self._tell_while_watched())

    def leave(self, outbox: Outbox) -> None:
        """Tell `outbox` no more; a second time without effect."""
        self._watching.pop(outbox, None)

    async def stop(self) -> None:
        """Tell nobody any more."""
        await self._jobs.close()

    async def _tell_while_watched(self) -> None:
        try:
            while self._watching:
                vitals = await self.doctor.look()
                frame = wire.said(Ops(timestamp=self._clock.now(), vitals=vitals))
                for outbox in self._watching:
                    outbox.state("ops", frame)
                await self._clock.sleep(EVERY_S)
        finally:
            self._looking = False
            # Who is left here while nobody looks would take old news for new.
            for outbox in tuple(self._watching):
                outbox.close(Close.GOING_AWAY, "not now: reconnect in a moment")


WARD: web.AppKey[Ward] = web.AppKey("ward", Ward)


class Watching:
    """One operator's socket."""

    def __init__(self, request: web.Request, sockets: Sockets) -> None:
        transport = request.transport
        assert transport is not None, "the upgrade was answered a moment ago"
        self._sockets = sockets
        self.clock = sockets.clock
        self._pulse: Pulse | None = None
        self._leave: list[Callable[[], None]] = []
        self.outbox = Outbox(transport, request.protocol, sockets.sweep)
        sockets.add(self)

    def open(self, identity: Identity) -> None:
        """Hear what operators hear, until the token or the sign-in ends."""
        topics = (OPERATORS, sign_in_topic(identity.sid))
        join = self._sockets.audience.join
        self._leave = [join(each, self._hear) for each in topics]
        self._pulse = Pulse(self._sockets.wheel, self, identity.expires_at)

    def heard(self) -> None:
        """The peer lives; to watch is all that it is asked to do."""
        if self._pulse is not None:
            self._pulse.heard()
            self._pulse.spoke()

    def ping(self) -> None:
        """Ask in both ways whether the peer is there."""
        self.outbox.control(wire.said(Ping(timestamp=self.clock.now())) + wire.PING)

    def warn(self) -> None:
        """Tell that the token ends in a minute."""
        told = "Your sign-in ends in a minute: connect again with a new token."
        now = self.clock.now()
        notice = Notice(timestamp=now, content=told, code="token_expiring")
        self.outbox.control(wire.said(notice))

    def end(self, code: int, reason: str) -> None:
        """Close."""
        if not self.outbox.closed:
            self._sockets.closed[int(code)] += 1
        self.outbox.close(code, reason)

    def leave(self) -> None:
        """Forget everything about this socket and let go of its connection."""
        if self._pulse is not None:
            self._pulse.stop()
        for leave in self._leave:
            leave()
        self.outbox.end()
        self._sockets.discard(self)
        # They know us and we know them: only the collector would find such a ring.
        self._pulse = None
        self._leave.clear()

    def _hear(self, event: Event, encoded: bytes) -> None:
        match event:
            case SignedOut():
                self.end(Close.NOT_AUTHORISED, "signed out")
            case OrderUpdated(order):
                self.outbox.state(f"order {order.id}", encoded)
            case ChatPassedOn(session_id):
                self.outbox.state(f"chat {session_id}", encoded)
            case StockLow(sku):
                self.outbox.state(f"low {sku}", encoded)
            case _:
                self.outbox.state(type(event).__name__, encoded)


@routes.get("/api/admin/ops")
@documented(answer=Vitals)
@operator
async def show_vitals(request: web.Request) -> web.Response:
    """Show how this node does, once; `/ws/ops` tells it every second."""
    return rendered(await request.app[WARD].doctor.look())


@routes.get("/ws/ops")
@documented(status=101, statuses=(400,))
@public
async def watch(request: web.Request) -> web.WebSocketResponse:
    """Tell an operator every second how this node does, and at once what happens."""
    response = accepted(request)
    await response.prepare(request)
    ward, socket = request.app[WARD], Watching(request, request.app[SOCKETS])
    try:
        if await _open(request, socket):
            await ward.join(socket.outbox)
        await _until_over(response, socket)
    finally:
        ward.leave(socket.outbox)
        socket.leave()
    return response


async def _open(request: web.Request, socket: Watching) -> bool:
    try:
        # The line that is logged at the end of the request names who it was.
        identity = request[IDENTITY] = await admission(request)
        structlog.contextvars.bind_contextvars(user_id=identity.user_id)
        if identity.role != "operator":
            raise Refused(Close.NO_SUCH_SESSION, "this is for operators")
        socket.open(identity)
    except Refused as refused:
        socket.end(refused.code, refused.reason)
        return False
    except NotSignedIn:
        socket.end(Close.NOT_AUTHORISED, "sign in first")
        return False
    except StorageError:
        socket.end(Close.GOING_AWAY, "not now: reconnect in a moment")
        return False
    return True


async def _until_over(response: web.WebSocketResponse, socket: Watching) -> None:
    """Listen for signs of life: nothing that is said here is obeyed."""
    allowance = Allowance(socket.clock)
    while True:
        message = await response.receive()
        if message.type in _OVER:
            told = message.type is WSMsgType.CLOSE and message.data
            socket.outbox.close(told or wire.NORMAL)
            return
        if socket.outbox.closed:
            continue
        socket.heard()
        if not allowance.take():
            if allowance.spent:
                socket.end(Close.TOO_FAST, "far more than 20 frames a second")
        elif message.type is WSMsgType.PING:
            socket.outbox.control(wire.pong(message.data))
