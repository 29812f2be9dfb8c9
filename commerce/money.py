"""Money: whole minor units (cents) inside, decimal numbers at the edge.

Rounding is half-up, `(2n+d)//(2d)`; an amount is split by the largest-remainder
method (Hamilton apportionment), ties by order, so that no cent is lost.
"""

from collections.abc import Sequence
from decimal import Decimal

BASIS_POINTS = 10_000


def rounded(numerator: int, denominator: int) -> int:
    """Return `numerator / denominator` rounded half-up; both are >= 0."""
    return (2 * numerator + denominator) // (2 * denominator)


def percent(cents: int, percentage: int) -> int:
    """Return a whole `percentage` of `cents`, rounded half-up."""
    return rounded(cents * percentage, 100)


def basis_points(cents: int, rate: int) -> int:
    """Return `rate` hundredths of a percent of `cents`, rounded half-up."""
    return rounded(cents * rate, BASIS_POINTS)


def split(cents: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share `cents` over `weights` so that the shares add up to `cents`.

    Largest remainder first, ties by order. Without any weight the first takes all.
    """
    if not weights:
        return ()
    whole = sum(weights)
    if whole == 0:
        return (cents, *(0 for _ in weights[1:]))
    shares = [cents * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda at: -(cents * weights[at] % whole)
    )
    for at in by_remainder[: cents - sum(shares)]:
        shares[at] += 1
    return tuple(shares)


def major(cents: int) -> Decimal:
    """Return `cents` in major units with two places, exactly: 12999 -> 129.99."""
    return Decimal(cents).scaleb(-2)
