"""A model that is not waited for for ever: one that stalls is as good as away.

So is one that does not come to an end: nobody reads it, and no document holds it.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from agent.conversation import Conversation
from agent.limits import OutOfTime, until
from agent.model import Delta, Model, ModelAway, ToolSpec, length
from messages.clock import Clock

# In characters, thoughts and calls included; no answer worth having is so long.
MOST = 200_000


class Patience:
    """Gives what `model` gives, as long as it keeps talking.

    Whoever says nothing for `first_s` at the beginning, or for `next_s` later on, is
    hung up on, and so is whoever says more than `MOST`. Raises ModelAway then.
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
        patience_s, said = self._first_s, 0
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
                said += length(delta)
                if said > MOST:
                    raise ModelAway(f"the model said more than {MOST} characters")
                yield delta
                patience_s = self._next_s
