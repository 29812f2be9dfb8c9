"""Which warehouse sends what: as near and in as few parcels as the shelves allow.

RULES.md section 5, "Where": (a) one warehouse that has every line, the nearest first;
(b) else the warehouse that covers most lines, and again for the rest; (c) a line is
split only where no warehouse has it whole. Ties: nearer, more available, then id.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from commerce.errors import OutOfStock
from commerce.geography import distance_km, is_us, same_country
from commerce.warehouse import Warehouse

# Beyond any distance on earth: an unknown state is no reason to refuse a warehouse.
UNKNOWN_KM = 100_000

Shelves = Mapping[str, Mapping[str, int]]
"""What can be bought, by sku and warehouse."""

Places = dict[str, dict[str, int]]
"""What is taken, by sku and warehouse."""


class Destination(Struct, frozen=True):
    """Where it goes to; a US state by code or name."""

    state: str
    country: str


def check_available(wanted: Mapping[str, int], shelves: Shelves) -> None:
    """Raise OutOfStock, naming every line that falls short, if any does.

    Its details are those of the first one, and all of them as `lines`.
    """
    lines = [
        {"sku": sku, "asked": units, "available": there}
        for sku, units in wanted.items()
        if (there := _there(shelves, sku)) < units
    ]
    if lines:
        told = ", ".join(
            f"{each['sku']}: {each['asked']} asked, {each['available']} available"
            for each in lines
        )
        raise OutOfStock(told, **lines[0], lines=lines)


def allocate(
    wanted: Mapping[str, int],
    shelves: Shelves,
    warehouses: Sequence[Warehouse],
    to: Destination,
) -> Places:
    """Return from where to send the units `wanted` of each sku.

    Raises OutOfStock, naming every line that falls short.
    """
    known = {each.id for each in warehouses}
    shelves = {
        sku: {place: max(0, n) for place, n in shelves.get(sku, {}).items()}
        for sku in wanted
    }
    _check_known(wanted, shelves, known)
    order = [each.id for each in nearest(warehouses, to, wanted, shelves)]
    places: Places = {}
    used: list[str] = []
    rest = dict(wanted)
    while covering := _covering(rest, shelves, order):
        used.append(covering)
        for sku in [each for each in rest if _has(shelves, each, covering, rest[each])]:
            places[sku] = {covering: rest.pop(sku)}
    for sku, units in rest.items():
        # A warehouse that sends a parcel anyway goes first, then the fullest: that
        # makes the fewest new parcels.
        by_parcels = sorted(
            order, key=lambda each: (each not in used, -shelves[sku].get(each, 0))
        )
        places[sku] = _split(units, shelves[sku], by_parcels)
        used += places[sku]
    return {sku: places[sku] for sku in wanted}


def nearest(
    warehouses: Sequence[Warehouse],
    to: Destination,
    wanted: Mapping[str, int],
    shelves: Shelves,
) -> list[Warehouse]:
    """Return `warehouses`, the one to send from first: the nearest.

    Among equals the one with more of what is `wanted`, then by id. Where the distance
    is unknown (another country, an unknown state) the shop's own priority decides.
    """

    def rank(each: Warehouse) -> tuple[bool, int, int, int, str]:
        more = sum(shelves.get(sku, {}).get(each.id, 0) for sku in wanted)
        km = _distance_km(each, to)
        abroad = not same_country(each.country, to.country)
        priority = each.priority if km == UNKNOWN_KM else 0
        return abroad, km, priority, -more, each.id

    return sorted(warehouses, key=rank)


def _distance_km(warehouse: Warehouse, to: Destination) -> int:
    if not (is_us(warehouse.country) and is_us(to.country)):
        return UNKNOWN_KM
    km = distance_km(warehouse.state, to.state)
    return UNKNOWN_KM if km is None else km


def _covering(
    rest: Mapping[str, int], shelves: Shelves, order: Sequence[str]
) -> str | None:
    """Return the warehouse that has most lines of `rest` whole, None if none has any.

    One that has all of them has most: rule (a) is the first step of rule (b).
    """
    lines = {
        each: sum(_has(shelves, sku, each, units) for sku, units in rest.items())
        for each in order
    }
    # The first of equals is the nearest.
    best = max(order, key=lambda each: lines[each], default=None)
    return best if best is not None and lines[best] else None


def _split(
    units: int, shelf: Mapping[str, int], order: Sequence[str]
) -> dict[str, int]:
    parts = {}
    for warehouse in order:
        if taken := min(units, shelf.get(warehouse, 0)):
            parts[warehouse] = taken
            units -= taken
    return parts


def _has(shelves: Shelves, sku: str, warehouse: str, units: int) -> bool:
    return shelves[sku].get(warehouse, 0) >= units


def _there(shelves: Shelves, sku: str) -> int:
    return sum(max(0, units) for units in shelves.get(sku, {}).values())


def _check_known(wanted: Mapping[str, int], shelves: Shelves, known: set[str]) -> None:
    """Raise OutOfStock unless the warehouses we can send from have enough."""
    check_available(
        wanted,
        {
            sku: {place: units for place, units in shelf.items() if place in known}
            for sku, shelf in shelves.items()
        },
    )
