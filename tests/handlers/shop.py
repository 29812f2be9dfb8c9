"""A small shop behind HTTP: real actors on memory, the real catalogue, no database.

`feed()` is the change stream: it brings what the actors committed into the catalogue.
Who asks is said by two headers instead of a token; `ANN`, `BOB`, `GUEST` and `OPERATOR`
are ready-made ones.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, Histogram

from actors.cart import cart_kind
from actors.coupon import coupon_kind
from actors.loyalty import loyalty_kind
from actors.runtime import System
from actors.runtime.testing import ManualClock, MemoryStorage
from actors.sign_in import Limits, sign_in_kind
from actors.stock import stock_kind
from commerce.coupon_check import Offered
from commerce.errors import CommerceError, Conflict, ProductNotFound
from commerce.product import Product, Variant
from commerce.stock import Stock, counted
from commerce.user import User
from commerce.warehouse import Warehouse
from handlers import (
    admin_coupon,
    admin_product,
    admin_stock,
    loyalty,
    product,
    waitlist,
    window,
)
from handlers import cart as cart_routes
from handlers.admin_product import PRODUCTS
from handlers.errors import NotSignedIn
from handlers.headers import decorate
from handlers.keys import (
    CATALOGUE,
    CLOCK,
    COUPONS,
    DOORS,
    IDENTITY,
    ORIGINS,
    PORT,
    PROGRAM,
    REQUEST_TIMES,
    USERS,
    WINDOW,
    Identity,
)
from handlers.limits import Doors
from handlers.middleware import allowed, answered, resolved, served, sized
from handlers.security import PUBLIC, access_of
from messages.coupon import CouponAccount
from store.catalogue import Catalogue
from store.coupon import accounts, offered
from store.loyalty import read_program
from store.stock import stock_of

ANN = {"X-User": "ann", "X-Role": "customer"}
BOB = {"X-User": "bob", "X-Role": "customer"}
GUEST = {"X-User": "guest-1", "X-Role": "guest"}
OPERATOR = {"X-User": "olga", "X-Role": "operator"}

DATA = Path(__file__).parents[2] / "data"
TIERS = read_program(DATA)
FILES = window.read_window(DATA.parent / "web")
DAY = datetime(2026, 1, 1, tzinfo=UTC)
PLACES = ("east", "central", "west")

Client = TestClient[web.Request, web.Application]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def made(number: int, product_id: str, *variants: Variant, **told: Any) -> Product:
    """Return a product of this test's shop; `told` says what matters to the test."""
    plain = Product(
        id=product_id,
        name=product_id.title(),
        description=f"A {product_id}.",
        category="Home",
        brand="Make",
        price=1000 + number,
        currency="USD",
        images=(f"/static/{product_id}.svg",),
        variants=variants or (Variant(product_id),),
        created_at=DAY + timedelta(days=number),
    )
    return replace(plain, **told)


SHIRT = made(
    1,
    "shirt",
    Variant("shirt-red-s", "Red", "S"),
    Variant("shirt-red-m", "Red", "M"),
    Variant("shirt-blue-m", "Blue", "M"),
    category="Apparel",
    brand="Loom",
    price=2999,
    colors=("Red", "Blue"),
    sizes=("S", "M"),
    max_per_order=5,
    restock_eta="2026-12-18",
)
LAMP = made(2, "lamp", price=4999, rating=4.5, reviews_count=10)
RUG = made(3, "rug", price=12999, rating=4.0, reviews_count=5)
VASE = made(4, "vase", price=299)
PENS = tuple(made(10 + number, f"pen-{number}") for number in range(25))
PRODUCTS_ON_SALE = (SHIRT, LAMP, RUG, VASE, *PENS)

PLENTY = dict.fromkeys(PLACES, 10)
# What is not named here has plenty.
ON_HAND = {
    "shirt-blue-m": {"east": 0, "central": 0, "west": 0},
    "vase": {"east": 2, "central": 0, "west": 0},
}


class Repository:
    """Keeps products as `store.product.ProductRepository` does, in memory."""

    def __init__(self, products: Sequence[Product]) -> None:
        self.products = {each.id: each for each in products}

    async def load_all(self) -> Sequence[Product]:
        return list(self.products.values())

    async def get(self, product_id: str) -> Product:
        if product_id not in self.products:
            raise ProductNotFound(product_id)
        return self.products[product_id]

    async def add(self, product: Product) -> Product:
        taken = {one.sku for each in self.products.values() for one in each.variants}
        if product.id in self.products or taken & {v.sku for v in product.variants}:
            raise Conflict(f"{product.id}: taken")
        self.products[product.id] = product
        return product

    async def put(self, product: Product) -> Product:
        if (await self.get(product.id)).version != product.version:
            raise Conflict(f"{product.id}: moved on")
        self.products[product.id] = replace(product, version=product.version + 1)
        return self.products[product.id]

    async def retire(self, product_id: str) -> Product:
        product = await self.get(product_id)
        if not product.retired:
            product = replace(product, retired=True, version=product.version + 1)
            self.products[product_id] = product
        return product


class Warehouses:
    """Knows the warehouses; the stock comes by `feed`."""

    async def load_all(self) -> Sequence[Stock]:
        return []

    async def warehouses(self) -> Sequence[Warehouse]:
        return [
            Warehouse(id=each, name=each, city="", state="", country="US")
            for each in PLACES
        ]


