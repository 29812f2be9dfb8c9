"""What every message is made of, and the one port they leave by.

A command knows its addressee (`to`) and its answer (`R`): `ask(user_id, PutLine(...))`
goes to that user's cart and is a `Cart` to mypy. Messages are frozen, carry ids and
numbers, never live objects, and survive encoding: where their addressee lives is
nobody's concern.
"""

from decimal import Decimal
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec

R = TypeVar("R")

# One encoder for all JSON that leaves: money as exact decimal numbers, times as RFC
# 3339 with Z (msgspec writes UTC so).
encode_json = msgspec.json.Encoder(decimal_format="number").encode


class Command(msgspec.Struct, Generic[R], frozen=True):
    """Something asked of the actor of kind `to`; `R` is the type of its answer."""

    to: ClassVar[str]


class Event(msgspec.Struct, frozen=True):
    """A fact already saved. A hint: whoever misses one recovers by its version."""


class Unavailable(Exception):
    """Nothing is wrong with the request; ask again in `retry_after_s` seconds."""

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Busy(Unavailable):
    """The addressee has as much mail as it can hold."""


class Expired(Unavailable):
    """No answer came in time: whether it was done is unknown. Repeat with the id."""


class Port(Protocol):
    """How messages leave for actors, wherever these live."""

    async def ask(
        self,
        key: str,
        command: Command[R],
        *,
        within_s: float | None = None,
        once: str | None = None,
        sender: str = "",
    ) -> R:
        """Return the answer of actor (`command.to`, `key`).

        `within_s` bounds the wait (default: the runtime's; nested asks get what is
        left of it). `once` names the effect: asked again under the same name, the
        addressee returns its first answer and does nothing. `sender` is who gets a
        fair share of the mailbox. Raises the actor's refusal, `Busy`, `Expired` or
        `Unavailable`; never asks again by itself.
        """
        ...

    def tell(self, key: str, command: Command[Any], *, sender: str = "") -> None:
        """Send and forget; retried, then left as a dead letter that operators see."""
        ...

    def publish(self, topic: str, event: Event) -> None:
        """Hand `event` to whoever follows `topic` now."""
        ...


Money = Decimal
"""Major units in what leaves as JSON; made by `commerce.money.major` alone."""
