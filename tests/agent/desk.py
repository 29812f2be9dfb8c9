"""The shop's desk as the agent sees it, in memory: anna's things, and everybody's."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agent.shop import Balance, Desk
from commerce.belongings import (
    AddressNotFound,
    KnownAddress,
    PaymentMethod,
    PaymentMethodNotFound,
)
from commerce.checkout import Journal
from commerce.coupon_check import Offered
from commerce.errors import NotFound, OrderNotFound, Refused, TooOften
from commerce.returnable import ReturnPolicy
from commerce.user import User
from store.coupon import read_coupons
from store.loyalty import read_program, read_tariff
from store.policy import Terms, read_policies

DATA = Path(__file__).parents[2] / "data"
PROGRAM, TARIFF = read_program(DATA), read_tariff(DATA)
COUPONS = {each.code: each for each in read_coupons(DATA)}
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

HOME = KnownAddress(
    id="addr1",
    street="123 Main St",
    city="San Francisco",
    state="CA",
    zip_code="94102",
    country="USA",
    is_default=True,
)
VISA = PaymentMethod(
    id="pay1",
    token="tok_visa",
    type="card",
    brand="visa",
    last_four="4242",
    is_default=True,
)


@dataclass
class People:
    async def of_id(self, user_id: str, /) -> User:
        return User(
            id=user_id,
            email=f"{user_id}@example.com",
            username=user_id,
            password_hash="",
            created_at=EPOCH,
        )


@dataclass
class Addresses:
    kept: dict[str, list[KnownAddress]] = field(default_factory=dict)

    async def of_user(self, user_id: str, /) -> Sequence[KnownAddress]:
        return self.kept.get(user_id, [])

    async def get(self, user_id: str, address_id: str, /) -> KnownAddress:
        for each in self.kept.get(user_id, []):
            if each.id == address_id:
                return each
        raise AddressNotFound("no such address")


@dataclass
class Instruments:
    kept: dict[str, list[PaymentMethod]] = field(default_factory=dict)

    async def of_user(self, user_id: str, /) -> Sequence[PaymentMethod]:
        return self.kept.get(user_id, [])

    async def get(self, user_id: str, method_id: str, /) -> PaymentMethod:
        for each in self.kept.get(user_id, []):
            if each.id == method_id:
                return each
        raise PaymentMethodNotFound("no such payment method")


@dataclass
class GiftCards:
    async def balance(self, token: str, /) -> Balance:
        raise AssertionError(f"nobody here has a gift card {token}")


@dataclass
class Orders:
    """Finds the orders of a till, which keeps them by id."""

    placed: dict[str, Journal] = field(default_factory=dict)

    async def by_number(self, number: str, user_id: str, /) -> Journal:
        for each in self.placed.values():
            if (each.number, each.user_id) == (number, user_id):
                return each
        raise OrderNotFound("no such order", id=number)

    async def of_user(
        self, user_id: str, /, *, limit: int
    ) -> tuple[Sequence[Journal], int]:
        found = [each for each in self.placed.values() if each.user_id == user_id]
        found.sort(key=lambda each: each.placed_at or EPOCH, reverse=True)
        return found[:limit], len(found)


@dataclass
class Coupons:
    async def listed(self, _user_id: str, _now: datetime, /) -> Sequence[Offered]:
        return [Offered(each.code, each) for each in COUPONS.values() if each.listed]


@dataclass
class Doors:
    failed: int = 0

    @asynccontextmanager
    async def coupon(self, _user_id: str, /) -> AsyncIterator[None]:
        if self.failed >= 10:
            raise TooOften("ten refused codes are enough")
        try:
            yield
        except (NotFound, Refused):
            self.failed += 1
            raise


@dataclass
class Waitlist:
    waiting: set[tuple[str, str]] = field(default_factory=set)

    async def join(self, user_id: str, sku: str, _now: datetime, /) -> None:
        self.waiting.add((user_id, sku))


def desk(placed: dict[str, Journal] | None = None) -> Desk:
    """Return a desk that knows anna, her address and her card."""
    returns = ReturnPolicy()
    return Desk(
        people=People(),
        addresses=Addresses({"anna": [HOME]}),
        instruments=Instruments({"anna": [VISA]}),
        gift_cards=GiftCards(),
        orders=Orders(placed if placed is not None else {}),
        coupons=Coupons(),
        doors=Doors(),
        program=PROGRAM,
        policies=read_policies(DATA, Terms(TARIFF, PROGRAM, returns, 7)),
        returns=returns,
        waitlist=Waitlist(),
    )
