"""Orders made for tests: priced by the shop's own rules, paid and delivered."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from commerce.order import Address, Order, OrderLine, Return, ReturnLine, totals
from commerce.order_status import confirm, deliver, moved_on, place, process, ship
from commerce.payment import Means, moved, plan
from commerce.pricing import Item, Terms, breakdown
from commerce.returnable import ReturnPolicy
from commerce.returns import request

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DELIVERED = NOON + timedelta(days=4)
CARD = Means("card-1", "card", brand="visa", last_four="4242")
POLICY = ReturnPolicy()
HOME = Address(
    street="1 Main St", city="Boston", state="MA", zip_code="02101", country="US"
)


def session(order_id: str = "order-1") -> Order:
    return Order(id=order_id, user_id="ann", created_at=NOON, updated_at=NOON)


def order_of(
    items: Sequence[Item],
    terms: Terms | None = None,
    gift_cards: Sequence[Means] = (),
    category: str = "Home & Kitchen",
) -> Order:
    """An order that is opened, with its lines at their net prices."""
    found = breakdown(items, terms or Terms())
    lines = tuple(
        OrderLine(
            id=each.sku,
            sku=each.sku,
            product_id=each.sku,
            name=f"The {each.sku}",
            category=category,
            quantity=each.quantity,
            price=each.price,
            net=each.net,
            tax=each.tax,
            places={"east": each.quantity},
        )
        for each in found.items
    )
    return Order(
        id="order-1",
        user_id="ann",
        lines=lines,
        totals=totals(found, "USD"),
        points=found.points_discount,
        tenders=plan(found.total, gift_cards, CARD),
        address=HOME,
        created_at=NOON,
        updated_at=NOON,
    )


def paid(order: Order) -> Order:
    order = moved_on(moved_on(order, "reserved", NOON), "paying", NOON)
    tenders = tuple(
        moved(moved(each, "authorized"), "captured") for each in order.tenders
    )
    order = place(replace(order, tenders=tenders), NOON)
    return confirm(moved_on(order, "confirmed", NOON), NOON)


def shipped(order: Order) -> Order:
    order = process(paid(order), NOON)
    return ship(order, NOON, tracking_number="1Z999", carrier="UPS")


def delivered(order: Order) -> Order:
    return deliver(shipped(order), DELIVERED)


def wanted(return_id: str = "r1", reason: str = "changed_mind", **units: int) -> Return:
    lines = tuple(ReturnLine(each, count) for each, count in units.items())
    return Return(id=return_id, reason=reason, lines=lines)


def asked(order: Order, new: Return) -> Order:
    return request(order, new, DELIVERED, POLICY)
