"""One socket's place: whatever is heard meanwhile, nothing twice, nothing missing."""

from datetime import UTC, datetime
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.runtime.testing import ManualClock
from handlers import wire
from handlers.outbox import Outbox
from handlers.place import GRACE_S, Place
from handlers.sweep import Sweep
from messages.frames import (
    Assistant,
    AssistantDelta,
    HeardFrame,
    Recorded,
    RecordedFrame,
    RunFinished,
    User,
)
from messages.session import Opened, Resumed
from tests.handlers.pipe import Pipe

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Told:
    """A place, and what its socket was told."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.pipe = Pipe()
        outbox = Outbox(self.pipe, self.pipe, Sweep(self.clock))
        self.place = Place(outbox, self.clock)

    def hear(self, *frames: HeardFrame) -> None:
        for frame in frames:
            self.place.hear(frame, wire.said(frame))

    @property
    def told(self) -> list[tuple[int, str]]:
        """Each frame as (seq or offset, content)."""
        found, rest = [], self.pipe.taken
        while rest:
            length, start = rest[1], 2
            if length == 126:
                length, start = int.from_bytes(rest[2:4]), 4
            frame = msgspec.json.decode(rest[start : start + length])
            at = frame["seq"] if "seq" in frame else frame["offset"]
            found.append((at, frame.get("content") or frame["status"]))
            rest = rest[start + length :]
        return found


@pytest.fixture
def told() -> Told:
    return Told()


def user(seq: int) -> User:
    return User(timestamp=NOW, seq=seq, session_id="s1", content=f"u{seq}")


def reply(seq: int, turn_id: str) -> tuple[RecordedFrame, RecordedFrame]:
    return (
        Assistant(
            timestamp=NOW, seq=seq, session_id="s1", turn_id=turn_id, content="done"
        ),
        RunFinished(
            timestamp=NOW, seq=seq + 1, session_id="s1", turn_id=turn_id, status="done"
        ),
    )


def delta(offset: int, content: str, turn_id: str = "t") -> AssistantDelta:
    return AssistantDelta(
        timestamp=NOW, turn_id=turn_id, offset=offset, content=content
    )


def opened(
    last_seq: int, *history: RecordedFrame, running: AssistantDelta | None = None
) -> Opened:
    return Opened(epoch="e", last_seq=last_seq, history=history, delta=running)


def test_nothing_is_told_before_the_welcome(told: Told) -> None:
    told.hear(user(1), delta(0, "x"))

    assert told.told == []


def test_what_the_welcome_told_is_not_told_again(told: Told) -> None:
    told.hear(user(1), user(2), user(3))
    told.place.begin(opened(2, user(1), user(2)))
    told.place.release()

    assert told.told == [(3, "u3")]


def test_the_moment_after_the_welcome_passes_by_itself(told: Told) -> None:
    told.place.begin(opened(1, user(1)))
    told.hear(user(2))
    assert told.told == []

    told.clock.advance(GRACE_S)
    told.hear(user(3))

    assert told.told == [(2, "u2"), (3, "u3")]


def test_a_running_reply_begins_with_what_was_said_of_it(told: Told) -> None:
    told.hear(delta(0, "The "), delta(4, "lamp "))
    told.place.begin(opened(1, user(1), running=delta(0, "The lamp ")))
    told.hear(delta(9, "is"))
    told.place.release()

    assert told.told == [(0, "The lamp "), (9, "is")]


def test_previews_of_a_reply_that_has_ended_are_not_told(told: Told) -> None:
    told.hear(delta(0, "The "), *reply(2, "t"))
    told.place.begin(opened(3, user(1), *reply(2, "t")))
    told.place.release()

    assert told.told == []


def test_previews_of_a_reply_that_began_afterwards_are_told(told: Told) -> None:
    told.place.begin(opened(1, user(1)))
    told.hear(delta(0, "New"))
    told.place.release()

    assert told.told == [(0, "New")]


def test_resume_tells_what_was_missed_then_what_is_new(told: Told) -> None:
    told.place.begin(opened(5, running=delta(0, "The lamp ")))
    told.hear(user(6), delta(9, "is "))
    told.place.hold()
    told.hear(user(7))
    frames = [user(each) for each in range(3, 7)]
    resumed = Resumed(epoch="e", last_seq=6, frames=frames, delta=delta(4, "lamp is "))
    told.hear(delta(12, "red"))
    told.place.resume(resumed, told=frames)

    assert told.told == [
        *[(each, f"u{each}") for each in range(3, 7)],
        (4, "lamp is "),
        (7, "u7"),
        (12, "red"),
    ]


def test_one_who_has_the_whole_reply_is_told_nothing_of_it_again(told: Told) -> None:
    told.place.begin(opened(1, running=delta(0, "The ")))
    told.place.hold()
    told.hear(delta(4, "lamp"))
    resumed = Resumed(epoch="e", last_seq=1, frames=(), delta=delta(8, ""))
    told.place.resume(resumed, told=())
    told.hear(delta(8, " is"))

    assert told.told == [(8, " is")]


def test_a_frame_that_comes_twice_is_told_once(told: Told) -> None:
    told.place.begin(opened(0))
    told.place.release()

    told.hear(user(1), user(1), user(2))

    assert told.told == [(1, "u1"), (2, "u2")]


def test_one_who_left_is_told_nothing(told: Told) -> None:
    told.place.begin(opened(0))
    told.place.leave()

    told.hear(user(1))
    told.clock.advance(1)

    assert told.told == []


@given(
    text=st.text(min_size=1, max_size=20),
    cuts=st.lists(st.integers(0, 20), max_size=5),
    joined=st.integers(0, 6),
    answered=st.integers(0, 6),
)
def test_wherever_one_joins_a_reply_it_is_whole(
    text: str, cuts: list[int], joined: int, answered: int
) -> None:
    told = Told()
    at = sorted({0, *(cut for cut in cuts if cut < len(text)), len(text)})
    pieces = [delta(start, text[start:end]) for start, end in pairwise(at)]
    joined, answered = sorted((min(joined, len(pieces)), min(answered, len(pieces))))

    # Listens from `joined` on; the answer is made when `answered` pieces were shown.
    told.hear(*pieces[joined:answered])
    end = at[answered]
    running = delta(0, text[:end]) if end else None
    told.place.begin(opened(1, running=running))
    told.hear(*pieces[answered:])
    told.place.release()

    assert "".join(content for _, content in told.told) == text


def test_recorded_is_what_has_a_seq() -> None:
    assert isinstance(user(1), Recorded)
    assert not isinstance(delta(0, "x"), Recorded)
