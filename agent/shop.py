"""What the agent needs of the shop; fulfilled by the composition, faked by tests."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from commerce.belongings import KnownAddress, PaymentMethod
from commerce.checkout import Journal
from commerce.coupon_check import Offered
from commerce.product import Product, Variant
from commerce.returnable import ReturnPolicy
from commerce.stock import Stock
from commerce.tier import Program
from commerce.user import User
from messages.base import Port
from messages.product import ProductPage, ProductQuery


class Catalogue(Protocol):
    """Reads of products and stock, from memory; `store.catalogue` fulfils it."""

    def product(self, id: str, /) -> Product:
        """Return the product. Raises ProductNotFound."""
        ...

    def by_sku(self, sku: str, /) -> tuple[Product, Variant]:
        """Return a variant and its product. Raises ProductNotFound."""
        ...

    def available(self, sku: str, /) -> int:
        """Return how many of the variant can be bought now."""
        ...

    def stock(self, sku: str, /) -> Stock:
        """Return all that is known of the variant's stock."""
        ...

    def query(self, query: ProductQuery, /) -> ProductPage:
        """Return the ids of the products that `query` asks for, in its order."""
        ...

    def search(self, text: str, limit: int, /) -> Sequence[Product]:
        """Return products that fit the words, best first; forgives typing errors."""
        ...


class People(Protocol):
    """Reads of accounts; `store.user` fulfils it."""

    async def of_id(self, user_id: str, /) -> User:
        """Return the account. Raises UserNotFound."""
        ...


class Addresses(Protocol):
    """Reads of where customers have things sent; `store.address` fulfils it."""

    async def of_user(self, user_id: str, /) -> Sequence[KnownAddress]:
        """Return the customer's addresses, the oldest first."""
        ...

    async def get(self, user_id: str, address_id: str, /) -> KnownAddress:
        """Return one of them. Raises AddressNotFound."""
        ...


class Instruments(Protocol):
    """Reads of with what customers pay; `store.instrument` fulfils it."""

    async def of_user(self, user_id: str, /) -> Sequence[PaymentMethod]:
        """Return the customer's means to pay, the oldest first."""
        ...

    async def get(self, user_id: str, method_id: str, /) -> PaymentMethod:
        """Return one of them. Raises PaymentMethodNotFound."""
        ...


class Balance(Protocol):
    """What a gift card is good for; `refusal` says why it is good for nothing."""

    @property
    def available(self) -> int:
        """The cents that it can pay now."""
        ...

    @property
    def refusal(self) -> str:
        """Why it cannot be used, or nothing."""
        ...


class GiftCards(Protocol):
    """Asks what gift cards are good for; the gateway fulfils it."""

    async def balance(self, token: str, /) -> Balance:
        """Return what the card with this token is good for."""
        ...


class Orders(Protocol):
    """Reads of orders; `store.order` fulfils it."""

    async def by_number(self, number: str, user_id: str, /) -> Journal:
        """Return the customer's order of this number. Raises OrderNotFound."""
        ...

    async def of_user(
        self, user_id: str, /, *, limit: int
    ) -> tuple[Sequence[Journal], int]:
        """Return the customer's newest orders, and how many there are."""
        ...


class Coupons(Protocol):
    """Reads of coupons; `store.coupon` fulfils it."""

    async def listed(self, user_id: str, now: datetime, /) -> Sequence[Offered]:
        """Return the coupons that shoppers are told of, and how often each is taken."""
        ...


class Waitlist(Protocol):
    """Who waits for what; `store.waitlist` fulfils it."""

    async def join(self, user_id: str, sku: str, now: datetime, /) -> Any:
        """Let the user hear when `sku` can be bought again; twice is once."""
        ...


class Doors(Protocol):
    """Counts what may be tried only so often; `handlers.limits` fulfils it."""

    def coupon(self, user_id: str, /) -> AbstractAsyncContextManager[None]:
        """Count one coupon code as failed if the block refuses. Raises TooOften."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What the shop knows of its customers, and what it promises all of them.

    `policies` are the shop's terms by topic, ready to be told.
    """

    people: People
    addresses: Addresses
    instruments: Instruments
    gift_cards: GiftCards
    orders: Orders
    coupons: Coupons
    doors: Doors
    program: Program
    policies: Mapping[str, Mapping[str, Any]]
    returns: ReturnPolicy = field(default_factory=ReturnPolicy)
    waitlist: Waitlist | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop as the agent's tools see it: shelves, a desk, a port to the actors.

    The tools take the shopper from the session, so nothing here names one.
    """

    catalogue: Catalogue
    port: Port
    desk: Desk
