"""A client as docs/protocol.md tells it to be: it comes back, resumes, and resends."""

import asyncio
from contextlib import suppress

import msgspec

from actors.runtime import Bug
from commerce.errors import ReplyUnderway
from messages.base import Event, Unavailable
from messages.frames import AssistantDelta, Frame, HeardFrame, Recorded
from messages.session import (
    Framed,
    OpenSession,
    ResumeSession,
    Said,
    Say,
    session_topic,
)
from tests.stage import ANNA, Stage


class Tab:
    """Holds what it was told: frames by seq, and each reply's text by its turn."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.epoch = ""
        self.frames: list[Recorded] = []
        self.texts: dict[str, str] = {}
        self.turn_id: str | None = None
        self.wrong: list[HeardFrame] = []
        """Frames told otherwise before, or with something missing before them."""

    async def open(self) -> None:
        """Come in and listen."""
        self.stage.node.system.follow(session_topic("s1"), self._hear)
        self.epoch = (await self.stage.ask(OpenSession(ANNA))).epoch

    async def again(self) -> None:
        """Come back after the node died, and ask for what was missed."""
        self.stage.node.system.follow(session_topic("s1"), self._hear)
        await self.stage.ask(OpenSession(ANNA))
        resumed = await self.stage.ask(
            ResumeSession(
                ANNA,
                epoch=self.epoch,
                last_seq=len(self.frames),
                turn_id=self.turn_id,
                offset=len(self.texts.get(self.turn_id or "", "")),
            )
        )
        assert not resumed.resync
        for frame in (*resumed.frames, resumed.delta):
            if frame is not None:
                self._take(frame)

    async def insist(self, text: str) -> Said:
        """Say it again under the same name until it is acked."""
        while True:
            asked = asyncio.ensure_future(self.stage.ask(Say(ANNA, text, text)))
            # An actor that failed rests for a while: time must pass meanwhile.
            while not asked.done():
                await self.stage.node.advance(0.1)
            with suppress(Unavailable, Bug, ReplyUnderway):
                return asked.result()
            await self.stage.node.advance(1)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Framed):
            self._take(event.frame)

    def _take(self, frame: HeardFrame) -> None:
        if isinstance(frame, Recorded):
            if frame.seq <= len(self.frames):
                self._must(as_told(self.frames[frame.seq - 1]) == as_told(frame), frame)
                return
            self._must(frame.seq == len(self.frames) + 1, frame)
            self.frames.append(frame)
        elif isinstance(frame, AssistantDelta):
            text = self.texts.get(frame.turn_id, "")
            self._must(frame.offset <= len(text), frame)
            self.texts[frame.turn_id] = text[: frame.offset] + frame.content
            self.turn_id = frame.turn_id

    def _must(self, holds: bool, frame: HeardFrame) -> None:  # noqa: FBT001 - a claim
        # Kept, not raised: whoever publishes would take it for its own bug.
        if not holds:
            self.wrong.append(frame)


def as_told(frame: Frame) -> bytes:
    """Return a frame as clients see it."""
    return msgspec.json.encode(frame)
