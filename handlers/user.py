"""One's own things: profile, addresses, means to pay. Guests have none of these.

A card's number goes to the payment provider and nowhere else: what comes back is kept.
"""

import secrets
from hashlib import blake2b
from typing import Annotated, Literal, Self

from aiohttp import web
from msgspec import Struct
from msgspec.structs import asdict
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from commerce.belongings import KnownAddress, PaymentMethod
from gateway.instrument import CardDetails, CardOnFile, Details, GiftCode, UpiAddress
from handlers.auth import FullName, Told, UserView, user_view
from handlers.errors import Body, body, rendered
from handlers.keys import ADDRESSES, DOORS, GATEWAY, INSTRUMENTS, USERS
from handlers.openapi import documented
from handlers.page import path_id
from handlers.security import account
from handlers.text import shown

routes = web.RouteTableDef()

PRIVATE = {"Cache-Control": "no-store"}


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(shown),
]
Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(shown),
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()./-]{3,30}[0-9]$")]
# Never shown by whatever prints a body.
Secret = Annotated[
    Annotated[str, Field(min_length=1, max_length=100)] | None, Field(repr=False)
]


class ProfileBody(Body):
    """What is named is changed; null takes it away."""

    full_name: FullName | None = None
    phone: Phone | None = None


class AddressBody(Body):
    """Where to; the first address is the default in any case."""

    street: Line
    city: Word
    state: Word
    zip_code: Annotated[Word, Field(max_length=20)]
    country: Word
    is_default: bool = False


class PaymentMethodBody(Body):
    """A card, a UPI id or a gift card.

    Older clients name a card by brand and last four digits: it is taken as the test
    card with those.
    """

    type: Literal["card", "credit_card", "debit_card", "upi", "gift_card"]
    number: Secret = None
    exp_month: Annotated[int, Field(ge=1, le=12)] | None = None
    exp_year: Annotated[int, Field(ge=1000, le=9999)] | None = None
    cvc: Secret = None
    vpa: Secret = None
    code: Secret = None
    brand: Annotated[str, StringConstraints(min_length=1, max_length=30)] | None = None
    last_four: Annotated[str, StringConstraints(pattern="^[0-9]{4}$")] | None = None
    is_default: bool = False

    @model_validator(mode="after")
    def _one_way_to_name_it(self) -> Self:
        named = self.model_fields_set - {"type", "is_default"}
        if named not in _WAYS[self.type]:
            ways = " or ".join(", ".join(sorted(each)) for each in _WAYS[self.type])
            raise ValueError(f"A {self.type} is named by {ways}")
        if any(getattr(self, name) is None for name in named):
            raise ValueError("null names nothing")
        return self


_ON_FILE = frozenset({"brand", "last_four"})
_CARD = (frozenset({"number", "exp_month", "exp_year", "cvc"}), _ON_FILE)
_WAYS = {
    "card": _CARD,
    "credit_card": _CARD,
    "debit_card": _CARD,
    "upi": (frozenset({"vpa"}),),
    "gift_card": (frozenset({"code"}),),
}


class AddressView(Struct, frozen=True, kw_only=True):
    """An address as its owner sees it."""

    id: str
    street: str
    city: str
    state: str
    zip_code: str
    country: str
    is_default: bool


class PaymentMethodView(Struct, frozen=True, kw_only=True):
    """A means to pay as its owner sees it; its token is nobody's business."""

    id: str
    type: str
    brand: str
    last_four: str
    exp_month: int | None
    exp_year: int | None
    is_default: bool


@routes.get("/api/users/profile")
@documented(answer=UserView, statuses=(403, 404))
async def show_profile(request: web.Request) -> web.Response:
    """Show one's profile."""
    user = await request.app[USERS].of_id(account(request).user_id)
    return rendered(await user_view(request, user), headers=PRIVATE)


@routes.put("/api/users/profile")
@documented(answer=UserView, body=ProfileBody, statuses=(403, 404))
async def change_profile(request: web.Request) -> web.Response:
    """Change name and phone, as far as they are named."""
    user_id = account(request).user_id
    told = await body(request, ProfileBody)
    user = await request.app[USERS].change_profile(
        user_id, told.model_dump(exclude_unset=True)
    )
    return rendered(await user_view(request, user), headers=PRIVATE)


