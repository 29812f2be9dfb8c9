"""The port as everybody knows it while the system is still being put together."""

from typing import Any

from actors.runtime import System
from messages.base import Command, Event, R, Unavailable


class Exchange:
    """Fulfils `messages.base.Port` for a system that comes later.

    The agent needs the port, the system needs the agent: one of them comes first.
    """

    def __init__(self) -> None:
        self.system: System | None = None

    async def ask(
        self,
        key: str,
        command: Command[R],
        *,
        within_s: float | None = None,
        once: str | None = None,
        sender: str = "",
    ) -> R:
        """Ask the system. Raises Unavailable before there is one."""
        return await self._there().ask(
            key, command, within_s=within_s, once=once, sender=sender
        )

    def tell(self, key: str, command: Command[Any], *, sender: str = "") -> None:
        """Tell the system."""
        self._there().tell(key, command, sender=sender)

    def publish(self, topic: str, event: Event) -> None:
        """Publish in the system."""
        self._there().publish(topic, event)

    def _there(self) -> System:
        if self.system is None:
            raise Unavailable("the actors are not there yet")
        return self.system
