"""What waits to be written to one socket: bounded, conflating, never awaited.

The outbox is the only writer of its socket. While the peer reads, a frame goes straight
to the transport, as bytes shared with every other socket. When the peer lags, frames
wait in three lanes: control first, then the conversation in its order, then stock, of
which only the newest per key is kept. One timer, shared by all sockets, sweeps those
that lag; there is no task and no queue per socket. A peer that owes too much, or takes
nothing for too long, is dropped: it can resume.
"""

from collections import deque
from collections.abc import Iterable
from typing import Protocol

from handlers import wire
from handlers.sweep import Sweep
from messages.clock import Cancellable
from messages.frames import Close

# Above this a transport holds enough to keep any network busy.
HIGH_WATER_BYTES = 64 * 1024
# What one peer may owe, and for how long it may take nothing, before it is dropped.
LIMIT_BYTES = 256 * 1024
STUCK_AFTER_S = 10.0
# Pages that a peer asked for and has not taken: above this it may ask for no more.
PAGED_BYTES = 1024 * 1024
# How long a peer gets to take the last bytes and answer a close frame.
LINGER_S = 1.5


class Transport(Protocol):
    """What an outbox needs of an asyncio transport."""

    def write(self, data: bytes) -> None:
        """Take `data`, whether or not the peer reads."""
        ...

    def get_write_buffer_size(self) -> int:
        """Return how many bytes the peer has not taken yet."""
        ...

    def is_closing(self) -> bool:
        """Return whether nothing more is taken."""
        ...

    def close(self) -> None:
        """Close when everything is taken."""
        ...

    def abort(self) -> None:
        """Close now; what is not taken is lost."""
        ...


class Flow(Protocol):
    """The protocol's side: whether its transport asked it to pause."""

    @property
    def writing_paused(self) -> bool:
        """Return whether the buffer is above its high-water mark."""
        ...


class Outbox:
    """One socket's way out. Nothing here waits; after `close` nothing more goes."""

    __slots__ = (
        "_clock",
        "_control",
        "_flow",
        "_linger",
        "_owed",
        "_paged",
        "_state",
        "_sweep",
        "_talk",
        "_transport",
        "_went",
        "_went_at",
        "_written",
        "closed",
        "dropped",
        "lagging",
    )

    def __init__(self, transport: Transport, flow: Flow, sweep: Sweep) -> None:
        self._transport = transport
        self._flow = flow
        self._sweep = sweep
        self._clock = sweep.clock
        self._control: deque[bytes] = deque()
        # The conversation: a frame, and what it counts against the limit.
        self._talk: deque[tuple[bytes, int]] = deque()
        self._state: dict[str, bytes] = {}
        self._owed = 0
        self._paged = 0
        self._written = 0
        self._went = 0
        self._went_at = 0.0
        self._linger: Cancellable | None = None
        self.lagging = False
        self.closed = False
        self.dropped = False
        """Whether the peer was hung up on, rather than told to go."""

    @property
    def owed(self) -> int:
        """Return how many bytes wait here that count against the limit."""
        return self._owed

    @property
    def paging(self) -> bool:
        """Return whether the peer has yet to take the pages it asked for."""
        return self._paged > PAGED_BYTES

    def control(self, frame: bytes) -> None:
        """Send ahead of everything that waits; never dropped."""
        if self._direct(frame):
            return
        self._control.append(frame)
        self._owe(len(frame))

    def talk(self, frame: bytes) -> None:
        """Send in the order of the conversation; never dropped."""
        if self._direct(frame):
            return
        self._talk.append((frame, len(frame)))
        self._owe(len(frame))

    def page(self, frames: Iterable[bytes]) -> None:
        """Send what the peer itself asked for, as fast as it reads.

        It waits in the order of the conversation, but is not held against the peer:
        a thousand missed frames are more than anybody may owe.
        """
        for frame in frames:
            if not self._direct(frame):
                self._talk.append((frame, 0))
                self._paged += len(frame)

    def state(self, key: str, frame: bytes) -> None:
        """Send the newest of `key`; an older one that still waits is forgotten."""
        if not self._direct(frame):
            self._state[key] = frame

    def states(self, joined: bytes, frames: Iterable[tuple[str, bytes]]) -> None:
        """Send many newest ones; `joined` is all of `frames` in one write."""
        if not self._direct(joined):
            self._state.update(frames)

    def close(self, code: int, reason: str = "") -> None:
        """Say why, then give the peer `LINGER_S` to answer. A second call does nothing.

        What still waits in the lanes is dropped: a peer that lags can resume.
        """
        if self.closed:
            return
        self._stop()
        if not self._transport.is_closing():
            self._transport.write(wire.close(code, reason))
            self._linger = self._clock.call_later(LINGER_S, self._transport.abort)

    def drop(
        self, code: int = Close.TOO_SLOW, reason: str = "too slow to read"
    ) -> None:
        """Try to say why and hang up at once: the peer takes nothing."""
        self.dropped = not self.closed
        self._stop()
        if not self._transport.is_closing():
            self._transport.write(wire.close(code, reason))
        # A transport that is closing, but whose peer takes nothing, stays for ever.
        self._transport.abort()

    def end(self) -> None:
        """Nothing is read any more: close once the peer has all, or soon anyway."""
        self._stop()
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None
        self._transport.close()
        if self._transport.get_write_buffer_size():
            self._clock.call_later(LINGER_S, self._transport.abort)

    def swept(self, now: float) -> int:
        """Write what the peer can take by now and return how many frames that were."""
        if self._transport.is_closing():
            self._stop()
            return 0
        if self._stuck(now):
            self.drop(reason="took nothing for too long")
            return 0
        if self._flow.writing_paused:
            return 0
        batch = self._batch(HIGH_WATER_BYTES - self._transport.get_write_buffer_size())
        if batch:
            self._write(b"".join(batch))
        self.lagging = bool(self._control or self._talk or self._state)
        return len(batch)

    def _direct(self, frame: bytes) -> bool:
        # True: written, or nobody is there to write to.
        if self.closed:
            return True
        if self.lagging:
            return False
        if (
            self._flow.writing_paused
            or self._transport.get_write_buffer_size() > HIGH_WATER_BYTES
        ):
            self._lag()
            return False
        if not self._transport.is_closing():
            self._write(frame)
        return True

    def _write(self, data: bytes) -> None:
        self._written += len(data)
        self._transport.write(data)

    def _lag(self) -> None:
        self.lagging = True
        self._went = self._written - self._transport.get_write_buffer_size()
        self._went_at = self._clock.monotonic()
        self._sweep.watch(self)

    def _owe(self, size: int) -> None:
        self._owed += size
        if self._owed > LIMIT_BYTES:
            self.drop()

    def _stuck(self, now: float) -> bool:
        went = self._written - self._transport.get_write_buffer_size()
        if went > self._went:
            self._went, self._went_at = went, now
        return now - self._went_at >= STUCK_AFTER_S

    def _batch(self, room: int) -> list[bytes]:
        batch: list[bytes] = []
        while room > 0:
            if self._control:
                frame = self._control.popleft()
                self._owed -= len(frame)
            elif self._talk:
                frame, counted = self._talk.popleft()
                self._owed -= counted
                self._paged -= len(frame) - counted
            elif self._state:
                frame = self._state.pop(next(iter(self._state)))
            else:
                break
            batch.append(frame)
            room -= len(frame)
        return batch

    def _stop(self) -> None:
        self.closed = True
        self.lagging = False
        self._owed = self._paged = 0
        self._control.clear()
        self._talk.clear()
        self._state.clear()
