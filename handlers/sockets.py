"""What all sockets of this node share, and how they all end."""

import secrets
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from aiohttp import web

from handlers.broadcast import Audience, Follow, StockNews
from handlers.heartbeat import Wheel
from handlers.outbox import Outbox
from handlers.sweep import Sweep
from messages.base import Event, Port
from messages.clock import Clock
from messages.frames import Close, Frame


class Open(Protocol):
    """A socket, as those who end it know it."""

    @property
    def outbox(self) -> Outbox:
        """Its way out."""
        ...

    def end(self, code: int, reason: str) -> None:
        """Close it."""
        ...


class Sockets:
    """The sockets of this node: who they are, what they hear, when they are asked."""

    def __init__(
        self,
        port: Port,
        clock: Clock,
        follow: Follow,
        shown: Callable[[Event], Frame | None],
    ) -> None:
        self.port = port
        self.clock = clock
        self.audience = Audience(follow, shown)
        self.news = StockNews(clock)
        self.sweep = Sweep(clock)
        self.wheel = Wheel(clock)
        self.closing: Close | None = None
        self.closed: Counter[int] = Counter()
        """How many we closed, by code."""
        self._open: dict[Open, None] = {}
        self._attending: Counter[str] = Counter()
        self._made = 0
        self._node = secrets.token_hex(8)
        self._on_empty: list[Callable[[], None]] = []

    def __len__(self) -> int:
        """Return how many sockets are open."""
        return len(self._open)

    def name(self) -> str:
        """Return a name for one more socket; no other on any node has it."""
        self._made += 1
        return f"{self._node}.{self._made}"

    def add(self, socket: Open) -> None:
        """Know `socket` until it is discarded."""
        self._open[socket] = None

    def discard(self, socket: Open) -> None:
        """Forget `socket`; a second time without effect."""
        if socket in self._open:
            del self._open[socket]
            self.closed[Close.TOO_SLOW] += socket.outbox.dropped
        if not self._open:
            waiting, self._on_empty = self._on_empty, []
            for each in waiting:
                each()

    def attending(self, session_id: str) -> int:
        """Return how many operators' sockets are in another's conversation."""
        return self._attending[session_id]

    def attend(self, session_id: str, change: int) -> None:
        """Count an operator's socket in (1) or out (-1)."""
        self._attending[session_id] += change
        if not self._attending[session_id]:
            del self._attending[session_id]

    def close_all(self, code: Close, reason: str) -> None:
        """Close every socket, and each that opens from now on."""
        self.closing = code
        for socket in tuple(self._open):
            socket.end(code, reason)

    def when_empty(self, call: Callable[[], None]) -> None:
        """Call `call` once no socket is open, which may be now."""
        if self._open:
            self._on_empty.append(call)
        else:
            call()

    def stop(self) -> None:
        """Disarm all timers."""
        self.news.stop()
        self.sweep.stop()
        self.wheel.stop()


SOCKETS: web.AppKey[Sockets] = web.AppKey("sockets", Sockets)
