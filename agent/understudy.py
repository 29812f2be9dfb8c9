"""A model with an understudy: when it is away, the built-in one goes on and says so.

Within a turn it stays with the understudy, which sees the turn from its beginning and
nothing of what the first one did in it. Where the first one has changed something
already, the turn ends instead: done by two, it might be done twice.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import structlog

from agent.breaker import Breaker
from agent.budget import Budget
from agent.conversation import Asked, Conversation, Handover, Used
from agent.model import (
    CallPart,
    Delta,
    HandedOver,
    Model,
    ModelAway,
    Spent,
    Text,
    Thinking,
    ToolSpec,
)
from agent.tools import effect
from messages.clock import Clock

log = structlog.get_logger()

# Where a server does not say: so many characters make a token of English, about.
CHARACTERS_A_TOKEN = 4


class Understudied:
    """Answers by `star`, and by `understudy` while that is away or too dear."""

    def __init__(
        self, star: Model, understudy: Model, budget: Budget, clock: Clock
    ) -> None:
        self.budget = budget
        self.breaker = Breaker(clock)
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
        reason = "budget" if self.budget.is_spent() else ""
        if not reason and not self.breaker.lets_through():
            reason = "resting"
        if not reason:
            try:
                async for delta in self._first(conversation, tools):
                    yield delta
            except ModelAway as away:
                log.warning("model.away", model=self.name, error=str(away))
                reason = "away"
            else:
                return
        if _has_changed_something(conversation):
            raise ModelAway("it cannot be left to another one in mid-turn")
        self.budget.reasons[reason] += 1
        yield HandedOver(reason)
        async for delta in self._instead([*conversation, Handover()], tools):
            yield delta

    async def _first(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Give the star's answer; whatever comes of it is counted and learnt from."""
        counted = self.budget.of(self.name)
        spent, said, known = None, 0, False
        try:
            async with aclosing(self._star.stream(conversation, tools)) as deltas:
                async for delta in deltas:
                    match delta:
                        case Spent():
                            spent = delta
                            continue
                        case Text(content=text) | Thinking(content=text):
                            said += len(text)
                        case CallPart(arguments=text):
                            said += len(text)
                    yield delta
            counted.answers += 1
            self.breaker.worked()
            known = True
        except ModelAway:
            counted.failures += 1
            self.breaker.failed()
            known = True
            raise
        finally:
            if not known:
                self.breaker.gave_up()
            self.budget.spend(self.name, spent or _guessed(conversation, said))
        yield spent or _guessed(conversation, said)

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


def _guessed(conversation: Conversation, said: int) -> Spent:
    """Return what an answer must have cost, where its server does not say."""
    shown = sum(len(str(each)) for each in conversation)
    return Spent(shown // CHARACTERS_A_TOKEN, said // CHARACTERS_A_TOKEN)
