"""The demo's coupons, for tests."""

import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from commerce.coupon import Coupon

DATA = Path(__file__).parents[2] / "data"
TOLD = json.loads((DATA / "coupons.json").read_text())
COUPONS = {each["code"]: msgspec.convert(each, Coupon) for each in TOLD["coupons"]}


def tenth(**news: Any) -> Coupon:
    return replace(COUPONS["WELCOME10"], **{"first_order_only": False, **news})
