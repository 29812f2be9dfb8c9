"""Who hears what happened to payments."""

from collections.abc import Callable

from gateway.entry import Entry
from gateway.port import Listener


class Followers:
    """The listeners of one gateway, in the order they came."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` from now on; returns how to stop, twice is once."""
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    async def tell(self, entry: Entry) -> int:
        """Tell all news of `entry` in order; return the last number heard by all.

        0 where nobody listens. What a listener raises passes: that event and those
        after it are told again later.
        """
        if not self._listeners:
            return 0
        for event in entry.events():
            for listener in tuple(self._listeners):
                await listener(event)
        return entry.happened
