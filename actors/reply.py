"""One running reply: what it has said so far, and what of that was shown.

Lives in the memory of its actor and dies with it: a run that lost its memory ends as
failed. Words are gathered, so that a session shows at most one preview in 30 ms, and
each says from which code point on it tells, so that all of them join to the reply.
"""

from datetime import datetime
from typing import Any

from actors.conversation import Run
from messages.frames import AssistantDelta, ThinkingDelta
from messages.turn import Cost

PREVIEW_EVERY_S = 0.03


class Gathered:
    """A growing text, of which the first `shown` code points were shown."""

    __slots__ = ("shown", "text")

    def __init__(self) -> None:
        self.text = ""
        self.shown = 0

    @property
    def is_unshown(self) -> bool:
        """Whether some of it was not shown yet."""
        return self.shown < len(self.text)

    def take_new(self) -> tuple[int, str]:
        """Return what was not shown yet, and from where on; then it counts as shown."""
        offset, self.shown = self.shown, len(self.text)
        return offset, self.text[offset:]


class Reply:
    """What the run of one turn has brought so far."""

    __slots__ = (
        "_words",
        "began",
        "binding",
        "input_tokens",
        "models",
        "output_tokens",
        "run",
        "shown_at",
        "steps",
        "thought",
        "tool_calls",
    )

    def __init__(self, run: Run, now: float) -> None:
        self.run = run
        self.began = now
        self.shown_at = now - PREVIEW_EVERY_S
        self.steps = 0
        self.tool_calls = 0
        self.binding: set[str] = set()
        self.models: set[str] = set()
        self.input_tokens = self.output_tokens = 0
        self._words = Gathered()
        self.thought = Gathered()

    @property
    def is_binding(self) -> bool:
        """Whether it does something now that must not be cut short."""
        return bool(self.binding)

    @property
    def text(self) -> str:
        """All words released so far."""
        return self._words.text

    def say(self, words: str) -> None:
        """Go on with `words`."""
        self._words.text += words

    @property
    def is_unshown(self) -> bool:
        """Whether there is something for a preview to show."""
        return self._words.is_unshown or self.thought.is_unshown

    def pay(self, cost: Cost) -> None:
        """Count what an answer of a model took."""
        self.models.add(cost.model)
        self.input_tokens += cost.input_tokens
        self.output_tokens += cost.output_tokens

    def figures(self, now: float) -> dict[str, Any]:
        """Return what the log tells of it, ended `now`."""
        return {
            "turn_id": self.run.turn_id,
            "took_ms": round((now - self.began) * 1000),
            "steps": self.steps,
            "tool_calls": self.tool_calls,
            "models": sorted(self.models),
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
        }

    def think(self, thought: str) -> None:
        """Think `thought` more."""
        self.thought.text += thought

    def thought_through(self) -> str:
        """Return the thought that is complete now, and begin another."""
        thought, self.thought = self.thought.text, Gathered()
        return thought

    def rest_s(self, now: float) -> float:
        """Return how long no preview may go yet."""
        return self.shown_at + PREVIEW_EVERY_S - now

    def previews(
        self, at: datetime, now: float
    ) -> list[AssistantDelta | ThinkingDelta]:
        """Return what was gathered since the last preview; then it counts as shown."""
        self.shown_at = now
        turn_id = self.run.turn_id
        found: list[AssistantDelta | ThinkingDelta] = []
        for kind, text in (
            (ThinkingDelta, self.thought),
            (AssistantDelta, self._words),
        ):
            offset, content = text.take_new()
            if content:
                found.append(
                    kind(timestamp=at, turn_id=turn_id, offset=offset, content=content)
                )
        return found

    def delta(self, at: datetime, offset: int) -> AssistantDelta | None:
        """Return the words from code point `offset` on; None: none were said yet.

        An offset beyond the end knows another reply: it gets everything. The content
        is empty where nothing was missed.
        """
        if not self.text:
            return None
        start = offset if offset <= len(self.text) else 0
        return AssistantDelta(
            timestamp=at,
            turn_id=self.run.turn_id,
            offset=start,
            content=self.text[start:],
        )