@routes.get("/api/users/addresses")
@documented(answer=list[AddressView], statuses=(403,))
async def list_addresses(request: web.Request) -> web.Response:
    """List one's addresses, the oldest first."""
    found = await request.app[ADDRESSES].of_user(account(request).user_id)
    return rendered([_address(each) for each in found], headers=PRIVATE)


@routes.post("/api/users/addresses")
@documented(answer=AddressView, status=201, body=AddressBody, statuses=(403,))
async def add_address(request: web.Request) -> web.Response:
    """Keep one address more."""
    user_id = account(request).user_id
    told = await body(request, AddressBody)
    new = KnownAddress(id=f"adr_{secrets.token_hex(12)}", **told.model_dump())
    kept = await request.app[ADDRESSES].add(user_id, new)
    return rendered(_address(kept), 201, PRIVATE)


@routes.put("/api/users/addresses/{id}")
@documented(answer=AddressView, body=AddressBody, statuses=(403, 404))
async def change_address(request: web.Request) -> web.Response:
    """Change an address; orders keep the one they were made with."""
    user_id, address_id = account(request).user_id, path_id(request)
    told = await body(request, AddressBody)
    changed = KnownAddress(id=address_id, **told.model_dump())
    kept = await request.app[ADDRESSES].replace(user_id, changed)
    return rendered(_address(kept), headers=PRIVATE)


@routes.delete("/api/users/addresses/{id}")
@documented(answer=Told, statuses=(403, 404))
async def remove_address(request: web.Request) -> web.Response:
    """Forget an address; if it was the default, the newest other one is."""
    user_id, address_id = account(request).user_id, path_id(request)
    await request.app[ADDRESSES].remove(user_id, address_id)
    return rendered(Told("The address is forgotten."), headers=PRIVATE)


@routes.get("/api/users/payment-methods")
@documented(answer=list[PaymentMethodView], statuses=(403,))
async def list_payment_methods(request: web.Request) -> web.Response:
    """List one's means to pay, the oldest first."""
    found = await request.app[INSTRUMENTS].of_user(account(request).user_id)
    return rendered([_method(each) for each in found], headers=PRIVATE)


@routes.post("/api/users/payment-methods")
@documented(
    answer=PaymentMethodView,
    status=201,
    body=PaymentMethodBody,
    statuses=(403, 404, 429),
)
async def add_payment_method(request: web.Request) -> web.Response:
    """Keep a means to pay; the same once more is the one that is there."""
    user_id = account(request).user_id
    told = await body(request, PaymentMethodBody)
    async with request.app[DOORS].instrument(user_id):
        instrument = await request.app[GATEWAY].tokenise(_details(told))
    new = PaymentMethod(
        id=_method_id(user_id, instrument.token),
        **asdict(instrument),
        is_default=told.is_default,
    )
    kept = await request.app[INSTRUMENTS].add(user_id, new)
    return rendered(_method(kept), 201, PRIVATE)


@routes.delete("/api/users/payment-methods/{id}")
@documented(answer=Told, statuses=(403, 404))
async def remove_payment_method(request: web.Request) -> web.Response:
    """Forget a means to pay; orders that were paid with it are not touched."""
    user_id, method_id = account(request).user_id, path_id(request)
    await request.app[INSTRUMENTS].remove(user_id, method_id)
    return rendered(Told("The payment method is forgotten."), headers=PRIVATE)


def _details(told: PaymentMethodBody) -> Details:
    if told.vpa is not None:
        return UpiAddress(told.vpa)
    if told.code is not None:
        return GiftCode(told.code)
    if told.last_four is not None and told.brand is not None:
        return CardOnFile(told.brand, told.last_four)
    # The body had all of these, or it was refused.
    month, year = told.exp_month or 0, told.exp_year or 0
    return CardDetails(told.number or "", month, year, told.cvc or "")


def _method_id(user_id: str, token: str) -> str:
    # Made of the token, so that one card is one method however often it is added.
    digest = blake2b(f"{user_id}/{token}".encode(), digest_size=12)
    return f"pm_{digest.hexdigest()}"


def _address(kept: KnownAddress) -> AddressView:
    return AddressView(**asdict(kept))


def _method(kept: PaymentMethod) -> PaymentMethodView:
    shown = asdict(kept)
    del shown["token"]
    return PaymentMethodView(**shown)
