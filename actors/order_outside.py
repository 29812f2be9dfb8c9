"""What an order needs from outside the actors: shelf, bank, terms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from actors.runtime import Actor
from commerce.checkout import Journal
from commerce.pricing import Tariff
from commerce.product import Product, Variant
from commerce.returnable import ReturnPolicy
from commerce.stock import Stock
from commerce.tier import Program
from commerce.warehouse import Warehouse
from gateway.port import Gateway
from messages.order import OrderCommand


class OrderLike(Actor[OrderCommand, Journal]):
    """The order's actor as the parts of its saga see it."""

    is_saved = True
    """False once a checkpoint failed: then nothing may be decided any more."""

    async def checkpoint(self) -> None:
        """Commit what is decided so far; raises Unavailable if that fails."""
        self.is_saved = False
        await super().checkpoint()
        self.is_saved = True


class Shelf(Protocol):
    """What an order must know of the catalogue; it is in memory and answers at once."""

    @property
    def warehouses(self) -> Sequence[Warehouse]:
        """Every warehouse there is."""
        ...

    def by_sku(self, sku: str) -> tuple[Product, Variant]:
        """Return a variant and its product, retired or not. Raises ProductNotFound."""
        ...

    def stock(self, sku: str) -> Stock:
        """Return what is known of its stock, perhaps a moment old.

        Raises ProductNotFound.
        """
        ...


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything an order deals with besides other actors."""

    shelf: Shelf
    gateway: Gateway
    program: Program
    tariff: Tariff = field(default_factory=Tariff)
    policy: ReturnPolicy = field(default_factory=ReturnPolicy)
    return_url: str = ""
    """Where the bank's page sends the customer afterwards."""
