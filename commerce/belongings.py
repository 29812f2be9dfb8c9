"""What customers keep with us: addresses and means to pay, always one by default.

A default is replaced only by naming another, or by removing it: then the newest of the
others takes its place.
"""

from typing import Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from commerce.errors import NotFound, Refused
from commerce.order import Address
from commerce.payment import TenderKind

MOST = 20
"""Enough for any family; few enough to stay in one document."""


class AddressNotFound(NotFound):
    """No such address, or somebody else's."""

    code = "address_not_found"


class PaymentMethodNotFound(NotFound):
    """No such means to pay, or somebody else's."""

    code = "payment_method_not_found"


class TooManyKept(Refused):
    """As many are kept as may be; remove one first."""

    code = "too_many_kept"


class KnownAddress(Address, frozen=True, kw_only=True):
    """An address a customer keeps with us."""

    id: str
    is_default: bool = False


class PaymentMethod(Struct, frozen=True, kw_only=True):
    """A means to pay that a customer keeps with us: a gateway's token, no number."""

    id: str
    token: str
    type: TenderKind
    brand: str
    last_four: str
    exp_month: int | None = None
    exp_year: int | None = None
    is_default: bool = False


class Belonging(Protocol):
    """One of several, one of which is the default."""

    @property
    def id(self) -> str:
        """Its name among its owner's."""
        ...

    @property
    def is_default(self) -> bool:
        """Whether it is meant where none is named."""
        ...


B = TypeVar("B", bound=Belonging)
Kept = tuple[B, ...]


def put(kept: Kept[B], new: B) -> Kept[B]:
    """Return `kept` with `new` in the place of that of its id, or as the last.

    Raises TooManyKept.
    """
    there = [each.id for each in kept]
    if new.id not in there and len(kept) >= MOST:
        raise TooManyKept(f"at most {MOST} are kept", maximum=MOST)
    was = next((each.id for each in kept if each.is_default), new.id)
    changed = [new if each.id == new.id else each for each in kept]
    if new.id not in there:
        changed.append(new)
    return _with_default(tuple(changed), new.id if new.is_default else was)


def without(kept: Kept[B], gone_id: str) -> Kept[B]:
    """Return `kept` without that of the id `gone_id`, if it is there."""
    left = tuple(each for each in kept if each.id != gone_id)
    was = next((each.id for each in left if each.is_default), None)
    return _with_default(left, was or (left[-1].id if left else ""))


def _with_default(kept: Kept[B], default_id: str) -> Kept[B]:
    return tuple(_marked(each, is_default=each.id == default_id) for each in kept)


def _marked(one: B, *, is_default: bool) -> B:
    if one.is_default == is_default:
        return one
    changed: B = replace(one, is_default=is_default)  # type: ignore[type-var]
    return changed
