"""Where an actor is reached, wherever it lives."""

from typing import NamedTuple


class Address(NamedTuple):
    """A kind of actor and the key of one of them."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.key}"
