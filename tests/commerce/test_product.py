"""Which variant of a product is meant."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from commerce.errors import Malformed, ProductNotFound, VariantRequired
from commerce.product import Product, Variant, checked, chosen, variant

DATA = Path(__file__).parents[2] / "data"

SHIRT = Product(
    id="shirt",
    name="Shirt",
    description="",
    category="Apparel",
    brand="Loom",
    price=2999,
    currency="USD",
    colors=("Red", "Blue"),
    sizes=("S", "M"),
    variants=(
        Variant("shirt-red-s", "Red", "S"),
        Variant("shirt-red-m", "Red", "M"),
        Variant("shirt-blue-m", "Blue", "M"),
    ),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def test_a_variant_is_found_by_its_sku() -> None:
    assert variant(SHIRT, "shirt-red-m").size == "M"


def test_an_unknown_sku_is_no_variant() -> None:
    with pytest.raises(ProductNotFound):
        variant(SHIRT, "shirt-green-m")


@pytest.mark.parametrize("color", ["Red", "red", "RED", " red "])
def test_a_colour_is_meant_whatever_its_case(color: str) -> None:
    assert chosen(SHIRT, color=color, size="s").sku == "shirt-red-s"


def test_what_the_rest_decides_need_not_be_said() -> None:
    assert chosen(SHIRT, color="Blue", size=None).sku == "shirt-blue-m"


@pytest.mark.parametrize(
    ("color", "size"),
    [
        (None, None),
        ("Red", None),
        (None, "M"),
        ("Green", "M"),
        ("Red", "XL"),
        ("Blue", "S"),
        ("", ""),
    ],
)
def test_a_choice_that_fits_not_exactly_one_is_asked_again(
    color: str | None, size: str | None
) -> None:
    with pytest.raises(VariantRequired) as refused:
        chosen(SHIRT, color=color, size=size)

    assert refused.value.details["colors"] == ("Red", "Blue")


def test_a_product_whose_variants_differ_may_be_sold() -> None:
    assert checked(SHIRT) is SHIRT


@pytest.mark.parametrize(
    "new",
    [
        Variant("shirt-red-s", "Blue", "S"),  # the sku is taken
        Variant("shirt-4", "Red", "S"),  # the look is taken
        Variant("shirt-4", "red", "s"),
        Variant("shirt-4", "Green", "S"),  # no colour of this shirt
        Variant("shirt-4", "Blue", "XL"),
    ],
)
def test_a_variant_that_cannot_be_chosen_is_malformed(new: Variant) -> None:
    with pytest.raises(Malformed):
        checked(replace(SHIRT, variants=(*SHIRT.variants, new)))


def test_every_product_of_the_demo_shop_could_be_made_by_an_operator() -> None:
    told = json.loads((DATA / "catalog.json").read_text())["products"]

    for each in told:
        variants = tuple(
            Variant(one["sku"], one["color"], one["size"]) for one in each["variants"]
        )
        checked(
            replace(
                SHIRT,
                id=each["sku"],
                colors=tuple(each["colors"]),
                sizes=tuple(each["sizes"]),
                variants=variants,
            )
        )
