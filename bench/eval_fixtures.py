"""The people, orders and products of an evaluation file, put into a running shop.

Who shops in a case gets an account of their own for it, so that no case sees what
another did; the others stay as they were when they shopped last. What would
take weeks of the shop's life (delivered orders, active points) is written as the shop
itself stores it, with payments in the mock bank's own ledger.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import bcrypt
from msgspec import convert, to_builtins
from msgspec.structs import replace

from actors.runtime import LoopClock
from commerce import member
from commerce.belongings import KnownAddress, PaymentMethod
from commerce.checkout import Journal
from commerce.member import LoyaltyState
from commerce.order import Address, Happened, OrderLine, Parcel, totals
from commerce.payment import Tender
from commerce.pricing import Item, Terms, breakdown
from commerce.product import Product
from commerce.stock import Stock, counted
from commerce.tier import Held, Program, terms
from commerce.user import User
from gateway.book import Book
from gateway.entry import Entry
from gateway.gift_cards import GiftCard
from gateway.instrument import CardDetails, Details, GiftCode, UpiAddress
from gateway.mock import MockGateway
from gateway.payment import Charge
from server.shop import DATA
from store.address import AddressRepository
from store.client import Database
from store.instrument import InstrumentRepository
from store.loyalty import read_program, read_tariff
from store.payment import PaymentRepository
from store.product import ProductRepository
from store.statement import stored
from store.stock import StockRepository
from store.user import UserRepository

PASSWORD = "correct horse battery"
NOBODY = Address(
    street="1 Main St", city="Reno", state="NV", zip_code="89501", country="USA"
)
# By what the steps of an order come about in the demo.
STEPS = ("pending", "confirmed", "processing", "shipped", "delivered")


class Fixtures:
    """Loads the fixtures of one file, as often as there are cases."""

    def __init__(self, db: Database, told: Mapping[str, Any]) -> None:
        self.now = convert(told["now"], datetime)
        self._db = db
        self._told = told
        self._program: Program = read_program(DATA)
        self._tariff = read_tariff(DATA)
        self._hash = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
        self._book = Book((DATA / "coupons.json").read_bytes())
        ledger = PaymentRepository(db, Entry, GiftCard)
        self._bank = MockGateway(ledger, self._book, LoopClock(), Random())
        self._products: dict[str, Product] = {}
        self.ids: dict[str, str] = {}

    async def shelve(self) -> None:
        """Put the file's own products on the shelves, and know all of them."""
        products = ProductRepository(self._db)
        for each in self._told.get("extra_products", ()):
            await StockRepository(self._db).add_missing(_stocks(each), born=self.now)
            await products.add_missing([_product(each, self.now)])
        for product in await products.load_all():
            self._products |= {each.sku: product for each in product.variants}

    async def people(self, shopper: str) -> None:
        """Give `shopper` a fresh account, and one to whoever has none yet."""
        users = self._told["users"]
        fresh = {shopper, *(users.keys() - self.ids.keys())}
        await self._db["users"].delete_one({"_id": self.ids.get(shopper)})
        for name in sorted(fresh):
            self.ids[name] = f"eval-{secrets.token_hex(6)}"
            await self._person(name, users[name])
        for order in self._told.get("orders", ()):
            if order["user"] in fresh:
                await self._order(order)

    async def _person(self, name: str, told: Mapping[str, Any]) -> None:
        user_id = self.ids[name]
        await UserRepository(self._db).add(
            User(
                id=user_id,
                email=told["email"],
                username=name,
                password_hash=self._hash,
                created_at=self.now - timedelta(days=400),
            )
        )
        for each in told.get("addresses", ()):
            address = convert(each, KnownAddress)
            await AddressRepository(self._db).add(user_id, address)
        for each in told.get("payment_methods", ()):
            method = await self._method(each)
            await InstrumentRepository(self._db).add(user_id, method)
        await self._points(user_id, told)

    async def _method(self, told: Mapping[str, Any]) -> PaymentMethod:
        kept = await self._bank.tokenise(_details(told, self.now))
        return PaymentMethod(
            id=told["id"],
            token=kept.token,
            type=kept.type,
            brand=kept.brand,
            last_four=kept.last_four,
            exp_month=kept.exp_month,
            exp_year=kept.exp_year,
            is_default=told.get("is_default", False),
        )

    async def _points(self, user_id: str, told: Mapping[str, Any]) -> None:
        earned, has = told.get("points_12m", 0), told.get("points", 0)
        lately = self.now - timedelta(days=60)
        tier = Held(told.get("tier", "bronze"), lately)
        account = LoyaltyState(user_id=user_id, tier=tier)
        steps = [
            member.step("earn", "before", points=earned),
            member.step("activate", "before"),
            member.adjustment("fixture", has - earned, "fixture"),
        ]
        lines: tuple[Any, ...] = ()
        for each in steps:
            if each.kind == "adjust" and not each.points:
                continue
            account, more = member.book(account, each, lately, self._program)
            lines = (*lines, *more)
        account = replace(account, tier=tier)
        document = {
            **_fields(account),
            "tail": to_builtins(lines, builtin_types=(datetime,)),
        }
        await self._insert("loyalty", user_id, document)

    async def _order(self, told: Mapping[str, Any]) -> None:
        name, key = told["user"], f"ord_{secrets.token_hex(12)}"
        person = self._told["users"][name]
        lines = tuple(self._line(each) for each in told["lines"])
        tier = person.get("tier", "bronze")
        whole = breakdown(
            [Item(each.sku, each.quantity, each.price) for each in lines],
            Terms(tariff=self._tariff, tier=terms(self._program, tier)),
        )
        shares = zip(lines, whole.items, strict=True)
        lines = tuple(replace(one, net=i.net, tax=i.tax) for one, i in shares)
        history = self._history(told)
        order = Journal(
            id=key,
            number=told["order_number"],
            user_id=self.ids[name],
            cart_id=self.ids[name],
            status=told["status"],
            phase="confirmed",
            lines=lines,
            totals=totals(whole, self._tariff.currency),
            tier=tier,
            address=_address(person),
            parcels=_parcels(told, lines),
            history=history,
            created_at=history[0].at,
            updated_at=history[-1].at,
            placed_at=history[0].at,
            version=len(history),
        )
        tenders = (await self._paid(order, person),)
        await self._insert("orders", key, _fields(replace(order, tenders=tenders)))

    async def _paid(self, order: Journal, person: Mapping[str, Any]) -> Tender:
        """Have the order's money taken by the mock bank; a good card if it has none."""
        good = {"id": "good", "type": "card", "test_number": "4242424242424242"}
        known = [
            each
            for each in person.get("payment_methods", ())
            if each.get("test_number") == good["test_number"]
        ]
        method = await self._method((known or [good])[0])
        total = order.totals.total if order.totals else 0
        charge = Charge(
            amount=total,
            currency=self._tariff.currency,
            token=method.token,
            order_id=order.id,
            user_id=order.user_id,
        )
        payment = await self._bank.authorise(f"{order.id}/authorise", charge)
        await self._bank.capture(f"{order.id}/capture", payment.id, total)
        return Tender(
            id=method.token,
            kind="card",
            amount=total,
            captured=total,
            status="captured",
            payment_id=payment.id,
            brand=method.brand,
            last_four=method.last_four,
        )

    def _line(self, told: Mapping[str, Any]) -> OrderLine:
        product = self._products[told["sku"]]
        variant = next(each for each in product.variants if each.sku == told["sku"])
        return OrderLine(
            id=variant.sku,
            sku=variant.sku,
            product_id=product.id,
            name=product.name,
            category=product.category,
            quantity=told["qty"],
            price=told.get("price_cents", product.price),
            net=0,
            tax=0,
            color=variant.color,
            size=variant.size,
            places={"east": told["qty"]},
        )

    def _history(self, told: Mapping[str, Any]) -> tuple[Happened, ...]:
        """Return what happened up to the order's status, the last at the time told."""
        status = told["status"]
        done = (
            STEPS[: STEPS.index(status) + 1] if status in STEPS else ("pending", status)
        )
        times = [told[name] for name in (f"{status}_at", "placed_at") if name in told]
        last = convert(times[0], datetime) if times else self.now - timedelta(days=1)
        return tuple(
            Happened(step, self._at(told, step, last, len(done) - at - 1), step.title())
            for at, step in enumerate(done)
        )

    def _at(
        self, told: Mapping[str, Any], step: str, last: datetime, before: int
    ) -> datetime:
        given = told.get("placed_at" if step == "pending" else f"{step}_at")
        return convert(given, datetime) if given else last - timedelta(days=before)

    async def _insert(
        self, collection: str, key: str, fields: Mapping[str, Any]
    ) -> None:
        document = {"_id": key, "born": self.now, **stored(fields)}
        await self._db[collection].insert_one(document)