class Words:
    """Finds products whose name holds the words."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def put(self, product: Product) -> None:
        self.names[product.id] = product.name.casefold()

    def remove(self, product_id: str) -> None:
        self.names.pop(product_id, None)

    def find(self, text: str) -> Sequence[str]:
        wanted = text.casefold()
        return [each for each, name in self.names.items() if wanted in name]


class Users:
    """Knows everybody, each by a mail address of the same name."""

    async def of_id(self, user_id: str) -> User:
        return User(
            id=user_id,
            email=f"{user_id}@example.com",
            username=user_id,
            password_hash="",
            created_at=DAY,
        )


class Coupons:
    """Reads what the coupons' actors committed."""

    def __init__(self, storage: MemoryStorage) -> None:
        self._storage = storage

    async def listed(self, user_id: str, now: datetime) -> Sequence[Offered]:
        return offered(
            [each for each in self._all() if each["coupon"]["listed"]], user_id, now
        )

    async def page(
        self, now: datetime, *, limit: int, offset: int = 0
    ) -> tuple[Sequence[CouponAccount], int]:
        every = self._all()
        return accounts(every[offset : offset + limit], now), len(every)

    def _all(self) -> list[Any]:
        found = self._storage.documents.get("coupons", {})
        return [{**each, "_id": code} for code, each in sorted(found.items())]


class Shop:
    """The running shop and a client in front of it."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.clock = ManualClock()
        self.repository = Repository(PRODUCTS_ON_SALE)
        self.catalogue = Catalogue(self.repository, Warehouses(), Words())
        self.system = System(
            [
                cart_kind(self.catalogue, TIERS),
                stock_kind(self.catalogue),
                loyalty_kind(TIERS),
                coupon_kind(),
                sign_in_kind(Limits()),
            ],
            self.storage,
            self.clock,
            refusals=CommerceError,
            random=Random(0),
        )
        self.client: Client

    def stock(self, sku: str, **on_hand: int) -> None:
        """Write so many into the database by hand, before anybody asked."""
        home, _ = self.catalogue.by_sku(sku)
        told = {"sku": sku, "product_id": home.id, "on_hand": on_hand, "version": 1}
        free = counted(Stock(sku=sku, on_hand=on_hand)).free
        self.storage.edit("stock", sku, {**told, "free": free})

    def feed(self) -> None:
        """Bring what was committed into the catalogue, as the change stream does."""
        for document in self.storage.documents.get("stock", {}).values():
            self.catalogue.put_stock(stock_of(document))

    async def json(self, method: str, path: str, /, **options: Any) -> tuple[int, Any]:
        """Return the status and the JSON of the answer."""
        answer = await self.client.request(method, path, **options)
        self.feed()
        return answer.status, await answer.json(content_type=None)

    async def code(self, method: str, path: str, /, **options: Any) -> tuple[int, str]:
        """Return the status and the problem's code."""
        status, problem = await self.json(method, path, **options)
        return status, problem["code"]


@asynccontextmanager
async def open_shop(
    client_for: Callable[..., Awaitable[Client]],
    more: Mapping[web.AppKey[Any], Any] | None = None,
) -> AsyncIterator[Shop]:
    """Run a shop; `client_for` is the fixture `aiohttp_client`, `more` its rest."""
    shop = Shop()
    await shop.catalogue.load()
    for each in PRODUCTS_ON_SALE:
        for variant in each.variants:
            shop.stock(
                variant.sku, **ON_HAND.get(variant.sku, dict.fromkeys(PLACES, 10))
            )
    shop.feed()
    await shop.system.start()
    app = _app(shop)
    for key, part in (more or {}).items():
        app[key] = part
    shop.client = await client_for(app)
    yield shop
    await shop.system.stop()


async def add(shop: Shop, who: dict[str, str] = ANN, **wanted: Any) -> Any:
    status, answer = await shop.json(
        "POST", "/api/cart/items", json=wanted, headers=who
    )
    assert status == 201, answer
    return answer


async def cart(shop: Shop, who: dict[str, str] = ANN) -> Any:
    status, answer = await shop.json("GET", "/api/cart", headers=who)
    assert status == 200, answer
    return answer


async def told(shop: Shop, method: str, path: str, body: Any = None) -> Any:
    status, answer = await shop.json(method, path, json=body, headers=OPERATOR)
    assert status < 300, answer
    return answer


async def refused(
    shop: Shop, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, str]:
    return await shop.code(method, path, json=body, headers={**OPERATOR, **headers})


def _app(shop: Shop) -> web.Application:
    app = web.Application(
        middlewares=[served, answered, sized, resolved, _identified, allowed],
        client_max_size=64 * 1024,
    )
    app[PORT] = shop.system
    app[CATALOGUE] = shop.catalogue
    app[CLOCK] = shop.clock
    app[PRODUCTS] = shop.repository
    app[PROGRAM] = TIERS
    app[WINDOW] = FILES
    app[USERS] = Users()  # type: ignore[misc]
    app[COUPONS] = Coupons(shop.storage)  # type: ignore[misc]
    numbers = count()
    app[DOORS] = Doors(shop.system, "secret", lambda: f"attempt-{next(numbers)}")
    app[ORIGINS] = frozenset()
    app[REQUEST_TIMES] = Histogram(
        "request", "", ["method", "route", "status"], registry=CollectorRegistry()
    )
    shoppers = product, cart_routes, loyalty, waitlist, window
    for feature in (*shoppers, admin_stock, admin_product, admin_coupon):
        app.router.add_routes(feature.routes)
    app.on_response_prepare.append(decorate)
    return app


@web.middleware
async def _identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    if access_of(request.match_info.handler) != PUBLIC:
        if "X-User" not in request.headers:
            raise NotSignedIn
        request[IDENTITY] = Identity(
            request.headers["X-User"],
            request.headers["X-Role"],  # type: ignore[arg-type]
            sid="test",
            expires_at=DAY,
        )
    return await handler(request)
