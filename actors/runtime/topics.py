"""Who hears which news on this node: listeners by topic, called at once, in order."""

from collections.abc import Callable

import structlog

from messages.base import Event

Listener = Callable[[Event], None]
Watcher = Callable[[str, Event], None]

_log = structlog.get_logger(__name__)


class Topics:
    """Hands events to those who follow their topic; a failing listener fails alone."""

    def __init__(self) -> None:
        self._listeners: dict[str, tuple[Listener, ...]] = {}
        self._watchers: tuple[Watcher, ...] = ()

    def follow(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each event of `topic` until the returned call."""
        self._listeners[topic] = (*self._listeners.get(topic, ()), listener)
        # A list of one, so that unfollowing twice takes nobody else's place.
        mine = [listener]

        def unfollow() -> None:
            if mine:
                self._leave(topic, mine.pop())

        return unfollow

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher` with every topic and event: for tests and for other nodes."""
        self._watchers = (*self._watchers, watcher)

    def publish(self, topic: str, event: Event) -> None:
        """Hand `event` to all who follow `topic` now."""
        for watcher in self._watchers:
            watcher(topic, event)
        for listener in self._listeners.get(topic, ()):
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - listeners must not fail actors
                _log.exception("topic.listener_failed", topic=topic)

    def _leave(self, topic: str, listener: Listener) -> None:
        left = list(self._listeners.get(topic, ()))
        left.remove(listener)
        if left:
            self._listeners[topic] = tuple(left)
        else:
            del self._listeners[topic]
