"""A port that remembers what left by it."""

from typing import Any

from messages.base import Command, Event


class Post:
    """Fulfils `messages.base.Port` for jobs: nobody answers."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Command[Any]]] = []
        self.published: list[tuple[str, Event]] = []
        self.refuses: dict[str, Exception] = {}
        """Who refuses, by key, and how."""

    async def ask(self, key: str, command: Command[Any], **_: Any) -> Any:
        self.told.append((key, command))
        if key in self.refuses:
            raise self.refuses[key]

    def tell(self, key: str, command: Command[Any], *, sender: str = "") -> None:
        self.told.append((key, command))

    def publish(self, topic: str, event: Event) -> None:
        self.published.append((topic, event))
