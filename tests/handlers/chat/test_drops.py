"""The connection is dropped at every code point of a reply, and at every frame of it.

A client as docs/protocol.md tells it to be: it keeps the epoch, the highest seq, and of
a running reply its turn and what it holds of its text; it comes back and resumes.
"""

from typing import Any

import pytest

from messages.turn import Answered, Called, Returned, Step, Thought, Words
from tests.handlers.lobby import Browser, Lobby

REPLY = "Café 💡 9 € 🇩🇪 ok?"
TURN: tuple[Step, ...] = (
    Thought("Look for it"),
    Called("c1", "search", {"query": "lamp"}),
    Returned("c1", [{"sku": "LAMP"}]),
    *(Words(point) for point in REPLY),
    Answered([{"sku": "LAMP"}]),
)


class Comer:
    """A client that comes and goes."""

    def __init__(self, lobby: Lobby) -> None:
        self.lobby = lobby
        self.browser: Browser
        self.epoch = ""
        self.frames: list[dict[str, Any]] = []
        self.turn_id: str | None = None
        self.text = ""
        self.drops = 0

    async def come(self) -> None:
        """Open, and ask for what was missed if this is not the first time."""
        self.browser = await self.lobby.connect()
        welcome = await self.browser.until("system")
        if not self.epoch:
            self.epoch = welcome["epoch"]
            self.lobby.clock.advance(1)
            return
        await self.browser.say(
            type="resume",
            epoch=self.epoch,
            last_seq=len(self.frames),
            turn_id=self.turn_id,
            offset=len(self.text),
        )

    async def drop(self) -> None:
        """Lose the connection: no goodbye is said, and what was heard is kept."""
        self.drops += 1
        connection = self.browser.socket._conn
        assert connection is not None
        assert connection.transport is not None
        connection.transport.abort()
        await self.browser.socket.close()

    async def hear(self) -> dict[str, Any]:
        """Hear one frame and keep what a client keeps."""
        frame = await self.browser.next()
        if frame["type"] == "assistant_delta":
            assert frame["offset"] <= len(self.text), "previews leave no gap"
            self.turn_id = frame["turn_id"]
            self.text = self.text[: frame["offset"]] + frame["content"]
        elif "seq" in frame and frame["type"] not in {"ack", "read"}:
            assert frame["seq"] == len(self.frames) + 1, "frames come once, in order"
            self.frames.append(frame)
            if frame["type"] == "assistant":
                # The whole text; what was shown of it is a beginning of it.
                assert frame["content"].startswith(self.text)
                self.text = frame["content"]
        return frame

    async def hear_up_to(self, frames: int, points: int) -> None:
        """Hear until so many frames are recorded and so much of the reply is shown."""
        while len(self.frames) < frames or len(self.text) < points:
            await self.hear()


def known_after(steps: int) -> tuple[int, int]:
    """Return what can be known after so many steps: frames, and code points."""
    taken = TURN[:steps]
    # The message; the thought is recorded with the call behind it.
    frames = 1 + sum(2 if isinstance(each, Called) else 0 for each in taken)
    frames += sum(isinstance(each, Returned) for each in taken)
    frames += 2 * sum(isinstance(each, Answered) for each in taken)
    return frames, sum(isinstance(each, Words) for each in taken)


@pytest.mark.parametrize("away_for", [0, 1, 3, len(TURN)])
async def test_a_connection_dropped_at_every_point_loses_and_doubles_nothing(
    lobby: Lobby, away_for: int
) -> None:
    anna = Comer(lobby)
    await anna.come()
    await anna.browser.say(message="a lamp")
    script = await lobby.stage.engine.next()

    told = 0
    while told < len(TURN):
        await anna.hear_up_to(*known_after(told))
        await anna.drop()
        # The run goes on while nobody is connected.
        for step in TURN[told : told + max(1, away_for)]:
            await script.tell(step)
            lobby.clock.advance(0.03)
            told += 1
        await anna.come()
    await anna.hear_up_to(*known_after(told))

    kinds = [each["type"] for each in anna.frames]
    assert kinds == [
        *("user", "thinking", "tool_call", "tool_result"),
        *("assistant", "run_finished"),
    ]
    assert anna.text.encode() == REPLY.encode()
    assert anna.frames[-2]["content"].encode() == REPLY.encode()
    assert anna.drops >= len(TURN) // max(1, away_for)
