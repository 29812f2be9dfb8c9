"""One browser's socket in one conversation: its connection, what it hears, its end.

The reader awaits actors, the outbox and the heartbeat await nothing: a slow actor holds
up the frames of this one client, never its pings, nor what others say to it.
"""

from collections.abc import Callable

from aiohttp import web

from handlers import wire
from handlers.heartbeat import Pulse
from handlers.keys import Identity
from handlers.outbox import Outbox
from handlers.place import Place
from handlers.sockets import SOCKETS
from messages.base import Command, Event, R
from messages.cart import CartUpdated
from messages.frames import (
    Close,
    Frame,
    Notice,
    Ping,
    Presence,
    Read,
    Side,
    Typing,
    Welcome,
)
from messages.order import OrderUpdated
from messages.session import (
    Framed,
    ModeChanged,
    Opened,
    OpenSession,
    SessionDeleted,
    session_topic,
)
from messages.sign_in import SignedOut, sign_in_topic
from messages.stock import BackInStock, HoldExpired, HoldExpiring, HoldPlaced


class Socket:
    """A socket that is connected; it is in a conversation once `open` returned."""

    def __init__(self, request: web.Request) -> None:
        transport = request.transport
        assert transport is not None, "the upgrade was answered a moment ago"
        self.sockets = request.app[SOCKETS]
        self.clock = self.sockets.clock
        self.outbox = Outbox(transport, request.protocol, self.sockets.sweep)
        self.place = Place(self.outbox, self.clock)
        self.name = self.sockets.name()
        self.session_id = ""
        self._identity: Identity | None = None
        self._pulse: Pulse | None = None
        self._leave_session: Callable[[], None] | None = None
        self._leave_own: list[Callable[[], None]] = []
        self.side: Side = "user"
        self._mode: ModeChanged | None = None
        self.sockets.add(self)

    @property
    def identity(self) -> Identity:
        """Return who speaks here; only once the socket was opened."""
        assert self._identity is not None, "nobody speaks before `open`"
        return self._identity

    @property
    def is_operators(self) -> bool:
        """Whether an operator speaks here, in their own conversation or another's."""
        return self.identity.role == "operator"

    async def open(self, session_id: str, identity: Identity) -> None:
        """Welcome `identity` in the conversation. Raises SessionNotFound."""
        self.session_id = session_id
        # Listen first, then ask: the place sorts out what is heard in between.
        self._leave_session = self.sockets.audience.join(
            session_topic(session_id), self._hear
        )
        self._listen_as(identity)
        opened = await self.ask(
            OpenSession(identity.user_id, operator=self.is_operators)
        )
        self._take_side(opened.side)
        if self.outbox.closed:
            return
        self._welcome(opened)
        self.place.begin(opened)
        self._pulse = Pulse(self.sockets.wheel, self, identity.expires_at)
        self.sockets.news.join(self.outbox)
        if self._company() > 1:
            self._tell_presence()

    async def ask(self, command: Command[R]) -> R:
        """Return this conversation's answer."""
        return await self.sockets.port.ask(
            self.session_id, command, sender=self.identity.user_id
        )

    def say(self, frame: Frame) -> None:
        """Tell this socket alone, ahead of what waits for it."""
        self.outbox.control(wire.said(frame))

    def publish(self, frame: Typing) -> None:
        """Tell the conversation's other sockets, on whichever node."""
        event = Framed(frame, origin=self.name)
        self.sockets.port.publish(session_topic(self.session_id), event)

    def heard(self) -> None:
        """The peer lives."""
        if self._pulse is not None:
            self._pulse.heard()

    def spoke(self) -> None:
        """The shopper said something."""
        if self._pulse is not None:
            self._pulse.spoke()

    def renew(self, identity: Identity) -> None:
        """Go on as `identity`, until its token ends."""
        self._listen_as(identity)
        if self._pulse is not None:
            self._pulse.renew(identity.expires_at)

    def leave(self) -> None:
        """Forget everything about this socket and let go of its connection."""
        if self._pulse is not None:
            self._pulse.stop()
        for leave in self._leave_own:
            leave()
        if self.side == "operator":
            self.sockets.attend(self.session_id, -1)
        if self._leave_session is not None:
            self._leave_session()
            # One who was refused was never here.
            if self._welcomed and self._company():
                self._tell_presence()
        self.place.leave()
        self.sockets.news.leave(self.outbox)
        self.outbox.end()
        self.sockets.discard(self)
        # They know us and we know them: only the collector would find such a ring.
        self._pulse = self._leave_session = None
        self._leave_own.clear()

    def ping(self) -> None:
        """Ask in both ways whether the peer is there: of scripts and of stacks."""
        ping = wire.said(Ping(timestamp=self.clock.now()))
        self.outbox.control(ping + wire.PING)

    def warn(self) -> None:
        """Tell that the token ends in a minute."""
        self.say(
            Notice(
                timestamp=self.clock.now(),
                content="Your sign-in ends in a minute: send `auth` with a new token.",
                code="token_expiring",
            )
        )

    def end(self, code: int, reason: str) -> None:
        """Close; what waits for a peer that lags is dropped."""
        if not self.outbox.closed:
            self.sockets.closed[int(code)] += 1
        self.place.leave()
        self.outbox.close(code, reason)

    def _listen_as(self, identity: Identity) -> None:
        self._identity = identity
        for leave in self._leave_own:
            leave()
        self._leave_own = [
            self.sockets.audience.join(topic, self._hear)
            for topic in (sign_in_topic(identity.sid), f"user/{identity.user_id}")
        ]

    def _hear(self, event: Event, encoded: bytes) -> None:
        match event:
            case Framed():
                self._hear_said(event, encoded)
            case ModeChanged():
                self._mode = event
                self._stay_or_go()
            case SignedOut():
                self.end(Close.NOT_AUTHORISED, "signed out")
            case SessionDeleted():
                self.end(Close.NO_SUCH_SESSION, "the conversation was deleted")
            case _:
                self._hear_of_own(event, encoded)

    def _hear_said(self, event: Framed, encoded: bytes) -> None:
        if not isinstance(event.frame, Typing | Read | Presence):
            self.place.hear(event.frame, encoded)
        elif self._welcomed and event.origin != self.name:
            self.outbox.control(encoded)

    def _hear_of_own(self, event: Event, encoded: bytes) -> None:
        # In another's conversation an operator's own cart would pass for the shopper's.
        what = _newest_of(event)
        if what and self._welcomed and self.side == "user":
            self.outbox.state(what, encoded)

    def _take_side(self, side: Side) -> None:
        self.side = side
        if side == "operator":
            self.sockets.attend(self.session_id, 1)
            # It may have passed to another one while this answer was on its way.
            self._stay_or_go()

    def _stay_or_go(self) -> None:
        mode = self._mode
        if mode is None or self.side != "operator":
            return
        # The frame that says so stands before the close.
        theirs = mode.operator_id == self.identity.user_id
        if mode.mode != "waiting" and not theirs:
            self.end(Close.NO_SUCH_SESSION, "this conversation is not with you")

    @property
    def _welcomed(self) -> bool:
        return self._pulse is not None

    def _welcome(self, opened: Opened) -> None:
        now = self.clock.now()
        welcome = Welcome(
            timestamp=now,
            content="Connected to chat",
            session_id=self.session_id,
            epoch=opened.epoch,
            last_seq=opened.last_seq,
            mode=opened.mode,
            read=opened.read,
            history=opened.history,
            server_now=now,
        )
        self.outbox.page([wire.said(welcome)])

    def _company(self) -> int:
        return self.sockets.audience.count(session_topic(self.session_id))

    def _tell_presence(self) -> None:
        # Who is here is known per node, so this news never leaves it.
        frame = Presence(
            timestamp=self.clock.now(),
            sockets=self._company(),
            operators=self.sockets.attending(self.session_id),
        )
        self.sockets.audience.tell(session_topic(self.session_id), Framed(frame))


def _newest_of(event: Event) -> str | None:
    """Return the name of what `event` tells, where only its newest state counts."""
    match event:
        case CartUpdated():
            return "cart"
        case HoldPlaced(sku) | HoldExpiring(sku) | HoldExpired(sku):
            return f"hold {sku}"
        case OrderUpdated(order):
            return f"order {order.id}"
        case BackInStock(sku):
            return f"back {sku}"
        case _:
            return None
