"""The catalogue as JSON lines: how a line is written, and what may stand on it.

First a line for each warehouse, then one for each product, prices in cents. Nothing may
stand there that an operator could not have said over HTTP.
"""

from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from pydantic import StringConstraints, TypeAdapter, ValidationError

from commerce.errors import CommerceError
from commerce.product import Product, checked
from commerce.stock import check_places
from commerce.warehouse import Warehouse
from handlers.product_body import NewProductBody

# A file that is wrong throughout need not fill the screen.
FAULTS_TOLD = 20


class WarehouseLine(Struct, frozen=True, tag="warehouse", forbid_unknown_fields=True):
    """One warehouse."""

    warehouse: Warehouse


class ProductLine(Struct, frozen=True, tag="product", forbid_unknown_fields=True):
    """One product, and what is on hand by sku and warehouse."""

    product: Product
    on_hand: Mapping[str, Mapping[str, int]]


Line = WarehouseLine | ProductLine

# No dot: it stands in the paths by which stock is saved.
_WAREHOUSE_ID = TypeAdapter(
    Annotated[str, StringConstraints(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
)

_decode = msgspec.json.Decoder(Line).decode


class BadLines(Exception):
    """The file is no catalogue; the message names the lines that are wrong."""


def written(line: Line) -> bytes:
    """Return `line` as it stands in a file."""
    return msgspec.json.encode(line) + b"\n"


def read(file: Path) -> list[Line]:
    """Return what the lines of `file` say. Raises BadLines, naming each bad one."""
    faults: list[str] = []
    lines: list[Line] = []
    places: set[str] = set()
    seen: dict[str, int] = {}
    for number, raw in enumerate(file.read_bytes().splitlines(), 1):
        if not raw.strip():
            continue
        try:
            line = _as_stored(_decode(raw))
            _check(line, places)
            _check_once(line, number, seen)
        except CommerceError as wrong:
            faults.append(f"line {number}: {wrong.message}")
        except ValidationError as wrong:
            faults.append(f"line {number}: {_first(wrong)}")
        except (
            msgspec.MsgspecError,
            ValueError,
            OverflowError,
            RecursionError,
        ) as wrong:
            faults.append(f"line {number}: {wrong}")
        else:
            lines.append(line)
    if faults:
        rest = len(faults) - FAULTS_TOLD
        more = [f"and {rest} more"] if rest > 0 else []
        raise BadLines("\n".join([*faults[:FAULTS_TOLD], *more]))
    return lines


def _check(line: Line, places: set[str]) -> None:
    """Refuse what an operator could not have put there either."""
    if isinstance(line, WarehouseLine):
        _WAREHOUSE_ID.validate_python(line.warehouse.id)
        places.add(line.warehouse.id)
        return
    product, on_hand = line.product, line.on_hand
    checked(product)
    strangers = set(on_hand) - {each.sku for each in product.variants}
    if strangers:
        raise ValueError(f"{product.id} has no variant {min(strangers)}")
    for counts in on_hand.values():
        check_places(counts, places)
    NewProductBody.model_validate_json(_as_body(product, on_hand))


def _first(wrong: ValidationError) -> str:
    first = wrong.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{wrong.title}: {place}: {first['msg']}"


def _as_stored(line: Line) -> Line:
    """Return `line` with its times as the database keeps them: to the millisecond."""
    if isinstance(line, WarehouseLine):
        return line
    born = line.product.created_at.astimezone(UTC)
    born = born.replace(microsecond=born.microsecond // 1000 * 1000)
    return replace(line, product=replace(line.product, created_at=born))


def _as_body(product: Product, on_hand: Mapping[str, Any]) -> bytes:
    told = msgspec.to_builtins(product)
    kept = {name: told[name] for name in NewProductBody.model_fields if name in told}
    variants = [
        {**each, "stock": dict(on_hand.get(each["sku"], {}))}
        for each in told["variants"]
    ]
    sku, price = product.id, product.price / 100
    body = {**kept, "sku": sku, "price": price, "variants": variants}
    return msgspec.json.encode(body)


def _check_once(line: Line, number: int, seen: dict[str, int]) -> None:
    for name in _names(line):
        if name in seen:
            raise ValueError(f"{name} stands on line {seen[name]} already")
        seen[name] = number


def _names(line: Line) -> tuple[str, ...]:
    """Return what may stand on one line only."""
    if isinstance(line, WarehouseLine):
        return (f"warehouse {line.warehouse.id}",)
    product = line.product
    return (product.id, *(f"sku {each.sku}" for each in product.variants))
