"""What answers a turn, as a conversation needs it, and what is said if it fails."""

from collections.abc import AsyncGenerator
from typing import Protocol

from messages.turn import Broke, Steps, Turn

BUG = Broke("internal_error", "Something went wrong on our side. Please try again.")
NO_REPLY = Broke("no_reply", "I have no answer to that. Please try again.")
TIMED_OUT = Broke("timeout", "That took too long and I stopped. Please try again.")
CUT_SHORT = "My last answer was cut short. Ask again and I will go on."
DEED_CUT_SHORT = (
    "I was cut short over what you confirmed. Your orders show whether it was done."
)
TAKEN_BACK = (
    "I dropped my unfinished answer for your new message; what was done stays done."
)
UNKNOWN = "That takes longer than usual. Your orders show how it ended."
STOPPED = {
    "error": "stopped",
    "message": "nobody waited for this to end; look whether it was done",
}
"""The result of a call whose run ended before it did."""


class Engine(Protocol):
    """What answers."""

    def run(self, turn: Turn) -> AsyncGenerator[Steps, None]:
        """Yield the steps of `turn` as they come, the last one Answered or Broke.

        Closing the generator ends the run and leaves nothing behind.
        """
        ...
