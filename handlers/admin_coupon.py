"""What operators do to coupons: look, make, change. Uses are never edited."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from aiohttp import web
from msgspec import Struct, convert
from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    StringConstraints,
    model_validator,
)

from commerce.coupon import Coupon, normalised
from commerce.errors import Malformed
from commerce.money import major
from handlers.errors import Body, body, query, rendered
from handlers.etag import expected_version, version_tag
from handlers.keys import CLOCK, COUPONS, PORT, PROGRAM
from handlers.loyalty_view import discount_value, money_or_none
from handlers.openapi import documented
from handlers.page import Id, PageQuery, page_headers, path_id
from handlers.product_body import PriceNumber
from handlers.security import identity, operator
from messages.base import Command, Money
from messages.coupon import ChangeCoupon, CouponAccount, DefineCoupon

routes = web.RouteTableDef()


def _in_utc(value: datetime) -> datetime:
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("Write a time of this era") from None
    # As it is stored: to the millisecond.
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Limit = Annotated[int, Field(ge=1, le=10**9)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254)
]
# A coupon stands whole in its document, and in the terms of each cart it is on.
Few = Field(max_length=100)
_CODE = "^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"
Code = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=_CODE),
]


class CouponBody(Body):
    """A coupon; whatever is not named is as it is for a new one.

    `percent` or `amount` says what it takes off; a shipping coupon without an amount
    takes all of standard shipping.
    """

    description: Annotated[str, StringConstraints(max_length=500)] = ""
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    amount: PriceNumber | None = None
    group: Literal["order", "shipping"] = "order"
    min_purchase: PriceNumber = 0
    max_discount: PriceNumber | None = None
    valid_from: Moment
    valid_until: Moment
    is_active: bool = True
    min_tier: Words | None = None
    first_order_only: bool = False
    per_user_limit: Limit | None = None
    total_limit: Limit | None = None
    include_categories: Annotated[list[Words], Few] = Field(default_factory=list)
    include_skus: Annotated[list[Id], Few] = Field(default_factory=list)
    exclude_skus: Annotated[list[Id], Few] = Field(default_factory=list)
    user_ids: Annotated[list[Words], Few] = Field(default_factory=list)
    exclusive: bool = False
    listed: bool = False

    @model_validator(mode="after")
    def _takes_one_thing_off(self) -> Self:
        named = (self.percent is not None) + (self.amount is not None)
        if named != 1 and not (self.group == "shipping" and named == 0):
            raise ValueError("Name either percent or amount")
        if self.group == "shipping" and self.percent is not None:
            raise ValueError("A shipping coupon takes an amount, or all")
        if self.amount == 0 or self.max_discount == 0:
            raise ValueError("It would take nothing off")
        return self


class NewCouponBody(CouponBody):
    """A coupon and its code."""

    code: Code


class CouponRecord(Struct, frozen=True, kw_only=True):
    """A coupon as operators see it; `version` is for If-Match.

    `discount_value` is percent, or money where it is fixed; `reserved` are checkouts
    that are still going on.
    """

    code: str
    description: str
    discount_type: str
    discount_value: Decimal | None
    group: str
    min_purchase: Money
    max_discount: Money | None
    valid_from: datetime
    valid_until: datetime
    is_active: bool
    min_tier: str | None
    first_order_only: bool
    per_user_limit: int | None
    total_limit: int | None
    used_count: int
    reserved: int
    include_categories: Sequence[str]
    include_skus: Sequence[str]
    exclude_skus: Sequence[str]
    user_ids: Sequence[str]
    exclusive: bool
    listed: bool
    version: int


@routes.get("/api/admin/coupons")
@documented(answer=list[CouponRecord], query=PageQuery)
@operator
async def list_coupon_records(request: web.Request) -> web.Response:
    """List every coupon by code, those that are over or unlisted, too."""
    asked = query(request, PageQuery)
    found, total = await request.app[COUPONS].page(
        request.app[CLOCK].now(), limit=asked.limit, offset=asked.offset
    )
    headers = {**page_headers(request, asked, total), "Cache-Control": "no-store"}
    return rendered([_record(each) for each in found], headers=headers)


@routes.post("/api/admin/coupons")
@documented(answer=CouponRecord, status=201, body=NewCouponBody, statuses=(409,))
@operator
async def add_coupon(request: web.Request) -> web.Response:
    """Make a code a coupon."""
    told = await body(request, NewCouponBody)
    coupon = _coupon(request, normalised(told.code), told)
    return await _answer(request, coupon.code, DefineCoupon(coupon), 201)


@routes.put("/api/admin/coupons/{code}")
@documented(answer=CouponRecord, body=CouponBody, statuses=(404, 409))
@operator
async def change_coupon(request: web.Request) -> web.Response:
    """Make a coupon another one; its uses stay counted."""
    code = normalised(path_id(request, "code"))
    coupon = _coupon(request, code, await body(request, CouponBody))
    changed = ChangeCoupon(coupon, expected_version(request))
    return await _answer(request, code, changed)


async def _answer(
    request: web.Request, code: str, command: Command[CouponAccount], status: int = 200
) -> web.Response:
    sender = identity(request).user_id
    found = await request.app[PORT].ask(code, command, sender=sender)
    headers = {**version_tag(found.version), "Cache-Control": "no-store"}
    return rendered(_record(found), status, headers)


def _coupon(request: web.Request, code: str, told: CouponBody) -> Coupon:
    """Return the coupon that is told of. Raises Malformed for a tier nobody knows."""
    ladder = [each.id for each in request.app[PROGRAM].tiers]
    if told.min_tier is not None and told.min_tier not in ladder:
        raise Malformed(f"there is no tier {told.min_tier}", field="min_tier")
    fields: dict[str, Any] = told.model_dump(
        exclude={"code", "percent", "amount", "min_purchase", "max_discount"}
    )
    return convert(
        {
            **fields,
            "code": code,
            "discount_type": _type(told),
            "discount_value": told.amount if told.percent is None else told.percent,
            "min_purchase_cents": told.min_purchase,
            "max_discount_cents": told.max_discount,
        },
        Coupon,
    )


def _type(told: CouponBody) -> str:
    if told.percent is not None:
        return "percentage"
    return "free_shipping" if told.amount is None else "fixed"


def _record(found: CouponAccount) -> CouponRecord:
    coupon = found.coupon
    return CouponRecord(
        code=coupon.code,
        description=coupon.description,
        discount_type=coupon.discount_type,
        discount_value=discount_value(coupon),
        group=coupon.group,
        min_purchase=major(coupon.min_purchase_cents),
        max_discount=money_or_none(coupon.max_discount_cents),
        valid_from=coupon.valid_from,
        valid_until=coupon.valid_until,
        is_active=coupon.is_active,
        min_tier=coupon.min_tier,
        first_order_only=coupon.first_order_only,
        per_user_limit=coupon.per_user_limit,
        total_limit=coupon.total_limit,
        used_count=found.used,
        reserved=found.reserved,
        include_categories=coupon.include_categories,
        include_skus=coupon.include_skus,
        exclude_skus=coupon.exclude_skus,
        user_ids=coupon.user_ids,
        exclusive=coupon.exclusive,
        listed=coupon.listed,
        version=found.version,
    )
