"""How units of a variant are set aside, sold, shipped and given back.

RULES.md section 5: held -> committed (paid) -> shipped; held -> released (user) or
lapsed (time); committed -> free again (cancelled). Only `ship` moves units off a shelf.

       +----------------hold, sell--------------+
       |                                        v
    nothing --hold--> held --commit_hold--> committed --ship--> gone from on_hand
       ^               |                        |
       +-release,lapse-+--------uncommit--------+

A hold that is gone was dealt with before: giving back or shipping it again changes
nothing, so that a repeated message is harmless. `held` and `committed` are the sums of
the holds, counted along (a hot item has thousands of holds) and summed anew whenever
the item is read from the store, so that they cannot drift apart.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from commerce.errors import (
    HoldLapsed,
    Malformed,
    OutOfStock,
    Uncounted,
)
from commerce.stock import Hold, Stock, available, changed, known
from commerce.transition import check_allowed


def hold(
    stock: Stock,
    hold_id: str,
    units: int,
    *,
    now: datetime,
    expires_at: datetime,
    prefer: Sequence[str] = (),
    owner: str = "",
    instead_of: Collection[str] = (),
    sell: bool = False,
) -> tuple[Stock, Hold]:
    """Set `units` aside as `hold_id` until `expires_at`; return the hold with them.

    With `sell` they are sold to it, and no time ends it: who orders never holds first.
    Takes from the warehouses in the order of `prefer`, then from the fullest; splits
    only where no single one has the whole. Asking again with the same id changes
    nothing. `instead_of` names holds that are given up in the same change: others, to
    take them over, or this one, to change its units or its time.
    Raises OutOfStock, Malformed, ProductNotFound, HoldLapsed (it is there, but over)
    and IllegalTransition (what is to be given up is sold).
    """
    known(stock)
    if units < 1:
        raise Malformed(f"{units} is no number of units to hold", minimum=1)
    found = stock.holds.get(hold_id)
    if found is not None and hold_id not in instead_of:
        _living(stock, hold_id, found, now)
        stock = commit_hold(stock, hold_id, now) if sell else stock
        return stock, stock.holds[hold_id]
    given_up = [each for each in instead_of if each in stock.holds]
    for each in given_up:
        _check_unsold(stock, each)
    there = tuple(place for each in given_up for place in stock.holds[each].places)
    places = _places(_without(stock, given_up), units, prefer or there)
    made = Hold(places=places, expires_at=expires_at, owner=owner, committed=sell)
    if made == found and given_up == [hold_id]:
        return stock, made
    return _exchanged(stock, given_up, {hold_id: made}), made


def commit_hold(stock: Stock, hold_id: str, now: datetime) -> Stock:
    """Sell what `hold_id` holds; a second time changes nothing. Raises HoldLapsed."""
    found = stock.holds.get(hold_id)
    if found is None:
        raise _lapsed(stock, hold_id)
    if found.committed:
        return stock
    _living(stock, hold_id, found, now)
    return _exchanged(stock, (), {hold_id: replace(found, committed=True)})


def release(stock: Stock, hold_id: str) -> Stock:
    """Give back what `hold_id` holds. Raises IllegalTransition if it is sold."""
    _check_unsold(stock, hold_id)
    return _without(stock, [hold_id])


def uncommit(stock: Stock, hold_id: str, until: datetime | None = None) -> Stock:
    """Give back what `hold_id` set aside, sold or not: its order is cancelled.

    With `until`, only if it ends exactly then: a newer hold of that id stays.
    """
    found = stock.holds.get(hold_id)
    if found is None or until not in {None, found.expires_at}:
        return stock
    return _without(stock, [hold_id])


def lapse(stock: Stock, now: datetime) -> tuple[Stock, tuple[str, ...]]:
    """Give back every hold whose time is over; return their ids, sorted, with it."""
    over = tuple(
        sorted(
            hold_id
            for hold_id, each in stock.holds.items()
            if not each.committed and each.expires_at <= now
        )
    )
    return _without(stock, over), over


def ship(stock: Stock, hold_id: str) -> Stock:
    """Take what `hold_id` sold off the shelves; it has left the house.

    Raises IllegalTransition if it is only held, and where a hand edit left less than
    was sold OutOfStock or Uncounted: somebody must count first.
    """
    found = stock.holds.get(hold_id)
    if found is None:
        return stock
    if not found.committed:
        check_allowed(hold_id, "held", "shipped", ("committed", "released"))
    shelves = {
        warehouse: _taken(stock, warehouse, units)
        for warehouse, units in found.places.items()
    }
    left = replace(stock, on_hand={**stock.on_hand, **shelves})
    return _without(left, [hold_id])


def next_expiry(stock: Stock) -> datetime | None:
    """Return when the next hold lapses, if any does."""
    return min(
        (each.expires_at for each in stock.holds.values() if not each.committed),
        default=None,
    )


def free_besides(stock: Stock, hold_ids: Collection[str]) -> int:
    """Return what can be bought by whoever owns `hold_ids`: what they hold, too.

    Raises ProductNotFound.
    """
    known(stock)
    own = [each for each in hold_ids if each in stock.holds]
    return _without(stock, [e for e in own if not stock.holds[e].committed]).free


def in_places(stock: Stock, warehouses: Collection[str]) -> tuple[str, ...]:
    """Return which holds keep anything in one of `warehouses`, sorted."""
    return tuple(
        sorted(
            hold_id
            for hold_id, each in stock.holds.items()
            if not set(warehouses).isdisjoint(each.places)
        )
    )


def summed(stock: Stock) -> Stock:
    """Return `stock` with `held` and `committed` made true again by its holds."""
    bare = replace(stock, holds={}, held={}, committed={})
    whole = _exchanged(bare, (), stock.holds)
    same = (whole.held, whole.committed) == (stock.held, stock.committed)
    return stock if same else replace(whole, version=stock.version)


def _places(stock: Stock, units: int, prefer: Sequence[str]) -> dict[str, int]:
    """Return where to take `units` from. Raises OutOfStock."""
    there = sorted(stock.on_hand, key=lambda each: (-available(stock, each), each))
    order = list(dict.fromkeys([*prefer, *there]))
    for warehouse in order:
        if available(stock, warehouse) >= units:
            return {warehouse: units}
    places: dict[str, int] = {}
    left = units
    for warehouse in order:
        if taken := min(left, available(stock, warehouse)):
            places[warehouse] = taken
            left -= taken
    if left:
        raise OutOfStock(
            f"{stock.sku}: {units} asked, {units - left} available",
            sku=stock.sku,
            asked=units,
            available=units - left,
        )
    return places


def _taken(stock: Stock, warehouse: str, units: int) -> int:
    """Return what stays on hand once `units` are taken from `warehouse`."""
    there = stock.on_hand.get(warehouse, 0)
    if there < 0:
        raise Uncounted(
            f"{stock.sku}: {warehouse} must be counted first",
            sku=stock.sku,
            warehouse=warehouse,
        )
    if there < units:
        raise OutOfStock(
            f"{stock.sku}: {units} sold from {warehouse}, {there} on hand",
            sku=stock.sku,
            asked=units,
            available=there,
            warehouse=warehouse,
        )
    return there - units


def _living(stock: Stock, hold_id: str, found: Hold, now: datetime) -> Hold:
    if not found.committed and found.expires_at <= now:
        raise _lapsed(stock, hold_id)
    return found


def _check_unsold(stock: Stock, hold_id: str) -> None:
    found = stock.holds.get(hold_id)
    if found is not None and found.committed:
        check_allowed(hold_id, "committed", "released", ("free", "shipped"))


def _without(stock: Stock, hold_ids: Iterable[str]) -> Stock:
    """Return `stock` without these holds; the same one if it has none of them."""
    gone = {each for each in hold_ids if each in stock.holds}
    return _exchanged(stock, gone, {}) if gone else stock


def _exchanged(stock: Stock, gone: Collection[str], come: Mapping[str, Hold]) -> Stock:
    """Return `stock` without the holds `gone` and with those that `come`."""
    holds, held, committed = dict(stock.holds), dict(stock.held), dict(stock.committed)
    for hold_id in (*gone, *come):
        if (old := holds.pop(hold_id, None)) is not None:
            _count(committed if old.committed else held, old, -1)
    for new in come.values():
        _count(committed if new.committed else held, new, 1)
    holds.update(come)
    return changed(stock, holds=holds, held=held, committed=committed)


def _count(sums: dict[str, int], counted: Hold, sign: int) -> None:
    for warehouse, units in counted.places.items():
        sums[warehouse] = sums.get(warehouse, 0) + sign * units
        if not sums[warehouse]:
            del sums[warehouse]


def _lapsed(stock: Stock, hold_id: str) -> HoldLapsed:
    return HoldLapsed(
        f"{stock.sku}: {hold_id} holds nothing any more", sku=stock.sku, hold=hold_id
    )
