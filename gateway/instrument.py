"""Means to pay: as a customer types them in, and what may be kept of them."""

from typing import Any

from msgspec import Struct

from commerce.payment import TenderKind


class _Secret(Struct, frozen=True):
    """What a customer typed in: never shown by a log, a traceback or a debugger."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []  # for consoles that print a traceback's local variables


class CardDetails(_Secret, frozen=True):
    """A card as typed in; `exp_year` has four digits."""

    number: str
    exp_month: int
    exp_year: int
    cvc: str


class UpiAddress(_Secret, frozen=True):
    """A UPI id such as `ada@bank`."""

    vpa: str


class GiftCode(_Secret, frozen=True):
    """The code printed on a gift card; whoever knows it can spend it."""

    code: str


class CardOnFile(Struct, frozen=True):
    """A test card named by its brand and last four digits, as older clients do."""

    brand: str
    last_four: str


Details = CardDetails | UpiAddress | GiftCode | CardOnFile


class Instrument(Struct, frozen=True, kw_only=True):
    """What the shop may keep of a means to pay; the token is good at its maker only."""

    token: str
    type: TenderKind
    brand: str
    last_four: str
    exp_month: int | None = None
    exp_year: int | None = None
