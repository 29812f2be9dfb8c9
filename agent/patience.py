"""A model that is not waited for for ever: one that stalls is as good as away."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from agent.conversation import Conversation
from agent.limits import OutOfTime, until
from agent.model import Delta, Model, ModelAway, ToolSpec
from messages.clock import Clock


class Patience:
    """Gives what `model` gives, as long as it keeps talking.

    Whoever says nothing for `first_s` at the beginning, or for `next_s` later on, is
    hung up on. Raises ModelAway then.
    """

    def __init__(
        self, model: Model, clock: Clock, *, first_s: float, next_s: float
    ) -> None:
        self._model = model
        self._clock = clock
        self._first_s = first_s
        self._next_s = next_s

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Give the next words or tool calls as they come."""
        patience_s = self._first_s
        async with aclosing(self._model.stream(conversation, tools)) as deltas:
            while True:
                deadline = self._clock.monotonic() + patience_s
                try:
                    with until(self._clock, deadline):
                        delta = await anext(deltas, None)
                except OutOfTime:
                    told = f"the model said nothing for {patience_s:g} s"
                    raise ModelAway(told) from None
                if delta is None:
                    return
                yield delta
                patience_s = self._next_s
