"""The shop's terms, `data/policies.json`, with the numbers that are really in force.

The sentences name their numbers; what these are stands with the rules and in
`data/coupons.json`, so that no sentence can promise anything else.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.json import decode

from commerce.checkout import HOLD_FOR
from commerce.order import ON_THE_WAY
from commerce.pricing import Tariff
from commerce.quote import QUOTED_FOR
from commerce.returnable import ReturnPolicy
from commerce.tier import Program

FILE = "policies.json"


class Terms(Struct, frozen=True):
    """What the shop's terms get their numbers from."""

    tariff: Tariff
    program: Program
    returns: ReturnPolicy
    deleted_days: int


def read_policies(data_dir: Path, terms: Terms) -> Mapping[str, Mapping[str, Any]]:
    """Return by topic the sentences, and the numbers in them as `facts`."""
    told = decode((data_dir / FILE).read_bytes())
    amounts, numbers = _amounts(terms), _numbers(terms)
    said = {name: f"${cents / 100:.2f}" for name, cents in amounts.items()}
    said |= {name: str(each) for name, each in numbers.items()} | _names(terms)
    facts = {f"{name}_cents": cents for name, cents in amounts.items()} | numbers
    return {
        topic: {
            "title": each["title"],
            "points": [sentence.format_map(said) for sentence in each["points"]],
            "facts": {
                name: fact
                for name, fact in facts.items()
                if f"{{{name.removesuffix('_cents')}}}" in str(each["points"])
            },
        }
        for topic, each in told.items()
    }


def _amounts(terms: Terms) -> dict[str, int]:
    tariff = terms.tariff
    return {
        "standard": tariff.standard,
        "express": tariff.express,
        "free_over": tariff.free_above,
        # A point is a cent: what is taken off a cart is counted in them.
        "point": 1,
    }


def _numbers(terms: Terms) -> dict[str, int]:
    program = terms.program
    return {
        "standard_days": ON_THE_WAY["standard"].days,
        "express_days": ON_THE_WAY["express"].days,
        "return_days": terms.returns.window_days,
        "min_redeem": program.min_redeem,
        "points_days": program.expire_days,
        "tier_days": program.tier_window_days,
        "hold_days": program.tier_hold_days,
        "grace_days": program.tier_grace_days,
        "approve_minutes": int(HOLD_FOR.total_seconds()) // 60,
        "quote_minutes": int(QUOTED_FOR.total_seconds()) // 60,
        "tax_percent": terms.tariff.tax_rate // 100,
        "deleted_days": terms.deleted_days,
    }


def _names(terms: Terms) -> dict[str, str]:
    tiers = terms.program.tiers
    free = [each.name.lower() for each in tiers if each.free_shipping]
    return {
        "free_tiers": " and ".join((", ".join(free[:-1]), *free[-1:])),
        "never_returned": ", ".join(terms.returns.non_returnable_categories),
        "tiers": "; ".join(
            f"{each.name} from {each.min_points} points, {each.discount_percent} "
            f"percent off and {each.earn_rate_x10 / 10:g} points per dollar"
            for each in tiers
        ),
    }
