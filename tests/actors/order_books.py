"""What must add up in a shop at rest: units, money, points, coupons, holds, carts."""

from collections import Counter
from collections.abc import Iterator

from msgspec import convert

from commerce.checkout import Journal
from commerce.ledger import Entry, add_up
from commerce.order import Return
from tests.actors.order_world import (
    CODE,
    POINTS,
    SHIPPING_CODE,
    UNITS,
    USERS,
    USES,
    OrderWorld,
)
from tests.gateway.bank import THREE_DS

ALIVE = frozenset({"confirmed", "processing", "shipped", "delivered", "returned"})
GONE = frozenset({"shipped", "delivered", "returned"})


class Broken(AssertionError):
    """The books do not add up."""


def check(world: OrderWorld) -> None:
    """Raise Broken with all that does not agree."""
    orders = world.journals()
    wrong = [
        *_orders(world, orders),
        *_units(world, orders),
        *_money(world, orders),
        *_coupons(world, orders),
        *_points(world, orders),
        *_carts(world, orders),
    ]
    if wrong:
        shown = [(each.id[-2:], each.status, each.phase) for each in orders]
        raise Broken(f"{'; '.join(wrong)}\n{shown} after {world.troubles.met}")


def _orders(world: OrderWorld, orders: list[Journal]) -> Iterator[str]:
    """Each acknowledged order is there, once; nothing is left in between."""
    by_id = {each.id: each for each in orders}
    for key in world.known.confirmed:
        found = by_id.get(key)
        lost = found is None or found.status not in ALIVE
        if lost and key not in world.known.cancelling:
            yield f"{key} was acknowledged and is lost"
    for each in orders:
        if each.status == "pending" or each.phase in {"opened", "paying", "undoing"}:
            yield f"{each.id} is left {each.status}, {each.phase}"
    bought = Counter(
        (each.user_id, each.cart_version)
        for each in orders
        if _was_paid(each) and not _may_park(each)
    )
    # Of a click it is true even where its customer had to act: it finds that order.
    clicked = Counter(
        (each.user_id, each.cart_version)
        for each in orders
        if _was_paid(each) and each.asked
    )
    for (user, version), times in (*bought.items(), *clicked.items()):
        if times > 1:
            yield f"{user} bought version {version} of one cart {times} times"


def _units(world: OrderWorld, orders: list[Journal]) -> Iterator[str]:
    """Sold + held + free = initial + adjusted - shipped + restocked, per sku."""
    for sku, initial in UNITS.items():
        stock = world.disk.of("stock")[sku]
        sold = _bought(orders, sku, {"confirmed", "processing"})
        shelves = sum(stock["on_hand"].values())
        back = sum(
            line.resellable
            for one in _refunded(orders)
            for line in one.lines
            if line.id == sku
        )
        right = initial + world.known.adjusted[sku] - _bought(orders, sku, GONE) + back
        if shelves != right:
            yield f"{shelves} {sku} on the shelves, not {right}"
        if (committed := sum(stock.get("committed", {}).values())) != sold:
            yield f"{committed} {sku} set aside for {sold} sold"
        if (held := sum(stock.get("held", {}).values())) != 0:
            yield f"{held} {sku} held for nobody"
        if stock["free"] != shelves - committed - held:
            yield f"{stock['free']} {sku} free"
        owners = {each.id for each in orders if each.status in ALIVE - GONE}
        if strange := set(stock.get("holds", {})) - owners:
            yield f"{sku} is held by {strange}"


def _money(world: OrderWorld, orders: list[Journal]) -> Iterator[str]:
    """Captured - refunded = what orders that live cost, less what came back."""
    paid: Counter[str] = Counter()
    for page in world.ledger.pages.values():
        paid[page.payment.order_id] += page.payment.captured - page.payment.refunded
        if page.payment.state in {"created", "authorized", "requires_action"}:
            yield f"{page.payment.order_id}: a payment is left {page.payment.state}"
    for each in orders:
        owed = 0
        if each.status in ALIVE and each.totals is not None:
            owed = each.totals.total - sum(one.amount for one in each.returns.values())
        if (got := paid.pop(each.id, 0)) != owed:
            yield f"{each.id}: {got} cents are kept, not {owed}"
    if +paid:
        yield f"{paid} paid for no order"


def _coupons(world: OrderWorld, orders: list[Journal]) -> Iterator[str]:
    for code in (CODE, SHIPPING_CODE):
        document = world.disk.of("coupons")[code]
        uses = sum(
            each.status in ALIVE and any(one.code == code for one in each.coupons)
            for each in orders
        )
        if document.get("reserved"):
            yield f"{code} is reserved by {set(document['reserved'])}"
        if (used := document.get("used", 0)) != uses or uses > USES:
            yield f"{code} was used {used} times by {uses} orders"


def _points(world: OrderWorld, orders: list[Journal]) -> Iterator[str]:
    for user in USERS:
        document = world.disk.of("loyalty")[user]
        sums = add_up(convert(document.get("tail", []), list[Entry]))
        told = document.get("balance", 0), document.get("pending", 0)
        if (sums.points, sums.pending) != told:
            yield f"{user}'s ledger is {sums}, not {told}"
        if sums.held or sums.points < 0:
            yield f"{user}'s ledger ends with {sums}"
        right = POINTS
        for each in orders:
            if each.user_id == user and each.status in ALIVE:
                earned = each.totals.points_to_earn if each.totals else 0
                right += earned - each.points
                right += sum(
                    one.points_restored - one.points_reversed
                    for one in _refunded([each])
                )
        if sum(told) != right:
            yield f"{user} has {told} points, not {right} together"


def _carts(world: OrderWorld, orders: list[Journal]) -> Iterator[str]:
    """What was put in and not bought is there."""
    for user in USERS:
        cart = world.disk.of("carts").get(user, {})
        if cart.get("frozen_by") is not None:
            yield f"{user}'s cart is frozen by {cart['frozen_by']}"
        lines = {each["sku"]: each["quantity"] for each in cart.get("lines", ())}
        mine = [each for each in orders if each.user_id == user and _was_paid(each)]
        for sku in UNITS:
            added, there = world.known.added[user, sku], lines.get(sku, 0)
            least, most = _taken(mine, sku)
            if not max(0, added - most) <= there <= added - least:
                right = f"{added} less {least} to {most}"
                yield f"{user} has {there} {sku} in the cart, not {right}"


def _taken(orders: list[Journal], sku: str) -> tuple[int, int]:
    """Return how many at least and at most went from the cart into these orders.

    A cart is free while an order of it waits for its customer. Bought again meanwhile,
    its units leave it once, for whoever of the two is paid first.
    """
    frozen, parked = 0, [0]
    for each in orders:
        units = sum(line.quantity for line in each.lines if line.sku == sku)
        if _may_park(each):
            parked.append(units)
        else:
            frozen += units
    return max(frozen, *parked), frozen + sum(parked)


def _was_paid(order: Journal) -> bool:
    return any(each.status == "confirmed" for each in order.history)


def _may_park(order: Journal) -> bool:
    """Tell whether its customer had to act, with a cart that was free meanwhile."""
    return any(
        each.kind == "upi" or THREE_DS.endswith(each.last_four)
        for each in order.tenders
    )


def _refunded(orders: list[Journal]) -> Iterator[Return]:
    for each in orders:
        for one in each.returns.values():
            if one.status == "refunded":
                yield one


def _bought(
    orders: list[Journal], sku: str, statuses: set[str] | frozenset[str]
) -> int:
    return sum(
        line.quantity
        for each in orders
        if each.status in statuses
        for line in each.lines
        if line.sku == sku
    )
