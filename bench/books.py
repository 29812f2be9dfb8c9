"""The shop's books: its stock of one variant, its orders, its money, its carts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from bench.buyers import Answer, Buyer, Visitor, listed, together

UNFINISHED = "pending"


class Books(Struct, frozen=True):
    """What an operator and the buyers see at one moment; money in cents."""

    sku: str
    stock: Mapping[str, Any]
    orders: Mapping[str, Mapping[str, Any]]
    money: Mapping[str, int]
    carts: Mapping[str, Mapping[str, int]]

    @property
    def confirmed(self) -> dict[str, Mapping[str, Any]]:
        """The orders that were made, by id."""
        return {
            key: each
            for key, each in self.orders.items()
            if each["status"] not in {"cancelled", UNFINISHED}
        }

    @property
    def settled(self) -> bool:
        """Whether nothing is on its way any more."""
        unfinished = any(each["status"] == UNFINISHED for each in self.orders.values())
        return not unfinished and not self._units("held") and not self._overdue()

    def faults(
        self,
        before: "Books",
        answers: Sequence[Answer],
        units: int,
        crowd: Sequence[Buyer],
    ) -> list[str]:
        """Return what does not agree after a sale of `units` to `crowd`."""
        bought = [each.body["id"] for each in answers if each.status == 201]
        new = self.confirmed.keys() - before.confirmed.keys()
        wrong = [*self._uncounted(), *self._unpaid(), *self._left_in_carts(crowd, new)]
        if len(set(bought)) != len(bought):
            wrong.append("one order was acknowledged twice")
        if lost := set(bought) - new:
            wrong.append(f"{len(lost)} acknowledged orders are lost")
        if unknown := new - set(bought):
            wrong.append(f"{len(unknown)} orders that nobody was told of")
        if len(new) != min(units, len(crowd)):
            wrong.append(f"{len(new)} orders for {units} units")
        codes = Counter(
            str(each.body.get("code")) for each in answers if each.status != 201
        )
        if codes.keys() - {"insufficient_stock"}:
            wrong.append(f"refused as {dict(codes)}")
        return wrong

    def _units(self, kind: str) -> int:
        return sum(self.stock[kind].values())

    def _sold(self) -> int:
        return sum(
            item["quantity"]
            for order in self.confirmed.values()
            for item in order["items"]
            if item["sku"] == self.sku
        )

    def _uncounted(self) -> list[str]:
        sold, committed = self._sold(), self._units("committed")
        free = self.stock["total_available"]
        wrong = []
        if sold != committed:
            wrong.append(f"{sold} units sold, {committed} set aside for them")
        if self._units("on_hand") != committed + free + self._units("held"):
            wrong.append("units appeared or were lost")
        return wrong

    def _overdue(self) -> bool:
        """Whether money of an order that is over is still to be given back."""
        return any(
            self.money.get(key, 0)
            for key, each in self.orders.items()
            if each["status"] == "cancelled"
        )

    def _unpaid(self) -> list[str]:
        wrong = []
        for key in self.money.keys() | self.confirmed.keys():
            order = self.confirmed.get(key)
            owed = _cents(order["total"]) if order else 0
            if (paid := self.money.get(key, 0)) != owed:
                wrong.append(f"{key}: {paid} cents paid, {owed} owed")
        return wrong

    def _left_in_carts(
        self, crowd: Sequence[Buyer], new: frozenset[str] | set[str]
    ) -> list[str]:
        """Return what a cart lost, or kept, against what its buyer bought."""
        bought = Counter(self.orders[key]["user_id"] for key in new)
        wrong = [f"{user} bought {n} times" for user, n in bought.items() if n > 1]
        for each in crowd:
            left = sum(self.carts[each.cart_id].values())
            if left != 1 - min(1, bought[each.cart_id]):
                wrong.append(f"{left} units are left in the cart of {each.cart_id}")
        return wrong


async def books(by: Visitor, crowd: Sequence[Buyer], sku: str) -> Books:
    """Return the books as they are now."""
    stock = await by.sure("GET", f"/api/admin/inventory/{sku}")
    orders = {each["id"]: each for each in await listed(by, "/api/admin/orders")}
    money: Counter[str] = Counter()
    for each in await listed(by, "/api/admin/payments"):
        money[each["order_id"]] += _cents(each["captured"]) - _cents(each["refunded"])
    carts = await together(each.sure("GET", "/api/cart") for each in crowd)
    lines = {
        cart["id"]: {item["sku"]: item["quantity"] for item in cart["items"]}
        for cart in carts
    }
    return Books(sku, stock, orders, +money, lines)


def _cents(amount: float) -> int:
    return round(amount * 100)
