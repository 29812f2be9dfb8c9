"""Loyalty accounts and coupons on one memory, as the tests of both want them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from actors.coupon import coupon_kind
from actors.loyalty import loyalty_kind
from actors.runtime.testing import Harness, actor_system
from commerce.coupon import Coupon
from commerce.errors import CommerceError
from store.loyalty import read_program

PROGRAM = read_program(Path(__file__).parents[2] / "data")
DAY_S = 86_400

TENTH = Coupon(
    code="TENTH",
    discount_type="percentage",
    discount_value=10,
    valid_from=datetime(2020, 1, 1, tzinfo=UTC),
    valid_until=datetime(2040, 1, 1, tzinfo=UTC),
)


def coupon(**told: Any) -> Coupon:
    """Return a coupon of a tenth; `told` is what matters to the test."""
    return replace(TENTH, **told)


def club() -> Any:
    """Run loyalty accounts and coupons for the length of a test."""
    kinds = loyalty_kind(PROGRAM), coupon_kind()
    return actor_system(*kinds, refusals=CommerceError)


async def leap(node: Harness, seconds: float) -> None:
    """Let much time pass at once, and then what is due happen."""
    node.clock.advance(seconds)
    await node.advance(2)


Club = Harness
