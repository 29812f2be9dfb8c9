"""What an operator may say of a product, and the product that it makes."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import convert
from msgspec.structs import asdict
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from commerce.cart import MAX_QUANTITY
from commerce.product import Product, Variant, checked
from commerce.stock import MAX_ON_HAND
from handlers.errors import Body
from handlers.page import Id

MAX_PRICE = 10_000_000_00
"""More for one thing is a slip of the finger."""


def _cents(value: Any) -> Any:
    # A number arrives as the nearest double; its shortest form is what was written.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    told = Decimal(repr(value)) if is_number else Decimal("NaN")
    if not told.is_finite():
        raise ValueError("Write a price as a number such as 49.99")
    cents = told * 100
    if cents != cents.to_integral_value():
        raise ValueError("A price has at most two places")
    return int(cents)


PriceNumber = Annotated[
    int,
    BeforeValidator(_cents),
    Field(ge=0, le=MAX_PRICE),
    WithJsonSchema(
        {
            "type": "number",
            "minimum": 0,
            "maximum": MAX_PRICE // 100,
            "multipleOf": 0.01,
        }
    ),
]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]
Choice = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)
]
Text = Annotated[str, StringConstraints(max_length=5000)]
# Shown to shoppers as an image: no script and no other scheme may stand there.
Image = Annotated[str, StringConstraints(pattern=r"^(/|https://)[!-~]{1,1000}$")]
Currency = Literal["USD"]
Few = Field(max_length=100)
Images = Annotated[list[Image], Few]
Choices = Annotated[list[Choice], Few]
Limit = Annotated[int, Field(ge=1, le=MAX_QUANTITY)]
Units = Annotated[int, Field(ge=0, le=MAX_ON_HAND)]
Variants = Annotated[list["VariantBody"], Field(min_length=1, max_length=100)]


class VariantBody(Body):
    """One variant; `stock` by warehouse counts only for one that is new."""

    sku: Id
    color: Choice | None = None
    size: Choice | None = None
    limited: bool = False
    stock: Annotated[dict[Id, Units], Few] = Field(default_factory=dict)


class NewProductBody(Body):
    """A product to sell; its colours and sizes are its variants', if not named."""

    sku: Id
    name: Name
    description: Text = ""
    category: Name
    brand: Name
    price: PriceNumber
    currency: Currency = "USD"
    images: Images = Field(default_factory=list)
    colors: Choices | None = None
    sizes: Choices | None = None
    tags: Choices = Field(default_factory=list)
    max_per_order: Limit = 10
    variants: Variants


class ProductBody(Body):
    """What changes of a product; what is absent or null stays."""

    name: Name | None = None
    description: Text | None = None
    category: Name | None = None
    brand: Name | None = None
    price: PriceNumber | None = None
    currency: Currency | None = None
    images: Images | None = None
    colors: Choices | None = None
    sizes: Choices | None = None
    tags: Choices | None = None
    max_per_order: Limit | None = None
    variants: Variants | None = None
    retired: bool | None = None


def new_product(told: NewProductBody, now: datetime) -> Product:
    """Return the product that `told` describes. Raises Malformed."""
    return checked(convert({"id": told.sku, "created_at": now, **_news(told)}, Product))


def changed_product(product: Product, told: ProductBody) -> Product:
    """Return `product` as `told` changes it, version and all else kept.

    Raises Malformed.
    """
    return checked(convert({**asdict(product), **_news(told)}, Product))


def _news(told: NewProductBody | ProductBody) -> dict[str, Any]:
    """Return what `told` says in the words of Product."""
    news = told.model_dump(exclude_none=True, exclude={"sku", "variants"})
    if told.variants is not None:
        looks = [(each.color, each.size) for each in told.variants]
        news["variants"] = tuple(
            Variant(each.sku, each.color, each.size, each.limited)
            for each in told.variants
        )
        news.setdefault("colors", _distinct(color for color, _ in looks))
        news.setdefault("sizes", _distinct(size for _, size in looks))
    return news


def _distinct(values: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(each for each in values if each is not None))
