"""What a file has done outside the chat before a turn: `before`, a list or one of them.

Each is a mapping, `{"action": name, ...}` or `{name: {...}}`:

    cart_add {sku, qty}   cart_set {sku, qty}   cart_remove {sku}   cart_clear {}
    set_price {sku | product_id, price_cents}   set_stock {sku, stock}
    apply_coupon {code}   redeem_points {points}
    cancel_order, process_order, ship_order, deliver_order {order_number}

What was changed of the shop itself is put back after the case.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bench.buyers import Visitor
from bench.eval_fixtures import Fixtures
from store.client import Database

# Other words for the same thing.
_NAMES = {
    "add_to_cart": "cart_add",
    "remove_from_cart": "cart_remove",
    "update_cart": "cart_set",
    "update_cart_item": "cart_set",
    "remove_cart_item": "cart_remove",
    "clear_cart": "cart_clear",
    "price": "set_price",
    "price_change": "set_price",
    "change_price": "set_price",
    "stock": "set_stock",
    "sell_out": "set_stock",
    "cart_edit": "cart_set",
}


class Outside:
    """The shopper's browser, and the shop's staff."""

    def __init__(
        self, shopper: Visitor, staff: Visitor, db: Database, fixtures: Fixtures
    ) -> None:
        self._shopper = shopper
        self._staff = staff
        self._db = db
        self._ids = fixtures.ids
        self._undo: list[Callable[[], Awaitable[Any]]] = []

    async def do(self, told: Any) -> None:
        """Do what `before` tells. Raises ValueError or TypeError for the unknown."""
        for each in told if isinstance(told, list) else [told]:
            name, given = _action(each)
            act = getattr(self, f"_{name}", None)
            if act is None:
                raise ValueError(f"`before` knows no {name}")
            await act(given)

    async def fill(self, cart: list[Mapping[str, Any]]) -> None:
        """Put the case's cart together by hand."""
        for each in cart:
            await self._cart_add(each)

    async def undo(self) -> None:
        """Put the shop back as it was."""
        while self._undo:
            await self._undo.pop()()

    async def _cart_add(self, told: Mapping[str, Any]) -> None:
        line = {"sku": told["sku"], "quantity": _units(told)}
        await self._shopper.sure("POST", "/api/cart/items", line)

    async def _cart_set(self, told: Mapping[str, Any]) -> None:
        there = await self._shopper.sure("GET", "/api/cart")
        line = next((x for x in there["items"] if x["sku"] == told["sku"]), None)
        if line is None:
            await self._cart_add(told)
            return
        path = f"/api/cart/items/{line['id']}"
        await self._shopper.sure("PUT", path, {"quantity": _units(told)})

    async def _cart_remove(self, told: Mapping[str, Any]) -> None:
        await self._cart_set({**told, "qty": 0})

    async def _cart_clear(self, _: Mapping[str, Any]) -> None:
        await self._shopper.sure("DELETE", "/api/cart")

    async def _apply_coupon(self, told: Mapping[str, Any]) -> None:
        code = {"coupon_code": told["code"]}
        await self._shopper.sure("POST", "/api/loyalty/apply-coupon", code)

    async def _redeem_points(self, told: Mapping[str, Any]) -> None:
        cart = await self._shopper.sure("GET", "/api/cart")
        wish = {"points": told["points"], "cart_id": cart["id"]}
        await self._shopper.sure("POST", "/api/loyalty/redeem-points", wish)

    async def _set_price(self, told: Mapping[str, Any]) -> None:
        product_id = told.get("product_id") or await self._product_of(told["sku"])
        products = self._db["products"]
        before = await products.find_one({"_id": product_id})
        await self._priced(product_id, told["price_cents"])
        self._undo.append(lambda: self._priced(product_id, before["price"]))

    async def _priced(self, product_id: str, cents: int) -> None:
        change = {"$set": {"price": cents}, "$inc": {"version": 1}}
        await self._db["products"].update_one({"_id": product_id}, change)
        await self._seen("price", product_id, cents / 100)

    async def _seen(self, field: str, product_id: str, value: float) -> None:
        """Return once the shop shows it."""
        path = f"/api/products/{product_id}"
        for _ in range(200):
            if (await self._shopper.sure("GET", path))[field] == value:
                return
        raise ValueError(f"{product_id} does not come to {value}")

    async def _product_of(self, sku: str) -> str:
        found = await self._db["products"].find_one({"variants.sku": sku})
        if found is None:
            raise ValueError(f"no product has {sku}")
        return str(found["_id"])

    async def _set_stock(self, told: Mapping[str, Any]) -> None:
        sku, path = told["sku"], f"/api/admin/inventory/{told['sku']}"
        before = (await self._staff.sure("GET", path))["on_hand"]
        wanted = told.get("stock", told.get("available", 0))
        for place, units in before.items():
            now = wanted.get(place, 0) if isinstance(wanted, Mapping) else 0
            if isinstance(wanted, int) and place == next(iter(before)):
                now = wanted
            await self._counted(sku, place, now)
            self._undo.append(lambda p=place, n=units: self._counted(sku, p, n))  # type: ignore[misc]

    async def _counted(self, sku: str, place: str, units: int) -> None:
        told = {"warehouse": place, "on_hand": units, "reason": "evaluation"}
        await self._staff.sure("PUT", f"/api/admin/inventory/{sku}", told)

    async def _cancel_order(self, told: Mapping[str, Any]) -> None:
        await self._order(told, "cancel", {"reason": "evaluation"})

    async def _process_order(self, told: Mapping[str, Any]) -> None:
        await self._order(told, "process", None)

    async def _ship_order(self, told: Mapping[str, Any]) -> None:
        tracking = told.get("tracking_number", "TRK-1")
        await self._order(
            told, "ship", {"tracking_number": tracking, "carrier": "Post"}
        )

    async def _deliver_order(self, told: Mapping[str, Any]) -> None:
        await self._order(told, "deliver", None)

    async def _order(self, told: Mapping[str, Any], step: str, body: object) -> None:
        number, owners = told["order_number"], [*self._ids.values()]
        wanted = {"number": number, "user_id": {"$in": owners}}
        found = await self._db["orders"].find_one(wanted)
        if found is None:
            raise ValueError(f"there is no order {number}")
        await self._staff.sure("POST", f"/api/admin/orders/{found['_id']}/{step}", body)


def _action(told: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(told, Mapping):
        raise TypeError(f"`before` is a mapping, not {told!r}")
    for key in ("action", "do", "type", "kind"):
        if key in told:
            name, given = told[key], {k: v for k, v in told.items() if k != key}
            return _NAMES.get(name, str(name)), given
    if len(told) != 1:
        raise ValueError(f"`before` names no action: {told!r}")
    name, given = next(iter(told.items()))
    return _NAMES.get(name, str(name)), given if isinstance(given, Mapping) else {}


def _units(told: Mapping[str, Any]) -> int:
    return int(told.get("qty", told.get("quantity", 1)))
