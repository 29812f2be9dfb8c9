"""A model with an understudy: when it is away, the built-in one goes on and says so.

Within a turn it stays with the understudy, which sees the turn from its beginning and
nothing of what the first one did in it. Where the first one has changed something
already, the turn ends instead: done by two, it might be done twice.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Literal

import structlog

from agent.breaker import Breaker
from agent.budget import Budget
from agent.conversation import Asked, Conversation, Handover, Used
from agent.model import (
    Delta,
    HandedOver,
    Model,
    ModelAway,
    ModelDeclined,
    Spent,
    ToolSpec,
    length,
)
from agent.tools import effect
from messages.clock import Clock

log = structlog.get_logger()

# Where a server does not say: so many characters make a token of English, about.
CHARACTERS_A_TOKEN = 4


class Attempt:
    """One answer of the star's, as far as it has come."""

    def __init__(self, conversation: Conversation, began: float) -> None:
        self.conversation = conversation
        self.began = began
        self.end: Literal["whole", "declined", "away", "left"] = "left"
        """What became of it; "left": whoever listened went away."""
        self._said: int | None = None
        """How many characters; None: not a word came."""
        self._spent: Spent | None = None

    def hear(self, delta: Delta) -> bool:
        """Count a piece of it; return whether it is to be passed on."""
        if isinstance(delta, Spent):
            self._spent = delta
            return False
        self._said = (self._said or 0) + length(delta)
        return True

    @property
    def cost(self) -> Spent | None:
        """What it took, guessed where its server does not say; None: nothing.

        A server that refused, or was not there, is not paid for that.
        """
        is_free = self._said is None and self.end in {"declined", "away"}
        if self._spent is not None or is_free:
            return self._spent
        shown = sum(len(str(each)) for each in self.conversation)
        said = self._said or 0
        return Spent(shown // CHARACTERS_A_TOKEN, said // CHARACTERS_A_TOKEN)


class Understudied:
    """Answers by `star`, and by `understudy` while that is away or too dear."""

    def __init__(
        self, star: Model, understudy: Model, budget: Budget, clock: Clock
    ) -> None:
        self.budget = budget
        self.breaker = Breaker(clock)
        self._clock = clock
        self._star = star
        self._understudy = understudy

    @property
    def name(self) -> str:
        """The first one's."""
        return self._star.name

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Give the next words or tool calls as they come.

        Raises ModelAway where the understudy must not go on.
        """
        if _is_handed_over(conversation):
            async for delta in self._instead(conversation, tools):
                yield delta
            return
        reason = self._why_not(conversation)
        if not reason:
            attempt = Attempt(conversation, self._clock.monotonic())
            try:
                async with aclosing(self._first(attempt, tools)) as deltas:
                    async for delta in deltas:
                        yield delta
            except ModelAway as away:
                log.warning("model.away", model=self.name, error=str(away))
                reason = "away"
            if (cost := attempt.cost) is not None:
                yield cost
            if not reason:
                return
        if _has_changed_something(conversation):
            raise ModelAway("it cannot be left to another one in mid-turn")
        self.budget.reasons[reason] += 1
        yield HandedOver(reason)
        async for delta in self._instead([*conversation, Handover()], tools):
            yield delta

    def _why_not(self, conversation: Conversation) -> str:
        """Return why the star is not asked; empty: it is."""
        # What it began to do it may tell of, whatever that costs.
        if self.budget.is_spent() and not _has_changed_something(conversation):
            return "budget"
        return "" if self.breaker.lets_through() else "resting"

    async def _first(
        self, attempt: "Attempt", tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Give the star's answer; whatever comes of it is counted and learnt from."""
        stream = self._star.stream(attempt.conversation, tools)
        try:
            async with aclosing(stream) as deltas:
                async for delta in deltas:
                    if attempt.hear(delta):
                        yield delta
            attempt.end = "whole"
        except ModelDeclined:
            attempt.end = "declined"
            raise
        except ModelAway:
            attempt.end = "away"
            raise
        finally:
            self._learn(attempt)

    def _learn(self, attempt: "Attempt") -> None:
        counted = self.budget.of(self.name)
        if attempt.end == "whole":
            counted.answers += 1
            self.breaker.worked()
        elif attempt.end == "away":
            counted.failures += 1
            self.breaker.failed()
        elif attempt.end == "left" and self._is_endless(attempt):
            self.breaker.failed()
        else:
            counted.failures += attempt.end == "declined"
            self.breaker.gave_up()
        if (cost := attempt.cost) is not None:
            self.budget.spend(self.name, cost)

    def _is_endless(self, attempt: "Attempt") -> bool:
        """Return whether a run was nearly over before it came to an end."""
        took_s = self._clock.monotonic() - attempt.began
        return took_s >= self.budget.limits.run_s / 2

    async def _instead(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        stream = self._understudy.stream(_seen_by_understudy(conversation), tools)
        async with aclosing(stream) as deltas:
            async for delta in deltas:
                yield delta


def _asked_at(conversation: Conversation) -> int:
    """Return where the last thing that the shopper said stands."""
    places = [at for at, each in enumerate(conversation) if isinstance(each, Asked)]
    return places[-1] if places else -1


def _is_handed_over(conversation: Conversation) -> bool:
    return any(isinstance(each, Handover) for each in conversation)


def _has_changed_something(conversation: Conversation) -> bool:
    now = conversation[_asked_at(conversation) + 1 :]
    return any(isinstance(each, Used) and effect(each.tool) != "read" for each in now)


def _seen_by_understudy(conversation: Conversation) -> Conversation:
    at = next(at for at, each in enumerate(conversation) if isinstance(each, Handover))
    until = _asked_at(conversation) + 1
    return [*conversation[:until], *conversation[at + 1 :]]
