"""One socket's place in a conversation: nothing twice, nothing missing, in order.

A socket listens before it asks where the conversation stands, so nothing can fall in
between. What it hears meanwhile is held, then told without what the answer already
told. After the welcome it is held for a moment more: a client that means to resume
says so first, and gets what it missed before what is new.
"""

from collections.abc import Sequence

from handlers import wire
from handlers.outbox import Outbox
from messages.clock import Cancellable, Clock
from messages.frames import (
    Assistant,
    AssistantDelta,
    HeardFrame,
    Recorded,
    RecordedFrame,
    RunFinished,
    ThinkingDelta,
)
from messages.session import Opened, Resumed

# Long enough for a `resume` sent on opening to arrive, short enough to go unnoticed.
GRACE_S = 0.3


class Place:
    """Where one socket stands: the last seq it was told, and what is held back."""

    __slots__ = ("_clock", "_held", "_opening", "_outbox", "_seen", "_timer")

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock
        self._held: list[tuple[HeardFrame, bytes]] | None = []
        self._opening: AssistantDelta | None = None
        self._seen = 0
        self._timer: Cancellable | None = None

    def hear(self, frame: HeardFrame, encoded: bytes) -> None:
        """Tell the socket, now or once it is known what it has."""
        if self._held is None:
            self._tell(frame, encoded)
        else:
            self._held.append((frame, encoded))

    def begin(self, opened: Opened) -> None:
        """Stand behind what the welcome told, and hold on for a moment."""
        self._seen = opened.last_seq
        self._opening = opened.delta
        self._prune(opened.history, opened.delta)
        self._timer = self._clock.call_later(GRACE_S, self.release)

    def hold(self) -> None:
        """Tell nothing until `release` or `resume`."""
        self._disarm()
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Tell what was held, then everything as it comes."""
        self._disarm()
        held, self._held = self._held, None
        if self._opening is not None and self._opening.content:
            self._outbox.talk(wire.said(self._opening))
        self._opening = None
        for frame, encoded in held or ():
            self._tell(frame, encoded)

    def resume(self, resumed: Resumed, told: Sequence[RecordedFrame]) -> None:
        """Tell `told`, catch up with a running reply, then go on after `resumed`.

        What was told since the welcome is told again where the client asks for it:
        it knows by seq what it has.
        """
        self._seen = resumed.last_seq
        # The resumed delta replaces the one that the welcome would have begun with.
        self._opening = resumed.delta
        self._prune(resumed.frames, resumed.delta)
        self._outbox.page(wire.said(each) for each in told)
        self.release()

    def leave(self) -> None:
        """Tell nothing any more."""
        self._disarm()
        self._held = []

    def _tell(self, frame: HeardFrame, encoded: bytes) -> None:
        if isinstance(frame, Recorded):
            if frame.seq <= self._seen:
                return
            self._seen = frame.seq
        self._outbox.talk(encoded)

    def _prune(
        self, known: Sequence[RecordedFrame], delta: AssistantDelta | None
    ) -> None:
        # Previews heard before the answer belong to a run that has ended by then, or
        # stand in `delta`; recorded frames tell by their seq.
        over = {
            each.turn_id for each in known if isinstance(each, Assistant | RunFinished)
        }
        self._held = [
            (frame, encoded)
            for frame, encoded in self._held or ()
            if not _is_old(frame, over, delta)
        ]

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _is_old(
    frame: HeardFrame, over: set[str | None], delta: AssistantDelta | None
) -> bool:
    if not isinstance(frame, AssistantDelta | ThinkingDelta):
        return False
    if frame.turn_id in over:
        return True
    return (
        isinstance(frame, AssistantDelta)
        and delta is not None
        and frame.turn_id == delta.turn_id
        and frame.offset < delta.offset + len(delta.content)
    )