def _fields(state: Any) -> dict[str, Any]:
    found: dict[str, Any] = to_builtins(state, builtin_types=(datetime,))
    found.pop("id", None)
    return found


def _details(told: Mapping[str, Any], now: datetime) -> Details:
    match told["type"]:
        case "upi":
            return UpiAddress(told["vpa"])
        case "gift_card":
            return GiftCode(told["code"])
        case _:
            number = told["test_number"]
            cvc = "1234" if number.startswith("3") else "123"
            return CardDetails(number, 12, now.year + 4, cvc)


def _address(person: Mapping[str, Any]) -> Address:
    for each in person.get("addresses", ()):
        return convert(
            {name: each[name] for name in Address.__struct_fields__}, Address
        )
    return NOBODY


def _parcels(told: Mapping[str, Any], lines: Sequence[OrderLine]) -> tuple[Parcel, ...]:
    if told["status"] not in {"shipped", "delivered", "returned"}:
        return ()
    number = told.get("tracking_number", f"TRK-{told['order_number'][-4:]}")
    units = {each.id: each.quantity for each in lines}
    return (Parcel("east", units, told.get("carrier", "Demo Post"), number),)


def _product(told: Mapping[str, Any], at: datetime) -> Product:
    limited = told.get("limited", False)
    ours = {
        "id": told["sku"],
        "price": told["price_cents"],
        "variants": [{**each, "limited": limited} for each in told["variants"]],
        "created_at": at,
    }
    return convert({**told, **ours}, Product)


def _stocks(told: Mapping[str, Any]) -> list[Stock]:
    return [
        counted(
            Stock(
                sku=each["sku"],
                product_id=told["sku"],
                on_hand=convert(each["stock"], dict[str, int]),
                version=1,
            )
        )
        for each in told["variants"]
    ]
