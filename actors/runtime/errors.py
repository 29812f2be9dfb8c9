"""What an asker may get that is neither an answer, nor a refusal, nor trouble outside.

    Bug                  500  the addressee broke; it was restarted, nothing was saved
    └── Cycle                 the ask would have waited for itself

Trouble outside is `messages.base.Unavailable` and its kinds.
"""

from collections.abc import Sequence

from actors.runtime.address import Address


class Bug(Exception):
    """The addressee failed in a way nobody foresaw; the log has the traceback."""


class Cycle(Bug):
    """An ask came back to an actor that waits for it; the message is the path."""

    def __init__(self, path: Sequence[Address]) -> None:
        super().__init__(" -> ".join(str(address) for address in path))
        self.path = tuple(path)
