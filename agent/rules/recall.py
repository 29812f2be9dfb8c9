"""What the agent remembers of a conversation, made anew at each turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

Data = Mapping[str, Any]


class Pending(Struct, frozen=True, kw_only=True):
    """A question of ours that stands open, and what its answer completes."""

    intent: str
    product_id: str | None = None
    sku: str | None = None
    quantity: int | None = None
    words: tuple[str, ...] = ()
    """What was said of the variant so far."""
    said: tuple[str, ...] = ()
    """The messages about an errand so far, the first one first."""
    age: int = 0


class Added(Struct, frozen=True):
    """What the last turn put into the cart."""

    sku: str
    quantity: int


class Removed(Struct, frozen=True):
    """What the last turn took out of the cart."""

    sku: str
    quantity: int


@dataclass
class Memory:
    """The conversation so far, as far as it matters for the next reply."""

    cards: dict[str, Data] = field(default_factory=dict)
    """What was last seen of each product, by id."""
    listings: list[tuple[str, ...]] = field(default_factory=list)
    """The products told together, by id, the newest last."""
    focus: str | None = None
    """The product last singled out."""
    sku: str | None = None
    """The variant last singled out."""
    line: str | None = None
    """The sku of the cart line last changed."""
    lines: tuple[Data, ...] = ()
    """The cart's lines when last seen."""
    search: Data | None = None
    """What was last searched for."""
    wish: tuple[str, ...] = ()
    """The searches that answered a need, if that is what was searched for last."""
    seen: set[str] = field(default_factory=set)
    """The products told since that search."""
    pending: Pending | None = None
    added: tuple[Added, ...] = ()
    removed: tuple[Removed, ...] = ()
    orders: tuple[Data, ...] = ()
    """The shopper's orders when last seen, the newest first."""
    order: str | None = None
    """The number of the order last singled out."""
    codes: tuple[str, ...] = ()
    """The coupons last told, in their order."""
    quote: Data | None = None
    """What waits for the shopper's own confirmation: the result that asks for it."""
    placed: str | None = None
    """The number of the order last placed here."""
    intent: str = ""
    """What the turn before was about."""
    told: str = ""

    @property
    def listing(self) -> tuple[str, ...]:
        """The newest list of several products, else of one, else nothing."""
        several = [each for each in self.listings if len(each) > 1]
        return several[-1] if several else self.listings[-1] if self.listings else ()

    def named(self, product_id: str) -> str:
        """Return the name of a product that was seen."""
        return str(self.cards[product_id]["name"])
